"""What `nbgrader collect` leaves is graded; `release_feedback` finds what it asks for."""

import json

import pytest
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeReleaseFeedback
from nbgrader.utils import notebook_hash
from traitlets.config import Config

from course_lib.teach.grade.exchange import SECRET, TIME, put_beside_page, secret_in
from tests.teach.hand_ins import LAB, RIGHT, grade_all, hand_in, rows_of

WHEN = "2026-11-20 10:00:00.123456 UTC"
KEY = "a1b2" * 32


@pytest.fixture
def collected(course):
    """grading/submitted/ada/LAB as the exchange's collect writes it."""
    hand_in(course, "ada", answer=RIGHT)
    assert grade_all(course) == 0
    folder = course / f"grading/submitted/ada/{LAB}"
    for path in (course / "grading/inbox").iterdir():
        path.unlink()
    notebook = json.loads((folder / f"{LAB}.ipynb").read_bytes())
    notebook["cells"][1]["source"] = "import math  # looked at once more"
    (folder / f"{LAB}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    (folder / TIME).write_text(WHEN, encoding="utf-8")
    (folder / SECRET).write_text(KEY, encoding="utf-8")
    return folder


@pytest.mark.notebooks
def test_secret_and_time_go_from_the_hand_in_to_its_page(course, collected):
    for _ in range(2):
        assert grade_all(course) == 0
        assert rows_of(course)["ada"]["double_test"] == "8"
        assert "left out" not in rows_of(course)["ada"]["notes"]
        page = course / f"grading/feedback/ada/{LAB}"
        assert {path.name for path in page.iterdir()} == {f"{LAB}.html", TIME, SECRET}
        assert (page / TIME).read_text(encoding="utf-8") == WHEN
        assert (page / SECRET).read_text(encoding="utf-8") == KEY
        assert (collected / TIME).read_text(encoding="utf-8").strip() == WHEN
    assert len(list((course / "grading/originals/ada").iterdir())) == 1


@pytest.mark.notebooks
def test_the_hand_ins_code_does_not_see_the_secret(course, collected, monkeypatch):
    monkeypatch.setattr("course_lib.teach.grade.prepare.idle_cells", lambda *_: frozenset())
    notebook = json.loads((collected / f"{LAB}.ipynb").read_bytes())
    notebook["cells"][1]["source"] = "import os\nprint(sorted(os.listdir()))"
    (collected / f"{LAB}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert grade_all(course) == 0
    ran = json.loads((course / f"grading/autograded/ada/{LAB}/{LAB}.ipynb").read_bytes())
    assert ran["cells"][1]["outputs"][0]["text"] == ["[]\n"]


def test_a_link_or_a_long_file_is_no_secret(tmp_path):
    secret = tmp_path / "hand-in" / SECRET
    secret.parent.mkdir()
    (tmp_path / "gradebook").write_bytes(b"names")
    secret.symlink_to(tmp_path / "gradebook")
    assert secret_in(secret.parent) == {}
    secret.unlink()
    secret.write_bytes(b"x" * 10_000)
    assert secret_in(secret.parent) == {}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # nbgrader's open()
def test_pages_of_the_exchange_and_of_the_inbox_are_released_in_one_go(tmp_path):
    """nbgrader's own release_feedback: only who has the secret can name the page."""
    for student, files in {"ada": {TIME: WHEN, SECRET: KEY}, "bob": {TIME: f"{WHEN}\n"}}.items():
        handed_in, page = (tmp_path / step / student / LAB for step in ("submitted", "feedback"))
        handed_in.mkdir(parents=True)
        page.mkdir(parents=True)
        for name, content in files.items():
            (handed_in / name).write_text(content, encoding="utf-8")
        (page / f"{LAB}.html").write_text(student, encoding="utf-8")
        put_beside_page(handed_in, page)
    config = Config()
    config.CourseDirectory.update(root=str(tmp_path), course_id="c", assignment_id=LAB)
    config.Exchange.root = str(tmp_path / "exchange")
    (tmp_path / "exchange").mkdir(mode=0o777)
    (tmp_path / "exchange").chmod(0o777)
    course = CourseDirectory(config=config)
    ExchangeReleaseFeedback(coursedir=course, authenticator=None, config=config).start()
    released = {p.read_text(encoding="utf-8"): p.name for p in tmp_path.glob("exchange/c/*/*.html")}
    assert released.keys() == {"ada", "bob"}
    assert released["ada"] == f"{notebook_hash(secret=KEY, notebook_id=LAB)}.html"
