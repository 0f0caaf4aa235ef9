"""A module is read in one sitting."""

from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_no_module_is_longer_than_one_sitting() -> None:
    """At most 250 lines, tests included."""
    folders = ("course_lib", "claims", "bench", "tests")
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    lines = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in paths}
    long = {p.relative_to(ROOT).as_posix(): count for p, count in lines.items() if count > 250}
    assert long == {}, "split them"
