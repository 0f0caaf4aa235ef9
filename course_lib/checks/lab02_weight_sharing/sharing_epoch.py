"""`sharing_epoch`: every batch trains one path, drawn for it alone, and nothing else."""

from functools import partial
from typing import Any

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from course_lib.checks.ask import Ask
from course_lib.checks.chance import GLOBAL_RNG, counted, fits, only_rng, pairs_counted
from course_lib.checks.engine import Exercise
from course_lib.checks.lab02_weight_sharing import sections
from course_lib.checks.lab02_weight_sharing.epochs import (
    ALL_PATHS,
    CHOICES,
    MOVING,
    PLAIN,
    RATE,
    SKIPPED,
    alike,
    first_path,
    run,
)
from course_lib.checks.lab02_weight_sharing.shared import RESEEDED, moved, own_seed
from course_lib.checks.values import number, same, told_apart
from course_lib.checks.wrong import Misconception, Wrong, mistake

BATCHES = 600
ONCE = Misconception(
    "the path is drawn once per epoch",
    "Then one path learns and all others wait. Draw inside the loop, for every batch anew.",
)
UNIFORM = Misconception(
    "not all paths are equally likely",
    "space.sample(rng) draws a path uniformly.",
)
TOGETHER = Misconception(
    "one draw serves all edges",
    "Each edge draws its own operation: space.sample(rng), or one randint per edge.",
)
CYCLE = Misconception(
    "the paths follow each other in a fixed order",
    "Draw independently for every batch; going through the paths in turn is another method.",
)
ACCUMULATED = Misconception(
    "gradients of earlier batches are still there",
    "backward() adds to .grad. Clear the gradients for every batch before the step.",
)
ZEROS = Misconception(
    "gradients are set to zero instead of None",
    "For the optimizer a gradient of zeros is a gradient: momentum and weight decay then move "
    "weights that the path did not use. zero_grad(set_to_none=True), the default, skips them.",
)
OWN_STEP = Misconception(
    "the given optimizer does not take the steps",
    "It keeps momenta and decays weights, as the caller wants it: call its step() once per batch, "
    "and no optimizer of your own.",
)
FROZEN = Misconception(
    "weights are frozen and stay so",
    "Whoever trains another path later needs their gradients: requires_grad stays as it was.",
)
EVALUATION = Misconception(
    "the net learns in evaluation mode",
    "net.train() first: batch normalisation learns with the statistics of the batch.",
)
GRAPH = Misconception(
    "the losses keep their graphs",
    "A list of such tensors keeps every batch's activations in memory: loss.item() is a number.",
)


def _epoch(net: Any, batches: Any, optimizer: Any, *, sign: float = 1.0, step: bool = True) -> Any:
    """An epoch on the only path of a net, right unless a part is exchanged."""
    net.train()
    for x, y in batches:
        loss = F.cross_entropy(net(x, (0, 0)), y)
        optimizer.zero_grad()
        torch.autograd.backward(sign * loss)
        if step:
            optimizer.step()


MISTAKES = (
    mistake(
        "the weights do not move",
        "After backward() comes optimizer.step().",
        lambda net, space, batches, optimizer, rng: _epoch(net, batches, optimizer, step=False),
    ),
    mistake(
        "the loss is climbed",
        "The optimizer descends what backward() was called on: the cross-entropy without a minus.",
        lambda net, space, batches, optimizer, rng: _epoch(net, batches, optimizer, sign=-1.0),
    ),
    ALL_PATHS, SKIPPED, ONCE, UNIFORM, TOGETHER, CYCLE, ACCUMULATED, ZEROS, OWN_STEP, FROZEN,
    EVALUATION, GRAPH, GLOBAL_RNG, RESEEDED,
)  # fmt: skip


def probe(ask: Ask, variant: int) -> list[Tensor]:
    """The weights after an epoch of a net that has only one path."""
    return [weight for row in run(ask, variant, choices=(1, 1)).after for weight in row]


def on_the_path(ask: Ask, variant: int) -> None:
    """By plain SGD each step moves the drawn path's weights, by their gradient, and no others."""
    epoch = run(ask, variant)
    for k, (batch, each) in enumerate(zip(epoch.batches, epoch.passes, strict=True)):
        after, path = epoch.weights_after(k), set(enumerate(each.arch))
        if stray := moved(each.weights, after) - path:
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
                    "learning rate * gradient of F.cross_entropy of the path's logits on this batch"
                )


def others_rest(ask: Ask, variant: int) -> None:
    """Under momentum and weight decay, too, weights off the path stay bit for bit the same, and
    go on asking for a gradient."""
    for settings, optimizer in MOVING.items():
        epoch = run(ask, variant, optimizer=optimizer)
        for k, each in enumerate(epoch.passes):
            if stray := moved(each.weights, epoch.weights_after(k)) - set(enumerate(each.arch)):
                edge, choice = min(stray)
                raise Wrong(
                    f"with {settings}, step {k + 1} ran the path {each.arch} and also moved "
                    f"operation {choice} on edge {edge}, which had no gradient",
                    _not_by_plain(ask, variant, ZEROS),
                )
        if not moved(epoch.passes[0].weights, epoch.after):
            raise Wrong("no weights move at all")
        if not all(weight.requires_grad for weight in epoch.net.parameters()):
            raise Wrong("after the epoch some weights do not ask for a gradient any more", FROZEN)


def takes_the_steps(ask: Ask, variant: int) -> None:
    """With momentum, weight decay, Adam: the weights that torch's own optimizer leads to."""
    for settings, optimizer in MOVING.items():
        epoch = run(ask, variant, optimizer=optimizer)
        for k, expected in enumerate(epoch.replayed(optimizer)):
            if not alike(epoch.weights_after(k), expected):
                raise Wrong(
                    f"with {settings}, the weights after step {k + 1} are not those to which the "
                    "given optimizer leads by the gradients of the path",
                    _not_by_plain(ask, variant, ZEROS if epoch.strays() else OWN_STEP),
                )


def _not_by_plain(ask: Ask, variant: int, mistake: Misconception) -> Misconception | None:
    """The mistake, unless the steps are wrong by plain SGD as well: then what that law says."""
    try:
        on_the_path(ask, variant)
    except Wrong as wrong:
        return wrong.misconception
    return mistake


def fresh_paths(ask: Ask, variant: int) -> None:
    """All paths are equally likely for every batch, whatever was drawn before; chi-square."""
    epoch = run(ask, variant, count=BATCHES, optimizer=partial(PLAIN, lr=0.0))
    size = epoch.net.space.size
    numbers = torch.tensor([arch[0] * CHOICES[1] + arch[1] for arch in epoch.path])
    counts = counted(numbers, size)
    if int((counts > 0).sum()) == 1:
        several = len({first_path(ask, variant, seed) for seed in range(8)}) > 1
        raise Wrong(
            f"{BATCHES} batches all trained the path {epoch.path[0]}",
            ONCE if several else UNIFORM,
        )
    if not fits(counts, torch.full((size,), 1 / size)):
        raise Wrong(
            f"over {BATCHES} batches the {size} paths were drawn {counts.tolist()} times",
            TOGETHER if all(first == second for first, second in epoch.path) else UNIFORM,
        )
    pairs = pairs_counted(numbers[:-1], numbers[1:], size)
    if not fits(pairs, torch.full((size, size), 1 / size**2)):
        fixed = bool(((pairs > 0).sum(1) == 1).all())
        raise Wrong(
            "which path is drawn depends on the path of the batch before", CYCLE if fixed else None
        )


def draws_from_rng(ask: Ask, variant: int) -> None:
    """The same rng gives the same paths, another rng others, the global generator has no say."""

    def paths(rng: Generator) -> Tensor:
        return torch.tensor(run(ask, variant, count=20, choices=(3, 3, 3), rng=rng).path)

    with own_seed(paths):
        only_rng(paths, "20 paths")


def trained_and_told(ask: Ask, variant: int) -> None:
    """Training mode, and per batch the path and the loss that it had before its step."""
    for loud in (1.0, 2000.0):
        epoch = run(ask, variant, loud=loud)
        if not all(each.training for each in epoch.passes):
            raise Wrong("the net was in evaluation mode while it learned", EVALUATION)
        for k, ((arch, value), each) in enumerate(zip(epoch.told(), epoch.passes, strict=True)):
            if tuple(arch) != each.arch:
                raise Wrong(f"entry {k} tells the path {tuple(arch)}, but the net ran {each.arch}")
            if type(value) is Tensor and value.requires_grad:
                raise Wrong(f"the loss of entry {k} is a tensor with its whole graph", GRAPH)
            expected = epoch.net.loss(epoch.batches[k], each.arch, each.weights)
            found = number(value, f"the loss of entry {k}")
            if not abs(found - expected) <= 1e-6 * max(1.0, abs(expected)):
                right, wrong = told_apart(expected, found)
                raise Wrong(
                    f"entry {k} tells the loss {wrong}; the cross-entropy of its batch before the "
                    f"step was {right}"
                )


sharing_epoch = Exercise(
    lab="lab02_weight_sharing",
    name="sharing_epoch",
    section=sections.SHARING,
    library=("course_lib.nas.one_shot:one_shot_search", "course_lib.nas.sharing:shared_step"),
    laws={
        "a step moves its path by the gradient": on_the_path,
        "weights off the path rest": others_rest,
        "the given optimizer takes the steps": takes_the_steps,
        "a fresh uniform path for every batch": fresh_paths,
        "all draws come from rng": draws_from_rng,
        "trained, and told": trained_and_told,
    },
    mistakes=MISTAKES,
    probe=probe,
    hints=(
        "It is the usual training loop. One line is new: inside the loop, for every batch, draw "
        "a path.",
        "space.sample(rng) draws a path uniformly; net(x, arch) runs it; F.cross_entropy gives the "
        "loss. Then zero_grad, backward, step.",
        "optimizer.zero_grad() sets gradients to None, and the optimizer skips what has none. "
        "Gradients of zero it does not skip: momentum and weight decay go on.",
        "net.train() before the loop; append (arch, loss.item()) after each step.",
    ),
    basic="a step moves its path by the gradient",
)
