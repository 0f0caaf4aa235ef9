"""Does it pay to compile a meta-step? Its start-up against what each step gains."""

import statistics
from functools import partial
from os import environ
from shutil import which
from tempfile import TemporaryDirectory
from time import perf_counter
from unittest.mock import patch

import torch
from torch import Tensor
from torch.func import grad_and_value, vmap
from torch.nn import functional as F

from bench.timing import Row, alternate
from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.core.threads import one_thread
from course_lib.meta.maml import inner_loop
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.starts import INNER_LR, maml_on

CACHE = "TORCHINDUCTOR_CACHE_DIR"
CALLS, REPETITIONS, TRAINING = 10, 15, 5_000
"""TRAINING: the meta-steps of a whole training on sinusoids."""


def compiled_rows() -> list[Row]:
    """A meta-gradient on 25 sinusoids as `meta_train` takes it, and compiled by `torch.compile`.

    Compiled is the bare objective, without the look for losses that are not finite. No row where
    there is no C++ compiler, which `torch.compile` needs.
    """
    if which("g++") is None:
        return []
    theta, predict = regressor(make_rng(0))
    tasks, rng = sinusoid_tasks(make_rng(1)), make_rng(0)
    inner = partial(inner_loop, lr=INNER_LR)
    objective = maml_on(predict, inner)
    leaves = {name: value.clone().requires_grad_() for name, value in theta.items()}

    def bare(theta: Parameters, *parts: Tensor) -> Tensor:
        def after(x: Tensor, y: Tensor, query_x: Tensor, query_y: Tensor) -> Tensor:
            phi = inner(theta, lambda phi: F.mse_loss(predict(phi, x), y))
            return F.mse_loss(predict(phi, query_x), query_y)

        losses: Tensor = vmap(after)(*parts)
        return losses.mean()

    compiled = torch.compile(grad_and_value(bare), fullgraph=True)

    def eager() -> None:
        for _ in range(CALLS):
            torch.autograd.grad(objective(leaves, tasks, rng, None)[0], list(leaves.values()))

    def quick() -> None:
        for _ in range(CALLS):
            compiled(theta, *tasks)

    with one_thread(), TemporaryDirectory() as empty, patch.dict(environ, {CACHE: empty}):
        start = perf_counter()
        _, loss = compiled(theta, *tasks)
        waited = perf_counter() - start
        torch.testing.assert_close(loss, objective(theta, tasks, rng, None)[0])
        own, peer = (
            [seconds / CALLS for seconds in spent] for spent in alternate(eager, quick, REPETITIONS)
        )
    pays = waited / (statistics.median(own) - statistics.median(peer))
    return [
        Row(
            what="a meta-gradient of MAML, 25 tasks, not compiled",
            against="compiled",
            unit="s",
            ours=own,
            peer=peer,
            goal=f"compile if that pays within {TRAINING:,} steps (now {waited:.0f} s of start-up, "
            f"won back after {pays:,.0f} steps)",
            met=not 0 < pays < TRAINING,
        )
    ]
