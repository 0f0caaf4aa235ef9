"""Laws of the log: what goes in comes out, as JSON too, and a wrong entry leaves it as it was."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from course_lib.core import Log

numbers = st.floats()  # a loss that ran away is NaN or infinite, and must be kept


@st.composite
def entries(draw):
    """A list of entries with the same names, each name of one shape."""
    names = draw(st.lists(st.text(min_size=1, max_size=3), min_size=1, max_size=3, unique=True))
    shapes = {name: draw(st.just(()) | array_shapes(max_dims=2, max_side=3)) for name in names}
    count = draw(st.integers(1, 4))
    return [
        {name: draw(arrays(np.float64, shape, elements=numbers)) for name, shape in shapes.items()}
        for _ in range(count)
    ]


def written(entries):
    log = Log()
    for entry in entries:
        log.append(**entry)
    return log


@given(entries())
def test_curves_are_the_entries_in_order(entries):
    log = written(entries)
    assert len(log) == len(entries)
    assert log.names == tuple(entries[0])
    for name in log.names:
        assert np.array_equal(log[name], np.stack([e[name] for e in entries]), equal_nan=True)


@given(entries())
def test_json_and_back_is_the_same_log(entries):
    log = written(entries)
    assert Log.from_json(log.to_json()) == log


@given(entries(), st.data())
def test_every_cut_of_the_text_is_refused(entries, data):
    text = written(entries).to_json()
    with pytest.raises(ValueError, match=r"not whole JSON.*cut off"):
        Log.from_json(text[: data.draw(st.integers(0, len(text) - 1))])


@given(entries())
def test_a_log_that_differs_in_one_number_is_another(entries):
    log, other = written(entries), written(entries[:-1])
    assert log != other
    changed = {name: np.where(np.isnan(v), 0, v) + 1 for name, v in entries[-1].items()}
    other.append(**changed)
    same = all(np.array_equal(changed[n], entries[-1][n]) for n in changed)  # 1e300 + 1, infinity
    assert (log == other) == same


def test_an_empty_log_is_empty_after_json_too():
    assert Log.from_json(Log().to_json()) == Log()
    assert len(Log()) == 0
    assert Log().names == ()


def test_snapshots_are_copies():
    alpha = torch.zeros(2, 3, requires_grad=True)
    log = Log()
    log.append(epoch=0.5, alpha=alpha)
    with torch.no_grad():
        alpha += 1
    log.append(epoch=1, alpha=alpha)
    assert log["alpha"].shape == (2, 2, 3)
    assert log["alpha"].sum((1, 2)).tolist() == [0, 6]
    log["epoch"][0] = 7
    assert log["epoch"].tolist() == [0.5, 1]


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"loss": 1.0}, "this entry has loss; expected the names of the first entry: loss, alpha"),
        ({"loss": 1.0, "alpha": torch.zeros(3)}, r"alpha has shape \(3,\), expected \(2,\)"),
        ({}, "at least one name"),
    ],
)
def test_a_wrong_entry_is_refused_and_changes_nothing(entry, words):
    log = Log()
    log.append(loss=1.0, alpha=torch.zeros(2))
    with pytest.raises(ValueError, match=words):
        log.append(**entry)
    assert len(log["loss"]) == len(log["alpha"]) == len(log) == 1


def test_a_name_that_is_not_there_says_what_is():
    log = Log()
    log.append(loss=1.0)
    with pytest.raises(KeyError, match=r"no curve 'los' in this log; it holds: loss"):
        log["los"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[]", "expected an object with"),
        ('{"format": "course_lib.Log/1"}', "expected an object under"),
        ('{"format": "course_lib.Log/1", "columns": {"a": [[1], 2]}}', "a is no array of numbers"),
        ('{"format": "course_lib.Log/1", "columns": {"a": []}}', "a has no entries"),
        ('{"format": "course_lib.Log/1", "columns": {"a": [1], "b": [1, 2]}}', "equally long"),
    ],
)
def test_a_damaged_text_says_what_is_wrong(text, words):
    with pytest.raises(ValueError, match=words):
        Log.from_json(text)
