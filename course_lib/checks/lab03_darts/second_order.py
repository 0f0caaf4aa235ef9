"""`second_order`: the gradient through one step of the weights, known in closed form."""

from functools import partial

from torch import Tensor

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab03_darts import sections
from course_lib.checks.lab03_darts.bilevel import (
    Bilevel,
    nothing_accumulates,
    untouched,
)
from course_lib.checks.lab03_darts.in_parts import alpha_slope
from course_lib.checks.lab03_darts.in_parts import exchanged_second_order as exchanged
from course_lib.checks.lab03_darts.unrolled import Small, Wave, waves
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.checks.wrong import mistake as named

mistake = partial(named, part="polynomials")

ZERO_VECTOR = Misconception(
    "division by the length of a zero vector",
    "Where v is zero the product is zero: return the direct gradient before dividing by |v|.",
)
MISTAKES = (
    mistake(
        "the product is added instead of subtracted",
        "w' = w - xi grad L_train: the minus of the step comes back as the minus of the product.",
        exchanged(factor=lambda xi: -xi),
    ),
    mistake(
        "the product with the second derivatives is missing",
        "The gradient at w' alone forgets that w' depends on alpha through the step.",
        exchanged(factor=lambda xi: 0.0),
    ),
    mistake(
        "this is the first-order gradient",
        "Step the weights first: both gradients of the validation loss are taken at w', and the "
        "product is subtracted.",
        lambda train, valid, params, alpha, *, xi: alpha_slope(valid, params, alpha),
    ),
    mistake(
        "the vector is taken at w instead of w'",
        "v is the gradient of the validation loss in the weights after the step.",
        exchanged(vector=("valid", "before")),
    ),
    mistake(
        "the direct gradient is taken at w instead of w'",
        "grad_alpha L_valid is evaluated after the step of the weights, like v.",
        exchanged(direct=("valid", "before")),
    ),
    mistake(
        "the differences are taken in the validation loss",
        "The step that depends on alpha descends the training loss: its mixed derivative is "
        "needed.",
        exchanged(difference=("valid", "before")),
    ),
    mistake(
        "the difference is not divided by 2 eps",
        "(f(w + eps v) - f(w - eps v)) / (2 eps) approximates the derivative along v.",
        exchanged(divisor=lambda eps, length: 1.0),
        exchanged(divisor=lambda eps, length: 1 / length),
    ),
    mistake(
        "the difference is multiplied by eps instead of divided by it",
        "`d / 2 * eps` is `(d / 2) * eps`, since Python goes from left to right. Write brackets: "
        "`d / (2 * eps)`.",
        exchanged(divisor=lambda eps, length: 2 / eps),
        exchanged(divisor=lambda eps, length: 1 / (2 * eps)),
    ),
    mistake(
        "the difference is divided by eps instead of 2 eps",
        "Between w + eps v and w - eps v lie two steps of eps v.",
        exchanged(divisor=lambda eps, length: eps),
        exchanged(divisor=lambda eps, length: 4 * eps),
    ),
    mistake(
        "the vector is shortened to length 1",
        "Move by eps v with eps = 0.01 / |v| and divide by 2 eps; what comes out is the product "
        "with v, not with v / |v|.",
        exchanged(divisor=lambda eps, length: 0.02),
        exchanged(scale=lambda length: 1 / length, eps=lambda length: 0.01),
    ),
    mistake(
        "the product is not multiplied by xi",
        "dw'/dalpha = -xi times the mixed second derivative.",
        exchanged(factor=lambda xi: 1.0),
    ),
    mistake(
        "the vector comes from the training loss",
        "The chain rule begins at the end: v is the gradient of the validation loss at w'.",
        exchanged(vector=("train", "before")),
        exchanged(vector=("train", "after")),
    ),
    mistake(
        "the differences are taken around w' instead of w",
        "The step was taken at w, so the second derivative is needed at w: move w to w + eps v "
        "and w - eps v. (Or were the weights stepped in place and not restored?)",
        exchanged(difference=("train", "after")),
    ),
    mistake(
        "the weights step uphill",
        "w' = w - xi grad_w L_train(w, alpha).",
        exchanged(step_sign=-1.0),
    ),
    mistake(
        "the weights step on the validation loss",
        "Weights learn on the training batch: w' = w - xi grad_w L_train(w, alpha).",
        exchanged(step="valid"),
    ),
    mistake(
        "the direct gradient is that of the training loss",
        "Alpha minimises the validation loss: the direct part is grad_alpha L_valid(w', alpha).",
        exchanged(direct=("train", "after")),
    ),
    mistake(
        "a one-sided difference",
        "(f(w + eps v) - f(w)) / eps has an error in proportion to eps, the central difference "
        "only to eps^2.",
        exchanged(sides=(1.0, 0.0), divisor=lambda eps, length: eps),
        exchanged(sides=(0.0, -1.0), divisor=lambda eps, length: eps),
    ),
    named(
        "eps does not shrink as v grows",
        "eps = 0.01 / |v|, |v| the length over all tensors together: w always moves by 0.01 in "
        "all.",
        exchanged(eps=lambda length: 0.01),
        exchanged(eps=lambda length: 0.001),
        part="waves",
    ),
    ZERO_VECTOR,
)


def probe(ask: Ask, variant: int) -> dict[str, list[Tensor]]:
    """The gradients on bent polynomials, with a short v too, and on waves with a long one."""
    bent, faint = Bilevel(variant, curvature=0.5), Bilevel(variant, curvature=0.5, loud=0.01)
    polynomials = [bent.asked(ask, 0.2), bent.asked(ask, 0.5), 100 * faint.asked(ask, 0.5)]
    return {"polynomials": polynomials, "waves": [Wave(variant, 3e4).asked(ask) / 3e4]}


def closed_form(ask: Ask, variant: int, *, curvature: float = 0.0) -> None:
    """The closed form on polynomials. Without curvature any difference quotient is exact; with
    some the second derivative changes with w: central differences at w are exact, others not."""
    problem = Bilevel(variant, curvature)
    for xi in (0.1, 0.4):
        found, expected = problem.asked(ask, xi), problem.second_order(xi)
        if not same(found, expected, scale=30):
            raise Wrong(
                f"with xi = {xi} the gradient is {shown(found)}; on paper it is {shown(expected)}"
            )


def network(ask: Ask, variant: int) -> None:
    """On a small network: backward through the backward pass, to the accuracy of eps^2."""
    small, xi = Small(variant), 0.1
    found, exact = small.asked(ask, xi), small.unrolled(xi)
    # central differences are far closer; how close they must be is the law above
    if not bool((found - exact).norm() <= 0.02 * exact.norm()):
        raise Wrong(
            f"the gradient is {shown(found)}; backward through the backward pass gives "
            f"{shown(exact)}"
        )


def any_length(ask: Ask, variant: int) -> None:
    """v zero, short, long, and with nearly all of its length in one tensor; where it is zero the
    product is zero."""
    for wave in waves(variant):
        try:
            found = wave.asked(ask, ZERO_VECTOR if wave.length == 0 else None)
        except StudentError as error:
            if isinstance(error.error, ZeroDivisionError):
                raise Wrong(f"where v is zero, {error}", ZERO_VECTOR) from error
            raise
        if float((found - wave.expected).norm()) > 0.02 * (wave.floor + float(wave.product.norm())):
            raise Wrong(
                f"with |v| = {wave.length:.3g} the gradient is {shown(found)}, expected "
                f"{shown(wave.expected)}"
            )


second_order = Exercise(
    lab="lab03_darts",
    name="second_order",
    section=sections.ORDERS,
    library=(
        "course_lib.nas.bilevel:second_order",
        "course_lib.nas.bilevel:exact_second_order",
    ),
    laws={
        "the closed form on a quadratic": closed_form,
        "central differences, around w": partial(closed_form, curvature=0.5),
        "double backward on a small network": network,
        "a vector v of any length": any_length,
        "weights and alpha stay as they are": untouched,
        "nothing accumulates in .grad": nothing_accumulates,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Five gradients: of the training loss in w at w, which gives w'; of the validation loss in "
        "w and in alpha, both at w'; and of the training loss in alpha at w + eps v and at "
        "w - eps v.",
        "Build w' as a new dictionary, {name: (w - xi * slope).detach().requires_grad_()}: then "
        "nothing has to be put back, and autograd can differentiate in it.",
        "v is a list of tensors, one for each weight. eps = 0.01 / |v| with |v| over all of them: "
        "the square root of the sum of the squares of everything. Where it is 0 return the direct "
        "part.",
        "direct - xi * (ahead - behind) / (2 * eps), where ahead is the gradient of train_loss in "
        "alpha at the weights w + eps v, and behind that at w - eps v.",
    ),
    basic="the closed form on a quadratic",
)
