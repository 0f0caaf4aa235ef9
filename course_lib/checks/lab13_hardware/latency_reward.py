"""`latency_reward`: by hand, in any unit, and what a soft limit is worth."""

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab13_hardware import sections
from course_lib.checks.laws import CHANGED, gradients
from course_lib.checks.values import apart, same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong, mistake

BATCH = Misconception(
    "the answer depends on the others in the batch",
    "Each architecture's reward comes from its own accuracy and latency: no mean, no maximum, no "
    "sum over the others.",
)
MISTAKES = (
    mistake(
        "slow networks are rewarded",
        "(latency / target) ** exponent with an exponent below zero is below 1 for those that are "
        "slower than the target. Are the fraction or the sign turned round?",
        lambda a, t, *, target, exponent=-0.07: a * (target / t) ** exponent,
        lambda a, t, *, target, exponent=-0.07: a * (t / target) ** -exponent,
    ),
    mistake(
        "a logarithm takes the place of the power",
        "log(x ** e) is e * log(x), which is another function than x ** e, and negative on one "
        "side of the target.",
        lambda a, t, *, target, exponent=-0.07: a * exponent * (t / target).log(),
        lambda a, t, *, target, exponent=-0.07: a + exponent * (t / target).log(),
        lambda a, t, *, target, exponent=-0.07: a * (1 + exponent * (t / target).log()),
        lambda a, t, *, target, exponent=-0.07: a * (t / target).log().abs() ** exponent,
    ),
    mistake(
        "the exponent is a factor",
        "** raises to a power: at the target the reward is the accuracy itself, whatever the "
        "exponent is.",
        lambda a, t, *, target, exponent=-0.07: a * exponent * (t / target),
        lambda a, t, *, target, exponent=-0.07: a + exponent * (t / target),
        lambda a, t, *, target, exponent=-0.07: a + exponent * (t / target - 1),
        lambda a, t, *, target, exponent=-0.07: a + exponent * (t - target),
    ),
    mistake(
        "the target is left out",
        "Latencies are compared with the target, as a fraction: so their unit does not matter, if "
        "it is one unit.",
        lambda a, t, *, target, exponent=-0.07: a * t**exponent,
        lambda a, t, *, target, exponent=-0.07: a * (t - target).abs() ** exponent,
    ),
    mistake(
        "the accuracy is raised to the power, too",
        "Only the fraction stands in the parentheses: accuracy * (latency / target) ** exponent.",
        lambda a, t, *, target, exponent=-0.07: (a * t / target) ** exponent,
        lambda a, t, *, target, exponent=-0.07: a**exponent * (t / target) ** exponent,
    ),
    mistake(
        "the limit is a hard one",
        "In the soft form the same power holds on both sides of the target: whoever is faster is "
        "paid for it, and whoever is slower loses little.",
        lambda a, t, *, target, exponent=-0.07: a * (t / target).clamp(min=1.0) ** exponent,
        lambda a, t, *, target, exponent=-0.07: a * (t / target).clamp(max=1.0) ** exponent,
        lambda a, t, *, target, exponent=-0.07: torch.where(
            t <= target, a, a * (t / target) ** exponent
        ),
        lambda a, t, *, target, exponent=-0.07: torch.where(t <= target, a, 0.0 * a),
    ),
    mistake(
        "the exponent that was handed in is not used",
        "-0.07 is the default; another one must make another reward.",
        lambda a, t, *, target, exponent=-0.07: a * (t / target) ** -0.07,
    ),
    BATCH,
)


def drawn(rng: Generator, n: int, unit: float = 1.0) -> tuple[Tensor, Tensor, float]:
    """Accuracies, latencies on both sides of the target, and the target."""
    accuracy = 0.3 + 0.7 * torch.rand(n, generator=rng, dtype=torch.float64)
    target = unit * (1 + 9 * float(torch.rand((), generator=rng)))
    latency = target * 4 ** (2 * torch.rand(n, generator=rng, dtype=torch.float64) - 1)
    return accuracy, latency, target


def by_hand(accuracy: Tensor, latency: Tensor, target: float, exponent: float) -> Tensor:
    """The formula, number by number."""
    pairs = zip(accuracy.flatten().tolist(), latency.flatten().tolist(), strict=True)
    rewards = [float(a * (seconds / target) ** exponent) for a, seconds in pairs]
    return torch.tensor(rewards, dtype=torch.float64).view(accuracy.shape)


def asked(
    ask: Ask, accuracy: Tensor, latency: Tensor, target: float, exponent: float | None
) -> Tensor:
    """The answer as a tensor; None: the default exponent."""
    how = {} if exponent is None else {"exponent": exponent}
    answer = ask(accuracy.clone(), latency.clone(), target=target, **how)
    return tensor(answer, tuple(accuracy.shape), "the reward")


def probe(ask: Ask, variant: int) -> list[Tensor]:
    """Twelve rewards with three exponents."""
    accuracy, latency, target = drawn(seeded(variant, 7), 12)
    return [asked(ask, accuracy, latency, target, e).detach() for e in (None, -0.4, -1.0)]


def _require(
    ask: Ask, accuracy: Tensor, latency: Tensor, target: float, exponent: float | None
) -> None:
    found = asked(ask, accuracy, latency, target, exponent)
    expected = by_hand(accuracy, latency, target, -0.07 if exponent is None else exponent)
    if not same(found, expected, scale=4):
        right, wrong = apart(expected, found)
        told = "the default exponent" if exponent is None else f"exponent {exponent:g}"
        raise Wrong(
            f"accuracy {shown(accuracy, 3)}, latency {shown(latency, 3)}, target {target:.4g}, "
            f"{told}: the reward is {right}, got {wrong}"
        )


def formula(ask: Ask, variant: int) -> None:
    """The formula by hand, faster and slower than the target, with several exponents."""
    for salt, exponent in enumerate((None, -0.07, -0.5, -1.0)):
        _require(ask, *drawn(seeded(variant, salt), 6), exponent)


def at_the_target(ask: Ask, variant: int) -> None:
    """At the target the reward is the accuracy, whatever the exponent; with exponent 0
    everywhere. An accuracy of 0 is worth nothing, and one in percent stays in percent."""
    accuracy, latency, target = drawn(seeded(variant, 10), 5)
    for exponent in (None, -0.07, -2.0):
        _require(ask, accuracy, torch.full_like(latency, target), target, exponent)
        _require(ask, torch.zeros_like(accuracy), latency, target, exponent)
        _require(ask, 100 * accuracy, latency, target, exponent)
    _require(ask, accuracy, latency, target, 0.0)


def any_unit(ask: Ask, variant: int) -> None:
    """Seconds, milliseconds, microseconds: the same rewards, if the target is in the same."""
    for salt, exponent in enumerate((None, -0.6)):
        accuracy, latency, target = drawn(seeded(variant, 20 + salt), 5)
        for unit in (1e-6, 1e-3, 1e3):
            _require(ask, accuracy, latency * unit, target * unit, exponent)


def twice_as_slow(ask: Ask, variant: int) -> None:
    """Twice the latency is worth 2 ** exponent, far from the target, too: 0.953 by default."""
    rng = seeded(variant, 30)
    for exponent in (None, -0.2):
        accuracy, latency, target = drawn(rng, 4)
        for times in (1 / 64, 1 / 8, 8.0, 64.0):
            one = asked(ask, accuracy, times * latency, target, exponent)
            two = asked(ask, accuracy, 2 * times * latency, target, exponent)
            worth = 2.0 ** (-0.07 if exponent is None else exponent)
            if not same(two.detach().double(), worth * one.detach().double(), scale=4):
                raise Wrong(
                    f"latency {shown(times * latency, 3)}, target {target:.4g}: the reward is "
                    f"{shown(one, 3)}; for twice the latency it is {shown(two, 3)}, expected "
                    f"{worth:.4g} times as much"
                )


def each_by_itself(ask: Ask, variant: int) -> None:
    """One architecture, many, or a table of them: each reward as if it were alone."""
    accuracy, latency, target = drawn(seeded(variant, 40), 12)
    together = asked(ask, accuracy, latency, target, -0.5)
    for i in (0, 5, 11):
        alone = asked(ask, accuracy[i : i + 1], latency[i : i + 1], target, -0.5)
        if not same(together[i : i + 1], alone, scale=4):
            both = float(alone[0]), float(together[i])
            said = f"alone the reward is {both[0]:.4g}, among {len(accuracy)} it is {both[1]:.4g}"
            raise Wrong(said, BATCH)
    _require(ask, accuracy[0], latency[0], target, -0.5)
    _require(ask, accuracy.view(3, 4), latency.view(3, 4), target, -0.5)
    _require(ask, accuracy.float(), latency.float(), target, None)


def untouched(ask: Ask, variant: int) -> None:
    """Accuracies and latencies stay as they are."""
    accuracy, latency, target = drawn(seeded(variant, 60), 5)
    before = accuracy.clone(), latency.clone()
    ask(accuracy, latency, target=target)
    for name, now, then in zip(("accuracy", "latency"), (accuracy, latency), before, strict=True):
        if not torch.equal(now, then):
            raise Wrong(f"{name} is not the same after the call", CHANGED)


def slopes(ask: Ask, variant: int) -> None:
    """The reward keeps its gradient in both."""
    accuracy, latency, target = drawn(seeded(variant, 50), 5)
    before = accuracy.clone(), latency.clone()
    given = accuracy.requires_grad_(), latency.requires_grad_()
    reward = asked(ask, *given, target, -0.3)
    in_accuracy, in_latency = gradients(reward.sum(), given, "the reward")
    expected = by_hand(*before, target, -0.3)
    for name, found, right in (
        ("accuracy", in_accuracy, expected / before[0]),
        ("latency", in_latency, -0.3 * expected / before[1]),
    ):
        if not same(found, right, scale=10):
            one, other = apart(right, found)
            said = "is it detached, or a number, on its way?" if not found.any() else ""
            raise Wrong(f"d reward / d {name} is {one}, got {other} {said}".strip())


latency_reward = Exercise(
    lab="lab13_hardware",
    name="latency_reward",
    section=sections.SEARCHING,
    library=("course_lib.hardware.latency_search:latency_reward",),
    laws={
        "the formula by hand": formula,
        "at the target it is the accuracy": at_the_target,
        "the unit does not matter": any_unit,
        "twice as slow is worth 2 ** exponent": twice_as_slow,
        "each architecture by itself": each_by_itself,
        "differentiable in both": slopes,
        "the arguments stay as they are": untouched,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "One line: a product of the accuracy and a power.",
        "What is raised to the power is a fraction without a unit, 1 at the target.",
        "With exponent -0.07 a network that takes twice the target keeps 0.953 of its accuracy: "
        "2 ** -0.07.",
    ),
    basic="the formula by hand",
)
