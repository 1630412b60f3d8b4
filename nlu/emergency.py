"""Emergencies, as a component of their own: decided before anything else is.

The classifier's wary nets have a label for each of the 31 emergencies and one for each of 525 services and 19 acts.
Trained on thousands of emergencies and on the near misses written against them (idioms, fiction, what is over, what is
ruled out, ordinary services that share the words), the sum of their chances for emergencies separates the two better
than a model trained on "emergency or not": what else a message may be is known in detail. The alarm is raised far below
one half, recall first. What is said and whom to call is catalogue data.
"""

from typing import Any, Dict, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu.component import EMERGENCIES, HotlineComponent


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmergencyDetector(HotlineComponent):
    """Sets `emergency` in `understanding` from what HotlineClassifier, which comes before it, left there."""

    file = "emergency.joblib"

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """`alarm`: the chance of any emergency from which one is raised."""
        return {"alarm": 0.3}

    def train(self, training_data: TrainingData) -> Resource:
        """Nothing to learn; the configuration is kept with the model."""
        return self.persist()

    def add(self, heard: Dict[Text, Any], text: Text) -> None:
        """`emergency`: the likeliest code, or None. A message that raises one is a request for help and for no service:
        what it resembled besides is nobody's concern now."""
        chances: Dict[Text, float] = heard.pop(EMERGENCIES, {})
        if sum(chances.values()) >= self.config["alarm"]:
            heard.update(act="request", emergency=max(chances, key=lambda code: chances[code]), kind="help", item=None,
                         category=None, department=None, ranking=[], also=[])
