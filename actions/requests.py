"""Needs: settling which item, asking, the forms."""

from actions.turn import FormAction, ServiceAction
from bot.services import drafts, requests


class Request(ServiceAction):
    action_name = "action_request"
    service = staticmethod(requests.begin)


class NoneOfThese(ServiceAction):
    action_name = "action_none_of_these"
    service = staticmethod(requests.none_of_these)


class Unclear(ServiceAction):
    action_name = "action_unclear"
    service = staticmethod(requests.unclear)


class StartTicket(ServiceAction):
    action_name = "action_start_ticket"
    service = staticmethod(requests.open_ticket)


class TicketForm(FormAction):
    action_name = "validate_ticket_form"
    service = staticmethod(drafts.answer)


class ReferralForm(FormAction):
    action_name = "validate_referral_form"
    service = staticmethod(drafts.answer)


class Cancel(ServiceAction):
    action_name = "action_cancel"
    service = staticmethod(drafts.cancel)


class Correct(ServiceAction):
    action_name = "action_correct"
    service = staticmethod(drafts.edit)
