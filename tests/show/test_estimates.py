"""A claim made of estimates says what its intervals say, in every direction."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from course_lib.show.claims import ClaimCard, claim_info
from course_lib.show.estimates import EstimatesInfo, plot_estimates

ABOVE, EVEN, BELOW = (2.0, 1.0, 3.0), (0.0, -1.0, 1.0), (-2.0, -3.0, -1.0)


def _written(folder: Path, *rows: tuple[float, float, float], curves: bool = False) -> Path:
    data: dict[str, Any] = {
        "form": "estimates",
        "statement": "a < b & c",
        "prediction": "which?",
        "change_our_mind": "more seeds",
        "reported": "test accuracy",
        "conditions": "tuned on <others>",
        "quantity": "points",
        "reference": 0.0,
        "above": "Ahead",
        "below": "Behind",
        "undecided": "No difference is shown",
        "level": 1 - 0.05 / len(rows),
        "rows": [
            {"label": f"row {i}", "mean": mean, "low": low, "high": high, "n": [5]}
            for i, (mean, low, high) in enumerate(rows)
        ],
        "samples": {
            f"row {i}": [[low + 1, mean + 1, high + 1], [0.5, 1.5]]
            for i, (mean, low, high) in enumerate(rows)
        },
    }
    if curves:
        line = {"x": [1, 2], "mean": [3.0, 4.0], "low": [2.0, 3.0], "high": [4.0, 5.0]}
        data["curves"] = {"xlabel": "epoch", "ylabel": "edges", "lines": {"skip": line}}
    (folder / "claim.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


def _info(folder: Path, *rows: tuple[float, float, float], curves: bool = False) -> EstimatesInfo:
    info = claim_info("claim", _written(folder, *rows, curves=curves))
    assert isinstance(info, EstimatesInfo)
    return info


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([ABOVE], "Ahead: row 0."),
        ([BELOW, BELOW], "Behind: row 0 · row 1."),
        ([EVEN], "No difference is shown: row 0."),
        ([(1.0, 0.0, 2.0)], "No difference is shown: row 0."),
        ([ABOVE, EVEN, BELOW], "Ahead: row 0. Behind: row 2. No difference is shown: row 1."),
    ],
)
def test_the_verdict_follows_the_intervals(
    tmp_path: Path, rows: list[tuple[float, float, float]], words: str
) -> None:
    assert _info(tmp_path, *rows).verdict == words


def test_the_picture_has_a_mark_and_an_interval_per_row_and_the_reference(tmp_path: Path) -> None:
    ax = plot_estimates(_info(tmp_path, ABOVE, BELOW))
    reference, *single, marks = ax.lines
    assert set(np.ravel(reference.get_xdata())) == {0}
    assert list(marks.get_xdata()) == [2, -2]
    # the first sample less the mean of the second
    assert [list(dots.get_xdata()) for dots in single] == [[1, 2, 3], [-3, -2, -1]]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["row 0", "row 1"]
    assert "97.5 % intervals over seeds" in ax.get_xlabel()


def test_curves_are_drawn_with_their_bands_where_there_are_any(tmp_path: Path) -> None:
    info = _info(tmp_path, ABOVE, curves=True)
    ax = plot_estimates(info)
    assert list(ax.lines[0].get_ydata()) == [3, 4]
    assert len(ax.collections) == 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("epoch", "edges")
    assert "skip: 3 at 1, 4 at 2" in info.describe()


def test_the_description_names_every_number_and_how_sure_it_is(tmp_path: Path) -> None:
    words = _info(tmp_path, ABOVE, EVEN).describe()
    assert "points: row 0: 2 (1 to 3, n = 5, single values from 1 to 3); row 1: 0 (-1" in words
    assert "Each interval has confidence 97.5 %; all rows hold together with 95 %" in words


def test_the_card_hides_the_result_until_asked_and_escapes_text(tmp_path: Path) -> None:
    card = ClaimCard(_info(tmp_path, ABOVE))
    before, after = card._repr_html_().split("<details>")
    assert "a &lt; b &amp; c" in before
    assert "Ahead" not in before
    assert "Ahead: row 0." in after
    assert "tuned on &lt;others&gt;" in after
    assert "Ahead: row 0." in repr(card)
