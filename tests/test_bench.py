"""The document of measurements: a run replaces its own section and leaves the others."""

from pathlib import Path

from bench.__main__ import MEASUREMENTS
from bench.results import RESULTS, join, keep, sections
from bench.timing import Row


def row(seconds: float) -> Row:
    return Row("a walk", "a ride", "s", [seconds], [1.0], "2 times faster", seconds <= 0.5)


def test_a_run_replaces_its_own_section_only(tmp_path: Path) -> None:
    path = tmp_path / "results.md"
    for name, seconds in (("late", 0.25), ("early", 0.5), ("late", 2.0)):
        keep(name, [row(seconds)], ["early", "late"], path)
    text = path.read_text(encoding="utf-8")
    assert text.index("## early") < text.index("## late")
    assert "| 0.5 s | 1 s (a ride) | 2 | 2 times faster | yes |" in text
    assert "| 2 s | 1 s (a ride) | 0.5 | 2 times faster | **no** |" in text
    assert "0.25" not in text
    keep("early", [row(1.0)], ["early"], path)
    assert list(sections(path.read_text(encoding="utf-8"))) == ["early"]


def test_the_kept_document_has_sections_of_measurements_that_exist() -> None:
    text = RESULTS.read_text(encoding="utf-8")
    assert set(sections(text)) <= MEASUREMENTS.keys()
    assert join(sections(text), MEASUREMENTS) == text
