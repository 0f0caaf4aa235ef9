"""What a challenge hands in: written once, kept while it is graded, never a stale one."""

from pathlib import Path
from traceback import format_exception
from typing import Any

import pytest

from course_lib.checks.artefact import Artefact, damaged
from course_lib.checks.result import Outcome
from course_lib.checks.wrong import Wrong

ARTEFACT = Artefact("lab01_rl_nas", "A section", "my_answer")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "challenge.txt"
    path.write_text("before", encoding="utf-8")
    return path


def answer() -> str:
    return "after"


def write(path: Path, answer: Any) -> str:
    def into_file() -> str:
        path.write_text(answer(), encoding="utf-8")
        return "written"

    return ARTEFACT.write(path, answer, into_file)


def test_an_answer_is_written(path: Path) -> None:
    assert write(path, answer) == "written"
    assert path.read_text(encoding="utf-8") == "after"


def only_dots() -> str: ...  # type: ignore[empty-body]


def raises() -> str:
    raise NotImplementedError


@pytest.mark.parametrize("placeholder", [only_dots, raises])
def test_a_placeholder_writes_nothing(path: Path, placeholder: Any) -> None:
    assert write(path, placeholder) == "Write my_answer first, then run this cell again."
    assert path.read_text(encoding="utf-8") == "before"


def wrong() -> str:
    raise Wrong("too large")


def from_a_library() -> str:
    raise NotImplementedError("no such kernel")


@pytest.mark.parametrize(
    ("function", "kind", "words"),
    [(wrong, ValueError, "too large"), (from_a_library, NotImplementedError, "kernel")],
)
def test_what_fails_moves_an_earlier_file_aside(
    path: Path, function: Any, kind: type[Exception], words: str
) -> None:
    aside = path.with_name("challenge.before.txt")
    with pytest.raises(kind, match=words) as error:
        write(path, function)
    assert "now called challenge.before.txt" in "".join(format_exception(error.value))
    assert not path.exists()
    assert aside.read_text(encoding="utf-8") == "before"
    with pytest.raises(kind, match=words) as error:
        write(path, function)
    assert "now called" not in str(error.value)
    write(path, answer)
    with pytest.raises(kind, match=words) as error:
        write(path, function)
    assert "now called challenge.before-2.txt" in "".join(format_exception(error.value))
    assert aside.read_text(encoding="utf-8") == "before"
    assert path.with_name("challenge.before-2.txt").read_text(encoding="utf-8") == "after"


def test_grading_keeps_what_was_handed_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert "graded as it is" in write(path, answer)
    assert path.read_text(encoding="utf-8") == "before"
    path.unlink()
    write(path, answer)
    assert path.read_text(encoding="utf-8") == "after"


def test_no_file_is_not_attempted(tmp_path: Path) -> None:
    result = ARTEFACT.judge(tmp_path / "challenge.txt", lambda _: ("", 1.0, 0.0), 10)
    assert result.outcome is Outcome.NOT_ATTEMPTED
    assert "run the cell that writes challenge.txt" in str(result)


@pytest.mark.parametrize(("score", "points"), [(0.7, 10), (0.5, 10), (0.4999, 0)])
def test_the_score_must_reach_what_is_needed(path: Path, score: float, points: int) -> None:
    result = ARTEFACT.judge(path, lambda _: ("a score of", score, 0.5), 10)
    assert result.points == points
    assert f"a score of {score:.4f}, needed 0.5000" in str(result)


def test_a_damaged_file_says_what_to_do(path: Path) -> None:
    def score(path: Path) -> tuple[str, float, float]:
        raise damaged(path, "no format")

    result = ARTEFACT.judge(path, score, 10)
    assert result.points == 0
    assert "challenge.txt is damaged (no format)" in str(result)
    assert "write_challenge" in str(result)
