"""The catalogue's tables: rows kept under their own column names, all text, in `catalogue_row`.

Emergencies can be added and worded anew but not removed: the model goes on hearing them until it is trained again, and
a cry that nobody answers must not happen. `neighbours` and `ambiguities` have no code; their place is their key.
"""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain import entry
from bot.domain.ticket import OPEN, RequestKind
from bot.errors import BadInput
from bot.services import catalogue
from bot.services.upkeep.records import Column, Noun, Problems, Use, Values
from bot.storage import Account, Assignment, CatalogueRow, Offer, Provider, Referral, Ticket

ITEMS = ("life_services", "government_services")
SOURCES = ("market", "volunteer", "both")
SHOWN = 3


class Entries(Noun):
    """One table of the catalogue. `points` are its columns that hold codes of other tables."""

    def __init__(
        self, subject: str, table: str, columns: tuple[Column, ...], key: str = "code",
        points: dict[str, tuple[str, ...]] | None = None, removable: bool = True,
    ) -> None:
        super().__init__(subject, CatalogueRow, columns, removable)
        self.table, self.key_column, self.points = table, key, points or {}

    def find(self, session: Session, key: Any) -> CatalogueRow | None:
        return session.get(CatalogueRow, (self.table, str(key)))

    def key(self, row: CatalogueRow) -> str:
        return row.code

    def values(self, row: CatalogueRow) -> Values:
        stored = json.loads(row.values)
        return {c.name: stored.get(c.name) or "" for c in self.columns}

    def make(self, session: Session, values: Values) -> CatalogueRow:
        last = session.scalar(select(func.max(CatalogueRow.position)).where(CatalogueRow.table == self.table))
        key = values[self.key_column] if self.key_column else str(_next_number(session, self.table))
        place = 0 if last is None else last + 1
        row = CatalogueRow(table=self.table, code=key, position=place, values=_stored(values))
        session.add(row)
        session.flush()
        return row

    def write(self, session: Session, row: CatalogueRow, values: Values) -> None:
        row.values = json.dumps({**json.loads(row.values), **json.loads(_stored(values))}, ensure_ascii=False)
        session.flush()

    def check(self, session: Session, values: Values, changed: set[str], row: Any) -> Problems:
        problems: Problems = {}
        key = values[self.key_column] if self.key_column else ""
        tables = ITEMS if self.table in ITEMS else (self.table,)
        if row is None and key and any(session.get(CatalogueRow, (t, key)) for t in tables):
            problems[self.key_column] = BadInput("entry.taken", value=key)
        for column, targets in self.points.items():
            codes = entry.several(values[column]) if column in changed else []
            wrong = [c for c in codes if not any(live(session, table, c) for table in targets)]
            if wrong:
                problems[column] = BadInput("entry.unknown", value=", ".join(wrong))
        if "items" in changed and len(entry.several(values["items"])) < 2:
            problems["items"] = BadInput("entry.two_items")
        return problems

    def uses(self, session: Session, row: CatalogueRow) -> list[Use]:
        if self.table == "categories":
            return [_pointing(session, "items", "life_services", "category", row.code)]
        if self.table == "departments":
            return _uses_of_department(session, row.code)
        return _uses_of_item(session, row.code) if self.table in ITEMS else []

    def forget(self) -> None:
        catalogue.forget()


def live(session: Session, table: str, code: str) -> bool:
    """Whether the table has that code and it is not removed."""
    row = session.get(CatalogueRow, (table, code))
    return row is not None and not row.removed


def rows(session: Session, table: str) -> list[CatalogueRow]:
    """All of a table, removed ones too, in their order."""
    query = select(CatalogueRow).where(CatalogueRow.table == table).order_by(CatalogueRow.position, CatalogueRow.code)
    return list(session.scalars(query))


def _uses_of_department(session: Session, code: str) -> list[Use]:
    tickets = (select(Ticket.number).join(Assignment)
               .where(Assignment.department == code, Assignment.role != "past", Ticket.state.in_(OPEN)))
    people = select(Account.name).where(Account.department == code, Account.disabled.is_(False))
    return [
        _pointing(session, "items", "government_services", "department", code),
        _pointing(session, "shared_items", "government_services", "cross_department", code),
        _use("tickets", session.scalars(tickets)), _use("accounts", session.scalars(people)),
    ]


def _uses_of_item(session: Session, code: str) -> list[Use]:
    offers = select(Provider.name_zh).join(Offer).where(Offer.item == code, Provider.removed.is_(False))
    tickets = select(Ticket.number).where(Ticket.item == code, Ticket.state.in_(OPEN))
    referrals = (select(Provider.name_zh).join(Referral)
                 .where(Referral.item == code, Referral.state != "closed"))
    return [_use("offers", session.scalars(offers)), _use("tickets", session.scalars(tickets)),
            _use("referrals", session.scalars(referrals))]


def _pointing(session: Session, what: str, table: str, column: str, code: str) -> Use:
    found = [json.loads(r.values) for r in rows(session, table) if not r.removed]
    return _use(what, (v["name_zh"] for v in found if code in entry.several(v[column])))


def _use(what: str, names: Iterable[str]) -> Use:
    found = list(names)
    return Use(what, len(found), tuple(dict.fromkeys(found))[:SHOWN])


def _next_number(session: Session, table: str) -> int:
    return 1 + max((int(r.code) for r in rows(session, table) if r.code.isdigit()), default=-1)


def _stored(values: Values) -> str:
    """As in the files: text only, codes of several things with the file's own mark between them."""
    return json.dumps({k: "" if v is None else str(v) for k, v in values.items()}, ensure_ascii=False)


def _kinds(raw: Any) -> str:
    return "|".join(entry.one_of(*RequestKind)(kind) for kind in entry.several(raw))


def _commas(raw: Any) -> str:
    return ",".join(entry.several(raw))


def _bars(raw: Any) -> str:
    return "|".join(entry.several(raw))


_NAMES = (Column("code", entry.code(), required=True, fixed=True), Column("name_zh", entry.words(60), required=True),
          Column("name_en", entry.words(120), required=True))
_QUESTION = (Column("question_zh", entry.words(200), required=True),
             Column("question_en", entry.words(300), required=True))

CATEGORIES = Entries("category", "categories", (*_NAMES, Column("description_zh", entry.words(200))))
DEPARTMENTS = Entries("department", "departments", (
    *_NAMES, Column("remit_zh", entry.words(400)), Column("hotline", entry.phone)))
LIFE_SERVICES = Entries("item", "life_services", (
    *_NAMES, Column("category", entry.words(48), required=True),
    Column("source", entry.one_of(*SOURCES), required=True),
    Column("aliases_zh", entry.barred(400)), Column("price_note_zh", entry.words(160)),
), points={"category": ("categories",)})
GOVERNMENT_SERVICES = Entries("item", "government_services", (
    *_NAMES, Column("department", entry.words(48), required=True), Column("request_kinds", _kinds, required=True),
    Column("sla_hours", entry.whole(1, 720), required=True), Column("cross_department", _commas),
    Column("aliases_zh", entry.barred(400)),
), points={"department": ("departments",), "cross_department": ("departments",)})
EMERGENCIES = Entries("emergency", "emergencies", (
    *_NAMES, Column("number_to_call", entry.barred(60), required=True),
    Column("instruction_zh", entry.words(400), required=True),
    Column("instruction_en", entry.words(800), required=True),
    Column("aliases_zh", entry.barred(1000)), Column("aliases_en", entry.barred(2000)),
), removable=False)
GUIDES = Entries("guide", "guides", (
    Column("item", entry.words(48), required=True, fixed=True),
    *(Column(f"{part}_{lang}", entry.words(400)) for lang in ("zh", "en") for part in ("bring", "where", "time")),
), key="item", points={"item": ("government_services",)})
SAFETY_QUESTIONS = Entries("safety", "safety_questions", (
    Column("item", entry.words(48), required=True, fixed=True), Column("emergency", entry.words(48), required=True),
    *_QUESTION, Column("safe_words", entry.barred(2000), required=True),
    Column("danger_words", entry.barred(2000), required=True),
), key="item", points={"item": ("government_services",), "emergency": ("emergencies",)})
AMBIGUITIES = Entries("ambiguity", "ambiguities", (
    Column("words", entry.barred(400), required=True), *_QUESTION, Column("items", _bars, required=True),
), key="", points={"items": ITEMS})
NEIGHBOURS = Entries("neighbour", "neighbours", (
    Column("items", _bars, required=True), *_QUESTION,
), key="", points={"items": ITEMS})
TABLES = (LIFE_SERVICES, GOVERNMENT_SERVICES, CATEGORIES, DEPARTMENTS, EMERGENCIES, GUIDES, SAFETY_QUESTIONS,
          AMBIGUITIES, NEIGHBOURS)
