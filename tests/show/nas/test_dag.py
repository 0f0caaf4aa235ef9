"""The graph of all architectures: its weights, its paths, the demos on it."""

import math

import numpy as np
import pytest
import torch

from course_lib.core import make_rng
from course_lib.nas.cells import CellSpace
from course_lib.nas.darts_space import DartsSpace
from course_lib.nas.derive import derive
from course_lib.nas.supernet import Supernet
from course_lib.show.nas.cells import look
from course_lib.show.nas.dag import dag_info, plot_dag
from course_lib.show.nas.dag_demo import AlphaDemo
from course_lib.show.nas.dag_layout import count_paths, dag_layout
from course_lib.show.nas.path_demo import PathDemo
from tests.show.demos import press, search

CELLS, DARTS = CellSpace(), DartsSpace()
SMALL = DartsSpace(1, ("skip_connect", "sep_conv_3x3", "none"))
SPACES = [CELLS, DARTS, SMALL]


@pytest.mark.parametrize("space", SPACES)
def test_every_edge_leads_from_node_to_node_in_as_many_curves_as_operations(space) -> None:
    layout = dag_layout(space)
    assert len(layout.edges) == space.edges
    places = {(node.x, node.y) for node in layout.nodes}
    for edge in layout.edges:
        assert edge.curve[0] in places
        assert edge.curve[2] in places
    for edge in range(space.edges):
        curves = {layout.curve(edge, k) for k in range(len(space.operations))}
        assert len(curves) == len(space.operations)
    for curve in (layout.curve(0, 0), layout.curve(space.edges - 1, 1)):
        assert all(0 <= x <= 960 and 0 <= y <= layout.height for x, y in curve[::2])


@pytest.mark.parametrize("space", [CellSpace(("none", "nor_conv_1x1", "skip_connect")), SMALL])
def test_counted_paths_are_those_that_enumeration_finds(space) -> None:
    layout = dag_layout(space)
    convs = [k for k, name in enumerate(space.operations) if "conv" in name]
    assert count_paths(layout) == space.size
    avoided = frozenset((edge, convs[0]) for edge in (0, space.edges - 1))
    free = [a for a in space if not any(space.one_hot(a)[edge, k] for edge, k in avoided)]
    assert count_paths(layout, avoided) == len(free)


@pytest.mark.parametrize("space", SPACES)
def test_the_bold_path_is_the_architecture_and_the_words_name_it(space) -> None:
    arch = space.sample(make_rng(1))
    info = dag_info(space, arch=arch)
    mask = space.one_hot(arch)
    for edge, operation in enumerate(info.chosen):
        name = space.operations[int(mask[edge].argmax())]
        if operation is None:
            assert name == "none"
        else:
            assert space.operations[operation] == name
            words = f"{info.layout.edges[edge].name} {look(name)[0]}"
            assert words in info.describe()
    texts = [text.get_text() for text in plot_dag(info).texts]
    assert len(texts) >= len(info.layout.nodes) + sum(k is not None for k in info.chosen)


def test_width_and_opacity_grow_with_the_weight_and_lines_differ_without_colour() -> None:
    weights = torch.tensor([[0.05, 0.1, 0.2, 0.5, 0.15]]).repeat(6, 1)
    patches = plot_dag(dag_info(CELLS, weights)).patches[:5]
    shown = sorted(range(1, 5), key=lambda k: weights[0, k])
    widths = [patches[k].get_linewidth() for k in shown]
    opacity = [patches[k].get_alpha() for k in shown]
    assert widths == sorted(widths)
    assert opacity == sorted(opacity)
    assert len({look(name)[1:] for name in DARTS.operations}) == len(DARTS.operations)


@pytest.mark.parametrize("weights", [torch.ones(6), torch.ones(5, 5), torch.ones(18, 5)])
def test_weights_of_another_shape_are_refused(weights) -> None:
    with pytest.raises(ValueError, match=r"expected \(6, 5\)"):
        dag_info(CELLS, weights)


@pytest.mark.parametrize("space", SPACES)
def test_a_picked_operation_is_on_the_path_and_little_else_changes(space) -> None:
    demo = PathDemo(space)
    for edge in range(0, space.edges, 4):
        for operation, name in enumerate(space.operations):
            before = demo.info().chosen
            press(demo, "pick", edge=edge, operation=operation)
            assert demo.arch in space
            after = demo.info().chosen
            if space is CELLS or name != "none":
                assert after[edge] == operation
            else:
                assert "never takes zero" in demo.note
            assert sum(one != other for one, other in zip(before, after, strict=True)) <= 2


def test_both_edges_of_a_node_can_be_picked_one_after_the_other() -> None:
    demo = PathDemo(DARTS)
    press(demo, "pick", edge=7, operation=4)
    press(demo, "pick", edge=8, operation=5)
    assert demo.info().chosen[5:9] == (None, None, 4, 5)


@pytest.mark.parametrize("what", [{"edge": 99, "operation": 0}, {"edge": 0, "operation": -1}])
def test_what_is_not_on_the_graph_cannot_be_picked(what) -> None:
    demo = PathDemo(CELLS)
    before = demo.chart
    press(demo, "pick", **what)
    assert demo.chart == before


def test_path_demo_says_parameters_and_how_many_share() -> None:
    demo = PathDemo(CELLS, arch=(3, 0, 0, 0, 0, 0))
    assert f"{CELLS.size - 5**5 * 4:,} of {CELLS.size:,}" in demo.label
    press(demo, "step")
    assert sum(a != b for a, b in zip(demo.path, (3, 0, 0, 0, 0, 0), strict=True)) == 1
    press(demo, "draw")
    press(demo, "reset")
    assert demo.arch == (3, 0, 0, 0, 0, 0)
    count = sum(weight.numel() for weight in CELLS.build(demo.arch).parameters())
    assert f"{count:,} parameters" in demo.label


@pytest.mark.parametrize("space", [CELLS, DARTS])
def test_code_to_copy_is_what_is_shown(space, capsys: pytest.CaptureFixture[str]) -> None:
    path, log = PathDemo(space), search(space)
    scope = {"space": space, "log": log, "images": type("", (), {"x": torch.randn(2, 1, 12, 12)})}
    exec(path.code, scope)
    assert scope["arch"] == path.arch
    assert scope["scores"].shape == (2, 10)
    assert isinstance(scope["net"], Supernet)
    alphas = AlphaDemo(space, log)
    alphas.epoch = 0.5
    exec(alphas.code, scope)
    np.testing.assert_allclose(scope["weights"], alphas.info().weights)
    assert (
        space.describe(derive(space, torch.as_tensor(log["alpha"][1]))) in capsys.readouterr().out
    )


@pytest.mark.parametrize("space", [CELLS, DARTS])
def test_the_slider_goes_through_the_search(space) -> None:
    log = search(space)
    demo = AlphaDemo(space, log)
    assert "epoch 1.5 of 1.5" in demo.label
    demo.reset()
    np.testing.assert_allclose(demo.info().weights, 1 / len(space.operations))
    assert f"{math.log(len(space.operations)):.2f} nats" in demo.label
    for entry in (1, 2, 3, 0):
        press(demo, "step")
        alpha = torch.as_tensor(log["alpha"][entry])
        np.testing.assert_allclose(demo.info().weights, alpha.softmax(-1), atol=1e-12)
        derived = dag_info(space, arch=derive(space, alpha))
        assert demo.info().chosen == derived.chosen
    press(demo, "pick", edge=2, operation=1)
    assert "alpha +0.000" in demo.note


def test_temperature_sharpens_and_flattens_and_leaves_the_derived_cell() -> None:
    demo = AlphaDemo(CELLS, torch.randn(6, 5, generator=make_rng(0)))
    assert [knob["trait"] for knob in demo.knobs] == ["temperature"]
    chosen, warm = demo.info().chosen, demo.info().weights
    demo.temperature = 0.1
    assert (demo.info().weights.max(1) > warm.max(1)).all()
    assert demo.info().chosen == chosen
    demo.temperature = 5.0
    assert (demo.info().weights.max(1) < warm.max(1)).all()
