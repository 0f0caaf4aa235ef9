"""Omniglot, the handwritten original of few-shot learning, for those who have it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from course_lib.datasets import TORCHVISION_FOLDER
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits

VALID_ALPHABETS = ("Hebrew", "Korean", "Latin", "N_Ko", "Tifinagh")


def omniglot(
    *,
    root: str | Path = TORCHVISION_FOLDER,
    download: bool = False,
    valid: Sequence[str] = VALID_ALPHABETS,
) -> GlyphSplits:
    """1,623 characters of 50 alphabets, 20 images each, as torchvision loads them.

    The 30 background alphabets are for training, without `valid`; the 20 others are the test.
    Images are 28 x 28 bytes, ink 255. root: the folder that holds the files; download: fetch them
    if they are not there. FileNotFoundError where they are absent or damaged.
    Source: Lake et al. 2015.
    """
    own, own_names = _part(Path(root), background=True, download=download, first=0)
    held, held_names = _part(Path(root), background=False, download=download, first=len(own_names))
    names = own_names + held_names
    alphabets = tuple(name.split("/")[0] for name in names)
    if strangers := set(valid) - set(alphabets[: len(own_names)]):
        raise ValueError(f"no background alphabet {', '.join(sorted(strangers))}")
    chosen = [label for label in own.classes if alphabets[label] in valid]
    rest = [label for label in own.classes if alphabets[label] not in valid]
    return GlyphSplits(own.part(rest), own.part(chosen), held, names, alphabets)


def _part(
    root: Path, *, background: bool, download: bool, first: int
) -> tuple[FewShotImages, tuple[str, ...]]:
    """One half, labels counted from `first`, and the names of its characters."""
    from torchvision.datasets import Omniglot

    try:
        half: Any = Omniglot(str(root), background=background, download=download)
        pictures, labels = zip(*((_bytes(picture), label) for picture, label in half), strict=True)
    except (RuntimeError, OSError, ValueError) as error:
        raise FileNotFoundError(
            f"the files of Omniglot are not in {root}, or are damaged ({error}). Where there is a "
            f"network, omniglot(root={str(root)!r}, download=True) fetches them once; without one, "
            "copy that folder from a machine that has it, or use glyphs(), which needs no files."
        ) from error
    images = torch.from_numpy(np.stack(pictures))
    return FewShotImages(images, torch.tensor(labels) + first), tuple(half._characters)


def _bytes(picture: Any) -> np.ndarray:
    """Black ink on white, 105 x 105, becomes ink 255 on 0, 28 x 28: each pixel a mean."""
    from PIL import Image

    small = picture.convert("L").resize((28, 28), Image.Resampling.BOX)
    return 255 - np.array(small)
