"""An endpoint asked about unsure messages: it may choose among our candidates, and nothing else."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

InRasa = Callable[[str], Any]

HEARD = {"text": "家里那个东西又不行了，电话13812345678", "act": "request", "item": None, "emergency": None,
         "category": None, "department": None,
         "ranking": [{"item": "ac-repair", "confidence": 0.3}, {"item": "fridge-repair", "confidence": 0.25}]}


class Reader:
    """Says what it is told to say, and keeps what it was asked."""

    def __init__(self) -> None:
        self.says, self.status, self.asked = "", 200, b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                outer.asked = self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(outer.status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(outer.says.encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
def reader() -> Iterator[Reader]:
    made = Reader()
    threading.Thread(target=made.server.serve_forever, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


def asked(in_rasa: InRasa, port: int) -> dict[str, Any]:
    heard: dict[str, Any] = in_rasa(
        "import asyncio\nfrom pathlib import Path\nfrom nlu.second_opinion import SecondOpinion\n"
        f"made = SecondOpinion.configured({{'SECOND_OPINION_URL': 'http://127.0.0.1:{port}/v1'}}, Path('data/catalogue'))\n"
        f"found = asyncio.run(made.better({HEARD!r}))"
    )
    return heard


def reply(content: str) -> str:
    escaped = content.replace('"', '\\"')
    return f'{{"choices": [{{"message": {{"content": "{escaped}"}}}}]}}'


def test_it_chooses_among_the_candidates_and_sees_no_number(in_rasa: InRasa, reader: Reader) -> None:
    reader.says = reply('{"item": "fridge-repair"}')
    heard = asked(in_rasa, reader.server.server_port)
    assert heard["item"] == "fridge-repair" and heard["ranking"][0]["item"] == "fridge-repair"
    assert heard["category"] and "13812345678" not in reader.asked.decode()


@pytest.mark.parametrize("says, status", [
    (reply('{"item": "passport"}'), 200), (reply('{"item": null}'), 200), (reply("I cannot help"), 200),
    ("no json", 200), ("{}", 200), (reply('{"item": "ac-repair"}'), 500), (reply('["ac-repair"]'), 200),
])
def test_anything_else_changes_nothing(in_rasa: InRasa, reader: Reader, says: str, status: int) -> None:
    reader.says, reader.status = says, status
    assert asked(in_rasa, reader.server.server_port) == HEARD


def test_an_endpoint_that_is_away_changes_nothing_and_none_is_asked_unless_configured(in_rasa: InRasa) -> None:
    assert asked(in_rasa, 9) == HEARD
    assert in_rasa("from pathlib import Path\nfrom nlu.second_opinion import SecondOpinion\n"
                   "found = SecondOpinion.configured({}, Path('data/catalogue'))") is None


def test_what_it_changes_is_counted(in_rasa: InRasa, reader: Reader, tmp_path: Path) -> None:
    reader.says = reply('{"item": "fridge-repair"}')
    rows = [{"text": text, "items": [item], "kind": "help"}
            for text, item in (("sure", "ac-repair"), ("helped", "fridge-repair"), ("spoilt", "ac-repair"))]
    (tmp_path / "requests.jsonl").write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = in_rasa(
        "from pathlib import Path\nfrom nlu.evaluate import second_reader\nfrom nlu.second_opinion import SecondOpinion\n"
        f"made = SecondOpinion.configured({{'SECOND_OPINION_URL': 'http://127.0.0.1:{reader.server.server_port}/v1'}}, "
        "Path('data/catalogue'))\n"
        f"heard = {{**{HEARD!r}, 'kind': 'help'}}\n"
        "def understand(text): return {**heard, 'item': 'ac-repair' if text == 'sure' else None}\n"
        f"found = second_reader(Path({str(tmp_path)!r}), understand, made)")
    assert found.pop("ms") > 0
    assert found == {"asked": 2, "named": 2, "named_right": 1, "first_before": 1, "top1": 66.7, "settled": 100.0,
                     "settled_right": 66.7}
