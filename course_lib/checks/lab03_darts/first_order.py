"""`first_order`: the gradient of the validation loss in alpha, and nothing else moves."""

import torch

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab03_darts import sections
from course_lib.checks.lab03_darts.bilevel import Bilevel, nothing_accumulates, untouched
from course_lib.checks.lab03_darts.in_parts import alpha_slope, exchanged_second_order, stepped
from course_lib.checks.values import same, shown
from course_lib.checks.wrong import Wrong, mistake

MISTAKES = (
    mistake(
        "alpha follows the training loss",
        "Alphas are chosen on pictures that the weights have not learned from: differentiate "
        "valid_loss. On the training batch alpha only helps to fit it.",
        lambda train, valid, params, alpha, *, xi: alpha_slope(train, params, alpha),
    ),
    mistake(
        "the two losses are added",
        "The training loss belongs to the weights, the validation loss to alpha.",
        lambda train, valid, params, alpha, *, xi: (
            alpha_slope(train, params, alpha) + alpha_slope(valid, params, alpha)
        ),
    ),
    mistake(
        "the sign is flipped",
        "Return the gradient itself: the caller's optimiser descends it.",
        lambda train, valid, params, alpha, *, xi: -alpha_slope(valid, params, alpha),
    ),
    mistake(
        "the gradient is taken at stepped weights",
        "First order takes the weights as they are; xi has no part in it.",
        lambda train, valid, params, alpha, *, xi: alpha_slope(
            valid, stepped(train, params, alpha, xi), alpha
        ),
    ),
    mistake(
        "this is the second-order gradient",
        "First order takes xi = 0: the weights do not answer to alpha. The step through the "
        "weights is the next exercise.",
        exchanged_second_order(),
    ),
    mistake(
        "the stepped alpha instead of the gradient",
        "Return the gradient; the caller's optimiser takes the step.",
        lambda train, valid, params, alpha, *, xi: alpha - xi * alpha_slope(valid, params, alpha),
    ),
    mistake(
        "the gradient in the weights of the mixture instead of alpha",
        "The losses take alpha itself; what they make of it is inside them. Hand them alpha as it "
        "is and differentiate in it.",
        lambda train, valid, params, alpha, *, xi: alpha_slope(valid, params, alpha.softmax(1)),
        lambda train, valid, params, alpha, *, xi: alpha_slope(valid, params, alpha.softmax(0)),
    ),
)


def probe(ask: Ask, variant: int) -> list[torch.Tensor]:
    """The gradients at two step sizes, where both losses bend."""
    problem = Bilevel(variant, curvature=0.5)
    return [problem.asked(ask, xi) for xi in (0.2, 0.5)]


def validation_gradient(ask: Ask, variant: int) -> None:
    """grad_a L_valid(w, a) of a polynomial, written down by hand; once with alphas of 0."""
    for problem in (Bilevel(variant), Bilevel(variant, size=0.0), Bilevel(variant, size=4.0)):
        found, expected = problem.asked(ask, 0.3), problem.valid_a(problem.w)
        if not same(found, expected, scale=30):
            raise Wrong(
                f"the gradient is {shown(found)}; that of the validation loss at these weights is "
                f"{shown(expected)}"
            )


def weights_do_not_answer(ask: Ask, variant: int) -> None:
    """The same for every xi, also where the training loss bends."""
    problem = Bilevel(variant, curvature=0.5)
    still = problem.asked(ask, 0.0)
    for xi in (0.1, 0.7):
        found = problem.asked(ask, xi)
        if not same(found, still, scale=30):
            raise Wrong(
                f"xi = 0 gives {shown(still)}, xi = {xi} gives {shown(found)}; expected the same"
            )


first_order = Exercise(
    lab="lab03_darts",
    name="first_order",
    section=sections.ORDERS,
    library=("course_lib.nas.bilevel:first_order",),
    laws={
        "gradient of the validation loss": validation_gradient,
        "the same for every xi": weights_do_not_answer,
        "weights and alpha stay as they are": untouched,
        "nothing accumulates in .grad": nothing_accumulates,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Which of the two losses tells how good an architecture is? Its gradient in alpha is the "
        "whole answer; one of the arguments is not needed, and neither is xi.",
        "torch.autograd.grad(loss, alpha) returns a tuple with the gradient and leaves every .grad "
        "as it is, `loss.backward()` does not.",
        "return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]",
    ),
    basic="gradient of the validation loss",
)
