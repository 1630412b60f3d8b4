"""The console: pages for operators and departments, server-rendered and enhanced (DESIGN §9)."""

from pathlib import Path

from fastapi import APIRouter, FastAPI

from bot.console import (
    admin,
    audit,
    calls,
    canned,
    conversations,
    desk,
    disposals,
    events,
    exchange,
    files,
    grid,
    me,
    notes,
    presence,
    public,
    publishing,
    queue,
    reports,
    session,
    supervision,
    supervisor,
    ticket_moves,
    tickets,
    transfers,
    webhooks,
)
from bot.console.assets import Assets

STATIC = Path(__file__).parent / "static"

router = APIRouter(include_in_schema=False)
for part in (exchange, webhooks, queue, conversations, calls, presence, canned, notes, transfers, desk, supervisor,
             supervision, reports, publishing, tickets, ticket_moves, disposals, grid, files, events, me, audit,
             session):
    router.include_router(part.router, prefix="/console")
router.include_router(public.router)

__all__ = ["mount_static", "router"]


def mount_static(app: FastAPI) -> None:
    """Serve `/console/static` and the admin area. Call it before `include_router(router)`: the router's last route
    answers every other path under /console with a page that says so."""
    app.mount("/console/static", Assets(directory=STATIC), name="console-static")
    admin.mount(app)
