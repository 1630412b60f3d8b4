"""What each provider offers, at what price, how far it comes."""

from sampling import draw
from sampling.tables import inputs, parts

COLUMNS = ["provider", "item", "price_note_zh", "price_from", "price_unit", "radius_km"]
TEAM_RADIUS = 3, 10


def build(vendor_items, vendor_radius, team_items):
    """Offer rows: vendors at their price, volunteer teams free of charge."""
    prices = {line["item"]: line for line in inputs("prices")}
    rows = []
    for vendor, items in vendor_items.items():
        radius = draw.whole(*vendor_radius[vendor], "radius", vendor)
        rows += [vendor_offer(vendor, item, prices[item], radius) for item in items]
    for team, items in team_items.items():
        radius = draw.whole(*TEAM_RADIUS, "radius", team)
        rows += [offer(team, item, prices[item]["volunteer_note"], "", "", radius) for item in items]
    return rows


def vendor_offer(vendor, item, price, radius):
    note = draw.one_of(parts(price["notes"]), "note", vendor, item)
    if not price["low"]:
        return offer(vendor, item, note, "", "", radius)
    yuan = price_from(int(price["low"]), int(price["high"]), vendor, item)
    return offer(vendor, item, note.format(p=yuan), yuan, price["unit"], radius)


def price_from(low, high, vendor, item):
    """A price between low and high, as round as prices are."""
    step = round_step(high)
    return max(low, round((low + (high - low) * draw.fraction("price", vendor, item)) / step) * step)


def round_step(high):
    for limit, step in ((50, 1), (300, 5), (1000, 10), (10_000, 100)):
        if high <= limit:
            return step
    return 500


def offer(*values):
    return dict(zip(COLUMNS, values))
