"""Types before values: what is no number, or no whole one, is a wrong answer and never an error."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.checks.values import apart, integer, integers, number, told_apart
from course_lib.checks.wrong import Wrong

KINDS = [float, np.float64, np.float32, np.array, torch.tensor]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 0.5])
def test_what_is_not_whole_is_wrong(kind: Any, value: float) -> None:
    with pytest.raises(Wrong, match=r"the count is .*, expected an integer"):
        integer(kind(value), "the count")


@pytest.mark.parametrize("value", [3, np.int64(3), np.array(3), torch.tensor(3), np.uint8(3)])
def test_whole_numbers_of_every_make(value: Any) -> None:
    assert integer(value, "the count") == 3
    assert number(value, "the count") == 3.0


@pytest.mark.parametrize("value", [math.inf, -math.inf, 0.25])
@pytest.mark.parametrize("kind", KINDS)
def test_infinite_is_a_number(kind: Any, value: float) -> None:
    assert number(kind(value), "the value") == value


@pytest.mark.parametrize(
    "value", [10**400, None, "3", [3], True, 1j, torch.ones(1), np.bool_(True)]
)
def test_what_is_no_number_is_wrong(value: Any) -> None:
    with pytest.raises(Wrong, match=r"the value (is|has)"):
        number(value, "the value")


@pytest.mark.parametrize("holder", [list, tuple, np.array, torch.tensor])
def test_integers_in_whatever_holds_them(holder: Any) -> None:
    assert integers(holder([2, 0, 1]), "the answer", "an entry") == [2, 0, 1]


@pytest.mark.parametrize(
    "value", [{1, 2}, [1.0], np.array([1.0]), np.array([[1]]), torch.tensor(1), [True], None]
)
def test_what_holds_no_integers_is_wrong(value: Any) -> None:
    with pytest.raises(Wrong, match=r"(the answer|an entry) (is|has)"):
        integers(value, "the answer", "an entry")


@pytest.mark.parametrize("gap", [1.0, 1e-5, 1e-12])
def test_different_numbers_look_different(gap: float) -> None:
    one, other = told_apart(0.5, 0.5 + gap)
    assert one != other
    assert float(one) < float(other)
    assert told_apart(0.5, 0.5) == ("0.5", "0.5")


@pytest.mark.parametrize("place", [0, 5, 6, 19])
@pytest.mark.parametrize("wrong", [1e-7, 3.0, math.nan])
def test_tensors_look_different_where_they_differ_most(place: int, wrong: float) -> None:
    expected = torch.linspace(1, 2, 20, dtype=torch.float64)
    found = expected + 1e-12
    found[place] += wrong
    told = [text.strip("[]").split(", ") for text in apart(expected, found)]
    assert len(told[0]) == len(told[1]) <= 8
    assert sum(a != b for a, b in zip(*told, strict=True)) == 1
