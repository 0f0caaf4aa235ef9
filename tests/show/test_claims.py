"""A claim's card says what the numbers say and keeps the result closed until it is asked for."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from course_lib.show.claims import Claim, claim
from course_lib.show.estimates import EstimatesInfo
from course_lib.show.measured import Curve, Curves, Intervals, Measured, Row, read_measured


def written(folder: Path) -> Path:
    measured = Measured(
        conditions="tuned on <others>",
        estimates=Intervals("mean", 0.95, [Row("a row", 2, 1, 3, [3])], {"a row": [[1, 2, 3]]}),
        settings={"budget": 1500},
    )
    (folder / "claim.json").write_text(measured.to_json(), encoding="utf-8")
    return folder


def card(folder: Path, statement: str = "a < b & c with {budget:,} trainings.") -> Claim:
    return claim(
        "claim",
        statement,
        predict="Which, of {budget}?",
        sway="More seeds.",
        shown="test accuracy",
        axis="points",
        words=("Ahead", "Behind", "No difference is shown"),
        folder=written(folder),
    )


def test_the_card_hides_the_result_until_asked_and_escapes_text(tmp_path: Path) -> None:
    before, after = card(tmp_path)._repr_html_().split("<details>")
    assert "a &lt; b &amp; c" in before
    assert "Ahead" not in before
    assert "Ahead: a row." in after
    assert "More seeds." in after
    assert "tuned on &lt;others&gt;" in after


def test_beside_curves_the_estimates_stand_in_a_table(tmp_path: Path) -> None:
    own = card(tmp_path)
    assert "<table>" not in own._repr_html_()
    measured = own.info.measured
    curves = Curves("epoch", "edges", {"skip": Curve([1, 2], [3, 4], [2, 3], [4, 5])})
    (tmp_path / "claim.json").write_text(replace(measured, curves=curves).to_json())
    drawn = replace(own, info=EstimatesInfo("a < b", read_measured("claim", tmp_path)))
    heads, row = drawn._repr_html_().split("<table>")[1].split("</table>")[0].split("</tr>")[:2]
    assert "a &lt; b" in heads
    assert "95 % interval" in heads
    assert re.findall(r">([^<>]+)<", row) == ["a row", "2", "1 to 3"]


def test_without_html_the_card_says_the_same(tmp_path: Path) -> None:
    words = repr(card(tmp_path))
    for text in ("Ahead: a row.", "More seeds.", "tuned on <others>", "n = 3", "hold together"):
        assert text in words


def test_words_name_settings_of_the_measurement(tmp_path: Path) -> None:
    own = card(tmp_path)
    assert own.statement == "a < b & c with 1,500 trainings."
    assert own.predict == "Which, of 1500?"


def test_a_setting_that_is_not_there_is_named_beside_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"claim has no setting 'epochs'; its settings: budget"):
        card(tmp_path, "After {epochs} epochs.")


def test_a_claim_without_a_result_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make claims"):
        claim(
            "nothing",
            "",
            predict="",
            sway="",
            shown="",
            axis="",
            words=("", "", ""),
            folder=tmp_path,
        )
