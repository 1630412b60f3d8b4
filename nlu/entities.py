"""Plain facts in a message: ticket number, phone, amount. Places are found by the application, which has the map."""

import re
from typing import Any, Dict, List

_PATTERNS = {
    "ticket_number": re.compile(r"\b[A-Za-z]{2}\d{8,}\b"),
    "phone": re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d{9}(?!\d)|(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"),
    "amount": re.compile(r"(?:¥|￥)\s*\d+(?:\.\d+)?|\d+(?:\.\d+)?\s*(?:元|块钱|块|万元|万|yuan|rmb)", re.IGNORECASE),
}


def entities_in(text: str) -> List[Dict[str, Any]]:
    """[{type, value, text, start, end}] in the order of their types."""
    return [
        {"type": kind, "value": found.group().strip(), "text": found.group(), "start": found.start(),
         "end": found.end()}
        for kind, pattern in _PATTERNS.items()
        for found in pattern.finditer(text)
    ]
