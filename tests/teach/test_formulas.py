"""Formulas of a page are pictures in it, or stay what their author typed."""

import base64
import io

import pytest
from PIL import Image

from course_lib.teach.grade.feedback import safe_markdown
from course_lib.teach.grade.formulas import drawn


def page(source: str) -> str:
    return str(safe_markdown({"cell": {}}, source))


@pytest.mark.parametrize("source", [r"so $a^2 \le \tfrac{1}{2}$ holds", r"$$\sum_i x_i < 3$$"])
def test_a_formula_is_a_picture_whose_text_is_the_tex(source):
    found = page(source)
    assert "data:image/png;base64," in found
    assert "$" not in found
    tex = source.split("$$" if "$$" in source else "$")[1]
    assert f'alt="{tex.replace("<", "&lt;")}"' in found


def test_the_picture_holds_ink_and_keeps_the_height_of_the_line():
    (content,) = [part for part in drawn("x").split('"') if part.startswith("data:")]
    picture = Image.open(io.BytesIO(base64.b64decode(content.partition(",")[2])))
    assert picture.getchannel("A").getextrema()[1] == 255
    assert "height:0." in drawn("x")


@pytest.mark.parametrize(
    "tex",
    [r"\unknown{x}", r"\frac{1}", "", "x" * 2000, r"\hspace{900}x", "{" * 400 + "}" * 400],
)
def test_what_cannot_be_drawn_or_is_too_large_stays_as_it_was_typed(tex):
    assert drawn(tex) == ""


def test_an_unknown_formula_is_still_readable():
    assert page(r"so $\unknown{x} < 1$") == "<p>so $\\unknown{x} &lt; 1$</p>\n"


def test_nothing_that_acts_comes_in_with_a_formula():
    for tex in (r'\text{" onload="alert(1)}', "<script>alert(1)</script>"):
        found = page(f"${tex}$")
        assert "<script" not in found
        assert '" onload' not in found
