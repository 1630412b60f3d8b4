"""What is not a request: greetings, help, language, privacy, a human."""

from sqlalchemy.orm import Session

from actions.turn import ServiceAction
from bot.services import privacy, requests, smalltalk
from bot.services.replies import Step, Turn


class Human(ServiceAction):
    action_name = "action_human"
    service = staticmethod(smalltalk.human)


class Help(ServiceAction):
    action_name = "action_help"
    service = staticmethod(smalltalk.help_menu)


class OutOfScope(ServiceAction):
    action_name = "action_out_of_scope"
    service = staticmethod(requests.out_of_scope)


class Repeat(ServiceAction):
    action_name = "action_repeat"
    service = staticmethod(smalltalk.repeat)


class Language(ServiceAction):
    action_name = "action_language"
    service = staticmethod(smalltalk.language)


class Privacy(ServiceAction):
    action_name = "action_privacy"
    service = staticmethod(privacy.answer)


class Inform(ServiceAction):
    action_name = "action_inform"
    service = staticmethod(smalltalk.inform)


class Affirm(ServiceAction):
    action_name = "action_affirm"
    service = staticmethod(requests.agreed)


class Deny(ServiceAction):
    action_name = "action_deny"
    service = staticmethod(requests.declined)


def _fixed(name: str, key: str) -> type[ServiceAction]:
    def service(session: Session, turn: Turn) -> Step:
        return smalltalk.plain(session, turn, key)

    return type(name, (ServiceAction,), {"action_name": f"action_{name.lower()}", "service": staticmethod(service),
                                         "__module__": __name__})


Greet = _fixed("Greet", "greet.hello")
Goodbye = _fixed("Goodbye", "greet.goodbye")
Thanks = _fixed("Thanks", "greet.thanks")
Chitchat = _fixed("Chitchat", "greet.chitchat")
