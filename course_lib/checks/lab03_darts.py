"""Checks of lab 03: `check.mixed_op(mixed_op)`, `check.hint("derive")`, ... one per exercise."""

from course_lib.checks.engine import Exercise, variant_of
from course_lib.checks.hints import Hints
from course_lib.checks.lab03 import baseline as _baseline
from course_lib.checks.lab03 import challenge as _challenge
from course_lib.checks.lab03 import derivation as _derivation
from course_lib.checks.lab03 import discrete as _discrete
from course_lib.checks.lab03 import gradients as _gradients
from course_lib.checks.lab03 import mixture as _mixture
from course_lib.checks.lab03 import sections
from course_lib.checks.lab03 import unrolled as _unrolled
from course_lib.checks.lab03.challenge import challenge, write_challenge
from course_lib.checks.playground import playground
from course_lib.core import Arch
from course_lib.nas.cells import CellSpace

__all__ = [
    "challenge",
    "derive",
    "discretization",
    "first_order",
    "hint",
    "mixed_op",
    "parameters",
    "playground",
    "second_order",
    "variant_of",
    "write_challenge",
]

LAB = "lab03_darts"

mixed_op = Exercise(
    LAB,
    "mixed_op",
    sections.MIXTURE,
    ("course_lib.nas.supernet:mixed_op",),
    _mixture.LAWS,
    (
        "All operations read the same x. What comes out of operation number k counts weights[k] "
        "times, and everything is added up.",
        "weights is a tensor, and the search learns through it: weights[k] * operations[k](x) "
        "keeps the graph, float(weights[k]) or weights.tolist() cuts it.",
        "sum(w * operation(x) for w, operation in zip(weights, operations))",
    ),
    basic="one-hot weights give that operation",
)

first_order = Exercise(
    LAB,
    "first_order",
    sections.ORDERS,
    ("course_lib.nas.bilevel:first_order",),
    _gradients.LAWS,
    (
        "Which of the two losses tells how good an architecture is? Its gradient in alpha is the "
        "whole answer; one of the arguments is not needed, and neither is xi.",
        "torch.autograd.grad(loss, alpha) returns a tuple with the gradient and leaves every .grad "
        "as it is, `loss.backward()` does not.",
        "return torch.autograd.grad(valid_loss(params, alpha), alpha)[0]",
    ),
    basic="gradient of the validation loss",
)

second_order = Exercise(
    LAB,
    "second_order",
    sections.ORDERS,
    (
        "course_lib.nas.bilevel:second_order",
        "course_lib.nas.bilevel:exact_second_order",
    ),
    _unrolled.LAWS,
    (
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

derive = Exercise(
    LAB,
    "derive",
    sections.DERIVE,
    ("course_lib.nas.derive:derive",),
    _derivation.LAWS,
    (
        "Begin with the weights, alpha.softmax(1). Without `keep` each row gives one triple: its "
        "source, its target, the name at the row's argmax.",
        "With `keep`, give `none` no chance: set its column to -1 after the softmax. Then each "
        "row has a best weight and the operation that it belongs to.",
        "For each target: the rows of the edges into it, sorted by their best weight, the largest "
        "first; the first `keep` of them.",
    ),
)

discretization = Exercise(
    LAB,
    "discretization",
    sections.GAP,
    ("course_lib.nas.derive:entropy", "course_lib.nas.derive:discretization_gap"),
    _discrete.LAWS,
    (
        "p = alpha.softmax(1). The entropy of an edge is -sum_k p_k log p_k, along its row.",
        "Where a weight is 0 its logarithm is infinite. log_softmax(1) of the alphas stays finite, "
        "and 0 times a finite number is 0; torch.special.entr(p) is -p log p with 0 at 0.",
        "The path has a 1 at each row's argmax: torch.nn.functional.one_hot(alpha.argmax(1), "
        "alpha.shape[1]). The gap is accuracy(p) - accuracy(path).",
    ),
)

_EXERCISES = (mixed_op, first_order, second_order, derive, discretization)
hint = Hints({e.name: e.hints for e in _EXERCISES} | {"challenge": _challenge.HINTS})


def parameters(arch: Arch) -> int:
    """How many numbers training changes in the network of a cell: what the challenge limits."""
    return _baseline.parameters(CellSpace(), arch)
