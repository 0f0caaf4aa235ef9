"""Laws of few-shot learners: MAML's objective, prototypes and neighbours in closed form."""

from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid

from course_lib.core import make_rng
from course_lib.core.meta_train import meta_train
from course_lib.meta.conv_network import conv_network, features
from course_lib.meta.evaluate import (
    by_gradient,
    episode_accuracies,
    episode_objective,
    evaluate,
    transductive,
)
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.maml import first_order, inner_loop, maml_objective
from course_lib.meta.prototypes import (
    class_means,
    nearest_neighbour,
    prototypes,
    squared_distances,
)


def few(classes: int = 8, each: int = 6, noise: float = 0.3) -> FewShotImages:
    """A pattern of its own for every class, under noise."""
    rng = make_rng(0)
    patterns = torch.rand(classes, 1, 9, 9, generator=rng).repeat_interleave(each, 0)
    images = patterns + noise * torch.randn(patterns.shape, generator=rng)
    return FewShotImages(images, torch.arange(classes).repeat_interleave(each))


def small(seed: int = 0):
    return conv_network(make_rng(seed), ways=3, channels=(4, 6), size=9)


def test_with_the_queries_statistics_the_objective_is_mamls():
    theta, predict = small()
    theta = {name: value.requires_grad_() for name, value in theta.items()}
    tasks = few().sample(make_rng(1), tasks=4, ways=3, shots=2, queries=3)
    for wrap in (lambda loop: loop, first_order):
        adapt = wrap(partial(inner_loop, lr=0.2, steps=2))
        own, _ = episode_objective(
            theta, tasks, solve=by_gradient(predict, adapt, context=transductive)
        )
        published, _ = maml_objective(
            theta, tasks, predict=predict, loss=F.cross_entropy, inner_loop=adapt
        )
        torch.testing.assert_close(own, published)
        gradients = [torch.autograd.grad(value, list(theta.values())) for value in (own, published)]
        for one, other in zip(*gradients, strict=True):
            torch.testing.assert_close(one, other)


def test_a_small_step_along_the_meta_gradient_changes_the_objective_as_it_says():
    """Second derivatives included: a central difference in double precision."""
    theta, predict = small()
    theta = {name: value.double().requires_grad_() for name, value in theta.items()}
    tasks = few().sample(make_rng(1), tasks=2, ways=3, queries=3)
    tasks = type(tasks)(
        tasks.support_x.double(), tasks.support_y, tasks.query_x.double(), tasks.query_y
    )
    solve = by_gradient(predict, partial(inner_loop, lr=0.3))
    gradient = torch.autograd.grad(
        episode_objective(theta, tasks, solve=solve)[0], list(theta.values())
    )
    ways = [torch.randn(v.shape, generator=make_rng(2), dtype=v.dtype) for v in theta.values()]

    def at(step: float) -> float:
        moved = {n: v.detach() + step * w for (n, v), w in zip(theta.items(), ways, strict=True)}
        return float(episode_objective(moved, tasks, solve=solve)[0])

    slope = sum(float((g * w).sum()) for g, w in zip(gradient, ways, strict=True))
    assert abs((at(1e-6) - at(-1e-6)) / 2e-6 - slope) < 1e-4 * abs(slope) + 1e-6


def test_a_loss_that_is_no_number_is_named_with_its_task():
    theta, predict = small()
    tasks = few().sample(make_rng(1), tasks=3, ways=3, queries=3)
    tasks.query_x[1] = torch.nan
    with pytest.raises(ValueError, match="query loss of task 1 is nan"):
        episode_objective(theta, tasks, solve=by_gradient(predict, partial(inner_loop, lr=0.3)))


def test_class_means_and_distances_are_numpys():
    rng = make_rng(3)
    x, labels = torch.randn(9, 4, generator=rng), torch.tensor([2, 0, 1, 1, 0, 2, 2, 2, 0])
    means = class_means(x, labels, 3)
    for k in range(3):
        np.testing.assert_allclose(means[k], x[labels == k].numpy().mean(0), rtol=1e-5)
    expected = np.square(x.numpy()[:, None] - means.numpy()).sum(2)
    np.testing.assert_allclose(squared_distances(x, means), expected, rtol=1e-4, atol=1e-5)


def test_prototypes_choose_the_nearest_centroid_and_their_probabilities_are_a_discriminants():
    """exp(-|x - c_k|^2) is proportional to a Gaussian of variance 1/2 around c_k."""
    x, labels = torch.randn(12, 3, generator=make_rng(4)), torch.arange(12) % 3
    queries = torch.randn(40, 3, generator=make_rng(5))
    scores = prototypes(lambda _, x, context=None: x, ways=3)({}, x, labels, queries)
    chosen = NearestCentroid().fit(x.numpy(), labels.numpy()).predict(queries.numpy())
    np.testing.assert_array_equal(scores.argmax(1), chosen)
    model = LinearDiscriminantAnalysis(priors=[1 / 3] * 3).fit(x.numpy(), labels.numpy())
    model.coef_ = 2 * model.means_
    model.intercept_ = -np.square(model.means_).sum(1)
    np.testing.assert_allclose(
        scores.softmax(1), model.predict_proba(queries.numpy()), rtol=1e-3, atol=1e-5
    )


def test_the_nearest_neighbour_is_scikit_learns():
    x, labels = torch.rand(12, 1, 5, 5, generator=make_rng(6)), torch.arange(12) % 4
    queries = torch.rand(50, 1, 5, 5, generator=make_rng(7))
    scores = nearest_neighbour(ways=4)({}, x, labels, queries)
    model = KNeighborsClassifier(1).fit(x.flatten(1).numpy(), labels.numpy())
    np.testing.assert_array_equal(scores.argmax(1), model.predict(queries.flatten(1).numpy()))


def test_accuracy_counts_right_answers_task_by_task():
    tasks = few().sample(make_rng(8), tasks=5, ways=3, queries=4)

    def always_one(theta, support_x, support_y, query_x):
        return F.one_hot(torch.ones(len(query_x), dtype=torch.int64), 3).float()

    assert episode_accuracies(always_one, {}, tasks).tolist() == [
        (y == 1).float().mean().item() for y in tasks.query_y
    ]


def test_evaluation_sees_as_many_fresh_episodes_as_it_says_and_the_same_for_all():
    found = []

    def remember(theta, support_x, support_y, query_x):
        return nearest_neighbour(ways=3)(theta, support_x, support_y, query_x)

    for batch in (7, 7):
        result = evaluate(
            remember, {}, few(), make_rng(9), episodes=30, ways=3, queries=2, batch=batch
        )
        found.append(result)
    assert found[0] == found[1]
    assert found[0].n == (30,)
    assert found[0].low <= found[0].estimate <= found[0].high


def test_meta_training_lowers_the_objective_on_fresh_tasks():
    images, (theta, predict) = few(classes=20, each=10), small()
    for solve in (
        prototypes(features, ways=3),
        by_gradient(predict, first_order(partial(inner_loop, lr=0.2))),
    ):
        trained, _ = meta_train(
            theta,
            partial(episode_objective, solve=solve),
            lambda rng: images.sample(rng, tasks=4, ways=3, queries=5),
            make_rng(10),
            steps=30,
            optimizer=partial(torch.optim.Adam, lr=1e-2),
        )
        fresh = images.sample(make_rng(11), tasks=100, ways=3, queries=5)
        before, after = (
            float(episode_objective(phi, fresh, solve=solve)[0]) for phi in (theta, trained)
        )
        assert after < before
