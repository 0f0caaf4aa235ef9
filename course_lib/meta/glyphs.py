"""Few-shot glyphs: characters of many scripts, drawn from the fonts that matplotlib ships."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch
from torch import Tensor

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyph_shapes import FACES, disturb, drawable, fingerprints, likeness, shapes

SCRIPTS = {
    "train": {
        "LATIN": "Latin",
        "GREEK": "Greek",
        "CYRILLIC": "Cyrillic",
        "COPTIC": "Coptic",
        "CANADIAN": "Canadian Aboriginal",
        "ARABIC": "Arabic",
        "LAO": "Lao",
        "OGHAM": "Ogham",
    },
    "valid": {"ARMENIAN": "Armenian", "NKO": "N'Ko"},
    "test": {
        "GEORGIAN": "Georgian",
        "HEBREW": "Hebrew",
        "TIFINAGH": "Tifinagh",
        "OLD ITALIC": "Old Italic",
    },
}
"""Split -> scripts: how their Unicode names begin, and what they are called."""

ALIKE = 0.97
"""Two outlines whose likeness is higher count as one."""


@dataclass(frozen=True)
class GlyphSplits:
    """Three sets of classes; no script, and no outline, is in two of them.

    train, valid, test: images (n, 1, 28, 28), bytes, ink 255.
    characters, scripts: of each label, whichever the split; a label is a place in both.
    """

    train: FewShotImages
    valid: FewShotImages
    test: FewShotImages
    characters: tuple[str, ...]
    scripts: tuple[str, ...]

    def of_script(self, script: str) -> tuple[int, ...]:
        """The labels of one script; KeyError names those that there are."""
        if script not in self.scripts:
            raise KeyError(
                f"no script {script!r}; there is: {', '.join(dict.fromkeys(self.scripts))}"
            )
        return tuple(label for label, own in enumerate(self.scripts) if own == script)


@lru_cache(maxsize=2)
def glyphs(*, per_class: int = 20, seed: int = 0) -> GlyphSplits:
    """More than a thousand characters with `per_class` images each, no two of a class the same.

    A character is a letter with a shape of its own. Left out are letters that Unicode takes apart
    (an accent, a ligature, a form for one place in a word) or names "WITH" something, such as a
    stroke; and of letters that look alike in Sans once they are brought to one size, all but the
    first, in the order of SCRIPTS and of code points: the Greek and the Cyrillic A are the Latin A.

    Each image is one of the character's faces (Sans, Serif, Mono, bold, oblique) under a random
    affine map, drawn with a random pen (`glyph_shapes.disturb`). Fonts: DejaVu, free to use.
    """
    rng = make_rng(seed)
    characters, scripts = _distinct()
    drawn, faces = shapes(characters)
    labels = torch.arange(len(characters)).repeat_interleave(per_class)
    which = torch.multinomial(faces.float(), per_class, replacement=True, generator=rng).flatten()
    everything = FewShotImages(disturb(drawn[labels, which], rng), labels)
    split_of = {name: split for split, names in SCRIPTS.items() for name in names.values()}
    parts = {
        split: everything.part([i for i, script in enumerate(scripts) if split_of[script] == split])
        for split in SCRIPTS
    }
    return GlyphSplits(**parts, characters=characters, scripts=scripts)


def candidates() -> Iterator[tuple[str, str]]:
    """Every letter of the scripts that is no composition, with its script."""
    known = {start: name for names in SCRIPTS.values() for start, name in names.items()}
    letters = [character for character in drawable(FACES[0]) if _is_simple(character)]
    for start, script in known.items():
        for character in letters:
            if unicodedata.name(character).startswith(start + " "):
                yield character, script


def _is_simple(character: str) -> bool:
    return unicodedata.category(character) in ("Lu", "Ll", "Lo") and not unicodedata.decomposition(
        character
    )


def _distinct() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The candidates whose outline is new, and their scripts."""
    letters, scripts = zip(*candidates(), strict=True)
    drawn, _ = shapes(letters, FACES[:1])
    prints = fingerprints(drawn[:, 0])
    kept = first_of_each(likeness(prints, prints) > ALIKE)
    return tuple(letters[i] for i in kept), tuple(scripts[i] for i in kept)


def first_of_each(alike: Tensor) -> list[int]:
    """Every place that is like none of those kept before it; alike: (n, n) truth values."""
    kept: list[int] = []
    for place, row in enumerate(alike):
        if not row[kept].any():
            kept.append(place)
    return kept


def save_npz(path: str | Path, images: FewShotImages) -> None:
    """Write a file in the form of `FewShotImages.from_npz`, ink as truth values."""
    import numpy as np

    ink = images.images[:, 0] > 127
    np.savez_compressed(path, images=ink.numpy(), labels=images.labels.numpy())
