"""Laws of the glyphs: scripts and outlines are in one split only, images vary, ink is ink."""

import unicodedata

import numpy as np
import pytest
import torch
from matplotlib.ft2font import FT2Font, LoadFlags

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyph_shapes import (
    _blurred,
    _file,
    disturb,
    drawable,
    fingerprints,
    likeness,
    shapes,
)
from course_lib.meta.glyphs import SCRIPTS, first_of_each, glyphs, save_npz

SPLITS = ("train", "valid", "test")


@pytest.fixture(scope="module")
def few():
    return glyphs()


def test_every_split_has_its_own_scripts_and_classes(few):
    labels = {split: set(getattr(few, split).classes) for split in SPLITS}
    assert set.union(*labels.values()) == set(range(len(few.characters)))
    assert sum(map(len, labels.values())) == len(few.characters) > 1000
    scripts = {split: {few.scripts[label] for label in labels[split]} for split in SPLITS}
    assert sum(map(len, scripts.values())) == len(set.union(*scripts.values()))
    for split in SPLITS:
        assert scripts[split] == set(SCRIPTS[split].values())


def test_a_character_is_of_the_script_that_unicode_says(few):
    starts = {name: start for names in SCRIPTS.values() for start, name in names.items()}
    for character, script in zip(few.characters, few.scripts, strict=True):
        assert unicodedata.name(character).startswith(starts[script])
        assert unicodedata.normalize("NFKD", character) == character, "no accents, no ligatures"
    assert len(set(few.characters)) == len(few.characters)
    assert few.of_script("Hebrew") == tuple(
        label for label, one in enumerate(few.characters) if "HEBREW" in unicodedata.name(one)
    )
    with pytest.raises(KeyError, match=r"Klingon.*Latin"):
        few.of_script("Klingon")


def test_no_two_classes_have_the_same_outline_in_the_font(few):
    """As the font file draws them, moved and scaled."""
    font = FT2Font(str(_file("DejaVuSans")))
    font.set_size(64, 72)
    seen = {}
    for character in few.characters:
        font.load_char(ord(character), flags=LoadFlags.NO_SCALE)
        vertices, codes = font.get_path()
        vertices = vertices - vertices.min(0)
        outline = (vertices / vertices.max()).round(3).tobytes(), codes.tobytes()
        assert outline not in seen, (character, seen[outline])
        seen[outline] = character


def test_characters_that_look_alike_count_once(few):
    for shared in ("AΑАᎪ", "oοоօ", "HΗН", "TΤТ", "xхⅹ", "Oo", "ⵔⴰOО"):
        assert len(set(shared) & set(few.characters)) <= 1, shared
    for apart in ("EF", "ΓΔ", "דט", "bd"):
        assert set(apart) <= set(few.characters), apart


def test_likeness_knows_no_size_stroke_or_stretch():
    drawn, _ = shapes("OXE", ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"))
    prints = fingerprints(drawn.flatten(0, 1))
    alike = likeness(prints, prints)
    same = torch.block_diag(*[torch.ones(3, 3)] * 3).bool()
    assert alike[same].min() > 0.95
    assert alike[~same].max() < 0.9
    torch.testing.assert_close(alike.diagonal(), torch.ones(9))
    torch.testing.assert_close(alike, alike.T)


def test_the_first_of_each_is_kept_in_order():
    alike = torch.eye(5).bool()
    alike[0, 2] = alike[2, 0] = alike[2, 3] = alike[3, 2] = True
    assert first_of_each(alike) == [0, 1, 3, 4], "what is like one left out may stay"


def test_images_are_ink_on_nothing_and_no_two_are_the_same(few):
    for split in SPLITS:
        images = getattr(few, split).images
        assert images.dtype == torch.uint8
        assert images.shape[1:] == (1, 28, 28)
        assert (getattr(few, split).labels.bincount() % 20 == 0).all()
        assert (images == 0).float().mean() > 0.5
        assert (images.flatten(1).amax(1) > 200).all(), "no image is empty"
        assert len(images.flatten(1).unique(dim=0)) == len(images)
        border = torch.cat((images[..., 0, :], images[..., -1, :]), -1) > 127
        assert border.float().mean() < 0.01, "characters are not cut off"


def test_a_map_of_nothing_changes_nothing_but_the_size():
    """Against a resampling by numpy: the middle of every pixel, between its four neighbours."""
    drawn = shapes("Ag", ("DejaVuSerif",))[0][:, 0]
    still = {"turn": 0.0, "shear": 0.0, "scale": (1.0, 1.0), "shift": 0.0, "level": (0.3, 0.3)}
    found = disturb(drawn, make_rng(0), **still)
    soft = _blurred(drawn.float() / 255, 0.9).numpy()
    places = (np.arange(28) + 0.5) * 36 / 28 - 0.5
    low = np.floor(places).astype(int)
    weights = np.zeros((28, 36))
    for row, place in enumerate(places):
        weights[row, low[row]] = 1 - (place - low[row])
        weights[row, low[row] + 1] = place - low[row]
    seen = weights @ soft @ weights.T
    expected = np.clip(0.5 + 3 * (seen - 0.3), 0, 1) * 255
    assert np.abs(found.numpy() - expected).max() < 1


def test_a_shift_moves_and_a_wider_pen_adds_ink():
    drawn = shapes("A", ("DejaVuSans",))[0][:, 0].expand(200, -1, -1)
    still = {"turn": 0.0, "shear": 0.0, "scale": (1.0, 1.0), "shift": 0.0, "level": (0.3, 0.3)}
    at = torch.arange(28.0)

    def middle(images):
        ink = images.float()
        return (ink.sum(1) * at).sum(1) / ink.sum((1, 2))

    moved = middle(disturb(drawn, make_rng(0), **still | {"shift": 2.0}))
    rest = middle(disturb(drawn, make_rng(0), **still))
    assert 1.5 < (moved - rest).abs().max() < 2.2
    assert abs((moved - rest).mean()) < 0.4
    thin = disturb(drawn[:1], make_rng(0), **still | {"level": (0.45, 0.45)})
    thick = disturb(drawn[:1], make_rng(0), **still | {"level": (0.2, 0.2)})
    assert (thick >= thin).all()
    assert thick.float().sum() > 1.2 * thin.float().sum()


def test_the_same_seed_draws_the_same_images():
    drawn = shapes("AB", ("DejaVuSans",))[0][:, 0]
    one, two, other = (disturb(drawn, make_rng(seed)) for seed in (0, 0, 1))
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert glyphs() is glyphs(), "made once in a process"


def test_a_face_that_lacks_a_character_or_draws_another_is_not_used():
    faces = ("DejaVuSans", "DejaVuSerif", "DejaVuSerif-Italic")
    drawn, there = shapes("Aאт", faces)
    assert there.tolist() == [[True, True, True], [True, False, False], [True, True, False]]
    assert not drawn[1, 1].any()
    assert "א" not in drawable("DejaVuSerif")


def test_the_file_holds_truth_values(few, tmp_path):
    part = few.test.part(few.of_script("Hebrew"))
    save_npz(tmp_path / "hebrew.npz", part)
    read = FewShotImages.from_npz(tmp_path / "hebrew.npz")
    assert read.images.dtype == torch.bool
    assert read.classes == part.classes
    assert (read.x(torch.arange(40)) - part.x(torch.arange(40))).abs().max() <= 0.5
