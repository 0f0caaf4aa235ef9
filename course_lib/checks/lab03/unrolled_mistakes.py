"""How `second_order` goes wrong, and what the known mistakes answer on a bilevel polynomial."""

from collections.abc import Callable, Sequence

from torch import Tensor

from course_lib.checks.lab03.bilevel import Bilevel
from course_lib.checks.wrong import Misconception

PLUS = Misconception(
    "the product is added instead of subtracted",
    "w' = w - xi grad L_train: the minus of the step comes back as the minus of the product.",
)
NO_PRODUCT = Misconception(
    "the product with the second derivatives is missing",
    "The gradient at w' alone forgets that w' depends on alpha through the step.",
)
FIRST = Misconception(
    "this is the first-order gradient",
    "Step the weights first: both gradients of the validation loss are taken at w', and the "
    "product is subtracted.",
)
AT_W = Misconception(
    "the vector is taken at w instead of w'",
    "v is the gradient of the validation loss in the weights after the step.",
)
DIRECT_AT_W = Misconception(
    "the direct gradient is taken at w instead of w'",
    "grad_alpha L_valid is evaluated after the step of the weights, like v.",
)
VALID_DIFFERENCE = Misconception(
    "the differences are taken in the validation loss",
    "The step that depends on alpha descends the training loss: its mixed derivative is needed.",
)
NOT_DIVIDED = Misconception(
    "the difference is not divided by 2 eps",
    "(f(w + eps v) - f(w - eps v)) / (2 eps) approximates the derivative along v.",
)
HALF = Misconception(
    "the difference is divided by eps instead of 2 eps",
    "Between w + eps v and w - eps v lie two steps of eps v.",
)
UNIT = Misconception(
    "the vector is shortened to length 1",
    "Move by eps v with eps = 0.01 / |v| and divide by 2 eps; what comes out is the product with "
    "v, not with v / |v|.",
)
NO_XI = Misconception(
    "the product is not multiplied by xi",
    "dw'/dalpha = -xi times the mixed second derivative.",
)
TRAIN_VECTOR = Misconception(
    "the vector comes from the training loss",
    "The chain rule begins at the end: v is the gradient of the validation loss at w'.",
)
AROUND = Misconception(
    "the differences are taken around w' instead of w",
    "The step was taken at w, so the second derivative is needed at w: move w to w + eps v and "
    "w - eps v. (Or were the weights stepped in place and not restored?)",
)
UPHILL = Misconception(
    "the weights step uphill",
    "w' = w - xi grad_w L_train(w, alpha).",
)
VALID_STEP = Misconception(
    "the weights step on the validation loss",
    "Weights learn on the training batch: w' = w - xi grad_w L_train(w, alpha).",
)
DIRECT_TRAIN = Misconception(
    "the direct gradient is that of the training loss",
    "Alpha minimises the validation loss: the direct part is grad_alpha L_valid(w', alpha).",
)
ONE_SIDED = Misconception(
    "a one-sided difference",
    "(f(w + eps v) - f(w)) / eps has an error in proportion to eps, the central difference only "
    "to eps^2.",
)
ZERO_VECTOR = Misconception(
    "division by the length of a zero vector",
    "Where v is zero the product is zero: return the direct gradient before dividing by |v|.",
)
FIXED = Misconception(
    "eps does not shrink as v grows",
    "eps = 0.01 / |v|, |v| the length over all tensors together: w always moves by 0.01 in all.",
)

Formula = Callable[[Bilevel, float], Tensor]


def _parts(p: Bilevel, xi: float) -> tuple[Tensor, Tensor, Tensor]:
    """w', v and the direct gradient."""
    after = p.unrolled(xi)
    return after, p.valid_w(after), p.valid_a(after)


def _small(v: Tensor) -> float:
    return 0.01 / float(v.norm())


def _stepped(p: Bilevel, xi: float, after: Tensor) -> Tensor:
    return p.valid_a(after) - xi * p.product(p.valid_w(after))


def _vector(p: Bilevel, xi: float, v: Tensor) -> Tensor:
    return p.valid_a(p.unrolled(xi)) - xi * p.product(v)


def _factor(p: Bilevel, xi: float, factor: Callable[[Tensor], float]) -> Tensor:
    _, v, direct = _parts(p, xi)
    return direct - factor(v) * p.product(v)


def _one_sided(p: Bilevel, xi: float, sign: float) -> Tensor:
    _, v, direct = _parts(p, xi)
    small = sign * _small(v)
    return direct - xi * (p.train_a(p.w + small * v) - p.train_a(p.w)) / small


KNOWN: Sequence[tuple[Misconception, Formula]] = (
    (PLUS, lambda p, xi: _factor(p, xi, lambda v: -xi)),
    (NO_PRODUCT, lambda p, xi: p.valid_a(p.unrolled(xi))),
    (FIRST, lambda p, xi: p.valid_a(p.w)),
    (AT_W, lambda p, xi: _vector(p, xi, p.valid_w(p.w))),
    (DIRECT_AT_W, lambda p, xi: p.valid_a(p.w) - xi * p.product(p.valid_w(p.unrolled(xi)))),
    (VALID_DIFFERENCE, lambda p, xi: _parts(p, xi)[2] - xi * _parts(p, xi)[1] @ p.N),
    (NOT_DIVIDED, lambda p, xi: _factor(p, xi, lambda v: xi * 2 * _small(v))),
    (NOT_DIVIDED, lambda p, xi: _factor(p, xi, lambda v: xi * 2 * 0.01)),
    (HALF, lambda p, xi: _factor(p, xi, lambda v: 2 * xi)),
    (HALF, lambda p, xi: _factor(p, xi, lambda v: xi / 2)),
    (UNIT, lambda p, xi: _factor(p, xi, lambda v: xi / float(v.norm()))),
    (UNIT, lambda p, xi: _factor(p, xi, lambda v: xi * float(v.norm()))),
    (NO_XI, lambda p, xi: _factor(p, xi, lambda v: 1.0)),
    (TRAIN_VECTOR, lambda p, xi: _vector(p, xi, p.train_w(p.w))),
    (TRAIN_VECTOR, lambda p, xi: _vector(p, xi, p.train_w(p.unrolled(xi)))),
    (AROUND, lambda p, xi: _parts(p, xi)[2] - xi * p.product(_parts(p, xi)[1], p.unrolled(xi))),
    (UPHILL, lambda p, xi: _stepped(p, xi, p.unrolled(-xi))),
    (VALID_STEP, lambda p, xi: _stepped(p, xi, p.w - xi * p.valid_w(p.w))),
    (DIRECT_TRAIN, lambda p, xi: _factor(p, xi, lambda v: xi) + _wrong_direct(p, xi)),
    (ONE_SIDED, lambda p, xi: _one_sided(p, xi, 1.0)),
    (ONE_SIDED, lambda p, xi: _one_sided(p, xi, -1.0)),
)


def _wrong_direct(p: Bilevel, xi: float) -> Tensor:
    after = p.unrolled(xi)
    return p.train_a(after) - p.valid_a(after)
