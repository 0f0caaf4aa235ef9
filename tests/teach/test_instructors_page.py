"""The instructors' page promises what the lectures and labs themselves say."""

import re
from pathlib import Path

import pytest

from course_lib.teach.places import labs, lectures

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "INSTRUCTORS.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| \[(\d\d)\]\(lectures/(\w+)_runsheet\.md\) (.+)$", PAGE, flags=re.M)


def test_the_term_holds_every_lecture_and_every_lab_in_order() -> None:
    assert [lecture for _, lecture, _ in ROWS] == [one.name for one in lectures(ROOT)]
    assert [row.split(" | ")[2] for *_, row in ROWS] == [lab.name for lab in labs(ROOT)]
    number = r"(\d\d)" + r"\s*\|"
    weeks = re.search(r"^\| lecture \| 01 .*$", PAGE, flags=re.M)
    assert weeks
    left = re.search(r"\*\*Fourteen weeks\*\*[^|]* without (\d\d)", PAGE)
    assert left
    taken = [number for number, *_ in ROWS if number != left[1]]
    assert re.findall(number, weeks[0]) == taken
    assert len(taken) * 2 == 14


@pytest.mark.parametrize(("number", "lecture", "row"), ROWS, ids=lambda part: part[:20])
def test_the_minutes_are_those_of_the_run_sheet_and_of_page_one(number, lecture, row) -> None:
    sheet = (ROOT / "lectures" / f"{lecture}_runsheet.md").read_text(encoding="utf-8")
    _, minutes, lab, labs_minutes = (part.strip(" |") for part in row.split(" | "))
    whole, short = re.search(r"(\d+) minutes.*?for a (\d+)-minute slot", sheet).groups()
    assert minutes == f"{whole} ({short})"
    source = (ROOT / "solutions" / lab / f"{lab}.py").read_text(encoding="utf-8")
    parts = re.findall(r"^# \| ([^|]+) \| \d* ?\| (\d+) \|$", source, flags=re.M)
    more = sum(int(n) for section, n in parts if "(for more)" in section)
    core = sum(int(n) for _, n in parts) - more
    assert labs_minutes == (f"{core} ({more})" if more else f"{core}")
