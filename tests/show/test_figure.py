import io
from html.parser import HTMLParser

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from course_lib.show.figure import figure_html, picture, pictures
from course_lib.show.lines import curves_info, plot_lines

INFO = curves_info({"train": [0.1, 0.5], "valid": [0.1, 0.4]})


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = dict(attrs)


def test_alternative_text_survives_in_html_and_in_plain_text() -> None:
    bundle = picture(plot_lines, INFO, caption="a < b")._repr_mimebundle_()
    tags = Tags()
    tags.feed(bundle["text/html"])
    assert tags.found["img"]["alt"] == INFO.describe()
    assert "<figcaption>a &lt; b</figcaption>" in bundle["text/html"]
    assert INFO.describe() in bundle["text/plain"]
    assert "a < b" in bundle["text/plain"]


def test_quotes_in_the_alternative_text_do_not_end_it() -> None:
    tags = Tags()
    tags.feed(figure_html(Figure(), alt='a "quoted" <word>').html)
    assert tags.found["img"]["alt"] == 'a "quoted" <word>'


def test_faces_are_opaque_white_and_no_figure_stays_open() -> None:
    before = plt.get_fignums()
    shown = pictures((plot_lines, INFO), (plot_lines, INFO))
    pixels = np.asarray(Image.open(io.BytesIO(shown.png)).convert("RGBA"))
    assert (pixels[0, 0] == 255).all()
    assert (pixels[..., 3] == 255).all()
    assert plt.get_fignums() == before


def test_white_margins_are_cut_and_the_width_is_that_of_the_file() -> None:
    figure = Figure(figsize=(10, 10))
    figure.text(0.5, 0.5, "small")
    shown = figure_html(figure, alt="a word")
    width, height = Image.open(io.BytesIO(shown.png)).size
    assert max(width, height) < 200
    assert shown.width == round(width * 90 / 120)


def test_a_picture_without_words_is_refused() -> None:
    with pytest.raises(ValueError, match="alt is empty"):
        figure_html(Figure(), alt=" ")
    with pytest.raises(ValueError, match="no panels"):
        pictures()
