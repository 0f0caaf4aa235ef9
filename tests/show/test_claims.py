"""A claim's card says what the numbers say and keeps the result closed until it is asked for."""

from pathlib import Path

import pytest

from course_lib.show.claims import Claim, claim
from course_lib.show.measured import Intervals, Measured, Row


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
