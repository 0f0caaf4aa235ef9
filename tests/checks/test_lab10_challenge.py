"""Lab 10's challenge: a file of numbers, judged by the steps that it asks for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.checks.lab10_meta_learning.challenge import accuracy, challenge, write_challenge
from course_lib.checks.lab10_meta_learning.start_file import (
    CHANNELS,
    Start,
    load_start,
    save_start,
    shapes,
    start_of,
)
from course_lib.checks.result import Outcome
from course_lib.checks.wrong import Wrong
from course_lib.core import make_rng
from course_lib.meta.conv_network import conv_network
from course_lib.meta.few_shot import FewShotImages


def start(*, rate: float = 0.1, steps: int = 1, head: float = 1.0) -> Start:
    """A random network with its head scaled."""
    theta, _ = conv_network(make_rng(1), ways=5, channels=CHANNELS)
    return start_of((theta | {"head.weight": head * theta["head.weight"]}, rate, steps))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "lab10_glyphs.npz"
    save_start(path, start())
    return path


def stripes(noise: float) -> FewShotImages:
    """Eight classes, one kind of stripes each, and noise."""
    x = torch.arange(28.0)
    pictures = []
    for k in range(8):
        across, along = torch.sin(x * (0.3 + 0.4 * (k % 4))), torch.ones(28)
        kind = torch.outer(across, along) if k < 4 else torch.outer(along, across)
        pictures.append(kind + noise * torch.randn(20, 28, 28, generator=make_rng(k)))
    return FewShotImages(torch.cat(pictures), torch.arange(8).repeat_interleave(20))


def test_what_was_written_is_what_is_read(path: Path) -> None:
    found, written = load_start(path), start()
    assert found.steps == written.steps
    for name in shapes():
        assert torch.equal(found.theta[name], written.theta[name])
        assert torch.equal(found.rates[name], written.rates[name])


def test_no_steps_from_a_head_of_zeros_is_luck() -> None:
    """All scores are equal, the first class is answered, and each class is asked as often."""
    found = accuracy(start(steps=0, head=0.0), stripes(0.1), make_rng(0), episodes=20)
    assert found.estimate == pytest.approx(0.2)


def test_steps_learn_what_is_easy() -> None:
    found = accuracy(start(steps=3, rate=0.3), stripes(0.1), make_rng(0), episodes=20)
    assert found.estimate > 0.9


def test_rates_of_zero_hold_parameters_fast() -> None:
    """With all rates 0 the number of steps plays no part."""
    images = stripes(1.0)
    still, none = (
        accuracy(start(rate=0.0, steps=steps), images, make_rng(0), episodes=10) for steps in (5, 0)
    )
    assert still == none


def test_a_start_of_nan_scores_is_luck() -> None:
    """Weights that overflow inside the network earn what guessing earns."""
    broken = start(steps=0)
    broken.theta["head.weight"].fill_(3e38)
    found = accuracy(broken, stripes(0.1), make_rng(0), episodes=10)
    assert found.estimate <= 0.5


def drop(arrays: dict[str, Any]) -> None:
    arrays.pop("weight/head.weight")


def add(arrays: dict[str, Any]) -> None:
    arrays["pictures"] = np.zeros(3, dtype=np.float32)


def another_weight(arrays: dict[str, Any]) -> None:
    arrays["weight/extra"] = np.zeros(3, dtype=np.float32)


def reshape(arrays: dict[str, Any]) -> None:
    arrays["weight/head.weight"] = arrays["weight/head.weight"].T


def nan(arrays: dict[str, Any]) -> None:
    arrays["weight/head.bias"][0] = np.nan


def rates_of_all_weights(arrays: dict[str, Any]) -> None:
    arrays["rate/head.bias"] = np.ones(5, dtype=np.float32)


def many_steps(arrays: dict[str, Any]) -> None:
    arrays["steps"] = np.array(11)


def rename(arrays: dict[str, Any]) -> None:
    arrays["format"] = np.array("something else")


def pickled(arrays: dict[str, Any]) -> None:
    arrays["steps"] = np.array([{1}], dtype=object)


def large(arrays: dict[str, Any]) -> None:
    arrays["weight/extra"] = np.zeros(1_000_000, dtype=np.float32)


EDITS = (
    drop, add, another_weight, reshape, nan, rates_of_all_weights, many_steps, rename, pickled,
    large,
)  # fmt: skip


@pytest.mark.parametrize("edit", EDITS)
def test_a_tampered_file_earns_nothing(path: Path, edit: Callable[[dict[str, Any]], None]) -> None:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    edit(arrays)
    np.savez_compressed(path, **arrays)
    result = challenge(path, [1], points=10, needed=0.0)
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert "is damaged" in str(result)
    assert "write_challenge" in str(result)


@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04", b"\x93NUMPY"])
def test_a_damaged_file_says_what_to_do(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "lab10_glyphs.npz"
    path.write_bytes(content)
    assert "is damaged" in str(challenge(path, [1], points=10, needed=0.0))


def test_nothing_handed_in_is_not_attempted(tmp_path: Path) -> None:
    result = challenge(tmp_path / "lab10_glyphs.npz", [1], points=10)
    assert result.outcome is Outcome.NOT_ATTEMPTED


def test_a_placeholder_writes_nothing(tmp_path: Path) -> None:
    def meta_learn(train: Any, rng: Any) -> Any: ...

    path = tmp_path / "lab10_glyphs.npz"
    assert "Write meta_learn first" in write_challenge(meta_learn, 1, path)
    assert not path.exists()


THETA = start().theta


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (THETA, "the tuple (theta, rates, steps)"),
        ((THETA, 0.1), "the tuple (theta, rates, steps)"),
        ((list(THETA.values()), 0.1, 1), "theta must have the names conv0.weight"),
        ((THETA, {"head.weight": 0.1}, 1), "rates must have the names conv0.weight"),
        ((THETA, 0.1, 1.0), "steps must be an integer from 0 to 10, got 1.0"),
        ((THETA, 0.1, 100), "steps must be an integer from 0 to 10, got 100"),
        ((THETA | {"head.bias": torch.zeros(10)}, 0.1, 1), "has shape (10,), expected (5,)"),
        ((THETA | {"head.bias": torch.full((5,), torch.nan)}, 0.1, 1), "holds nan or infinite"),
        ((THETA, "fast", 1), "must be tensors or numbers"),
        ((THETA, THETA, 1), "expected ()"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_what_is_expected(answer: Any, words: str) -> None:
    with pytest.raises(Wrong) as error:
        start_of(answer)
    assert words in error.value.said
