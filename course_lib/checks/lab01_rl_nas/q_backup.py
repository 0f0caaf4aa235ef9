"""`q_backup`: repeated from the last layer back, it gives the exact best reward."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.engine import Exercise
from course_lib.checks.lab01_rl_nas import sections
from course_lib.checks.lab01_rl_nas.swept import decisions, swept, targets_of
from course_lib.checks.laws import CHANGED
from course_lib.checks.values import same, shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Wrong, mistake
from course_lib.core import Space


def _target(
    best: Callable[[Tensor], Tensor] = lambda next_q: next_q.amax(1),
    goes_on: Callable[[Tensor, Tensor, float], Tensor] = lambda r, b, discount: r + discount * b,
    ended: Callable[[Tensor], Tensor] = lambda terminal: terminal,
) -> Callable[..., Tensor]:
    """A backup with one part exchanged."""

    def q_backup(reward: Tensor, next_q: Tensor, terminal: Tensor, *, discount: float) -> Tensor:
        return torch.where(ended(terminal), reward, goes_on(reward, best(next_q), discount))

    return q_backup


AXIS = mistake(
    "the maximum runs over the wrong axis",
    "next_q is (batch, choices): every row is one experience and asks for its own best choice.",
    _target(best=lambda next_q: next_q.amax(0)),
)
MISTAKES = (
    mistake(
        "a finished string is bootstrapped",
        "After the last layer nothing follows: what next_q holds there is padding. The target of a "
        "terminal transition is its reward alone.",
        _target(ended=torch.zeros_like),
    ),
    mistake(
        "terminal is read the wrong way round",
        "`terminal` is True where the string has ended.",
        _target(ended=torch.logical_not),
    ),
    mistake(
        "the mean over the next choices instead of the best",
        "Q-learning assumes that the best next choice will be made, whatever the exploring agent "
        "did.",
        _target(best=lambda next_q: next_q.mean(1)),
    ),
    mistake(
        "the discount is left out",
        "What comes one step later counts `discount` times as much.",
        _target(goes_on=lambda r, b, discount: r + b),
    ),
    mistake(
        "the reward is discounted too",
        "The reward comes now; only what follows is discounted.",
        _target(goes_on=lambda r, b, discount: discount * (r + b)),
    ),
    mistake(
        "the reward of an unfinished step is dropped",
        "A reward on the way counts as well: target = reward + discount * best of what follows.",
        _target(goes_on=lambda r, b, discount: discount * b),
    ),
    mistake(
        "the index of the best choice instead of its value",
        "`argmax` says which, `amax` (or `.max(1).values`) says how much.",
        _target(best=lambda next_q: next_q.argmax(1).to(next_q)),
    ),
    mistake(
        "the minimum instead of the maximum",
        "Values are rewards to be maximised.",
        _target(best=lambda next_q: next_q.amin(1)),
    ),
    AXIS,
    mistake(
        "the maximum runs over the whole batch",
        "Every row is one experience and needs a maximum of its own.",
        _target(best=lambda next_q: next_q.amax()),
    ),
    CHANGED,
)


class Experience:
    """A batch of transitions, every third of them terminal.

    level: about what the values of the next choices are.
    """

    def __init__(self, rng: Generator, batch: int, choices: int, *, level: float = 1.5) -> None:
        self.reward = torch.rand(batch, generator=rng, dtype=torch.float64) - 0.3
        self.next_q = torch.randn(batch, choices, generator=rng, dtype=torch.float64) + level
        self.terminal = torch.arange(batch) % 3 == 1
        self.changed = False
        self.discount = 0.5 + 0.4 * float(torch.rand((), generator=rng))

    def asked(self, ask: Ask) -> Tensor:
        """The answer's targets; whether it wrote into its arguments is in `changed`."""
        given = (self.reward.clone(), self.next_q.clone(), self.terminal.clone())
        answer = ask(*given, discount=self.discount)
        targets = targets_of(answer, self.next_q.shape, AXIS)
        kept = (self.reward, self.next_q, self.terminal)
        self.changed |= not all(torch.equal(a, b) for a, b in zip(given, kept, strict=True))
        return targets


def probe(ask: Ask, variant: int) -> Tensor:
    """The targets of six experiences with as many choices: no two mistakes agree on them."""
    return Experience(seeded(variant, 4), 6, 6).asked(ask)


def best_choice(ask: Ask, variant: int) -> None:
    """Before the end, target = reward + the largest entry of the own row (discount 1), also where
    all of them are below 0."""
    rng = seeded(variant, 1)
    for batch, choices in ((4, 4), (3, 5), (6, 2), (1, 3), (1, 1), (4, 1)):
        for level in (1.5, -8.0):
            experience = Experience(rng, batch, choices, level=level)
            experience.discount = 1.0
            _require(experience, ask, ~experience.terminal)


def the_end(ask: Ask, variant: int) -> None:
    """At the end of a string the target is the reward, whatever next_q holds."""
    experience = Experience(seeded(variant), 5 + variant % 3, 3)
    ended = experience.terminal
    before = experience.asked(ask)[ended]
    experience.next_q[ended] += 10.0
    if not same(experience.asked(ask)[ended], before):
        raise Wrong("the target of a finished string changes with its next_q, which is padding")
    _require(experience, ask, ended)
    _require_unchanged(experience)
    experience.terminal = torch.ones_like(ended)
    _require(experience, ask, experience.terminal)


def discounted(ask: Ask, variant: int) -> None:
    """Before the end, what follows counts `discount` times, the reward once; also discount 0."""
    rng = seeded(variant, 3)
    for _ in range(3):
        experience = Experience(rng, 6, 4)
        _require(experience, ask, ~experience.terminal)
        _require_unchanged(experience)
    experience.discount = 0.0
    _require(experience, ask, ~experience.terminal)
    experience.discount, experience.terminal = 0.7, torch.zeros_like(experience.terminal)
    _require(experience, ask, ~experience.terminal)


def _require_unchanged(experience: Experience) -> None:
    if experience.changed:
        raise Wrong("reward, next_q or terminal is not the same after the call", CHANGED)


def _require(experience: Experience, ask: Ask, rows: Tensor) -> None:
    """The targets of these rows, rows (batch,) bool, by plain arithmetic."""
    targets = experience.asked(ask)
    for row in rows.nonzero()[:, 0].tolist():
        target, reward = targets[row], float(experience.reward[row])
        ended = bool(experience.terminal[row])
        future = 0.0 if ended else max(experience.next_q[row].tolist())
        expected = reward + experience.discount * future
        if not same(target, torch.tensor(expected, dtype=torch.float64)):
            raise Wrong(
                f"row {row}: reward {reward:.3g}, next_q {shown(experience.next_q[row])}, discount "
                f"{experience.discount:.3g}, {'terminal' if ended else 'not terminal'}: "
                f"expected {expected:.4g}, got {float(target):.4g}"
            )


def dynamic_programming(ask: Ask, variant: int) -> None:
    """Swept back over three layers, Q of a prefix = discounted reward of its best completion."""
    rng = seeded(variant, 2)
    space = Space((3 + variant % 2,) * 3, stop=0)
    rewards = {arch: float(torch.rand((), generator=rng)) for arch in space}
    for discount in (1.0, 0.9):
        for prefix, found in swept(ask, space, rewards, discount).items():
            expected = max(
                reward * discount ** (decisions(arch) - len(prefix))
                for arch, reward in rewards.items()
                if arch[: len(prefix)] == prefix and decisions(arch) >= len(prefix)
            )
            if not same(found, torch.tensor(expected, dtype=torch.float64), scale=10):
                raise Wrong(
                    f"dynamic programming over three layers (discount {discount:g}): after "
                    f"{prefix} the best reachable reward is worth {expected:.4g}, and your backups "
                    f"say {float(found):.4g}"
                )


q_backup = Exercise(
    lab="lab01_rl_nas",
    name="q_backup",
    section=sections.Q_LEARNING,
    library=("course_lib.nas.q_learning:q_backup",),
    laws={
        "before the end the best next choice counts": best_choice,
        "at the end only the reward counts": the_end,
        "what comes later is discounted": discounted,
        "swept back, the exact best rewards": dynamic_programming,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "The target is what the choice earned at once, plus what the best next choice promises.",
        "The best next choice of each experience is the maximum along the row: next_q.amax(1). It "
        "counts `discount` times.",
        "Where terminal is True nothing follows: torch.where(terminal, reward, ...).",
    ),
    basic="before the end the best next choice counts",
)
