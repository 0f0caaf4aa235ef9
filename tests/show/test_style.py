import matplotlib.pyplot as plt
import numpy as np
import pytest

from course_lib.show.style import (
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    ROLES,
    VERMILION,
    label_ends,
    lecture_style,
    roles,
)

COLOURS = (BLUE, VERMILION, GREEN, PURPLE, GREY)
SEARCHES = (
    "random search",
    "evolution",
    "local search",
    "controller",
    "Q-learning",
    "metropolis",
    "halving",
    "progressive",
)


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2."""
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("colour", sorted({role.colour for role in ROLES.values()}))
def test_every_meaning_stands_out_from_white(colour: str) -> None:
    assert 1.05 / (luminance(colour) + 0.05) >= 3


@pytest.mark.parametrize("colour", COLOURS)
def test_colours_stand_out_from_white_and_come_from_the_colorblind_palette(colour: str) -> None:
    import seaborn as sns

    assert 1.05 / (luminance(colour) + 0.05) >= 3
    assert colour in sns.color_palette("colorblind").as_hex()


def test_a_meaning_keeps_its_look() -> None:
    alone = roles(["random search"])["random search"]
    together = roles(["REINFORCE", "random_search, 100 trials", "something else"])
    assert alone == together["random_search, 100 trials"]
    assert together["something else"].colour not in {alone.colour, together["REINFORCE"].colour}


def test_searches_that_meet_in_one_picture_differ_in_colour() -> None:
    looks = roles(SEARCHES)
    assert all(looks[name] == roles([name])[name] for name in SEARCHES)
    assert len({look.colour for look in looks.values()}) == len(SEARCHES)


def test_a_meaning_begins_a_word() -> None:
    looks = roles(["training loss", "old_test"])
    assert list(looks.values()) == [ROLES["train"], ROLES["test"]]
    inside, strangers = roles(["pretrained", "latest", "trained"]), roles(["a", "b", "c"])
    assert list(inside.values()) == list(strangers.values())


def test_strangers_differ_in_colour_or_line() -> None:
    looks = roles([f"curve {chr(97 + i)}" for i in range(12)])
    assert len({(look.colour, look.line) for look in looks.values()}) == 12


def test_lecture_style_is_white_large_and_leaves_no_trace() -> None:
    before = dict(plt.rcParams)
    with lecture_style():
        assert plt.rcParams["figure.facecolor"] == plt.rcParams["axes.facecolor"] == "white"
        assert plt.rcParams["font.size"] > before["font.size"]
    assert dict(plt.rcParams) == before


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_labels_at_line_ends_keep_their_order_and_their_distance(scale: str) -> None:
    figure, ax = plt.subplots()
    ax.set(ylim=(0.01, 1), yscale=scale)
    ends = {"a": (1.0, 0.501, BLUE), "b": (1.0, 0.5, BLUE), "c": (1.0, 0.99, BLUE)}
    label_ends(ax, ends, gap=0.1)
    places = {text.get_text(): text.xyann[1] for text in ax.texts}
    plt.close(figure)
    assert places["b"] <= places["a"] - 0.1 + 1e-12
    assert places["a"] <= places["c"] - 0.1 + 1e-12
    assert places["c"] <= 1
