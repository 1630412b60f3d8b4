"""What a message wants: act, item, kind, as one Rasa graph component.

One `Scorer` over all labels (525 items, 29 emergencies, 19 acts) gives chances that sum to 1, so "a request or not",
"which item" and "how sure" come from the same numbers; docs/understanding.md tells what was tried and how it is
calibrated.
"""

import logging
import re
import warnings
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Optional, Text, Tuple

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import INTENT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.catalogue import CatalogueRows
from nlu.component import EMERGENCIES, UNDERSTANDING, HotlineComponent
from nlu.direction import direction
from nlu.examples import labelled, near_misses, weights
from nlu.kind import KindModel, read_examples, usual_kinds
from nlu.normalise import normalise
from nlu.scorer import Scorer
from nlu.shortcuts import shortcut

log = logging.getLogger(__name__)
# Rasa expects a response for every `request/<item>`; ours are in bot/i18n. One warning an example is noise.
warnings.filterwarnings("ignore", message="Your training data contains an example|You have defined training data")
_SECOND = re.compile(r"另外|还有|顺便|再就是|还想|再帮|同时|\balso\b")
FEW_KINDS = 200


class Trained(NamedTuple):
    """What the component keeps: `kinds` is None where no labelled kinds were at hand."""

    scorer: Scorer
    kinds: Optional[KindModel]
    catalogue: CatalogueRows


class Chances(NamedTuple):
    """One text's chances: items among items (they sum to 1) and acts as they are, both best first; `need`, that it is
    a request or an emergency; the wary ones for each emergency."""

    items: List[Tuple[Text, float]]
    acts: List[Tuple[Text, float]]
    need: float
    emergencies: Dict[Text, float]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HotlineClassifier(HotlineComponent):
    """Reads labels `request/<item>`, `emergency/<code>` and plain acts; writes `intent` and `understanding`."""

    file = "classifier.joblib"
    state: Trained

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`need`: chance of being a request or emergency from which a message is taken for one. `settle`: chance of
        the best item from which nothing is asked. `second`: the same for each of several needs in one message."""
        return {"catalogue": "data/catalogue", "kinds": "data/kinds/utterances.csv",
                "near_misses": "data/nlu/near_misses.yml",
                "need": 0.6, "settle": 0.5, "second": 0.6}

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the utterances and the catalogue's own words."""
        texts, labels, catalogue = labelled(training_data, Path(self.config["catalogue"]))
        kinds = [(normalise(t), item, kind) for t, item, kind in read_examples(Path(self.config["kinds"]))]
        model = KindModel(kinds, catalogue.items) if len(kinds) >= FEW_KINDS else None
        counts = weights(texts, labels, near_misses(Path(self.config["near_misses"])))
        self.state = Trained(Scorer(texts, labels, weights=counts), model, catalogue)
        return self.persist()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `intent` and `understanding` to each message."""
        for message in super().process(messages):
            heard = message.get(UNDERSTANDING)
            message.set(INTENT, {"name": heard["act"], "confidence": heard["confidence"]}, add_to_output=True)
        return messages

    def add(self, heard: Dict[Text, Any], text: Text) -> None:
        """act, kind, item, category, department, direction, side, confidence, ranking, also."""
        heard.update(text=text.strip(), act="out_of_scope", kind=None, item=None, category=None, department=None,
                     direction=None, side=None, emergency=None, confidence=1.0, ranking=[], also=[], entities=[])
        known, clean = shortcut(text), normalise(text)
        if known or not clean:
            heard["act"] = known or "out_of_scope"
            return
        chances = self._chances(clean)
        heard[EMERGENCIES] = chances.emergencies
        if chances.need < self.config["need"]:
            heard["act"], heard["confidence"] = chances.acts[0]
            return
        parts = self._parts(clean)
        items = self._chances(parts[0][0]).items if parts else chances.items
        self._need(heard, clean, items, [code for _, code in parts[1:]])

    def _need(self, heard: Dict[Text, Any], clean: Text, items: List[Tuple[Text, float]], also: List[Text]) -> None:
        best, sure = items[0]
        entry = self.state.catalogue.items[best]
        heard["direction"], heard["side"] = direction(clean)
        heard.update(
            act="request", item=best if sure >= self.config["settle"] else None, confidence=sure,
            kind=self._kind(clean, best), category=entry["category"], department=entry["department"],
            ranking=[{"item": code, "confidence": chance} for code, chance in items[:5]],
            also=[code for code in also if code != best],
        )

    def _kind(self, clean: Text, item: Text) -> Optional[Text]:
        usual = usual_kinds(self.state.catalogue.items[item])[0]
        return (self.state.kinds.kind(clean, item) if self.state.kinds else None) or usual

    def _chances(self, clean: Text) -> Chances:
        scorer, known = self.state.scorer, self.state.catalogue.items
        scores = scorer.scores([clean])
        chances = scorer.tempered(scores.whole)[0]
        items: List[Tuple[Text, float]] = []
        acts: List[Tuple[Text, float]] = []
        emergencies: Dict[Text, float] = {}
        for at in np.argsort(-chances):
            group, _, code = scorer.labels[at].partition("/")
            if group == "emergency":
                emergencies[code] = float(scores.wary[0, at])
            elif group == "request" and code in known:
                items.append((code, float(chances[at])))
            elif not code:
                acts.append((group, round(float(chances[at]), 4)))
        among = max(sum(chance for _, chance in items), 1e-9)
        need = 1 - sum(chance for _, chance in acts)
        return Chances([(code, round(chance / among, 4)) for code, chance in items], acts, need, emergencies)

    def _parts(self, clean: Text) -> List[Tuple[Text, Text]]:
        """(words, item) of each need in a message that names several, where a word such as 另外 announces the next
        and each part by itself is clear; nothing otherwise."""
        words = [w for w in _SECOND.split(clean) if len(w.strip(" ,，。;；")) >= 4]
        if len(words) < 2:
            return []
        tops = [(chances.items[0], chances.need) for chances in map(self._chances, words)]
        if any(min(chance, need) < self.config["second"] for (_, chance), need in tops):
            return []
        if len({code for (code, _), _ in tops}) < 2:
            return []
        return [(w, code) for w, ((code, _), _) in zip(words, tops)][:3]
