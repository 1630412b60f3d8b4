"""What a citizen needs: settle it, ask, or find a human; then on to a provider, an answer or a ticket."""

from dataclasses import replace

from sqlalchemy.orm import Session

from bot.domain.answer import asks_price, goes_on, pairs_shared
from bot.domain.catalogue import Ambiguity, Guide, Item
from bot.domain.draft import ENOUGH_WORDS, Draft
from bot.domain.follow_up import facet
from bot.domain.handoff import Reason
from bot.domain.message import Button
from bot.domain.mood import complains_of_us
from bot.i18n import text
from bot.services import (
    absorbing,
    additions,
    confidence,
    drafts,
    emergencies,
    handoffs,
    referral_followups,
    referrals,
    smalltalk,
    territories,
    tickets,
)
from bot.services.catalogue import catalogue, item_or_raise
from bot.services.needs import item_buttons, pending_buttons
from bot.services.replies import Step, Turn, back, latest, say, say_text
from bot.services.settings import value

MAX_UNCLEAR = 2
OFFERED_BY_CITIZENS = frozenset({"volunteer-signup", "vocational-training", "goods-donation", "blood-donation"})
"""Items that are themselves ways of offering: nothing is asked there."""


def begin(session: Session, turn: Turn) -> Step:
    """A message that states a need."""
    heard = turn.heard
    known = catalogue()
    if heard.choice.startswith("explain:"):
        return _explain(session, turn, heard.choice.removeprefix("explain:"))
    taken = (confidence.heed(session, turn) or referral_followups.grievance(session, turn)
             or referral_followups.unreached(session, turn) or additions.take(session, turn))
    if taken is not None:
        return taken
    if not heard.choice and complains_of_us(heard.text):
        handoffs.request(session, turn.conversation_id, Reason.ANGRY, turn=turn)
        say(session, turn, "handoff.angry")
        return back(turn)
    if not heard.choice and turn.draft.item and not heard.settled() and territories.only_place(heard.text):
        return smalltalk.inform(session, turn)
    bare = None if heard.choice else known.bare_word(heard.text)
    if bare is not None:
        return _ask_which(session, turn, bare)
    if turn.form and not heard.choice and (heard.best == turn.draft.item or asks_price(heard.text)):
        return _same_again(session, turn)
    if heard.item and heard.item not in known.items:
        return unclear(session, turn)  # taken out of service since the model learnt it, or since the button was shown
    if territories.only_place(heard.text) and (again := _choice_again(session, turn)):
        return again
    if heard.choice or heard.settled():
        return settle(session, turn, heard.item or "", heard.kind or "")
    return unclear(session, turn)


def settle(session: Session, turn: Turn, code: str, kind: str) -> Step:
    """Go on with one item; needs named besides it are kept for afterwards."""
    item = item_or_raise(code)
    early = () if turn.draft.item else turn.draft.photos  # sent before it was said what they are of
    draft = _other_matters_waiting(turn, code, kind)
    draft = replace(draft, photos=draft.photos or early)
    if turn.heard.also:
        draft = replace(draft, description=turn.heard.text)
    if not item.life and turn.draft.item and code not in turn.draft.pending:
        draft = replace(draft, place={})  # the last matter's place need not be this one's
    draft = absorbing.absorb(session, turn, draft).draft
    if turn.heard.also and draft.pending:
        names = "、".join(catalogue().items[c].name(turn.language) for c in draft.pending)
        say(session, turn, "request.one_by_one", first=item.name(turn.language), others=names)
    if code in value(session, "handoff_items"):
        return _to_human(session, turn, item, draft)
    if item.life:
        if turn.heard.direction == "working" and code not in OFFERED_BY_CITIZENS:
            return _offered(session, turn, item, draft)
        return referrals.start(session, turn, draft)
    if _answers_do(turn, item, draft.kind):
        if not turn.heard.choice and len(turn.heard.text) >= ENOUGH_WORDS:
            draft = replace(draft, description=turn.heard.text)  # should they want it registered after all
        answer(session, turn, item, draft)
        return back(turn) if turn.form else Step(draft)
    return drafts.start_ticket(session, turn, draft)


def _other_matters_waiting(turn: Turn, code: str, kind: str) -> Draft:
    """The draft for an item: an open form on another waits with what is known of it, needs named besides with the
    words that named them."""
    before, waiting = turn.draft, (*turn.heard.also, *turn.draft.pending)
    if turn.form and before.item and before.item != code:
        before, waiting = before.laid_aside(), (before.item, *waiting)
    named = {other: {"description": turn.heard.text} for other in turn.heard.also}
    before = replace(before, aside={**named, **before.aside})
    kind = kind or before.aside.get(code, {}).get("kind") or item_or_raise(code).kinds[0]
    return before.with_item(code, kind).waiting(other for other in waiting if other in catalogue().items)


def open_ticket(session: Session, turn: Turn) -> Step:
    """The button under an answer or the words "register it for me": a ticket on that item."""
    _, _, pressed = turn.heard.choice.partition(":")
    code, _, earlier = pressed.partition(":")
    code = code or turn.heard.item or turn.draft.item
    item = catalogue().items.get(code)
    if item is None or item.life:
        say(session, turn, "request.what_matter")
        return Step(turn.draft)
    kind = next((k for k in item.kinds if k != "consult"), "help")
    draft = _other_matters_waiting(turn, code, kind)
    if not turn.form and turn.draft.item == code:
        draft = replace(draft, description=turn.draft.description)
    if before := tickets.own(session, turn.conversation_id, earlier):
        draft = replace(draft, place=before.place, description=text("ticket.once_more", turn.language, number=earlier,
                                                                    description=before.description[:500]))
    return drafts.start_ticket(session, turn, draft)


def agreed(session: Session, turn: Turn) -> Step:
    """Yes to nothing in particular, or to the need that is still open."""
    return _next_need(session, turn) or _supplied(session, turn) or smalltalk.plain(session, turn, "greet.affirm")


def declined(session: Session, turn: Turn) -> Step:
    """No to nothing in particular, or "…but register the other one"."""
    return _next_need(session, turn) or _supplied(session, turn) or smalltalk.plain(session, turn, "greet.deny")


def out_of_scope(session: Session, turn: Turn) -> Step:
    """Nothing the hotline knows, unless it is about what is going on: 继续登记路灯那个, 电话没人接. An open choice
    stays open."""
    return (_next_need(session, turn) or referral_followups.unreached(session, turn) or _choice_again(session, turn)
            or smalltalk.out_of_scope(session, turn))


def _supplied(session: Session, turn: Turn) -> Step | None:
    """Yes or no to what a department asked, or to what was just to be told more of."""
    return confidence.heed(session, turn) or additions.take(session, turn)


def answer(session: Session, turn: Turn, item: Item, draft: Draft) -> None:
    """A consult in words: who is in charge, their hotline, what to bring where that is known."""
    buttons = [Button(f"ticket:{item.code}", text("button.register", turn.language)),
               Button("human", text("button.human", turn.language))]
    buttons += pending_buttons(turn, draft)
    say(session, turn, "answer.whole", buttons=buttons, words=answer_words(item, turn.language))


def _explain(session: Session, turn: Turn, code: str) -> Step:
    """One part of an answer again: how long, what to bring, where; all of it where that part is not known."""
    item = catalogue().items.get(code)
    if item is None or item.life:
        return unclear(session, turn)
    language = turn.language
    part = {"time": "answer.time", "bring": "answer.bring", "where": "answer.where"}.get(facet(turn.heard.text), "")
    lines = [line for key, line in _guide_lines(catalogue().guides.get(code), language) if key == part]
    if not lines:
        answer(session, turn, item, turn.draft)
        return back(turn) if turn.form else Step(turn.draft)
    buttons = [Button(f"ticket:{code}", text("button.register", language)),
               Button("human", text("button.human", language)), *pending_buttons(turn, turn.draft)]
    words = text("answer.part", language, item=item.name(language), lines="\n".join(lines))
    say(session, turn, "answer.whole", buttons=buttons, words=words)
    return back(turn) if turn.form else Step(turn.draft)


def answer_words(item: Item, language: str) -> str:
    """Who is in charge of a government service, what to bring, their hotline."""
    known = catalogue()
    department = known.departments[item.department]
    who = text("answer.who", language, item=item.name(language), department=department.name(language))
    key = "answer.hotline" if department.hotline else "answer.no_hotline"
    return "\n".join([who, *(line for _, line in _guide_lines(known.guides.get(item.code), language)),
                      text(key, language, hotline=department.hotline)])


def unclear(session: Session, turn: Turn) -> Step:
    """The question that separates the likeliest two, or three buttons; unclear again, a human. After an alarm the help
    line stays in view instead."""
    alarm = emergencies.going_on(session, turn.conversation_id)
    if alarm is not None:
        emergencies.support(session, turn, alarm)
        return Step(turn.draft, turn.form)
    tries = turn.draft.unclear + 1
    if tries > MAX_UNCLEAR or (tries == MAX_UNCLEAR and not turn.heard.candidates()):
        say(session, turn, "unclear.human")
        handoffs.request(session, turn.conversation_id, Reason.UNCLEAR, turn=turn)
        return Step(turn.draft.fresh())
    candidates = turn.heard.candidates()
    draft = replace(turn.draft, unclear=tries)
    if len(turn.heard.text) >= ENOUGH_WORDS and not turn.form:
        draft = replace(draft, description=turn.heard.text)
    if not candidates:
        say(session, turn, "unclear.what", buttons=[_human(turn)])
        return Step(draft, turn.form)
    group = catalogue().between(candidates)
    if group is not None:
        options = dict.fromkeys([c for c in candidates if c in group.items] + list(group.items))
        say(session, turn, "clarify.which", question=group.question(turn.language),
            buttons=[*item_buttons(options, turn.language), _none(turn)])
        return Step(draft, turn.form)
    say(session, turn, "unclear.which", buttons=[*item_buttons(candidates, turn.language), _none(turn)])
    return Step(draft, turn.form)


def none_of_these(session: Session, turn: Turn) -> Step:
    """The button under three wrong guesses."""
    tries = turn.draft.unclear + 1
    if tries > MAX_UNCLEAR:
        say(session, turn, "unclear.human")
        handoffs.request(session, turn.conversation_id, Reason.UNCLEAR, turn=turn)
        return Step(turn.draft.fresh())
    say(session, turn, "unclear.again", buttons=[_human(turn)])
    return Step(replace(turn.draft, unclear=tries), turn.form)


def _to_human(session: Session, turn: Turn, item: Item, draft: Draft) -> Step:
    """An item that the hotline has decided a person takes."""
    asked = replace(turn, draft=draft)
    handoffs.request(session, turn.conversation_id, Reason.ITEM, turn=asked)
    say(session, turn, "request.by_human", item=item.name(turn.language))
    smalltalk.tell_when(session, turn)
    return Step(draft)


def _offered(session: Session, turn: Turn, item: Item, draft: Draft) -> Step:
    """Somebody who may want to do this work rather than have it done is asked before vendors are named."""
    offers = "item:volunteer-signup" if item.source == "volunteer" else "human"
    say(session, turn, "request.offered", item=item.name(turn.language),
        buttons=[Button(f"item:{item.code}", text("button.need_it", turn.language)),
                 Button(offers, text("button.offer_it", turn.language))])
    return Step(draft)


def _next_need(session: Session, turn: Turn) -> Step | None:
    """The need that waits and is named in the words, else the first."""
    words, known = turn.heard.text, catalogue().items
    waiting = [code for code in turn.draft.pending if code in known]
    if turn.form or not waiting or not goes_on(words):
        return None
    named = max(waiting, key=lambda code: pairs_shared(known[code].name(turn.language), words))
    return settle(session, turn, named, "")


def _choice_again(session: Session, turn: Turn) -> Step | None:
    """Which of several is meant is asked once more where something else was said; a place told meanwhile is kept."""
    last = latest(session, turn.conversation_id)
    if turn.heard.choice or turn.draft.unclear != 1 or last is None or "none" not in {b["id"] for b in last.buttons}:
        return None
    draft = absorbing.absorb(session, turn, replace(turn.draft, unclear=2)).draft
    lead = text("form.noted_place", turn.language, place=draft.where().text) if draft.place else ""
    say_text(session, turn, f"{lead}\n{last.text}".strip(), [Button(**button) for button in last.buttons])
    return Step(draft, turn.form)


def _ask_which(session: Session, turn: Turn, bare: Ambiguity) -> Step:
    say(session, turn, "clarify.which", question=bare.question(turn.language),
        buttons=[*item_buttons(list(bare.items), turn.language), _none(turn)])
    return Step(turn.draft, turn.form)


def _same_again(session: Session, turn: Turn) -> Step:
    item = item_or_raise(turn.draft.item)
    if item.life:
        price = item.price_note_zh if turn.language == "zh" else text("referral.ask_price", "en")
        say(session, turn, "referral.price_again", price=price)
    return back(turn)


def _answers_do(turn: Turn, item: Item, kind: str) -> bool:
    if turn.heard.choice:
        return item.kinds[0] == "consult" and "complaint" not in item.kinds
    return kind == "consult"


def _guide_lines(guide: Guide | None, language: str) -> list[tuple[str, str]]:
    """(key of the part, its line), of what is known."""
    if guide is None:
        return []
    en = language == "en"
    facts = {
        "answer.bring": guide.bring_en if en else guide.bring_zh,
        "answer.where": guide.where_en if en else guide.where_zh,
        "answer.time": guide.time_en if en else guide.time_zh,
    }
    return [(key, text(key, language, what=what)) for key, what in facts.items() if what]


def _none(turn: Turn) -> Button:
    return Button("none", text("button.none", turn.language))


def _human(turn: Turn) -> Button:
    return Button("human", text("button.human", turn.language))
