"""Volunteer teams (志愿队) and their volunteers."""

from sampling import draw, provider
from sampling.tables import catalogue, inputs, parts

VOLUNTEER_COLUMNS = ["id", "team", "name_zh", "skills", "sample"]
STREET_STEP = 7  # walks through the 17 streets without repeating one too soon
FULL_TEAMS = 4  # the first teams of a kind offer everything it stands for


def build(places):
    """(provider rows, {team id: item codes})."""
    names = {item["code"]: item["name_zh"] for item in catalogue("life_services")}
    rows, offered = [], {}
    for kind in inputs("teams"):
        for index in range(int(kind["teams"])):
            street = places.streets[len(rows) * STREET_STEP % len(places.streets)]
            team_id = f"team-{kind['kind']}-{index + 1:02}"
            offered[team_id] = team_items(kind, index, team_id)
            rows.append(team_row(places, kind, team_id, street, [names[i] for i in offered[team_id]]))
    return rows, offered


def team_items(kind, index, team_id):
    """The items of the kind; later teams leave some out, but never all."""
    items = parts(kind["items"])
    kept = [item for item in items if index < FULL_TEAMS or draw.fraction("keeps", team_id, item) > 0.25]
    return kept or items[:1]


def team_row(places, kind, team_id, street, item_names):
    zh, en = provider.short(street)
    name = f"{draw.one_of(parts(kind['name_words']), 'word', team_id)}志愿队（{zh}）", f"{kind['name_en']} ({en})"
    description = f"{kind['blurb']}。服务：{'、'.join(item_names)}。（示例数据，非真实团队）"
    hours = provider.hours(kind["hours"], team_id)
    return provider.row(places, team_id, "volunteer_team", street, name, hours, description)


def volunteers(offered):
    """Rows of volunteers.csv: nine to sixteen people a team, without real names."""
    rows = []
    for team_id, items in offered.items():
        for member in range(draw.whole(9, 16, "members", team_id)):
            number = len(rows) + 1
            skills = draw.shuffled(items, "skills", team_id, member)[: draw.whole(1, 3, "skill-count", team_id, member)]
            values = [f"volunteer-{number:04}", team_id, f"志愿者{number:04}", "|".join(skills), 1]
            rows.append(dict(zip(VOLUNTEER_COLUMNS, values)))
    return rows
