"""What the picture of a wiring says is what networkx says of the graph."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest

from course_lib.core import make_rng
from course_lib.nas.random_wiring import INPUT, barabasi_albert, erdos_renyi, predecessors
from course_lib.nas.wired_network import RandomlyWired
from course_lib.show.nas.wiring import HEIGHT, WIDTH, plot_degrees, plot_wiring, wiring_info
from course_lib.show.nas.wiring_demo import MODELS, WiringDemo


def graph_of(seed: int) -> nx.Graph:
    rng = make_rng(seed)
    return erdos_renyi(10 + seed, rng, p=0.4) if seed % 2 else barabasi_albert(12, rng, m=3)


@pytest.mark.parametrize("seed", range(6))
def test_paths_layers_and_degrees_are_those_of_networkx(seed: int) -> None:
    graph = graph_of(seed)
    info = wiring_info(graph)
    edges = [(source, node) for node, own in enumerate(predecessors(graph)) for source in own]
    dag, output = nx.DiGraph(edges), len(graph)
    assert info.longest == nx.dag_longest_path_length(dag) - 1
    assert info.shortest == nx.shortest_path_length(dag, INPUT, output) - 1
    for layer, nodes in enumerate(nx.topological_generations(dag)):
        assert all(info.depth[node] == layer for node in nodes if 0 <= node < output)
    assert info.degrees.tolist() == nx.degree_histogram(graph)
    marked = nx.DiGraph(edge for edge, wire in zip(edges, info.wires, strict=True) if wire.long)
    assert nx.shortest_path(marked, INPUT, output) == list(nx.topological_sort(marked))
    assert marked.number_of_edges() == info.longest + 1


@pytest.mark.parametrize("seed", range(4))
def test_parameters_are_those_of_the_built_network(seed: int) -> None:
    graph = graph_of(seed)
    network = RandomlyWired(graph, make_rng(0), channels=(5, 9))
    info = wiring_info(graph, channels=(5, 9))
    assert info.parameters == sum(weight.numel() for weight in network.parameters())
    assert f"{info.parameters:,} parameters" in info.describe()


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("nodes", [10, 32])
@pytest.mark.parametrize("neighbours", [4, 8])
def test_nothing_overlaps_and_nothing_is_cut_off(model: str, nodes: int, neighbours: int) -> None:
    """Discs are 20 wide; every wire goes from left to right inside the picture."""
    info = WiringDemo(model=model, nodes=nodes, neighbours=neighbours).info()
    places = np.array(info.places)
    for (x, y), (other_x, other_y) in pairwise(sorted(info.places)):
        assert max(abs(x - other_x), abs(y - other_y)) > 15
    assert (places > 0).all()
    assert (places < [WIDTH, HEIGHT]).all()
    t = np.linspace(0, 1, 50)[:, None]
    for (start, control, end), _ in info.wires:
        points = (
            (1 - t) ** 2 * np.array(start)
            + 2 * t * (1 - t) * np.array(control)
            + t**2 * np.array(end)
        )
        assert (np.diff(points[:, 0]) > 0).all()
        assert points[:, 1].min() > 0
        assert points[:, 1].max() < HEIGHT


def test_picture_has_a_disc_a_wire_and_a_bar_for_each() -> None:
    graph = graph_of(2)
    info = wiring_info(graph, name="twelve nodes")
    ax = plot_wiring(info)
    assert len(ax.patches) == len(info.wires)
    assert [text.get_text().strip() for text in ax.texts] == [*map(str, range(12)), "in", "out"]
    assert "twelve nodes" in ax.get_title(loc="left")
    assert [bar.get_height() for bar in plot_degrees(info).patches] == nx.degree_histogram(graph)


def test_the_models_have_the_neighbours_that_were_asked_for() -> None:
    demo = WiringDemo(nodes=32)
    for neighbours in (4, 6, 8):
        demo.neighbours = neighbours
        for model in MODELS[1:]:
            demo.model = model
            assert 0.7 * neighbours < 2 * demo.info().edges / 32 <= neighbours
