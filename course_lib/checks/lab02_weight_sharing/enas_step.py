"""`enas_step`: weights learn on the training batch, the policy on the validation batch."""

import torch
from torch import Generator, Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, counted, fits, only_rng, pairs_counted
from course_lib.checks.engine import Exercise
from course_lib.checks.lab02_weight_sharing import sections
from course_lib.checks.lab02_weight_sharing.enas_game import (
    CHOICES,
    ON_TRAIN,
    ON_VALID,
    RATE,
    UNIFORM,
    Game,
    policy_step,
    scripted,
)
from course_lib.checks.lab02_weight_sharing.enas_parts import IN_PARTS
from course_lib.checks.lab02_weight_sharing.shared import RESEEDED, moved, own_seed
from course_lib.checks.values import apart, number, same, told_apart
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch

STEPS = 400
BASELINES = (0.9, 0.0, -0.7, 0.25)
SIZES = ((20, 20), (1, 5), (7, 1), (20, 9))
WEIGHTS_STEPPED = Misconception(
    "the weights are moved by the policy step, too",
    "The second half belongs to the policy alone: only policy_optimizer steps there.",
)
POLICY_STEPPED = Misconception(
    "the policy is moved by the weight step, too",
    "The first half belongs to the weights alone: only weight_optimizer steps there.",
)
SAME_PATH = Misconception(
    "the path that was just trained is the one that is scored",
    "It has an unfair advantage: its weights have just moved. Draw a new path for the reward.",
)


MISTAKES = (
    *IN_PARTS,
    ON_TRAIN, ON_VALID, WEIGHTS_STEPPED, POLICY_STEPPED, SAME_PATH, UNIFORM, RESEEDED, GLOBAL_RNG,
)  # fmt: skip


def probe(ask: Ask, variant: int) -> dict[str, list[Tensor]]:
    """Weights and logits after three times two steps on given paths."""
    told: dict[str, list[Tensor]] = {"weights": [], "policy": []}
    for salt in range(3):
        game = scripted(variant, salt)
        for _ in range(2):
            step = game.step(ask, seeded(variant))
            told["weights"] += [weight for row in step.weights[1] for weight in row]
            told["policy"] += step.logits[1]
    return told


def weights_learn(ask: Ask, variant: int) -> None:
    """By SGD the weights of the first path descend the cross-entropy of the training batch."""
    for salt, sizes in enumerate(SIZES):
        game, rng = Game(variant, salt, sizes=sizes), seeded(variant, 10 + salt)
        for turn in range(3):
            step = game.step(ask, rng)
            before, after = step.weights
            arch = step.trained.arch
            moves = [before[edge][choice] - after[edge][choice] for edge, choice in enumerate(arch)]
            right = [RATE * g for g in step.net.gradients(step.batches[0], arch, before)]
            if moved(before, after) - set(enumerate(arch)) or not _alike(moves, right):
                raise Wrong(
                    f"step {turn + 1}: the net ran the path {arch} on the training batch; these "
                    "weights, and no others, should move by minus the learning rate times the "
                    "gradient of its cross-entropy"
                )


def _alike(found: list[Tensor], expected: list[Tensor]) -> bool:
    return all(same(a, b) for a, b in zip(found, expected, strict=True))


def policy_learns(ask: Ask, variant: int) -> None:
    """The policy climbs (accuracy - baseline) log p of the path that was scored."""
    for salt, (baseline, sizes) in enumerate(zip(BASELINES, SIZES, strict=True)):
        game, rng = Game(variant, salt, sizes=sizes), seeded(variant, 10 + salt)
        game.baseline = baseline
        for _ in range(2):
            step = game.step(ask, rng)
            arch = step.scored.arch
            expected = policy_step(step.logits[0], step.reward - baseline, arch)
            found = [new - old for old, new in zip(*step.logits, strict=True)]
            if not _alike(found, expected):
                right, wrong = apart(torch.cat(expected), torch.cat(found))
                raise Wrong(
                    f"the path {arch} has the validation accuracy {step.reward:.3f}, the baseline "
                    f"is {baseline:g}: the logits of both edges should move by {right}, and move "
                    f"by {wrong}"
                )


def reward_comes_after(ask: Ask, variant: int) -> None:
    """First the weights step, then the new weights are rewarded; the answer is the reward."""
    for salt, loud in ((0, 1.0), (1, 1.0), (2, 2000.0)):
        step = Game(variant, salt, loud=loud).step(ask, seeded(variant, 10 + salt))
        if not moved(step.weights[0], step.scored.weights):
            raise Wrong("the validation batch passed before the weights had moved")
        found = number(step.answer, "the answer")
        if abs(found - step.reward) > 1e-6:
            right, wrong = told_apart(step.reward, found)
            raise Wrong(
                f"the validation accuracy of the path {step.scored.arch} is {right}, the answer is "
                f"{wrong}"
            )
        if not all(bool(weight.isfinite().all()) for row in step.weights[1] for weight in row):
            raise Wrong("with large logits the weights become nan or infinite")


def each_its_own(ask: Ask, variant: int) -> None:
    """Each optimizer steps once, and no weight moves after the reward was measured."""
    game, rng = Game(variant, momentum=0.9), seeded(variant, 10)
    for _ in range(4):
        step = game.step(ask, rng)
        on_weights, on_policy = step.stepped
        late = moved(step.scored.weights, step.weights[1])
        if on_weights > 1 or (on_weights and late):
            said = f"the optimizer of the weights stepped {on_weights} times"
            if on_weights == 1:
                said = "the weights moved after the reward was measured"
            raise Wrong(said, WEIGHTS_STEPPED if on_weights > 1 else None)
        if on_policy > 1:
            raise Wrong(f"the optimizer of the policy stepped {on_policy} times", POLICY_STEPPED)
        if on_weights == 0 or on_policy == 0:
            raise Wrong("one of the optimizers did not step at all")


def paths_of_the_policy(ask: Ask, variant: int) -> None:
    """Both halves draw a path of their own, as likely as the policy says, by rng; chi-square."""
    game, rng = Game(variant, standing=True), seeded(variant, 11)
    steps = [game.step(ask, rng) for _ in range(STEPS)]
    first, second = game.policy.snapshot()
    expected = (first.softmax(0)[:, None] * second.softmax(0)).flatten()
    trained, scored = (
        _numbers([step.trained.arch for step in steps]),
        _numbers([step.scored.arch for step in steps]),
    )
    for half, paths in (("training", trained), ("validation", scored)):
        if len(set(paths.tolist())) == 1:
            said = f"in {STEPS} steps the {half} batch always ran the same path"
            raise Wrong(said, RESEEDED)
        found = counted(paths, len(expected))
        if not fits(found, expected):
            raise Wrong(
                f"in {STEPS} steps the {half} batch ran the paths {found.tolist()} times; by the "
                f"policy it should be about {(STEPS * expected).round().long().tolist()} times",
                UNIFORM,
            )
    if torch.equal(trained, scored):
        raise Wrong(f"in {STEPS} steps both batches always ran the same path", SAME_PATH)
    if not fits(pairs_counted(trained, scored, len(expected)), expected.outer(expected)):
        raise Wrong("the path of the validation batch depends on that of the training batch")
    with own_seed(lambda rng: _twenty(ask, variant, rng)):
        only_rng(lambda rng: _twenty(ask, variant, rng), "paths of 20 steps")


def _numbers(paths: list[Arch]) -> Tensor:
    return torch.tensor([arch[0] * CHOICES[1] + arch[1] for arch in paths])


def _twenty(ask: Ask, variant: int, rng: Generator) -> Tensor:
    game = Game(variant, standing=True)
    steps = [game.step(ask, rng) for _ in range(20)]
    return _numbers([path.arch for step in steps for path in (step.trained, step.scored)])


enas_step = Exercise(
    lab="lab02_weight_sharing",
    name="enas_step",
    section=sections.ENAS,
    library=("course_lib.nas.enas:weight_step", "course_lib.nas.enas:controller_step"),
    laws={
        "weights descend on the training batch": weights_learn,
        "the policy climbs the validation accuracy": policy_learns,
        "the reward comes after the weight step": reward_comes_after,
        "each optimizer steps once": each_its_own,
        "both paths come from the policy": paths_of_the_policy,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "Two halves that look alike: each draws a path with policy(rng), runs a batch through it, "
        "and steps its own optimizer.",
        "First half, training batch: cross-entropy, weight_optimizer.zero_grad(), backward(), "
        "weight_optimizer.step(). The log-probability is not needed.",
        "Second half, validation batch, a new path: its accuracy under torch.no_grad() is the "
        "reward, a plain number.",
        "The policy descends -(reward - baseline) * log_prob with its own optimizer. Return the "
        "reward.",
    ),
    basic="weights descend on the training batch",
)
