"""What the fake hotline answers: one answer of every kind, so that the page can be looked at."""

from typing import Any

STREETS = ["南门街道", "江厦街道", "西门街道", "月湖街道", "鼓楼街道", "白云街道", "段塘街道", "望春街道", "石碶街道",
           "高桥镇", "横街镇", "集士港镇", "古林镇", "洞桥镇", "鄞江镇", "章水镇", "龙观乡"]

EMERGENCY = {
    "text": "请马上打 119，到外面再打。已经通知人工。也可以打 110 / 120。",
    "cards": [{"kind": "emergency", "title": "火灾", "phone": "119", "buttons": [],
               "lines": ["先往外撤，弯腰捂住口鼻，随手关门，不坐电梯、不拿财物，"
                         "到安全处拨119说清地址和有没有人被困。"]}],
    "buttons": [{"id": "human", "title": "找人工"}],
}

PROVIDERS = {
    "text": "西门街道附近能通下水道的，现在营业的有这三家：",
    "cards": [
        {"kind": "provider", "title": "示例·老周管道疏通", "phone": "",
         "lines": ["离您约 0.8 公里 · 现在营业，到晚上 8 点", "4.8 分（126 人评过） · 上门 50 元起，按难度加价"],
         "buttons": [{"id": "provider:11:drain", "title": "选 示例·老周管道疏通"}]},
        {"kind": "provider", "title": "示例·海曙便民水电维修服务部", "phone": "",
         "lines": ["离您约 1.2 公里 · 现在营业，24 小时", "4.6 分（88 人评过） · 60 元起"],
         "buttons": [{"id": "provider:12:drain", "title": "选 示例·海曙便民水电维修服务部"}]},
        {"kind": "provider", "title": "示例·阿强疏通", "phone": "",
         "lines": ["离您约 2.5 公里 · 现在营业，到晚上 6 点", "4.5 分（41 人评过） · 40 元起"],
         "buttons": [{"id": "provider:13:drain", "title": "选 示例·阿强疏通"}]},
    ],
    "buttons": [{"id": "more:next", "title": "换一批"}, {"id": "more:cheap", "title": "便宜一点"},
                {"id": "more:near", "title": "离我近"}, {"id": "more:open", "title": "现在开门的"},
                {"id": "human", "title": "找人工"}],
}

CONTACT = {
    "text": "好的，请直接打电话约时间。价格以师傅上门看过为准，先问清再动工。",
    "cards": [{"kind": "contact", "title": "示例·老周管道疏通", "phone": "0574-8700 0011", "buttons": [],
               "lines": ["海曙区西门街道示例路 11 号", "上门 50 元起，按难度加价"]}],
}

TICKET = {
    "text": "已经登记，交给区综合行政执法局（城管）办理。最晚 11月26日 17:00 前答复您，也可以打 12319 问。",
    "cards": [{"kind": "ticket", "title": "HS20261122-0007 餐饮油烟扰民", "phone": "",
               "lines": ["地点：西门街道 示例路 110 号楼下", "办理：区综合行政执法局（城管）", "状态：已派出"],
               "buttons": [{"id": "urge:HS20261122-0007", "title": "催一下"}]}],
}

CONFIRM = {
    "text": "我这样登记，对吗？\n事情：楼下烧烤摊每晚炒到一点，油烟全飘进来\n"
            "地点：西门街道示例路 110 号\n联系：139****0010",
    "buttons": [{"id": "confirm", "title": "对，提交"}, {"id": "edit:place", "title": "改地点"},
                {"id": "edit:contact", "title": "改联系方式"}, {"id": "cancel", "title": "不登记了"}],
}

OPERATOR = {
    "sender": "operator", "operator_name": "小李",
    "text": "您好，我是话务员小李。您刚才说的我都看到了，请问现在水还在漏吗？",
}

PLACE = {
    "text": "请问在哪个街道？点一下就行，也可以发位置，或者直接打小区的名字。",
    "buttons": [*({"id": f"place:{n}", "title": name} for n, name in enumerate(STREETS)),
                {"id": "skip:place", "title": "不限地方"}],
}

LINKS = {"text": "<b>不是粗体</b> <img src=x onerror=alert(1)> 见 https://example.org/a?b=1，电话 12345，"
                 "单号 HS20261122-0007，地址中山路110号，" + "啊" * 40 + "W" * 200}

DOCUMENT = {
    "kind": "document", "text": "承办单位发来的文件（HS20261122-0007）",
    "file": {"name": "老小区加装电梯办理指南.pdf", "size": 123_456, "url": "/api/v1/conversations/1/files/guide"},
}

BY_WORD = {"指南": DOCUMENT, "街道": PLACE, "水管": PROVIDERS, "着火": EMERGENCY, "工单": TICKET, "登记": CONFIRM, "话务员": OPERATOR,
           "链接": LINKS}
BY_VERB = {"place": PROVIDERS, "skip": PROVIDERS, "provider": CONTACT, "more": PROVIDERS, "confirm": TICKET}


def replies(sent: dict[str, Any]) -> list[dict[str, Any]]:
    """The scripted answers to what was sent."""
    if "choice" in sent:
        return [BY_VERB.get(sent["choice"].split(":")[0], {"text": f"您选了 {sent['choice']}"})]
    if "location" in sent:
        return [PROVIDERS]
    found = [reply for word, reply in BY_WORD.items() if word in sent.get("text", "")]
    return found[:1] or [{"text": f"收到：{sent.get('text', '')[:50]}"}]
