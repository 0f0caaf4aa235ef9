"""What a few-shot learner is: a way to solve one task; trained and judged on many of them."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Generator, Tensor
from torch.func import vmap

from course_lib.core.meta_train import Parameters
from course_lib.core.statistics import Interval, bootstrap_interval
from course_lib.meta.conv_network import ConvPredict
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.maml import InnerLoop, Loss
from course_lib.meta.tasks import Tasks


class Solve(Protocol):
    """One task: (theta, support_x, support_y, query_x) -> class scores of the queries."""

    def __call__(
        self, theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor: ...


Context = Callable[[Tensor, Tensor], Tensor | None]
"""(support_x, query_x) -> the images whose statistics normalize the queries."""


def inductive(support_x: Tensor, query_x: Tensor) -> Tensor | None:
    """The support set: the answer to a query does not depend on the other queries."""
    return support_x


def transductive(support_x: Tensor, query_x: Tensor) -> Tensor | None:
    """The queries themselves, as the code of many papers has it: they help each other."""
    return None


def by_gradient(
    predict: ConvPredict,
    inner_loop: InnerLoop,
    *,
    context: Context = inductive,
    loss: Loss = F.cross_entropy,
) -> Solve:
    """Adapt by `inner_loop` on the support set, then predict: MAML, ANIL and fine-tuning."""

    def solve(
        theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor:
        phi = inner_loop(theta, lambda phi: loss(predict(phi, support_x), support_y))
        return predict(phi, query_x, context(support_x, query_x))

    return solve


def episode_objective(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator | None = None,
    carry: Any = None,
    *,
    solve: Solve,
    loss: Loss = F.cross_entropy,
) -> tuple[Tensor, Any]:
    """The mean over tasks of the queries' loss once `solve` has seen the support set.

    With `by_gradient` this is MAML's objective: of the two contexts `transductive` treats the
    queries as the code of many papers does, `inductive` asks about each by itself. ValueError
    names a task whose loss is not finite.
    """

    def after(support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor) -> Tensor:
        return loss(solve(theta, support_x, support_y, query_x), query_y)

    losses = vmap(after)(*tasks)
    if not torch.isfinite(losses).all():
        first = int((~torch.isfinite(losses)).int().argmax())
        raise ValueError(
            f"the query loss of task {first} is {float(losses[first])}: its support set moved the "
            "parameters too far, smaller inner steps may help"
        )
    return losses.mean(), carry


def episode_accuracies(solve: Solve, theta: Parameters, tasks: Tasks) -> Tensor:
    """The share of queries that are classified rightly, (tasks,)."""
    with torch.no_grad():
        scores = vmap(partial(solve, theta), chunk_size=50)(
            tasks.support_x, tasks.support_y, tasks.query_x
        )
        return (scores.argmax(-1) == tasks.query_y).float().mean(1)


def evaluate(
    solve: Solve,
    theta: Parameters,
    images: FewShotImages,
    rng: Generator,
    *,
    episodes: int = 600,
    ways: int = 5,
    shots: int = 1,
    queries: int = 15,
    batch: int = 50,
) -> Interval:
    """Mean accuracy over fresh episodes, with its 95 % bootstrap interval over episodes.

    images: of classes that nobody trained on. Two methods with the same seed meet the same
        episodes.
    """
    sizes = [min(batch, episodes - done) for done in range(0, episodes, batch)]
    found = [
        episode_accuracies(
            solve, theta, images.sample(rng, tasks=size, ways=ways, shots=shots, queries=queries)
        )
        for size in sizes
    ]
    return bootstrap_interval(torch.cat(found).double().numpy(), rng)
