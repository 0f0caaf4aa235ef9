"""A proof changes with everything that an output rests on, and with nothing else."""

import ast
import io
import json
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from course_lib.teach.build.proof import DATA, code, proof, reached
from course_lib.teach.places import labs, lectures

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [item.source for item in (*labs(ROOT), *lectures(ROOT))]

FILES = {
    "lectures/01.py": "from course_lib.a import value\nimport claims.b as b\n",
    "course_lib/__init__.py": "",
    "course_lib/a.py": "def value():\n    from course_lib import c\n    return c\n",
    "course_lib/c.py": "import numpy\nTABLE = 'digits'\nLATER = 'course_lib.d:attribute'\n",
    "course_lib/d.py": "",
    "course_lib/a.js": "draw()",
    "course_lib/other.py": "",
    "claims/__init__.py": "",
    "claims/b.py": "from course_lib.show import picture\n",
    "claims/other.py": "",
    "course_lib/show/__init__.py": "",
    "course_lib/show/picture.py": "",
    "course_lib/show/picture.css": "",
    "course_lib/nas/__init__.py": "",
    "course_lib/nas/other.js": "",
    "data/digits.npz": "1",
    "data/claims/digits.json": "1",
    "data/elsewhere.csv": "1",
    "data/digits.partial/trainings.jsonl": "1",
    "constraints.txt": "numpy==2",
}
WITHOUT = {
    "course_lib/other.py",
    "claims/other.py",
    "course_lib/nas/__init__.py",
    "course_lib/nas/other.js",
    "data/elsewhere.csv",
    "data/digits.partial/trainings.jsonl",
}


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_it_changes_with_what_is_reached_and_with_nothing_else(course: Path, name: str) -> None:
    source = course / "lectures/01.py"
    before = proof(course, source)
    assert proof(course, source) == before
    with (course / name).open("a", encoding="utf-8") as file:
        file.write("\n0\n")
    assert (proof(course, source) == before) == (name in WITHOUT)


FUNCTION = '"""Prose."""\n\ndef value():  # more\n    """Prose."""\n    return """# digits\n\n"""\n'


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("Prose.", "Other prose,\nin two lines.", True),
        ("  # more", "", True),
        ("\n\ndef", "\n# why\n\n\ndef", True),
        ("return", "0\n    return", False),
        ("# digits", "# digit", False),
        ("# digits", "# digits\n", False),
        ("value", "values", False),
        ("    return", "    if value:\n        return", False),
    ],
)
def test_words_about_a_module_do_not_count(
    course: Path, before: str, after: str, same: bool
) -> None:
    source, module = course / "lectures/01.py", course / "course_lib/a.py"
    module.write_text(FUNCTION, encoding="utf-8")
    was = proof(course, source)
    changed = FUNCTION.replace(before, after)
    assert changed != FUNCTION
    module.write_text(changed, encoding="utf-8")
    assert (proof(course, source) == was) == same


@pytest.mark.parametrize("words", ["# A slide.\n", '"""Prose."""\n', "\n"])
def test_words_of_a_source_count(course: Path, words: str) -> None:
    """In a lecture's source they are its text."""
    source = course / "lectures/01.py"
    before = proof(course, source)
    with source.open("a", encoding="utf-8") as file:
        file.write(words)
    assert proof(course, source) != before


def test_of_every_module_the_code_is_kept() -> None:
    """The oracle is Python's tokenizer."""
    for path in reached(ROOT, *SOURCES):
        text = path.read_text(encoding="utf-8")
        assert _words(code(text)) == _words(text), path


def _words(text: str) -> list[str]:
    """All but comments, and strings that are a line of their own."""
    begins = {tokenize.INDENT, tokenize.DEDENT, tokenize.NEWLINE}
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    tokens = [one for one in tokens if one.type not in {tokenize.COMMENT, tokenize.NL}]
    kinds = [tokenize.NEWLINE, *(one.type for one in tokens), tokenize.NEWLINE]
    said = [
        one == tokenize.STRING and before in begins and after == tokenize.NEWLINE
        for before, one, after in zip(kinds, kinds[1:], kinds[2:], strict=False)
    ]
    return [
        one.string
        for one, alone in zip(tokens, said, strict=True)
        if not alone and one.string.strip()
    ]


def test_it_is_the_same_in_another_folder_but_not_for_another_name(
    course: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere") / "course"
    course.rename(other)
    source = other / "lectures/01.py"
    before = proof(other, source)
    assert proof(other, source, source) == before
    source.rename(source.with_name("02.py"))
    assert proof(other, source.with_name("02.py")) != before
    other.rename(course)
    assert proof(course, course / "lectures/02.py") != before
    (course / "lectures/02.py").rename(course / "lectures/01.py")
    assert proof(course, course / "lectures/01.py") == before


def test_a_relative_import_is_refused_since_it_is_not_followed(course: Path) -> None:
    (course / "course_lib/a.py").write_text("from .c import TABLE\n", encoding="utf-8")
    with pytest.raises(ValueError, match="a relative import cannot be proven"):
        proof(course, course / "lectures/01.py")


def test_what_python_loads_for_the_notebooks_was_reached() -> None:
    """The oracle is Python: the imports of all sources are run, then its own list is read."""
    trees = [ast.parse(source.read_text(encoding="utf-8")) for source in SOURCES]
    imports = [n for tree in trees for n in tree.body if isinstance(n, ast.Import | ast.ImportFrom)]
    script = "\n".join(
        [
            *(ast.unparse(node) for node in imports if getattr(node, "module", "") != "__future__"),
            "import json, sys",
            "files = [getattr(m, '__file__', None) for m in sys.modules.values()]",
            "print(json.dumps([file for file in files if file]))",
        ]
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    loaded = {Path(file) for file in json.loads(done.stdout.splitlines()[-1])}
    own = {path for path in loaded if path.is_relative_to(ROOT / "course_lib")}
    assert len(own) > 50
    assert own <= reached(ROOT, *SOURCES)


def test_every_file_of_the_data_counts_for_a_notebook() -> None:
    """One that no notebook's code names is read under a name that a proof does not see."""
    texts = [path.read_text(encoding="utf-8") for path in reached(ROOT, *SOURCES)]
    data = {path for pattern in DATA for path in (ROOT / "data").glob(pattern)}
    assert len(data) > 10
    unseen = {path.name for path in data if not any(path.stem in text for text in texts)}
    assert unseen == {"latency201_wide.npz", "zigzag.csv"}  # read by a claim, and by a test
