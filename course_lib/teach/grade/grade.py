"""`python -m course_lib.teach grade LAB`: from hand-ins to feedback pages and a list of grades.

Put the files that students handed in (the zip files of `submit`, or what the learning platform
made of them) into grading/inbox/, and due dates into grading/labs.toml
(`course_lib.teach.grade.settings` says how). The command collects them into grading/submitted/,
runs those that are new or changed, and writes the list of grades grading/LAB.csv, the class on a
page, grading/LAB.html, and the pages grading/feedback/STUDENT/LAB/LAB.html. With `--gradebook FILE`
the points are filled into a grade book that was exported from Canvas or Moodle, too.

Written answers are graded by hand in nbgrader's formgrader (start `jupyter lab` in the course
folder, menu Nbgrader). Then run the command again: it executes nothing that has not changed, and
brings penalties, feedback and list up to date.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from course_lib.teach.files import write_atomically
from course_lib.teach.grade.class_numbers import mistakes
from course_lib.teach.grade.class_page import class_page
from course_lib.teach.grade.collect import Collected, gather
from course_lib.teach.grade.export import fill_in
from course_lib.teach.grade.gradebook import LabGrades
from course_lib.teach.grade.nbgrading import NbgraderError
from course_lib.teach.grade.report import Row, to_csv, to_text
from course_lib.teach.grade.result import named, result
from course_lib.teach.grade.roster import Roster, read_roster
from course_lib.teach.grade.settings import LabSettings, read_settings, unknown_extensions
from course_lib.teach.grade.status import Status, exit_code
from course_lib.teach.places import Lab, course_folder, labs

NOT_SANDBOXED = (
    "WARNING: student code is NOT sandboxed yet. Each notebook runs with your rights: it can read "
    "and write your files, the gradebook and the solutions, and use the network. Grade only "
    "hand-ins of people whom you trust, or do it in a virtual machine or container."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("--submissions", type=Path, help="the hand-ins (grading/inbox)")
    parser.add_argument("--force", action="store_true", help="run unchanged hand-ins again too")
    parser.add_argument(
        "--gradebook", type=Path, help="a CSV exported from the platform, to fill in"
    )
    parser.add_argument("--root", type=Path, help="the course folder (this one)")


def run(args: argparse.Namespace) -> int:
    """Grade a lab; `course_lib.teach.grade.status` says what the exit codes mean."""
    print(NOT_SANDBOXED, file=sys.stderr)
    root = course_folder(args.root)
    lab = find_lab(root, args.lab)
    roster = read_roster(root / "grading" / "roster.csv")
    settings = lab_settings(lab, roster)
    grades = LabGrades(lab, settings)
    inbox = args.submissions or root / "grading" / "inbox"
    if args.submissions and not inbox.is_dir():
        raise ValueError(f"--submissions {inbox} is not a folder")
    found = collect_handins(grades, inbox, roster)
    if not found:
        print(f"No hand-ins of {lab.name}: put them into {inbox}", file=sys.stderr)
        return 2
    if roster is None:
        known = {handin.student for handin in found}
        for line in unknown_extensions(settings, known):
            print(f"noticed: {line}", file=sys.stderr)
    rows = grade(grades, found, roster, force=args.force)
    print(to_text(rows, grades.max_points))
    write_lists(grades, rows)
    if args.gradebook:
        write_gradebook(args.gradebook, grades, rows)
    by_hand = sum(bool(row.by_hand) for row in rows)
    if by_hand:
        print(f"{by_hand} hand-ins have answers to grade by hand; their points are not final.")
    return exit_code(row.status for row in rows)


def write_lists(grades: LabGrades, rows: list[Row]) -> None:
    """The list of grades as a table and as a page, in grading/."""
    points = grades.max_points
    named = {
        row.student: mistakes(grades.executed(row.student)) for row in rows if row.raw is not None
    }
    table = grades.grading / f"{grades.lab.name}.csv"
    write_atomically(table, to_csv(rows, points).encode())
    page = table.with_suffix(".html")
    write_atomically(page, class_page(grades.lab.name, rows, points, named).encode())
    print(f"Grades: {table}\nThe class: {page}\nFeedback: {grades.grading / 'feedback'}")


def write_gradebook(exported: Path, grades: LabGrades, rows: list[Row]) -> None:
    """The platform's grade book with the points, beside the list of grades."""
    filled = fill_in(exported, grades.lab.name, rows)
    path = grades.grading / f"{grades.lab.name}_gradebook.csv"
    write_atomically(path, filled.content)
    print(f"To import into the platform: {path}", *filled.said, sep="\n")


def lab_settings(lab: Lab, roster: Roster | None) -> LabSettings:
    """What grading/labs.toml says about a lab; ValueError: it names a lab or student unknown."""
    path = lab.root / "grading" / "labs.toml"
    known = [other.name for other in labs(lab.root)]
    settings = read_settings(path, known).get(lab.name, LabSettings())
    if roster is not None and (unknown := unknown_extensions(settings, roster)):
        raise ValueError("; ".join(unknown))
    return settings


def find_lab(root: Path, name: str) -> Lab:
    """The lab of that name; ValueError lists the labs that can be graded."""
    known = {lab.name: lab for lab in labs(root)}
    if name not in known:
        raise ValueError(f"no lab {name!r} in solutions/; there is: {', '.join(known) or 'none'}")
    return known[name]


def collect_handins(grades: LabGrades, inbox: Path, roster: Roster | None) -> list[Collected]:
    """Register the lab and bring the hand-ins, from the inbox or of earlier runs, into order."""
    others = [lab.name for lab in labs(grades.lab.root) if lab.name != grades.lab.name]
    people = {member.name: member.id for member in (roster or {}).values()}
    return gather(grades.lab, grades.register(), inbox, others=others, roster=people)


def grade(
    grades: LabGrades, handins: list[Collected], roster: Roster | None, *, force: bool = False
) -> list[Row]:
    """Run what is new, then penalties and feedback; one row for every hand-in and every student.

    A hand-in that fails does not keep the others from being graded.
    """
    problems = {}
    for handin in tqdm(handins, desc=grades.lab.name, unit="hand-in"):
        problems[handin.student] = handin.problem or grades.autograde(handin, force=force)
    grades.refresh_penalties()
    rows = [_row(grades, handin, problems[handin.student]) for handin in handins]
    expected = grades.students() if roster is None else roster
    rows += [Row(name, Status.NO_HANDIN) for name in sorted(set(expected) - problems.keys())]
    return named(rows, roster)


def _row(grades: LabGrades, handin: Collected, problem: str) -> Row:
    student = handin.student
    due = grades.settings.due_for(student)
    if problem:
        grades.withdraw_feedback(student)
        return result(handin, problem, due)
    scores, notes = grades.scores(student), grades.remarks(student)
    try:
        grades.feedback(student)
    except NbgraderError as error:
        grades.withdraw_feedback(student)
        notes.append(f"noticed: no feedback page: {error}")
    return result(handin, "", due, scores, notes)
