"""Life services: finding somebody near, naming three, passing the citizen on, asking later how it went."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import Session

from bot.domain import referral as rules
from bot.domain.contact import local_form
from bot.domain.draft import REFERRAL_FORM, Draft
from bot.domain.hours import in_words
from bot.domain.matching import Wish
from bot.domain.message import Button, Card
from bot.domain.referral import ReferralState
from bot.domain.standing import COMPLAINT_WITHIN
from bot.errors import NotFound
from bot.i18n import text
from bot.services import directory, territories
from bot.services.catalogue import item_or_raise
from bot.services.directory import Found
from bot.services.history import note
from bot.services.needs import pending_buttons
from bot.services.replies import Step, Turn, back, say
from bot.storage import Change, Offer, Provider, Referral, now

WISHES: tuple[Wish, ...] = ("another", "cheaper", "closer", "open_now")


def start(session: Session, turn: Turn, draft: Draft) -> Step:
    """The price note, then the place if it is not known, else three providers at once."""
    item = item_or_raise(draft.item)
    price = item.price_note_zh if turn.language == "zh" else text("referral.ask_price", "en")
    if draft.where().known:
        say(session, turn, "referral.price", item=item.name(turn.language), price=price)
        return show(session, turn, draft)
    say(session, turn, "referral.price_and_place", buttons=territories.street_buttons(turn.language),
        item=item.name(turn.language), price=price)
    return Step(replace(draft, place={}), REFERRAL_FORM)


def show(session: Session, turn: Turn, draft: Draft, wish: Wish = "") -> Step:
    """Three providers as cards, those shown before left out when others are wanted."""
    item = item_or_raise(draft.item)
    exclude = _let_down(session, turn.conversation_id) | frozenset(draft.shown if wish == "another" else ())
    wanted = None if wish == "open_now" else draft.moment().wanted(now())
    found = directory.search(session, draft.item, draft.where(), wish, exclude, when=wanted)
    if not found:
        key = "referral.no_more" if draft.shown else "referral.none"
        say(session, turn, key, buttons=_after_list(turn.language, more=False), item=item.name(turn.language))
        return Step(draft)
    key = {"cheaper": "referral.list_cheaper", "closer": "referral.list_closer",
           "open_now": "referral.list_open"}.get(wish, "referral.list")
    if wish == "closer" and found[0].fit.km is None:
        key = "referral.list_no_place"
    then = draft.moment().text if wanted else ""
    say(session, turn, key, cards=[_card(f, turn.language, then) for f in found], item=item.name(turn.language),
        buttons=_after_list(turn.language) + pending_buttons(turn, draft))
    shown = tuple(dict.fromkeys((*draft.shown, *(f.provider.id for f in found))))
    return Step(replace(draft, shown=shown[-60:], wish=wish, unclear=0))


def _let_down(session: Session, conversation_id: str) -> frozenset[str]:
    """Providers that lately did not come, did not help, or could not be reached: not named again here."""
    told = select(Change.id).where(Change.subject == "referral", Change.subject_id == cast(Referral.id, String),
                                   Change.what == "unreached").exists()
    bad = or_(Referral.solved.is_(False), Referral.came.is_(False), told)
    query = select(Referral.provider_id).where(Referral.conversation_id == conversation_id, bad,
                                               Referral.created_at >= now() - COMPLAINT_WITHIN)
    return frozenset(session.scalars(query))


def show_after_form(session: Session, turn: Turn) -> Step:
    """The place is known now; a form that was left for another reason shows nothing."""
    return show(session, turn, turn.draft) if turn.draft.item and turn.draft.place else Step(turn.draft)


def more(session: Session, turn: Turn) -> Step:
    """换一批, 便宜一点, 离我近, 现在开门的: by button or in words."""
    if not turn.draft.item or not item_or_raise(turn.draft.item).life:
        say(session, turn, "referral.nothing_shown")
        return back(turn)
    return show(session, turn, turn.draft, read_wish(turn.heard.choice.removeprefix("more:"), turn.heard.text))


def read_wish(chosen: str, words: str) -> Wish:
    """The wish a button names or the words express; another batch by default."""
    for wish in WISHES:
        if chosen == wish:
            return wish
    folded = words.casefold()
    if any(w in folded for w in ("便宜", "省钱", "实惠", "低价", "cheap", "price")):
        return "cheaper"
    if any(w in folded for w in ("近", "附近", "close", "near")):
        return "closer"
    if any(w in folded for w in ("开门", "营业", "现在能来", "马上能来", "open")):
        return "open_now"
    return "another"


def choose(session: Session, turn: Turn) -> Step:
    """The citizen takes one: contact and price note, the referral recorded, a follow-up due."""
    known = session.scalar(select(Referral).where(Referral.chosen_by == turn.message_id))
    provider_id = turn.heard.choice.removeprefix("provider:").split(":")[0]
    item_code = turn.heard.choice.split(":")[2] if turn.heard.choice.count(":") > 1 else turn.draft.item
    try:
        provider, offer = directory.offered_by(session, provider_id, item_code)
    except NotFound:
        say(session, turn, "referral.gone")
        return Step(turn.draft)
    if known is None:
        send(session, turn.conversation_id, item_code, provider, turn.draft.place, "citizen", turn.message_id)
    say(session, turn, "referral.chosen", cards=[contact_card(provider, offer, turn.language)],
        buttons=pending_buttons(turn, turn.draft), name=provider.name_zh, phone=local_form(provider.phone))
    return Step(replace(turn.draft, unclear=0))


def send(
    session: Session, conversation_id: str, item: str, provider: Provider, place: dict[str, Any], actor: str,
    chosen_by: int | None = None,
) -> Referral:
    """The citizen is passed on to a provider; asked the next day how it went. `chosen_by` is the citizen's choosing
    message, None where an operator sends it."""
    referral = Referral(conversation_id=conversation_id, chosen_by=chosen_by, item=item, provider_id=provider.id,
                        place=place, follow_up_at=now() + rules.FOLLOW_UP_AFTER)
    session.add(referral)
    session.flush()
    note(session, "referral", referral.id, actor, "chosen", after="open", why=provider.id)
    return referral


def close(session: Session, referral: Referral, outcome: str, actor: str, moment: datetime) -> None:
    """End a referral with an outcome."""
    before = ReferralState(referral.state)
    rules.check_move(before, ReferralState.CLOSED)
    referral.state, referral.outcome, referral.closed_at = "closed", outcome, moment
    note(session, "referral", referral.id, actor, "closed", before.value, "closed", outcome)


def rating_buttons(target: str, language: str) -> list[Button]:
    """Five stars, and "not solved"."""
    stars = [Button(f"rate:{target}:{n}", text(f"rating.star_{n}", language)) for n in (5, 4, 3, 2, 1)]
    return [*stars, Button(f"unsolved:{target}", text("button.unsolved", language))]


def after_bad(turn: Turn, referral: Referral) -> list[Button]:
    """After a referral that did not help: somebody else, or a human."""
    if referral.solved:
        return []
    return [Button(f"item:{referral.item}", text("button.another", turn.language)),
            Button("human", text("button.human", turn.language))]


def _after_list(language: str, more: bool = True) -> list[Button]:
    wishes = [Button(f"more:{w}", text(f"button.{w}", language)) for w in WISHES] if more else []
    return [*wishes, Button("human", text("button.human", language))]


def _card(found: Found, language: str, wanted: str) -> Card:
    provider, fit = found.provider, found.fit
    lines = [
        text("referral.rating", language, rating=f"{provider.rating:.1f}", count=provider.rating_count),
        text(f"referral.{'open' if fit.open else 'closed'}{'_then' if wanted else ''}", language, when=wanted,
             hours=in_words(provider.hours, language)),
    ]
    if fit.km is not None:
        lines.append(text("referral.distance", language, km=f"{fit.km:.1f}"))
    if found.offer.price_note_zh:
        lines.append(text("referral.price_line", language, price=found.offer.price_note_zh))
    take = Button(f"provider:{provider.id}:{found.offer.item}", text("button.choose", language, name=provider.name_zh))
    return Card("provider", _shown_name(provider, language), lines, "", [take])


def contact_card(provider: Provider, offer: Offer | None, language: str) -> Card:
    """The provider's name, address, hours, price note and number."""
    price = offer.price_note_zh if offer else ""
    lines = [provider.address_zh, text("referral.hours", language, hours=in_words(provider.hours, language))]
    if price:
        lines.append(text("referral.price_line", language, price=price))
    return Card("contact", _shown_name(provider, language), lines, local_form(provider.phone))


def _shown_name(provider: Provider, language: str) -> str:
    return provider.name_en if language == "en" and provider.name_en else provider.name_zh
