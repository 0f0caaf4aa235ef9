"""The three starts: where they come from, and that a damaged file is said to be one."""

from functools import partial

import pytest
import torch
from torch.nn import functional as F

from course_lib.core import make_rng
from course_lib.meta.maml import inner_loop
from course_lib.meta.sinusoids import regressor, sinusoid_tasks
from course_lib.meta.starts import (
    INNER_LR,
    SEED,
    maml_on,
    save_starts,
    sinusoid_starts,
    train_start,
)
from course_lib.meta.transfer import adaptation_losses
from data.make.sinusoids_recording import record_sinusoids


def test_the_starts_that_ship_learn_in_their_order():
    """MAML after one step beats the pretrained network after ten, and this one the random one."""
    _, predict = regressor(make_rng(0))
    tasks = sinusoid_tasks(make_rng(99), tasks=300, queries=50)
    losses = {
        name: adaptation_losses(
            theta, tasks, predict=predict, loss=F.mse_loss, lr=INNER_LR, steps=10
        ).mean(0)
        for name, theta in sinusoid_starts().items()
    }
    assert list(losses) == ["MAML", "pretrained", "random"]
    assert losses["MAML"][1] < losses["pretrained"][10] < losses["random"][10]


def test_starts_made_anew_are_what_the_loader_reads(tmp_path):
    file = record_sinusoids(steps=2, file=tmp_path / "sinusoids.npz")
    found = sinusoid_starts(file)
    random, predict = regressor(make_rng(SEED))
    objective = maml_on(predict, partial(inner_loop, lr=INNER_LR))
    trained, log = train_start(objective, make_rng(SEED), steps=2)
    assert len(log) == 2
    torch.testing.assert_close(
        found, {"MAML": trained, "pretrained": found["pretrained"], "random": random}
    )
    torch.testing.assert_close(found["MAML"], trained)


def test_a_file_that_is_none_is_said_with_the_remedy(tmp_path):
    file = tmp_path / "sinusoids.npz"
    with pytest.raises(ValueError, match=r"python -m data\.make recordings sinusoids"):
        sinusoid_starts(file)
    file.write_text("no arrays")
    with pytest.raises(ValueError, match="no usable starts"):
        sinusoid_starts(file)
    save_starts({"MAML": sinusoid_starts()["MAML"]}, file)
    with pytest.raises(ValueError, match="pretrained: layer1"):
        sinusoid_starts(file)
