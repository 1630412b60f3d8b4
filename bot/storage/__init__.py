"""Tables, sessions, migrations. Importing this package knows every model."""

from bot.storage.account import Account, ApiToken, ChatLink, Login, RecoveryCode
from bot.storage.base import Base, now
from bot.storage.catalogue import CatalogueRow
from bot.storage.clock import Clock, Supervision
from bot.storage.conversation import Conversation
from bot.storage.desk import CannedReply, Correction, StaffNote
from bot.storage.handoff import Handoff
from bot.storage.history import Change
from bot.storage.message import Attachment, Message
from bot.storage.provider import Offer, Provider, Volunteer
from bot.storage.referral import Referral
from bot.storage.session import engine, reading, touch, transaction
from bot.storage.setting import Setting, SpecialDay
from bot.storage.team import Team, TeamMember
from bot.storage.territory import Territory
from bot.storage.ticket import (
    AnswerTemplate,
    Assignment,
    Counter,
    Disposal,
    Extension,
    GridTask,
    Publication,
    Ticket,
    TicketNote,
)
from bot.storage.ticket_mark import TicketMark
from bot.storage.unit import Unit
from bot.storage.webhook import Webhook, WebhookDelivery

__all__ = [
    "Account", "AnswerTemplate", "ApiToken", "Assignment", "Attachment", "Base", "CannedReply", "CatalogueRow",
    "Change", "ChatLink", "Clock", "Conversation", "Correction", "Counter", "Disposal", "Extension", "GridTask",
    "Handoff", "Login", "Message", "Offer", "Provider", "Publication", "RecoveryCode", "Referral", "Setting",
    "SpecialDay", "StaffNote", "Supervision", "Team", "TeamMember", "Territory", "Ticket", "TicketMark", "TicketNote",
    "Unit", "Volunteer", "Webhook", "WebhookDelivery", "engine", "now", "reading", "touch", "transaction",
]
