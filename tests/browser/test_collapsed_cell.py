"""A collapsed cell in a real JupyterLab: the output is there, one click brings the code."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell

pytestmark = pytest.mark.browser


def test_the_code_is_one_click_away_and_the_output_is_there(open_notebook: Any) -> None:
    cell = new_code_cell("print(6 * 7)", metadata={"jupyter": {"source_hidden": True}})
    with open_notebook("collapsed.ipynb", [cell, "1"]) as notebook:
        notebook.run_all()
        hidden = notebook.page.locator(".jp-Notebook .jp-Cell").first
        assert hidden.locator(".jp-OutputArea-output pre").inner_text().strip() == "42"
        assert not hidden.locator(".cm-content").is_visible()
        hidden.locator(".jp-InputPlaceholder, .jp-Placeholder").first.click()
        hidden.locator(".cm-content").wait_for(timeout=5000)
        assert "6 * 7" in hidden.locator(".cm-content").inner_text()
        assert hidden.locator(".jp-OutputArea-output pre").is_visible()
