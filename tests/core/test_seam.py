"""What is said of a function that was handed to a loop and answered in the wrong form."""

from functools import partial

import pytest
import torch

from course_lib.core.seam import expect_shape, named


def my_loss():
    """Stands for a student's function."""


def test_a_right_shape_passes_and_is_the_same_tensor():
    value = torch.zeros(2, 3)
    assert expect_shape("loss=my_loss", value, (2, 3)) is value


@pytest.mark.parametrize(
    ("value", "shape", "error", "message"),
    [
        (
            torch.zeros(8),
            (),
            ValueError,
            r"loss=my_loss returned shape \(8,\), .* scalar \(\); hint$",
        ),
        (torch.zeros(8), (2,), ValueError, r"returned shape \(8,\), expected shape \(2,\); hint$"),
        (0.5, (), TypeError, r"returned float, expected a tensor, a scalar \(\)"),
        (None, (2,), TypeError, r"returned NoneType, expected a tensor, shape \(2,\)"),
    ],
)
def test_a_wrong_one_is_named(value, shape, error, message):
    with pytest.raises(error, match=message):
        expect_shape(named("loss", my_loss), value, shape, "hint")


def test_functions_without_a_name_are_called_by_their_kind():
    assert named("loss", partial(my_loss)) == "loss=partial"
