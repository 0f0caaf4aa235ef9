"""`python -m tests.classes LAB`: a class is made up, graded by the command, and compared.

The exit code is 1 where any score, status or note is not as the generator knows it.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from course_lib.teach.grade.status import EXIT_CODES
from tests.classes.compare import Row, differences, read_rows
from tests.classes.generate import Expected, make_class
from tests.teach.hand_ins import uncaged
from tests.teach.whole_class import ROOT, new_course


def graded(course: Path, lab: str) -> float:
    """Run the command on the course; the seconds that it took."""
    words = [sys.executable, "-m", "course_lib.teach", "grade", lab, "--root", str(course)]
    start = time.monotonic()
    code = subprocess.run([*words, *uncaged()], cwd=ROOT, stdout=subprocess.DEVNULL).returncode
    if code not in (0, *EXIT_CODES.values()):
        raise SystemExit(f"`grade` failed with exit code {code}; the course is in {course}")
    return time.monotonic() - start


def table(expected: list[Expected], rows: dict[str, Row]) -> str:
    """What the hand-ins were, how many, and the points expected and found."""
    kinds: Counter[str] = Counter(one.made.split(", ")[0] for one in expected)
    lines = [f"{'work':<12}{'hand-ins':>9}{'expected':>12}{'found':>12}"]
    for kind, count in kinds.items():
        own = [one for one in expected if one.made.split(", ")[0] == kind]
        found = sum(float(rows.get(one.student, {}).get("before_penalty") or 0) for one in own)
        lines.append(f"{kind:<12}{count:>9}{sum(one.raw for one in own):>12.2f}{found:>12.2f}")
    return "\n".join(lines)


def main() -> int:
    """Make a class, grade it, compare; 1 where something differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.classes", description=__doc__)
    parser.add_argument("lab", help="for example lab01_rl_nas")
    parser.add_argument("--size", type=int, default=200, help="hand-ins (200)")
    parser.add_argument("--seed", type=int, default=0, help="another class (0)")
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="class-"))
    course = new_course(folder / "course", args.lab)
    expected = make_class(course, args.lab, args.size, args.seed)
    seconds = graded(course, args.lab)
    rows = read_rows(course, args.lab)
    found = differences(expected, rows)
    print(table(expected, rows), *found, sep="\n")
    print(
        f"{args.size} hand-ins of {args.lab}, seed {args.seed}: {len(found)} differences; "
        f"{seconds:.0f} s, {60 * args.size / seconds:.1f} hand-ins a minute"
    )
    if found:
        print(f"The course is in {course}")
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
