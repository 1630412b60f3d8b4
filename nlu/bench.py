"""Train the hotline's own components on any labelled texts and say how well they do.

    python -m nlu.bench --train train.jsonl --test test.jsonl     lines: {"text", "label"}, `oos` is out of scope
"""

import argparse
import io
import json
import time
from pathlib import Path
from typing import Any, Dict, List, Tuple

import joblib
import numpy as np

from nlu import no_tensorflow

OOS = "oos"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    chosen = parser.parse_args()
    found = bench(_read(chosen.train), _read(chosen.test))
    if chosen.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name:22} {value}")


def bench(train: List[Tuple[str, str]], test: List[Tuple[str, str]]) -> Dict[str, Any]:
    """accuracy, macro-F1, recall of `oos` (0 to 1), fit seconds, parse milliseconds (median), model megabytes."""
    no_tensorflow.load_rasa()
    from sklearn.metrics import f1_score

    from nlu.classifier import Head, vectorizer
    from nlu.normalise import normalise

    started = time.perf_counter()
    vectors = vectorizer()
    head = Head.fit(vectors.fit_transform([normalise(t) for t, _ in train]), [label for _, label in train], 0.5, None)
    fit_seconds = time.perf_counter() - started
    guesses, times = [], []
    for text, _ in test:
        began = time.perf_counter()
        chances = head.chances(vectors.transform([normalise(text)]), 0.065)[0]
        times.append(time.perf_counter() - began)
        guesses.append(head.labels[int(np.argmax(chances))])
    labels = [label for _, label in test]
    packed = io.BytesIO()
    joblib.dump((vectors, head), packed, compress=3)
    oos = [g == OOS for g, label in zip(guesses, labels) if label == OOS]
    return {
        "texts": len(test),
        "accuracy": round(float(np.mean([g == label for g, label in zip(guesses, labels)])), 4),
        "macro_f1": round(float(f1_score(labels, guesses, average="macro")), 4),
        "oos_recall": round(float(np.mean(oos)), 4) if oos else None,
        "fit_seconds": round(fit_seconds, 2),
        "parse_ms": round(1000 * float(np.median(times)), 3),
        "model_mb": round(packed.tell() / 1e6, 2),
    }


def _read(path: Path) -> List[Tuple[str, str]]:
    with path.open(encoding="utf-8") as handle:
        rows = [json.loads(line) for line in handle if line.strip()]
    return [(str(row["text"]), str(row["label"])) for row in rows]


if __name__ == "__main__":
    main()
