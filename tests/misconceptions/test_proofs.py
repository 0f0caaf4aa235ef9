"""Each published kill matrix is of today's code."""

from pathlib import Path

import pytest

from course_lib.teach.places import labs
from tests.misconceptions import kill_matrix

LABS = [lab.name for lab in labs(Path(__file__).parents[2])]


@pytest.mark.parametrize("lab", LABS)
def test_the_published_matrix_was_made_by_this_code(lab: str) -> None:
    assert kill_matrix.is_proven(lab), "run `python -m tests.misconceptions.kill_matrix`"
