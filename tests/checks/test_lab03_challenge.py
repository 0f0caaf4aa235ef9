"""Lab 03's challenge: a file of numbers, judged as it is; random search seldom wins."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Generator, nn

from course_lib.checks.lab03_darts.baseline import (
    LIMIT,
    SHARES,
    measured,
    parameters,
    random_searches,
)
from course_lib.checks.lab03_darts.challenge import NEEDED, challenge, write_challenge
from course_lib.checks.lab03_darts.network_file import load_network
from course_lib.checks.lab03_darts.pictures import Pictures, judging_pictures
from course_lib.checks.result import Outcome
from course_lib.core import Arch, BudgetExhausted
from course_lib.nas.cells import CellSpace
from course_lib.nas.training import accuracy

SPACE = CellSpace()
SMALL = SPACE.parse("|nor_conv_1x1~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|")
LARGE = SPACE.parse("|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+" + "|".join(
    ["", "nor_conv_3x3~0", "nor_conv_3x3~1", "nor_conv_3x3~2", ""]
))  # fmt: skip


def maker(arch: Arch) -> Callable[[Pictures, Generator], tuple[Arch, nn.Module]]:
    """Hands in an untrained network."""
    return lambda pictures, rng: (arch, SPACE.build(arch, rng=rng))


@pytest.fixture
def handed_in(tmp_path: Path) -> Path:
    path = tmp_path / "challenge.npz"
    write_challenge(maker(SMALL), 1, path)
    return path


def test_what_was_written_is_what_is_judged(handed_in: Path) -> None:
    """The accuracy in the panel is that of the network itself, on pictures of each variant."""
    arch, network = load_network(handed_in, SPACE)
    assert arch == SMALL
    score = np.mean([accuracy(network, judging_pictures(variant)) for variant in (4242, 4243)])
    result = challenge(handed_in, [4242, 4243], points=10)
    assert f"accuracy on 20,000 fresh pictures {score:.4f}, needed {NEEDED:.4f}" in str(result)
    assert result.points == 0
    passed = challenge(handed_in, [4242, 4243], points=10, needed=float(score))
    assert repr(passed) == "10.0"


def test_a_network_that_is_too_large_earns_nothing(tmp_path: Path) -> None:
    write_challenge(maker(LARGE), 1, tmp_path / "challenge.npz")
    result = challenge(tmp_path / "challenge.npz", [1], points=10, needed=0.0)
    assert result.points == 0
    assert f"at most {LIMIT:,} are allowed" in str(result)


def edited(path: Path, edit: Callable[[dict[str, Any]], None]) -> Path:
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    edit(arrays)
    np.savez_compressed(path, **arrays)
    return path


def drop(arrays: dict[str, Any]) -> None:
    arrays.pop("weight/classify.weight")


def add(arrays: dict[str, Any]) -> None:
    arrays["extra"] = np.zeros(3)


def reshape(arrays: dict[str, Any]) -> None:
    arrays["weight/classify.weight"] = arrays["weight/classify.weight"].T


def nan(arrays: dict[str, Any]) -> None:
    arrays["weight/classify.bias"][0] = np.nan


def other_cell(arrays: dict[str, Any]) -> None:
    arrays["cell"] = np.array(SPACE.describe(LARGE))


def no_cell(arrays: dict[str, Any]) -> None:
    arrays["cell"] = np.array("a good one")


def rename(arrays: dict[str, Any]) -> None:
    arrays["format"] = np.array("something else")


@pytest.mark.parametrize("edit", [drop, add, other_cell])
def test_the_network_of_another_cell_earns_nothing(
    handed_in: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    result = challenge(edited(handed_in, edit), [1], points=10, needed=0.0)
    assert result.points == 0
    assert "is not that of the cell" in str(result)


@pytest.mark.parametrize("edit", [reshape, nan, no_cell, rename])
def test_a_tampered_file_earns_nothing(
    handed_in: Path, edit: Callable[[dict[str, Any]], None]
) -> None:
    result = challenge(edited(handed_in, edit), [1], points=10, needed=0.0)
    assert result.outcome is Outcome.FAILED
    assert result.points == 0
    assert "challenge.npz is damaged" in str(result)
    assert "write_challenge" in str(result)


class Harmful:
    """Unpickled, it would write a file."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path("harmed").touch, ()


def test_a_pickle_in_the_file_is_never_loaded(
    handed_in: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    edited(handed_in, lambda arrays: arrays.update(cell=np.array([Harmful()], dtype=object)))
    assert "is damaged" in str(challenge(handed_in, [1], points=10, needed=0.0))
    assert not Path("harmed").exists()


def test_a_file_that_unpacks_to_much_is_refused(handed_in: Path) -> None:
    data = io.BytesIO()
    np.save(data, np.zeros(2_000_000, dtype=np.float32))
    with zipfile.ZipFile(handed_in, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("weight/large.npy", data.getvalue())
    assert handed_in.stat().st_size < 200_000
    assert "it unpacks to" in str(challenge(handed_in, [1], points=10, needed=0.0))


@pytest.mark.parametrize("content", [b"", b"{", b"PK\x03\x04", b"\x93NUMPY"])
def test_a_damaged_file_says_what_to_do(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "challenge.npz"
    path.write_bytes(content)
    result = challenge(path, [1], points=10, needed=0.0)
    assert result.points == 0
    assert "is damaged" in str(result)


def test_the_budget_of_pictures_holds() -> None:
    pictures = Pictures(1, budget=300)
    first, second = pictures(100).train, pictures(200).train
    assert (len(first), len(second), pictures.left) == (100, 200, 0)
    assert not torch.equal(first.x, second.x[:100])
    with pytest.raises(BudgetExhausted, match="1 pictures asked for, and 0"):
        pictures(1)


def fails(pictures: Pictures, rng: Generator) -> tuple[Arch, nn.Module]:
    raise BudgetExhausted("all spent")


def another_cell(pictures: Pictures, rng: Generator) -> tuple[Arch, nn.Module]:
    return SMALL, SPACE.build(LARGE)


def only_a_network(pictures: Pictures, rng: Generator) -> Any:
    return SPACE.build(SMALL)


@pytest.mark.parametrize(
    ("make", "words"),
    [(fails, "all spent"), (another_cell, "is not that of the cell"), (only_a_network, "a pair")],
)
def test_a_function_that_fails_leaves_no_earlier_file(
    handed_in: Path, make: Any, words: str
) -> None:
    with pytest.raises(Exception, match=words):
        write_challenge(make, 1, handed_in)
    assert not handed_in.exists()


@pytest.mark.parametrize("share", SHARES)
def test_random_search_seldom_reaches_what_is_needed(share: int) -> None:
    """Of the measured random searches, one cell or three per budget, at most 5 % reach NEEDED."""
    rows = [row for row in measured() if int(row["share"]) == share]
    assert len(rows) == SHARES[share]
    assert all(
        parameters(SPACE, SPACE.parse(row["cell"])) == int(row["parameters"]) for row in rows
    )
    assert all(int(row["parameters"]) <= LIMIT for row in rows)
    assert np.mean(random_searches(rows, share) >= NEEDED) <= 0.05 + 0.005  # resampling error
