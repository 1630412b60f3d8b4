"""Finding an item of the catalogue by what people call it."""

from bot.domain.catalogue import Item
from bot.services.catalogue import catalogue

MOST = 20


def search(words: str, limit: int = MOST) -> list[Item]:
    """Items whose name, alias or code has the words: exact ones first, then beginnings, then the shortest names."""
    wanted = words.strip().casefold()
    if not wanted:
        return []
    ranked = [(place, len(item.name_zh), item.code, item) for item in catalogue().items.values()
              if (place := _place(item, wanted)) is not None]
    return [item for *_, item in sorted(ranked, key=lambda r: r[:3])[:limit]]


def _place(item: Item, wanted: str) -> int | None:
    names = [item.name_zh.casefold(), item.name_en.casefold(), item.code]
    others = [alias.casefold() for alias in item.aliases]
    if wanted in names or wanted in others:
        return 0
    if any(name.startswith(wanted) for name in names):
        return 1
    if any(wanted in name for name in names):
        return 2
    if any(wanted in alias for alias in others):
        return 3
    parts = wanted.split()
    everything = " ".join([*names, *others])
    return 4 if len(parts) > 1 and all(part in everything for part in parts) else None
