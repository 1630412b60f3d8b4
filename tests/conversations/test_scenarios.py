"""The development set's conversations (scenarios.yaml), played through the public entrance of the real processes."""

from pathlib import Path

import pytest
import yaml

from tests.conversations.player import Player
from tests.support.world import World

SCENARIOS = yaml.safe_load((Path(__file__).parent / "scenarios.yaml").read_text(encoding="utf-8"))

GAPS = {
}
"""What does not work yet and why; a gap that closes must be taken out here (strict)."""


def _cases() -> list[object]:
    return [pytest.param(s, id=s["id"], marks=[pytest.mark.xfail(reason=GAPS[s["id"]], strict=True)]
            if s["id"] in GAPS else []) for s in SCENARIOS]


@pytest.mark.processes
@pytest.mark.parametrize("scenario", _cases())
def test_scenario(world: World, scenario: dict) -> None:  # type: ignore[type-arg]
    player = Player(world.base)
    for number, turn in enumerate(scenario["turns"], start=1):
        player.play(turn, number)
    wrong = [w for expectation in scenario["expect"] for w in player.check(expectation)]
    assert not wrong, "\n".join([*wrong, "", *player.story])
