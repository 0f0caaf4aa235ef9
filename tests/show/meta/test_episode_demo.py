"""The demo of episodes: its pictures and answers another way, its methods, its bad input."""

import base64
import io

import numpy as np
import pytest
import torch
from PIL import Image

from course_lib.core import make_rng
from course_lib.meta.few_shot import FewShotImages
from course_lib.meta.glyphs import GlyphSplits
from course_lib.show.meta.episode_demo import QUERIES, EpisodeDemo, by_pixels, by_script, png
from tests.show.demos import blobs, press


def always_nought(ways: int):
    def solve(theta, support_x, support_y, query_x):
        return torch.eye(ways)[torch.zeros(len(query_x), dtype=torch.long)]

    return solve, {}


def read(href: str) -> np.ndarray:
    head, data = href.split(",")
    assert head == "data:image/png;base64"
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))


def test_a_picture_travels_without_loss() -> None:
    image = torch.rand(9, 7, generator=make_rng(0)).numpy()
    np.testing.assert_array_equal(read(png(image)), np.round(255 * image))


@pytest.mark.parametrize(("ways", "shots"), [(2, 1), (5, 3)])
def test_answers_are_those_of_the_nearest_picture_on_the_page(ways: int, shots: int) -> None:
    demo = EpisodeDemo({"blobs": blobs()}, ways=ways, shots=shots)
    chart = demo.chart
    support = np.array([[read(image) for image in row] for row in chart["support"]], dtype=float)
    query = np.array([[read(image) for image in row] for row in chart["query"]], dtype=float)
    assert support.shape[:2] == (ways, shots)
    assert query.shape[:2] == (ways, QUERIES)
    gaps = query[:, :, None, None] - support[None, None]
    nearest = (gaps**2).sum((-2, -1)).min(-1).argmin(-1)
    np.testing.assert_array_equal(nearest, chart["answers"])


def test_step_draws_other_images_and_another_method_keeps_them() -> None:
    demo = EpisodeDemo({"blobs": blobs()}, {"pixels": by_pixels, "nought": always_nought})
    first = demo.chart
    press(demo, "ask")
    assert demo.chart["query"] == first["query"]
    assert np.unique(demo.chart["answers"]).tolist() == [0]
    assert f"classifies {QUERIES} of {5 * QUERIES}" in demo.label
    assert demo.note == "nought answers now."
    press(demo, "ask")
    assert demo.chart == first
    press(demo, "step")
    assert demo.chart["query"] != first["query"]
    assert "Episode 2 of blobs" in demo.label


def test_one_method_alone_has_no_button_for_others() -> None:
    alone = EpisodeDemo({"blobs": blobs()})
    assert {action["name"] for action in alone.actions} == {"step", "reset"}
    press(alone, "ask")
    assert alone.method == "nearest pixels"


def test_sets_are_chosen_by_name() -> None:
    demo = EpisodeDemo({"blobs": blobs(), "others": blobs(1)})
    before = demo.chart
    demo.script = "others"
    assert demo.chart != before
    assert "of others" in demo.label


def test_the_test_scripts_together_and_each_for_itself() -> None:
    images = blobs()
    few = GlyphSplits(
        images.part([0, 1]),
        images.part([2]),
        images.part(range(3, 10)),
        tuple("abcdefghij"),
        ("Latin", "Latin", "Lao", *["Hebrew"] * 3, *["Georgian"] * 4),
    )
    sets = by_script(few)
    assert {name: len(part.classes) for name, part in sets.items()} == {
        "all test scripts": 7,
        "Hebrew": 3,
        "Georgian": 4,
    }


def test_too_few_images_are_refused_by_name() -> None:
    few = FewShotImages(torch.rand(16, 5, 5), torch.arange(16) % 8)
    with pytest.raises(ValueError, match="an episode needs 1 \\+ 6 images"):
        EpisodeDemo({"few": few})
