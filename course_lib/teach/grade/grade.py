"""`python -m course_lib.teach grade LAB`: from hand-ins to feedback pages and a list of grades.

Put the files that students handed in (the zip files of `submit`, or what the learning platform
made of them) into grading/inbox/, and due dates into grading/labs.toml
(`course_lib.teach.grade.settings` says how). The command collects them into grading/submitted/,
runs those that are new or changed, and writes the list of grades grading/LAB.csv and the pages
grading/feedback/STUDENT/LAB/LAB.html.

Written answers are graded by hand in nbgrader's formgrader (start `jupyter lab` in the course
folder, menu Nbgrader). Then run the command again: it executes nothing that has not changed, and
brings penalties, feedback and list up to date.
"""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from course_lib.teach.files import write_atomically
from course_lib.teach.grade.collect import Collected, gather
from course_lib.teach.grade.gradebook import LabGrades
from course_lib.teach.grade.nbgrading import NbgraderError
from course_lib.teach.grade.report import GRADED, NO_HANDIN, Row, to_csv, to_text
from course_lib.teach.grade.settings import LabSettings, read_settings
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
    parser.add_argument("--root", type=Path, help="the course folder (this one)")


def run(args: argparse.Namespace) -> int:
    """Grade a lab; 0 if every hand-in was graded, 1 if one could not be, 2 if none was found."""
    print(NOT_SANDBOXED, file=sys.stderr)
    root = course_folder(args.root)
    lab = find_lab(root, args.lab)
    settings = read_settings(root / "grading" / "labs.toml").get(lab.name, LabSettings())
    grades = LabGrades(lab, settings)
    inbox = args.submissions or root / "grading" / "inbox"
    if args.submissions and not inbox.is_dir():
        raise ValueError(f"--submissions {inbox} is not a folder")
    found = collect_handins(grades, inbox)
    if not found:
        print(f"No hand-ins of {lab.name}: put them into {inbox}", file=sys.stderr)
        return 2
    rows = grade(grades, found, force=args.force)
    table = root / "grading" / f"{lab.name}.csv"
    write_atomically(table, to_csv(rows, grades.max_points).encode())
    print(to_text(rows, grades.max_points))
    print(f"Grades: {table}\nFeedback: {root / 'grading' / 'feedback'}")
    by_hand = sum(bool(row.by_hand) for row in rows)
    if by_hand:
        print(f"{by_hand} hand-ins have answers to grade by hand; their points are not final.")
    return 1 if any(row.raw is None and row.status != NO_HANDIN for row in rows) else 0


def find_lab(root: Path, name: str) -> Lab:
    """The lab of that name; ValueError lists the labs that can be graded."""
    known = {lab.name: lab for lab in labs(root)}
    if name not in known:
        raise ValueError(f"no lab {name!r} in solutions/; there is: {', '.join(known) or 'none'}")
    return known[name]


def collect_handins(grades: LabGrades, inbox: Path) -> list[Collected]:
    """Register the lab and bring the hand-ins, from the inbox or of earlier runs, into order."""
    others = [lab.name for lab in labs(grades.lab.root) if lab.name != grades.lab.name]
    return gather(grades.lab, grades.register(), inbox, others=others)


def grade(grades: LabGrades, handins: list[Collected], *, force: bool = False) -> list[Row]:
    """Run what is new, then penalties and feedback; one row for every hand-in and every student.

    A hand-in that fails does not keep the others from being graded.
    """
    problems = {}
    for handin in tqdm(handins, desc=grades.lab.name, unit="hand-in"):
        problems[handin.student] = handin.problem or grades.autograde(handin, force=force)
    grades.refresh_penalties()
    rows = [_row(grades, handin, problems[handin.student]) for handin in handins]
    missing = sorted(set(grades.students()) - problems.keys())
    return rows + [Row(student, NO_HANDIN) for student in missing]


def _row(grades: LabGrades, handin: Collected, problem: str) -> Row:
    due = grades.settings.due_for(handin.student)
    row = Row(handin.student, problem, time=handin.time, due=due, notes=list(handin.notes))
    if problem:
        grades.withdraw_feedback(handin.student)
        return row
    scores = grades.scores(handin.student)
    row.status = f"to grade by hand: {', '.join(scores.by_hand)}" if scores.by_hand else GRADED
    try:
        grades.feedback(handin.student)
    except NbgraderError as error:
        grades.withdraw_feedback(handin.student)
        row.status += f", no feedback page: {error}"
    row.scores, row.raw, row.penalty = scores.exercises, scores.raw, scores.penalty
    row.by_hand = scores.by_hand
    row.notes += [f"not answered: {name}" for name in scores.unanswered]
    row.notes += grades.remarks(handin.student)
    return row
