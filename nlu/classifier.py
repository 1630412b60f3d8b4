"""What a message wants: act, item, kind, as one Rasa graph component.

One `Scorer` over all labels (525 items, 31 emergencies, 19 acts) gives chances that sum to 1, so "a request or not",
"which item" and "how sure" come from the same numbers; docs/understanding.md tells what was tried and how it is
calibrated.
"""

import logging
import re
import warnings
from functools import cached_property
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
from nlu.pinyin import PinyinReader
from nlu.scorer import Scorer, Settings
from nlu.shortcuts import shortcut

log = logging.getLogger(__name__)
# Rasa expects a response for every `request/<item>`; ours are in bot/i18n. One warning an example is noise.
warnings.filterwarnings("ignore", message="Your training data contains an example|You have defined training data")
_SECOND = re.compile(
    r"另外|还有|顺便|再就是|还想|再帮|同时|再一个|其次|(?<![万统唯之第单])[一二三](?:是|来)|第[一二三](?:个|件|点)?(?:是|事|[,:])"
    r"|(?<![\d.])[1-3][、)](?!\d)|\balso\b|\bsecondly\b")
_CLAUSE = re.compile(r"[\s,，。;；!！?？]+")
FEW_KINDS = 200
RANKED = 5
"""Items that are told of a need."""


class Trained(NamedTuple):
    """What the component keeps: `kinds` is None where no labelled kinds were at hand."""

    scorer: Scorer
    kinds: Optional[KindModel]
    catalogue: CatalogueRows
    pinyin: PinyinReader


class Chances(NamedTuple):
    """One text's chances: the best items among items (all of which sum to 1), best first; the best act as it is;
    `need`, that it is a request or an emergency; the wary ones for each emergency."""

    items: List[Tuple[Text, float]]
    act: Tuple[Text, float]
    need: float
    emergencies: Dict[Text, float]


class Group(NamedTuple):
    """Some of the scorer's columns, and their codes."""

    at: np.ndarray
    codes: List[Text]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class HotlineClassifier(HotlineComponent):
    """Reads labels `request/<item>`, `emergency/<code>` and plain acts; writes `intent` and `understanding`."""

    file = "classifier.joblib"
    state: Trained

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`need`: chance of being a request or emergency from which a message is taken for one. `settle`: chance of
        the best item from which nothing is asked. `second`: the same for each of several needs in one message;
        `unannounced`, where no word announces the next, and `hinted`: the chance the whole must give each of those.
        `transformer`: the folder of a sentence encoder on this machine (`transformer.py`)."""
        return {"catalogue": "data/catalogue", "kinds": "data/kinds/utterances.csv",
                "near_misses": "data/nlu/near_misses.yml", "transformer": "",
                "need": 0.6, "settle": 0.5, "second": 0.6, "unannounced": 0.9, "hinted": 0.01}

    def train(self, training_data: TrainingData) -> Resource:
        """Fit on the utterances and the catalogue's own words."""
        texts, labels, catalogue = labelled(training_data, Path(self.config["catalogue"]))
        kinds = [(normalise(t), item, kind) for t, item, kind in read_examples(Path(self.config["kinds"]))]
        model = KindModel(kinds, catalogue.items) if len(kinds) >= FEW_KINDS else None
        settings = Settings(transformer=str(self.config["transformer"]))
        counts = weights(texts, labels, near_misses(Path(self.config["near_misses"])))
        self.state = Trained(Scorer(texts, labels, settings, counts), model, catalogue, PinyinReader(texts))
        return self.persist()

    def process(self, messages: List[Message]) -> List[Message]:
        """Add `intent` and `understanding` to each message."""
        for message in super().process(messages):
            heard = message.get(UNDERSTANDING)
            message.set(INTENT, {"name": heard["act"], "confidence": heard["confidence"]}, add_to_output=True)
        return messages

    def add(self, heard: Dict[Text, Any], text: Text) -> None:
        """act, kind, item, category, department, direction, side, confidence, ranking, also."""
        self.add_all([heard], [text])

    def add_all(self, heard: List[Dict[Text, Any]], texts: List[Text]) -> None:
        """All texts are scored at once: messages that come together cost less than one by one."""
        meant: List[Tuple[Dict[Text, Any], Text]] = []
        for each, text in zip(heard, texts):
            each.update(text=text.strip(), act="out_of_scope", kind=None, item=None, category=None, department=None,
                        direction=None, side=None, emergency=None, confidence=1.0, ranking=[], also=[], entities=[])
            known, clean = shortcut(text), self.state.pinyin.read(normalise(text))
            if known or not clean:
                each["act"] = known or "out_of_scope"
            else:
                meant.append((each, clean))
        needs = []
        for (each, clean), chances in zip(meant, self._chances([clean for _, clean in meant])):
            each[EMERGENCIES] = chances.emergencies
            if chances.need < self.config["need"]:
                each["act"], each["confidence"] = chances.act
            else:
                needs.append((each, clean, self._needed(each, clean, chances.items)))
        for (each, _, best), kind in zip(needs, self._kinds([(clean, best) for _, clean, best in needs])):
            each["kind"] = kind or usual_kinds(self.state.catalogue.items[best])[0]

    def _needed(self, heard: Dict[Text, Any], clean: Text, items: List[Tuple[Text, float]]) -> Text:
        """Everything of a need but its kind; returns the likeliest item."""
        parts = self._parts(clean)
        if parts:
            items = self._chances([parts[0][0]])[0].items
        several = [code for _, code in parts] or self._unannounced(clean, items)
        best, sure = items[0]
        entry = self.state.catalogue.items[best]
        heard["direction"], heard["side"] = direction(clean)
        heard.update(
            act="request", item=best if several or sure >= self.config["settle"] else None, confidence=sure,
            category=entry["category"], department=entry["department"],
            ranking=[{"item": code, "confidence": chance} for code, chance in items],
            also=[code for code in several if code != best],
        )
        return best

    def _kinds(self, needs: List[Tuple[Text, Text]]) -> List[Optional[Text]]:
        return self.state.kinds.kinds(needs) if self.state.kinds and needs else [None] * len(needs)

    def _chances(self, texts: List[Text]) -> List[Chances]:
        if not texts:
            return []
        scores = self.state.scorer.scores(texts)
        whole = self.state.scorer.tempered(scores.whole)
        items, acts, alarms = self._groups
        ours, plain, wary = whole[:, items.at], whole[:, acts.at], scores.wary[:, alarms.at]
        among = np.maximum(ours.sum(axis=1, keepdims=True), 1e-9)
        best, act = np.argsort(-ours, axis=1)[:, :RANKED], plain.argmax(axis=1)
        return [
            Chances([(items.codes[at], round(float(share[at]), 4)) for at in first],
                    (acts.codes[one], round(float(said[one]), 4)), 1 - float(said.sum()),
                    dict(zip(alarms.codes, map(float, alarm))))
            for share, first, said, one, alarm in zip(ours / among, best, plain, act, wary)
        ]

    @cached_property
    def _groups(self) -> Tuple[Group, Group, Group]:
        """Items of the catalogue, acts, emergencies."""
        split = [(at, *label.partition("/")[::2]) for at, label in enumerate(self.state.scorer.labels)]
        found = ([(at, code) for at, group, code in split if group == "request" and code in self.state.catalogue.items],
                 [(at, group) for at, group, code in split if not code],
                 [(at, code) for at, group, code in split if group == "emergency"])
        items, acts, alarms = (Group(np.array([at for at, _ in one], int), [code for _, code in one]) for one in found)
        return items, acts, alarms

    def _parts(self, clean: Text) -> List[Tuple[Text, Text]]:
        """(words, item) of each need in a message that names several, where a word such as 另外 announces the next
        and each part by itself is clear; nothing otherwise."""
        words = [w for w in _SECOND.split(clean) if len(w.strip(" ,，。;；")) >= 4]
        codes = self._clear(words, self.config["second"])
        return list(zip(words, codes))[:3] if len(set(codes)) > 1 else []

    def _unannounced(self, clean: Text, items: List[Tuple[Text, float]]) -> List[Text]:
        """The items of a message with several needs and no word between them, "空调不制冷,厨房水槽也堵了": each clause
        is clear by itself and the whole gives its item a chance. What it is not ("不是…") is no need."""
        words = [w for w in _CLAUSE.split(clean) if len(w) >= 3]
        likely = {code for code, chance in items if chance >= self.config["hinted"]}
        if len(likely) < 2 or not 2 <= len(words) <= 3 or clean.startswith("不是"):
            return []
        codes = list(dict.fromkeys(self._clear(words, self.config["unannounced"])))
        return codes if len(codes) > 1 and items[0][0] in codes and likely.issuperset(codes) else []

    def _clear(self, words: List[Text], least: float) -> List[Text]:
        """The item of each, where there are several and each by itself is that likely to be it; nothing otherwise."""
        heard = self._chances(words) if len(words) > 1 else []
        clear = all(min(chances.items[0][1], chances.need) >= least for chances in heard)
        return [chances.items[0][0] for chances in heard] if clear else []
