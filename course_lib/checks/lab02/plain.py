"""What the plain recipe scores in the challenge: `python -m course_lib.checks.lab02.plain` measures.

The recipe: batches of 50, one uniform path each, SGD with step size 0.05, momentum 0.9 and weight
decay 5e-4 until the budget is spent. Seed k plays variant k, so that the scores vary as much as
those of a class do.
"""

import torch
from torch import Generator, nn
from torch.nn import functional as F

from course_lib.datasets import Images
from course_lib.nas.cells import CellSpace

SCORES: tuple[float, ...] = (0.3, 0.4)
"""One score per variant 1, 2, ...; rounded to 4 places."""


def threshold() -> float:
    """Mean of the plain recipe's scores + 1.96 standard deviations: 1 of 40 of them reach it."""
    import numpy as np

    return float(np.mean(SCORES) + 1.96 * np.std(SCORES, ddof=1))


def plain_training(net: nn.Module, space: CellSpace, train: Images, rng: Generator) -> None:
    """The plain recipe, as a `my_training`."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)
    net.train()
    for _ in range(10):
        for chosen in torch.randperm(len(train), generator=rng).split(50):
            loss = F.cross_entropy(net(train.x[chosen], space.sample(rng)), train.y[chosen])
            optimizer.zero_grad()
            torch.autograd.backward(loss)
            optimizer.step()


def measure(variants: int) -> list[float]:
    """The scores of the plain recipe on variants 1, ..., variants."""
    from course_lib.checks.guard import seeded
    from course_lib.checks.lab02.challenge import problem

    scores = []
    for variant in range(1, variants + 1):
        task = problem(variant)
        plain_training(task.net, task.space, task.train, seeded(variant, 3))
        scores.append(round(task.score(), 4))
        print(variant, scores[-1], flush=True)
    return scores


if __name__ == "__main__":
    torch.set_num_threads(1)
    print(tuple(measure(24)))
