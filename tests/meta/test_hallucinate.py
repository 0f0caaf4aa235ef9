"""Hallucinated examples: what they add, what they leave, and a generator learnt end to end."""

import numpy as np
import pytest
import torch
from sklearn.neighbors import NearestCentroid
from torch.func import vmap

from course_lib.core import make_rng
from course_lib.core.meta_train import Parameters
from course_lib.meta.embedding import (
    Embedding,
    feature_tasks,
    save_embedding,
    train_embedding,
    trained_embedding,
)
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.hallucinate import (
    accuracies,
    complete,
    enlarge,
    from_noise,
    generator,
    logistic_regression,
    nearest_mean,
    query_loss,
    tempered,
    toward,
    train_end_to_end,
    within_classes,
)

WIDTH = 6


def bank(classes: int = 20, *, each: int = 20, spread: float = 0.6, seed: int = 0) -> FewShotImages:
    """Features around a place of each class, far from 0."""
    rng = make_rng(seed)
    places = 6 + torch.randn(classes, 1, WIDTH, generator=rng)
    x = places + spread * torch.randn(classes, each, WIDTH, generator=rng)
    labels = torch.arange(classes).repeat_interleave(each)
    return FewShotImages(x.clamp(min=0).flatten(0, 1)[:, None], labels)


def same(examples: torch.Tensor, rng: torch.Generator) -> torch.Tensor:
    return examples


def test_the_generator_first_returns_the_example():
    theta = generator(make_rng(0), width=WIDTH, draws=4, noise=0.0)
    example = torch.rand(3, 5, WIDTH)
    torch.testing.assert_close(complete(theta, example, torch.randn(3, 5, 4)), example)
    near = complete(generator(make_rng(0), width=WIDTH, draws=4), example, torch.randn(3, 5, 4))
    assert 0 < (near - example).abs().max() < 0.3


@pytest.mark.parametrize("shots", [1, 3])
def test_real_examples_labels_and_queries_are_kept(shots):
    few = feature_tasks(bank(), make_rng(1), tasks=4, ways=3, shots=shots, queries=2)
    more = enlarge(few, lambda x, rng: x + 100, make_rng(2), total=5)
    assert more.support_x.shape == (4, 15, WIDTH)
    real = few.support_x.shape[1]
    assert torch.equal(more.support_x[:, :real], few.support_x)
    assert torch.equal(more.support_y[:, :real], few.support_y)
    assert more.query_x is few.query_x
    assert more.query_y is few.query_y
    for task in range(4):
        for x, label in zip(more.support_x[task, real:], more.support_y[task, real:], strict=True):
            seeds = few.support_x[task, few.support_y[task] == label]
            assert (seeds - (x - 100)).abs().sum(1).min() < 1e-3, "made of one of its own class"
        assert (more.support_y[task].bincount() == 5).all()


def test_every_real_example_is_a_seed_now_and_then():
    few = feature_tasks(bank(), make_rng(1), tasks=1, ways=2, shots=3, queries=1)
    more = enlarge(few, same, make_rng(3), total=60)
    assert len(more.support_x[0].unique(dim=0)) == 6
    counts = (more.support_x[0][:, None] == few.support_x[0]).all(2).sum(0)
    assert counts.min() > 8, "57 draws of one in three"


def test_enough_examples_need_none():
    few = feature_tasks(bank(), make_rng(1), tasks=2, ways=3, shots=5, queries=1)
    assert enlarge(few, same, make_rng(0), total=5) is few


def test_hallucinations_that_copy_leave_the_accuracy_of_one_shot_as_it_is():
    for solve in (nearest_mean(), logistic_regression()):
        found = accuracies(bank(), {"copy": same}, make_rng(4), solve=solve, episodes=12, batch=7)
        assert found["real"].shape == (12,)
        assert 0.3 < found["real"].mean() < 1
        np.testing.assert_allclose(found["copy"], found["real"], atol=1e-6)


def test_the_nearest_mean_is_that_of_scikit_learn():
    few = feature_tasks(bank(), make_rng(5), tasks=3, ways=5, shots=4, queries=10)
    means = vmap(lambda *task: nearest_mean()({}, *task))(*list(few)[:3])
    for task in range(3):
        x, y, query, _ = (part[task].numpy() for part in few)
        assert (NearestCentroid().fit(x, y).predict(query) == means[task].argmax(1).numpy()).all()


def test_the_regression_follows_the_gradient_that_one_can_write_down():
    """d loss / dW = X^T (p - y) / n, on features without their mean."""
    few = feature_tasks(bank(), make_rng(5), tasks=1, ways=5, shots=4, queries=10)
    x, y, query, _ = (part[0].double().numpy() for part in few)
    centred, truth, weight = x - x.mean(0), np.eye(5)[y.astype(int)], np.zeros((WIDTH, 5))
    rate = 2 / (centred**2).sum(1).mean()
    for _ in range(25):
        odds = np.exp(centred @ weight)
        weight -= rate * centred.T @ (odds / odds.sum(1, keepdims=True) - truth) / len(x)
    found = logistic_regression(steps=25)({}, *(part[0] for part in list(few)[:3]))
    np.testing.assert_allclose(found, (query - x.mean(0)) @ weight, atol=1e-3)


def test_the_unit_of_features_does_not_matter_to_the_regression():
    few = feature_tasks(bank(), make_rng(5), tasks=1, ways=5, shots=2, queries=10)
    x, y, query, _ = (part[0] for part in few)
    solve = logistic_regression()
    torch.testing.assert_close(
        solve({}, x, y, query), solve({}, 50 * x, y, 50 * query), rtol=1e-3, atol=1e-3
    )


def test_the_query_loss_is_differentiated_through_the_hallucinated_examples():
    theta = generator(make_rng(0), width=WIDTH, draws=WIDTH)
    few = feature_tasks(bank(), make_rng(1), tasks=3, ways=3, shots=1, queries=4)

    def loss(theta: Parameters) -> torch.Tensor:
        return query_loss(theta, few, make_rng(7), solve=nearest_mean(3), total=4)[0]

    theta = {name: value.double() for name, value in theta.items()}
    few = type(few)(*(p.double() if p.is_floating_point() else p for p in few))
    weight = theta["weight1"].requires_grad_()
    (slope,) = torch.autograd.grad(loss(theta), weight)
    assert slope.abs().max() > 0
    for place in ((0, 0), (2, 4)):
        ends = []
        for step in (1e-5, -1e-5):
            moved = weight.detach().clone()
            moved[place] += step
            ends.append(loss(theta | {"weight1": moved}))
        assert float(ends[0] - ends[1]) / 2e-5 == pytest.approx(float(slope[place]), rel=1e-3)


def test_a_generator_learnt_end_to_end_helps_where_one_can():
    """One coordinate says nothing and varies wildly: in new classes too it must be levelled."""

    def noisy(classes: int, seed: int) -> FewShotImages:
        x, rng = bank(classes, spread=0.4, seed=seed).images.clone(), make_rng(seed)
        x[..., 0] = 15 + 4 * torch.randn(x.shape[:-1], generator=rng)
        labels = torch.arange(classes).repeat_interleave(20)
        return FewShotImages(x[:, 0].clamp(min=0), labels)

    theta, log = train_end_to_end(noisy(30, 1), make_rng(0), steps=150, lr=1e-2, queries=5)
    assert log["loss"][-20:].mean() < log["loss"][:20].mean()
    solve = nearest_mean()
    found = accuracies(
        noisy(15, 2), {"made": from_noise(theta)}, make_rng(1), solve=solve, episodes=100
    )
    gain = found["made"] - found["real"]
    assert gain.mean() > 3 * gain.std() / 10


def test_an_embedding_keeps_its_word_in_a_file(tmp_path):
    rng = make_rng(0)
    images = FewShotImages(torch.rand(30, 1, 16, 16, generator=rng), torch.arange(30) // 10 + 7)
    embedding, log = train_embedding(images, rng, steps=10, batch=8)
    assert len(log["loss"]) == 10
    found = embedding(images)
    assert found.classes == (7, 8, 9)
    assert found.images.min() >= 0
    alone = embedding(images.part([8]))
    torch.testing.assert_close(alone.images, found.images[10:20], rtol=1e-4, atol=1e-4)
    kept = trained_embedding(save_embedding(embedding, tmp_path / "kept.npz"))
    assert isinstance(kept, Embedding)
    close = (kept(images).images - found.images).abs().mean()
    assert close < 0.05 * found.images.abs().mean()
    with pytest.raises(ValueError, match="no usable embedding"):
        trained_embedding(tmp_path / "missing.npz")


def test_softer_scores_and_the_spread_within_classes():
    x = bank(5)
    few = feature_tasks(x, make_rng(1), tasks=1, ways=3, shots=2, queries=4)
    task = [part[0] for part in few][:3]
    scores, softer = nearest_mean(3)({}, *task), tempered(nearest_mean(3), 7.0)({}, *task)
    torch.testing.assert_close(softer * 7, scores)
    rows = x.images.reshape(5, 20, WIDTH)
    assert within_classes(x) == pytest.approx(float(rows.var(1, correction=0).sum(1).mean()))
    middle = torch.full((WIDTH,), 2.0)
    assert torch.equal(toward(middle)(torch.zeros(3, WIDTH), make_rng(0)), torch.ones(3, WIDTH))


def test_bad_input_is_refused():
    few = feature_tasks(bank(), make_rng(1), tasks=2, ways=3, shots=2, queries=1)
    images = bank().sample(make_rng(0), tasks=2, ways=3)
    with pytest.raises(ValueError, match="must be features"):
        enlarge(images, same, make_rng(0), total=5)
    odd = few.support_y.clone()
    odd[1, 0] = 1
    uneven = type(few)(few.support_x, odd, few.query_x, few.query_y)
    with pytest.raises(ValueError, match="as many support examples"):
        enlarge(uneven, same, make_rng(0), total=5)
    with pytest.raises(ValueError, match="hallucinate returned"):
        enlarge(few, lambda x, rng: x[:, :1], make_rng(0), total=5)
