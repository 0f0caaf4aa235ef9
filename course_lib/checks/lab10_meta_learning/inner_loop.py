"""`inner_loop`: on bent bowls, where every step and its derivative are known by hand."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab10_meta_learning import sections
from course_lib.checks.lab10_meta_learning.bowls import (
    ACCUMULATED,
    FEW,
    SIZE,
    Bowl,
    bowl,
    differences,
    drawn,
    kept,
    named,
    parameters,
)
from course_lib.checks.lab10_meta_learning.network import Network
from course_lib.checks.laws import CHANGED, gradients
from course_lib.checks.values import apart, same, shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

COPY = Misconception(
    "a copy of theta cuts the graph",
    "phi must depend on theta for autograd, too: begin with phi = theta, or dict(theta), and build "
    "new tensors from it. .detach(), .data, deepcopy and torch.no_grad cut what leads back.",
)
Slope = Callable[[Any, dict[str, Tensor], dict[str, Tensor], int, int], Any]


def _grad(loss: Any, at: dict[str, Tensor], graph: bool = True) -> dict[str, Tensor]:
    slopes = torch.autograd.grad(
        loss(at), list(at.values()), create_graph=graph, materialize_grads=True
    )
    return dict(zip(at, slopes, strict=True))


def _exchanged(
    slope: Slope = lambda loss, theta, phi, k, steps: _grad(loss, phi),
    sign: float = -1.0,
    count: Callable[[int], int] = lambda steps: steps,
) -> Callable[..., dict[str, Tensor]]:
    """A loop with one part exchanged."""

    def inner_loop(theta: Any, support_loss: Any, *, lr: float, steps: int) -> dict[str, Tensor]:
        phi = dict(theta)
        for k in range(count(steps)):
            slopes = slope(support_loss, theta, phi, k, steps)
            phi = {name: value + sign * lr * slopes[name] for name, value in phi.items()}
        return phi

    return inner_loop


MISTAKES = (
    mistake(
        "the steps go uphill",
        "phi - lr * gradient: the loss is to become smaller.",
        _exchanged(sign=1.0),
        part="values",
    ),
    mistake(
        "only one step is taken",
        "Take `steps` of them; each needs the gradient at the point that the last one reached.",
        _exchanged(count=lambda steps: 1),
        part="values",
    ),
    mistake(
        "the gradient is always taken at theta",
        "After the first step you stand at phi: ask for the loss and its gradient there.",
        _exchanged(lambda loss, theta, phi, k, steps: _grad(loss, theta)),
        part="values",
    ),
    mistake(
        "this is first order: the gradient is taken for a constant",
        "The step depends on theta through the gradient, too, and its derivative is I - lr H. "
        "torch.autograd.grad(..., create_graph=True) keeps that way open, and .detach() closes it.",
        _exchanged(lambda loss, theta, phi, k, steps: _grad(loss, phi, graph=False)),
        part="slopes",
    ),
    mistake(
        "only one of the steps is differentiated",
        "Every step's gradient needs create_graph=True, the first as well as the last.",
        _exchanged(lambda loss, theta, phi, k, steps: _grad(loss, phi, graph=k == steps - 1)),
        _exchanged(lambda loss, theta, phi, k, steps: _grad(loss, phi, graph=k == 0)),
        _exchanged(lambda loss, theta, phi, k, steps: _grad(loss, phi, graph=k < steps - 1)),
        part="slopes",
    ),
    COPY,
    CHANGED,
    ACCUMULATED,
)


def asked(
    ask: Ask, loss: Any, w: Tensor, v: Tensor, *, cut: Misconception | None = None, **settings: Any
) -> tuple[Tensor, Tensor]:
    """phi in a row, and the gradient of v.phi in theta."""
    theta = named(w, leaves=True)
    phi = parameters(ask(dict(theta), loss, **settings), theta)
    slopes = gradients(phi @ v.to(phi), list(theta.values()), "phi", cut)
    return phi.detach(), torch.cat([slope.reshape(-1) for slope in slopes])


def probe(ask: Ask, variant: int) -> dict[str, list[Tensor]]:
    """phi after three steps down a bent bowl, and its gradient; nothing, where theta is changed."""
    untouched(ask, variant)
    rng = seeded(variant, 7)
    found = [asked(ask, bowl(rng, bend=0.5), drawn(rng, SIZE), drawn(rng, SIZE), lr=0.2, steps=3)]
    return {"values": [value for value, _ in found], "slopes": [slope for _, slope in found]}


def _arrives(ask: Ask, loss: Bowl, w: Tensor, lr: float, steps: int) -> None:
    found, _ = asked(ask, loss, w, w, lr=lr, steps=steps)
    *_, expected = loss.steps(w, lr, steps)
    if not same(found, expected, scale=10):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(f"lr = {lr:g}, steps = {steps}: phi is {wrong}, by hand {right}")


def one_step(ask: Ask, variant: int) -> None:
    """On a quadratic, with rates small and large."""
    rng = seeded(variant)
    for lr in (0.01, 0.3, 1.5):
        _arrives(ask, bowl(rng), drawn(rng, SIZE), lr, 1)


def several_steps(ask: Ask, variant: int) -> None:
    """On a bowl that is bent, so that where the gradient is taken shows; and at a rate so large
    that the loss rises: all steps are taken all the same, as long as the gradient is."""
    rng = seeded(variant, 1)
    for lr, steps in ((0.2, 2), (0.1, 3), (0.05, 10 + variant % 4)):
        _arrives(ask, bowl(rng, bend=0.5), drawn(rng, SIZE), lr, steps)
    _arrives(ask, bowl(rng), 5 * drawn(rng, SIZE), 3.0, 4)


def through_the_steps(ask: Ask, variant: int) -> None:
    """d phi / d theta is the product of I - lr H over the steps, H where each one began."""
    rng = seeded(variant, 2)
    for lr, steps, bend in ((0.3, 1, 0.0), (0.2, 2, 0.0), (0.2, 3, 0.5), (0.1, 5, 0.5)):
        loss, w, v = bowl(rng, bend=bend), drawn(rng, SIZE), drawn(rng, SIZE)
        expected = v
        *points, _ = loss.steps(w, lr, steps)
        for point in reversed(points):
            expected = expected - lr * loss.curvature(point) @ expected
        _, found = asked(ask, loss, w, v, cut=COPY, lr=lr, steps=steps)
        if not same(found, expected, scale=10):
            right, wrong = apart(expected, found, FEW)
            raise Wrong(
                f"lr = {lr:g}, steps = {steps}: the gradient of v.phi in theta is {wrong}; v times "
                f"the product of I - lr H is {right}"
            )


def network(ask: Ask, variant: int) -> None:
    """The loss on a query after the steps: its gradient, beside differences of that loss. Here
    theta is computed from something else, as in a deeper program."""
    net, steps, lr = Network(seeded(variant, 3)), 2 + variant % 3, 0.2

    def query(w: Tensor) -> Tensor:
        return net.loss(1, net.descended(w, lr, steps))

    origin = net.w.clone().requires_grad_()
    theta = net.named(2.0 * origin)
    phi = parameters(ask(theta, net.support_loss, lr=lr, steps=steps), theta)
    (found,) = gradients(net.loss(1, phi), [origin], "the loss at phi", COPY)
    expected = 2 * differences(query, 2 * net.w)
    if not same(found, expected, scale=100):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(
            f"a network, {steps} steps: the query loss at phi has the gradient {wrong} in theta; "
            f"differences give {right}"
        )


def unused(ask: Ask, variant: int) -> None:
    """What the loss does not use has gradient 0: it stays, and its derivative is 1."""
    rng = seeded(variant, 4)
    w, v = drawn(rng, SIZE), drawn(rng, SIZE)

    def loss(params: Any) -> Tensor:
        if not isinstance(params, dict) or "weight" not in params:
            raise ValueError("the loss expects a dictionary like theta")
        square: Tensor = params["weight"].square().sum() / 2
        return square

    phi, slopes = asked(ask, loss, w, v, lr=0.5, steps=2)
    kept_share = torch.cat([torch.full((4,), 0.25), torch.ones(3)]).double()
    if not same(phi, kept_share * w):
        raise Wrong(
            f"phi is {shown(phi, 7)}; theta was {shown(w, 7)}, and the last three are not used"
        )
    if not same(slopes[4:], v[4:]):
        raise Wrong(
            f"the gradient in the last three is {shown(slopes[4:])}, expected {shown(v[4:])}"
        )


def untouched(ask: Ask, variant: int) -> None:
    """theta has the same tensors with the same numbers, and the same .grad."""
    rng = seeded(variant, 5)
    for steps in (1, 3):
        theta = named(drawn(rng, SIZE), leaves=True)
        loss = bowl(rng, bend=0.5)
        with kept(theta):
            answer = ask(theta, loss, lr=0.1, steps=steps)
        parameters(answer, theta)


inner_loop = Exercise(
    lab="lab10_meta_learning",
    name="inner_loop",
    section=sections.MAML,
    library=("course_lib.meta.maml:inner_loop",),
    laws={
        "one step, by hand": one_step,
        "each step from where the last one ended": several_steps,
        "differentiated through every step": through_the_steps,
        "a network, beside differences": network,
        "what the loss does not use stays": unused,
        "theta stays as it is": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "A loop of `steps` rounds; in each, one gradient of support_loss at the current phi, and a "
        "new dictionary. Which call gives a gradient that can be differentiated again?",
        "torch.func.grad(support_loss)(phi) is a dictionary like phi, and stays part of the "
        "graph. torch.autograd.grad(support_loss(phi), list(phi.values()), create_graph=True, "
        "materialize_grads=True) is a tuple in the same order.",
        "phi = {name: value - lr * gradient[name] for name, value in phi.items()}: new tensors, "
        "and theta stays as it is.",
    ),
    basic="one step, by hand",
)
