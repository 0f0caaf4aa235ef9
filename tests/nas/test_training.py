"""Training: the schedule is the textbook's, test data decide nothing, same seed same result."""

import math
from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from course_lib.core import Oracle, make_rng, module_rng
from course_lib.datasets import Images, ImageTask
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import TrainingMeasure, accuracy, flops, train, training_rng


def stripes(count: int, seed: int) -> Images:
    """Horizontal (0) or vertical (1) stripes under noise: learnt in a few steps."""
    rng = make_rng(seed)
    y = torch.randint(2, (count,), generator=rng)
    waves = torch.tensor([1.0, -1.0]).repeat(4)
    x = torch.where(y[:, None, None] == 0, waves[:, None], waves[None, :])
    x = x + 0.3 * torch.randn(count, 8, 8, generator=rng)
    return Images(x.unsqueeze(1), y)


TASK = ImageTask(stripes(130, 0), stripes(60, 1), stripes(70, 2), ("horizontal", "vertical"))


class Spaces:
    """A space of networks without and with a hidden layer."""

    def build(self, arch: tuple[int, ...], *, rng: torch.Generator) -> nn.Module:
        with module_rng(rng):
            hidden = [nn.Linear(64, 16), nn.ReLU()] if arch[0] else []
            return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(16 if arch[0] else 64, 2))


def network(seed: int = 0) -> nn.Module:
    return Spaces().build((1,), rng=make_rng(seed))


def test_an_easy_task_is_learnt() -> None:
    result = train(network(), TASK, make_rng(0))
    assert len(result.curve) == 8
    # chance is one half; the stripes are seen through the noise by any classifier
    assert result.curve[-1] > 0.9
    assert result.test_accuracy > 0.9
    assert result.parameters == 64 * 16 + 16 + 16 * 2 + 2
    assert result.seconds > 0


def test_same_seed_same_result_other_seed_another() -> None:
    networks = [network() for _ in range(3)]
    one, same, _ = (
        train(net, TASK, make_rng(seed)) for net, seed in zip(networks, (0, 0, 1), strict=True)
    )
    assert replace(one, seconds=0) == replace(same, seconds=0)
    first, second, third = (net[1].weight for net in networks)
    assert torch.equal(first, second)
    assert not torch.equal(first, third)


def test_equals_the_plain_loop_with_torch_s_own_schedule() -> None:
    ours, plain = network().double(), network().double()
    task = replace(TASK, **{s: _double(getattr(TASK, s)) for s in ("train", "valid", "test")})
    train(ours, task, make_rng(0), epochs=3, batch=40, learning_rate=0.3)

    rng = make_rng(0)
    optimizer = torch.optim.SGD(
        plain.parameters(), lr=0.3, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3 * 3)
    for _ in range(3):
        order = torch.randperm(130, generator=rng)
        for start in (0, 40, 80):
            chosen = order[start : start + 40]
            optimizer.zero_grad()
            F.cross_entropy(plain(task.train.x[chosen]), task.train.y[chosen]).backward()
            optimizer.step()
            schedule.step()
    for one, other in zip(ours.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def _double(images: Images) -> Images:
    return Images(images.x.double(), images.y)


def test_where_channels_lie_changes_nothing_but_rounding() -> None:
    space = CellSpace()
    arch = space.parse(
        "|nor_conv_3x3~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|nor_conv_3x3~0|skip_connect~1|nor_conv_3x3~2|"
    )
    weights = []
    for channels_last in (True, False):
        net = space.build(arch, rng=make_rng(0), image=(1, 8, 8), classes=2)
        train(net, TASK, make_rng(0), epochs=1, channels_last=channels_last)
        weights.append([parameter.detach() for parameter in net.parameters()])
    for last, first in zip(*weights, strict=True):
        assert torch.allclose(last, first, rtol=1e-3, atol=1e-4)
        assert first.is_contiguous()
    assert any(not weight.is_contiguous() for weight in weights[0])


def test_stopping_early_gives_the_start_of_the_same_curve() -> None:
    whole = train(network(), TASK, make_rng(0), epochs=5)
    part = train(network(), TASK, make_rng(0), epochs=5, stop_after=2)
    assert part.curve == whole.curve[:2]


def test_augmentation_changes_what_is_learnt_from_and_nothing_else() -> None:
    def same(x, rng):
        return x.clone()

    def blank(x, rng):
        assert x.shape == (50, 1, 8, 8)
        seen.append(int(torch.randint(1000, (), generator=rng)))
        return torch.zeros_like(x)

    seen: list[int] = []
    networks = [network() for _ in range(3)]
    plain, kept, blind = (
        train(net, TASK, make_rng(0), epochs=2, augment=augment)
        for net, augment in zip(networks, (None, same, blank), strict=True)
    )
    assert replace(plain, seconds=0) == replace(kept, seconds=0)
    # without pictures nothing can be told apart, and 2 x 2 batches draw from the training's rng
    assert len(set(blind.curve)) < 3
    assert max(blind.curve) < 0.8
    assert len(set(seen)) == 4


def test_an_augmentation_of_a_wrong_shape_is_named() -> None:
    def flat(x, rng):
        return x.flatten(1)

    with pytest.raises(ValueError, match=r"augment=flat returned shape \(50, 64\)"):
        train(network(), TASK, make_rng(0), augment=flat)


def test_neither_valid_nor_test_labels_reach_the_weights() -> None:
    blind = Images(torch.zeros(10, 1, 8, 8), torch.zeros(10, dtype=torch.int64))
    one, other = network(), network()
    train(one, TASK, make_rng(0), epochs=2)
    train(other, replace(TASK, valid=blind, test=blind), make_rng(0), epochs=2)
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name])


@pytest.mark.parametrize("stop_after", [0, 4, -1])
def test_epochs_that_do_not_exist_are_refused(stop_after: int) -> None:
    with pytest.raises(ValueError, match=f"got {stop_after} of 3 epochs"):
        train(network(), TASK, make_rng(0), epochs=3, stop_after=stop_after)


def test_accuracy_counts_every_image_in_evaluation_mode() -> None:
    images = stripes(601, 3)
    net = nn.Sequential(network(), nn.Dropout(0.9)).train()
    expected = float((net[0](images.x).argmax(1) == images.y).double().mean())
    assert math.isclose(accuracy(net, images), expected)


def test_flops_of_layers_are_two_per_weight_and_place() -> None:
    net = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(192, 2))
    assert flops(net, TASK) == 2 * (9 * 3 * 64) + 2 * (192 * 2)


def test_generators_differ_between_networks_and_seeds() -> None:
    seeds = {training_rng(name, seed).initial_seed() for name in "abc" for seed in range(3)}
    assert len(seeds) == 9
    assert training_rng("a", 1).initial_seed() in seeds


def test_the_measure_answers_an_oracle() -> None:
    measure = TrainingMeasure(Spaces(), TASK, epochs=4)
    oracle = Oracle(measure, budget=2)
    part, whole = oracle((1,), 1), oracle((1,), 4)
    assert (part.cost, whole.cost, oracle.spent) == (0.25, 0.75, 1)
    again = measure((1,))
    assert (again.value, again.cost) == (whole.value, 1)
    assert set(again.info) == {"test_accuracy", "parameters", "flops", "seconds"}
    assert TrainingMeasure(Spaces(), TASK, seed=1, epochs=4)((1,)).info != again.info


def test_architectures_of_one_identity_are_trained_alike() -> None:
    space = CellSpace()
    small = ImageTask(*[Images(_digits(i.x), i.y) for i in (TASK.train, TASK.valid, TASK.test)], ())
    measure = TrainingMeasure(space, small, epochs=1, identity=space.canonical)
    one, other = measure((3, 2, 0, 1, 4, 2)), measure((2, 3, 0, 1, 2, 4))
    assert (one.value, one.info["test_accuracy"]) == (other.value, other.info["test_accuracy"])


def _digits(x: torch.Tensor) -> torch.Tensor:
    return F.pad(x, (2, 2, 2, 2))
