"""Text to the chances of every label: a linear model and a net, which err differently, averaged.

The two are brought to chances by a softmax each and combined by their geometric mean; a temperature makes the result
honest (Guo et al. 2017): of the messages given 0.8, eight in ten are right. Danger is for smaller nets, for which
emergencies and their near misses count more: several, alike but for their first numbers, because what one of them says
near the alarm's line is half chance (deep ensembles, Lakshminarayanan et al. 2017). Where a transformer is configured,
a regression over its sentence vectors is the third of the average.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
    cost; `rarest` the fewest texts a feature must occur in; `wary` a smaller net for danger, of which there are
    `wary_nets`; `transformer` the folder of one, "" for none."""

    c: float = 0.4
    margin: float = 0.12
    temperature: float = 0.5
    rarest: int = 3
    net: Recipe = Recipe()
    wary: Recipe = Recipe(hidden=192, epochs=8)
    wary_nets: int = 5
    transformer: str = ""


class Scores(NamedTuple):
    """Texts × labels. `whole` holds logarithms of the combined chances before the temperature; `wary` the mean of the
    wary nets' own chances: spread wider, they see more of what is unlikely but would be grave."""

    whole: np.ndarray
    wary: np.ndarray


class Scorer:
    """Fitted when made. `labels` are the columns of `scores` and `chances`."""

    def __init__(
        self, texts: Sequence[str], labels: Sequence[str], settings: Settings = Settings(),
        weights: Optional[np.ndarray] = None,
    ) -> None:
        """`weights`: how much each text counts for the wary nets; there are none without. The linear model beside the
        nets, on two cores: LIBLINEAR runs without Python's lock. It is better without words, the nets with them."""
        self.settings = settings
        self.labels: List[str]
        self.labels, targets = numbered(labels)
        self._features = Features(settings.rarest)
        rows = self._features.fit(texts)
        plain, classes = self._features.without_words(rows), len(self.labels)
        with ThreadPoolExecutor(1) as beside:
            linear = beside.submit(Linear, plain, targets, classes, settings.c)
            self._net = Net(rows, targets, classes, settings.net)
            self._wary = [Net(rows, targets, classes, replace(settings.wary, seed=1 + n), weights)
                          for n in range(0 if weights is None else settings.wary_nets)]
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
        wary = sum(softmax(each.scores(rows)) for each in self._wary) / len(self._wary) if self._wary else net
        said = [linear, net]
        if self._encoder and self._dense:
            said.append(softmax(self._dense.scores(self._encoder.vectors(texts))))
        return Scores(sum(np.log(chances + LITTLE) for chances in said) / len(said), wary)
