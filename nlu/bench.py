"""Train the hotline's own components on any labelled texts and say how well they do.

    python -m nlu.bench --train train.jsonl --test test.jsonl [--transformer FOLDER] [--stock] [--json]

Lines: {"text", "label"}; the label `oos` is out of scope. A tenth of the training texts, taken at random, first sets
the temperature and the confidence below which a text is refused; then all are trained on. `--transformer` also trains
with the sentence encoder in that folder; `--stock` also trains stock Rasa's DIET in .venv-stock (`stock_nlu.py`).
"""

import argparse
import json
import pickle
import subprocess
import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Dict, List, Sequence, Tuple

import numpy as np

from nlu import no_tensorflow

if TYPE_CHECKING:
    from nlu.scorer import Settings

OOS = "oos"
ROOT = Path(__file__).resolve().parent.parent
STOCK_PYTHON = ROOT / ".venv-stock" / "bin" / "python"
Pair = Tuple[str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--transformer", type=Path)
    parser.add_argument("--stock", action="store_true")
    parser.add_argument("--epochs", type=int, default=30, help="of stock DIET")
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = {"ours": bench(read(chosen.train), read(chosen.test))}
    if chosen.transformer:
        found["+ vectors"] = bench(read(chosen.train), read(chosen.test), str(chosen.transformer.resolve()))
    if chosen.stock:
        found["stock"] = _stock(chosen.train, chosen.test, chosen.epochs)
    if chosen.json:
        print(json.dumps(found))
        return
    print(f"{'':18}" + "".join(f"{name:>12}" for name in found))
    for figure in found["ours"]:
        print(f"{figure:18}" + "".join(f"{values[figure]!s:>12}" for values in found.values()))


def bench(train: Sequence[Pair], test: Sequence[Pair], transformer: str = "") -> Dict[str, Any]:
    """The figures of `judged` and the fit's seconds and model's megabytes. Texts are normalised as a citizen's are."""
    no_tensorflow.load_rasa()
    from nlu.normalise import normalise
    from nlu.scorer import Scorer, Settings

    texts, labels = [normalise(text) for text, _ in train], [label for _, label in train]
    settings = Settings(transformer=transformer)
    temperature, refuse = _tuned(texts, labels, settings)
    started = time.perf_counter()
    scorer = Scorer(texts, labels, replace(settings, temperature=temperature))
    fit_seconds = time.perf_counter() - started
    guesses, times = [], []
    for text, _ in test:
        began = time.perf_counter()
        chances = scorer.chances([normalise(text)])[0]
        times.append(time.perf_counter() - began)
        guesses.append(_guess(chances, scorer.labels, refuse))
    return {**judged(guesses, [label for _, label in test], times), "fit_seconds": round(fit_seconds, 1),
            "model_mb": round(len(pickle.dumps(scorer)) / 1e6, 1)}


def judged(guesses: Sequence[str], labels: Sequence[str], times: Sequence[float]) -> Dict[str, Any]:
    """texts, accuracy over all, accuracy over those in scope, macro-F1, recall of `oos` (0 to 1), milliseconds a text
    (median)."""
    right = [g == label for g, label in zip(guesses, labels)]
    inside = [r for r, label in zip(right, labels) if label != OOS]
    outside = [r for r, label in zip(right, labels) if label == OOS]
    return {
        "texts": len(labels),
        "accuracy": round(float(np.mean(right)), 4),
        "in_scope": round(float(np.mean(inside)), 4) if inside else None,
        "macro_f1": round(_macro_f1(guesses, labels), 4),
        "oos_recall": round(float(np.mean(outside)), 4) if outside else None,
        "parse_ms": round(1000 * float(np.median(times)), 2),
    }


def _macro_f1(guesses: Sequence[str], labels: Sequence[str]) -> float:
    guessed, wanted = Counter(guesses), Counter(labels)
    hits = Counter(g for g, label in zip(guesses, labels) if g == label)
    return float(np.mean([2 * hits[name] / (guessed[name] + n) for name, n in wanted.items()]))


def _tuned(texts: List[str], labels: List[str], settings: "Settings") -> Tuple[float, float]:
    """(temperature with the least cross entropy, confidence with the most right answers) on a tenth held out."""
    from nlu.net import softmax
    from nlu.scorer import Scorer

    order = np.random.RandomState(0).permutation(len(texts))
    held, rest = order[: len(order) // 10], order[len(order) // 10:]
    scorer = Scorer([texts[i] for i in rest], [labels[i] for i in rest], settings)
    number = {label: n for n, label in enumerate(scorer.labels)}
    known = [i for i in held if labels[i] in number]
    wanted = np.array([number[labels[i]] for i in known])
    scores = scorer.scores([texts[i] for i in known]).whole
    rows = np.arange(len(known))
    temperatures = np.linspace(0.2, 1.2, 21)
    losses = [-np.log(softmax(scores, t)[rows, wanted] + 1e-9).mean() for t in temperatures]
    best = float(temperatures[int(np.argmin(losses))])
    if OOS not in number:
        return best, 0.0
    chances = softmax(scores, best)
    limits = np.linspace(0, 0.9, 46)
    right = [
        np.mean(np.where(chances.max(axis=1) < limit, number[OOS], chances.argmax(axis=1)) == wanted)
        for limit in limits
    ]
    return best, float(limits[int(np.argmax(right))])


def _guess(chances: np.ndarray, labels: List[str], refuse: float) -> str:
    at = int(np.argmax(chances))
    return OOS if chances[at] < refuse else labels[at]


def _stock(train: Path, test: Path, epochs: int) -> Dict[str, Any]:
    if not STOCK_PYTHON.exists():
        sys.exit(f"hotline nlu bench: {STOCK_PYTHON} is missing: make .venv-stock/ready")
    command = [str(STOCK_PYTHON), "-m", "nlu.stock_nlu", "--train", str(train.resolve()), "--test",
               str(test.resolve()), "--epochs", str(epochs)]
    done = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"hotline nlu bench: stock failed\n{done.stderr[-2000:]}")
    found: Dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def read(path: Path) -> List[Pair]:
    """(text, label) of every line."""
    with path.open(encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle if line.strip()]
    return [(str(row["text"]), str(row["label"])) for row in rows]


if __name__ == "__main__":
    main()
