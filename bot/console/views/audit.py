"""Rows of the history in words."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.console import words
from bot.domain.contact import without_numbers
from bot.i18n import messages, text
from bot.services.audit import Names
from bot.services.catalogue import catalogue
from bot.storage import Change

ABOUT_CITIZENS = frozenset({"ticket", "conversation", "referral", "handoff"})
"""What citizens said may be in these; their numbers stay masked here too."""
FAILED = frozenset({"sign_in_failed", "second_step_failed", "proof_failed", "locked"})
SUBJECTS = ("ticket", "conversation", "handoff", "referral", "account", "token", "provider", "offer", "volunteer",
            "item", "category", "department", "emergency", "ambiguity", "neighbour", "safety", "guide", "territory",
            "team", "canned", "setting", "calendar", "exchange", "audit")
ACTORS = ("citizen", "bot", "clock", "cli", "visitor")
COLUMNS = ("id", "time", "actor_id", "actor", "subject", "subject_id", "name", "what", "what_in_words", "before",
           "after", "why")


@dataclass(frozen=True)
class Row:
    """`name` is what people call the thing, `href` where it is; `kind` looked | failed | ''."""

    id: int
    at: datetime
    second: str
    who: str
    verb: str
    subject: str
    name: str
    href: str
    move: str
    why: list[str]
    kind: str


def row(change: Change, names: Names, language: str) -> Row:
    """One change in words."""
    name, href = _named(change, names, language)
    looked = "looked" if change.what.startswith("looked_") else ""
    before, after = (_state(change, code, language) for code in (change.before, change.after))
    return Row(
        change.id, change.at, words.to_the_second(change.at), _who(change.actor, names, language),
        words.what_happened(change.subject, change.what, language), subject_word(change.subject, language), name, href,
        f"{before} → {after}" if before and after else after or before,
        _why(change, names, language), looked or ("failed" if change.what in FAILED else ""),
    )


def exported(change: Change, names: Names, language: str) -> dict[str, str]:
    """One change for a spreadsheet: in words, and as it is stored."""
    told = row(change, names, language)
    values = (str(change.id), told.second, change.actor, told.who, change.subject, change.subject_id,
              told.name, change.what, told.verb, change.before, change.after, "\n".join(told.why))
    return dict(zip(COLUMNS, values, strict=True))


def subject_word(subject: str, language: str) -> str:
    """`工单`; a subject nobody put into words yet as it is."""
    return messages(language).get(f"audit.subject_{subject}", subject)


def verbs(language: str) -> list[tuple[str, str]]:
    """(what, in words) of everything that may have been done, for the filter, in the order of the words."""
    known: dict[str, list[str]] = {}
    for key, verb in messages(language).items():
        if key.startswith(("console.did_", "admin.did_")):
            known.setdefault(_plain(key.partition(".did_")[2]), []).append(verb)
    return sorted(((what, " / ".join(dict.fromkeys(said))) for what, said in known.items()), key=lambda pair: pair[1])


def _plain(name: str) -> str:
    """`returned` of `handoff_returned`."""
    subject, _, rest = name.partition("_")
    return rest if subject in SUBJECTS and rest else name


def _who(actor: str, names: Names, language: str) -> str:
    kind, _, number = actor.partition(":")
    if kind == "token" and number.isdecimal() and int(number) in names.tokens:
        label = names.tokens[int(number)].label
        return f"{words.who(actor, names.accounts, language)} {label or number}"
    return words.who(actor, names.accounts, language)


def _named(change: Change, names: Names, language: str) -> tuple[str, str]:
    """(what people call it, where it is)."""
    subject, key = change.subject, change.subject_id
    number = int(key) if key.isdecimal() else 0
    if subject == "ticket" and number in names.tickets:
        return names.tickets[number], f"/console/tickets/{names.tickets[number]}"
    if subject == "account":
        account = names.accounts.get(number)
        return (f"{account.name} ({account.username})" if account else text("audit.no_account", language)), ""
    if subject == "token" and number in names.tokens:
        return names.tokens[number].label or key, ""
    if subject == "conversation":
        return f"…{key[-4:]}", f"/console/conversations/{key}"
    if subject == "handoff" and number in names.handoffs:
        return f"…{names.handoffs[number][-4:]}", f"/console/conversations/{names.handoffs[number]}"
    return key, ""


def _state(change: Change, code: str, language: str) -> str:
    known = messages(language)
    item = catalogue().items.get(code)
    return item.name(language) if item else (
        known.get(f"audit.state_{change.subject}_{code}") or known.get(f"console.{change.subject}_{code}")
        or (known.get(f"console.role_{code}") if change.subject in ("account", "token") else None)
        or (known.get(f"console.reason_{code}") if change.what == "raised" else None) or code)


def _why(change: Change, names: Names, language: str) -> list[str]:
    known, why = messages(language), change.why
    if change.subject == "handoff" and change.what in ("requested", "raised"):
        emergency = catalogue().emergencies.get(why)
        return [emergency.name(language) if emergency else known.get(f"console.reason_{why}", why)] if why else []
    if change.subject == "handoff" and why.startswith("account:"):
        colleague, _, told = why.partition(" ")
        return [_who(colleague, names, language), *([told] if told else [])]
    if change.what == "dispatched":
        codes, _, told = why.partition(" ")
        return [_departments(codes, language), *([told] if told else [])]
    if why.startswith("{"):
        return _fields(why, language)
    if change.subject in ABOUT_CITIZENS:
        why = without_numbers(why)
    return [known.get(f"audit.why_{why}", why)] if why else []


def _departments(codes: str, language: str) -> str:
    known = catalogue().departments
    return "、".join(known[c].name(language) if c in known else c for c in codes.split(",") if c)


def _fields(why: str, language: str) -> list[str]:
    """`{"phone": ["a", "b"]}` as `电话：a → b`."""
    try:
        fields = json.loads(why)
    except ValueError:
        return [why]
    known, colon = messages(language), text("admin.colon", language)
    return [f"{known.get(f'admin.f_{name}') or known.get(f'audit.f_{name}', name)}{colon}{_change(value)}"
            for name, value in fields.items()]


def _change(value: Any) -> str:
    if isinstance(value, list) and len(value) == 2:
        return " → ".join(_shown(one) for one in value)
    return _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value)) or "—"
    return "—" if value in (None, "") else str(value)
