"""Laws of `enas_step`: weights learn on the training batch, the policy on the validation batch."""

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.enas_game import (
    CHOICES,
    RATE,
    Game,
    Step,
    policy_step,
)
from course_lib.checks.lab02.enas_mistakes import (
    ACCUMULATED,
    ADDED,
    BEFORE,
    COUNT,
    IGNORED,
    LOSS,
    ON_TRAIN,
    ON_VALID,
    OTHER_STRING,
    POLICY_SIGN,
    POLICY_STEPPED,
    RESEEDED,
    SAME_PATH,
    STILL_POLICY,
    STILL_WEIGHTS,
    UNIFORM,
    WEIGHTS_SIGN,
    WEIGHTS_STEPPED,
)
from course_lib.checks.lab02.shared import chi_square_too_large, moved
from course_lib.checks.values import number, same, shown
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import Arch

STEPS = 150
BASELINES = (0.9, 0.0, -0.7, 0.25)


def weights_learn(ask: Ask, variant: int) -> None:
    """By SGD the weights of the first path descend the cross-entropy of the training batch."""
    for salt in range(3):
        game, rng = Game(variant, salt), seeded(variant, 10 + salt)
        for turn in range(3):
            step = game.step(ask, rng)
            before, after = step.weights
            arch = step.trained.arch
            moves = [before[edge][choice] - after[edge][choice] for edge, choice in enumerate(arch)]
            right = step.net.gradients(step.batches[0], arch, before)
            stray = moved(before, after) - set(enumerate(arch))
            if stray or not _times(moves, right, RATE):
                raise Wrong(
                    f"step {turn + 1}: the net ran the path {arch} on the training batch; these "
                    "weights, and no others, should move by minus the learning rate times the "
                    "gradient of its cross-entropy",
                    _other_move(step, moves, right, turn),
                )


def _times(found: list[Tensor], gradients: list[Tensor], factor: float) -> bool:
    return all(same(move, factor * g) for move, g in zip(found, gradients, strict=True))


def _other_move(
    step: Step, moves: list[Tensor], right: list[Tensor], turn: int
) -> Misconception | None:
    before, after = step.weights
    if not moved(before, after):
        return STILL_WEIGHTS
    if _times(moves, right, -RATE):
        return WEIGHTS_SIGN
    arch = step.scored.arch
    on_valid = step.net.gradients(step.batches[1], arch, before)
    moves = [before[edge][choice] - after[edge][choice] for edge, choice in enumerate(arch)]
    if _times(moves, on_valid, RATE):
        return ON_VALID
    return ACCUMULATED if turn > 0 else None


def policy_learns(ask: Ask, variant: int) -> None:
    """The policy climbs (accuracy - baseline) log p of the path that was scored."""
    for salt, baseline in enumerate(BASELINES):
        game, rng = Game(variant, salt), seeded(variant, 10 + salt)
        game.baseline = baseline
        for turn in range(2):
            step = game.step(ask, rng)
            arch = step.scored.arch
            expected = policy_step(step.logits[0], step.reward - baseline, arch)
            found = [new - old for old, new in zip(*step.logits, strict=True)]
            if not _alike(found, expected):
                raise Wrong(
                    f"the path {arch} has the validation accuracy {step.reward:.3f}, the baseline "
                    f"is {baseline:g}: the logits of the first edge should move by "
                    f"{shown(expected[0])}, and move by {shown(found[0])}",
                    _other_climb(step, found) or (ACCUMULATED if turn > 0 else None),
                )


def _alike(found: list[Tensor], expected: list[Tensor]) -> bool:
    return all(same(a, b) for a, b in zip(found, expected, strict=True))


def _other_climb(step: Step, found: list[Tensor]) -> Misconception | None:
    if not any(bool(row.any()) for row in found):
        return STILL_POLICY
    net, (train, valid), b, reward = step.net, step.batches, step.baseline, step.reward
    before, after = step.weights
    scored, trained = step.scored.arch, step.trained.arch
    loss = net.loss(valid, scored, step.scored.weights)
    advantages: dict[Misconception, tuple[float, ...]] = {
        POLICY_SIGN: (b - reward,),
        IGNORED: (reward, -reward),
        ADDED: (reward + b,),
        LOSS: (-loss - b, loss - b, b - loss, -loss, loss),
        COUNT: (len(valid[1]) * reward - b,),
        BEFORE: (net.accuracy(valid, scored, before) - b,),
        ON_TRAIN: tuple(net.accuracy(train, scored, w) - b for w in (before, after)),
    }
    for mistake, values in advantages.items():
        if any(_alike(found, policy_step(step.logits[0], value, scored)) for value in values):
            return mistake
    other = policy_step(step.logits[0], reward - b, trained)
    return OTHER_STRING if _alike(found, other) else None


def reward_comes_after(ask: Ask, variant: int) -> None:
    """First the weights step, then the new weights are rewarded; the answer is the reward."""
    for salt in range(3):
        step = Game(variant, salt).step(ask, seeded(variant, 10 + salt))
        if not moved(step.weights[0], step.scored.weights):
            mistake = BEFORE if moved(*step.weights) else STILL_WEIGHTS
            raise Wrong("the validation batch passed before the weights had moved", mistake)
        found = number(step.answer, "the answer")
        if abs(found - step.reward) > 1e-6:
            loss = step.net.loss(step.batches[1], step.scored.arch, step.scored.weights)
            raise Wrong(
                f"the validation accuracy of the path {step.scored.arch} is {step.reward:.4g}, "
                f"the answer is {found:.4g}",
                LOSS if abs(abs(found) - loss) < 1e-6 else None,
            )


def each_its_own(ask: Ask, variant: int) -> None:
    """Each optimizer steps once, and no weight moves after the reward was measured."""
    game, rng = Game(variant, momentum=0.9), seeded(variant, 10)
    for _ in range(4):
        step = game.step(ask, rng)
        on_weights, on_policy = step.stepped
        if on_weights > 1 or (on_weights and moved(step.scored.weights, step.weights[1])):
            raise Wrong(f"the optimizer of the weights stepped {on_weights} times", WEIGHTS_STEPPED)
        if on_policy > 1:
            raise Wrong(f"the optimizer of the policy stepped {on_policy} times", POLICY_STEPPED)
        if on_weights == 0 or on_policy == 0:
            mistake = STILL_WEIGHTS if on_weights == 0 else STILL_POLICY
            raise Wrong("one of the optimizers did not step at all", mistake)


def paths_of_the_policy(ask: Ask, variant: int) -> None:
    """Both halves draw a path of their own, as likely as the policy says; chi-square."""
    game, rng = Game(variant, standing=True), seeded(variant, 11)
    steps = [game.step(ask, rng) for _ in range(STEPS)]
    trained = [step.trained.arch for step in steps]
    scored = [step.scored.arch for step in steps]
    for half, paths in (("training", trained), ("validation", scored)):
        if len(set(paths)) == 1:
            said = f"in {STEPS} steps the {half} batch always ran the path {paths[0]}"
            raise Wrong(said, RESEEDED)
        counts, expected = _frequencies(paths, game.policy.snapshot())
        if chi_square_too_large(counts, expected):
            raise Wrong(
                f"in {STEPS} steps the {half} batch ran the paths {counts.long().tolist()} times; "
                f"by the policy it should be about {[round(x) for x in expected.tolist()]} times",
                UNIFORM,
            )
    if trained == scored:
        raise Wrong(f"in {STEPS} steps both batches always ran the same path", SAME_PATH)


def _frequencies(paths: list[Arch], logits: list[Tensor]) -> tuple[Tensor, Tensor]:
    """How often each path came, and how often the policy should draw it, (paths,) each."""
    numbers = torch.tensor([arch[0] * CHOICES[1] + arch[1] for arch in paths])
    p = logits[0].softmax(0)[:, None] * logits[1].softmax(0)
    return torch.bincount(numbers, minlength=p.numel()).double(), len(paths) * p.flatten()


LAWS = {
    "weights descend on the training batch": weights_learn,
    "the policy climbs the validation accuracy": policy_learns,
    "the reward comes after the weight step": reward_comes_after,
    "each optimizer steps once": each_its_own,
    "both paths come from the policy": paths_of_the_policy,
}
