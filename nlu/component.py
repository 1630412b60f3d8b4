"""What our Rasa graph components share: made from a configuration, kept as one file in the model."""

from typing import Any, ClassVar, Dict, List, Optional, Text

import joblib
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

UNDERSTANDING = "understanding"
"""The message property our components fill in one after the other; DESIGN §8 names its fields."""


EMERGENCIES = "emergencies"
"""Code → the net's chance, from HotlineClassifier to EmergencyDetector; never leaves the pipeline."""


class HotlineComponent(GraphComponent):
    """Subclasses set `file`, fit `self.state` in `train` and add to what was heard in `add`, or in `add_all`."""

    file: ClassVar[str] = ""

    def __init__(
        self, config: Dict[Text, Any], storage: Optional[ModelStorage] = None, resource: Optional[Resource] = None
    ) -> None:
        self.config = {**self.get_default_config(), **config}
        self.state: Any = None
        self._storage, self._resource = storage, resource

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext,
    ) -> "HotlineComponent":
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any
    ) -> "HotlineComponent":
        made = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            _, made.state = joblib.load(folder / cls.file)
        made.add({}, "明天下午三点")  # dictionaries are read at the first use: not while the first citizen waits
        return made

    def persist(self) -> Resource:
        """Keep `state` in the model."""
        assert self._storage is not None and self._resource is not None
        with self._storage.write_to(self._resource) as folder:
            joblib.dump((self.config, self.state), folder / self.file)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        heard = [dict(message.get(UNDERSTANDING) or {}) for message in messages]
        self.add_all(heard, [message.get(TEXT) or "" for message in messages])
        for message, each in zip(messages, heard):
            message.set(UNDERSTANDING, each, add_to_output=True)
        return messages

    def add_all(self, heard: List[Dict[Text, Any]], texts: List[Text]) -> None:
        """`add` to what was heard in each text."""
        for each, text in zip(heard, texts):
            self.add(each, text)

    def add(self, heard: Dict[Text, Any], text: Text) -> None:
        """Put this component's fields into what earlier ones heard in the text."""
        raise NotImplementedError
