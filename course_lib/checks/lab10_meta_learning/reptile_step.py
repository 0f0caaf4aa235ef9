"""`reptile_step`: on bent bowls, where the steps of every task are known by hand."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.func import grad

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab10_meta_learning import sections
from course_lib.checks.lab10_meta_learning.bowls import (
    FEW,
    SIZE,
    Bowl,
    bowl,
    drawn,
    in_a_row,
    kept,
    named,
    parameters,
)
from course_lib.checks.lab10_meta_learning.network import Network
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, same
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

GRAPH = Misconception(
    "the answer carries a graph",
    "Reptile differentiates through nothing: return tensors that require no gradient (.detach()). "
    "Otherwise every call hangs its steps on those of all calls before, and memory runs out.",
)
Named = dict[str, Tensor]


def _exchanged(
    at: Callable[[Named, Named], Named] = lambda theta, phi: phi,
    count: Callable[[int], int] = lambda steps: steps,
    following: Callable[[Named, Named], Named] = lambda theta, phi: theta,
    together: Callable[[Tensor], Tensor] = lambda ends: ends.mean(0),
    share: Callable[[float, float], float] = lambda step_size, lr: step_size,
) -> Callable[..., Named]:
    """A step with one part exchanged."""

    def reptile_step(
        theta: Named, losses: Sequence[Any], *, lr: float, steps: int, step_size: float
    ) -> Named:
        begin, moved = theta, []
        for loss in losses:
            phi = begin
            for _ in range(count(steps)):
                slopes = grad(loss)(at(begin, phi))
                phi = {name: value - lr * slopes[name] for name, value in phi.items()}
            moved.append(in_a_row(phi) - in_a_row(theta))
            begin = following(begin, phi)
        return named(in_a_row(theta) + share(step_size, lr) * together(torch.stack(moved)))

    return reptile_step


MISTAKES = (
    mistake(
        "the step leads away from where the tasks end",
        "theta moves towards phi: theta + step_size * (phi - theta). The difference is not a "
        "gradient, and nothing is subtracted.",
        _exchanged(share=lambda step_size, lr: -step_size),
    ),
    mistake(
        "only one inner step is taken",
        "With one step this is the gradient of the mean loss, multi-task learning. What Reptile "
        "learns comes from the second step on.",
        _exchanged(count=lambda steps: 1),
    ),
    mistake(
        "the gradient is always taken at theta",
        "After its first step a task stands at phi: take the next gradient there.",
        _exchanged(at=lambda theta, phi: theta),
    ),
    mistake(
        "the differences are summed instead of averaged",
        "theta moves by the mean over tasks: with a sum, ten tasks would carry it far past all.",
        _exchanged(together=lambda ends: ends.sum(0)),
    ),
    mistake(
        "the next task starts where the last one ended",
        "Every task starts at the same theta: begin with a fresh phi inside the loop over tasks.",
        _exchanged(following=lambda theta, phi: phi),
    ),
    mistake(
        "the rate lr comes in twice, or is divided out",
        "step_size alone says how far theta goes towards the mean of the ends: with step_size 1 it "
        "arrives there.",
        _exchanged(share=lambda step_size, lr: step_size / lr),
        _exchanged(share=lambda step_size, lr: step_size * lr),
        _exchanged(share=lambda step_size, lr: lr),
    ),
    GRAPH,
    CHANGED,
)


def asked(ask: Ask, losses: Sequence[Any], w: Tensor, **settings: Any) -> Tensor:
    """The answer in a row."""
    theta = named(w)
    return parameters(ask(theta, list(losses), **settings), theta).detach()


def probe(ask: Ask, variant: int) -> Tensor:
    """The answer for three bent tasks and three steps."""
    rng = seeded(variant, 7)
    losses = [bowl(rng, bend=0.5) for _ in range(3)]
    return asked(ask, losses, drawn(rng, SIZE), lr=0.15, steps=3, step_size=0.4)


def _require(
    ask: Ask, losses: Sequence[Bowl], w: Tensor, lr: float, steps: int, step_size: float
) -> None:
    found = asked(ask, losses, w, lr=lr, steps=steps, step_size=step_size)
    ends = torch.stack([[*loss.steps(w, lr, steps)][-1] for loss in losses])
    expected = (1 - step_size) * w + step_size * ends.mean(0)
    if not same(found, expected, scale=10):
        right, wrong = apart(expected, found, FEW)
        tasks = "one task" if len(losses) == 1 else f"{len(losses)} tasks"
        raise Wrong(
            f"{tasks}, lr = {lr:g}, steps = {steps}, step_size = {step_size:g}: theta becomes "
            f"{wrong}, by hand {right}"
        )


def one_task(ask: Ask, variant: int) -> None:
    """One task, one step to ten: theta moves towards where the steps end."""
    rng = seeded(variant)
    for lr, steps in ((0.3, 1), (0.2, 2), (0.1, 3 + variant % 4), (0.05, 10)):
        _require(ask, [bowl(rng, bend=0.5)], drawn(rng, SIZE), lr, steps, 0.5)


def several_tasks(ask: Ask, variant: int) -> None:
    """The mean over two tasks and more, whatever their order, each from theta."""
    rng = seeded(variant, 1)
    for count in (2, 3, 5 + variant % 3):
        losses, w = [bowl(rng, bend=0.5) for _ in range(count)], drawn(rng, SIZE)
        _require(ask, losses, w, 0.15, 3, 0.3)
        _require(ask, losses[::-1], w, 0.15, 3, 0.3)


def any_step_size(ask: Ask, variant: int) -> None:
    """step_size 1 arrives at the mean of the ends, 0 stays, 1.5 goes on; lr has no second part."""
    rng = seeded(variant, 2)
    losses, w = [bowl(rng) for _ in range(3)], drawn(rng, SIZE)
    for lr, step_size in ((0.2, 1.0), (0.2, 0.0), (0.1, 1.5), (0.01, 0.7), (0.4, 0.05), (0.0, 0.5)):
        _require(ask, losses, w, lr, 4, step_size)


def network(ask: Ask, variant: int) -> None:
    """A network with three tasks, beside torch.optim.SGD; whatever the names of the parameters."""
    net, lr, steps = Network(seeded(variant, 3)), 0.1, 4
    ends = []
    for batch in range(3):
        leaf = net.w.clone().requires_grad_()
        optimizer = torch.optim.SGD([leaf], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            torch.autograd.backward(net.loss(batch, leaf))
            optimizer.step()
        ends.append(leaf.detach())
    theta = net.named(net.w.clone())
    losses = [lambda params, k=k: net.named_loss(k, params) for k in range(3)]
    answer = ask(theta, losses, lr=lr, steps=steps, step_size=0.25)
    found = parameters(answer, theta)
    expected = net.w + 0.25 * (torch.stack(ends).mean(0) - net.w)
    if not same(found, expected, scale=10):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(f"a network: theta becomes {wrong}; SGD leads to {right}")


def untouched(ask: Ask, variant: int) -> None:
    """theta and the list of losses stay; what comes back requires no gradient, and is new."""
    rng = seeded(variant, 4)
    losses = [bowl(rng, bend=0.5) for _ in range(2)]
    theta, given = named(drawn(rng, SIZE)), list(losses)
    with kept(theta):
        answer = ask(theta, given, lr=0.1, steps=2, step_size=0.5)
    if len(given) != 2 or any(a is not b for a, b in zip(given, losses, strict=True)):
        raise Wrong("the list of losses is not the same after the call", CHANGED)
    if parameters(answer, theta).requires_grad:
        raise Wrong("theta required no gradient, and the answer does", GRAPH)


reptile_step = Exercise(
    lab="lab10_meta_learning",
    name="reptile_step",
    section=sections.RELATIVES,
    library=("course_lib.meta.reptile:reptile_step",),
    laws={
        "one task: towards where its steps end": one_task,
        "several tasks: the mean of where they end": several_tasks,
        "step_size says how far": any_step_size,
        "a network, beside torch.optim.SGD": network,
        "theta stays, and no graph is left": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Two loops: over the tasks, and inside over the steps of one task. What is phi at the "
        "beginning of each task?",
        "torch.func.grad(loss)(phi) is the gradient as a dictionary, of tensors that need require "
        "nothing; phi = {name: value - lr * gradient[name] for ...} is a step.",
        "For each name: theta[name] + step_size * mean of (phi[name] - theta[name]). The mean over "
        "tasks: torch.stack([phi[name] for phi in ends]).mean(0).",
    ),
    basic="one task: towards where its steps end",
)
