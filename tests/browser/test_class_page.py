"""The class's page in a browser: sorted by keyboard, readable in light and dark, nothing loaded."""

from pathlib import Path
from typing import Any

import pytest

from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.report import Row
from course_lib.teach.grade.status import Status
from tests.browser.axe import serious

pytestmark = pytest.mark.browser

MOST = {"double_test": 8.0, "written": 2.0}
POINTS = {"ada": 8.0, "bob": 10.0, "carl": 2.0}


@pytest.fixture(params=["light", "dark"])
def page(request: Any, browser: Any, tmp_path: Path) -> Any:
    rows = [
        Row(name, Status.GRADED, name=name.title(), scores={"double_test": points}, raw=points)
        for name, points in POINTS.items()
    ]
    rows += [Row(f"{status}", status, "why") for status in Status]
    path = tmp_path / "lab90.html"
    mistakes = {"ada": [("double", "the sign is flipped")]}
    path.write_text(class_page("lab90", rows, MOST, mistakes), encoding="utf-8")
    page = browser.new_page(color_scheme=request.param)
    asked: list[str] = []
    page.on("request", lambda seen: asked.append(seen.url))
    page.goto(path.as_uri())
    yield page
    page.close()
    assert asked == [path.as_uri()]


def test_axe_finds_nothing_serious(page: Any) -> None:
    assert serious(page, "main") == []


def test_a_head_that_is_reached_by_keyboard_sorts_the_rows(page: Any) -> None:
    head = page.get_by_role("button", name="points (10)")
    head.focus()
    for order in (sorted(POINTS.values()), sorted(POINTS.values(), reverse=True)):
        page.keyboard.press("Enter")
        shown = page.locator(".grades tbody td:nth-child(4)").all_inner_texts()
        assert [float(text) for text in shown if text != "-"] == order
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("points")
