"""Understanding as one Rasa graph component: act, item, emergency from character n-grams and a linear model.

Method: TF-IDF of character 1- to 3-grams (Cavnar & Trenkle 1994) and one-vs-rest linear SVMs (Fan et al. 2008,
LIBLINEAR) in three heads, act, item and emergency code; margins become probabilities by a softmax whose temperature
is a setting (Guo et al. 2017). Every name and alias of the catalogue is a training example by itself.
"""

import logging
import re
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from nlu.catalogue import CatalogueRows, read_catalogue
from nlu.entities import entities_in
from nlu.kind import kind_of
from nlu.normalise import normalise

log = logging.getLogger(__name__)
# Rasa expects a response for every `request/<item>`; ours are in bot/i18n. One warning an example is noise.
warnings.filterwarnings("ignore", message="Your training data contains an example|You have defined training data")
_SECOND = re.compile(r"另外|还有|顺便|再就是|还想|再帮|同时|\balso\b")


@dataclass
class Head:
    """One linear model: `labels` and a weight matrix (features + 1 for the intercept) × labels."""

    labels: List[Text]
    weights: np.ndarray

    @classmethod
    def fit(cls, features: Any, targets: List[Text], c: float, class_weight: Optional[Text]) -> "Head":
        svm = LinearSVC(C=c, class_weight=class_weight, random_state=0).fit(features, targets)
        return cls(list(svm.classes_), np.vstack([svm.coef_.T, svm.intercept_]).astype(np.float32))

    def chances(self, features: Any, temperature: float) -> np.ndarray:
        """Texts × labels, rows summing to 1."""
        scaled = (features @ self.weights[:-1] + self.weights[-1]) / temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def vectorizer() -> TfidfVectorizer:
    """Character 1- to 3-grams that occur at least twice."""
    return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2, dtype=np.float32)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HotlineClassifier(GraphComponent):
    """Reads labels `request/<item>`, `emergency/<code>` and plain acts; writes `intent` and `understanding`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {
            "catalogue": "data/catalogue",
            "c": {"act": 1.0, "request": 0.5, "emergency": 1.0},
            "temperature": {"act": 0.15, "request": 0.065, "emergency": 0.15},
            "alarm": 0.2,
            "second": 0.35,
        }

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._vectors: Any = None
        self._heads: Dict[Text, Head] = {}
        self._rows: CatalogueRows = CatalogueRows({}, {}, {})

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> "HotlineClassifier":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the utterances and the catalogue's own words."""
        self._rows = read_catalogue(Path(self._config["catalogue"]))
        pairs = [(m.get(TEXT), m.get(INTENT_RESPONSE_KEY) or m.get(INTENT)) for m in training_data.intent_examples]
        pairs += self._rows.examples()
        texts, labels = zip(*[(normalise(t), label) for t, label in pairs if t])
        self._vectors = vectorizer()
        features = self._vectors.fit_transform(texts)
        names = np.array(labels)
        for head, mask, weight in (
            ("act", np.ones(len(names), dtype=bool), "balanced"),
            ("request", np.char.startswith(names, "request/"), None),
            ("emergency", np.char.startswith(names, "emergency/"), None),
        ):
            targets = [n.partition("/")[0 if head == "act" else 2] for n in names[mask]]
            self._heads[head] = Head.fit(features[mask], targets, self._config["c"][head], weight)
        self._persist()
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `intent` and `understanding` to each message."""
        for message in messages:
            heard = self.understand(message.get(TEXT) or "")
            message.set(INTENT, {"name": heard["act"], "confidence": heard["confidence"]}, add_to_output=True)
            message.set("understanding", heard, add_to_output=True)
        return messages

    def understand(self, text: Text) -> Dict[Text, Any]:
        """DESIGN §8's fields for one text."""
        clean = normalise(text)
        if not any(c.isalnum() for c in clean):
            return self._nothing(text, "affirm" if any(c in text for c in "👍👌✅🆗") else "out_of_scope")
        features = self._vectors.transform([clean])
        acts = dict(self._ranked("act", features))
        act = max(acts, key=lambda a: acts[a])
        parts = self._parts(clean) if act in ("request", "emergency") else []
        items = self._items(self._vectors.transform([parts[0][0]])) if parts else self._items(features)
        best = items[0] if items else None
        ranking = [{"item": i, "confidence": round(float(c), 4)} for i, c in items[:5]]
        emergency = self._emergency(features, acts, best[1] if best else 0.0)
        requested = act in ("request", "emergency")
        item = best[0] if best and requested else None
        entry = self._rows.items.get(item or "")
        return {
            "text": text.strip(),
            "act": "request" if requested else act,
            "kind": kind_of(clean, entry["kinds"], entry["life"]) if entry else None,
            "item": item,
            "category": entry["category"] if entry else None,
            "department": entry["department"] if entry else None,
            "emergency": emergency,
            "confidence": round(float(best[1] if best and requested else acts[act]), 4),
            "ranking": ranking if requested else [],
            "also": [code for _, code in parts[1:] if code != item] if item else [],
            "entities": entities_in(text),
        }

    def _ranked(self, head: Text, features: Any) -> List[Tuple[Text, float]]:
        """(label, probability) of one text, best first."""
        chosen = self._heads[head]
        chances = chosen.chances(features, self._config["temperature"][head])[0]
        return [(chosen.labels[i], float(chances[i])) for i in np.argsort(-chances)]

    def _emergency(self, features: Any, acts: Dict[Text, float], need: float) -> Optional[Text]:
        """The code where the message sounds like an emergency and like one in particular; also where it sounds like
        no service of the catalogue (`need` is the best item's probability) but very much like one emergency."""
        code, certainty = self._ranked("emergency", features)[0]
        chance = acts["emergency"]
        plain = max(p for name, p in acts.items() if name not in ("request", "emergency"))
        loud = chance * certainty >= self._config["alarm"] and chance >= plain
        odd = certainty >= 0.85 and need < 0.2 and chance >= 0.02
        return code if loud or odd else None

    def _items(self, features: Any) -> List[Tuple[Text, float]]:
        return [(code, chance) for code, chance in self._ranked("request", features)[:8] if code in self._rows.items]

    def _parts(self, clean: Text) -> List[Tuple[Text, Text]]:
        """(words, item) of each need in a message that names several, where a word such as 另外 announces the next
        and each part by itself is clear; nothing otherwise."""
        words = [w for w in _SECOND.split(clean) if len(w.strip(" ,，。;；")) >= 4]
        if len(words) < 2:
            return []
        tops = [self._items(self._vectors.transform([w]))[0] for w in words]
        if any(chance < self._config["second"] for _, chance in tops) or len({code for code, _ in tops}) < 2:
            return []
        return [(w, code) for w, (code, _) in zip(words, tops)][:3]

    @staticmethod
    def _nothing(text: Text, act: Text) -> Dict[Text, Any]:
        return {"text": text.strip(), "act": act, "kind": None, "item": None, "category": None, "department": None,
                "emergency": None, "confidence": 1.0, "ranking": [], "also": [], "entities": []}

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._vectors, self._heads, self._rows), folder / "hotline.joblib", compress=3)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any
    ) -> "HotlineClassifier":
        with model_storage.read_from(resource) as folder:
            return cls.from_parts(joblib.load(folder / "hotline.joblib"), config)

    @classmethod
    def from_parts(cls, parts: Any, config: Optional[Dict[Text, Any]] = None) -> "HotlineClassifier":
        """From what `_persist` wrote, with or without Rasa around it."""
        made = cls({**cls.get_default_config(), **(config or {})}, None, None)  # type: ignore[arg-type]
        made._vectors, made._heads, made._rows = parts
        return made
