"""Laws of the image tasks: cluttered digits, and torchvision's sets in files written here."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from course_lib.core import make_rng
from course_lib.datasets import Images, ImageTask, cluttered_digits, cutout

SPLITS = ("train", "valid", "test")


# --- cluttered digits ---
@pytest.fixture(scope="module")
def digits() -> ImageTask:
    return cluttered_digits(train=400, valid=300, test=200)


def test_digits_have_the_promised_form(digits):
    for split, count in zip(SPLITS, (400, 300, 200), strict=True):
        images = getattr(digits, split)
        assert images.x.shape == (count, 1, 12, 12)
        assert images.x.dtype == torch.float32
        assert images.y.shape == (count,)
        assert images.y.dtype == torch.int64
        assert set(images.y.tolist()) <= set(range(len(digits.classes)))
        assert abs(images.x.mean().item()) < 0.5
        assert 0.7 < images.x.std().item() < 1.3


def test_digits_are_the_same_for_the_same_seed_and_leave_the_global_state_alone():
    before = torch.get_rng_state()
    one, two, other = (cluttered_digits(train=20, valid=5, test=5, seed=s) for s in (1, 1, 2))
    assert torch.equal(before, torch.get_rng_state())
    for split in SPLITS:
        assert torch.equal(getattr(one, split).x, getattr(two, split).x)
        assert torch.equal(getattr(one, split).y, getattr(two, split).y)
    assert not torch.equal(one.train.x, other.train.x)


def with_sources(monkeypatch, images: np.ndarray) -> ImageTask:
    """The task rendered from other sources, each labelled by its own number."""
    bunch = SimpleNamespace(images=images, target=np.arange(len(images)))
    monkeypatch.setattr("sklearn.datasets.load_digits", lambda: bunch)
    return cluttered_digits(train=1000, valid=350, test=447)


def test_no_source_is_shared_between_the_splits_not_even_as_a_fragment(monkeypatch):
    dark = np.zeros_like(load_digits().images)
    owners = {
        split: set(getattr(with_sources(monkeypatch, dark), split).y.tolist()) for split in SPLITS
    }
    assert sum(len(owned) for owned in owners.values()) == len(set.union(*owners.values()))
    nothing = {split: getattr(with_sources(monkeypatch, dark), split).x for split in SPLITS}
    for bright in SPLITS:
        lit = dark.copy()
        lit[sorted(owners[bright])] = 16
        task = with_sources(monkeypatch, lit)
        for split in SPLITS:
            unchanged = torch.equal(getattr(task, split).x, nothing[split])
            assert unchanged == (split != bright)


def test_the_index_names_the_source_of_each_picture(digits):
    bunch = load_digits()
    seen = [set(getattr(digits, split).index.tolist()) for split in SPLITS]
    assert sum(map(len, seen)) == len(set.union(*seen)), "no source in two splits"
    for split in SPLITS:
        images = getattr(digits, split)
        assert images.index.dtype == torch.int64
        assert images.y.tolist() == bunch.target[images.index].tolist()


def test_a_part_keeps_pictures_labels_and_sources_together(digits):
    images = digits.train
    mask = images.y == 3
    for which in (torch.tensor([5, 0, 5]), slice(10, 20), mask):
        part = images.part(which)
        assert len(part) == len(images.y[which])
        for name in ("x", "y", "index"):
            assert torch.equal(getattr(part, name), getattr(images, name)[which])
    assert Images(images.x, images.y).part(mask).index is None


def test_images_of_unequal_lengths_are_refused(digits):
    with pytest.raises(ValueError, match=r"of one length, got \[400, 400, 3\]"):
        Images(digits.train.x, digits.train.y, torch.arange(3))


@pytest.mark.parametrize("size", [1, 4, 5, 30])
def test_cutout_blanks_one_square_around_a_random_pixel(size):
    x = torch.ones(2000, 2, 9, 7)
    cut = cutout(x, make_rng(0), size=size)
    assert x.all(), "the images themselves are left as they are"
    assert torch.equal(cut, cutout(x, make_rng(0), size=size))
    blank = cut == 0
    assert torch.equal(blank[:, 0], blank[:, 1]), "the same square in all channels"
    rows, columns = blank[:, 0].any(2), blank[:, 0].any(1)
    assert torch.equal(blank[:, 0], rows[:, :, None] & columns[:, None, :]), "a rectangle"
    for covered in (rows, columns):
        length = covered.shape[1]
        edges = covered.int().diff(dim=1).abs().sum(1) + covered[:, 0] + covered[:, -1]
        assert (edges == 2).all(), "a single interval"
        # the square of every centre, enumerated
        starts = torch.arange(length) - size // 2
        ends = (starts + size).clamp(max=length)
        expected = (ends - starts.clamp(min=0)).double().mean()
        spread = covered.sum(1).double().std() / 2000**0.5
        assert abs(covered.sum(1).double().mean() - expected) <= 5 * spread + 1e-9
    with pytest.raises(ValueError, match="size must be at least 1"):
        cutout(x, make_rng(0), size=0)


def test_an_empty_split_is_refused():
    with pytest.raises(ValueError, match="every split needs at least one picture"):
        cluttered_digits(valid=0)
