"""Laws of `first_order`: the gradient of the validation loss in alpha, and nothing else moves."""

from collections.abc import Callable, Sequence

from torch import Tensor

from course_lib.checks.guard import Ask
from course_lib.checks.lab03.bilevel import Bilevel, nothing_accumulates, untouched
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Misconception, Wrong

TRAIN = Misconception(
    "alpha follows the training loss",
    "Alphas are chosen on pictures that the weights have not learned from: differentiate "
    "valid_loss. On the training batch alpha only helps to fit it.",
)
BOTH = Misconception(
    "the two losses are added",
    "The training loss belongs to the weights, the validation loss to alpha.",
)
SIGN = Misconception(
    "the sign is flipped",
    "Return the gradient itself: the caller's optimiser descends it.",
)
UNROLLED = Misconception(
    "the gradient is taken at stepped weights",
    "First order takes the weights as they are; xi has no part in it.",
)
SECOND = Misconception(
    "this is the second-order gradient",
    "First order takes xi = 0: the weights do not answer to alpha. The step through the weights is "
    "the next exercise.",
)
STEP = Misconception(
    "the stepped alpha instead of the gradient",
    "Return the gradient; the caller's optimiser takes the step.",
)

Formula = Callable[[Bilevel, float], Tensor]
KNOWN: Sequence[tuple[Misconception, Formula]] = (
    (TRAIN, lambda p, xi: p.train_a(p.w)),
    (BOTH, lambda p, xi: p.train_a(p.w) + p.valid_a(p.w)),
    (SIGN, lambda p, xi: -p.valid_a(p.w)),
    (UNROLLED, lambda p, xi: p.valid_a(p.unrolled(xi))),
    (SECOND, lambda p, xi: p.second_order(xi)),
    (STEP, lambda p, xi: p.a - xi * p.valid_a(p.w)),
)


def recognise(ask: Ask, problem: Bilevel) -> Misconception | None:
    """The known mistake that gives the same gradient at two step sizes."""
    for mistake, formula in KNOWN:
        if all(same(problem.asked(ask, xi), formula(problem, xi), scale=30) for xi in (0.2, 0.5)):
            return mistake
    return None


def validation_gradient(ask: Ask, variant: int) -> None:
    """grad_a L_valid(w, a) of a quadratic, written down by hand."""
    problem = Bilevel(variant)
    found, expected = problem.asked(ask, 0.3), problem.valid_a(problem.w)
    if not same(found, expected, scale=30):
        raise Wrong(
            f"the gradient is {shown(found)}; that of the validation loss at these weights is "
            f"{shown(expected)}",
            recognise(ask, problem),
        )


def weights_do_not_answer(ask: Ask, variant: int) -> None:
    """The same for every xi, also where the training loss bends."""
    problem = Bilevel(variant, curvature=0.5)
    still = problem.asked(ask, 0.0)
    for xi in (0.1, 0.7):
        found = problem.asked(ask, xi)
        if not same(found, still, scale=30):
            raise Wrong(
                f"xi = 0 gives {shown(still)}, xi = {xi} gives {shown(found)}; expected the same",
                recognise(ask, problem),
            )


def stay(ask: Ask, variant: int) -> None:
    """Weights and alpha are as they were."""
    untouched(ask, variant, 0.3)


def no_accumulation(ask: Ask, variant: int) -> None:
    """.grad is as it was, and has no part in the answer."""
    nothing_accumulates(ask, variant, 0.3)


LAWS = {
    "gradient of the validation loss": validation_gradient,
    "the same for every xi": weights_do_not_answer,
    "weights and alpha stay as they are": stay,
    "nothing accumulates in .grad": no_accumulation,
}
