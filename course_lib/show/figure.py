"""From an info and its plot to a picture that a notebook keeps: PNG, alternative text, caption."""

import base64
import html
import io
from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from course_lib.show.style import lecture_style

DPI = 120
_SHOWN_DPI = 90


class Info(Protocol):
    """What a picture shows, computed beforehand; `describe` says it in words."""

    def describe(self) -> str: ...


InfoT = TypeVar("InfoT", bound=Info)


class Picture:
    """A finished picture: HTML `<figure>` with alternative text, and the same text without HTML.

    png: the image file's bytes.
    alt: what the picture shows, in words and numbers.
    caption: a sentence under the picture, may be empty.
    width: how wide it is shown, in CSS pixels.
    """

    def __init__(self, png: bytes, alt: str, caption: str, width: int) -> None:
        if not alt.strip():
            raise ValueError("alt is empty: say in words what the picture shows")
        self.png = png
        self.alt = alt
        self.caption = caption
        self.width = width

    @property
    def html(self) -> str:
        data = base64.b64encode(self.png).decode()
        caption = f"<figcaption>{html.escape(self.caption)}</figcaption>" if self.caption else ""
        return (
            f'<figure style="margin:0;max-width:{self.width}px">'
            f'<img alt="{html.escape(self.alt)}" width="{self.width}" '
            f'style="max-width:100%;height:auto" src="data:image/png;base64,{data}">'
            f"{caption}</figure>"
        )

    def __repr__(self) -> str:
        return f"{self.caption}\n{self.alt}".strip()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/html": self.html, "text/plain": repr(self)}


def figure_html(figure: Figure, *, alt: str, caption: str = "") -> Picture:
    """The picture of a finished matplotlib figure, white margins cut off; the figure is closed."""
    import matplotlib.pyplot as plt

    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=DPI, facecolor="white", bbox_inches="tight")
    plt.close(figure)
    png = file.getvalue()
    pixels = int.from_bytes(png[16:20], "big")  # the width in a PNG's header
    return Picture(png, alt, caption, round(pixels * _SHOWN_DPI / DPI))


def picture(
    plot: Callable[..., Axes],
    info: InfoT,
    *,
    caption: str = "",
    size: tuple[float, float] = (10.0, 4.8),
) -> Picture:
    """Draw `plot(info, ax=...)` in the style of the lecture.

    size: width and height in inches; 10 inches fill a notebook's column.
    """
    return pictures((plot, info), caption=caption, size=size)


def pictures(
    *panels: tuple[Callable[..., Axes], Info],
    caption: str = "",
    size: tuple[float, float] = (10.0, 4.8),
) -> Picture:
    """Draw several `(plot, info)` side by side; on a projector two are the limit."""
    if not panels:
        raise ValueError("no panels: give at least one (plot, info)")
    with lecture_style():
        figure = Figure(figsize=size, layout="constrained")
        columns = figure.subplots(1, len(panels), squeeze=False)[0]
        for ax, (plot, info) in zip(columns, panels, strict=True):
            plot(info, ax=ax)
        words = dict.fromkeys(info.describe() for _, info in panels)  # one info may fill two panels
        return figure_html(figure, alt=" ".join(words), caption=caption)
