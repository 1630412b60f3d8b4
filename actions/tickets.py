"""Tickets: opening, status, urging, reopening, rating."""

from actions.turn import ServiceAction
from bot.services import my_tickets, ratings, tickets


class OpenTicket(ServiceAction):
    action_name = "action_open_ticket"
    service = staticmethod(tickets.open_from_draft)


class Status(ServiceAction):
    action_name = "action_status"
    service = staticmethod(my_tickets.status)


class Urge(ServiceAction):
    action_name = "action_urge"
    service = staticmethod(my_tickets.urge)


class Reopen(ServiceAction):
    action_name = "action_reopen"
    service = staticmethod(ratings.reopen)


class Rate(ServiceAction):
    action_name = "action_rate"
    service = staticmethod(ratings.rate)
