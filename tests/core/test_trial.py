"""Laws of the record: JSON and back, the best of it, and what a damaged file says."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.core import History, Trial

numbers = st.floats(allow_nan=False, allow_infinity=False)
trials = st.builds(
    Trial,
    st.lists(st.integers(0, 9), max_size=4).map(tuple),
    numbers,
    st.floats(0.1, 10),
    st.dictionaries(st.text(max_size=3), numbers, max_size=2),
    st.dictionaries(st.text(max_size=3), numbers | st.text(max_size=3), max_size=2),
)
histories = st.lists(trials, max_size=5).map(History)


@given(histories)
def test_json_and_back_is_the_same_history(history):
    assert History.from_json(history.to_json()) == history


@given(histories.filter(len), st.data())
def test_every_cut_of_the_text_is_refused(history, data):
    text = history.to_json()
    cut = data.draw(st.integers(0, len(text) - 1))
    with pytest.raises(ValueError, match=r"not whole JSON.*cut off"):
        History.from_json(text[:cut])


@given(histories.filter(len))
def test_best_is_the_earliest_maximum_and_best_so_far_its_path(history):
    values = history.values
    assert history.best() is history[int(np.argmax(values))]
    assert [values[: t + 1].max() for t in range(len(values))] == history.best_so_far().tolist()
    assert history.costs.tolist() == [trial.cost for trial in history]


def test_an_empty_history_has_no_best():
    with pytest.raises(ValueError, match="run a search before"):
        History().best()
    assert len(History().best_so_far()) == 0


def test_slices_are_histories_of_their_own():
    history = History([Trial((i,), float(i)) for i in range(4)])
    part = history[1:3]
    assert [trial.arch for trial in part] == [(1,), (2,)]
    part.append(Trial((9,), 9.0))
    assert len(history) == 4
    assert repr(history) == "History(4 trials, best 3)"
    assert repr(History()) == "History(0 trials)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(format="other"), 'expected an object with "format"'),
        (lambda data: data.update(trials=3), 'expected a list under "trials"'),
        (lambda data: data["trials"][1].pop("value"), "trial 1: 'value' is missing"),
        (lambda data: data["trials"][1].update(value="high"), "trial 1: could not convert"),
        (lambda data: data["trials"][1].update(arch=[0.5]), "trial 1: arch must be integers"),
        (lambda data: data["trials"][1].update(arch=7), "trial 1: 'int' object is not iterable"),
        (lambda data: data["trials"].append(None), "trial 2: "),
    ],
)
def test_a_damaged_history_says_where(change, message):
    data = json.loads(History([Trial((0,), 0.0), Trial((1,), 1.0)]).to_json())
    change(data)
    with pytest.raises(ValueError, match=message):
        History.from_json(json.dumps(data))


def test_json_that_is_no_history_is_refused():
    with pytest.raises(ValueError, match="not a History"):
        History.from_json("[1, 2]")
