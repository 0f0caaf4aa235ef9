"""Few-shot learning with hallucinated examples: features that a generator makes of real ones."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.embedding import feature_tasks
from course_lib.meta.evaluate import Solve, episode_accuracies, episode_objective
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.maml import inner_loop
from course_lib.meta.prototypes import prototypes
from course_lib.meta.recipe import annealed
from course_lib.meta.tasks import Tasks

Hallucinate = Callable[[Tensor, Generator], Tensor]
"""(real features (..., d), rng) -> as many new features of the same classes."""
SHOTS = (1, 2, 5)


def generator(rng: Generator, *, width: int, draws: int, noise: float = 0.02) -> Parameters:
    """Three layers of ReLU units that at first return the example: theta of `complete`.

    The first `width` inputs are handed on by identity matrices; the `draws` others, and all biases,
    count for nothing. To this come normal weights of standard deviation `noise` / sqrt(inputs).
    Source: Wang et al. 2018 (the start); Hariharan and Girshick 2017 (the layers).
    """
    theta: Parameters = {}
    for layer, inputs in enumerate((width + draws, width, width)):
        spread = noise / inputs**0.5
        start = torch.eye(inputs, width) + spread * torch.randn(inputs, width, generator=rng)
        theta |= {f"weight{layer}": start, f"bias{layer}": torch.zeros(width)}
    return theta


def complete(theta: Parameters, example: Tensor, draw: Tensor) -> Tensor:
    """G(example, draw) >= 0, as features are: (..., width), (..., draws) -> (..., width)."""
    x = torch.cat((example, draw), -1)
    for layer in range(3):
        x = F.relu(x @ theta[f"weight{layer}"] + theta[f"bias{layer}"])
    return x


def from_noise(theta: Parameters) -> Hallucinate:
    """G(x, z) with normal noise z, as wide as x. Source: Wang et al. 2018."""

    def hallucinate(examples: Tensor, rng: Generator) -> Tensor:
        return complete(theta, examples, torch.randn(examples.shape, generator=rng))

    return hallucinate


def toward(middle: Tensor) -> Hallucinate:
    """Halfway from the example to `middle`, (d,): no generator, only shrinkage, to compare with."""

    def hallucinate(examples: Tensor, rng: Generator) -> Tensor:
        return (examples + middle) / 2

    return hallucinate


def enlarge(tasks: Tasks, hallucinate: Hallucinate, rng: Generator, *, total: int) -> Tasks:
    """Every class of every task gets hallucinated examples until it has `total`; queries stay.

    The real examples come first. Each hallucination starts from a real example of its class, drawn
    uniformly, and has its label. A class with `total` examples or more gets none.
    support_x: (tasks, n, d). ValueError where the classes have not equally many examples.
    """
    x, y = tasks.support_x, tasks.support_y
    if x.ndim != 3:
        raise ValueError(f"support_x must be features (tasks, n, d), got {tuple(x.shape)}")
    own = F.one_hot(y).transpose(1, 2)  # (tasks, ways, n)
    shots = int(own[0, 0].sum())
    if (own.sum(2) != shots).any():
        raise ValueError("every class of every task must have as many support examples")
    if total <= shots:
        return tasks
    missing, ways = total - shots, own.shape[1]
    drawn = torch.multinomial(own.flatten(0, 1).float(), missing, replacement=True, generator=rng)
    seeds = x.take_along_dim(drawn.reshape(len(x), -1, 1), 1)
    labels = torch.arange(ways).repeat_interleave(missing).expand(len(x), -1)
    made = hallucinate(seeds, rng)
    if made.shape != seeds.shape:
        raise ValueError(f"hallucinate returned {tuple(made.shape)} for {tuple(seeds.shape)}")
    return Tasks(torch.cat((x, made), 1), torch.cat((y, labels), 1), tasks.query_x, tasks.query_y)


def nearest_mean(ways: int = 5) -> Solve:
    """`prototypes` of features: the class whose mean is nearest; theta is not used."""
    return prototypes(lambda theta, x, context=None, /: x, ways=ways)


def tempered(solve: Solve, temperature: float) -> Solve:
    """The same answers with softer probabilities: scores / temperature."""

    def softer(
        theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor:
        return solve(theta, support_x, support_y, query_x) / temperature

    return softer


def within_classes(features: FewShotImages) -> float:
    """The mean squared distance from the own class's mean."""
    x = features.images.flatten(1)
    own = [x[features.labels == label] for label in features.classes]
    return float(torch.cat([rows - rows.mean(0) for rows in own]).square().sum(1).mean())


def logistic_regression(ways: int = 5, *, steps: int = 50, rate: float = 2.0) -> Solve:
    """Softmax regression by gradient descent from zero; theta is not used.

    x is what the features differ by from the mean of the support set, in place of a bias. The step
    size is rate / mean |x|^2, so that the unit of the features does not matter; up to rate = 4 the
    loss cannot rise.
    """

    def solve(
        theta: Parameters, support_x: Tensor, support_y: Tensor, query_x: Tensor, /
    ) -> Tensor:
        middle = support_x.mean(0)
        x = support_x - middle
        start = {"weight": x.new_zeros(x.shape[1], ways)}

        def loss(phi: Parameters) -> Tensor:
            return F.cross_entropy(x @ phi["weight"], support_y)

        rates = {"weight": rate / x.square().sum(1).mean()}
        phi = inner_loop(start, loss, lr=rates, steps=steps)
        return (query_x - middle) @ phi["weight"]

    return solve


def query_loss(
    theta: Parameters,
    tasks: Tasks,
    rng: Generator,
    carry: Any = None,
    *,
    solve: Solve,
    total: int,
) -> tuple[Tensor, Any]:
    """The queries' loss of a learner that saw hallucinated examples too; G is learnt through it.

    Source: Wang et al. 2018.
    """
    return episode_objective({}, enlarge(tasks, from_noise(theta), rng, total=total), solve=solve)


def train_end_to_end(
    features: FewShotImages,
    rng: Generator,
    *,
    steps: int = 150,
    lr: float = 3e-3,
    tasks: int = 8,
    ways: int = 5,
    queries: int = 15,
    total: int = 10,
    progress: bool = False,
) -> tuple[Parameters, Log]:
    """Theta of `from_noise`, learnt through `nearest_mean` on episodes of 1, 2 and 5 shots.

    The squared distances count in tenths of `within_classes`, or the softmax would be too sure.
    features: of the base classes, as an `Embedding` gives them. The log has the loss of each step.
    """
    solve = tempered(nearest_mean(ways), within_classes(features) / 10)
    theta = generator(rng, width=features.images.shape[-1], draws=features.images.shape[-1])

    def sample(rng: Generator) -> Tasks:
        shots = SHOTS[int(torch.randint(len(SHOTS), (), generator=rng))]
        return feature_tasks(features, rng, tasks=tasks, ways=ways, shots=shots, queries=queries)

    return meta_train(
        theta,
        partial(query_loss, solve=solve, total=total),
        sample,
        rng,
        steps=steps,
        optimizer=partial(annealed, lr=lr, steps=steps),
        progress=progress,
    )


def accuracies(
    features: FewShotImages,
    hallucinators: Mapping[str, Hallucinate],
    rng: Generator,
    *,
    solve: Solve,
    episodes: int = 600,
    ways: int = 5,
    shots: int = 1,
    queries: int = 15,
    total: int = 10,
    batch: int = 100,
) -> dict[str, Tensor]:
    """Name -> (episodes,) shares of right answers, of real examples alone under "real".

    All names meet the same episodes, so that their differences are paired. features: of classes
    that neither the embedding nor a generator was trained on.
    """
    found: dict[str, list[Tensor]] = {name: [] for name in ("real", *hallucinators)}
    for done in range(0, episodes, batch):
        size = min(batch, episodes - done)
        few = feature_tasks(features, rng, tasks=size, ways=ways, shots=shots, queries=queries)
        found["real"].append(episode_accuracies(solve, {}, few))
        for name, hallucinate in hallucinators.items():
            more = enlarge(few, hallucinate, rng, total=total)
            found[name].append(episode_accuracies(solve, {}, more))
    return {name: torch.cat(parts) for name, parts in found.items()}
