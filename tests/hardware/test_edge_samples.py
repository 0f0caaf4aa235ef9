"""The file that look-up tables are made of: whole, by network, or refused."""

from pathlib import Path

import pytest
import torch

from course_lib.core import make_rng
from course_lib.hardware.edge_samples import (
    EVERY_EDGE,
    NONE,
    ONE_EDGE,
    SKIP,
    EdgeSamples,
    edge_archs,
    edges201,
    write_edges,
)
from course_lib.hardware.lookup import single_changes
from course_lib.nas.cells import CellSpace

SPACE = CellSpace()


@pytest.fixture
def samples() -> EdgeSamples:
    archs = edge_archs()
    seconds = torch.rand(2, 7, len(archs), generator=make_rng(0)).double()
    return EdgeSamples(("one", "other"), archs, seconds, "made up")


def test_the_references_are_what_they_are_called() -> None:
    assert set(SPACE.names(EVERY_EDGE)) == {"skip_connect"}
    assert [i for i, name in enumerate(SPACE.names(ONE_EDGE)) if name != "none"] == [3]
    assert (SPACE.operations[NONE], SPACE.operations[SKIP]) == ("none", "skip_connect")


def test_every_change_of_the_references_is_measured_once() -> None:
    forms = [SPACE.canonical(arch) for arch in edge_archs()]
    assert len(set(forms)) == len(forms)
    wanted = [*single_changes(EVERY_EDGE, 5), *single_changes(ONE_EDGE, 5)[16:21]]
    assert {SPACE.canonical(arch) for arch in wanted} == set(forms)


def test_samples_are_found_by_network(samples: EdgeSamples) -> None:
    """A convolution behind a skip connection is the convolution."""
    skip, conv = SKIP, SPACE.operations.index("nor_conv_3x3")
    direct = (NONE, NONE, NONE, conv, NONE, NONE)
    around = (skip, NONE, NONE, NONE, conv, NONE)
    both = samples.of("other", [direct, around])
    place = [SPACE.canonical(arch) for arch in samples.archs].index(SPACE.canonical(direct))
    assert torch.equal(both, samples.seconds[1][:, [place, place]])


def test_what_was_not_measured_is_named(samples: EdgeSamples) -> None:
    with pytest.raises(ValueError, match="expected one of one, other"):
        samples.of("phone", [ONE_EDGE])
    with pytest.raises(ValueError, match=r"nor_conv_3x3~0.* was not measured"):
        samples.of("one", [(3, 3, 3, 3, 3, 3)])


def test_the_file_keeps_everything(samples: EdgeSamples, tmp_path: Path) -> None:
    write_edges(samples, tmp_path / "edges.npz")
    again = edges201(tmp_path / "edges.npz")
    assert (again.devices, again.archs, again.about) == (
        samples.devices,
        samples.archs,
        samples.about,
    )
    assert torch.allclose(again.seconds, samples.seconds, rtol=1e-6)


def test_another_file_is_refused(samples: EdgeSamples, tmp_path: Path) -> None:
    path = tmp_path / "edges.npz"
    write_edges(samples, path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(ValueError, match="not a whole file of samples"):
        edges201(path)
    path.write_text("no")
    with pytest.raises(ValueError, match="not a whole file of samples"):
        edges201(path)
