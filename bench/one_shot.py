"""What one-shot search costs: a step beside the papers' networks, memory, whole searches."""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from bench.paper_networks import BATCH, CHANNELS, SPACE, has_xautodl, paper_steps
from bench.timing import Row, processor_seconds
from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.memory import activation_bytes
from course_lib.nas.one_shot import (
    gumbel_straight_through,
    one_shot_search,
    one_shot_steps,
    softmax_relax,
)
from course_lib.nas.supernet import SharesWeights, Supernet, mixed_op, sampled_op
from course_lib.nas.uniform_paths import train_on_uniform_paths

REPETITIONS, STEPS = 30, 10
DARTS_GOAL, GDAS_GOAL = 2.2, 2.0
RANKING_EPOCHS, SEARCH_EPOCHS, DARTS_EPOCHS = 50, 15, 10


def own_steps(task: ImageTask, *, sampled: bool) -> Iterator[object]:
    net = Supernet(SPACE, mixed_op=sampled_op if sampled else mixed_op, channels=CHANNELS)
    relax = gumbel_straight_through if sampled else softmax_relax
    return one_shot_steps(
        net, task.train, task.valid, make_rng(0), relax=relax, tau=(5.0, 5.0), batch=BATCH
    )


def step_rows() -> list[Row]:
    """Seconds of a DARTS step and of a GDAS step, ours and the peer's, all four in turns."""
    task = cluttered_digits(test=1)
    searches: dict[str, Iterator[object]] = {
        "DARTS": own_steps(task, sampled=False),
        "GDAS": own_steps(task, sampled=True),
        "their DARTS": paper_steps(task, sampled=False),
        "their GDAS": paper_steps(task, sampled=True),
    }
    spent: dict[str, list[float]] = {name: [] for name in searches}
    with one_thread():
        for turn in range(REPETITIONS + 1):
            for name, search in searches.items():
                seconds = processor_seconds(partial(take, search)) / STEPS
                if turn:
                    spent[name].append(seconds)
    peer = "xautodl" if has_xautodl() else "the papers' network, xautodl is not installed"
    rows = [
        faster(f"a {name} step, batch of {BATCH}", spent[name], spent[f"their {name}"], peer, goal)
        for name, goal in (("DARTS", DARTS_GOAL), ("GDAS", GDAS_GOAL))
    ]
    share = statistics.median(spent["GDAS"]) / statistics.median(spent["DARTS"])
    return [
        *rows,
        Row(
            what=f"a GDAS step, batch of {BATCH}",
            against="our DARTS step",
            unit="s",
            ours=spent["GDAS"],
            peer=spent["DARTS"],
            goal=f"at most 0.4 of it (median now {share:.2f})",
            met=share <= 0.4,
        ),
    ]


def take(search: Iterator[object]) -> None:
    for _ in range(STEPS):
        next(search)


def faster(
    what: str, own: Sequence[float], other: Sequence[float], against: str, goal: float
) -> Row:
    ratio = statistics.median(peer / ours for ours, peer in zip(own, other, strict=True))
    words = f"{goal:g} times faster (median now {ratio:.2f})"
    return Row(what, against, "s", own, other, words, ratio >= goal)


def memory_rows() -> list[Row]:
    """Megabytes that a step keeps for its backward pass: the activations at their peak.

    GDAS and the single path draw 20 times; the path is the stand-alone network of an architecture.
    """
    x, rng = cluttered_digits(train=BATCH, valid=1, test=1).train.x, make_rng(0)
    alpha = torch.zeros(SPACE.edges, len(SPACE.operations))
    net = Supernet(SPACE, channels=CHANNELS)
    net.mixed_op = mixed_op
    graph = kept(net, x, softmax_relax(alpha, rng).requires_grad_())
    net.mixed_op = sampled_op
    gdas = [kept(net, x, gumbel_straight_through(alpha, rng).requires_grad_()) for _ in range(20)]
    paths = [kept(SPACE.build(SPACE.sample(rng), channels=CHANNELS), x) for _ in range(20)]
    return [
        Row(
            what=f"activations of a {name}, batch of {BATCH}",
            against="the supergraph of DARTS",
            unit="MB",
            ours=own,
            peer=[graph] * len(own),
            goal="less",
            met=statistics.median(own) < graph,
        )
        for name, own in (("GDAS step", gdas), ("single path", paths))
    ]


def kept(network: nn.Module, *inputs: Tensor) -> float:
    besides = [*inputs, *network.parameters(), *network.buffers()]
    with one_thread():
        return activation_bytes(lambda: network(*inputs).sum(), besides=besides) / 2**20


def search_rows() -> list[Row]:
    """Whole trainings by the clock: a supernet ready for ranking, DARTS in both spaces."""
    task = cluttered_digits(test=1)

    def ranking() -> None:
        net = Supernet(SPACE, mixed_op=sampled_op, channels=CHANNELS)
        train_on_uniform_paths(net, task, make_rng(0), epochs=RANKING_EPOCHS)

    def darts(space: SharesWeights, epochs: int) -> None:
        net = Supernet(space, channels=CHANNELS)
        one_shot_search(net, task.train, task.valid, make_rng(0), epochs=epochs)

    return [
        by_clock(f"supernet ready for ranking, {RANKING_EPOCHS} epochs", ranking, 120),
        by_clock(
            f"DARTS search, cell space, {SEARCH_EPOCHS} epochs",
            partial(darts, SPACE, SEARCH_EPOCHS),
            180,
        ),
        by_clock(
            f"DARTS search, normal and reduction cell, {DARTS_EPOCHS} epochs",
            partial(darts, DartsSpace(), DARTS_EPOCHS),
            180,
        ),
    ]


def by_clock(what: str, call: Callable[[], None], limit: float) -> Row:
    started = time.perf_counter()
    call()
    seconds = time.perf_counter() - started
    return Row(f"{what}, by the clock", "", "s", [seconds], [], f"{limit:g} s", seconds <= limit)
