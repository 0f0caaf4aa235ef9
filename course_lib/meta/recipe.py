"""How the course trains few-shot learners: one recipe for all, so that they can be compared."""

from collections.abc import Callable, Iterable
from functools import partial

from torch import Generator, Tensor
from torch.optim import Adam
from torch.optim.lr_scheduler import CosineAnnealingLR

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.conv_network import HEAD
from course_lib.meta.evaluate import Solve, episode_objective
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.maml import InnerLoop, anil, first_order


def second_order(adapt: InnerLoop) -> InnerLoop:
    """The inner loop itself, differentiated through."""
    return adapt


FAMILY: dict[str, Callable[[InnerLoop], InnerLoop]] = {
    "MAML": second_order,
    "first-order MAML": first_order,
    "ANIL": partial(anil, moving=HEAD),
}
"""What each method makes of a plain inner loop."""


def annealed(parameters: Iterable[Tensor], *, lr: float, steps: int) -> Adam:
    """Adam whose step size falls from lr to 0 along half a cosine, in `steps` steps."""
    adam = Adam(parameters, lr=lr)
    schedule = CosineAnnealingLR(adam, steps)
    adam.register_step_post_hook(lambda *_: schedule.step())
    return adam


def train_few_shot(
    theta: Parameters,
    solve: Solve,
    images: FewShotImages,
    rng: Generator,
    *,
    steps: int,
    lr: float = 3e-3,
    tasks: int = 8,
    ways: int = 5,
    shots: int = 1,
    queries: int = 5,
    progress: bool = False,
) -> tuple[Parameters, Log]:
    """Meta-train theta on episodes of `images`, by `annealed`; the log has the loss of each step.

    solve: MAML's `by_gradient`, `prototypes`, or any other. tasks: episodes a step.
    queries: of each class; fewer than in evaluation, for they cost as much as all else together.
    """
    return meta_train(
        theta,
        partial(episode_objective, solve=solve),
        partial(images.sample, tasks=tasks, ways=ways, shots=shots, queries=queries),
        rng,
        steps=steps,
        optimizer=partial(annealed, lr=lr, steps=steps),
        progress=progress,
    )
