"""A meta-step of MAML on glyphs: all tasks at once, beside the same code task by task."""

import statistics
from functools import partial

import torch
from torch import Tensor

from bench.timing import Row, alternate
from course_lib.core import make_rng
from course_lib.core.threads import one_thread
from course_lib.meta.conv_network import conv_network
from course_lib.meta.evaluate import by_gradient, episode_objective
from course_lib.meta.glyphs import glyphs
from course_lib.meta.maml import inner_loop
from course_lib.meta.tasks import Tasks

TASKS, REPETITIONS = 8, 10


def few_shot_row() -> Row:
    """Episodes drawn and a meta-gradient taken: 5 ways, 1 shot, 5 queries a class, second order."""
    few, rng = glyphs().train, make_rng(0)
    theta, predict = conv_network(rng, channels=(16, 32, 64, 64))
    theta = {name: value.requires_grad_() for name, value in theta.items()}
    solve = by_gradient(predict, partial(inner_loop, lr=0.4))

    def gradient(tasks: Tasks) -> list[Tensor]:
        loss, _ = episode_objective(theta, tasks, solve=solve)
        return list(torch.autograd.grad(loss, list(theta.values())))

    def one_by_one(tasks: Tasks) -> list[Tensor]:
        each = [gradient(tasks.part(slice(i, i + 1))) for i in range(len(tasks))]
        return [torch.stack(parts).mean(0) for parts in zip(*each, strict=True)]

    def draw() -> Tasks:
        return few.sample(rng, tasks=TASKS, queries=5)

    with one_thread():
        tasks = draw()
        torch.testing.assert_close(gradient(tasks), one_by_one(tasks), rtol=1e-2, atol=1e-4)
        ours, peer = alternate(lambda: gradient(draw()), lambda: one_by_one(draw()), REPETITIONS)
    ratio = statistics.median(b / a for a, b in zip(ours, peer, strict=True))
    return Row(
        what=f"a meta-step of MAML on glyphs, {TASKS} tasks",
        against="task by task",
        unit="s",
        ours=ours,
        peer=peer,
        goal=f"not slower (median now {ratio:.1f})",
        met=ratio >= 1.0,
    )
