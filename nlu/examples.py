"""Rasa's training data and the catalogue's own words as normalised texts with labels."""

from pathlib import Path
from typing import List, Sequence, Set, Tuple

import numpy as np
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.catalogue import CatalogueRows, read_catalogue
from nlu.normalise import normalise

GRAVE, NEAR = 2.0, 3.0
"""How much an emergency and a near miss of one count in training beside any other sentence, for the net that tells
these two apart. Chosen on 2,151 sentences of four hands held out (docs/understanding.md)."""


def labelled(training_data: TrainingData, catalogue: Path) -> Tuple[List[str], List[str], CatalogueRows]:
    """(texts, labels, catalogue); labels are `request/<item>`, `emergency/<code>` or an act. Every name and alias of
    the catalogue is an example by itself, so what an admin adds is understood after the next training."""
    rows = read_catalogue(catalogue)
    pairs = [(m.get(TEXT), m.get(INTENT_RESPONSE_KEY) or m.get(INTENT)) for m in training_data.intent_examples]
    clean = [(normalise(text), label) for text, label in [*pairs, *rows.examples()] if text]
    kept = [(text, label) for text, label in clean if text]
    return [text for text, _ in kept], [label for _, label in kept], rows


def near_misses(file: Path) -> Set[str]:
    """The normalised sentences of `data/nlu/near_misses.yml`; none where there is no such file."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return {normalise(line[6:]) for line in lines if line.startswith("    - ")}


def weights(texts: Sequence[str], labels: Sequence[str], near: Set[str]) -> np.ndarray:
    """How much each example counts."""
    grave = np.array([GRAVE if label.startswith("emergency/") else 1.0 for label in labels])
    return grave * np.array([NEAR if text in near else 1.0 for text in texts])
