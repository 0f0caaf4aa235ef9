"""Formulas of a page as pictures in it, so that it needs neither a network nor scripts.

matplotlib's own typesetting draws what it knows of TeX; a formula that it does not know stays TeX,
between its dollars. The text of a picture is the TeX, for those who do not see it and for copying.
"""

import base64
import html
import io
from functools import lru_cache

from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser
from nbconvert.filters.markdown_mistune import IPythonRenderer

LONGEST = 1000
LARGEST = (800.0, 300.0)
"""Width and height of the largest formula that is drawn, in points."""

_SIZE = 10.0
_KNOWN_AS = {
    r"\le ": r"\leq ",
    r"\ge ": r"\geq ",
    r"\lVert": r"\Vert",
    r"\rVert": r"\Vert",
    r"\lvert": r"\vert",
    r"\rvert": r"\vert",
    r"\tfrac": r"\frac",
    r"\big": "",
    "\n": " ",
}


class FormulaRenderer(IPythonRenderer):
    """Markdown whose formulas are drawn."""

    def inline_math(self, body: str) -> str:
        return drawn(body) or str(super().inline_math(body))

    def block_math(self, body: str) -> str:
        picture = drawn(body)
        return (
            f'<span class="displayed">{picture}</span>'
            if picture
            else str(super().block_math(body))
        )


@lru_cache(maxsize=2000)
def drawn(tex: str) -> str:
    """An `<img>` of a formula, '' where it cannot be drawn or would be too large."""
    text = tex.strip()
    for theirs, ours in _KNOWN_AS.items():
        text = text.replace(theirs, ours)
    if not text or len(text) > LONGEST or "$" in text:
        return ""
    text = f"${text}$"
    try:
        width, height, depth, *_ = MathTextParser("path").parse(text, dpi=72)
        if not (0 < width < LARGEST[0] and 0 < height < LARGEST[1]):
            return ""
        picture = _png(text, width, height, depth)
    except (ValueError, RuntimeError, RecursionError):
        return ""
    style = f"height:{height / _SIZE:.2f}em;vertical-align:{-depth / _SIZE:.2f}em"
    alt = html.escape(tex.strip(), quote=True)
    return (
        f'<img class="formula" src="data:image/png;base64,{picture}" alt="{alt}" style="{style}">'
    )


def _png(text: str, width: float, height: float, depth: float) -> str:
    figure = Figure(figsize=(width / 72, height / 72))
    figure.text(0, depth / height, text, fontsize=_SIZE, color="#333333")
    content = io.BytesIO()
    figure.savefig(content, dpi=200, format="png", transparent=True)
    return base64.b64encode(content.getvalue()).decode()
