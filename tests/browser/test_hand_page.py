"""Written answers in a browser: by keyboard, nothing lost, and the table is what `grade` reads."""

from pathlib import Path
from typing import Any

import pytest

from course_lib.teach.build.questions import Question
from course_lib.teach.grade.hand_page import hand_page
from course_lib.teach.grade.hand_table import Answer, read_table, to_table
from tests.browser.axe import serious

pytestmark = pytest.mark.browser

LAB = "lab90"
ASKED = Question("written", 10, "## 6 Why?\n\n*How it is graded.* 3 points: $x^2$.", "**A**, 10.")
ANSWERS = [
    Answer("ada", "written", 10, 'It is "linear",\nor is it; not?', "abc", name="Ada"),
    Answer("bob", "written", 10, "=HYPERLINK(1) ä", "def"),
    Answer("carl", "written", 10, "Third.", "ghi", 7.5, "=well"),
]
SHOWN = "article.text:visible"


@pytest.fixture(params=["light", "dark"])
def page(request: Any, browser: Any, tmp_path: Path) -> Any:
    path = tmp_path / f"{LAB}_written.html"
    path.write_text(hand_page(LAB, ANSWERS, {"written": ASKED}), encoding="utf-8")
    page = browser.new_page(color_scheme=request.param)
    wrong: list[str] = []
    own = ("data:", "blob:")
    page.on("request", lambda seen: seen.url.startswith(own) or wrong.append(seen.url))
    page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.goto(path.as_uri())
    yield page
    assert set(wrong) == {path.as_uri()}
    page.evaluate("localStorage.clear()")
    page.close()


def press(page: Any, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def downloaded(page: Any, path: Path) -> Path:
    with page.expect_download() as saved:
        page.get_by_role("button", name="Download the table").click()
    assert saved.value.suggested_filename == f"{LAB}_written.csv"
    saved.value.save_as(path)
    return path


def test_axe_finds_nothing_serious(page: Any) -> None:
    assert serious(page, "body") == []


def test_an_untouched_table_changes_nothing(page: Any, tmp_path: Path) -> None:
    assert read_table(downloaded(page, tmp_path / "made.csv")) == []
    (tmp_path / "python.csv").write_bytes(to_table(ANSWERS))
    assert read_table(tmp_path / "python.csv") == []


def test_all_answers_are_graded_by_keyboard_and_grade_reads_the_table(
    page: Any, tmp_path: Path
) -> None:
    assert "linear" in page.locator(SHOWN).inner_text()
    assert page.locator("#who").is_hidden(), "blind unless asked"
    press(page, "8", "c")
    page.keyboard.type('=Fine, but 3 "why"s.\nSo?')
    press(page, "Escape", "Enter", "x", "Enter")
    assert "Every answer has points" in page.locator("#state").inner_text()
    press(page, "ArrowRight", "9")
    given = read_table(downloaded(page, tmp_path / "made.csv"))
    assert {one.student: (one.points, one.comment) for one in given} == {
        "ada": (8, '=Fine, but 3 "why"s.\nSo?'),
        "bob": (10, None),
        "carl": (9, None),
    }
    assert {one.identity for one in given} == {"abc", "def", "ghi"}


def test_nothing_is_lost_when_the_page_is_loaded_again(page: Any, tmp_path: Path) -> None:
    press(page, "3", "c")
    page.keyboard.type("Half of it.")
    page.wait_for_function("localStorage.length && document.activeElement.value === 'Half of it.'")
    page.reload()
    assert "bob" in page.locator("#who").text_content(), "the next that waits"
    press(page, "ArrowLeft")
    assert page.locator("#points").input_value() == "3"
    assert page.locator("#comment").input_value() == "Half of it."
    assert "1 changed and not yet in the gradebook" in page.locator("#state").inner_text()


def test_points_that_there_are_not_are_refused_with_a_word(page: Any, tmp_path: Path) -> None:
    for text, right in (("11", False), ("-1", False), ("good", False), ("7,5", True)):
        page.locator("#points").fill(text)
        assert (page.locator("#wrong").inner_text() == "") == right
    (ada,) = read_table(downloaded(page, tmp_path / "made.csv"))
    assert ada.points == 7.5


def test_names_are_shown_when_asked_for_and_keys_can_be_switched_off(page: Any) -> None:
    page.get_by_label("show names").check()
    assert page.locator("#who").inner_text() == "Ada (ada)"
    page.get_by_label("keys:").uncheck()
    press(page, "4")
    assert page.locator("#points").input_value() == ""
