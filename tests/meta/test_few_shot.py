"""Laws of episodes: uniform classes, disjoint sets, new labels; and what is refused."""

from collections import Counter
from itertools import permutations

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages, sample_episode

SIZES = {7: 4, -2: 9, 30: 5, 4: 4}  # label: images of it


def some_labels() -> torch.Tensor:
    labels = torch.tensor([label for label, count in SIZES.items() for _ in range(count)])
    return labels[torch.randperm(len(labels), generator=make_rng(0))]


def numbered(labels: torch.Tensor) -> FewShotImages:
    """Every image holds its own position in all pixels."""
    return FewShotImages(torch.arange(len(labels)).float()[:, None, None].expand(-1, 2, 3), labels)


def test_rows_are_classes_and_no_image_comes_twice():
    labels, rng = some_labels(), make_rng(1)
    for _ in range(50):
        support, query = sample_episode(labels, rng, ways=3, shots=1, queries=3)
        assert support.shape == (3, 1)
        assert query.shape == (3, 3)
        rows = labels[torch.cat((support, query), 1)]
        assert (rows == rows[:, :1]).all(), "a row holds one class"
        assert len(set(rows[:, 0].tolist())) == 3, "of another class each"
        drawn = torch.cat((support.flatten(), query.flatten())).tolist()
        assert len(set(drawn)) == len(drawn)


def test_classes_are_uniform_and_their_order_is_random_whatever_their_sizes():
    labels, rng = some_labels(), make_rng(2)
    seen = Counter(
        tuple(labels[sample_episode(labels, rng, ways=2, shots=1, queries=1)[0][:, 0]].tolist())
        for _ in range(3000)
    )
    assert set(seen) == set(permutations(SIZES, 2))
    assert chisquare(list(seen.values())).pvalue > 1e-4


def test_images_of_a_class_are_uniform_in_support_and_in_query():
    labels, rng = some_labels(), make_rng(3)
    images = numbered(labels)
    tasks = images.sample(rng, tasks=4000, ways=4, shots=1, queries=2)
    for x in (tasks.support_x, tasks.query_x):
        seen = x[:, :, 0, 0, 0].long().flatten().bincount(minlength=len(labels))
        for label in SIZES:
            assert chisquare(seen[labels == label].numpy()).pvalue > 1e-4


def test_a_batch_holds_what_an_episode_holds():
    labels = some_labels()
    tasks = numbered(labels).sample(make_rng(4), tasks=30, ways=3, shots=2, queries=2)
    assert tasks.support_x.shape == tasks.query_x.shape == (30, 6, 1, 2, 3)
    for task in range(30):
        own = tasks.part(slice(task, task + 1))
        positions = torch.cat((own.support_x, own.query_x), 1)[0, :, 0, 0, 0].long()
        new = torch.cat((own.support_y, own.query_y), 1)[0]
        assert len(set(positions.tolist())) == 12
        pairs = set(zip(labels[positions].tolist(), new.tolist(), strict=True))
        assert len(pairs) == 3, "old and new labels are one to one"
        assert {label for _, label in pairs} == {0, 1, 2}


def test_the_same_seed_draws_the_same_and_the_labels_change_from_episode_to_episode():
    labels = some_labels()
    one, other = (numbered(labels).sample(make_rng(5), tasks=40, queries=3, ways=2) for _ in "ab")
    assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))
    first = labels[one.support_x[:, 0, 0, 0, 0].long()]
    assert len(set(first.tolist())) == 4, "every class is called 0 in some episode"


@pytest.mark.parametrize(
    "images",
    [
        np.arange(72).reshape(12, 2, 3) % 2 == 0,
        (np.arange(72).reshape(12, 2, 3) % 5 * 51).astype(np.uint8),
        np.linspace(-1, 1, 72).reshape(12, 1, 2, 3),
        torch.linspace(0, 1, 216).reshape(12, 3, 2, 3),
    ],
    ids=["truth values", "bytes", "double", "colour"],
)
def test_any_images_come_back_as_single_precision_numbers(images):
    few = FewShotImages(images, np.arange(12) // 4)
    x = few.x(torch.arange(12))
    expected = np.array(images, dtype=float).reshape(12, -1, 2, 3)
    if images.dtype == np.uint8:
        expected = expected / 255
    assert x.dtype == torch.float32
    np.testing.assert_allclose(x.numpy(), expected, atol=1e-7)


def test_a_file_of_truth_values_gives_what_the_arrays_give(tmp_path):
    images, labels = np.random.default_rng(0).random((12, 4, 4)) < 0.5, np.arange(12) // 4
    np.savez_compressed(tmp_path / "few.npz", images=images, labels=labels)
    read, direct = FewShotImages.from_npz(tmp_path / "few.npz"), FewShotImages(images, labels)
    draws = [few.sample(make_rng(0), tasks=3, ways=2, queries=2) for few in (read, direct)]
    assert all(torch.equal(a, b) for a, b in zip(*draws, strict=True))
    np.savez(tmp_path / "other.npz", pictures=images)
    with pytest.raises(ValueError, match="holds pictures, but no images and no labels"):
        FewShotImages.from_npz(tmp_path / "other.npz")


def test_a_part_keeps_its_classes_alone():
    few = numbered(some_labels())
    part = few.part([30, 7])
    assert few.classes == (-2, 4, 7, 30)
    assert part.classes == (7, 30)
    assert len(part) == 9
    assert set(few.labels[part.images[:, 0, 0, 0].long()].tolist()) == {7, 30}
    with pytest.raises(KeyError, match="class 5, 99"):
        few.part([7, 99, 5])


def test_what_cannot_be_drawn_is_refused():
    few = numbered(some_labels())
    with pytest.raises(ValueError, match="ways = 5, but there are images of 4 classes"):
        few.sample(make_rng(0), tasks=1, queries=1)
    with pytest.raises(ValueError, match=r"needs 2 \+ 3 images of a class, and class 4 has 4"):
        few.sample(make_rng(0), tasks=1, ways=2, shots=2, queries=3)
    with pytest.raises(ValueError, match="shots must be at least 1"):
        sample_episode(few.labels, make_rng(0), ways=2, shots=0, queries=3)
    with pytest.raises(ValueError, match="tasks must be at least 1"):
        few.sample(make_rng(0), tasks=0, ways=2, queries=1)


@pytest.mark.parametrize(
    ("images", "labels", "error", "said"),
    [
        ([np.zeros((2, 3)), np.zeros((3, 2))], [0, 1], ValueError, "one size.*(2, 3).*(3, 2)"),
        (np.zeros((2, 3)), [0, 1], ValueError, "got .2, 3."),
        (np.zeros((2, 3, 3), dtype=np.int64), [0, 1], TypeError, "got torch.int64"),
        (["a", "b"], [0, 1], TypeError, "array of numbers"),
        (np.zeros((2, 3, 3)), [0.0, 1.0], TypeError, "labels must be integers"),
        (np.zeros((2, 3, 3)), [True, False], TypeError, "labels must be integers"),
        (np.zeros((2, 3, 3)), [[0], [1]], TypeError, "labels must be integers"),
        (np.zeros((2, 3, 3)), [0, 1, 2], ValueError, "2 images have 3 labels"),
        (np.zeros((0, 3, 3)), [], TypeError, "labels must be integers"),
    ],
)
def test_images_that_are_none_are_refused(images, labels, error, said):
    with pytest.raises(error, match=said):
        FewShotImages(images, labels)
