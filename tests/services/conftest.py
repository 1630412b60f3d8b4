"""The cast: 何 the citizen, 小林 and 小周 operators, a handler of the urban management bureau."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest.mock import patch

import pytest
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from bot.domain.access import Actor, Role
from bot.domain.draft import Draft
from bot.domain.message import Incoming
from bot.domain.understanding import Ranked, Understanding
from bot.services import accounts, assignments, conversations
from bot.services.replies import Step, Turn
from bot.storage import Account, Message, Ticket, reading, transaction
from bot.storage.signals import signals

HANDLER = Actor("account:90", "城管小陈", Role.HANDLER, "urban-management", 90)
ADMIN = Actor("account:99", "管理员", Role.ADMIN, "", 99)
OTHER_HANDLER = Actor("account:91", "公安小赵", Role.HANDLER, "public-security", 91)


class He:
    """A citizen whose messages are stored and answered by calling services as the action server does."""

    def __init__(self) -> None:
        self.id, self.token = conversations.start()
        self._numbers = itertools.count(1)
        self.draft, self.form = Draft(), None  # type: ignore[var-annotated]

    def sends(self, words: str = "", **parts) -> Message:  # type: ignore[no-untyped-def]
        kind = parts.pop("kind", "choice" if "choice" in parts else "text")
        message, _ = conversations.receive(self.id, Incoming(f"m{next(self._numbers)}", kind, words, **parts))
        return message

    def turn(self, words: str = "", act: str = "request", item: str | None = None, **more) -> Turn:  # type: ignore[no-untyped-def]
        """A stored message as a turn, understood as said."""
        message = self.sends(words or "……") if not more.get("choice") else self._press(words)
        heard = Understanding(words, act, more.pop("kind", None), item, confidence=1.0 if item else 0.0,
                              ranking=(Ranked(item, 1.0),) if item else (), choice=more.pop("choice", ""))
        requested = self.draft.next_question(self.form) if self.form else None
        return Turn(self.id, message.id, heard=heard, draft=self.draft, form=self.form, requested=requested,
                    source=f"t{message.id}", **more)

    def _press(self, words: str) -> Message:
        message, _ = conversations.receive(self.id, Incoming(f"m{next(self._numbers)}", "text", words or "（按钮）"))
        return message

    def does(self, service, *args, **kwargs) -> Step | None:  # type: ignore[no-untyped-def]
        """Run a service on a turn of his; keeps draft and form as Rasa would."""
        turn = self.turn(*args, **kwargs)
        with transaction() as session:
            step = service(session, turn)
        if step is not None:
            self.draft, self.form = step.draft, step.form
        return step

    def heard(self) -> list[Message]:
        with reading() as session:
            return [m for m in conversations.messages_after(session, self.id, 0) if m.sender in ("bot", "operator")]

    def last(self) -> Message:
        return self.heard()[-1]

    def files_a_ticket(self, words: str = "恒春街路口井盖少了半拉，快十天了", item: str = "manhole-missing") -> str:
        """Through the form to a number."""
        from bot.services import drafts, requests, tickets

        self.does(requests.begin, words, item=item, kind="complaint")
        if not self.draft.place:
            self.does(drafts.answer, "恒春街12号", act="inform")
        if not self.draft.reach().given:
            self.does(drafts.answer, "13900000010", act="inform")
        step = self.does(drafts.answer, "确认提交", act="affirm")
        assert step and step.draft.next_question("ticket_form") is None
        self.does(tickets.open_from_draft, "确认提交", act="affirm")
        self.form = None
        with reading() as session:
            return tickets.of_conversation(session, self.id)[0].number


def ticket_of(he: He) -> Ticket:
    """His newest ticket with its parts."""
    with reading() as session:
        query = select(Ticket).options(selectinload(Ticket.assignments)).where(Ticket.conversation_id == he.id)
        return session.scalars(query.order_by(Ticket.id.desc())).first()  # type: ignore[return-value]


def answered(he: He, number: str, words: str = "井盖已更换。") -> None:
    """The department accepts and answers."""
    with transaction() as session:
        assignments.accept(session, number, HANDLER)
    with transaction() as session:
        assignments.answer(session, number, HANDLER, words, without=True)


@contextmanager
def touched() -> Iterator[list[str]]:
    """The topics published meanwhile."""
    topics: list[str] = []
    with patch.object(signals(), "publish", topics.append):
        yield topics


@pytest.fixture
def he(deployment: str) -> He:
    return He()


@pytest.fixture
def operators(deployment: str) -> Iterator[tuple[Actor, Actor]]:
    found = []
    with transaction() as session:
        for username, name in (("lin", "小林"), ("zhou", "小周")):
            accounts.create(session, username, "operator", name, password="long-enough-1")
    with reading() as session:
        found = [accounts.actor_of(a) for a in session.scalars(select(Account).order_by(Account.id))]
    yield found[0], found[1]


__all__ = ["ADMIN", "HANDLER", "OTHER_HANDLER", "He", "answered", "replace", "ticket_of", "touched"]
