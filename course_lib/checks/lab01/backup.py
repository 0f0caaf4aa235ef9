"""Laws of `q_backup`: repeated from the last layer back, it gives the exact best reward."""

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab01.backup_mistakes import AXIS, BOOTSTRAPPED, CHANGED, KNOWN
from course_lib.checks.values import same, shown, tensor
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Space


class Experience:
    """A batch of transitions, a little larger than the number of choices or of the same size."""

    def __init__(self, rng: Generator, batch: int, choices: int) -> None:
        self.reward = torch.rand(batch, generator=rng, dtype=torch.float64)
        self.next_q = torch.randn(batch, choices, generator=rng, dtype=torch.float64) + 1.5
        self.terminal = torch.arange(batch) % 3 == 1
        self.changed = False
        self.discount = 0.5 + 0.4 * float(torch.rand((), generator=rng))

    def ask(self, ask: Ask) -> Tensor:
        """The answer's targets; whether it wrote into its arguments is in `changed`."""
        given = (self.reward.clone(), self.next_q.clone(), self.terminal.clone())
        targets = targets_of(ask(*given, discount=self.discount), self.next_q.shape)
        kept = (self.reward, self.next_q, self.terminal)
        self.changed |= not all(torch.equal(a, b) for a, b in zip(given, kept, strict=True))
        return targets

    def recognise(self, targets: Tensor) -> Misconception | None:
        batch, choices = self.next_q.shape
        for mistake, formula in KNOWN.items():
            if mistake is AXIS and choices < batch:
                continue
            wrong = formula(self.reward, self.next_q, self.terminal, self.discount)
            if same(targets, wrong):
                return mistake
        return None


def targets_of(targets: object, shape: tuple[int, ...]) -> Tensor:
    """The targets, tested to be a tensor (batch,)."""
    batch, choices = shape
    if type(targets) is Tensor and tuple(targets.shape) == (choices,) and batch != choices:
        raise Wrong(f"the targets have shape ({choices},), expected (batch,) = ({batch},)", AXIS)
    return tensor(targets, (batch,), "targets")


def best_choice(ask: Ask, variant: int) -> None:
    """Before the end, target = reward + the largest entry of the own row (discount 1)."""
    rng = seeded(variant, 1)
    for batch, choices in ((4, 4), (3, 5), (6, 2), (1, 3)):
        experience = Experience(rng, batch, choices)
        experience.discount = 1.0
        _require(experience, ask, ~experience.terminal)


def the_end(ask: Ask, variant: int) -> None:
    """At the end of a string the target is the reward, whatever next_q holds."""
    experience = Experience(seeded(variant), 5 + variant % 3, 3)
    ended = experience.terminal
    before = experience.ask(ask)[ended]
    experience.next_q[ended] += 10.0
    if not same(experience.ask(ask)[ended], before):
        said = "the target of a finished string changes with its next_q, which is padding"
        raise Wrong(said, experience.recognise(experience.ask(ask)) or BOOTSTRAPPED)
    _require(experience, ask, ended)
    _require_unchanged(experience)


def discounted(ask: Ask, variant: int) -> None:
    """Before the end, what follows counts `discount` times, the reward once; also discount 0."""
    rng = seeded(variant, 3)
    for _ in range(3):
        experience = Experience(rng, 6, 4)
        _require(experience, ask, ~experience.terminal)
        _require_unchanged(experience)
    experience.discount = 0.0
    _require(experience, ask, ~experience.terminal)


def _require_unchanged(experience: Experience) -> None:
    if experience.changed:
        raise Wrong("reward, next_q or terminal is not the same after the call", CHANGED)


def _require(experience: Experience, ask: Ask, rows: Tensor) -> None:
    """The targets of these rows, rows (batch,) bool, by plain arithmetic."""
    targets = experience.ask(ask)
    for row in rows.nonzero()[:, 0].tolist():
        target, reward = targets[row], float(experience.reward[row])
        ended = bool(experience.terminal[row])
        future = 0.0 if ended else max(experience.next_q[row].tolist())
        expected = reward + experience.discount * future
        if not same(target, torch.tensor(expected, dtype=torch.float64)):
            raise Wrong(
                f"row {row}: reward {reward:.3g}, next_q {shown(experience.next_q[row])}, discount "
                f"{experience.discount:.3g}, {'terminal' if ended else 'not terminal'}: "
                f"expected {expected:.4g}, got {float(target):.4g}",
                experience.recognise(targets),
            )


def dynamic_programming(ask: Ask, variant: int) -> None:
    """Swept back over three layers, Q of a prefix = discounted reward of its best completion."""
    rng = seeded(variant, 2)
    space = Space((3 + variant % 2,) * 3, stop=0)
    rewards = {arch: float(torch.rand((), generator=rng)) for arch in space}
    for discount in (1.0, 0.9):
        for prefix, found in _swept(ask, space, rewards, discount).items():
            expected = max(
                reward * discount ** (_length(arch) - len(prefix))
                for arch, reward in rewards.items()
                if arch[: len(prefix)] == prefix and _length(arch) >= len(prefix)
            )
            if not same(found, torch.tensor(expected, dtype=torch.float64), scale=10):
                raise Wrong(
                    f"dynamic programming over three layers (discount {discount:g}): after "
                    f"{prefix} the best reachable reward is worth {expected:.4g}, and your backups "
                    f"say {float(found):.4g}"
                )


def _length(arch: tuple[int, ...]) -> int:
    """How many decisions are made: the stop token is one of them, padding is not."""
    return arch.index(0) + 1 if 0 in arch else len(arch)


def _swept(
    ask: Ask, space: Space, rewards: dict[tuple[int, ...], float], discount: float
) -> dict[tuple[int, ...], Tensor]:
    """Q(prefix), by one backup for all prefixes of a length, the longest first."""
    values: dict[tuple[int, ...], Tensor] = {}
    layers, choices = len(space.choices), space.choices[0]
    for length in range(layers, 0, -1):
        prefixes = sorted({arch[:length] for arch in space if _length(arch) >= length})
        ended = [len(prefix) == layers or prefix[-1] == 0 for prefix in prefixes]
        reward = [
            rewards[prefix + (0,) * (layers - length)] if end else 0.0
            for prefix, end in zip(prefixes, ended, strict=True)
        ]
        # What follows a finished string is padding: filled with a value too good to be true.
        next_q = torch.stack(
            [
                torch.full((choices,), 2.0, dtype=torch.float64)
                if end
                else torch.stack([values[(*prefix, c)].double() for c in range(choices)])
                for prefix, end in zip(prefixes, ended, strict=True)
            ]
        )
        given = (torch.tensor(reward, dtype=torch.float64), next_q, torch.tensor(ended))
        targets = targets_of(ask(*given, discount=discount), tuple(next_q.shape)).detach()
        values |= dict(zip(prefixes, targets, strict=True))
    return values


LAWS = {
    "before the end the best next choice counts": best_choice,
    "at the end only the reward counts": the_end,
    "what comes later is discounted": discounted,
    "swept back, the exact best rewards": dynamic_programming,
}
