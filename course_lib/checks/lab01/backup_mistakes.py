"""How `q_backup` goes wrong."""

from collections.abc import Callable

import torch
from torch import Tensor

from course_lib.checks.wrong import Misconception

AXIS = Misconception(
    "the maximum runs over the wrong axis",
    "next_q is (batch, choices): every row is one experience and asks for its own best choice.",
)
BOOTSTRAPPED = Misconception(
    "a finished string is bootstrapped",
    "After the last layer nothing follows: what next_q holds there is padding. The target of a "
    "terminal transition is its reward alone.",
)
INVERTED = Misconception(
    "terminal is read the wrong way round",
    "`terminal` is True where the string has ended.",
)
AVERAGE = Misconception(
    "the mean over the next choices instead of the best",
    "Q-learning assumes that the best next choice will be made, whatever the exploring agent did.",
)
UNDISCOUNTED = Misconception(
    "the discount is left out",
    "What comes one step later counts `discount` times as much.",
)
REWARD_DISCOUNTED = Misconception(
    "the reward is discounted too",
    "The reward comes now; only what follows is discounted.",
)
REWARD_LOST = Misconception(
    "the reward of an unfinished step is dropped",
    "A reward on the way counts as well: target = reward + discount * best of what follows.",
)
INDEX = Misconception(
    "the index of the best choice instead of its value",
    "`argmax` says which, `amax` (or `.max(1).values`) says how much.",
)
LEAST = Misconception(
    "the minimum instead of the maximum",
    "Values are rewards to be maximised.",
)
WHOLE_BATCH = Misconception(
    "the maximum runs over the whole batch",
    "Every row is one experience and needs a maximum of its own.",
)
CHANGED = Misconception(
    "the function changes its arguments",
    "next_q belongs to the caller: build a new tensor (torch.where helps), do not write into it.",
)

Formula = Callable[[Tensor, Tensor, Tensor, float], Tensor]


def _backup(best: Tensor, reward: Tensor, terminal: Tensor, discount: float) -> Tensor:
    return torch.where(terminal, reward, reward + discount * best)


KNOWN: dict[Misconception, Formula] = {
    BOOTSTRAPPED: lambda reward, next_q, terminal, discount: reward + discount * next_q.amax(1),
    INVERTED: lambda reward, next_q, terminal, discount: _backup(
        next_q.amax(1), reward, ~terminal, discount
    ),
    AVERAGE: lambda reward, next_q, terminal, discount: _backup(
        next_q.mean(1), reward, terminal, discount
    ),
    UNDISCOUNTED: lambda reward, next_q, terminal, discount: _backup(
        next_q.amax(1), reward, terminal, 1.0
    ),
    REWARD_DISCOUNTED: lambda reward, next_q, terminal, discount: torch.where(
        terminal, reward, discount * (reward + next_q.amax(1))
    ),
    REWARD_LOST: lambda reward, next_q, terminal, discount: torch.where(
        terminal, reward, discount * next_q.amax(1)
    ),
    INDEX: lambda reward, next_q, terminal, discount: _backup(
        next_q.argmax(1).to(reward), reward, terminal, discount
    ),
    LEAST: lambda reward, next_q, terminal, discount: _backup(
        next_q.amin(1), reward, terminal, discount
    ),
    AXIS: lambda reward, next_q, terminal, discount: _backup(
        next_q.amax(0)[: len(reward)], reward, terminal, discount
    ),
    WHOLE_BATCH: lambda reward, next_q, terminal, discount: _backup(
        next_q.max(), reward, terminal, discount
    ),
}
