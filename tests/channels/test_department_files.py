"""What departments put to a ticket: the citizen's own address for files serves what is meant for the citizen, no more."""

from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.app import create_app
from bot.domain.access import Actor, Role
from bot.services import conversations, papers
from bot.services.files import path_of
from bot.storage import Assignment, Attachment, Ticket, now, reading, transaction
from tests.support.citizen import photo
from tests.support.fake_api import Served

HANDLER = Actor("account:90", "城管小陈", Role.HANDLER, "urban-management", 90)


@pytest.fixture
def filed(database: Any) -> tuple[str, str, str]:
    """A citizen's conversation with a token and a ticket: (conversation, token, number)."""
    conversation, token = conversations.start()
    with transaction() as session:
        number = "HS2026112600013"
        made = Ticket(number=number, conversation_id=conversation, item="manhole-missing", kind="complaint",
                      description="井盖少了", place={}, state="accepted", received_at=now(), due_at=now())
        made.assignments = [Assignment(department="urban-management", role="lead", state="accepted")]
        session.add(made)
    return conversation, token, number


def kept(number: str, content: bytes, internal: bool, name: str = "a.pdf") -> Attachment:
    with transaction() as session:
        return papers.add(session, number, HANDLER, name, content, internal)


def test_an_internal_file_is_not_there_for_the_citizen(filed: tuple[str, str, str]) -> None:
    conversation, token, number = filed
    open_one = kept(number, photo(), False, "陈秀英家门口.jpg")
    secret = [kept(number, photo(), True), kept(number, b"%PDF-1.4 paper", True)]
    with Served(create_app()) as served, httpx.Client(
        headers={"Authorization": f"Bearer {token}"}, trust_env=False
    ) as client:
        def asked(key: str) -> httpx.Response:
            return client.get(f"{served.url}/api/v1/conversations/{conversation}/files/{key}")

        shown = asked(open_one.key)
        assert shown.status_code == 200 and shown.headers["x-content-type-options"] == "nosniff"
        assert open_one.key in shown.headers["content-disposition"], "what a colleague called it may name somebody"
        assert [asked(one.key).status_code for one in secret] == [404, 404]
    with reading() as session:
        assert conversations.messages_after(session, conversation, 0) == [], "nothing was said of them either"


def test_a_document_is_told_with_its_name_and_downloaded(filed: tuple[str, str, str]) -> None:
    conversation, token, number = filed
    with transaction() as session:
        session.scalars(select(Ticket)).one().state = "answered"
    kept(number, b"%PDF-1.4 paper", False, "办理指南.pdf")
    with Served(create_app()) as served, httpx.Client(base_url=served.url, trust_env=False) as client:
        path = f"/api/v1/conversations/{conversation}/messages"
        [message] = client.get(path, headers={"Authorization": f"Bearer {token}"}).json()["messages"]
        assert (message["kind"], message["photo_url"]) == ("document", None)
        assert (message["file"]["name"], message["file"]["size"]) == ("办理指南.pdf", 14)
        url = message["file"]["url"]
        assert client.get(url).status_code == 401
        answer = client.get(url, params={"token": token})
        assert answer.content == b"%PDF-1.4 paper" and answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"].startswith("attachment;")
        assert "sandbox" in answer.headers["content-security-policy"]
        with reading() as session:
            path_of(session.scalars(select(Attachment)).one()).unlink()
        assert client.get(url, params={"token": token}).status_code == 404
