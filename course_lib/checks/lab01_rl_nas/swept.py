"""Backups swept from the last layer of a small space to its first."""

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.values import tensor
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Space


def targets_of(
    targets: object, shape: tuple[int, ...], of_choices: Misconception | None = None
) -> Tensor:
    """The targets, tested to be a tensor (batch,).

    of_choices: the mistake where there is one for each choice.
    """
    batch, choices = shape
    if type(targets) is Tensor and tuple(targets.shape) == (choices,) and batch != choices:
        raise Wrong(
            f"the targets have shape ({choices},), expected (batch,) = ({batch},)", of_choices
        )
    return tensor(targets, (batch,), "targets")


def decisions(arch: tuple[int, ...]) -> int:
    """How many decisions are made: the stop token is one of them, padding is not."""
    return arch.index(0) + 1 if 0 in arch else len(arch)


def swept(
    ask: Ask, space: Space, rewards: dict[tuple[int, ...], float], discount: float
) -> dict[tuple[int, ...], Tensor]:
    """Q(prefix), by one backup for all prefixes of a length, the longest first."""
    values: dict[tuple[int, ...], Tensor] = {}
    layers, choices = len(space.choices), space.choices[0]
    for length in range(layers, 0, -1):
        prefixes = sorted({arch[:length] for arch in space if decisions(arch) >= length})
        ended = [len(prefix) == layers or prefix[-1] == 0 for prefix in prefixes]
        reward = [
            rewards[prefix + (0,) * (layers - length)] if end else 0.0
            for prefix, end in zip(prefixes, ended, strict=True)
        ]
        # What follows a finished string is padding: filled with a value too good to be true.
        next_q = torch.stack(
            [
                torch.full((choices,), 2.0, dtype=torch.float64)
                if end
                else torch.stack([values[(*prefix, c)].double() for c in range(choices)])
                for prefix, end in zip(prefixes, ended, strict=True)
            ]
        )
        given = (torch.tensor(reward, dtype=torch.float64), next_q, torch.tensor(ended))
        targets = targets_of(ask(*given, discount=discount), tuple(next_q.shape)).detach()
        values |= dict(zip(prefixes, targets, strict=True))
    return values
