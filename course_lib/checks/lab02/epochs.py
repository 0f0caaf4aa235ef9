"""One call of `sharing_epoch`, watched: its passes, and the weights after every step."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.shared import Batch, Pass, SharedLinear, batches_of
from course_lib.checks.lab02.sharing_mistakes import ALL_PATHS, SKIPPED
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong
from course_lib.core import make_rng

CHOICES = (2, 3)
RATE = 0.2
PLAIN = partial(torch.optim.SGD, lr=RATE)
MOVING = {
    "momentum": partial(PLAIN, momentum=0.9),
    "Nesterov momentum and weight decay": partial(
        PLAIN, momentum=0.9, weight_decay=0.05, nesterov=True
    ),
    "weight decay": partial(PLAIN, weight_decay=0.1),
}


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

    @property
    def path(self) -> list[tuple[int, ...]]:
        return [each.arch for each in self.passes]


def run(
    ask: Ask,
    variant: int,
    *,
    count: int = 12,
    choices: tuple[int, ...] = CHOICES,
    seed: int | None = None,
    optimizer: Callable[..., torch.optim.Optimizer] = PLAIN,
) -> Epoch:
    """An epoch of `count` batches, each of which must be passed through the net once, in order."""
    rng = seeded(variant)
    net = SharedLinear(rng, choices, features=4, classes=3)
    batches = batches_of(rng, count, 6)
    net.eval()
    draws = seeded(variant, 7) if seed is None else make_rng(seed)
    answer = ask(net, net.space, iter(batches), optimizer(net.parameters()), draws)
    epoch = Epoch(net, batches, list(net.passes), net.snapshot(), answer)
    _require_passes(epoch)
    return epoch


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
