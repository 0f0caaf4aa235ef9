"""The challenge of lab 04: a gradient estimate from few evaluations, graded by its squared error.

The problems are drawn from a variant: logits over 48 choices, and a cost that may be asked 32 times
for one estimate. Between the corners of the simplex the cost is bent by a smooth random function
that vanishes at the corners, so that what a relaxed sample sees says little about them.
"""

import torch
from torch import Tensor

from course_lib.checks.ask import Ask, StudentError
from course_lib.checks.engine import Exercise
from course_lib.checks.lab04_gumbel import sections
from course_lib.checks.values import same, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import BudgetExhausted

CHOICES, EVALUATIONS = 48, 32
PROBLEMS, REPEATS = 30, 15
SHARE = 0.25
HINTS = (
    "Print the costs that you get: they are all of one sign. What does the score function do with "
    "the part that all of them share?",
    "A baseline for one draw may be made from the other draws: leave the current one out.",
    "Drawing the same choice twice teaches nothing new: its cost is known. Ask for the most likely "
    "choices once each, weigh them with their exact probabilities, and sample only among the rest.",
)

BUDGET = Misconception(
    "more evaluations than there are",
    "Every row that f is asked about counts as one evaluation, with or without its gradient.",
)
SHARED_PART = Misconception(
    "the part that all costs share is noise",
    "f(z) (z - p) has the right mean, but a constant in f adds to its variance only: compare each "
    "cost with what the others were.",
)
BETWEEN = Misconception(
    "the gradient of f between, or at, the corners is trusted",
    "J knows only the values of f at the corners. How f runs between them is another matter: that "
    "is the bias of the relaxed estimate.",
)
ELSEWHERE = Misconception(
    "the estimate comes from elsewhere than the costs",
    "It may depend on logits, rng and what f says, and on nothing else: no generator but rng, "
    "no memory from call to call, nothing that is read out of f.",
)
NOTHING = Misconception(
    "the estimate hardly depends on the costs",
    "It is as far from the exact gradient as zero is.",
)


class BlackBox:
    """A cost that counts: (rows, choices) or (choices,) -> (rows,) or ().

    f(z) = z . values + sum_k z_k (1 - z_k) bend_k(z), so f = values[k] at the corner k. bend_k is a
    sum of sines of z. left: evaluations that remain; a row too many raises BudgetExhausted.
    """

    def __init__(self, variant: int, number: int) -> None:
        rng = seeded(variant, 100 + number)
        self.logits = 1.5 * torch.randn(CHOICES, generator=rng)
        self.values = 2.0 + torch.randn(CHOICES, generator=rng)
        self._into = 3 * torch.randn(CHOICES, 8, generator=rng)
        self._phase = 6.3 * torch.rand(8, generator=rng)
        self._out = 1.5 * torch.randn(8, CHOICES, generator=rng)
        self.left = EVALUATIONS

    def __call__(self, z: Tensor) -> Tensor:
        rows = 1 if z.ndim == 1 else len(z)
        if z.shape[-1] != CHOICES or z.ndim not in (1, 2):
            raise ValueError(f"f takes (rows, {CHOICES}) or ({CHOICES},), got {tuple(z.shape)}")
        if rows > self.left:
            raise BudgetExhausted(
                f"{rows} more evaluations were asked for, and {self.left} of {EVALUATIONS} are left"
            )
        self.left -= rows
        return self.cost(z)

    def cost(self, z: Tensor) -> Tensor:
        """Costs of the rows, not counted."""
        z = z.float()
        bend = (z @ self._into + self._phase).sin() @ self._out
        return z @ self.values + (z * (1 - z) * bend).sum(-1)

    @property
    def exact(self) -> Tensor:
        """Gradient of the expected value by the logits, p_k (f_k - J)."""
        p = self.logits.softmax(0)
        return p * (self.values - p @ self.values)

    @property
    def reinforce_error(self) -> float:
        """Expected squared error of the mean of EVALUATIONS score-function estimates, exactly."""
        p = self.logits.softmax(0)
        scores = (torch.eye(CHOICES) - p).square().sum(1)
        second = p @ (self.values.square() * scores)
        return float(second - self.exact.square().sum()) / EVALUATIONS


def problem(variant: int, number: int) -> BlackBox:
    """Problem number 0, 1, ... of a variant: called like a function, with `.logits`, `.exact`."""
    return BlackBox(variant, number)


def estimated(ask: Ask, variant: int, number: int, repeat: int) -> Tensor:
    """One estimate within the budget, (choices,)."""
    box = BlackBox(variant, number)
    try:
        rng = seeded(variant, 1000 * number + repeat)
        answer = ask(lambda z: box(z), box.logits.clone(), rng, EVALUATIONS)  # nothing but the cost
    except StudentError as error:
        if isinstance(error.error, BudgetExhausted):
            raise Wrong(f"problem {number}: {error.error}", BUDGET) from error
        raise
    return tensor(answer, (CHOICES,), "the estimate").detach()


Asked = list[tuple[Tensor, Tensor, Tensor]]
"""What f was asked in an estimate, call by call: rows, their costs, the costs' slopes."""


def _estimate(ask: Ask, variant: int, number: int, asked: Asked | None = None) -> Tensor:
    """One estimate; into `asked` what f said, or, where that is known, said again from there with
    another problem behind it."""
    logits, rng = BlackBox(variant, number).logits, seeded(variant, 1000 * number)
    box, known = BlackBox(variant, number + PROBLEMS if asked else number), iter(asked or [])

    def cost(z: Tensor) -> Tensor:
        before = next(known, None)
        if before is not None and torch.equal(before[0], z.detach()):
            return before[1] + (before[2] * (z - z.detach())).sum(-1)
        return box(z)

    def recorded(z: Tensor) -> Tensor:
        with torch.enable_grad():
            at = z.detach().clone().requires_grad_()
            costs = box.cost(at)
            (slopes,) = torch.autograd.grad(costs.sum(), at)
        heard.append((z.detach().clone(), costs.detach(), slopes))
        return box(z)

    heard: Asked = []
    torch.default_generator.manual_seed(1 if asked else 0)  # nor the global generator
    answer = ask(cost if asked else recorded, logits.clone(), rng, EVALUATIONS)
    if asked is not None and not asked:
        asked += heard
    return tensor(answer, (CHOICES,), "the estimate").detach()


def from_costs_alone(ask: Ask, variant: int) -> None:
    """Where f says the same with another problem behind it, the estimate is the same."""
    for number in range(PROBLEMS):
        asked: Asked = []
        first = _estimate(ask, variant, number, asked)
        if asked and not same(_estimate(ask, variant, number, asked), first, scale=100):
            raise Wrong(
                f"problem {number}: the same logits, the same rng, the same costs from f, and the "
                "estimate is another",
                ELSEWHERE,
            )


def relative_error(ask: Ask, variant: int) -> float:
    """Mean squared error over the problems of a variant, in units of plain REINFORCE's."""
    shares = []
    for number in range(PROBLEMS):
        box = BlackBox(variant, number)
        estimates = [estimated(ask, variant, number, repeat) for repeat in range(REPEATS)]
        error = (torch.stack(estimates) - box.exact).square().sum(1).mean()
        shares.append(float(error) / box.reinforce_error)
    return sum(shares) / len(shares)


def closer(ask: Ask, variant: int) -> None:
    """The squared error is at most SHARE of plain REINFORCE's with the same evaluations."""
    found = relative_error(ask, variant)
    from_costs_alone(ask, variant)
    if found > SHARE:
        raise Wrong(
            f"the mean squared error is {found:.2f} of plain REINFORCE's at {EVALUATIONS} "
            f"evaluations, needed {SHARE:g} or less",
            _recognise(ask, variant),
        )


def _recognise(ask: Ask, variant: int) -> Misconception | None:
    """Which of the known ways is far off: constants, corners, or silence."""
    box = BlackBox(variant, 0)
    estimates = torch.stack([estimated(ask, variant, 0, repeat) for repeat in range(400)])
    mean, spread = estimates.mean(0), estimates.var(0).sum()
    bias = (mean - box.exact).square().sum() - spread / len(estimates)
    size = box.exact.square().sum()
    if float(mean.square().sum() - spread / len(estimates)) < 0.05 * float(size):
        return NOTHING
    if float(bias) > 0.1 * float(size):
        return BETWEEN
    return SHARED_PART if float(spread) > 0.5 * box.reinforce_error else None


challenge = Exercise(
    lab="lab04_gumbel",
    name="challenge",
    section=sections.TEMPERATURE,
    library=(),
    laws={"within the budget, and closer than REINFORCE": closer},
    mistakes=(BUDGET, SHARED_PART, BETWEEN, NOTHING, ELSEWHERE),
    hints=HINTS,
    seconds=60.0,
)
