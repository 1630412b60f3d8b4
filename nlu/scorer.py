"""Text to the chances of every label: a linear model and a net, which err differently, averaged.

The two are brought to chances by a softmax each and combined by their geometric mean; a temperature makes the result
honest (Guo et al. 2017): of the messages given 0.8, eight in ten are right. A second, smaller net, for which
emergencies and their near misses count more, has a say where it is about danger only. Where a transformer is
configured, a regression over its sentence vectors is the third of the average.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import List, NamedTuple, Optional, Sequence

import numpy as np

from nlu.dense import Dense
from nlu.features import Features
from nlu.linear import Linear, numbered
from nlu.net import Net, Recipe, softmax
from nlu.transformer import Transformer

LITTLE = np.float32(1e-9)


@dataclass(frozen=True)
class Settings:
    """`margin` is the temperature of the linear model's margins, `temperature` that of the whole; `c` is LIBLINEAR's
    cost; `rarest` the fewest texts a feature must occur in; `wary` the second, smaller net; `transformer` the folder of
    one, "" for none."""

    c: float = 0.4
    margin: float = 0.12
    temperature: float = 0.5
    rarest: int = 3
    net: Recipe = Recipe()
    wary: Recipe = Recipe(hidden=192, epochs=8, seed=1)
    transformer: str = ""


class Scores(NamedTuple):
    """Texts × labels. `whole` holds logarithms of the combined chances before the temperature; `wary` the two nets' own
    chances: spread wider, they see more of what is unlikely but would be grave."""

    whole: np.ndarray
    wary: np.ndarray


class Scorer:
    """Fitted when made. `labels` are the columns of `scores` and `chances`."""

    def __init__(
        self, texts: Sequence[str], labels: Sequence[str], settings: Settings = Settings(),
        weights: Optional[np.ndarray] = None,
    ) -> None:
        """`weights`: how much each text counts for the wary net; there is none without. The models at once, on two
        cores: LIBLINEAR runs without Python's lock. The linear model is better without words, the nets with them."""
        self.settings = settings
        self.labels: List[str]
        self.labels, targets = numbered(labels)
        self._features = Features(settings.rarest)
        rows = self._features.fit(texts)
        with ThreadPoolExecutor(1) as beside:
            plain = self._features.without_words(rows)
            linear = beside.submit(Linear, plain, targets, len(self.labels), settings.c)
            self._net = Net(rows, targets, len(self.labels), settings.net)
            self._wary = None if weights is None else Net(rows, targets, len(self.labels), settings.wary, weights)
            self._linear = linear.result()
        self._encoder = Transformer(settings.transformer) if settings.transformer else None
        self._dense = self._encoder and Dense(self._encoder.vectors(texts), targets, len(self.labels))

    def chances(self, texts: Sequence[str]) -> np.ndarray:
        """Texts × labels, rows summing to 1. Texts are normalised as those fitted on were."""
        return self.tempered(self.scores(texts).whole)

    def tempered(self, whole: np.ndarray) -> np.ndarray:
        """Scores to chances."""
        return softmax(whole, self.settings.temperature)

    def scores(self, texts: Sequence[str]) -> Scores:
        """What the models say of normalised texts."""
        rows = self._features.transform(texts)
        linear = softmax(self._linear.scores(self._features.without_words(rows)), self.settings.margin)
        net = softmax(self._net.scores(rows))
        wary = net if self._wary is None else (net + softmax(self._wary.scores(rows))) / 2
        said = [linear, net]
        if self._encoder and self._dense:
            said.append(softmax(self._dense.scores(self._encoder.vectors(texts))))
        return Scores(sum(np.log(chances + LITTLE) for chances in said) / len(said), wary)
