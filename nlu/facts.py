"""The facts in a message as a Rasa graph component: `entities` of what was heard (`entities.py` finds them)."""

from pathlib import Path
from typing import Any, Dict, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import HotlineComponent
from nlu.entities import entities_in
from nlu.places import Places


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class FactFinder(HotlineComponent):
    """Place, time, phone, ticket number, amount, relation. Learns nothing but the names of places."""

    file = "facts.joblib"
    state: Places

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"territories": "data/territories"}

    def train(self, training_data: TrainingData) -> Resource:
        """Read the territories' names."""
        self.state = Places.read(Path(self.config["territories"]))
        return self.persist()

    def add(self, heard: Dict[Text, Any], text: Text) -> None:
        heard["entities"] = entities_in(text, self.state)
