"""Everything a citizen says that is not a request: greetings, help, language, repeating."""

from sqlalchemy.orm import Session

from bot.domain.contact import read_contact
from bot.domain.draft import Draft
from bot.domain.handoff import Reason
from bot.domain.message import Button, Card
from bot.i18n import text
from bot.services import (
    absorbing,
    additions,
    confidence,
    emergencies,
    handoffs,
    presence,
    referrals,
    staffing,
    territories,
)
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.needs import item_buttons
from bot.services.replies import Step, Turn, back, latest, say, say_text
from bot.storage import Conversation

EXAMPLES = ("drain-unclogging", "hourly-domestic-helper", "door-unlocking", "catering-fumes", "streetlight-out",
            "senior-card")


def plain(session: Session, turn: Turn, key: str) -> Step:
    """A fixed reply; a form that is open goes on."""
    say(session, turn, key)
    return back(turn)


def help_menu(session: Session, turn: Turn) -> Step:
    """What the hotline can do, with examples to press; a category shows its services."""
    known = catalogue()
    category = turn.heard.choice.removeprefix("category:") if turn.heard.choice.startswith("category:") else ""
    if category in known.categories:
        items = [i for i in known.items.values() if i.category == category]
        say(session, turn, "help.category", buttons=[Button(f"item:{i.code}", i.name(turn.language)) for i in items],
            category=known.categories[category].name(turn.language))
        return back(turn)
    life = sum(1 for i in known.items.values() if i.life)
    say(session, turn, "help.menu", life=life, government=len(known.items) - life,
        buttons=[Button(f"category:{c.code}", c.name(turn.language)) for c in known.categories.values()])
    return back(turn)


def out_of_scope(session: Session, turn: Turn) -> Step:
    """Kindly: not ours, and what is. After an alarm the help line instead; a mere place is kept, or looked around."""
    alarm = emergencies.going_on(session, turn.conversation_id)
    if alarm is not None:
        emergencies.support(session, turn, alarm)
    elif (taken := confidence.heed(session, turn) or additions.take(session, turn)) is not None:
        return taken
    elif not turn.form and (territories.only_place(turn.heard.text) or read_contact(turn.heard.text).phone):
        return inform(session, turn)
    elif not any(c.isalnum() for c in turn.heard.text):
        say(session, turn, "unclear.what", buttons=item_buttons(EXAMPLES, turn.language))
    else:
        say(session, turn, "help.out_of_scope", buttons=item_buttons(EXAMPLES, turn.language))
    return back(turn)


def human(session: Session, turn: Turn) -> Step:
    """A person is wanted: into the queue, an honest word about when."""
    if handoffs.waiting(session, turn.conversation_id):
        handoffs.tell_waiting(session, turn)
        return back(turn)
    handoffs.request(session, turn.conversation_id, Reason.ASKED, turn=turn)
    tell_when(session, turn)
    return Step(turn.draft)


def tell_when(session: Session, turn: Turn) -> None:
    """When a person will be there: soon, at the next staffed hour, or honestly that nobody is there just now."""
    later = "" if presence.on_duty(session) else staffing.next_hour_in_words(session, turn.language)
    key = "handoff.queued" if presence.on_duty(session) else "handoff.later" if later else "handoff.nobody"
    say(session, turn, key, buttons=[Button("ticket", text("button.leave_ticket", turn.language))], when=later)


def repeat(session: Session, turn: Turn) -> Step:
    """The last thing said, again, with its buttons."""
    last = latest(session, turn.conversation_id)
    if last is None:
        return plain(session, turn, "greet.hello")
    cards = [Card(**{**c, "buttons": [Button(**b) for b in c["buttons"]]}) for c in last.cards]
    say_text(session, turn, last.text, [Button(**b) for b in last.buttons], cards)
    return back(turn)


def language(session: Session, turn: Turn) -> Step:
    """Another language, by button, or by the words asking for it."""
    words = turn.heard.text.casefold()
    wanted = turn.heard.choice.removeprefix("language:") if turn.heard.choice.startswith("language:") else ""
    if wanted not in ("zh", "en"):
        english = any(w in words for w in ("english", "英文", "英语", "英語"))
        chinese = any(w in words for w in ("chinese", "中文", "普通话", "汉语"))
        wanted = "en" if english and not chinese else "zh" if chinese else "en" if turn.language == "zh" else "zh"
    conversation = session.get_one(Conversation, turn.conversation_id)
    conversation.language, conversation.language_chosen = wanted, True
    turn.language = wanted
    say(session, turn, "language.now")
    return back(turn)


def inform(session: Session, turn: Turn) -> Step:
    """A place or a photo outside any form: it joins the newest open ticket, else it is kept for the next request."""
    placed = turn.place or turn.heard.choice.startswith("place:") or territories.only_place(turn.heard.text)
    if turn.draft.item and item_or_raise(turn.draft.item).life and placed:
        return referrals.show(session, turn, absorbing.absorb(session, turn, turn.draft).draft)
    taken = confidence.heed(session, turn) or additions.take(session, turn)
    if taken is not None:
        return taken
    draft: Draft = absorbing.absorb(session, turn, turn.draft).draft
    say(session, turn, "inform.kept")
    return Step(draft)
