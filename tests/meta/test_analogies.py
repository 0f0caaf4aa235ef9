"""Analogies in a world where class and variation add up, so that the right answers are known."""

from itertools import permutations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.meta.analogies import (
    analogy_loss,
    by_analogy,
    by_sum,
    class_centroids,
    mine_analogies,
    train_classifier,
    train_on_analogies,
)
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.hallucinate import complete

CLASSES, MOVES, WIDTH = 12, 3, 6


def world(*, copies: int = 1) -> tuple[torch.Tensor, torch.Tensor]:
    """Every class at a place of its own, shifted by the same three variations; (c, m, d)."""
    rng = make_rng(0)
    places = 5 + 2 * torch.randn(CLASSES, 1, WIDTH, generator=rng)
    variations = torch.randn(1, MOVES, WIDTH, generator=rng)
    exact = places.clamp(min=4) + variations.clamp(min=-3)
    return exact, exact.repeat_interleave(copies, 1)


def bank(x: torch.Tensor) -> FewShotImages:
    labels = torch.arange(len(x)).repeat_interleave(x.shape[1])
    return FewShotImages(x.flatten(0, 1)[:, None], labels)


def test_centroids_of_tight_clusters_are_their_places():
    exact, _ = world()
    near = exact[:, :, None] + 1e-3 * torch.randn(CLASSES, MOVES, 4, WIDTH, generator=make_rng(1))
    found = class_centroids(bank(near.flatten(1, 2)), make_rng(2), count=MOVES)
    assert found.shape == (CLASSES, MOVES, WIDTH)
    far = torch.cdist(found, exact)
    assert far.amin(2).max() < 0.01
    assert far.amin(1).max() < 0.01, "every cluster has its centroid"


def test_mined_analogies_are_those_of_an_enumeration():
    centroids = torch.rand(4, 3, 5, generator=make_rng(3))
    found = mine_analogies(centroids)
    expected = {}
    for a in range(4):
        for i, j in permutations(range(3), 2):
            own = centroids[a, j] - centroids[a, i]
            options = {
                (b * 3 + k, b * 3 + m): float(
                    F.cosine_similarity(own, centroids[b, m] - centroids[b, k], dim=0)
                )
                for b in set(range(4)) - {a}
                for k, m in permutations(range(3), 2)
            }
            best = max(options, key=options.__getitem__)
            expected[(a * 3 + i, a * 3 + j, *best)] = options[best]
    assert {tuple(row) for row in found.places.tolist()} == set(expected)
    np.testing.assert_allclose(
        found.similarity, [expected[tuple(row)] for row in found.places.tolist()], atol=1e-5
    )
    assert (found.similarity > 0).all()
    assert (found.classes[:, 0] != found.classes[:, 2]).all()


def test_where_variations_add_up_the_mined_analogies_are_right():
    exact, _ = world()
    found = mine_analogies(exact)
    assert len(found) == CLASSES * MOVES * (MOVES - 1)
    assert (found.places[:, 0] % MOVES == found.places[:, 2] % MOVES).all()
    assert (found.places[:, 1] % MOVES == found.places[:, 3] % MOVES).all()
    a1, a2, b1, b2 = found.quadruplets(torch.arange(len(found))).unbind(1)
    torch.testing.assert_close(b1 + a2 - a1, b2)


def test_only_like_directions_are_kept():
    """Variations of two classes at right angles, save for one pair that runs the other way."""
    apart = torch.tensor([[[1.0, 1, 1], [2, 1, 1]], [[1, 1, 1], [1, 2, 1]]])
    assert len(mine_analogies(apart)) == 0
    alike = torch.tensor([[[1.0, 1, 1], [2, 1, 1]], [[3, 1, 1], [1, 2, 1]]])
    assert mine_analogies(alike).places.tolist() == [[0, 1, 3, 2], [1, 0, 2, 3], [2, 3, 1, 0],
                                                     [3, 2, 0, 1]]  # fmt: skip


@pytest.fixture(scope="module")
def trained():
    exact, examples = world(copies=5)
    classifier = train_classifier(bank(examples), make_rng(4), steps=100)
    analogies = mine_analogies(exact)
    theta, log = train_on_analogies(analogies, classifier, make_rng(5), steps=400, lr=1e-2)
    return analogies, classifier, theta, log


def test_the_generator_comes_near_the_closed_form(trained):
    """b1 + a2 - a1, also for pairs of classes whose analogies were never mined."""
    analogies, _, theta, log = trained
    assert log["loss"][-50:].mean() < log["loss"][:50].mean()
    c = analogies.centroids
    errors, moved = [], []
    for a, b in permutations(range(CLASSES), 2):
        for i, j in permutations(range(MOVES), 2):
            made = complete(theta, c[b, i], torch.cat((c[a, i], c[a, j])))
            errors.append((made - (c[b, i] + c[a, j] - c[a, i])).square().mean())
            moved.append((c[a, j] - c[a, i]).square().mean())
    assert torch.stack(errors).mean() < 0.1 * torch.stack(moved).mean()


def test_the_loss_is_that_of_the_paper(trained):
    analogies, classifier, theta, _ = trained
    which = torch.tensor([0, 7, 30])
    quadruplets, labels = analogies.quadruplets(which), analogies.classes[which, 2]
    found, _ = analogy_loss(theta, (quadruplets, labels), classifier=classifier, weight=3.0)
    expected = []
    for (a1, a2, b1, b2), label in zip(quadruplets, labels, strict=True):
        x = torch.cat((b1, a1, a2))
        for layer in range(3):
            x = (x @ theta[f"weight{layer}"] + theta[f"bias{layer}"]).clamp(min=0)
        scores = x @ classifier
        expected.append(3 * (x - b2).square().mean() + scores.logsumexp(0) - scores[label])
    assert float(found) == pytest.approx(float(torch.stack(expected).mean()), rel=1e-4)


def test_hallucinations_use_two_different_centroids_of_one_class():
    """A generator that returns a2 - a1 alone tells which pair was drawn."""
    exact, _ = world()
    width = WIDTH
    zero, eye = torch.zeros(width, width), torch.eye(width)
    theta = {
        "weight0": torch.cat((zero, -eye, eye)),
        "weight1": eye,
        "weight2": eye,
        **{f"bias{layer}": torch.zeros(width) for layer in range(3)},
    }
    made = by_analogy(theta, exact)(torch.rand(2, 200, width), make_rng(6))
    pairs = torch.stack([exact[0, j] - exact[0, i] for i, j in permutations(range(MOVES), 2)])
    far = torch.cdist(made.flatten(0, 1), pairs.clamp(min=0))
    assert far.amin(1).max() < 0.01
    assert len(far.argmin(1).unique()) == len(pairs)
    examples = 10 + torch.rand(50, width, generator=make_rng(7))
    moved = by_sum(exact)(examples, make_rng(8)) - examples
    assert torch.cdist(moved, pairs).amin(1).max() < 0.01


def test_the_classifier_tells_the_base_classes_apart(trained):
    analogies, classifier, _, _ = trained
    assert classifier.shape == (WIDTH, CLASSES)
    scores = analogies.centroids @ classifier
    assert (scores.argmax(2) == torch.arange(CLASSES)[:, None]).float().mean() > 0.7


def test_bad_input_is_refused():
    exact, examples = world(copies=2)
    with pytest.raises(ValueError, match="at most the examples of a class, got 9"):
        class_centroids(bank(examples), make_rng(0), count=9)
    with pytest.raises(ValueError, match="must not be negative"):
        class_centroids(bank(-examples), make_rng(0), count=2)
    for shape in ((1, 3, 2), (3, 1, 2), (3, 2)):
        with pytest.raises(ValueError, match="at least 2 classes and 2 centroids"):
            mine_analogies(torch.rand(shape))
    with pytest.raises(ValueError, match=r"classifier must be \(6, 12\)"):
        train_on_analogies(mine_analogies(exact), torch.rand(12, 6), make_rng(0), steps=1)
