"""Laws of one-shot search: who moves what, frozen noise, one seed one result, clear errors."""

from copy import deepcopy
from functools import partial

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.datasets import Images
from course_lib.nas import one_shot
from course_lib.nas.alpha_step import BatchLoss
from course_lib.nas.bilevel import exact_second_order, first_order, second_order, single_level
from course_lib.nas.cells import CellSpace
from course_lib.nas.derive import entropy
from course_lib.nas.one_shot import one_shot_search, one_shot_steps
from course_lib.nas.relax import (
    gumbel_softmax_sample,
    nonzero_op,
    softmax_relax,
    uniform_one_hot,
)
from course_lib.nas.supernet import sampled_op
from tests.nas.small_nets import METHODS, SPACE, pictures, same, search, small_net

LEARNING = [name for name, (_, row) in METHODS.items() if row.get("alpha_gradient", first_order)]


every_method = pytest.mark.parametrize("method", METHODS)


def state(net):
    return {name: value.clone() for name, value in net.state_dict().items()}


@every_method
def test_same_seed_same_everything_and_the_global_seed_is_untouched(method):
    before = torch.get_rng_state()
    (net, alpha, log), (net2, alpha2, log2), (_, alpha3, _) = (search(method, s) for s in (0, 0, 1))
    assert torch.equal(alpha, alpha2)
    assert log == log2
    assert same(net.state_dict(), net2.state_dict())
    assert not torch.equal(alpha, alpha3)
    assert torch.equal(torch.get_rng_state(), before)


@every_method
def test_alphas_move_where_there_is_a_gradient_and_nowhere_else(method):
    start = torch.randn(6, 5, generator=make_rng(5))
    _, alpha, _ = search(method, alpha=start)
    assert torch.equal(alpha, start) == (method not in LEARNING)


@pytest.mark.parametrize("relax", [softmax_relax, gumbel_softmax_sample], ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    "gradient",
    [first_order, second_order, exact_second_order, single_level],
    ids=lambda f: f.__name__,
)
def test_an_alpha_gradient_leaves_weights_and_running_statistics_bit_for_bit(gradient, relax):
    net = small_net().train()
    before = state(net)
    images = pictures(1)

    def mix(alpha):
        return relax(alpha, make_rng(3), tau=1.0)

    losses = [BatchLoss(net, images.x[part], images.y[part], mix) for part in (slice(6), slice(6))]
    params = dict(net.named_parameters())
    got = gradient(*losses, params, torch.zeros(6, 5), xi=0.1)
    assert got.abs().sum() > 0
    assert same(before, net.state_dict())
    assert all(value.grad is None for value in net.parameters())


def test_validation_pictures_move_alpha_and_never_the_weights():
    """The weights are trained on uniform paths here, so that alpha cannot reach them either."""
    arguments = {"relax": uniform_one_hot, "alpha_relax": softmax_relax}
    net, alpha, _ = search(valid_seed=2, **arguments)
    other, other_alpha, _ = search(valid_seed=3, **arguments)
    assert same(net.state_dict(), other.state_dict())
    assert not torch.equal(alpha, other_alpha)


def test_training_pictures_reach_alpha_only_through_the_weights():
    """With weights that stand still, first order gives the same alphas whatever they train on."""
    alphas = []
    for seed in (1, 7):
        settings = {"epochs": 1, "batch": 6, "learning_rate": 0.0, "weight_decay": 0.0}
        net = small_net()
        alphas.append(one_shot_search(net, pictures(seed), pictures(2), make_rng(0), **settings)[0])
    assert torch.equal(*alphas)


@pytest.mark.parametrize("gradient", [second_order, exact_second_order], ids=lambda f: f.__name__)
def test_noise_is_frozen_within_an_alpha_step_and_fresh_in_the_next(gradient):
    seen = []

    def recording(logits, rng, *, tau):
        weights = gumbel_softmax_sample(logits, rng, tau=tau)
        if logits.requires_grad:
            seen.append((weights.log() - logits / tau).detach())  # the noise, up to a constant
        return weights

    net = small_net()
    settings = {"epochs": 1, "batch": 6, "alpha_gradient": gradient}
    steps = one_shot_steps(net, pictures(1), pictures(2), make_rng(0), relax=recording, **settings)
    noises = []
    for _ in steps:
        noises.append([one - one.mean(-1, keepdim=True) for one in seen])
        seen.clear()
    for own in noises:
        assert len(own) > 1
        for one in own:
            torch.testing.assert_close(one, own[0], atol=1e-5, rtol=1e-5)
    assert not torch.allclose(noises[0][0], noises[1][0], atol=1e-2)


@pytest.mark.parametrize("op", [sampled_op, nonzero_op], ids=lambda f: f.__name__)
def test_weights_off_the_path_never_move(op):
    """Not by momentum and not by weight decay, although they moved before."""
    net = small_net(op)
    search(net=net, relax=uniform_one_hot, alpha_gradient=None)
    arch = SPACE.parse("|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|none~1|none~2|")
    before = state(net)
    path = SPACE.one_hot(arch)
    search(net=net, relax=lambda logits, rng, *, tau: path, alpha_gradient=None)
    moved = {name for name, value in net.named_parameters() if not torch.equal(value, before[name])}
    # edge 3 is 0 -> 3 and holds the 1x1 convolution; edge 0 leads nowhere
    in_cells = {name for name in moved if ".edges." in name}
    assert in_cells
    assert all(".edges.3.nor_conv_1x1." in name for name in in_cells)
    assert any("stem" in name for name in moved)


def test_the_first_step_is_the_papers():
    """By plain autograd: alpha down the validation gradient, then the weights down the other."""
    net = small_net().train()
    oracle, start = deepcopy(net), torch.randn(6, 5, generator=make_rng(5))
    settings = {
        "learning_rate": 0.01,
        "weight_decay": 0.0,
        "alpha_learning_rate": 0.01,
        "alpha_weight_decay": 0.0,
    }
    step = next(
        one_shot_steps(
            net, pictures(1), pictures(2), make_rng(0), alpha=start, batch=12, **settings
        )
    )

    def loss(images, alpha):
        return F.cross_entropy(oracle(images.x, alpha.softmax(-1)), images.y)

    leaf = start.clone().requires_grad_()
    valid_loss = loss(pictures(2), leaf)
    (slope,) = torch.autograd.grad(valid_loss, leaf)
    assert step.valid_loss == pytest.approx(valid_loss.item(), rel=1e-4)
    # the first step of Adam has the length of its learning rate in every coordinate
    clear = slope.abs() > 1e-4
    torch.testing.assert_close(step.alpha[clear], (start - 0.01 * slope.sign())[clear])
    train_loss = loss(pictures(1), step.alpha)
    assert step.train_loss == pytest.approx(train_loss.item(), rel=1e-4)
    slopes = torch.autograd.grad(train_loss, list(oracle.parameters()))
    for own, before, slope in zip(net.parameters(), oracle.parameters(), slopes, strict=True):
        torch.testing.assert_close(own, before - 0.01 * slope, atol=1e-5, rtol=1e-4)


@every_method
def test_training_lowers_the_loss(method):
    op, _ = METHODS[method]
    net = small_net(op, CellSpace(("skip_connect", "nor_conv_3x3")))
    _, _, log = search(method, net=net, epochs=10, log_every=4)
    losses = log["train_loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_the_log_has_an_entry_for_every_few_steps_and_the_last_alpha():
    _, alpha, log = search(epochs=3, batch=5, log_every=4, tau=(2.0, 0.5))
    assert len(log) == 2  # three passes of two batches: four steps and two more
    assert log["epoch"].tolist() == [2, 3]
    assert log["tau"].tolist() == pytest.approx([2 - 1.5 * 3 / 5, 0.5])
    assert log["alpha"].shape == (2, 6, 5)
    assert np.array_equal(log["alpha"][-1], alpha.double().numpy())
    expected = entropy(alpha.softmax(-1)).mean().item()
    assert log["entropy"][-1] == pytest.approx(expected)


def test_the_validation_loss_is_not_a_number_where_nobody_asked_for_it():
    for method, known in (("DARTS", True), ("uniform", False), ("SNAS", False)):
        assert np.isfinite(search(method)[2]["valid_loss"]).all() == known


def test_the_temperature_goes_from_start_to_end_on_a_line():
    taus = []

    def recording(logits, rng, *, tau):
        taus.append(tau)
        return softmax_relax(logits, rng, tau=tau)

    search(relax=recording, alpha_gradient=None, tau=(10.0, 0.1), epochs=3)
    assert taus == pytest.approx(np.linspace(10, 0.1, 6).tolist())


# --- what is handed in wrongly
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"tau": (1.0, 0.0)}, "tau must be positive and finite, got"),
        ({"tau": (-1.0, 1.0)}, "tau must be positive and finite, got"),
        ({"alpha": torch.zeros(5, 6)}, r"alpha must have shape \(6, 5\)"),
        ({"relax": lambda logits, rng, *, tau: logits[0]}, r"relax=<lambda> returned shape \(5,\)"),
        ({"alpha_gradient": lambda *_, xi: torch.zeros(3)}, r"alpha_gradient=<lambda> returned"),
        (
            {"relax": uniform_one_hot},
            "relax=uniform_one_hot lets no gradient through to alpha: pass another alpha_relax",
        ),
        ({"epochs": 0}, "epochs must be at least 1, got 0"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"log_every": 0}, "log_every must be at least 1, got 0"),
    ],
)
def test_a_wrong_argument_is_named(arguments, words):
    with pytest.raises(ValueError, match=words):
        search(**arguments)


def test_empty_or_shared_pictures_are_refused():
    images = pictures(1)
    empty = Images(images.x[:0], images.y[:0])
    run = partial(one_shot_search, small_net(), rng=make_rng(0))
    with pytest.raises(ValueError, match="train holds no images"):
        run(empty, images)
    with pytest.raises(ValueError, match="valid holds no images"):
        run(images, empty)
    numbered = Images(images.x, images.y, torch.arange(12))
    overlapping = Images(images.x, images.y, torch.arange(10, 22))
    with pytest.raises(
        ValueError, match="train and valid share 2 pictures, the first with index 10"
    ):
        run(numbered, overlapping)
    run(numbered, Images(images.x, images.y, torch.arange(12, 24)), epochs=1)


def test_the_names_of_the_table_are_found_in_one_place():
    for name in one_shot.__all__:
        assert hasattr(one_shot, name)
