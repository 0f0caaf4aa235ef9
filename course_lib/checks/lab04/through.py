"""Laws of `straight_through`: the value is one-hot, the gradient is that of soft."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.checks.ask import Ask
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong

NO_GRADIENT = Misconception(
    "argmax has no gradient, and nothing carries one past it",
    "Add a term whose value is 0 and whose gradient is that of soft.",
)
WRONG_TERM = Misconception(
    "the wrong term is detached: the gradient has the wrong sign",
    "In hard + soft - soft the two copies of soft cancel in value. Detach the one that is "
    "subtracted.",
)
DETACHED = Misconception(
    "soft is detached everywhere",
    "One copy of soft must stay attached; only the one that cancels it is detached.",
)
SOFT = Misconception(
    "the value is still soft",
    "The forward value must be one-hot, so that only one operation needs to be computed.",
)
NOTHING_CANCELS = Misconception(
    "hard and soft are added, and nothing cancels the value of soft",
    "Subtract the same value again, without its gradient.",
)
PRODUCT = Misconception(
    "hard times soft",
    "Its value is the probability of the choice instead of 1, and the other entries get no "
    "gradient.",
)
ONLY_CHOSEN = Misconception(
    "only the chosen entry gets a gradient",
    "The other entries must learn too: the gradient of every entry of soft passes.",
)
THRESHOLD = Misconception(
    "a threshold instead of the largest entry",
    "Where no entry exceeds it the row is all 0: take the argmax.",
)
TIES = Misconception(
    "equal largest entries all become 1",
    "Comparing with the maximum finds several where there is a tie; argmax finds one.",
)
AXIS = Misconception(
    "the largest entry along the wrong axis",
    "The choices are the last axis: argmax over -1.",
)
INDEX = Misconception(
    "an index instead of a one-hot vector",
    "`torch.nn.functional.one_hot(index, choices)` makes a vector of it.",
)
CHANGED = Misconception(
    "soft is changed in place",
    "It belongs to the caller, and its gradient is needed: build a new tensor.",
)


def _hard(soft: Tensor, axis: int = -1) -> Tensor:
    index = soft.argmax(axis, keepdim=True)
    return torch.zeros_like(soft).scatter(axis, index, 1.0)


Formula = Callable[[Tensor], Tensor]
KNOWN: tuple[tuple[Misconception, Formula], ...] = (
    (SOFT, lambda soft: soft),
    (SOFT, lambda soft: soft.detach()),
    (NO_GRADIENT, _hard),
    (WRONG_TERM, lambda soft: _hard(soft) - soft + soft.detach()),
    (NOTHING_CANCELS, lambda soft: _hard(soft) + soft),
    (NOTHING_CANCELS, lambda soft: _hard(soft) + soft.detach()),
    (PRODUCT, lambda soft: _hard(soft) * soft),
    (ONLY_CHOSEN, lambda soft: _hard(soft) * soft / soft.detach()),
    (AXIS, lambda soft: _hard(soft, 0) + soft - soft.detach()),
    (AXIS, lambda soft: _hard(soft, 0)),
    (THRESHOLD, lambda soft: (soft > 0.5).to(soft) + soft - soft.detach()),
    (THRESHOLD, lambda soft: (soft > 0.5).to(soft) + 0 * soft),
    (THRESHOLD, lambda soft: soft.detach().round() + soft - soft.detach()),
)


def _asked(ask: Ask, soft: Tensor) -> Tensor:
    """One answer of soft's shape; soft is left as it was."""
    before = soft.detach().clone()
    answer = ask(soft)
    if not torch.equal(soft.detach(), before):
        raise Wrong("soft is not the same after the call", CHANGED)
    if type(answer) is Tensor and answer.shape != soft.shape:
        said = f"soft of shape {tuple(soft.shape)} gave shape {tuple(answer.shape)}"
        raise Wrong(said, INDEX if answer.ndim < soft.ndim else None)
    if type(answer) is Tensor and not answer.dtype.is_floating_point:
        raise Wrong(f"the result has dtype {answer.dtype}, which carries no gradient", NO_GRADIENT)
    return tensor(answer, tuple(soft.shape), "the result")


def _soft(variant: int, *shape: int) -> Tensor:
    """Rows that sum to 1, sharp and blunt ones."""
    logits = torch.randn(shape, generator=seeded(variant, len(shape)), dtype=torch.float64)
    return logits.softmax(-1)


def _answer(ask: Ask, soft: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Value, and gradient in soft of the weighted sum; zeros where there is none."""
    at = soft.clone().requires_grad_()
    result = _asked(ask, at)
    if not result.requires_grad:
        return result.detach(), torch.zeros_like(soft)
    (found,) = torch.autograd.grad((result * weight).sum(), at, allow_unused=True)
    return result.detach(), torch.zeros_like(soft) if found is None else found


def _recognise(ask: Ask, variant: int) -> Misconception | None:
    """The known mistake with the same values and gradients on rows whose axes tell apart."""
    soft = _soft(variant, 4, 4)
    weight = torch.randn(4, 4, generator=seeded(variant, 5), dtype=torch.float64)
    value, slope = _answer(ask, soft, weight)
    for mistake, formula in KNOWN:
        known, its_slope = _answer(Ask(formula), soft, weight)
        if same(value, known) and same(slope, its_slope):
            return mistake
    if same(value, _hard(soft)) and not bool(slope.any()):
        return DETACHED
    return THRESHOLD if bool((value.sum(-1).abs() < 1e-6).any()) else None


def hard_value_soft_gradient(ask: Ask, variant: int) -> None:
    """loss = sum_k c_k h_k^2 has the value c_chosen, and the gradient 2 c_chosen there, 0 else;
    a linear loss sends its weights to all entries of soft."""
    choices = 3 + variant % 3
    for row in range(4):
        soft = _soft(variant + 1000 * row, choices).requires_grad_()
        cost = torch.rand(choices, generator=seeded(variant, row), dtype=torch.float64) + 0.5
        hard = _asked(ask, soft)
        chosen = int(soft.argmax())
        loss = (cost * hard.square()).sum()
        if not same(loss, cost[chosen]):
            raise Wrong(
                f"soft {shown(soft)} gave the value {shown(hard)}, expected 1 at place {chosen} "
                "and 0 elsewhere",
                _recognise(ask, variant),
            )
        found = _slope(ask, (cost * hard).sum(), soft, variant)
        if not same(found, cost):
            raise Wrong(
                f"a loss with the slopes {shown(cost)} in the result sends the gradient "
                f"{shown(found)} to soft, expected the same slopes",
                _recognise(ask, variant),
            )


def _slope(ask: Ask, loss: Tensor, soft: Tensor, variant: int) -> Tensor:
    if not loss.requires_grad:
        raise Wrong("the result does not depend on soft any more", _recognise(ask, variant))
    (found,) = torch.autograd.grad(loss, soft, allow_unused=True)
    return torch.zeros_like(soft) if found is None else found


def one_hot_rows(ask: Ask, variant: int) -> None:
    """Every row has one 1, at its largest entry, for any shape, and exactly one in a tie."""
    for shape in ((4,), (3, 3), (2, 5), (2, 3, 2 + variant % 3)):
        soft = _soft(variant, *shape)
        result = _asked(ask, soft.clone()).detach()
        expected = one_hot(soft.argmax(-1), shape[-1]).double()
        if not same(result, expected):
            said = f"soft of shape {shape} gave {shown(result)}, expected {shown(expected)}"
            raise Wrong(said, _recognise(ask, variant))
    for tie in ([0.25, 0.25, 0.25, 0.25], [0.1, 0.45, 0.45]):
        result = _asked(ask, torch.tensor(tie, dtype=torch.float64)).detach()
        ones = int(((result - 1).abs() < 1e-6).sum())
        if ones != 1 or not same(result.sum(), torch.tensor(1.0)):
            said = f"soft {tie} gave {shown(result)}, expected a single 1"
            raise Wrong(said, TIES if ones > 1 else THRESHOLD if ones == 0 else None)


def gradient_of_rows(ask: Ask, variant: int) -> None:
    """Through a softmax, the gradient in the logits is the one that soft itself would send."""
    for shape in ((3, 4), (2, 2, 3)):
        logits = torch.randn(shape, generator=seeded(variant, 8), dtype=torch.float64)
        weight = torch.randn(shape, generator=seeded(variant, 9), dtype=torch.float64)
        at = logits.clone().requires_grad_()
        expected = torch.autograd.grad((at.softmax(-1) * weight).sum(), at)[0]
        soft = at.softmax(-1)
        found = _slope(ask, (_asked(ask, soft) * weight).sum(), at, variant)
        if not same(found, expected):
            raise Wrong(
                f"the gradient in the logits is {shown(found)}, soft would send {shown(expected)}",
                _recognise(ask, variant),
            )


LAWS = {
    "a loss sees the hard value, soft gets its gradient": hard_value_soft_gradient,
    "one 1 in every row, ties included": one_hot_rows,
    "the logits get the gradient of soft": gradient_of_rows,
}
