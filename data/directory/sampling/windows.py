"""Public bodies: one service window for each department of the catalogue."""

from sampling import provider
from sampling.tables import catalogue

STREET_STEP = 5


def build(places):
    """Provider rows, in the order of data/catalogue/departments.csv."""
    return [window_row(places, number, department) for number, department in enumerate(catalogue("departments"))]


def window_row(places, number, department):
    window_id = f"window-{department['code']}"
    street = places.streets[number * STREET_STEP % len(places.streets)]
    name = f"{department['name_zh']}服务窗口", f"{department['name_en']} Service Window"
    hotline = f"也可拨打{department['hotline']}。" if department["hotline"] else ""
    description = f"受理：{department['remit_zh']}。{hotline}（示例窗口，地址电话均非真实）"
    hours = provider.hours("window", window_id)
    return provider.row(places, window_id, "public_body", street, name, hours, description)
