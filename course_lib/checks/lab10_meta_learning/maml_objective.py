"""`maml_objective`: linear regressions, where adaptation and gradient are known by hand."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab10_meta_learning import sections
from course_lib.checks.lab10_meta_learning.bowls import FEW, differences, drawn, kept
from course_lib.checks.lab10_meta_learning.network import Network
from course_lib.checks.lab10_meta_learning.regressions import (
    LR,
    Task,
    exchanged,
    half_squared,
    objective,
    one_step,
    predict,
    regressions,
    theta_of,
)
from course_lib.checks.laws import CHANGED, gradients
from course_lib.checks.values import apart, same, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

CUT = mistake(
    "the way from theta to the query loss is cut",
    "MAML differentiates through the adaptation: use phi as inner_loop gives it, without "
    ".detach(), .item() or torch.no_grad.",
    exchanged(end=lambda theta, phi: {n: v + (phi[n] - v).detach() for n, v in theta.items()}),
    part="slopes",
)
MISTAKES = (
    mistake(
        "the losses are summed instead of averaged",
        "The mean over tasks: with a sum, twice as many tasks would be twice as large a step.",
        exchanged(together=lambda losses, sizes: losses.sum()),
        part="values",
    ),
    mistake(
        "the support takes the place of the query",
        "Adapted on the support, asked about the query: what counts is how well phi does on "
        "examples that it has not learnt from.",
        exchanged(asked_for=lambda task: task[:2]),
        part="values",
    ),
    mistake(
        "the task adapts to its query",
        "The inner loop sees the support, and what counts is the loss on the query afterwards: a "
        "task is (support_x, support_y, query_x, query_y).",
        exchanged(learns_from=lambda task: task[2:]),
        exchanged(learns_from=lambda task: task[2:], asked_for=lambda task: task[:2]),
        exchanged(learns_from=lambda task: [torch.cat(task[::2]), torch.cat(task[1::2])]),
        part="values",
    ),
    mistake(
        "nothing is adapted: this is multi-task learning",
        "The query loss is taken at phi, where the inner loop ends, not at theta.",
        exchanged(end=lambda theta, phi: theta),
        part="values",
    ),
    mistake(
        "the next task starts where the last one ended",
        "Every task starts at the same theta: give what inner_loop returns a name of its own.",
        exchanged(following=lambda theta, phi: phi),
        part="values",
    ),
    mistake(
        "large tasks count more",
        "Every task has its own query loss, and all count the same, whatever their size.",
        exchanged(together=lambda losses, sizes: (losses * sizes).sum() / sizes.sum()),
        part="sizes",
    ),
    CUT,
    CHANGED,
)


def asked(
    ask: Ask, w: Tensor, tasks: Sequence[Task], *, cut: Any = None, **parts: Any
) -> tuple[Tensor, Tensor]:
    """The objective and its gradient, in a row; parts: what differs from a linear regression."""
    named = parts.pop("named", theta_of)
    theta = {n: v.detach().clone().requires_grad_() for n, v in named(w).items()}
    told = {"predict": predict, "loss": half_squared, "inner_loop": one_step} | parts
    value = tensor(ask(theta, list(tasks), **told), (), "the objective")
    slopes = gradients(value, list(theta.values()), "the objective", cut)
    return value.detach(), torch.cat([slope.reshape(-1) for slope in slopes])


def probe(ask: Ask, variant: int) -> dict[str, list[Tensor]]:
    """The objective of four tasks of one size and its gradient; and that of unequal ones."""
    rng = seeded(variant, 7)
    w, tasks = drawn(rng, 4), regressions(rng, (5, 5, 5, 5))
    value, slopes = asked(ask, w, tasks)
    unequal, _ = asked(ask, w, regressions(rng, (2, 9, 4)))
    return {"values": [value], "slopes": [value, slopes], "sizes": [value, unequal]}


def _require(ask: Ask, w: Tensor, tasks: Sequence[Task]) -> None:
    found, _ = asked(ask, w, tasks)
    expected, _ = objective(w, tasks)
    if not same(found, expected, scale=10):
        sizes = [len(task[3]) for task in tasks]
        raise Wrong(
            f"{len(tasks)} tasks, queries of {sizes} examples: the objective is {float(found):.6g},"
            f" by hand {float(expected):.6g}"
        )


def _require_slopes(ask: Ask, w: Tensor, tasks: Sequence[Task]) -> None:
    _, found = asked(ask, w, tasks, cut=CUT)
    _, expected = objective(w, tasks)
    if not same(found, expected, scale=10):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(
            f"{len(tasks)} tasks: the gradient in theta is {wrong}; the mean of (I - lr H) times "
            f"the query's gradient at phi is {right}"
        )


def mean_of_query_losses(ask: Ask, variant: int) -> None:
    """Tasks of one size: one task, two, five; the same ones in another order."""
    rng = seeded(variant)
    for count in (1, 2, 5):
        w, tasks = drawn(rng, 4), regressions(rng, (4 + variant % 3,) * count)
        _require(ask, w, tasks)
        _require(ask, w, tasks[::-1])


def through_adaptation(ask: Ask, variant: int) -> None:
    """The mean over tasks of (I - lr H) times the gradient of the query loss at phi."""
    rng = seeded(variant, 1)
    for count in (1, 4):
        _require_slopes(ask, drawn(rng, 4), regressions(rng, (5,) * count))


def any_size(ask: Ask, variant: int) -> None:
    """Supports and queries of different sizes, down to a single example."""
    rng = seeded(variant, 2)
    for sizes in ((1, 8, 3), (12, 1), (2, 3 + variant % 4, 20, 1)):
        w, tasks = drawn(rng, 4), regressions(rng, sizes)
        _require(ask, w, tasks)
        _require_slopes(ask, w, tasks)


def any_parts(ask: Ask, variant: int) -> None:
    """Three classes and cross-entropy; an inner loop of its own kind, which asks for the support
    loss at two points and scales theta by what it hears."""
    rng = seeded(variant, 3)
    w, cross_entropy = drawn(rng, 6), torch.nn.functional.cross_entropy
    tasks = [
        (drawn(rng, 4, 2), torch.arange(4) % 3, drawn(rng, 5, 2), (torch.arange(5) + k) % 3)
        for k in range(3)
    ]

    def classify(params: Any, x: Tensor) -> Tensor:
        out: Tensor = x @ params["weight"]
        return out

    def scaled(theta: Any, support_loss: Any) -> Any:
        half = support_loss({name: value / 2 for name, value in theta.items()})
        return {name: value * (1 + support_loss(theta) - half) for name, value in theta.items()}

    losses = []
    for x, y, query_x, query_y in tasks:
        logits = x @ w.reshape(2, 3)
        factor = 1 + cross_entropy(logits, y) - cross_entropy(logits / 2, y)
        losses.append(cross_entropy(factor * query_x @ w.reshape(2, 3), query_y))
    expected = torch.stack(losses).mean()
    named = {"named": lambda w: {"weight": w.reshape(2, 3)}}
    found, _ = asked(
        ask, w, tasks, predict=classify, loss=cross_entropy, inner_loop=scaled, **named
    )
    if not same(found, expected, scale=10):
        raise Wrong(
            f"three classes, another inner loop: the objective is {float(found):.6g}, expected "
            f"{float(expected):.6g}"
        )


def network(ask: Ask, variant: int) -> None:
    """A network, two steps, two tasks: the gradient, beside differences of the objective."""
    net, steps = Network(seeded(variant, 4), batches=4), 2
    tasks = [(net.x[k], net.y[k], net.x[k + 1], net.y[k + 1]) for k in (0, 2)]

    def adapt(theta: Any, support_loss: Any) -> Any:
        for _ in range(steps):
            theta = one_step(theta, support_loss)
        return theta

    def value(w: Tensor) -> Tensor:
        ends = [net.descended(w, LR, steps, batch=k) for k in (0, 2)]
        return torch.stack([net.loss(k + 1, w) for k, w in zip((0, 2), ends, strict=True)]).mean()

    parts = {"predict": net.predict, "loss": torch.nn.functional.mse_loss, "inner_loop": adapt}
    _, found = asked(ask, net.w, tasks, cut=CUT, named=net.named, **parts)
    expected = differences(value, net.w)
    if not same(found, expected, scale=100):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(f"a network: the gradient in theta is {wrong}; differences give {right}")


def untouched(ask: Ask, variant: int) -> None:
    """theta and tasks are what they were, .grad included."""
    rng = seeded(variant, 5)
    w, tasks = drawn(rng, 4), regressions(rng, (3, 3))
    theta = {n: v.detach().clone().requires_grad_() for n, v in theta_of(w).items()}
    given, copies = list(tasks), [tuple(part.clone() for part in task) for task in tasks]
    with kept(theta):
        ask(theta, given, predict=predict, loss=half_squared, inner_loop=one_step)
    whole = len(given) == len(tasks) and all(a is b for a, b in zip(given, tasks, strict=True))
    if not whole or not all(
        torch.equal(a, b)
        for task, copy in zip(tasks, copies, strict=True)
        for a, b in zip(task, copy, strict=True)
    ):
        raise Wrong("tasks are not the same after the call", CHANGED)


maml_objective = Exercise(
    lab="lab10_meta_learning",
    name="maml_objective",
    section=sections.MAML,
    library=("course_lib.meta.maml:maml_objective",),
    laws={
        "the mean of the query losses after adaptation": mean_of_query_losses,
        "differentiated through the adaptation": through_adaptation,
        "tasks of any size count the same": any_size,
        "any network, loss and inner loop": any_parts,
        "a network, beside differences": network,
        "theta and tasks stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "For each task: adapt, then ask. Which two of the four tensors are for which?",
        "inner_loop wants a function of the parameters: "
        "lambda phi: loss(predict(phi, support_x), support_y).",
        "phi = inner_loop(theta, ...) for every task, always from theta. Its query loss is "
        "loss(predict(phi, query_x), query_y).",
        "torch.stack(losses).mean() keeps the graph; sum(losses) / len(losses) does, too.",
    ),
    basic="the mean of the query losses after adaptation",
)
