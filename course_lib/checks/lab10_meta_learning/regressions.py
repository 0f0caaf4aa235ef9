"""Linear regressions as tasks: one step of adaptation, and MAML's objective, by hand."""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.func import grad

from course_lib.checks.lab10_meta_learning.bowls import drawn
from course_lib.checks.values import kind

LR = 0.3
Task = tuple[Tensor, Tensor, Tensor, Tensor]
"""support_x, support_y, query_x, query_y."""


def theta_of(w: Tensor) -> dict[str, Tensor]:
    """Three slopes and an intercept."""
    return {"slope": w[:3], "intercept": w[3]}


def predict(params: Any, x: Tensor) -> Tensor:
    """(n, 3) -> (n,)."""
    if not isinstance(params, dict) or set(params) != {"slope", "intercept"}:
        got = f"keys {list(params)}" if isinstance(params, dict) else kind(params)
        raise ValueError(f"predict expects a dictionary with the keys of theta; got {got}")
    out: Tensor = x @ params["slope"] + params["intercept"]
    return out


def half_squared(outputs: Tensor, answers: Tensor) -> Tensor:
    if outputs.shape != answers.shape:
        shapes = f"{tuple(outputs.shape)} and {tuple(answers.shape)}"
        raise ValueError(
            f"outputs and answers have the shapes {shapes}: of which examples are they?"
        )
    return (outputs - answers).square().mean() / 2


def regressions(rng: Generator, queries: Sequence[int]) -> list[Task]:
    """One task for each size of a query; their supports are of sizes of their own if these are."""
    tasks = []
    for place, size in enumerate(queries):
        support = size if len(set(queries)) == 1 else 1 + (3 * place + size) % 5
        examples = drawn(rng, support, 3), drawn(rng, support)
        tasks.append((*examples, drawn(rng, size, 3), drawn(rng, size)))
    return tasks


def _moments(x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """H and b of the loss w.H w / 2 - b.w + ..."""
    rows = torch.cat([x, torch.ones(len(x), 1).double()], dim=1)
    return rows.T @ rows / len(x), rows.T @ y / len(x)


def adapted(w: Tensor, x: Tensor, y: Tensor) -> Tensor:
    H, b = _moments(x, y)
    return w - LR * (H @ w - b)


def objective(w: Tensor, tasks: Sequence[Task]) -> tuple[Tensor, Tensor]:
    """The mean query loss after one step, and the mean of (I - lr H) times its gradient."""
    losses, slopes = [], []
    for x, y, query_x, query_y in tasks:
        phi = adapted(w, x, y)
        missed = query_x @ phi[:3] + phi[3] - query_y
        losses.append(missed.square().mean() / 2)
        (H, _), (G, c) = _moments(x, y), _moments(query_x, query_y)
        slope = G @ phi - c
        slopes.append(slope - LR * H @ slope)
    return torch.stack(losses).mean(), torch.stack(slopes).mean(0)


def one_step(theta: dict[str, Tensor], support_loss: Any) -> dict[str, Tensor]:
    """The inner loop that is handed in: one step, part of the graph."""
    slopes = grad(support_loss)(theta)
    return {name: value - LR * slopes[name] for name, value in theta.items()}


def exchanged(
    learns_from: Callable[[Task], Sequence[Tensor]] = lambda task: task[:2],
    asked_for: Callable[[Task], Sequence[Tensor]] = lambda task: task[2:],
    end: Callable[[Any, Any], Any] = lambda theta, phi: phi,
    following: Callable[[Any, Any], Any] = lambda theta, phi: theta,
    together: Callable[[Tensor, Tensor], Tensor] = lambda losses, sizes: losses.mean(),
) -> Callable[..., Tensor]:
    """An objective with one part exchanged."""

    def maml_objective(
        theta: Any, tasks: Any, *, predict: Any, loss: Any, inner_loop: Any
    ) -> Tensor:
        losses = []
        for task in tasks:
            x, y = learns_from(task)
            phi = inner_loop(theta, lambda at, x=x, y=y: loss(predict(at, x), y))
            x, y = asked_for(task)
            losses.append(loss(predict(end(theta, phi), x), y))
            theta = following(theta, phi)
        return together(torch.stack(losses), torch.tensor([len(task[3]) for task in tasks]))

    return maml_objective
