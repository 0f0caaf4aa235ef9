"""`straight_through`: the value is one-hot, the gradient is that of soft."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.laws import Given, arguments_stay, gradients
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

CHANGED = Misconception(
    "soft is changed in place",
    "It belongs to the caller, and its gradient is needed: build a new tensor.",
)


def _hard(soft: Tensor, axis: int = -1) -> Tensor:
    index = soft.argmax(axis, keepdim=True)
    return torch.zeros_like(soft).scatter(axis, index, 1.0)


MISTAKES = (
    mistake(
        "the value is still soft",
        "The forward value must be one-hot, so that only one operation needs to be computed.",
        lambda soft: soft,
        lambda soft: soft.detach(),
        part="rows",
    ),
    mistake(
        "argmax has no gradient, and nothing carries one past it",
        "Add a term whose value is 0 and whose gradient is that of soft.",
        lambda soft: _hard(soft),
        part="rows",
    ),
    mistake(
        "the wrong term is detached: the gradient has the wrong sign",
        "In hard + soft - soft the two copies of soft cancel in value. Detach the one that is "
        "subtracted.",
        lambda soft: _hard(soft) - soft + soft.detach(),
        part="rows",
    ),
    mistake(
        "hard and soft are added, and nothing cancels the value of soft",
        "Subtract the same value again, without its gradient.",
        lambda soft: _hard(soft) + soft,
        lambda soft: _hard(soft) + soft.detach(),
        part="rows",
    ),
    mistake(
        "hard times soft",
        "Its value is the probability of the choice instead of 1, and the other entries get no "
        "gradient.",
        lambda soft: _hard(soft) * soft,
        part="rows",
    ),
    mistake(
        "only the chosen entry gets a gradient",
        "The other entries must learn too: the gradient of every entry of soft passes.",
        lambda soft: _hard(soft) * soft / soft.detach(),
        part="rows",
    ),
    mistake(
        "the largest entry along the wrong axis",
        "The choices are the last axis: argmax over -1.",
        lambda soft: _hard(soft, 0) + soft - soft.detach(),
        lambda soft: _hard(soft, 0),
        part="rows",
    ),
    mistake(
        "a threshold instead of the largest entry",
        "Where no entry exceeds it the row is all 0: take the argmax.",
        lambda soft: (soft > 0.5).to(soft) + soft - soft.detach(),
        lambda soft: (soft > 0.5).to(soft),
        part="rows",
    ),
    mistake(
        "an index instead of a one-hot vector",
        "`torch.nn.functional.one_hot(index, choices)` makes a vector of it.",
        lambda soft: soft.argmax(-1),
        part="rows",
    ),
    mistake(
        "equal largest entries all become 1",
        "Comparing with the maximum finds several where there is a tie; argmax finds one.",
        lambda soft: (soft == soft.amax(-1, keepdim=True)).to(soft) + soft - soft.detach(),
        part="ties",
    ),
    CHANGED,
)


def _asked(ask: Ask, soft: Tensor) -> Tensor:
    """One answer of soft's shape, given a copy of soft through which its gradient goes."""
    advice = f" from soft of shape {tuple(soft.shape)}"
    return tensor(ask(soft.clone()), tuple(soft.shape), "the result", advice=advice)


def _soft(variant: int, *shape: int) -> Tensor:
    """Rows that sum to 1, sharp and blunt ones."""
    logits = torch.randn(shape, generator=seeded(variant, len(shape)), dtype=torch.float64)
    return logits.softmax(-1)


TIES = ([0.25, 0.25, 0.25, 0.25], [0.1, 0.45, 0.45], [0.5, 0.5])


def probe(ask: Ask, variant: int) -> dict[str, Any]:
    """Value and gradient where rows and columns tell apart, and the values of ties."""
    soft = _soft(variant, 6, 4)
    soft[3:] = (soft[3:] + 1) / 5  # no entry of these rows exceeds a half
    soft.requires_grad_()
    weight = torch.randn(6, 4, generator=seeded(variant, 5), dtype=torch.float64)
    value = ask(soft)
    ties = [ask(torch.tensor(tie, dtype=torch.float64)).detach() for tie in TIES]
    if value.shape != soft.shape:
        return {"rows": [value.detach()], "ties": ties}
    slopes = gradients((value * weight).sum(), [soft], "the result")
    return {"rows": [value.detach(), *slopes], "ties": ties}


def hard_value_soft_gradient(ask: Ask, variant: int) -> None:
    """loss = sum_k c_k h_k^2 has the value c_chosen; a linear loss sends its weights to all entries
    of soft."""
    choices = 3 + variant % 3
    for row in range(4):
        soft = _soft(variant + 1000 * row, choices).requires_grad_()
        cost = torch.rand(choices, generator=seeded(variant, row), dtype=torch.float64) + 0.5
        hard = _asked(ask, soft)
        chosen = int(soft.argmax())
        if not same((cost * hard.square()).sum(), cost[chosen]):
            one = torch.eye(choices, dtype=torch.float64)[chosen]
            raise Wrong(f"soft {shown(soft)} gave {apart(one, hard)[1]}, expected {shown(one)}")
        (found,) = gradients((cost * hard).sum(), [soft], "the result")
        if not same(found, cost):
            right, wrong = apart(cost, found)
            raise Wrong(
                f"a loss with the slopes {right} in the result sends the gradient {wrong} to soft, "
                "expected the same slopes"
            )


def one_hot_rows(ask: Ask, variant: int) -> None:
    """Every row has one 1, at its largest entry, for any shape, and exactly one in a tie."""
    last = 2 + variant % 3
    for shape in (
        (4,),
        (1,),
        (1, 4),
        (3, 3),
        (2, 5),
        (5, 1),
        (2, 1, 3),
        (2, 3, last),
        (2, 2, 3, 4),
    ):
        soft = _soft(variant, *shape)
        result = _asked(ask, soft.clone()).detach()
        expected = one_hot(soft.argmax(-1), shape[-1]).double()
        if not same(result, expected):
            right, wrong = apart(expected, result)
            raise Wrong(f"soft of shape {shape} gave {wrong}, expected {right}")
    for tie in (*TIES, [[0.5, 0.5], [0.5, 0.5]]):
        result = _asked(ask, torch.tensor(tie, dtype=torch.float64)).detach()
        ones = ((result - 1).abs() < 1e-6).sum(-1)
        if not bool((ones == 1).all()) or not same(result.sum(-1), torch.ones(ones.shape)):
            raise Wrong(f"soft {tie} gave {shown(result)}, expected a single 1 in each row")


def gradient_of_rows(ask: Ask, variant: int) -> None:
    """Through a softmax, the gradient in the logits is the one that soft itself would send."""
    for shape in ((3, 4), (1, 3), (2, 2, 3)):
        logits = torch.randn(shape, generator=seeded(variant, 8), dtype=torch.float64)
        weight = torch.randn(shape, generator=seeded(variant, 9), dtype=torch.float64)
        at = logits.clone().requires_grad_()
        expected = torch.autograd.grad((at.softmax(-1) * weight).sum(), at)[0]
        result = _asked(ask, at.softmax(-1))
        (found,) = gradients((result * weight).sum(), [at], "the result")
        if not same(found, expected):
            right, wrong = apart(expected, found)
            raise Wrong(f"the gradient in the logits is {wrong}, soft would send {right}")


def _given(variant: int) -> Given:
    return {"soft": _soft(variant, 3, 4).requires_grad_()}


def _put(ask: Ask, given: Given) -> None:
    ask(given["soft"])


straight_through = Exercise(
    lab="lab04_gumbel",
    name="straight_through",
    section=sections.THROUGH,
    library=("course_lib.nas.relax:straight_through",),
    laws={
        "a loss sees the hard value, soft gets its gradient": hard_value_soft_gradient,
        "one 1 in every row, ties included": one_hot_rows,
        "the logits get the gradient of soft": gradient_of_rows,
        "soft stays as it is": arguments_stay(_given, _put, {"soft": CHANGED}),
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "x - x.detach() has the value 0. What is its gradient?",
        "Make the one-hot vector first: torch.nn.functional.one_hot(soft.argmax(-1), "
        "soft.shape[-1]). It holds integers and has no gradient.",
        "Add to it something of value 0 that has the gradient of soft.",
    ),
    basic="a loss sees the hard value, soft gets its gradient",
)
