"""Vendors (加盟企业): one trade each, two to five related items, spread over the streets."""

from sampling import draw, provider
from sampling.tables import catalogue, inputs, parts

ENOUGH = 4  # active vendors every item must have at least
MOST_ITEMS = 5


def build(places):
    """(provider rows, {provider id: item codes}, {provider id: (low, high) radius in km})."""
    names = {item["code"]: item["name_zh"] for item in catalogue("life_services")}
    common = {line["item"] for line in inputs("common_items")}
    trades = inputs("trades")
    offered, vendors, radius = {}, [], {}
    for trade in trades:
        streets = trade_streets(trade, places, bool(common & set(parts(trade["core"]))))
        for index, street in enumerate(streets):
            vendor = Vendor(trade, index, street)
            vendors.append(vendor)
            offered[vendor.id] = chosen_items(trade, vendor.id)
            radius[vendor.id] = int(trade["radius_low"]), int(trade["radius_high"])
    top_up(vendors, offered)
    name_all(vendors)
    return [vendor.row(places, [names[i] for i in offered[vendor.id]]) for vendor in vendors], offered, radius


class Vendor:
    """One vendor before it is written down."""

    def __init__(self, trade, index, street):
        self.trade, self.street = trade, street
        self.id = f"vendor-{trade['trade']}-{index + 1:02}"
        self.standing = "active" if index < anchors(trade) else drawn_standing(self.id)
        self.name = None

    def row(self, places, item_names):
        description = f"{self.trade['blurb']}。主营{'、'.join(item_names)}。（示例数据，非真实商户）"
        hours = provider.hours(self.trade["hours"], self.id)
        return provider.row(places, self.id, "vendor", self.street, self.name, hours, description, self.standing)


def trade_streets(trade, places, everywhere):
    """The street of each vendor; a trade with a common item has one in every street before any second one."""
    slots = [f"{street['code']}#{n}" for street, weight in places.weighted_streets() for n in range(weight)]
    order = [slot.split("#")[0] for slot in draw.shuffled(slots, "streets", trade["trade"])]
    if everywhere:
        order = [street["code"] for street in places.streets] + order
    by_code = {street["code"]: street for street in places.streets}
    return [by_code[code] for code in order[: int(trade["vendors"])]]


def anchors(trade):
    """How many of a trade's first vendors are always in good standing, so that items stay covered."""
    return 17 if int(trade["vendors"]) > 17 else ENOUGH + 1


def drawn_standing(vendor_id):
    return draw.weighted([("active", 82), ("probation", 12), ("suspended", 6)], "standing", vendor_id)


def chosen_items(trade, vendor_id):
    """The trade's core items and a few of its others, five at most."""
    core, other = parts(trade["core"]), parts(trade["other"])
    fewest, most = max(0, 2 - len(core)), min(len(other), MOST_ITEMS - len(core))
    extra = draw.whole(min(fewest, most), most, "extra", vendor_id)
    taken = set(draw.shuffled(other, "other", vendor_id)[:extra])
    return core + [item for item in other if item in taken]


def top_up(vendors, offered):
    """Where too few active vendors offer an item, more vendors of a fitting trade take it up."""
    for item in catalogue("life_services"):
        code = item["code"]
        missing = ENOUGH - sum(code in offered[v.id] for v in vendors if v.standing == "active")
        if item["source"] == "volunteer" or missing <= 0:
            continue
        fitting = [v.id for v in vendors if v.standing == "active" and code in parts(v.trade["other"])]
        able = [vendor_id for vendor_id in fitting if code not in offered[vendor_id]]
        for vendor_id in draw.shuffled(able, "top-up", code)[:missing]:
            offered[vendor_id].append(code)


def name_all(vendors):
    """Names such as 清流管道疏通（西门）: a brand once per trade, a full name once at all."""
    used = set()
    for vendor in vendors:
        brands = {b["zh"]: b["en"] for b in inputs("brands") if b["style"] == "any" or vendor.trade["style"] == "craft"}
        word = draw.one_of(parts(vendor.trade["name_words"]), "word", vendor.id)
        zh, en = provider.short(vendor.street)
        for brand in draw.shuffled(brands, "brand", vendor.id):
            keys = {(brand, vendor.trade["trade"]), f"{brand}{word}（{zh}）"}
            if not keys & used:
                used |= keys
                vendor.name = f"{brand}{word}（{zh}）", f"{brands[brand]} {vendor.trade['name_en']} ({en})"
                break
