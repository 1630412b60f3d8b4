"""The people of the stand-in: what they do becomes updates, what the bot says to them can be read."""

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.bot_api import BotApi, Sent


class Person:
    """Somebody in a chat with the bot; with `chat` that is a group. Every act returns the update as it was queued."""

    def __init__(
        self, api: "BotApi", number: int, name: str, language_code: str | None, chat: dict[str, Any] | None = None
    ) -> None:
        self.api = api
        self.user: dict[str, Any] = {"id": number, "is_bot": False, "first_name": name}
        if language_code:
            self.user["language_code"] = language_code
        self.chat = chat or {"id": number, "type": "private", "first_name": name}
        self.chat_id: int = self.chat["id"]
        api.chats[self.chat_id] = self.chat

    @property
    def heard(self) -> list["Sent"]:
        """What the bot has said to this chat, oldest first."""
        return [sent for sent in self.api.sent if sent.chat_id == self.chat_id]

    def writes(self, words: str, **more: Any) -> dict[str, Any]:
        return self.sends(text=words, **more)

    def sends(self, **content: Any) -> dict[str, Any]:
        """A message with any content, in the Bot API's own words."""
        return self._push("message", self._message(content))

    def edits(self, update: dict[str, Any], words: str, later: int = 60) -> dict[str, Any]:
        """Change the words of a message sent before."""
        message = update.get("message") or update["edited_message"]
        field = "caption" if "photo" in message or "voice" in message else "text"
        return self._push("edited_message", message | {field: words, "edit_date": message["date"] + later})

    def presses(self, sent: "Sent", title: str) -> dict[str, Any]:
        """Press the button with that title under a message of the bot."""
        return self.presses_data(dict(sent.buttons)[title], sent)

    def presses_data(self, data: str, sent: "Sent | None" = None) -> dict[str, Any]:
        """Send any callback data, as changed clients can."""
        from tests.support.bot_api_methods import as_message

        query: dict[str, Any] = {"id": f"{next(self.api.numbers)}0000", "from": self.user, "data": data,
                                 "chat_instance": "1"}
        if sent is not None:
            query["message"] = as_message(self.api, sent)
        self.api.queries.add(query["id"])
        return self._push("callback_query", query)

    def is_at(self, lat: float, lon: float) -> dict[str, Any]:
        return self.sends(location={"latitude": lat, "longitude": lon})

    def is_at_venue(self, lat: float, lon: float, title: str, address: str) -> dict[str, Any]:
        place = {"latitude": lat, "longitude": lon}
        return self.sends(location=place, venue={"location": place, "title": title, "address": address})

    def sends_photo(self, content: bytes, caption: str = "") -> dict[str, Any]:
        """In two sizes, of which only the larger is a file that can be fetched."""
        small = {"file_id": "id-of-photos/small.jpg", "file_unique_id": "small", "width": 90, "height": 67}
        large = self._file("photos", "jpg", content) | {"width": 1280, "height": 960}
        return self.sends(photo=[small, large], **({"caption": caption} if caption else {}))

    def sends_voice(self, content: bytes) -> dict[str, Any]:
        voice = self._file("voice", "oga", content) | {"duration": 3, "mime_type": "audio/ogg"}
        return self.sends(voice=voice)

    def sends_document(self, content: bytes, mime_type: str = "application/pdf", **more: Any) -> dict[str, Any]:
        document = self._file("documents", "bin", content) | {"mime_type": mime_type, "file_name": "a.bin"}
        return self.sends(document=document, **more)

    def sends_sticker(self) -> dict[str, Any]:
        sticker = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False,
                   "emoji": "😀"}
        return self.sends(sticker=self._file("stickers", "webp", b"RIFF") | sticker)

    def sends_contact(self) -> dict[str, Any]:
        return self.sends(contact={"phone_number": "+8613800000000", "first_name": "张三"})

    def sends_video(self, caption: str = "") -> dict[str, Any]:
        video = self._file("videos", "mp4", b"\0\0") | {"width": 640, "height": 480, "duration": 5}
        return self.sends(video=video, **({"caption": caption} if caption else {}))

    def in_group(self, chat_id: int = -1001) -> "Person":
        """The same person in a group the bot was put into."""
        group = {"id": chat_id, "type": "supergroup", "title": "业主群"}
        return Person(self.api, self.user["id"], self.user["first_name"], self.user.get("language_code"), group)

    def adds_bot(self) -> dict[str, Any]:
        """Put the bot into the group."""
        from tests.support.bot_api_methods import BOT

        return self._push("my_chat_member", {
            "chat": self.chat, "from": self.user, "date": int(time.time()),
            "old_chat_member": {"user": BOT, "status": "left"}, "new_chat_member": {"user": BOT, "status": "member"},
        })

    def _message(self, content: dict[str, Any]) -> dict[str, Any]:
        return {"message_id": next(self.api.numbers), "from": self.user, "chat": self.chat,
                "date": int(time.time()), **content}

    def _push(self, kind: str, what: dict[str, Any]) -> dict[str, Any]:
        update = {kind: what}
        self.api.push(update)
        return update

    def _file(self, folder: str, ending: str, content: bytes) -> dict[str, Any]:
        path = f"{folder}/file_{next(self.api.numbers)}.{ending}"
        self.api.files[path] = content
        return {"file_id": f"id-of-{path}", "file_unique_id": path[-12:], "file_size": len(content)}
