"""Laws of `sharing_epoch`: every batch trains one path, drawn for it alone, and nothing else."""

from functools import partial
from typing import Any

import torch
from torch import Tensor

from course_lib.checks.ask import Ask
from course_lib.checks.lab02.epochs import CHOICES, MOVING, PLAIN, RATE, Epoch, run
from course_lib.checks.lab02.shared import (
    SharedLinear,
    a_list,
    batches_of,
    chi_square_too_large,
    moved,
)
from course_lib.checks.lab02.sharing_mistakes import (
    ACCUMULATED,
    ASCENT,
    CYCLE,
    EVALUATION,
    GLOBAL_RNG,
    GRAPH,
    NO_STEP,
    ONCE,
    RESEEDED,
    TOGETHER,
    UNIFORM,
    ZEROS,
)
from course_lib.checks.values import number, same
from course_lib.checks.variants import seeded
from course_lib.checks.wrong import Misconception, Wrong
from course_lib.core import make_rng

BATCHES = 240


def on_the_path(ask: Ask, variant: int) -> None:
    """By plain SGD each step moves the drawn path's weights, by their gradient, and no others."""
    epoch = run(ask, variant)
    for k, (batch, each) in enumerate(zip(epoch.batches, epoch.passes, strict=True)):
        after = epoch.weights_after(k)
        path = set(enumerate(each.arch))
        stray = moved(each.weights, after) - path
        if stray:
            edge, choice = min(stray)
            raise Wrong(
                f"step {k + 1} ran the path {each.arch} and also moved the weights of operation "
                f"{choice} on edge {edge}, by plain SGD",
                ACCUMULATED,
            )
        gradients = epoch.net.gradients(batch, each.arch, each.weights)
        for edge, choice in path:
            step = each.weights[edge][choice] - after[edge][choice]
            if not same(step, RATE * gradients[edge]):
                raise Wrong(
                    f"step {k + 1}: operation {choice} on edge {edge} moved by another step than "
                    "learning rate * gradient of the path's cross-entropy on this batch",
                    _other_step(step, RATE * gradients[edge], k),
                )


def _other_step(step: Tensor, right: Tensor, k: int) -> Misconception | None:
    if not bool(step.any()):
        return NO_STEP
    if same(step, -right):
        return ASCENT
    return ACCUMULATED if k > 0 else None


def others_rest(ask: Ask, variant: int) -> None:
    """Under momentum and weight decay, too, weights off the path stay bit for bit the same."""
    for settings, optimizer in MOVING.items():
        epoch = run(ask, variant, optimizer=optimizer)
        for k, each in enumerate(epoch.passes):
            stray = moved(each.weights, epoch.weights_after(k)) - set(enumerate(each.arch))
            if stray:
                edge, choice = min(stray)
                raise Wrong(
                    f"with {settings}, step {k + 1} ran the path {each.arch} and also moved "
                    f"operation {choice} on edge {edge}, which had no gradient",
                    _why_stray(ask, variant),
                )
        if not any(
            moved(each.weights, epoch.weights_after(k)) for k, each in enumerate(epoch.passes)
        ):
            raise Wrong("no weights move at all", NO_STEP)


def _why_stray(ask: Ask, variant: int) -> Misconception:
    """Gradients that pile up move weights under plain SGD as well, gradients of zero do not."""
    epoch = run(ask, variant)
    stray = any(
        moved(each.weights, epoch.weights_after(k)) - set(enumerate(each.arch))
        for k, each in enumerate(epoch.passes)
    )
    return ACCUMULATED if stray else ZEROS


def fresh_paths(ask: Ask, variant: int) -> None:
    """All paths are equally likely for every batch, whatever was drawn before; chi-square."""
    epoch = run(ask, variant, count=BATCHES, optimizer=partial(PLAIN, lr=0.0))
    size = epoch.net.space.size
    numbers = torch.tensor([arch[0] * CHOICES[1] + arch[1] for arch in epoch.path])
    counts = torch.bincount(numbers, minlength=size).double()
    pairs = torch.bincount(numbers[:-1] * size + numbers[1:], minlength=size * size).double()
    if int((counts > 0).sum()) == 1:
        raise Wrong(
            f"{BATCHES} batches all trained the path {epoch.path[0]}", _why_one(ask, variant)
        )
    if chi_square_too_large(counts, torch.full_like(counts, len(numbers) / size)):
        raise Wrong(
            f"over {BATCHES} batches the {size} paths were drawn {counts.long().tolist()} times",
            TOGETHER if _together(epoch) else UNIFORM,
        )
    if chi_square_too_large(pairs, torch.full_like(pairs, (len(numbers) - 1) / size**2)):
        raise Wrong("which path is drawn depends on the path of the batch before", CYCLE)


def _why_one(ask: Ask, variant: int) -> Misconception:
    """Drawn once per epoch, or the same whatever the generator."""
    seen = {run(ask, variant, seed=seed).path[0] for seed in range(8)}
    return ONCE if len(seen) > 1 else UNIFORM


def _together(epoch: Epoch) -> bool:
    return all(first == second for first, second in epoch.path)


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same paths, another rng others, the global generator has no say."""
    choices = (3, 3, 3)

    def paths(seed: int, outside: int) -> list[tuple[int, ...]]:
        torch.default_generator.manual_seed(outside)
        return run(ask, variant, count=20, choices=choices, seed=seed).path

    if paths(1, 10) != paths(1, 11):
        raise Wrong("the same rng gave other paths", GLOBAL_RNG)
    if not torch.equal(torch.get_rng_state(), make_rng(11).get_state()):
        raise Wrong("torch's global generator was used or seeded", GLOBAL_RNG)
    if paths(1, 10) == paths(2, 10):
        raise Wrong("two different rngs gave the same 20 paths", RESEEDED)
    if _two_epochs(ask, variant, make_rng(3)):
        raise Wrong("two epochs in a row with one rng trained the same 20 paths", RESEEDED)


def _two_epochs(ask: Ask, variant: int, rng: torch.Generator) -> bool:
    """Whether a second epoch of the same generator goes the paths of the first."""
    net = SharedLinear(seeded(variant), (3, 3, 3), features=4, classes=3)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    batches = batches_of(seeded(variant, 1), 20, 6)
    for _ in range(2):
        ask(net, net.space, batches, optimizer, rng)
    path = [each.arch for each in net.passes]
    return path[: len(batches)] == path[len(batches) :]


def trained_and_told(ask: Ask, variant: int) -> None:
    """Training mode, and per batch the path and the loss that it had before its step."""
    epoch = run(ask, variant)
    if not all(each.training for each in epoch.passes):
        raise Wrong("the net was in evaluation mode while it learned", EVALUATION)
    told = a_list(epoch.answer, len(epoch.batches), "the answer")
    for k, (entry, each) in enumerate(zip(told, epoch.passes, strict=True)):
        arch, value = _pair(entry, k)
        if tuple(arch) != each.arch:
            raise Wrong(f"entry {k} tells the path {tuple(arch)}, but the net ran {each.arch}")
        if type(value) is Tensor and value.requires_grad:
            raise Wrong(f"the loss of entry {k} is a tensor with its whole graph", GRAPH)
        expected = epoch.net.loss(epoch.batches[k], each.arch, each.weights)
        found = number(value, f"the loss of entry {k}")
        if not same(torch.tensor(found), torch.tensor(expected, dtype=torch.float64)):
            raise Wrong(
                f"entry {k} tells the loss {found:.4g}; the cross-entropy of its batch before the "
                f"step was {expected:.4g}"
            )


def _pair(entry: Any, k: int) -> tuple[Any, Any]:
    if type(entry) not in (tuple, list) or len(entry) != 2:
        raise Wrong(f"entry {k} of the answer is not a pair (path, loss)")
    arch, value = entry
    arch = arch.tolist() if type(arch) is Tensor else arch
    if type(arch) not in (tuple, list):
        raise Wrong(f"entry {k} begins with {type(arch).__name__}, expected the path")
    return arch, value


LAWS = {
    "a step moves its path by the gradient": on_the_path,
    "weights off the path rest": others_rest,
    "a fresh uniform path for every batch": fresh_paths,
    "all draws come from rng": draws_from_rng,
    "trained, and told": trained_and_told,
}
