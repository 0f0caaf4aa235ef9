"""How the course trains few-shot learners: one recipe for all, so that they can be compared."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from torch import Generator, Tensor
from torch.optim import Adam
from torch.optim.lr_scheduler import CosineAnnealingLR

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.conv_network import HEAD, conv_network
from course_lib.meta.evaluate import Context, Solve, by_gradient, episode_objective, inductive
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.maml import InnerLoop, anil, first_order, inner_loop


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


def maml_recipe(
    images: FewShotImages,
    rng: Generator,
    *,
    steps: int = 3000,
    channels: Sequence[int] = (16, 32, 64, 64),
    inner_lr: float = 0.4,
    test_steps: int = 3,
    context: Context = inductive,
    method: Callable[[InnerLoop], InnerLoop] = second_order,
    **options: Any,
) -> tuple[Parameters, Solve, Log]:
    """MAML on any images of characters: (theta, how to solve a task from it, log of the loss).

    Square images of any size and colour. Trained with one inner step; the answer takes `test_steps`
    of them, as the paper does. 3,000 steps are the whole training, some minutes on a laptop; 400
    show that it works. method: of FAMILY; options: of `train_few_shot`.
    Source: Finn et al. 2017, sec. 5.2 and A.1.
    """
    colours, height, width = images.images.shape[1:]
    if height != width:
        raise ValueError(f"images must be square, got {height} x {width}: crop or pad them")
    theta, predict = conv_network(
        rng,
        ways=options.get("ways", 5),
        channels=channels,
        size=height,
        image_channels=colours,
    )
    one, several = (
        by_gradient(predict, method(partial(inner_loop, lr=inner_lr, steps=k)), context=context)
        for k in (1, test_steps)
    )
    theta, log = train_few_shot(theta, one, images, rng, steps=steps, **options)
    return theta, several, log
