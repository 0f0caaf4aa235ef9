"""Problems of `gdas_edge`: an edge whose operations count how often they are computed."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab04_gumbel.noise import gumbel
from course_lib.checks.laws import gradients
from course_lib.checks.values import shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong


class Operation:
    """x -> scale * x + shift with numbers of its own, counting how often it is computed."""

    def __init__(self, number: int) -> None:
        self.scale = torch.tensor(1.0 + 0.5 * number, dtype=torch.float64, requires_grad=True)
        self.shift = 0.3 + 0.7 * number
        self.calls = 0

    def __call__(self, x: Tensor) -> Tensor:
        self.calls += 1
        return self.scale * x + self.shift


class Edge:
    """An edge with operations, their logits and an input of positive numbers.

    outputs: what every operation gives for that input, computed beforehand, not counted.
    constant: is added to all logits, which changes nothing.
    """

    def __init__(
        self, variant: int, choices: int, *, tau: float = 0.6, constant: float = 0.0
    ) -> None:
        rng = seeded(variant)
        self.operations = [Operation(k) for k in range(choices)]
        spread = torch.linspace(-0.7, 0.9, choices, dtype=torch.float64) + constant
        self.logits = spread[torch.randperm(choices, generator=rng)].requires_grad_()
        self.x = 0.5 + torch.rand(2, 3, generator=rng, dtype=torch.float64)
        self.tau = tau
        outputs = [(op.scale * self.x + op.shift).detach() for op in self.operations]
        self.outputs = torch.stack(outputs)

    def asked(self, ask: Ask, rng: Generator) -> Tensor:
        """One pass over the edge: the output, of the shape of x."""
        for operation in self.operations:
            operation.calls = 0
        answer = ask(self.operations, self.x, self.logits, rng, tau=self.tau)
        return tensor(answer, tuple(self.x.shape), "the output")

    @property
    def computed(self) -> list[int]:
        """Which operations were computed in the last pass, with repetitions."""
        return [k for k, op in enumerate(self.operations) for _ in range(op.calls)]

    def chosen(self, output: Tensor) -> int:
        """The operation whose output this is; Wrong where there is none."""
        found = output.detach().double()
        near = (found - self.outputs).abs() <= 1e-6 * self.outputs.clamp(min=1.0)
        matching = near.flatten(1).all(1).nonzero()[:, 0].tolist()
        if not matching:
            raise Wrong(
                f"the output {shown(output)} is not that of any operation: they are "
                f"{'; '.join(shown(o, 2) for o in self.outputs)}"
            )
        return int(matching[0])

    def slope(self, output: Tensor) -> Tensor:
        """Gradient of the output's sum in the logits; 0 where none leads there."""
        return gradients(output.sum(), [self.logits], "the output")[0]


def _soft(x: Tensor, rng: Generator, tau: float) -> Tensor:
    return ((x + gumbel(x.shape, rng)) / tau).softmax(-1)


def edge_with(
    *,
    soft: Callable[[Tensor, Generator, float], Tensor] = _soft,
    choose: Callable[..., Tensor] = lambda soft, logits, rng, tau: soft.argmax(),
    weight: Callable[..., Any] = lambda soft, k, logits: 1 + soft[k] - soft[k].detach(),
    output: Callable[[Tensor], Tensor] = lambda output: output,
) -> Callable[..., Tensor]:
    """A right answer unless a part is exchanged."""

    def answer(
        operations: Any, x: Tensor, logits: Tensor, rng: Generator, *, tau: float = 1.0
    ) -> Tensor:
        weights = soft(logits, rng, tau)
        k = int(choose(weights, logits, rng, tau))
        weighted: Tensor = weight(weights, k, logits) * output(operations[k](x))
        return weighted

    return answer


def mixed_with(hard: bool) -> Callable[..., Any]:
    """All operations are computed, and weighted with a relaxed sample or with its hard form."""

    def answer(
        operations: Any, x: Tensor, logits: Tensor, rng: Generator, *, tau: float = 1.0
    ) -> Any:
        soft = _soft(logits, rng, tau)
        if hard:
            one = torch.zeros_like(soft)
            one[soft.argmax()] = 1.0
            soft = one + soft - soft.detach()
        return sum(w * operation(x) for w, operation in zip(soft, operations, strict=True))

    return answer


def with_noise_of_its_own(
    operations: Any, x: Tensor, logits: Tensor, rng: Generator, *, tau: float = 1.0
) -> Tensor:
    """Wrong: the operation is chosen with other noise than its weight."""
    k = int((logits + gumbel(logits.shape, rng)).argmax())
    soft = _soft(logits, rng, tau)
    hard = torch.zeros_like(soft)
    hard[soft.argmax()] = 1.0
    weighted: Tensor = (hard + soft - soft.detach())[k] * operations[k](x)
    return weighted
