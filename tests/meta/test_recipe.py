"""The recipe on a file in Omniglot's form, on Omniglot's own files, and its step sizes."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.core import make_rng
from course_lib.meta.evaluate import evaluate
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyph_shapes import disturb, shapes
from course_lib.meta.glyphs import save_npz
from course_lib.meta.omniglot import omniglot
from course_lib.meta.recipe import FAMILY, annealed, maml_recipe


def letters(characters: str) -> FewShotImages:
    drawn, _ = shapes(characters, ("DejaVuSans",))
    labels = torch.arange(len(characters)).repeat_interleave(20)
    return FewShotImages(disturb(drawn[labels, 0], make_rng(0)), labels)


@pytest.mark.parametrize("method", FAMILY)
def test_a_file_of_truth_values_is_learnt_from_like_any_images(tmp_path, method):
    """Letters as Omniglot's file would hold them: black or white, 20 of each."""
    save_npz(tmp_path / "train.npz", letters("ABDEFGHJKLMNPQRST"))
    save_npz(tmp_path / "test.npz", letters("абвгджзи"))
    train, test = (FewShotImages.from_npz(tmp_path / f"{name}.npz") for name in ("train", "test"))
    theta, solve, log = maml_recipe(
        train,
        make_rng(0),
        steps=25,
        channels=(8, 8),
        method=FAMILY[method],
        ways=3,
        tasks=4,
        lr=1e-2,
    )
    assert log["loss"][-5:].mean() < log["loss"][:5].mean()
    found = evaluate(solve, theta, test, make_rng(1), episodes=60, batch=20, ways=3, queries=5)
    assert 0 < found.low <= found.high < 1
    assert found.n == (60,)


def test_step_sizes_follow_half_a_cosine():
    weight = torch.zeros(1, requires_grad=True)
    adam = annealed([weight], lr=0.1, steps=10)
    seen = []
    for _ in range(10):
        weight.grad = torch.ones(1)
        seen.append(adam.param_groups[0]["lr"])
        adam.step()
    expected = [0.05 * (1 + math.cos(math.pi * step / 10)) for step in range(10)]
    np.testing.assert_allclose(seen, expected)


def test_images_that_are_not_square_are_refused():
    few = FewShotImages(torch.rand(40, 4, 6), torch.arange(40) // 20)
    with pytest.raises(ValueError, match="square, got 4 x 6"):
        maml_recipe(few, make_rng(0), steps=1)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Omniglot's folders with two alphabets on either side; a character is a bar at its number."""
    monkeypatch.setattr("torchvision.datasets.Omniglot._check_integrity", lambda _: True)
    for folder, alphabets in (
        ("images_background", ("Latin", "Greek")),
        ("images_evaluation", ("Atlantean", "Tengwar")),
    ):
        for alphabet in alphabets:
            for number in (1, 2):
                own = tmp_path / "omniglot-py" / folder / alphabet / f"character{number:02}"
                own.mkdir(parents=True)
                ink = np.full((105, 105), 255, dtype=np.uint8)
                ink[:, 15 * number : 15 * number + 15] = 0
                for index in (1, 2, 3):
                    Image.fromarray(ink).convert("1").save(own / f"0001_{index:02}.png")
    return tmp_path


def test_omniglots_files_become_splits_of_alphabets(files):
    few = omniglot(root=files, valid=("Latin",))
    assert {few.scripts[label] for label in few.train.classes} == {"Greek"}
    assert {few.scripts[label] for label in few.valid.classes} == {"Latin"}
    assert {few.scripts[label] for label in few.test.classes} == {"Atlantean", "Tengwar"}
    for part in (few.train, few.valid, few.test):
        assert part.images.dtype == torch.uint8
        for label in part.classes:
            number = int(few.characters[label][-2:])
            ink = part.images[part.labels == label]
            assert ink.shape == (3, 1, 28, 28)
            assert (ink[..., 4 * number : 4 * number + 4] == 255).all(), "15 of 105 are 4 of 28"
            assert ink.float().mean() == pytest.approx(255 / 7)
    with pytest.raises(ValueError, match="no background alphabet Klingon"):
        omniglot(root=files, valid=("Klingon",))


def test_without_omniglots_files_it_says_how_to_get_them(tmp_path):
    load = partial(omniglot, root=tmp_path)
    with pytest.raises(FileNotFoundError, match=r"download=True.*glyphs\(\)"):
        load()
