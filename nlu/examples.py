"""Rasa's training data and the catalogue's own words as normalised texts with labels."""

from pathlib import Path
from typing import List, Tuple

from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.catalogue import CatalogueRows, read_catalogue
from nlu.normalise import normalise


def labelled(training_data: TrainingData, catalogue: Path) -> Tuple[List[str], List[str], CatalogueRows]:
    """(texts, labels, catalogue); labels are `request/<item>`, `emergency/<code>` or an act. Every name and alias of
    the catalogue is an example by itself, so what an admin adds is understood after the next training."""
    rows = read_catalogue(catalogue)
    pairs = [(m.get(TEXT), m.get(INTENT_RESPONSE_KEY) or m.get(INTENT)) for m in training_data.intent_examples]
    clean = [(normalise(text), label) for text, label in [*pairs, *rows.examples()] if text]
    kept = [(text, label) for text, label in clean if text]
    return [text for text, _ in kept], [label for _, label in kept], rows
