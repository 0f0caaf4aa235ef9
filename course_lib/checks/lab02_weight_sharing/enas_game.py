"""A policy and a supernet so small that every step of ENAS is known in closed form."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from course_lib.checks.ask import Ask
from course_lib.checks.lab02_weight_sharing.shared import Batch, Pass, SharedLinear, batches_of
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch

ON_TRAIN = Misconception(
    "the reward comes from the training batch",
    "On images that the weights have just learned every path looks good. The policy is judged on "
    "the validation batch.",
)
ON_VALID = Misconception(
    "the weights learn on the validation batch",
    "Weights on the training batch, policy on the validation batch: what the policy compares must "
    "be new to the weights.",
)
UNIFORM = Misconception(
    "the paths are not drawn from the policy",
    "In ENAS both halves draw their path from the controller: policy(rng).",
)

CHOICES = (2, 3)
RATE, POLICY_RATE = 0.3, 0.7


class TablePolicy(nn.Module):
    """policy(rng) -> (arch, log p(arch)): each edge draws from its own softmax, in float64.

    d log p(arch) / d logits[e] = one_hot(arch[e]) - softmax(logits[e]).
    drawn: the paths of all calls since it was last cleared.
    script: the paths that are given instead, if any.
    """

    def __init__(self, rng: Generator) -> None:
        super().__init__()
        self.logits = nn.ParameterList(
            0.7 * torch.randn(count, generator=rng, dtype=torch.float64) for count in CHOICES
        )
        self.drawn: list[Arch] = []
        self.script: Iterator[Arch] | None = None

    def forward(self, rng: Generator) -> tuple[Arch, Tensor]:
        rows = [logits.log_softmax(0) for logits in self.logits]
        arch = tuple(int(torch.multinomial(row.detach().exp(), 1, generator=rng)) for row in rows)
        if self.script is not None:
            arch = next(self.script)
        self.drawn.append(arch)
        return arch, torch.stack([row[c] for row, c in zip(rows, arch, strict=True)]).sum()

    def snapshot(self) -> list[Tensor]:
        """A copy of the logits of each edge."""
        return [row.detach().clone() for row in self.logits]


def policy_step(logits: Sequence[Tensor], advantage: float, arch: Arch) -> list[Tensor]:
    """POLICY_RATE * advantage * gradient of log p(arch), for each edge."""
    return [
        POLICY_RATE * advantage * (F.one_hot(torch.tensor(choice), len(row)) - row.softmax(0))
        for row, choice in zip(logits, arch, strict=True)
    ]


@dataclass(frozen=True)
class Step:
    """One call of the answer: its two passes, both sets of weights before and after it.

    stepped: how often the optimizers of weights and policy stepped.
    """

    net: SharedLinear
    batches: tuple[Batch, Batch]
    baseline: float
    trained: Pass
    scored: Pass
    weights: tuple[list[list[Tensor]], list[list[Tensor]]]
    logits: tuple[list[Tensor], list[Tensor]]
    stepped: tuple[int, int]
    answer: object

    @property
    def reward(self) -> float:
        """The accuracy on the validation batch with the weights of the pass that scored it."""
        return self.net.accuracy(self.batches[1], self.scored.arch, self.scored.weights)


class Game:
    """A net, a policy and two batches that can be stepped again and again, by plain SGD.

    sizes: of the training and the validation batch. loud: scales the features.
    """

    def __init__(
        self,
        variant: int,
        salt: int = 0,
        *,
        sizes: tuple[int, int] = (20, 20),
        loud: float = 1.0,
        momentum: float = 0.0,
        standing: bool = False,
    ) -> None:
        rng = seeded(variant, salt)
        self.net = SharedLinear(rng, CHOICES, features=4, classes=3)
        self.policy = TablePolicy(rng)
        (train, labels), (valid, held) = (batches_of(rng, 1, size)[0] for size in sizes)
        self.batches = (loud * train, labels), (loud * valid, held)
        self.baseline = 0.9
        self.optimizers = [
            torch.optim.SGD(module.parameters(), lr=0.0 if standing else rate, momentum=momentum)
            for module, rate in ((self.net, RATE), (self.policy, POLICY_RATE))
        ]
        self._stepped = [0, 0]
        for place, optimizer in enumerate(self.optimizers):
            optimizer.register_step_post_hook(self._counter(place))

    def _counter(self, place: int) -> Callable[..., None]:
        def count(*_: object) -> None:
            self._stepped[place] += 1

        return count

    def step(self, ask: Ask, rng: Generator) -> Step:
        """Ask for one step; each batch must have passed the net once."""
        self.net.passes.clear()
        self.policy.drawn.clear()
        self._stepped[:] = 0, 0
        weights, logits = self.net.snapshot(), self.policy.snapshot()
        answer = ask(self.net, self.policy, *self.batches, *self.optimizers, self.baseline, rng)
        trained, scored = self._passes()
        return Step(
            self.net,
            self.batches,
            self.baseline,
            trained,
            scored,
            (weights, self.net.snapshot()),
            (logits, self.policy.snapshot()),
            (self._stepped[0], self._stepped[1]),
            answer,
        )

    def _passes(self) -> tuple[Pass, Pass]:
        passes = self.net.passes
        on = [[each for each in passes if torch.equal(each.x, x)] for x, _ in self.batches]
        counts = [len(each) for each in on]
        if counts != [1, 1] or len(passes) != 2:
            mistake = {(True, False): ON_TRAIN, (False, True): ON_VALID}.get(
                (counts[0] > 0, counts[1] > 0)
            )
            raise Wrong(
                f"the net was called {counts[0]} times on the training batch, {counts[1]} times on "
                f"the validation batch, {len(passes)} times in all; expected once on each",
                mistake,
            )
        for each in passes:
            if each.arch not in self.policy.drawn:
                said = f"the net ran the path {each.arch}, which the policy has not drawn"
                raise Wrong(said, UNIFORM)
        return on[0][0], on[1][0]


def scripted(variant: int, salt: int) -> Game:
    """A game in which the policy gives paths in a fixed order, whatever the generator."""
    game = Game(variant, 20 + salt, sizes=(40, 200))
    game.policy.script = cycle([(0, 1), (0, 2), (1, 2), (1, 0), (1, 1)])
    game.baseline = 0.4
    return game
