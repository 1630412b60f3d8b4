"""Life services: naming providers, choosing one."""

from actions.turn import ServiceAction
from bot.services import referrals


class ListProviders(ServiceAction):
    action_name = "action_list_providers"
    service = staticmethod(referrals.show_after_form)


class MoreProviders(ServiceAction):
    action_name = "action_more_providers"
    service = staticmethod(referrals.more)


class ChooseProvider(ServiceAction):
    action_name = "action_choose_provider"
    service = staticmethod(referrals.choose)
