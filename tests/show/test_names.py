"""No public name of `show` stands in two rooms."""

import ast
from collections import Counter
from pathlib import Path

import course_lib.show


def test_a_public_name_is_defined_once() -> None:
    files = Path(course_lib.show.__file__).parent.rglob("*.py")
    bodies = [ast.parse(file.read_text(encoding="utf-8")).body for file in files]
    defined = [one.name for body in bodies for one in body if hasattr(one, "name")]
    twice = {name for name, count in Counter(defined).items() if count > 1}
    assert not {name for name in twice if not name.startswith("_")}
