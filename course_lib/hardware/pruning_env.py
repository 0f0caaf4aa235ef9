"""AMC's environment for the agents of any library that speaks gymnasium."""

from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np

from course_lib.hardware.pruning import ActionMap, Pruning, clip


class PruningEnv(gymnasium.Env[np.ndarray, np.ndarray]):
    """One episode prunes a network, one step a layer; only the last step has a reward.

    An action is one ratio (1,) in [lowest, 1], an observation the state (d + 3,) of a layer, zeros
    behind the last. The info of a step holds the channel counts so far, and of the last step the
    trial. act: makes channel counts of the actions.
    """

    def __init__(self, pruning: Pruning, act: ActionMap = clip) -> None:
        self.pruning, self.act = pruning, act
        states = pruning.features.shape[1] + 3
        self.observation_space = gymnasium.spaces.Box(0.0, 1.0, (states,), np.float32)
        self.action_space = gymnasium.spaces.Box(pruning.lowest, 1.0, (1,), np.float32)
        self._actions: list[float] = []

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self._actions = []
        return self.pruning.state(()).numpy(), {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        if len(self._actions) == len(self.pruning.channels):
            raise ValueError("the episode has ended: call reset() before the next step")
        self._actions.append(float(action[0]))
        kept = self.act(self.pruning, self._actions)
        if len(kept) < len(self.pruning.channels):
            return self.pruning.state(kept).numpy(), 0.0, False, False, {"kept": kept}
        trial = self.pruning.measure(kept)
        end = np.zeros(self.observation_space.shape or (), np.float32)
        return end, trial.value, True, False, {"kept": kept, "trial": trial}
