"""Plays a scenario's turns and checks its expectations (vocabulary: shared/nlu-dev/README.md)."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.domain.access import Actor, Role
from bot.services import assignments, handoffs, tickets
from bot.storage import Assignment, Attachment, Conversation, Handoff, Message, Ticket, reading, transaction
from tests.support.citizen import Citizen, buttons, cards, words
from tests.support.time_machine import pass_time

UNITS = {"m": "minutes", "h": "hours", "d": "days"}
EMERGENCY = re.compile(r"\b(110|119|120|122|12110|12355|12356|96110)\b")


@dataclass
class Seen:
    """What one turn brought, and the state right after it."""

    replies: list[dict[str, Any]]
    item: str | None
    form: str | None
    slots: dict[str, Any]
    tickets: list[Ticket]
    departments: dict[int, set[str]]
    photos: dict[int, int]
    handoffs: list[Handoff]

    @property
    def said(self) -> str:
        return words(self.replies)


class Player:
    """One citizen in one scenario."""

    def __init__(self, base: str) -> None:
        self._citizen = Citizen(base)
        self._first_batch: list[str] = []
        self.turns: list[Seen] = []
        self.story: list[str] = []

    def play(self, turn: Any, number: int) -> None:
        """One turn of the script; what it brings is kept for the checks."""
        replies = self._act(turn)
        if not self._first_batch:
            self._first_batch = [i for i in buttons(replies).values() if i.startswith("provider:")]
        self.turns.append(self._look(replies))
        self.story += [f"{number} > {turn}", *(f"    {line}" for line in words(replies).splitlines())]

    def _act(self, turn: Any) -> list[dict[str, Any]]:
        if isinstance(turn, str):
            return self._citizen.says(turn)
        (verb, what), = turn.items()
        match verb:
            case "location":
                lat, lon = (float(x) for x in what.split(","))
                return self._citizen.at(lat, lon)
            case "photo":
                return self._citizen.shows()
            case "wait":
                pass_time(timedelta(**{UNITS[what[-1]]: int(what[:-1])}))
                return self._citizen.hears()
            case "choose":
                return self._choose(what)
            case "ticket_event":
                return self._department(what)
        raise AssertionError(f"unknown turn {turn}")

    def _choose(self, meaning: str) -> list[dict[str, Any]]:
        offered = buttons([reply for seen in self.turns for reply in seen.replies])
        if meaning == "第一批的第一家":
            return self._citizen.presses(self._first_batch[0])
        if meaning in offered:
            return self._citizen.presses(offered[meaning])
        return self.turns[-1].replies  # done already: the bot shows no such button

    def _department(self, event: dict[str, str]) -> list[dict[str, Any]]:
        ticket = self.turns[-1].tickets[0]
        with transaction() as session:
            lead = session.scalars(
                select(Assignment.department).where(Assignment.ticket_id == ticket.id, Assignment.role == "lead")
            ).one()
            handler = Actor("account:0", "承办人", Role.HANDLER, lead)
            assignments.accept(session, ticket.number, handler)
            assignments.answer(session, ticket.number, handler, event["reply"])
        return self._citizen.hears()

    def _look(self, replies: list[dict[str, Any]]) -> Seen:
        with reading() as session:
            conversation = session.get_one(Conversation, self._citizen.id)
            asked = session.scalars(
                select(Message).where(Message.conversation_id == conversation.id, Message.sender == "citizen")
                .order_by(Message.seq.desc()).limit(1)
            ).first()
            mine = tickets.of_conversation(session, conversation.id)
            parts = {t.id: {a.department for a in t.assignments if a.role == "co"} for t in mine}
            photos = {t.id: len(session.scalars(select(Attachment.id).where(Attachment.ticket_id == t.id)).all())
                      for t in mine}
            waiting = session.scalars(select(Handoff).where(Handoff.conversation_id == conversation.id)).all()
            state = conversation.dialogue
            heard = (asked.understanding or {}) if asked else {}
            slots = state.get("slots") or {}
            item = slots.get("item") or heard.get("item")
            return Seen(replies, item, state.get("form"), slots, mine, parts, photos, list(waiting))

    # ---- expectations -------------------------------------------------------------------------------------------

    def check(self, expectation: dict[str, Any]) -> list[str]:
        """What is wrong with one expectation; nothing when it holds."""
        after = expectation.get("after_turn")
        upto = self.turns[:after] if after else self.turns
        wrong = []
        for key, wanted in expectation.items():
            if key == "after_turn":
                continue
            check = getattr(self, f"_{key}", None)
            assert check is not None, f"the player does not know {key}"
            if not check(wanted, self.turns[after - 1] if after else None, upto):
                wrong.append(f"{key}: {wanted} (after turn {after})")
        return wrong

    def _no_crash(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        return not any("机器人现在答不上来" in turn.said for turn in self.turns)

    def _intent_item(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        return any(turn.item == wanted for turn in ([seen] if seen else upto))

    def _intent_items(self, wanted: list[str], seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return {seen.item, *(seen.slots.get("pending") or [])} >= set(wanted)

    def _vendors_listed(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        return any(cards(turn.replies, "provider") for turn in ([seen] if seen else upto))

    def _vendors_changed_or_exhausted_told(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        before = {c["title"] for turn in upto[:-1] for c in cards(turn.replies, "provider")}
        now = {c["title"] for c in cards(seen.replies, "provider")}
        return bool(now - before) or "没有更多" in seen.said

    def _vendor_contact_shown(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return any(card["phone"] for card in cards(seen.replies, "contact"))

    def _price_note_shown(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "以商家答复为准" in seen.said or "价格" in seen.said

    def _firm_price_promised(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        return any("保证" in t.said or "三百够" in t.said for t in upto) is wanted

    def _emergency_number_shown(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        said = " ".join(
            f"{r['text']} {card['phone']}" for turn in ([seen] if seen else upto) for r in turn.replies
            for card in r["cards"] if card["kind"] == "emergency"
        )
        return not said if wanted == "none" else wanted in EMERGENCY.findall(said)

    def _emergency_code(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        codes = {h.emergency for turn in ([seen] if seen else upto) for h in turn.handoffs if h.emergency}
        return not codes if wanted == "none" else wanted in codes

    def _ticket_opened(self, wanted: Any, seen: Seen | None, upto: list[Seen]) -> bool:
        found = (seen or self.turns[-1]).tickets
        if wanted == "none":
            return not found
        if not found:
            return False
        ticket, turn = found[0], seen or self.turns[-1]
        facts = {
            "item": ticket.item, "kind": ticket.kind, "photo_count": turn.photos[ticket.id],
            "location": ticket.place.get("lat") is not None, "anonymous": ticket.anonymous,
            "department": self._lead(ticket),
            "cross_department": turn.departments[ticket.id],
        }
        for key, value in wanted.items():
            have = facts[key]
            if key == "cross_department":
                good = have == set(value)
            else:
                good = have in value if isinstance(value, list) else have == value
            if not good:
                self.story.append(f"  ticket {key} is {have}, not {value}")
                return False
        return True

    def _lead(self, ticket: Ticket) -> str:
        with reading() as session:
            return session.scalars(
                select(Assignment.department).where(Assignment.ticket_id == ticket.id, Assignment.role == "lead")
            ).one()

    def _tickets_opened_count(self, wanted: int, seen: Seen | None, upto: list[Seen]) -> bool:
        return len((seen or self.turns[-1]).tickets) == wanted

    def _ticket_number_told(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        return any(re.search(r"工单号 [A-Z]{2}\d{8,}", turn.said) for turn in upto)

    def _ticket_status_told(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "状态：" in seen.said

    def _ticket_urged(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return any(t.urged for t in seen.tickets)

    def _ticket_field(self, wanted: dict[str, Any], seen: Seen | None, upto: list[Seen]) -> bool:
        turn = seen or self.turns[-1]
        return turn.photos[turn.tickets[0].id] == wanted["photo_count"]

    def _question_not_repeated(self, wanted: list[str], seen: Seen | None, upto: list[Seen]) -> bool:
        signs = {"address": ("请问在哪里", "哪个街道或镇")}
        given = next(i for i, t in enumerate(self.turns) if t.slots.get("place"))
        return not any(s in t.said for f in wanted for s in signs[f] for t in self.turns[given:])

    def _question_not_asked_after_refusal(self, wanted: list[str], seen: Seen | None, upto: list[Seen]) -> bool:
        return not any("联系电话" in turn.said for turn in self.turns[len(upto) - 1:])

    def _handoff(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        return bool((seen or self.turns[-1]).handoffs) is wanted

    def _waiting_message_shown(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "等" in seen.said and ("分钟" in seen.said or "话务员" in seen.said)

    def _rating_requested(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "打个分" in seen.said

    def _rating_recorded(self, wanted: int, seen: Seen | None, upto: list[Seen]) -> bool:
        return (seen or self.turns[-1]).tickets[0].score == wanted

    def _reopened(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        return bool((seen or self.turns[-1]).tickets[0].reopened) is wanted

    def _asked_what_it_is_about(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "什么事" in seen.said

    def _emoji_understood_as(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return wanted == "affirm" and bool(seen.tickets)

    def _duplicate_recognised(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "是同一件吗" in seen.said

    def _answer_given(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return seen.item == wanted and "负责" in seen.said

    def _confirmation_requested(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "确认删除" in buttons(seen.replies)

    def _data_deleted(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return "已删除" in seen.said and not seen.slots.get("contact")

    def _text_never_shown(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return wanted not in seen.said

    def _form_cancelled(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return seen.form is None

    def _clarify_asked(self, wanted: str, seen: Seen | None, upto: list[Seen]) -> bool:
        assert seen
        return seen.form == "ticket_form" and not seen.slots.get("safety")

    def _phone_forced(self, wanted: bool, seen: Seen | None, upto: list[Seen]) -> bool:
        ticket = self.turns[-1].tickets[:1]
        return bool(ticket and not ticket[0].contact_phone) is not wanted


def operator(name: str = "小林", number: int = 1) -> Actor:
    """Somebody who takes handoffs."""
    return Actor(f"account:{number}", name, Role.OPERATOR, account_id=number)


__all__ = ["Player", "handoffs", "operator"]
