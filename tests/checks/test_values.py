"""Types before values: what is no number, or no whole one, is a wrong answer and never an error."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from course_lib.checks.values import integer, number
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
