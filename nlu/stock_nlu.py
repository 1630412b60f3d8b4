"""Stock Rasa on the same texts as `bench.py`: its default pipeline with DIET, trained and asked in .venv-stock.

The tokenizer is jieba where most letters are Chinese, white space elsewhere. The last line printed is JSON.
"""

import argparse
import asyncio
import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

from nlu import no_tensorflow
from nlu.bench import judged, read

CONFIG = """recipe: default.v1
assistant_id: stock
language: {language}
pipeline:
  - name: {tokenizer}
  - name: RegexFeaturizer
  - name: LexicalSyntacticFeaturizer
  - name: CountVectorsFeaturizer
  - name: CountVectorsFeaturizer
    analyzer: char_wb
    min_ngram: 1
    max_ngram: 4
  - name: DIETClassifier
    epochs: {epochs}
    entity_recognition: false
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--epochs", type=int, required=True)
    chosen = parser.parse_args()
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    no_tensorflow.load_rasa()
    with tempfile.TemporaryDirectory() as folder:
        print("\n" + json.dumps(_measure(Path(folder), read(chosen.train), read(chosen.test), chosen.epochs)))


def _measure(
    folder: Path, train: List[Tuple[str, str]], test: List[Tuple[str, str]], epochs: int
) -> Dict[str, Any]:
    from rasa.core.agent import Agent
    from rasa.model_training import train_nlu

    numbers = {label: f"i{n}" for n, label in enumerate(sorted({label for _, label in train}))}
    names = {name: label for label, name in numbers.items()}
    _write(folder, train, numbers, epochs)
    started = time.perf_counter()
    model = train_nlu(str(folder / "config.yml"), str(folder / "nlu.yml"), str(folder))
    fit_seconds = time.perf_counter() - started
    agent = Agent.load(model)
    guesses, times = [], []

    async def ask() -> None:
        for text, _ in test:
            began = time.perf_counter()
            parsed = await agent.parse_message(text)
            times.append(time.perf_counter() - began)
            guesses.append(names.get(parsed["intent"]["name"], ""))

    asyncio.run(ask())
    return {**judged(guesses, [label for _, label in test], times), "fit_seconds": round(fit_seconds, 1),
            "model_mb": round(Path(str(model)).stat().st_size / 1e6, 1)}


def _write(folder: Path, train: List[Tuple[str, str]], numbers: Dict[str, str], epochs: int) -> None:
    letters = "".join(text for text, _ in train[:2000])
    chinese = sum("\u4e00" <= c <= "\u9fff" for c in letters) > len(letters) / 3
    (folder / "config.yml").write_text(CONFIG.format(
        language="zh" if chinese else "en", epochs=epochs,
        tokenizer="JiebaTokenizer" if chinese else "WhitespaceTokenizer"), encoding="utf-8")
    lines = ['version: "3.1"', "nlu:"]
    for label, name in numbers.items():
        lines += [f"- intent: {name}", "  examples: |"]
        said = (" ".join(text.split()).lstrip("- ") for text, own in train if own == label)
        lines += [f"    - {text}" for text in said if text]
    (folder / "nlu.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
