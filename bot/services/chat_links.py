"""A community worker's own chat with the bot, linked by a code that the console shows once."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from bot.domain.access import Actor, Right, Role
from bot.domain.token import hash_of
from bot.services.history import note
from bot.storage import Account, ChatLink, Conversation, now, touch

VALID = timedelta(minutes=15)


def new_code(session: Session, actor: Actor) -> str:
    """Eight digits that link the chat they are written in, once, within VALID; an earlier code is void."""
    actor.must(Right.WORK_GRID)
    unused = ChatLink.conversation_id.is_(None)
    session.execute(delete(ChatLink).where(ChatLink.account_id == actor.account_id, unused))
    code = f"{secrets.randbelow(10**8):08d}"
    session.add(ChatLink(account_id=actor.account_id, code_hash=hash_of(code), expires_at=now() + VALID))
    note(session, "account", actor.account_id, actor.id, "chat_code")
    return code


def use(session: Session, conversation_id: str, code: str) -> Account | None:
    """Links the chat to the worker the code was made for, in place of the chat before; None for a code that is wrong,
    used or too old."""
    link = session.scalar(select(ChatLink).where(
        ChatLink.code_hash == hash_of(code), ChatLink.conversation_id.is_(None), ChatLink.expires_at > now()
    ).with_for_update())
    account = session.get(Account, link.account_id) if link else None
    if link is None or account is None or account.disabled or account.role != Role.GRID:
        return None
    unlink_chat(session, conversation_id)
    session.execute(delete(ChatLink).where(ChatLink.account_id == account.id, ChatLink.id != link.id))
    link.conversation_id, link.linked_at = conversation_id, now()
    note(session, "account", account.id, f"account:{account.id}", "chat_linked")
    touch(session, "tickets")
    return account


def worker(session: Session, conversation_id: str) -> Account | None:
    """Whose chat it is, if it is a community worker's."""
    query = select(Account).join(ChatLink).where(ChatLink.conversation_id == conversation_id)
    return session.scalar(query.where(Account.disabled.is_(False), Account.role == Role.GRID))


def chat_of(session: Session, account_id: int) -> tuple[Conversation, datetime] | None:
    """The worker's chat and since when."""
    query = (select(Conversation, ChatLink.linked_at).join(ChatLink, ChatLink.conversation_id == Conversation.id)
             .where(ChatLink.account_id == account_id))
    found = session.execute(query).one_or_none()
    return (found[0], found[1]) if found else None


def unlink(session: Session, actor: Actor) -> None:
    """The worker's chat is a citizen's again."""
    session.execute(delete(ChatLink).where(ChatLink.account_id == actor.account_id))
    note(session, "account", actor.account_id, actor.id, "chat_unlinked")
    touch(session, "tickets")


def unlink_chat(session: Session, conversation_id: str) -> None:
    """Nobody's own chat any more."""
    session.execute(delete(ChatLink).where(ChatLink.conversation_id == conversation_id))
