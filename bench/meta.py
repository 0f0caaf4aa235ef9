"""A meta-step of MAML on sinusoids, beside `higher` and `torchopt`, and what a task adds.

Neither is a dependency of the course: `pip install --no-deps higher torchopt==0.7.3`, best with
--target into a folder on PYTHONPATH (torchopt needs optree besides). Network, tasks and inner step
size are the same, and so are loss and gradient, which is asserted first. An Adam step is not timed:
it is the same for all. Without a peer its row is left out.
"""

import statistics
from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.util import find_spec

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.optim import SGD

from bench.timing import Row, alternate, processor_seconds
from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.core.threads import one_thread
from course_lib.meta.maml import inner_loop
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.starts import maml_on
from course_lib.meta.tasks import Tasks

LR, CALLS, REPETITIONS = 0.01, 10, 15
GOALS = {("higher", 1): 10.0, ("higher", 5): 8.0, ("torchopt", 1): 5.0, ("torchopt", 5): 5.0}
COUNTS = (1, 5, 25, 100, 400)
MetaStep = Callable[[], tuple[float, list[Tensor]]]
"""-> the meta-loss and its gradient, parameter by parameter, weights as (outputs, inputs)."""


def maml_rows() -> list[Row]:
    """Seconds of one meta-gradient, 25 tasks, 10 shots, with one and with five inner steps."""
    peers = {"higher": with_higher, "torchopt": with_torchopt}
    with one_thread():
        return [
            _row(peer, steps, goal, peers[peer])
            for (peer, steps), goal in GOALS.items()
            if find_spec(peer) is not None
        ]


def _row(peer: str, steps: int, goal: float, make: Callable[[Tasks, int], MetaStep]) -> Row:
    tasks = sinusoid_tasks(make_rng(1))
    ours, theirs = own_step(tasks, steps), make(tasks, steps)
    torch.testing.assert_close(ours(), theirs(), rtol=1e-3, atol=1e-5)
    own, other = (
        [seconds / CALLS for seconds in spent]
        for spent in alternate(partial(_calls, ours), partial(_calls, theirs), REPETITIONS)
    )
    ratio = statistics.median(b / a for a, b in zip(own, other, strict=True))
    return Row(
        what=f"a meta-gradient of MAML, 25 tasks, {steps} inner step{'s'[: steps > 1]}",
        against=peer,
        unit="s",
        ours=own,
        peer=other,
        goal=f"{goal:g} times faster (median now {ratio:.1f})",
        met=ratio >= goal,
    )


def task_rows() -> list[Row]:
    """Milliseconds per task of a meta-gradient, one inner step, over the number of tasks."""
    with one_thread():
        spent = {count: _per_task(count) for count in COUNTS}
    return [
        Row(
            what=f"a task of a meta-gradient of {count} task{'s'[: count > 1]}, one inner step",
            against="alone",
            unit="ms",
            ours=own,
            peer=spent[1],
            goal="no more than alone",
            met=statistics.median(own) <= statistics.median(spent[1]),
        )
        for count, own in spent.items()
    ]


def _per_task(count: int) -> list[float]:
    step = partial(_calls, own_step(sinusoid_tasks(make_rng(1), tasks=count), 1))
    step()
    return [processor_seconds(step) / CALLS / count * 1000 for _ in range(REPETITIONS)]


def _calls(step: MetaStep) -> None:
    for _ in range(CALLS):
        step()


def _start() -> Parameters:
    return regressor(make_rng(0))[0]


def own_step(tasks: Tasks, steps: int) -> MetaStep:
    """The course's own, as `meta_train` calls it."""
    theta = {name: value.requires_grad_() for name, value in _start().items()}
    objective = maml_on(regressor(make_rng(0))[1], partial(inner_loop, lr=LR, steps=steps))
    rng = make_rng(0)

    def step() -> tuple[float, list[Tensor]]:
        loss, _ = objective(theta, tasks, rng, None)
        return loss.item(), [part.t() for part in torch.autograd.grad(loss, list(theta.values()))]

    return step


def with_higher(tasks: Tasks, steps: int) -> MetaStep:
    """Task by task with `higher` (Grefenstette et al. 2019), as its own MAML example does."""
    higher, net = import_module("higher"), _network()
    optimizer = SGD(net.parameters(), lr=LR)

    def step() -> tuple[float, list[Tensor]]:
        net.zero_grad()
        total = 0.0
        for support_x, support_y, query_x, query_y in zip(*tasks, strict=True):
            with higher.innerloop_ctx(net, optimizer, copy_initial_weights=False) as (copy, inner):
                for _ in range(steps):
                    inner.step(F.mse_loss(copy(support_x), support_y))
                loss = F.mse_loss(copy(query_x), query_y) / len(tasks)
                torch.autograd.backward(loss)
            total += loss.item()
        return total, _gradients(net)

    return step


def with_torchopt(tasks: Tasks, steps: int) -> MetaStep:
    """Task by task with `torchopt` (Ren et al. 2023), as its own MAML example does."""
    torchopt, net = import_module("torchopt"), _network()
    inner = torchopt.MetaSGD(net, lr=LR)
    keep = partial(torchopt.extract_state_dict, by="reference")

    def step() -> tuple[float, list[Tensor]]:
        net.zero_grad()
        start, state = keep(net, detach_buffers=True), keep(inner)
        losses = []
        for support_x, support_y, query_x, query_y in zip(*tasks, strict=True):
            for _ in range(steps):
                inner.step(F.mse_loss(net(support_x), support_y))
            losses.append(F.mse_loss(net(query_x), query_y))
            torchopt.recover_state_dict(net, start)
            torchopt.recover_state_dict(inner, state)
        loss = torch.stack(losses).mean()
        torch.autograd.backward(loss)
        return loss.item(), _gradients(net)

    return step


def _network() -> nn.Module:
    """`regressor` as a module of torch's own layers."""
    net = nn.Sequential(nn.Linear(1, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
    names = list(net.state_dict())
    values = (value.t().clone() for value in _start().values())
    net.load_state_dict(dict(zip(names, values, strict=True)))
    return net


def _gradients(net: nn.Module) -> list[Tensor]:
    return [value.grad.clone() for value in net.parameters() if value.grad is not None]
