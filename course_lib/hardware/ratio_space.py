"""Pruning as a search space: a ratio from a grid for each layer, open to every search."""

from course_lib.core import Arch, Space, Trial
from course_lib.hardware.pruning import ActionMap, Pruning, clip


class RatioSpace(Space):
    """One ratio per layer, `levels` of them from the lowest to 1; `act` makes channels of them.

    A search over it sees the same rewards of the same budget as AMC does under this map.
    """

    def __init__(self, pruning: Pruning, act: ActionMap = clip, *, levels: int = 33) -> None:
        if levels < 2:
            raise ValueError(f"a grid needs two levels or more, got {levels}")
        super().__init__([levels] * len(pruning.channels))
        self.pruning, self.act = pruning, act
        step = (1 - pruning.lowest) / (levels - 1)
        self.ratios = [*(pruning.lowest + step * level for level in range(levels - 1)), 1.0]

    def channels(self, arch: Arch) -> tuple[int, ...]:
        """What the network keeps."""
        return self.act(self.pruning, [self.ratios[choice] for choice in self.validate(arch)])

    def measure(self, arch: Arch, fidelity: int | None = None) -> Trial:
        """The reward of the pruned network; it has no fidelities."""
        trial = self.pruning.measure(self.channels(arch))
        return Trial(arch, trial.value, objectives=trial.objectives)

    def describe(self, arch: Arch) -> str:
        """The channels of every layer."""
        return "-".join(map(str, self.channels(arch)))
