import pytest
from matplotlib.text import Annotation

from course_lib.core import make_rng
from course_lib.nas.string_network import unused
from course_lib.nas.strings import StringSpace
from course_lib.show.nas.networks import network_info, plot_network

SPACE = StringSpace(layers=4)


@pytest.mark.parametrize("seed", range(5))
def test_arrows_say_what_the_network_does(seed: int) -> None:
    info = network_info(SPACE, SPACE.sample(make_rng(seed)))
    last = len(info.layers) + 1
    for box, layer in enumerate(info.layers, start=1):
        expected = [i + 1 for i in layer.inputs] or [0]
        assert sorted(a for a, b in info.arrows if b == box) == expected
    outputs = [a - 1 for a, b in info.arrows if b == last]
    assert outputs == unused(list(info.layers))


def test_parameters_are_those_of_the_built_network() -> None:
    arch = SPACE.sample(make_rng(0))
    info = network_info(SPACE, arch, image=(3, 9, 7), classes=4)
    network = SPACE.build(arch, rng=make_rng(7), image=(3, 9, 7), classes=4)
    assert info.parameters == sum(weights.numel() for weights in network.parameters())
    assert f"{info.parameters:,} parameters" in info.describe()


def test_picture_has_a_box_a_shape_and_an_arrow_for_each() -> None:
    info = network_info(SPACE, SPACE.sample(make_rng(1)))
    ax = plot_network(info)
    arrows = [text for text in ax.texts if isinstance(text, Annotation)]
    words = [text.get_text() for text in ax.texts]
    assert len(arrows) == len(info.arrows)
    assert len(ax.patches) == len(info.layers) + 2
    assert all("×".join(map(str, shape)) in words for shape in info.shapes)
