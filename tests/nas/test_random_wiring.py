"""Random graphs become networks: one input, one output, no cycle, every node used."""

from functools import partial

import networkx as nx
import pytest

from course_lib.core import make_rng
from course_lib.nas.random_wiring import (
    INPUT,
    barabasi_albert,
    erdos_renyi,
    predecessors,
    watts_strogatz,
)

MODELS = {
    "Erdős-Rényi": partial(erdos_renyi, p=0.3),
    "Barabási-Albert": partial(barabasi_albert, m=3),
    "Watts-Strogatz": partial(watts_strogatz, k=4, p=0.75),
}


def directed(graph: nx.Graph) -> nx.DiGraph:
    """networkx's own graph of what `predecessors` says; the output is the node n."""
    inputs = predecessors(graph)
    return nx.DiGraph((source, node) for node, own in enumerate(inputs) for source in own)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seed", range(20))
def test_one_input_one_output_no_cycle_and_every_node_used(model: str, seed: int) -> None:
    graph = MODELS[model](5 + seed, make_rng(seed))
    dag, output = directed(graph), len(graph)
    assert nx.is_directed_acyclic_graph(dag)
    assert [node for node, degree in dag.in_degree if degree == 0] == [INPUT]
    assert [node for node, degree in dag.out_degree if degree == 0] == [output]
    assert nx.descendants(dag, INPUT) == {*range(len(graph)), output}
    assert nx.ancestors(dag, output) == {INPUT, *range(len(graph))}
    inner = dag.subgraph(range(len(graph)))
    assert nx.utils.graphs_equal(inner.to_undirected(), graph)
    assert all(source < node for source, node in dag.edges)


@pytest.mark.parametrize("model", MODELS)
def test_a_seed_gives_one_connected_graph(model: str) -> None:
    one, again, other = (MODELS[model](16, make_rng(seed)) for seed in (0, 0, 1))
    assert nx.utils.graphs_equal(one, again)
    assert not nx.utils.graphs_equal(one, other)
    assert all(nx.is_connected(MODELS[model](9, make_rng(seed))) for seed in range(50))


def test_as_many_edges_as_the_models_say() -> None:
    """Exact for two models; the mean of the third within four standard errors."""
    assert barabasi_albert(20, make_rng(0), m=4).number_of_edges() == 4 * (20 - 4)
    assert watts_strogatz(20, make_rng(0), k=6, p=0.5).number_of_edges() == 20 * 6 / 2
    counts = [erdos_renyi(16, make_rng(seed), p=0.6).number_of_edges() for seed in range(100)]
    pairs = 16 * 15 / 2
    error = (pairs * 0.6 * 0.4 / 100) ** 0.5
    assert abs(sum(counts) / 100 - 0.6 * pairs) < 4 * error


def test_the_extremes_are_known_graphs() -> None:
    assert nx.utils.graphs_equal(erdos_renyi(6, make_rng(0), p=1), nx.complete_graph(6))
    assert nx.utils.graphs_equal(watts_strogatz(7, make_rng(0), k=2, p=0), nx.cycle_graph(7))
    star = barabasi_albert(5, make_rng(0), m=4)
    assert sorted(star.edges) == [(node, 4) for node in range(4)]


def test_small_graphs_by_hand() -> None:
    assert predecessors(nx.path_graph(3)) == [[-1], [0], [1], [2]]
    assert predecessors(nx.complete_graph(3)) == [[-1], [0], [0, 1], [2]]
    assert predecessors(nx.Graph([(0, 2), (1, 2), (1, 3)])) == [[-1], [-1], [0, 1], [1], [2, 3]]


def test_an_isolated_node_is_refused() -> None:
    graph = nx.path_graph(4)
    graph.add_node(4)
    with pytest.raises(ValueError, match=r"isolated nodes: \[4\].*draw the graph again"):
        predecessors(graph)
    loop = nx.path_graph(2)
    loop.add_edge(2, 2)
    with pytest.raises(ValueError, match=r"isolated nodes: \[2\]"):
        predecessors(loop)


def test_other_names_of_nodes_are_refused() -> None:
    with pytest.raises(ValueError, match="convert_node_labels_to_integers"):
        predecessors(nx.Graph([("a", "b")]))


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (partial(erdos_renyi, 5, p=0.0), "0 < p <= 1, got 0"),
        (partial(erdos_renyi, 1, p=0.5), "at least 2 nodes, got 1"),
        (partial(erdos_renyi, 40, p=0.001), "not one was connected"),
        (partial(barabasi_albert, 5, m=5), "1 <= m < nodes, got m = 5"),
        (partial(watts_strogatz, 8, k=3, p=0.5), "an even k"),
        (partial(watts_strogatz, 8, k=8, p=0.5), "k < nodes, got k = 8"),
        (partial(watts_strogatz, 8, k=4, p=1.5), "0 <= p <= 1, got 1.5"),
    ],
)
def test_impossible_models_are_refused(draw, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        draw(rng=make_rng(0))
