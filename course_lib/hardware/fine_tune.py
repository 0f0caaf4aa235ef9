"""Fine-tuning: a pruned network learns a little more."""

from torch import Generator, nn

from course_lib.datasets import ImageTask
from course_lib.nas.training import TrainResult, train


def fine_tune(
    network: nn.Module,
    task: ImageTask,
    rng: Generator,
    *,
    epochs: int = 2,
    learning_rate: float = 0.02,
) -> TrainResult:
    """Train a pruned network on, in place: short, and with small steps that fall to 0."""
    return train(network, task, rng, epochs=epochs, learning_rate=learning_rate)
