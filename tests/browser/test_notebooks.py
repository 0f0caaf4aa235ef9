"""The built lectures and labs in a real JupyterLab: run from top to bottom, every picture named."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
BUILT = sorted([*ROOT.glob("lectures/*.ipynb"), *ROOT.glob("labs/*/*.ipynb")])


def test_there_are_notebooks() -> None:
    """Each source has its built notebook, so that an empty list is not a success."""
    sources = [path.stem for path in (*ROOT.glob("lectures/*.py"), *ROOT.glob("solutions/*/*.py"))]
    assert sources
    assert sorted(path.stem for path in BUILT) == sorted(sources)


def code_cells(path: Path) -> int:
    cells = nbformat.read(path, as_version=4).cells
    return sum(cell.cell_type == "code" and bool(cell.source.strip()) for cell in cells)


@pytest.mark.parametrize("path", BUILT, ids=lambda path: path.stem)
def test_notebook_runs_and_speaks(path: Path, open_notebook: Any) -> None:
    """All cells run without an error; words for all pictures; nothing from outside.

    A lab is run as released: what is not written yet is said in a panel, never by a traceback.
    """
    with open_notebook(str(path.relative_to(ROOT)), path) as opened:
        opened.run_all(timeout=900)
        opened.page.wait_for_timeout(1500)
        assert opened.errors() == []
        executed = "es => es.filter(e => /\\[\\d+\\]/.test(e.textContent)).length"
        counts = opened.page.eval_on_selector_all(".jp-InputPrompt", executed)
        assert counts >= code_cells(path)
        assert opened.without_words() == []
        assert opened.outside == []
        assert opened.console == []
