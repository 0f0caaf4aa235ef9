"""The outlines of characters as pictures, and how a hand varies them."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.nn.functional as F
from torch import Generator, Tensor

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FACES = tuple(
    f"DejaVu{family}{style}"
    for family, slant in (("Sans", "Oblique"), ("Serif", "Italic"), ("SansMono", "Oblique"))
    for style in ("", "-Bold", f"-{slant}", f"-Bold{slant}")
)
CANVAS, LONGER, SIZE = 36, 27, 28
"""A shape's canvas, the longer side of the character on it, an image: all in pixels."""
PEN = 0.9
_BATCH = 4096


def drawable(face: str) -> list[str]:
    """The characters that a face has and Unicode names, in the order of code points."""
    import unicodedata

    from matplotlib.ft2font import FT2Font

    codes = sorted(FT2Font(str(_file(face))).get_charmap())
    return [chr(code) for code in codes if unicodedata.name(chr(code), "")]


def shapes(characters: Sequence[str], faces: Sequence[str] = FACES) -> tuple[Tensor, Tensor]:
    """(characters, faces, 36, 36) bytes, ink 255; and which there are, (characters, faces).

    Every character is brought to one size, its longer side 27 pixels, and to the middle. A face
    that draws another shape than the first one counts as absent: an italic that looks like a
    different letter.
    """
    from PIL import ImageFont

    drawn = torch.zeros(len(characters), len(faces), CANVAS, CANVAS, dtype=torch.uint8)
    for column, face in enumerate(faces):
        font = ImageFont.truetype(_file(face), 48, layout_engine=ImageFont.Layout.BASIC)
        own = set(drawable(face))
        for row, character in enumerate(characters):
            if character in own:
                drawn[row, column] = torch.from_numpy(_shape(font, character))
    there = drawn.bool().flatten(2).any(2)
    return drawn, there & _as_first(drawn)


def _as_first(drawn: Tensor, least: float = 0.75) -> Tensor:
    first, *others = (fingerprints(drawn[:, column]) for column in range(drawn.shape[1]))
    like = [torch.einsum("npd,nqd->npq", first, other).amax((1, 2)) for other in (first, *others)]
    return torch.stack(like, 1) > least


def _file(face: str) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{face}.ttf"


def _shape(font: "FreeTypeFont", character: str) -> np.ndarray:
    from PIL import Image

    mask = font.getmask(character, mode="L")
    page = Image.frombytes("L", mask.size, bytes(mask)) if all(mask.size) else None
    box = page.getbbox() if page else None
    canvas = Image.new("L", (CANVAS, CANVAS))
    if page and box:
        width, height = box[2] - box[0], box[3] - box[1]
        scale = LONGER / max(width, height)
        size = max(1, round(scale * width)), max(1, round(scale * height))
        small = page.resize(size, Image.Resampling.BILINEAR, box=box)
        canvas.paste(small, ((CANVAS - size[0]) // 2, (CANVAS - size[1]) // 2))
    return np.array(canvas)


def fingerprints(drawn: Tensor) -> Tensor:
    """What is left of shapes (n, 36, 36) without stroke width, height and width: (n, 3, 324).

    Three pens, each fitted to the canvas and blurred, as vectors of length 1.
    """
    soft = _blurred(drawn.float() / 255, PEN)
    pens = [_blurred(_fitted(_inked(soft, level)), 0.75) for level in (0.2, 0.35, 0.5)]
    return F.normalize(torch.stack(pens, 1).flatten(2), dim=2)


def likeness(prints: Tensor, others: Tensor) -> Tensor:
    """The largest cosine over pens, 1 for the same outline: (n, 3, d), (m, 3, d) -> (n, m)."""
    pairs = [a @ b.T for a in prints.unbind(1) for b in others.unbind(1)]
    return torch.stack(pairs).amax(0)


def _fitted(pages: Tensor) -> Tensor:
    """Stretched to the same box, a line not more than 2.5 times, at half the resolution."""
    middles, reaches = zip(*(_reach(pages.amax(axis)) for axis in (1, 2)), strict=True)
    longer = torch.maximum(*reaches)
    x, y = (torch.maximum(reach, longer / 2.5) / LONGER for reach in reaches)
    zero = torch.zeros_like(x)
    maps = torch.stack((x, zero, middles[0], zero, y, middles[1]), 1).reshape(-1, 2, 3)
    grid = F.affine_grid(maps, [len(pages), 1, CANVAS // 2, CANVAS // 2], align_corners=False)
    return F.grid_sample(pages[:, None], grid, align_corners=False)[:, 0]


def _reach(profile: Tensor) -> tuple[Tensor, Tensor]:
    """The middle of the ink, in [-1, 1], and its length in pixels: (n, 36) -> (n,) each."""
    ink = (profile > 0.25).float()
    first, last = ink.argmax(1), CANVAS - ink.flip(1).argmax(1)
    return (first + last) / CANVAS - 1, (last - first).float()


def disturb(
    drawn: Tensor,
    rng: Generator,
    *,
    turn: float = 20.0,
    shear: float = 0.25,
    scale: tuple[float, float] = (0.75, 1.15),
    shift: float = 2.5,
    level: tuple[float, float] = (0.2, 0.45),
) -> Tensor:
    """Shapes (n, 36, 36) as images (n, 28, 28), bytes: each under its own affine map and pen.

    turn: at most so many degrees; shear: at most so much of the height; scale: of width and height
        apart; shift: at most so many pixels either way. All are uniform, scales in their logarithm.
    level: the share of ink under a soft pen from which on paper is black; the lower, the wider the
        stroke.
    """
    n = len(drawn)
    maps = _affine(n, rng, turn=turn, shear=shear, scale=scale, shift=shift)
    levels = _uniform(rng, level[0], level[1], n)
    images = [
        _drawn(drawn[i : i + _BATCH], maps[i : i + _BATCH], levels[i : i + _BATCH])
        for i in range(0, n, _BATCH)
    ]
    return torch.cat(images)


def _drawn(drawn: Tensor, maps: Tensor, levels: Tensor) -> Tensor:
    grid = F.affine_grid(maps, [len(drawn), 1, SIZE, SIZE], align_corners=False)
    soft = _blurred(drawn.float() / 255, PEN)
    seen = F.grid_sample(soft[:, None], grid, align_corners=False)[:, 0]
    return (255 * _inked(seen, levels[:, None, None])).round().to(torch.uint8)


def _inked(soft: Tensor, level: Tensor | float) -> Tensor:
    """Black where the soft pen left more than `level`, with a narrow edge of grey."""
    return (0.5 + 3 * (soft - level)).clamp(0, 1)


def _affine(
    n: int, rng: Generator, *, turn: float, shear: float, scale: tuple[float, float], shift: float
) -> Tensor:
    """(n, 2, 3): where on the canvas each pixel of an image looks."""
    angle = _uniform(rng, -math.radians(turn), math.radians(turn), n)
    low, high = (math.log(end) for end in scale)
    wide, tall = _uniform(rng, low, high, 2 * n).exp().reshape(2, n)
    lean = _uniform(rng, -shear, shear, n)
    cos, sin = angle.cos(), angle.sin()
    rotation = torch.stack((cos, -sin, sin, cos), 1).reshape(n, 2, 2)
    zero = torch.zeros(n)
    stretch = torch.stack((1 / wide, lean / tall, zero, 1 / tall), 1).reshape(n, 2, 2)
    place = _uniform(rng, -2 * shift / SIZE, 2 * shift / SIZE, 2 * n).reshape(n, 2, 1)
    linear = stretch @ rotation
    return torch.cat((linear, linear @ place), 2)


def _uniform(rng: Generator, low: float, high: float, n: int) -> Tensor:
    return low + (high - low) * torch.rand(n, generator=rng)


def _blurred(pages: Tensor, deviation: float) -> Tensor:
    """(n, size, size) under a Gaussian, which is B pages B for its matrix B."""
    places = torch.arange(pages.shape[-1])
    bell = torch.exp(-0.5 * ((places[:, None] - places) / deviation) ** 2)
    bell = bell / bell[len(places) // 2].sum()
    return bell @ pages @ bell
