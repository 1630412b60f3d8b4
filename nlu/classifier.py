"""Understanding as one Rasa graph component: act, item, emergency from character n-grams and a linear model.

Method: TF-IDF of character 1- to 4-grams (Cavnar & Trenkle 1994) and one-vs-rest linear SVMs (Fan et al. 2008,
LIBLINEAR), one class per act, catalogue item and emergency; margins become probabilities by a softmax whose
temperature is a setting (Guo et al. 2017). Every name and alias of the catalogue is a training example by itself.
"""

import logging
import re
from pathlib import Path
from typing import Any, Dict, List, Text

import joblib
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from nlu.catalogue import CatalogueRows, read_catalogue
from nlu.entities import entities_in
from nlu.kind import kind_of
from nlu.normalise import normalise

log = logging.getLogger(__name__)
_CLAUSES = re.compile(r"另外|还有|顺便|以及|同时|再就是|还想|再帮|\balso\b|[,，。;；!！?？]")
_SECOND = re.compile(r"另外|还有|顺便|再就是|还想|再帮|同时|\balso\b")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HotlineClassifier(GraphComponent):
    """Reads labels `request/<item>`, `emergency/<code>` and plain acts; writes `intent` and `understanding`."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"catalogue": "data/catalogue", "temperature": 0.12, "alarm": 0.3, "c": 0.6, "second": 0.5}

    def __init__(self, config: Dict[Text, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._vectors: Any = None
        self._weights: np.ndarray = np.zeros((0, 0))
        self._labels: List[Text] = []
        self._rows: CatalogueRows = CatalogueRows({}, {}, {})

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> "HotlineClassifier":
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the utterances and the catalogue's own words."""
        self._rows = read_catalogue(Path(self._config["catalogue"]))
        pairs = [(m.get(TEXT), m.get("intent_response_key") and f"{m.get(INTENT)}/{m.get('intent_response_key')}"
                  or m.get(INTENT)) for m in training_data.intent_examples]
        pairs += self._rows.examples()
        texts, labels = zip(*[(normalise(t), label) for t, label in pairs if t])
        self._vectors = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=1,
                                        dtype=np.float32, max_features=120_000)
        features = self._vectors.fit_transform(texts)
        svm = LinearSVC(C=self._config["c"], class_weight=None, max_iter=300)
        svm.fit(features, labels)
        self._labels = list(svm.classes_)
        self._weights = np.vstack([svm.coef_.T, svm.intercept_]).astype(np.float32)
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
        chances = self._chances([clean])[0]
        acts = self._by_act(chances)
        items = self._items(chances)
        act = max(acts, key=lambda a: acts[a])
        emergency = self._emergency(chances, acts)
        best = items[0] if items else None
        ranking = [{"item": i, "confidence": round(float(c), 4)} for i, c in items[:5]]
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
            "also": self._also(clean, item) if item else [],
            "entities": entities_in(text),
        }

    def _chances(self, texts: List[Text]) -> np.ndarray:
        features = self._vectors.transform(texts)
        margins = features @ self._weights[:-1] + self._weights[-1]
        scaled = margins / self._config["temperature"]
        scaled -= scaled.max(axis=1, keepdims=True)
        powers = np.exp(scaled)
        return powers / powers.sum(axis=1, keepdims=True)

    def _by_act(self, chances: np.ndarray) -> Dict[Text, float]:
        acts: Dict[Text, float] = {}
        for label, chance in zip(self._labels, chances):
            act = label.partition("/")[0]
            acts[act] = acts.get(act, 0.0) + float(chance)
        return acts

    def _items(self, chances: np.ndarray) -> List[Any]:
        order = np.argsort(-chances)[:40]
        found = [(self._labels[i].partition("/")[2], chances[i]) for i in order if self._labels[i].startswith("request/")]
        return [(code, chance) for code, chance in found if code in self._rows.items]

    def _emergency(self, chances: np.ndarray, acts: Dict[Text, float]) -> Any:
        if acts.get("emergency", 0.0) < self._config["alarm"]:
            return None
        codes = {self._labels[i].partition("/")[2]: chances[i] for i in range(len(self._labels))
                 if self._labels[i].startswith("emergency/")}
        return max(codes, key=lambda c: codes[c])

    def _also(self, clean: Text, first: Text) -> List[Text]:
        """Other items named in a message of several clauses, only where a word announces them and each is clear."""
        if len(clean) < 14 or not _SECOND.search(clean):
            return []
        clauses = [c for c in _CLAUSES.split(clean) if len(c) >= 4]
        found = []
        for row in self._chances(clauses) if clauses else []:
            items = self._items(row)
            if items and items[0][1] >= self._config["second"] and items[0][0] != first:
                found.append(items[0][0])
        return list(dict.fromkeys(found))[:2]

    @staticmethod
    def _nothing(text: Text, act: Text) -> Dict[Text, Any]:
        return {"text": text.strip(), "act": act, "kind": None, "item": None, "category": None, "department": None,
                "emergency": None, "confidence": 1.0, "ranking": [], "also": [], "entities": []}

    def _persist(self) -> None:
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self._vectors, self._weights, self._labels, self._rows), folder / "hotline.joblib", compress=3)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any
    ) -> "HotlineClassifier":
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            made._vectors, made._weights, made._labels, made._rows = joblib.load(folder / "hotline.joblib")
        return made
