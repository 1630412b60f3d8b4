"""A reply an operator may send as it is: what the hotline itself would say of the matter."""

from collections.abc import Sequence

from bot.domain.contact import local_form
from bot.i18n import text
from bot.services import requests
from bot.services.catalogue import catalogue
from bot.services.directory import Found

MOST = 3


def suggested(item: str, emergency: str, providers: Sequence[Found], language: str) -> str:
    """In an emergency what to do and whom to call; for a government service who is in charge, their hotline and what
    to bring; for a life service who is near, with numbers. Empty where nothing is known."""
    known = catalogue()
    danger, found = known.emergencies.get(emergency), known.items.get(item)
    if danger is not None:
        return text("emergency.now", language, instruction=danger.instruction(language),
                    numbers=" / ".join(danger.numbers))
    if found is None:
        return ""
    if not found.life:
        return requests.answer_words(found, language)
    names = [f"{_name(f, language)} {local_form(f.provider.phone)}" for f in providers[:MOST]]
    if not names:
        return ""
    listed = ("，" if language == "zh" else ", ").join(names)
    return text("handoff.suggest_life", language, item=found.name(language), names=listed)


def _name(found: Found, language: str) -> str:
    provider = found.provider
    return provider.name_en if language == "en" and provider.name_en else provider.name_zh
