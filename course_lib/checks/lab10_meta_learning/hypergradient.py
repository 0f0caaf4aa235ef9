"""`hypergradient`: on bent bowls, where every derivative is known by hand; and by differences."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.func import grad

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab10_meta_learning import sections
from course_lib.checks.lab10_meta_learning.bowls import FEW, descended, differences, kept
from course_lib.checks.lab10_meta_learning.network import Network
from course_lib.checks.lab10_meta_learning.trainings import Training
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake

Back = Callable[[Tensor, Tensor, Tensor], Tensor]


def _exchanged(
    sign: float = -1.0,
    last: Callable[[Any, Any, int], Any] = lambda train, valid, steps: valid,
    hessian: float = 1.0,
    place: int = 0,
    batch: int = 0,
    together: Callable[[Tensor], Tensor] = lambda found: found,
    rate_of: Callable[[Tensor, int], Tensor] = lambda rates, t: rates[t],
) -> Callable[..., Tensor]:
    """The backward recursion with one part exchanged.

    place: how many steps too late the weights are taken; batch: likewise the training loss.
    """

    def hypergradient(theta: Tensor, train: Any, valid: Any, rates: Tensor) -> Tensor:
        visited, steps = [theta], len(rates)
        for t in range(steps):
            visited.append(visited[-1] - rates[t] * grad(train)(visited[-1], t))
        slope = grad(last(train, valid, steps))(visited[-1])
        found = torch.zeros_like(rates)
        for t in reversed(range(steps)):
            at, number = visited[t + place], min(t + batch, steps - 1)
            carried = slope

            def along(w: Tensor, number: int = number, slope: Tensor = carried) -> Tensor:
                return torch.as_tensor((grad(train)(w, number) * slope).sum())

            found[t] = sign * along(at)
            slope = slope - hessian * rate_of(rates, t) * grad(along)(at)
        return together(found)

    return hypergradient


def _greedy(theta: Tensor, train: Any, valid: Any, rates: Tensor) -> Tensor:
    """Each rate is judged by the validation loss directly after its step."""
    found, w = [], theta
    for t, rate in enumerate(rates):
        gradient = grad(train)(w, t)
        w = w - rate * gradient
        found.append(-(gradient * grad(valid)(w)).sum())
    return torch.stack(found)


def _only_last(found: Tensor) -> Tensor:
    kept_entries = torch.zeros_like(found)
    kept_entries[-1] = found[-1]
    return kept_entries


MISTAKES = (
    mistake(
        "the sign is wrong",
        "w - rate * g: a larger rate moves the weights along -g, so the derivative begins with a "
        "minus.",
        _exchanged(sign=1.0),
    ),
    mistake(
        "only the last step has a derivative",
        "Every rate has its say, the first, too: what it moved is carried through all steps after "
        "it. (Is the graph cut between the steps?)",
        _exchanged(together=_only_last),
    ),
    mistake(
        "the second derivatives are missing",
        "What a step moves changes the gradients of the steps after it: carry the slope back by "
        "I - rate * H, or let autograd do so with create_graph=True.",
        _exchanged(hessian=0.0),
    ),
    mistake(
        "a gradient, a Hessian or a rate is that of another step",
        "Step t starts at w_t, sees batch t and takes rates[t]: its gradient and its Hessian are "
        "those of train_loss(w_t, t), also on the way back.",
        _exchanged(place=1),
        _exchanged(batch=1),
        lambda w, train, valid, rates: _exchanged()(w, lambda w, t: train(w, 0), valid, rates),
        _exchanged(rate_of=lambda rates, t: rates[max(t - 1, 0)]),
        _exchanged(rate_of=lambda rates, t: rates[min(t + 1, len(rates) - 1)]),
    ),
    mistake(
        "the training loss takes the place of the validation loss",
        "What is differentiated is valid_loss at the weights after the last step.",
        _exchanged(last=lambda train, valid, steps: lambda w: train(w, steps - 1)),
    ),
    mistake(
        "each rate is judged by the loss directly after its step",
        "The validation loss is asked for once, after the last step.",
        _greedy,
    ),
    mistake(
        "the derivatives are averaged or summed over the steps",
        "One number for every rate, a tensor like `rates`: nothing is divided by the number of "
        "steps.",
        _exchanged(together=lambda found: found / len(found)),
        _exchanged(together=lambda found: found.mean().expand_as(found)),
        _exchanged(together=lambda found: found.sum().expand_as(found)),
    ),
    CHANGED,
)


def probe(ask: Ask, variant: int) -> Tensor:
    """Four steps on bent bowls."""
    return Training(variant, 7, 4).asked(ask)


def _require(ask: Ask, training: Training, shape: tuple[int, ...] = (7,)) -> None:
    found, expected = training.asked(ask, shape), training.expected()
    if not same(found, expected, scale=30):
        right, wrong = apart(expected, found, FEW)
        turned = same(found.flip(0), expected, scale=30)
        why = ": that is the last step's first, turn them round" if turned else ""
        raise Wrong(
            f"rates {shown(training.rates)}: the derivatives are {wrong}, by hand {right}{why}"
        )


def single_step(ask: Ask, variant: int) -> None:
    """One step: minus the product of the training and the validation gradient."""
    for salt in range(3):
        _require(ask, Training(variant, salt, 1))


def quadratics(ask: Ask, variant: int) -> None:
    """Several steps on quadratics, another one for each step; weights of any shape."""
    for salt, (steps, shape) in enumerate(((2, (7,)), (3, (7, 1)), (6 + variant % 3, (1, 7)))):
        _require(ask, Training(variant, 10 + salt, steps, bend=0.0), shape)


def bent(ask: Ask, variant: int) -> None:
    """Bowls whose curvature changes on the way: H is that where each step began. Some rates are
    zero, and one is negative."""
    for salt, steps in enumerate((2, 5, 12)):
        training = Training(variant, 20 + salt, steps)
        if salt:
            training.rates[variant % steps] = 0.0
            training.rates[(variant + 2) % steps] = -0.05
        _require(ask, training)


def network(ask: Ask, variant: int) -> None:
    """A network that sees a batch a step: beside differences of the validation loss."""
    net, rates = Network(seeded(variant, 30), batches=6), torch.tensor([0.3, 0.2, 0.25, 0.1, 0.15])
    rates = rates.double()
    losses = [lambda w, k=k: net.loss(k, w) for k in range(5)]

    def value(rates: Tensor) -> Tensor:
        return net.loss(5, descended(losses, net.w, rates.tolist()))

    answer = ask(net.w.clone(), lambda w, t: net.loss(int(t), w), lambda w: net.loss(5, w), rates)
    found = tensor(answer, (5,), "the hypergradient")
    expected = differences(value, rates)
    if not same(found, expected, scale=100):
        right, wrong = apart(expected, found, FEW)
        raise Wrong(f"a network: the derivatives are {wrong}; differences give {right}")


def untouched(ask: Ask, variant: int) -> None:
    """theta and rates keep their numbers, and require no gradient afterwards."""
    training = Training(variant, 40, 3)
    given = {"theta": training.theta.clone(), "rates": training.rates.clone()}
    with kept(dict(given), "arguments"):
        answer = ask(given["theta"], training.train_loss, training.valid_loss, given["rates"])
    if tensor(answer, (3,), "the hypergradient").requires_grad:
        raise Wrong("theta and rates required no gradient, and the answer does: .detach() it")


hypergradient = Exercise(
    lab="lab10_meta_learning",
    name="hypergradient",
    section=sections.THROUGH,
    library=(
        "course_lib.meta.hypergradient:hypergradient",
        "course_lib.meta.hypergradient:trajectory",
        "course_lib.meta.hypergradient:product",
    ),
    laws={
        "a single step": single_step,
        "several steps on quadratics": quadratics,
        "several steps where the curvature changes": bent,
        "a network, beside differences": network,
        "theta and rates stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Two ways are open. Train with a copy of rates that requires a gradient, and let autograd "
        "go back through all steps; or keep all weights and go back by hand.",
        "With autograd: rates = rates.clone().requires_grad_(), and in each step "
        "torch.func.grad(train_loss)(w, t), which stays in the graph. In the end one gradient of "
        "valid_loss(w) in rates.",
        "By hand: start with slope = grad(valid_loss)(w_T). For t = T - 1, ..., 0 the answer's "
        "entry is -<g_t, slope>; then slope becomes slope - rate_t * H_t slope, where H_t slope is "
        "the gradient of <grad train_loss(w, t), slope> at w_t.",
    ),
    basic="a single step",
)
