"""A claim's card says what the numbers say, in every direction."""

import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.show.claims import ClaimCard, claim_info, plot_claim


def _written(
    folder: Path, differences: list[tuple[float, float, float]], first: str = "controller"
) -> Path:
    rows = [
        {
            "budget": 10 * (index + 1),
            "difference": {"mean": mean, "low": low, "high": high},
            "win": {"mean": 0.5 + mean},
        }
        for index, (mean, low, high) in enumerate(differences)
    ]
    data: dict[str, Any] = {
        "statement": "a < b & c",
        "prediction": "which?",
        "change_our_mind": "more seeds",
        "reported": "test accuracy",
        "conditions": "tuned on <others>",
        "n": 7,
        "level": 1 - 0.05 / len(rows),
        "rows": rows,
        "samples": {first: {}, "random search": {}},
    }
    (folder / "claim.json").write_text(json.dumps(data), encoding="utf-8")
    return folder


AHEAD, EVEN, BEHIND = (0.02, 0.01, 0.03), (0.0, -0.01, 0.01), (-0.02, -0.03, -0.01)


@pytest.mark.parametrize(
    ("differences", "words"),
    [
        ([AHEAD], "Controller is ahead at a budget of 10."),
        ([BEHIND], "Controller is behind at a budget of 10."),
        ([EVEN] * 3, "No difference from random search is shown at a budget of 10, 20 and 30."),
        (
            [AHEAD, EVEN],
            "Controller is ahead at a budget of 10; "
            "no difference from random search is shown at a budget of 20.",
        ),
    ],
)
def test_the_verdict_follows_the_intervals(
    tmp_path: Path, differences: list[tuple[float, float, float]], words: str
) -> None:
    assert claim_info("claim", _written(tmp_path, differences)).verdict == words


def test_names_keep_their_letters(tmp_path: Path) -> None:
    info = claim_info("claim", _written(tmp_path, [BEHIND], first="REINFORCE"))
    assert info.verdict == "REINFORCE is behind at a budget of 10."
    assert info.describe().startswith("REINFORCE minus random search, 7 seeds: budget 10")


def test_the_card_says_how_sure_the_intervals_are_alone_and_together(tmp_path: Path) -> None:
    info = claim_info("claim", _written(tmp_path, [AHEAD] * 5))
    for text in (info.describe(), ClaimCard(info)._repr_html_()):
        assert "confidence 99 %; those of all budgets hold together with 95 %" in text
    assert "99 % intervals over 7 seeds" in plot_claim(info).get_xlabel()


def test_differences_are_shown_in_percentage_points(tmp_path: Path) -> None:
    info = claim_info("claim", _written(tmp_path, [(0.02, 0.01, 0.03)]))
    ax = plot_claim(info)
    assert ax.lines[-1].get_ydata() == pytest.approx([2.0])
    assert "+2.00 points (+1.00 to +3.00)" in info.describe()


def test_the_card_hides_the_result_until_asked_and_escapes_text(tmp_path: Path) -> None:
    card = ClaimCard(claim_info("claim", _written(tmp_path, [(0.02, 0.01, 0.03)])))
    text = card._repr_html_()
    before, after = text.split("<details>")
    assert "a &lt; b &amp; c" in before
    assert "ahead" not in before
    assert "ahead" in after
    assert "more seeds" in after
    assert "tuned on &lt;others&gt;" in after
    assert "more seeds" in repr(card)


def test_a_claim_without_a_result_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="make claims"):
        claim_info("nothing", tmp_path)
