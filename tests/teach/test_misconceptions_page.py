"""The page of what mistakes mean: all of them, as the rooms have them, and it notices a change."""

import re
import shutil
from pathlib import Path

import pytest

from course_lib.teach.build import misconceptions
from course_lib.teach.build.wrong_answers import room
from course_lib.teach.places import Lab, labs
from tests.misconceptions.rooms import ROOT, exercises
from tests.misconceptions.rooms import labs as rooms

LABS = labs(ROOT)


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
def test_the_page_is_of_today_and_holds_every_mistake_and_hint(lab: Lab) -> None:
    assert misconceptions.page_drift(lab) == [], "run `make notebooks`"
    text = misconceptions.page_of(lab).read_text(encoding="utf-8")
    sections = re.split(r"^## (\w+)", text, flags=re.M)[1:]
    parts = dict(zip(sections[::2], sections[1::2], strict=True))
    assert list(parts) == [*(one.name for one in rooms()[lab.name]), "written"]
    assert "Sample C" in parts["written"]
    for exercise in rooms()[lab.name]:
        part = parts[exercise.name]
        told = re.findall(r"^### (.+)$", part, flags=re.M)
        assert told == list(dict.fromkeys(mistake.name for mistake in exercise.mistakes))
        assert all(" ".join(hint.split()) in part for hint in exercise.hints)
        assert all(" ".join(m.advice.split()) in part for m in exercise.mistakes)
        assert "no law here" not in part, "a mistake that breaks no law on this variant"


def test_wrong_answers_are_shown_as_they_stand_in_the_room() -> None:
    (q_backup,) = (one for one in exercises() if one.name == "q_backup")
    found = room(ROOT, q_backup, frozenset())
    names = {mistake.name: found.written(mistake) for mistake in q_backup.mistakes}
    assert names["the discount is left out"] == "_target(goes_on=lambda r, b, discount: r + b)"
    assert names["the function changes its arguments"] == ""


def test_a_change_of_a_room_or_of_the_source_is_noticed(tmp_path: Path) -> None:
    lab = Lab(tmp_path, "lab90_tiny")
    lab.source.parent.mkdir(parents=True)
    shutil.copy(ROOT / "constraints.txt", tmp_path)
    lab.source.write_text("# %% [markdown]\n# # Tiny\n", encoding="utf-8")
    checks = tmp_path / "course_lib" / "checks" / lab.name / "double.py"
    checks.parent.mkdir(parents=True)
    checks.write_text("a = 1\n", encoding="utf-8")
    assert misconceptions.page_drift(lab)
    assert misconceptions.build_page(lab)
    assert misconceptions.page_drift(lab) == []
    assert not misconceptions.build_page(lab)
    checks.write_text("a = 2\n", encoding="utf-8")
    assert misconceptions.page_drift(lab)
