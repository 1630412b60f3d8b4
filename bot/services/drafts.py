"""Forms: asking what is missing, filling it in, showing the whole before it is sent. `absorbing.py` takes what each
message gives."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.answer import (
    SMALL_TALK,
    asks_for_list,
    asks_price,
    goes_on,
    interrupts,
    is_question,
    refuses,
    says_no,
    says_no_place,
    says_submit,
    says_yes,
)
from bot.domain.contact import looks_like_number, masked, read_contact
from bot.domain.draft import ENOUGH_WORDS, REFERRAL_FORM, TICKET_FORM, Draft
from bot.domain.handoff import Reason
from bot.domain.message import Button
from bot.domain.place import looks_like_address, only_theirs
from bot.domain.ticket import CONTACT_OPTIONAL
from bot.domain.understanding import Understanding
from bot.i18n import text
from bot.services import additions, chat_links, confidence, handoffs, my_tickets, safety, territories, tickets
from bot.services.absorbing import FEWEST, absorb, more_of_it, noted
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.replies import Step, Turn, back, say, say_text
from bot.services.settings import value
from bot.storage import Change, Message, now

MAX_ASKED = 3
LEFT_LATELY = timedelta(hours=2)


def start_ticket(session: Session, turn: Turn, draft: Draft) -> Step:
    """Open the ticket form with all that the first message already says."""
    words = turn.heard.text.strip()
    if not turn.heard.choice and len(words) >= ENOUGH_WORDS and not (draft.description and goes_on(words)):
        told = draft.description if draft.description != words else ""
        draft = replace(draft, description="\n".join(w for w in (told, words) if w))
    elif turn.heard.choice and turn.draft.unclear and turn.draft.description:
        draft = replace(draft, description=turn.draft.description)
    if safety.settled(draft, words):
        draft = replace(draft, safety="ok")
    opening = text("form.opening", turn.language, item=item_or_raise(draft.item).name(turn.language))
    return proceed(session, turn, draft, TICKET_FORM, opening)


def answer(session: Session, turn: Turn) -> Step | None:
    """A message while a form is open. None: it is not for the form, let the rules take it."""
    form, question = turn.form, turn.requested
    if form is None or question is None:
        return None
    if form == REFERRAL_FORM and not turn.heard.choice and territories.from_words(turn.heard.text) is None:
        if asks_for_list(turn.heard.text):
            return proceed(session, turn, replace(turn.draft, asked=turn.draft.asked + 1), form)
        if asks_price(turn.heard.text):
            return None
    if turn.heard.choice.startswith("edit:"):
        return edit(session, turn)
    if interrupts(turn.heard, question, turn.draft.item) and not _plainly_answers(turn, question):
        return None
    taken = more_of_it(turn, absorb(session, turn, turn.draft, asked=question), question)
    filled = _fill(session, turn, taken.draft, question, taken.got)
    if isinstance(filled, Step):
        return filled
    if filled is not None:
        return proceed(session, turn, replace(filled, asked=0), form)
    if taken.got:
        return proceed(session, turn, replace(taken.draft, asked=0), form, noted(taken, turn.language))
    if turn.heard.act in ("request", "inform", "affirm", "deny", "correct", "out_of_scope"):
        return _ask_again(session, turn, taken.draft, form)
    return None


def proceed(session: Session, turn: Turn, draft: Draft, form: str, lead: str = "") -> Step:
    """Settle what needs no question, then ask the next one, after `lead`; a complete form is left to its closing
    rule."""
    if form == TICKET_FORM and not draft.place and draft.item in value(session, "placeless_items"):
        draft = replace(draft, place={"text": text("form.no_place", turn.language)})
    if form == TICKET_FORM and draft.place and not draft.duplicate:
        draft = replace(draft, duplicate="" if tickets.same_matter(session, turn, draft) else "ok")
    if form == TICKET_FORM and not draft.reach().given and draft.kind in CONTACT_OPTIONAL and draft.asked:
        draft = replace(draft, contact={**draft.contact, "refused": True})
    if form == TICKET_FORM and not draft.reach().given and (worker := chat_links.worker(session, turn.conversation_id)):
        draft = replace(draft, contact={**draft.contact, "name": worker.name, "refused": True})
    if draft.next_question(form) is not None:
        ask(session, turn, draft, form, lead)
    return Step(draft, form)


def ask(session: Session, turn: Turn, draft: Draft, form: str, lead: str = "") -> None:
    """Ask for the first thing that is missing, after `lead`."""
    question = draft.next_question(form)
    language = turn.language
    lead = f"{lead}\n" if lead else ""
    if question == "safety":
        safety.ask(session, turn, draft.item, lead)
    elif question == "description":
        say(session, turn, "form.description", lead=lead, buttons=[_cancel(turn)])
    elif question == "place":
        key = "form.place_near" if form == REFERRAL_FORM else "form.place_again" if draft.asked else "form.place"
        buttons = territories.street_buttons(language) if form == REFERRAL_FORM else []
        say(session, turn, key, lead=lead, buttons=[*buttons, _cancel(turn)])
    elif question == "duplicate":
        tickets.ask_same(session, turn, draft)
    elif question == "contact":
        key = "form.contact_optional" if draft.kind in CONTACT_OPTIONAL else "form.contact"
        key = "form.contact_confidential" if draft.reach().confidential else key
        say(session, turn, key, lead=lead,
            buttons=[Button("skip:contact", text("button.no_contact", language)), _cancel(turn)])
    elif question == "confirmed":
        say_text(session, turn, text("form.summary", language, **_facts(draft, language)), _summary_buttons(turn))


def cancel(session: Session, turn: Turn) -> Step:
    """算了: the form ends, nothing is kept of it, waiting for a human ends too unless it is an emergency."""
    if turn.heard.choice.startswith("withdraw:"):
        return my_tickets.withdraw(session, turn)
    dropped = turn.heard.choice.startswith("drop:")
    if (dropped or not turn.form) and my_tickets.offer_withdrawal(session, turn):
        return back(turn)
    if dropped:
        say(session, turn, "ticket.cannot_withdraw")
        return back(turn)
    left = handoffs.leave_queue(session, turn.conversation_id) if not turn.form else False
    key = "cancel.form" if turn.form else "cancel.queue" if left else "cancel.nothing"
    say(session, turn, key, buttons=pending_buttons(turn, turn.draft))
    if turn.form and _left_before(session, turn):
        say(session, turn, "form.left_twice", buttons=[Button("cancel", text("button.stop_waiting", turn.language))])
        handoffs.request(session, turn.conversation_id, Reason.FORM, turn=turn)
    return Step(turn.draft.fresh())


def _left_before(session: Session, turn: Turn) -> bool:
    """Write down that a form was left; whether another was left shortly before."""
    query = select(Change.id).where(
        Change.subject == "conversation", Change.subject_id == turn.conversation_id, Change.what == "left_form",
        Change.at > now() - LEFT_LATELY)
    before = session.scalar(query.limit(1)) is not None
    note(session, "conversation", turn.conversation_id, "citizen", "left_form", before=turn.form or "",
         why=turn.draft.item)
    return before


def edit(session: Session, turn: Turn) -> Step:
    """A correction: by button (which part) or in words (take the new part)."""
    if turn.form != TICKET_FORM:
        joined = confidence.heed(session, turn) or additions.take(session, turn)
        if joined is not None:
            return joined
        say(session, turn, "correct.nothing")
        return Step(turn.draft, turn.form)
    part = turn.heard.choice.removeprefix("edit:") if turn.heard.choice.startswith("edit:") else ""
    if part in ("description", "place", "contact"):
        empty: dict[str, object] = {"description": "", "place": {}, "contact": {}}
        draft = replace(turn.draft, **{part: empty[part], "confirmed": ""})  # type: ignore[arg-type]
        ask(session, turn, draft, TICKET_FORM)
        return Step(draft, TICKET_FORM)
    taken = absorb(session, turn, turn.draft, asked="place")
    if taken.got:
        return proceed(session, turn, taken.draft, TICKET_FORM)
    say(session, turn, "correct.which", buttons=_edit_buttons(turn))
    return Step(turn.draft, TICKET_FORM)


def _plainly_answers(turn: Turn, question: str) -> bool:
    """An address when a place was asked, "nobody" to the safety question: the answer, whatever act it resembles."""
    words = turn.heard.text
    if turn.heard.choice:
        return False
    if question == "contact":
        return read_contact(words).refused
    if question == "place":
        return len(words) <= 40 and not is_question(words) and looks_like_address(words)
    return safety.says_safe(turn.draft, words)


def _fill(session: Session, turn: Turn, draft: Draft, question: str, got: frozenset[str]) -> Draft | Step | None:
    """The asked slot from the message; a Step where the answer leads out of the form; None where it says nothing."""
    words = turn.heard.text.strip()
    match question:
        case "safety":
            return safety.answer(session, turn, draft, words)
        case "description":
            return _described(session, turn, draft, words, got)
        case "place":
            return _place(turn, draft, words, got)
        case "duplicate":
            return _duplicate(session, turn, draft, words)
        case "contact":
            return _contact(session, turn, draft, words, got)
        case "confirmed":
            return _confirmed(session, turn, draft, words, got)
    return None


def _described(session: Session, turn: Turn, draft: Draft, words: str, got: frozenset[str]) -> Draft | None:
    """What it is, behind the few words it began with; a number alone describes nothing."""
    if not words or turn.heard.choice or ("contact" in got and len(words) < 2 * FEWEST + 8):
        return None
    return replace(draft, description="\n".join(w for w in (_first_words(session, turn), words) if w))


def _first_words(session: Session, turn: Turn) -> str:
    """The message before this one, where it stated the need in too few words to be its description."""
    before = session.scalar(
        select(Message).where(Message.conversation_id == turn.conversation_id, Message.id < turn.message_id,
                              Message.sender == "citizen").order_by(Message.seq.desc()).limit(1))
    if before is None or before.kind != "text" or "choice" in before.payload:
        return ""
    heard = Understanding.from_dict(before.understanding or {})
    return before.text.strip() if heard.item == turn.draft.item and len(before.text.strip()) < ENOUGH_WORDS else ""


def _place(turn: Turn, draft: Draft, words: str, got: frozenset[str]) -> Draft | None:
    if "place" in got:
        return draft
    if turn.heard.choice.startswith("skip") or any(w in words for w in ("都可以", "随便", "不限", "anywhere")):
        return replace(draft, place={"text": words})
    if turn.heard.choice or len(words) < 2 or got & {"contact", "when"}:
        return None
    if turn.form == REFERRAL_FORM and not draft.asked:
        return None
    if says_yes(words, ""):
        return None
    chat = turn.heard.act in SMALL_TALK and not looks_like_address(words)
    another = turn.heard.settled() or is_question(words) or len(words) > 40 or chat or says_no_place(words)
    another = another or only_theirs(words)
    return None if another and not draft.asked else replace(draft, place={"text": words[:120]})


def _duplicate(session: Session, turn: Turn, draft: Draft, words: str) -> Draft | Step | None:
    chosen = turn.heard.choice
    if chosen.startswith("same") or (not chosen and (says_yes(words, turn.heard.act) or "同一" in words)):
        return tickets.join_same(session, turn, draft)
    if chosen == "different" or says_no(words, turn.heard.act) or "不是" in words or "另" in words:
        return replace(draft, duplicate="different")
    return None


def _contact(session: Session, turn: Turn, draft: Draft, words: str, got: frozenset[str]) -> Draft | None:
    if turn.heard.choice == "skip:contact":
        return replace(draft, contact={**draft.contact, "refused": True})
    if draft.reach().given:
        return draft
    if refuses(words, turn.heard.act) or says_submit(words):
        return replace(draft, contact={**draft.contact, "refused": True})
    return None


def _confirmed(session: Session, turn: Turn, draft: Draft, words: str, got: frozenset[str]) -> Draft | Step | None:
    if turn.heard.choice == "confirm" or (not turn.heard.choice and says_yes(words, turn.heard.act)):
        return replace(draft, confirmed="ok")
    if says_no(words, turn.heard.act) or turn.heard.choice == "keep":
        say(session, turn, "correct.which", buttons=_edit_buttons(turn))
        return Step(replace(draft, asked=0), TICKET_FORM)
    if got:
        return draft
    if len(words) >= 4 and turn.heard.act == "request" and not turn.heard.choice:
        return replace(draft, description=f"{draft.description}\n{words}")
    return None


def _ask_again(session: Session, turn: Turn, draft: Draft, form: str) -> Step:
    if draft.asked + 1 >= MAX_ASKED:
        say(session, turn, "form.human")
        handoffs.request(session, turn.conversation_id, Reason.UNCLEAR, turn=turn)
        return Step(replace(draft, asked=0), form)
    if turn.requested == "contact" and looks_like_number(turn.heard.text):
        say(session, turn, "form.bad_phone")
    draft = replace(draft, asked=draft.asked + 1)
    ask(session, turn, draft, form)
    return Step(draft, form)


def _facts(draft: Draft, language: str) -> dict[str, str]:
    item = item_or_raise(draft.item)
    contact = draft.reach()
    who = " ".join(p for p in (contact.name, masked(contact.phone)) if p) or text("form.anonymous", language)
    if contact.confidential:
        who = f"{who} {text('form.confidential', language)}"
    street = territories.name_of(draft.where().street, language)
    place = draft.where().text or "-"
    return {
        "item": item.name(language),
        "kind": text(f"kind.{draft.kind}", language),
        "department": catalogue().departments[item.department].name(language),
        "description": draft.description,
        "place": street if place in street else place if street in place else f"{street} {place}",
        "when": draft.moment().past(now()) or text("form.when_not_said", language),
        "photos": str(len(draft.photos)),
        "contact": who,
    }


def _summary_buttons(turn: Turn) -> list[Button]:
    return [Button("confirm", text("button.confirm", turn.language)), *_edit_buttons(turn), _cancel(turn)]


def _edit_buttons(turn: Turn) -> list[Button]:
    return [Button(f"edit:{part}", text(f"button.edit_{part}", turn.language))
            for part in ("description", "place", "contact")]


def _cancel(turn: Turn) -> Button:
    return Button("cancel", text("button.cancel", turn.language))
