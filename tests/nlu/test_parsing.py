"""Messages that come at the same time are understood in one go, each for itself."""

from collections.abc import Callable
from typing import Any

InRasa = Callable[[str], Any]

GRAPH = """
import asyncio
from types import SimpleNamespace
from nlu import no_tensorflow
no_tensorflow.load_rasa()
from rasa.engine.constants import PLACEHOLDER_MESSAGE
from nlu.parsing import AT_ONCE, Parsing

sizes = []

class Graph:
    def run(self, inputs, targets):
        messages = inputs[PLACEHOLDER_MESSAGE]
        sizes.append(len(messages))
        if any(m.text == "bad" for m in messages):
            raise ValueError("bad")
        return {targets[0]: [SimpleNamespace(get=lambda _, text=m.text: {"text": text}) for m in messages]}

agent = SimpleNamespace(processor=SimpleNamespace(
    model_metadata=SimpleNamespace(nlu_target="end"), graph_runner=Graph()))

async def ask(texts):
    parsing = Parsing()
    found = await asyncio.gather(*(parsing.understand(agent, t) for t in texts), return_exceptions=True)
    return [f["text"] if isinstance(f, dict) else type(f).__name__ for f in found]
"""


def test_together_and_in_order(in_rasa: InRasa) -> None:
    found = in_rasa(GRAPH + """
said = [str(n) for n in range(AT_ONCE + 3)]
found = [asyncio.run(ask(said)) == said, sizes, AT_ONCE]
""")
    assert found[0] and found[1] == [found[2], 3]


def test_one_alone_does_not_wait(in_rasa: InRasa) -> None:
    assert in_rasa(GRAPH + "found = [asyncio.run(ask(['a'])), sizes]") == [["a"], [1]]


def test_a_failure_is_told_to_all_of_them_and_to_nobody_after(in_rasa: InRasa) -> None:
    found = in_rasa(GRAPH + """
async def both():
    parsing = Parsing()
    first = await asyncio.gather(*(parsing.understand(agent, t) for t in ("a", "bad")), return_exceptions=True)
    return [type(f).__name__ for f in first], (await parsing.understand(agent, "b"))["text"]
found = asyncio.run(both())
""")
    assert found == [["ValueError", "ValueError"], "b"]


def test_who_has_gone_disturbs_nobody(in_rasa: InRasa) -> None:
    found = in_rasa(GRAPH + """
async def gone():
    parsing = Parsing()
    first = asyncio.ensure_future(parsing.understand(agent, "a"))
    second = asyncio.ensure_future(parsing.understand(agent, "b"))
    await asyncio.sleep(0)
    first.cancel()
    return (await second)["text"]
found = asyncio.run(gone())
""")
    assert found == "b"


def test_several_texts_are_heard_as_each_alone(in_rasa: InRasa) -> None:
    """The classifier's rows do not touch each other: the trained model, together and one by one."""
    found = in_rasa("""
from pathlib import Path
from nlu.understand import Understander, newest
parts = Understander.load(newest(Path("models")))._parts
texts = ["下水道堵了", "谢谢", "", "/help", "煤气味好大 怎么办", "路灯不亮，另外水管也漏水了", "今天天气不错啊哈哈", "身份证丢了怎么补办"]
def heard(some):
    all_of_them = [{} for _ in some]
    for part in parts:
        part.add_all(all_of_them, some)
    return all_of_them
together, alone = heard(texts), [heard([t])[0] for t in texts]
def plain(one):
    return {k: v for k, v in one.items() if k not in ("confidence", "ranking")}, [r["item"] for r in one["ranking"]]
found = [plain(a) == plain(b) and abs(a["confidence"] - b["confidence"]) < 1e-3 for a, b in zip(together, alone)]
""")
    assert found == [True] * 8
