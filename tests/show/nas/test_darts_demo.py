"""The DARTS demo without a browser: it is the library's search, live and recorded."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.one_shot import one_shot_search
from course_lib.nas.supernet import Supernet
from course_lib.show import recordings
from course_lib.show.nas.darts_demo import EVERY, DartsDemo, one_level
from course_lib.show.nas.darts_info import darts_info
from course_lib.show.recordings import recorded_runs, write_recording
from tests.show.demos import SMALL as SPACE
from tests.show.demos import images, press

TRAIN, VALID = images(0), images(1)


def demo(**traits) -> DartsDemo:
    return DartsDemo(SPACE, TRAIN, VALID, epochs=6, batch=10, channels=(2, 4), **traits)


def test_it_is_the_librarys_search_to_the_last_bit() -> None:
    live = demo()
    live.run()
    rng = make_rng(0)
    net = Supernet(SPACE, rng=rng, channels=(2, 4))
    alpha, log = one_shot_search(
        net, TRAIN, VALID, rng, epochs=6, batch=10, alpha_learning_rate=0.03, log_every=EVERY
    )
    assert torch.equal(live.alpha, alpha)
    for name in live.log.names:
        np.testing.assert_allclose(live.log[name], log[name], rtol=1e-12)
    assert len(live.steps) == 4  # 24 steps, six at a time
    pairs = zip(live.net.parameters(), net.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)


@pytest.mark.parametrize("two_levels", [True, False])
def test_code_to_copy_finds_what_the_demo_finds(two_levels: bool, capsys) -> None:
    live = demo(two_levels=two_levels)
    live.run()
    scope = {"space": SPACE, "train": TRAIN, "valid": VALID}
    exec(live.code, scope)
    np.testing.assert_allclose(scope["log"]["alpha"], live.log["alpha"])
    assert capsys.readouterr().out.strip() in live.label


def test_one_level_differs_from_two_and_still_shows_the_validation_loss() -> None:
    two, one = demo(), demo(two_levels=False)
    two.run(2)
    one.run(2)
    assert not torch.equal(two.alpha, one.alpha)
    assert np.isfinite(one.log["valid_loss"]).all()
    json.dumps(one.chart, allow_nan=False)


def test_words_say_how_far_the_search_is() -> None:
    live = demo()
    assert "before its first step" in live.picture().alt
    press(live, "step")
    assert "A search after 1.5 of 6 epochs" in live.picture().alt


def test_with_one_level_the_validation_loss_is_asked_for_once_per_picture() -> None:
    live = demo(two_levels=False)
    asked = []
    gradient = one_level()
    params, alpha = {"w": torch.ones(1, requires_grad=True)}, torch.ones(1, requires_grad=True)

    def train_loss(params, alpha):
        return (params["w"] * alpha).sum()

    for _ in range(2 * EVERY):
        gradient(train_loss, lambda *_: asked.append(1), params, alpha, xi=0.1)
    assert len(asked) == 2
    live.run(2)
    assert np.isfinite(live.log["valid_loss"]).all()


def test_a_knob_starts_over() -> None:
    live = demo()
    press(live, "step")
    live.alpha_rate = 0.1
    assert live.steps == []
    assert torch.equal(live.alpha, torch.zeros(6, 3))
    press(live, "step")
    assert live.steps[0]["epoch"] == 1.5


def test_a_recorded_run_shows_what_the_live_one_showed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    live = demo()
    write_recording("darts", [live.record("DARTS", 4)], tmp_path)
    monkeypatch.setattr(recordings, "FOLDER", tmp_path)
    replayed = DartsDemo(SPACE, TRAIN, VALID, recorded=True)
    assert "Recorded run: DARTS" in replayed.note
    replayed.run()
    assert len(replayed.steps) == 4
    assert replayed.chart["epochs"] == 6
    np.testing.assert_allclose(replayed.chart["heat"], live.chart["heat"], atol=2e-3)
    np.testing.assert_allclose(replayed.chart["valid"], live.chart["valid"], atol=1e-3)
    json.dumps(recorded_runs("darts", tmp_path)[0].steps)


def test_info_before_and_after_the_first_entry() -> None:
    before = darts_info(SPACE, [], epochs=3)
    np.testing.assert_allclose(before.heat.values, 1 / 3)
    assert "before its first step" in before.describe()
    alpha = torch.zeros(6, 3)
    alpha[:, 1] = 9.0
    entry = {"epoch": 1.0, "train_loss": 2.0, "valid_loss": 2.1, "alpha": alpha}
    after = darts_info(SPACE, [entry], epochs=3)
    assert "training loss 2.00, validation loss 2.10" in after.describe()
    assert SPACE.describe((1,) * 6) in after.said
