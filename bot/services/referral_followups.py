"""After a referral: whether they came and how it was, asked next day; grievances go to the hotline itself."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain import referral as rules
from bot.domain import standing
from bot.domain.handoff import Reason
from bot.domain.message import Button
from bot.domain.referral import ReferralState
from bot.i18n import text
from bot.services import handoffs, provider_standing
from bot.services.history import note
from bot.services.referrals import after_bad, close, rating_buttons, show
from bot.services.replies import Step, Turn, back, say, tell
from bot.services.telling import by_day
from bot.storage import Conversation, Provider, Referral, now

BATCH = 100
ANSWERS = ("yes", "not_yet", "no")


def ask(session: Session, moment: datetime) -> int:
    """Follow-ups that are due: did they come? Returns how many were asked."""
    query = select(Referral).where(Referral.state == ReferralState.OPEN, Referral.follow_up_at <= moment)
    due = session.scalars(query.order_by(Referral.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for referral in due:
        rules.check_move(ReferralState(referral.state), ReferralState.ASKED)
        referral.state = ReferralState.ASKED.value
        asked = note(session, "referral", referral.id, "clock", "asked", "open", "asked")
        session.flush()
        _ask(session, referral, asked.id)
    return len(due)


def remind(session: Session, moment: datetime) -> int:
    """Those who were asked and said nothing for three days are asked once more. Returns how many."""
    query = select(Referral).where(Referral.state == ReferralState.ASKED, Referral.reminded_at.is_(None),
                                   Referral.follow_up_at <= moment - rules.REMIND_AFTER)
    late = session.scalars(query.order_by(Referral.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for referral in late:
        referral.reminded_at = moment
        asked = note(session, "referral", referral.id, "clock", "asked_again")
        session.flush()
        _ask(session, referral, asked.id)
    return len(late)


def expire(session: Session, moment: datetime) -> int:
    """Follow-ups nobody answered for a week are closed as expired, which says nothing of the provider. Returns how
    many."""
    query = select(Referral).where(Referral.state == ReferralState.ASKED,
                                   Referral.follow_up_at <= moment - rules.EXPIRES_AFTER)
    late = session.scalars(query.limit(BATCH).with_for_update(skip_locked=True)).all()
    for referral in late:
        close(session, referral, "expired", "clock", moment)
    return len(late)


def came(session: Session, turn: Turn) -> Step:
    """They came, will come, or did not, by button."""
    _, target, answer = (*turn.heard.choice.split(":"), "", "")[:3]
    referral = next((r for r in _own(session, turn.conversation_id) if f"R{r.id}" == target), None)
    if referral is None or answer not in ANSWERS:
        say(session, turn, "rating.nothing")
    elif answer == "yes":
        referral.came = True
        note(session, "referral", referral.id, "citizen", "came")
        say(session, turn, "referral.how_was_it", buttons=rating_buttons(target, turn.language))
    elif answer == "not_yet":
        _later(session, turn, referral)
    else:
        _nobody_came(session, turn, referral)
    return back(turn)


def grievance(session: Session, turn: Turn) -> Step | None:
    """Words against somebody the hotline named lately: the hotline itself looks into it. None for other words."""
    if turn.heard.choice or turn.form or not standing.complains(turn.heard.text):
        return None
    referral = _newest(session, turn, standing.COMPLAINT_WITHIN)
    if referral is None:
        return None
    note(session, "referral", referral.id, "citizen", "complained", why=turn.heard.text[:500])
    provider = session.get_one(Provider, referral.provider_id)
    handoffs.request(session, turn.conversation_id, Reason.NOT_SOLVED, turn=turn)
    say(session, turn, "referral.grievance", name=provider.name_zh, buttons=after_bad(turn, referral))
    return back(turn)


def unreached(session: Session, turn: Turn) -> Step | None:
    """Nobody answers where the citizen was sent lately: written down, and others are named. None for other words."""
    if turn.heard.choice or turn.form or not standing.unreached(turn.heard.text):
        return None
    referral = _newest(session, turn, standing.UNREACHED_WITHIN)
    if referral is None:
        return None
    note(session, "referral", referral.id, "citizen", "unreached", why=turn.heard.text[:500])
    name = session.get_one(Provider, referral.provider_id).name_zh
    say(session, turn, "referral.unreached", name=name)
    same = turn.draft if turn.draft.item == referral.item else turn.draft.with_item(referral.item, "help")
    return show(session, turn, replace(same, place=referral.place))


def _newest(session: Session, turn: Turn, within: timedelta) -> Referral | None:
    since = now() - within
    return next((referral for referral in _own(session, turn.conversation_id) if referral.created_at >= since), None)


def _own(session: Session, conversation_id: str) -> list[Referral]:
    query = select(Referral).where(Referral.conversation_id == conversation_id)
    return list(session.scalars(query.order_by(Referral.id.desc())))


def _ask(session: Session, referral: Referral, asked: int) -> None:
    conversation = session.get_one(Conversation, referral.conversation_id)
    provider, language = session.get_one(Provider, referral.provider_id), conversation.language
    target = f"R{referral.id}"
    buttons = [Button(f"came:{target}:{answer}", text(f"referral.came_{answer}", language)) for answer in ANSWERS]
    tell(session, conversation.id, text("referral.did_they_come", language, name=provider.name_zh),
         f"referral:{referral.id}:ask:{asked}", buttons, not_before=by_day(session))


def _later(session: Session, turn: Turn, referral: Referral) -> None:
    if referral.state == ReferralState.ASKED:
        rules.check_move(ReferralState.ASKED, ReferralState.OPEN)
        referral.state, referral.follow_up_at = ReferralState.OPEN.value, now() + timedelta(days=1)
        note(session, "referral", referral.id, "citizen", "not_yet", "asked", "open")
    say(session, turn, "referral.asked_tomorrow")


def _nobody_came(session: Session, turn: Turn, referral: Referral) -> None:
    before = provider_standing.stars_of(referral)
    referral.came, referral.solved = False, False
    note(session, "referral", referral.id, "citizen", "rated", why=text("referral.came_no", "zh"))
    if referral.state != ReferralState.CLOSED:
        close(session, referral, "not_solved", "citizen", now())
    provider_standing.judged(session, referral, before)
    say(session, turn, "referral.nobody_came", buttons=after_bad(turn, referral))
