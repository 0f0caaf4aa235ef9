"""Each published kill matrix is of today's code."""

import pytest

from tests.misconceptions import kill_matrix
from tests.misconceptions.rooms import labs


@pytest.mark.parametrize("lab", labs())
def test_the_published_matrix_was_made_by_this_code(lab: str) -> None:
    assert kill_matrix.is_proven(lab), "run `python -m tests.misconceptions.kill_matrix`"
