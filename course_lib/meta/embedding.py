"""What a network that was trained to tell known classes apart makes of images: their features."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

from course_lib.core.log import Log
from course_lib.core.meta_train import Parameters, meta_train
from course_lib.meta.conv_network import conv_network, features, predict
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.recipe import annealed
from course_lib.meta.tasks import Tasks

FILE = Path(__file__).parents[2] / "data" / "recordings" / "glyphs_embedding.npz"
CHANNELS = (16, 32, 64, 64)
_BATCH = 500


@dataclass(frozen=True)
class Embedding:
    """A trained network without its head.

    theta: of `conv_network`. reference: images whose statistics normalize all others, so that the
        features of an image do not depend on which others are looked at with it.
    """

    theta: Parameters
    reference: Tensor

    def __call__(self, images: FewShotImages) -> FewShotImages:
        """The same labels with features (d,) in place of images, each (1, 1, d), not below 0."""
        rows = []
        with torch.no_grad():
            for start in range(0, len(images), _BATCH):
                part = images.x(torch.arange(start, min(start + _BATCH, len(images))))
                rows.append(features(self.theta, part, self.reference))
        return FewShotImages(torch.cat(rows)[:, None], images.labels)


def train_embedding(
    images: FewShotImages,
    rng: Generator,
    *,
    steps: int = 1500,
    batch: int = 128,
    lr: float = 3e-3,
    progress: bool = False,
) -> tuple[Embedding, Log]:
    """Train a network to tell all classes of `images` apart; the embedding is all but its head.

    Cross-entropy, by `annealed`. The log has the loss of each step. Square images only.
    """
    numbers = class_numbers(images.labels)
    ways = int(numbers.max()) + 1
    colours, size = images.images.shape[1], images.images.shape[-1]
    theta, _ = conv_network(rng, ways=ways, channels=CHANNELS, size=size, image_channels=colours)
    # the last features of a fresh network are large for a softmax over many classes
    theta["head.weight"] = theta["head.weight"] / 10

    def draw(rng: Generator) -> Tensor:
        return torch.randint(len(images), (batch,), generator=rng)

    def loss(
        theta: Parameters, which: Tensor, rng: Generator, carry: None, /
    ) -> tuple[Tensor, None]:
        return F.cross_entropy(predict(theta, images.x(which)), numbers[which]), carry

    optimizer = partial(annealed, lr=lr, steps=steps)
    theta, log = meta_train(
        theta, loss, draw, rng, steps=steps, optimizer=optimizer, progress=progress
    )
    reference = images.x(torch.randperm(len(images), generator=rng)[:200])
    return Embedding(theta, reference), log


def feature_tasks(
    features: FewShotImages, rng: Generator, *, tasks: int, ways: int, shots: int, queries: int
) -> Tasks:
    """As `FewShotImages.sample`, with features as rows: x (tasks, n, d)."""
    drawn = features.sample(rng, tasks=tasks, ways=ways, shots=shots, queries=queries)
    return Tasks(
        drawn.support_x.flatten(2), drawn.support_y, drawn.query_x.flatten(2), drawn.query_y
    )


def class_numbers(labels: Tensor) -> Tensor:
    """0, 1, ... for the labels in increasing order, (n,)."""
    return torch.from_numpy(np.unique(labels.numpy(), return_inverse=True)[1])


def trained_embedding(file: Path = FILE) -> Embedding:
    """The recorded one, of glyphs' training scripts; ValueError where its file is unusable."""
    try:
        with np.load(file) as arrays:
            theta = {
                name.removeprefix("theta: "): torch.from_numpy(arrays[name]).float()
                for name in arrays.files
                if name.startswith("theta: ")
            }
            return Embedding(theta, torch.from_numpy(arrays["reference"]).float() / 255)
    except (OSError, KeyError, ValueError) as error:
        raise ValueError(
            f"no usable embedding in {file} ({error}): copy it from the course's repository; "
            "there: python -m data.make recordings glyphs_embedding"
        ) from error


def save_embedding(embedding: Embedding, file: Path = FILE) -> Path:
    """Write a file that `trained_embedding` reads: half precision, no head, reference in bytes."""
    theta = {
        f"theta: {name}": value.half().numpy()
        for name, value in embedding.theta.items()
        if not name.startswith("head")
    }
    reference = (embedding.reference * 255).round().to(torch.uint8).numpy()
    np.savez_compressed(file, allow_pickle=False, reference=reference, **theta)
    return file
