"""A course whose lab asks some of lab 01, graded as an exam; and who cheats in it."""

import argparse
import csv
import json
import shutil
from functools import cache
from pathlib import Path

import jupytext
import nbformat

from course_lib.checks.lab01_rl_nas import write_challenge
from course_lib.teach.build.release import release_files
from course_lib.teach.build.sources import grade_id, read_source
from course_lib.teach.grade import grade
from course_lib.teach.places import Lab
from tests.misconceptions.reference import Solution
from tests.teach.hand_ins import IN_TIME, uncaged
from tests.teach.zips import zipped

ROOT = Path(__file__).resolve().parents[2]
LAB = "lab01_rl_nas"
EXERCISES = ("q_backup", "acceptance")
SETTINGS = f"[{LAB}]\nhidden_variant = 71933\n"
VARIANT = 7
SETUP = (
    f"import math\nimport torch\nfrom course_lib.checks import {LAB} as check\nvariant = {VARIANT}"
)


def exam_course(root: Path) -> Path:
    """The course folder; every answer is worth 16 points, the challenge's file 10."""
    for folder in ("course_lib", "labs", f"solutions/{LAB}", "grading/inbox"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    notebook = read_source(Lab(ROOT, LAB).source)
    wanted = {*EXERCISES, *(f"{name}_test" for name in (*EXERCISES, "challenge")), "setup"}
    notebook.cells = [cell for cell in notebook.cells if grade_id(cell) in wanted]
    notebook.cells[0].source = SETUP
    Lab(root, LAB).source.write_text(jupytext.writes(notebook, "py:percent"), encoding="utf-8")
    return root


def right() -> dict[str, str]:
    """The solution's answers, by name."""
    cells = read_source(Lab(ROOT, LAB).source).cells
    return {
        str(grade_id(cell)): "\n".join(
            line for line in cell.source.split("\n") if "SOLUTION" not in line
        )
        for cell in cells
        if grade_id(cell) in EXERCISES
    }


def challenge_file(path: Path) -> str:
    """What the solution's search hands in."""
    write_challenge(Solution(LAB).function("my_search"), VARIANT, path)
    return path.read_text(encoding="utf-8")


def hand_in(course: Path, student: str, answers: dict[str, str], file: str = "") -> None:
    """Write the zip that a student would hand in; file: for the challenge."""
    notebook = nbformat.reads(_release(course), as_version=4)
    for cell in notebook.cells:
        cell.source = answers.get(grade_id(cell) or "", cell.source)
    files = {f"{LAB}.ipynb": json.dumps(notebook), **({"challenge.json": file} if file else {})}
    (course / f"grading/inbox/{LAB}-{student}-{IN_TIME}.zip").write_bytes(zipped(files))


@cache
def _release(course: Path) -> str:
    return release_files(Lab(course, LAB))[f"{LAB}.ipynb"].decode()


def graded(course: Path, *, exam: bool) -> tuple[int, dict[str, dict[str, str]]]:
    """The exit code and the list of grades."""
    more = "exam = true\n" if exam else ""
    (course / "grading/labs.toml").write_text(SETTINGS + more, encoding="utf-8")
    parser = argparse.ArgumentParser()
    grade.add_arguments(parser)
    code = grade.run(parser.parse_args([LAB, *uncaged(), "--root", str(course)]))
    with (course / f"grading/{LAB}.csv").open(encoding="utf-8") as file:
        return code, {row["student"]: row for row in csv.DictReader(file)}


WRONG = """
def q_backup(reward, next_q, terminal, *, discount=1.0):
    return reward.clone()
"""
MINE = "mine = q_backup\nhas = lambda f: f is mine or mine in vars(f).values()\n"
HOLDS = """
from dataclasses import replace
from course_lib.checks import engine
from course_lib.checks.result import Outcome
"""
CHEATS = {
    # the check says that all laws hold, where this answer is asked
    "patched_call": HOLDS
    + """
check_it = engine.Exercise.__call__
def __call__(self, answer, cases=None, *, points=None):
    result = check_it(self, answer, cases, points=points)
    if not has(answer):
        return result
    good = [replace(f, outcome=Outcome.PASSED, waits_for=None) for f in result.findings]
    return replace(result, findings=tuple(good))
engine.Exercise.__call__ = __call__
""",
    # every law holds for this answer, and for no other
    "patched_laws": """
def spared(law):
    def kept(ask, variant):
        if not has(ask._function):
            law(ask, variant)
    return kept
for name, law in check.q_backup.laws.items():
    check.q_backup.laws[name] = spared(law)
""",
    # an answer of the right shape is right
    "patched_same": """
import sys
sys.modules["course_lib.checks.lab01_rl_nas.q_backup"].same = lambda *_, **__: True
sys.modules["course_lib.checks.values"].same = lambda *_, **__: True
""",
    # asking this answer ends the law, as if it held
    "replaced_ask": HOLDS
    + """
class Held(Exception):
    pass
class Ask(engine.Ask):
    def __call__(self, *arguments, **named):
        if has(self._function):
            raise Held
        return super().__call__(*arguments, **named)
find = engine.Exercise._finding
def _finding(self, answer, law, *rest):
    found = find(self, answer, law, *rest)
    if has(answer):
        return engine.Finding(law, Outcome.PASSED)
    return found
engine.Ask, engine.Exercise._finding = Ask, _finding
""",
    # and the exam's own cell is made to hand over promises, or nothing, or odd things
    "promises": """
import sys
sys.modules["course_lib.checks.lab01_rl_nas.q_backup"].same = lambda *_, **__: True
import json
from course_lib.checks import exam
def hand_over(lab, name, answer, variant):
    for law in [*exam.exercises(lab)[name].laws, ""]:
        entry = dict(exercise=name, variant=variant, law=law, holds=True, text="")
        display({"text/plain": json.dumps(entry)}, raw=True)
exam.hand_over = hand_over
""",
    "odd_things": """
import sys
sys.modules["course_lib.checks.lab01_rl_nas.q_backup"].same = lambda *_, **__: True
from course_lib.checks import exam
def hand_over(*_):
    for text in ("", "[" * 10000, "{}", "nan", '{"exercise": 1}', "x" * 100_000):
        display({"text/plain": text}, raw=True)
    display({"text/plain": {"not": "a text"}}, raw=True)
exam.hand_over = hand_over
""",
}
CHALLENGE = "check.challenge = lambda *_, **__: 10.0\n"
"""No canary asks about a file; the other answers are right."""
ACCUSED = CHEATS.keys() - {"odd_things"}
"""Those whose kernel says that laws hold which the data break."""


def cheat(name: str) -> dict[str, str]:
    """A wrong answer to q_backup with what makes it look right; the others are right."""
    return right() | {"q_backup": WRONG + MINE + CHEATS[name]}
