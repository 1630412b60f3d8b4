"""Understand texts in bulk, without a server: JSON lines {"text"} in, one JSON line of DESIGN §8's fields out each.

    python -m nlu.understand --model models/….tar.gz < texts.jsonl
"""

import argparse
import io
import json
import sys
import tarfile
from pathlib import Path

import joblib

from nlu import no_tensorflow


def load(model: Path):  # type: ignore[no-untyped-def]
    """The classifier inside a trained Rasa model file."""
    no_tensorflow.load_rasa()
    from nlu.classifier import HotlineClassifier

    with tarfile.open(model) as archive:
        name = next(n for n in archive.getnames() if n.endswith("hotline.joblib"))
        member = archive.extractfile(name)
        assert member is not None
        return HotlineClassifier.from_parts(joblib.load(io.BytesIO(member.read())))


def newest(folder: Path) -> Path:
    """The newest model file; raises FileNotFoundError where none was trained."""
    models = sorted(folder.glob("*.tar.gz"), key=lambda p: p.stat().st_mtime)
    if not models:
        raise FileNotFoundError(f"no model in {folder}: run `hotline train`")
    return models[-1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=None)
    chosen = parser.parse_args()
    classifier = load(chosen.model or newest(Path("models")))
    for line in sys.stdin:
        if line.strip():
            heard = classifier.understand(str(json.loads(line).get("text", "")))
            sys.stdout.write(json.dumps(heard, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
