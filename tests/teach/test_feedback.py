"""Pages show no hidden test and nothing that acts, and lose nothing else."""

import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from course_lib.teach.grade.feedback import HideTests, SafeNotebook
from course_lib.teach.grade.safe_html import clean, safe_output

HIDDEN = "cases += [(-4242, -8484)]"
TEST = f"cases = [1]\n### BEGIN HIDDEN TESTS\n{HIDDEN}\n### END HIDDEN TESTS\ncheck(f, cases)"
GRADED = {"nbgrader": {"grade": True, "grade_id": "f_test"}}


def _hide(*cells):
    return HideTests().preprocess(new_notebook(cells=list(cells)), {})[0]


def test_hidden_regions_leave_the_source_and_the_rest_stays():
    (cell,) = _hide(new_code_cell(TEST, metadata=GRADED)).cells
    assert HIDDEN not in cell.source
    assert cell.source.startswith("cases = [1]\n# (")
    assert cell.source.endswith("\ncheck(f, cases)")
    assert "HIDDEN" not in cell.source


def test_outputs_of_a_test_cell_cannot_quote_hidden_cases():
    error = new_output("error", ename="E", evalue="wrong", traceback=[f"----> 3 {HIDDEN}"])
    panel = new_output("execute_result", {"text/plain": "8.0", "text/html": "<b>8</b>"})
    printed = new_output("stream", text="called with -4242")
    (cell,) = _hide(new_code_cell(TEST, metadata=GRADED, outputs=[printed, error, panel])).cells
    assert [output.output_type for output in cell.outputs] == ["error", "execute_result"]
    assert cell.outputs[0].traceback == ["E: wrong"]
    assert cell.outputs[1].data["text/html"] == "<b>8</b>"


def test_other_cells_cannot_print_them_either():
    history = new_code_cell("print(In)", outputs=[new_output("stream", text=repr([TEST]))])
    honest = new_code_cell("print(1)", outputs=[new_output("stream", text="cases += nothing")])
    nb = _hide(new_code_cell(TEST, metadata=GRADED), history, honest)
    assert nb.cells[1].outputs == []
    assert nb.cells[2].outputs == honest.outputs


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<img src="https://elsewhere.example/pixel.png">',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,<script>alert(1)</script>">x</a>',
        '<iframe src="https://elsewhere.example"></iframe>',
        '<form action="https://elsewhere.example"><input></form>',
        '<svg onload="alert(1)"></svg>',
        '<div style="background:url(https://elsewhere.example)">x</div>',
        r'<div style="background:u\72l(https://elsewhere.example)">x</div>',
        "<style>body{display:none}</style>",
    ],
)
def test_html_that_acts_or_calls_elsewhere_is_disarmed(html):
    cleaned = clean(html)
    for danger in ("<script", "onerror", "elsewhere", "javascript:", "<iframe", "onload", "<style"):
        assert danger not in cleaned
    assert "data:text/html" not in cleaned


def test_panels_figures_and_mathematics_come_through():
    image = '<img alt="a curve" src="data:image/png;base64,aGk=">'
    picture = f"<figure>{image}<figcaption>c</figcaption></figure>"
    assert clean(picture) == picture
    panel = '<div role="status" style="border: 1px solid #029E73; padding: .5em;"><b>16</b></div>'
    assert clean(panel) == panel
    assert clean("<p>$a &lt; b$</p>") == "<p>$a &lt; b$</p>"
    assert clean("<style>p:has(b) {color: red}</style><p>x</p>") == "<p>x</p>"


def test_only_kinds_that_a_page_can_show_safely_stay_in_an_output():
    data = {
        "text/plain": "x",
        "text/html": "<b>x</b><script>1</script>",
        "image/png": "aGk=",
        "image/jpeg": '"><script>alert(1)</script>',
        "image/svg+xml": "<svg/>",
        "application/javascript": "alert(1)",
        "application/vnd.jupyter.widget-view+json": {"model_id": "1"},
    }
    metadata = {"image/png": {"width": "1 onload=alert(1)", "alt": "a curve"}}
    output = safe_output(new_output("display_data", data, metadata=metadata))
    assert output.data == {"text/plain": "x", "text/html": "<b>x</b>1", "image/png": "aGk="}
    assert output.metadata == {"image/png": {"alt": "a curve"}}


def test_pages_drop_metadata():
    notebook = new_notebook(cells=[new_code_cell("1", metadata={**GRADED, "tags": ["<b>"]})])
    notebook.metadata["widgets"] = {"x": 1}
    page = SafeNotebook().preprocess(notebook, {})[0]
    assert [cell.source for cell in page.cells] == ["1"]
    assert page.cells[0].metadata == GRADED
    assert "widgets" not in page.metadata
