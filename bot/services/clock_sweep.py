"""A sweep of the clocks as one statement of PostgreSQL: what is due is found, moved and written of where it lies.

It says and does what `clocks.sweep` does row by row, at a fraction of the time; a test holds the two together.
"""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import text as statement
from sqlalchemy.orm import Session

from bot.domain.calendar import LOCAL
from bot.domain.clock import RUNGS
from bot.domain.setting import SUPERVISORS, named
from bot.i18n import text
from bot.services.catalogue import catalogue
from bot.services.settings import value
from bot.services.supervision import WRITTEN_IN
from bot.storage.planner import STEPWISE, without

_SWEEP = statement("""
WITH due AS MATERIALIZED (
  SELECT clock.id, clock.kind, clock.department, clock.level, clock.warn_at, clock.due_at, clock.supervise_at,
         clock.escalate_at, ticket.id AS ticket_id, ticket.number, ticket.item,
         GREATEST(clock.level + 1, CAST(clock.warn_at <= :moment AS int) + CAST(clock.due_at <= :moment AS int)
           + COALESCE(CAST(clock.supervise_at <= :moment AS int), 0)
           + COALESCE(CAST(clock.escalate_at <= :moment AS int), 0)) AS reached
  FROM clock
  LEFT JOIN assignment ON clock.subject = 'assignment' AND assignment.id = clock.subject_id
  JOIN ticket ON ticket.id = CASE clock.subject WHEN 'assignment' THEN assignment.ticket_id ELSE clock.subject_id END
  WHERE clock.next_at <= :moment AND clock.subject IN ('ticket', 'assignment') AND clock.kind IN ('accept', 'answer')
  ORDER BY clock.next_at LIMIT :limit FOR UPDATE OF clock SKIP LOCKED
), moved AS (
  UPDATE clock SET level = due.reached, next_at = CASE due.reached
    WHEN 1 THEN due.due_at WHEN 2 THEN due.supervise_at WHEN 3 THEN due.escalate_at END
  FROM due WHERE clock.id = due.id AND clock.level = due.level
  RETURNING due.*
), step AS MATERIALIZED (
  SELECT moved.ticket_id, moved.department, moved.kind, rung.level, rung.at,
    format(CAST(:words AS jsonb) ->> (rung.level || ':' || moved.kind),
      COALESCE(CAST(:who AS jsonb) ->> (rung.level || ':' || moved.department),
               CAST(:who AS jsonb) ->> (rung.level || ':')),
      COALESCE(CAST(:departments AS jsonb) ->> moved.department, CAST(:departments AS jsonb) ->> ''),
      COALESCE(CAST(:items AS jsonb) ->> moved.item, moved.item), moved.number,
      to_char(moved.due_at AT TIME ZONE :zone, 'FMYYYY"年"FMMM"月"FMDD"日"HH24:MI')) AS words
  FROM moved CROSS JOIN LATERAL (VALUES (0, moved.warn_at), (1, moved.due_at), (2, moved.supervise_at),
                                        (3, moved.escalate_at)) AS rung (level, at)
  WHERE rung.level >= moved.level AND rung.level < moved.reached
  ORDER BY rung.at, moved.ticket_id, moved.id, rung.level
), paper AS (
  INSERT INTO supervision (ticket_id, department, kind, level, due_at, at, words, acknowledged_by, reply, written_by)
  SELECT ticket_id, department, kind, level, at, :moment, words, '', '', '' FROM step
), story AS (
  INSERT INTO change (subject, subject_id, at, actor, what, before, after, why)
  SELECT 'ticket', CAST(ticket_id AS varchar), :moment, 'clock', CAST(:rungs AS jsonb) ->> level, kind,
         CAST(level AS varchar), words FROM step
)
SELECT count(*) FROM due
""")


GAPS = ("who", "department", "item", "number", "due")
"""What is filled in, in the order in which the statement has it."""


def sweep(session: Session, moment: datetime, limit: int) -> int:
    """Takes the `limit` clocks that were due first, each level they have passed once, in order. Returns how many."""
    facts = {"moment": moment, "limit": limit, "zone": str(LOCAL), **_words(value(session, "supervision"))}
    session.execute(statement("SET LOCAL synchronous_commit = off"))  # lost with the machine, it is done again whole
    with without(session, *STEPWISE):
        return int(session.execute(_SWEEP, facts).scalar_one())


def _words(rules: dict[str, Any]) -> dict[str, str]:
    """What the statement fills in, as JSON: texts by level and kind, who hears of it by level and department, names."""
    known = catalogue()
    days = {2: rules["supervise_days"], 3: rules["escalate_days"]}
    gaps = {name: f"{{{name}}}" for name in GAPS}
    words = {
        f"{level}:{kind}": _template(text(f"supervision.{rung.value}", WRITTEN_IN, **gaps, days=days.get(level, 0),
                                          clock=text(f"supervision.of_{kind}", WRITTEN_IN)))
        for level, rung in enumerate(RUNGS) for kind in ("accept", "answer")
    }
    who = {
        f"{level}:{code}": named(rules, level, code) or text(f"supervision.role_{role}", WRITTEN_IN)
        for level, role in enumerate(SUPERVISORS) for code in ("", *known.departments)
    }
    departments = {code: d.name(WRITTEN_IN) for code, d in known.departments.items()}
    made = {"words": words, "who": who, "rungs": [rung.value for rung in RUNGS],
            "departments": {"": text("supervision.desk", WRITTEN_IN), **departments},
            "items": {code: item.name(WRITTEN_IN) for code, item in known.items.items()}}
    return {name: json.dumps(each, ensure_ascii=False) for name, each in made.items()}


def _template(words: str) -> str:
    """For PostgreSQL's format()."""
    words = words.replace("%", "%%")
    for place, name in enumerate(GAPS, 1):
        words = words.replace(f"{{{name}}}", f"%{place}$s")
    return words
