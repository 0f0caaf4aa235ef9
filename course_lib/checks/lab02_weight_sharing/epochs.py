"""One call of `sharing_epoch`, watched: its passes, and the weights after every step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import numpy as np
import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab02_weight_sharing.shared import (
    Batch,
    Pass,
    SharedLinear,
    batches_of,
    moved,
)
from course_lib.checks.values import kind, same
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

CHOICES = (2, 3)
RATE = 0.2
Optimizer = Callable[..., torch.optim.Optimizer]
PLAIN: Optimizer = partial(torch.optim.SGD, lr=RATE)
MOVING: Mapping[str, Optimizer] = {
    "momentum": partial(PLAIN, momentum=0.9),
    "Nesterov momentum and weight decay": partial(
        PLAIN, momentum=0.9, weight_decay=0.05, nesterov=True
    ),
    "weight decay": partial(PLAIN, weight_decay=0.1),
    "Adam": partial(torch.optim.Adam, lr=0.05),
}

ALL_PATHS = Misconception(
    "all paths are trained on every batch",
    "Weight sharing trains one path per batch: so an epoch costs as much as that of one network.",
)
SKIPPED = Misconception(
    "the batches are not passed once each, in their order",
    "`for x, y in batches:` with a single net(x, arch) inside. The batches come only once.",
)


@dataclass(frozen=True)
class Epoch:
    """What one call of the answer did: its passes, the weights after it, what it returned."""

    net: SharedLinear
    batches: list[Batch]
    passes: list[Pass]
    after: list[list[Tensor]]
    answer: object

    def weights_after(self, k: int) -> list[list[Tensor]]:
        """The weights after the k-th step."""
        return self.passes[k + 1].weights if k + 1 < len(self.passes) else self.after

    def replayed(self, optimizer: Optimizer) -> list[list[list[Tensor]]]:
        """The weights after each step if torch's optimizer takes it, by the closed gradients.

        What is off the path has no gradient.
        """
        leaves = [[w.clone().requires_grad_() for w in row] for row in self.passes[0].weights]
        stepper = optimizer([w for row in leaves for w in row])
        found = []
        for batch, each in zip(self.batches, self.passes, strict=True):
            stepper.zero_grad()
            now = [[w.detach() for w in row] for row in leaves]
            slopes = self.net.gradients(batch, each.arch, now)
            for row, choice, slope in zip(leaves, each.arch, slopes, strict=True):
                row[choice].grad = slope
            stepper.step()
            found.append([[w.detach().clone() for w in row] for row in leaves])
        return found

    def strays(self) -> bool:
        """Whether weights off the path move."""
        return any(
            moved(each.weights, self.weights_after(k)) - set(enumerate(each.arch))
            for k, each in enumerate(self.passes)
        )

    def told(self) -> list[tuple[Any, Any]]:
        """The answer, tested to be a list of (path, something), one for each batch."""
        answer: Any = self.answer
        if type(answer) not in (list, tuple):
            raise Wrong(f"the answer is {kind(answer)}, expected a list")
        if len(answer) != len(self.batches):
            raise Wrong(f"the answer has {len(answer)} entries, expected {len(self.batches)}")
        return [_pair(entry, k) for k, entry in enumerate(answer)]

    @property
    def path(self) -> list[tuple[int, ...]]:
        return [each.arch for each in self.passes]


def run(
    ask: Ask,
    variant: int,
    *,
    count: int = 12,
    choices: tuple[int, ...] = CHOICES,
    rng: torch.Generator | None = None,
    optimizer: Optimizer = PLAIN,
    loud: float = 1.0,
) -> Epoch:
    """An epoch of `count` batches, each of which must be passed through the net once, in order.

    The batches are of 6, 1 and 9 rows in turn. loud: scales the features.
    """
    draw = seeded(variant)
    net = SharedLinear(draw, choices, features=4, classes=3)
    batches = [batches_of(draw, 1, (6, 1, 9)[k % 3])[0] for k in range(count)]
    batches = [(loud * x, y) for x, y in batches]
    net.eval()
    own = seeded(variant, 7) if rng is None else rng
    answer = ask(net, net.space, iter(batches), optimizer(net.parameters()), own)
    epoch = Epoch(net, batches, list(net.passes), net.snapshot(), answer)
    _require_passes(epoch)
    return epoch


def alike(found: list[list[Tensor]], expected: list[list[Tensor]]) -> bool:
    """Whether all weights are the same, up to the roundings of an epoch."""
    pairs = zip(chain(*found), chain(*expected), strict=True)
    return all(same(one, other, scale=30) for one, other in pairs)


def _pair(entry: Any, k: int) -> tuple[Any, Any]:
    if type(entry) not in (tuple, list) or len(entry) != 2:
        raise Wrong(f"entry {k} of the answer is not a pair (path, loss)")
    arch, value = entry
    arch = arch.tolist() if type(arch) in (Tensor, np.ndarray) else arch
    if type(arch) not in (tuple, list):
        raise Wrong(f"the first thing of entry {k} is {kind(arch)}, expected the path")
    return arch, value


def first_path(ask: Ask, variant: int, seed: int) -> tuple[int, ...]:
    """The path of the first batch, with a generator of this seed."""
    return run(ask, variant, rng=make_rng(seed)).path[0]


def _require_passes(epoch: Epoch) -> None:
    count, found = len(epoch.batches), len(epoch.passes)
    order = [
        next((k for k, (x, _) in enumerate(epoch.batches) if torch.equal(x, each.x)), -1)
        for each in epoch.passes
    ]
    if order != list(range(count)):
        of_batch = [{p for p, k in zip(epoch.path, order, strict=True) if k == batch}
                    for batch in range(count)]  # fmt: skip
        several = min(map(len, of_batch)) > 1
        raise Wrong(
            f"{count} batches were given, and the net was called {found} times"
            + (", on several paths for each batch" if several else "")
            + "; expected one call per batch, in the order of the batches",
            ALL_PATHS if several else SKIPPED,
        )
