"""Famous networks have the sizes that their papers say, and a file gives back its facts."""

import pytest
import torch

from course_lib.hardware import bridge as module
from course_lib.hardware.bridge import FAMOUS, Facts, bridge, facts, lenet, picture, write_bridge


def test_lenet_has_the_layers_of_its_paper():
    """C1: 156, C3 in full: 2,416, C5: 48,120, F6: 10,164, and an output of 850 parameters."""
    network = lenet()
    assert sum(p.numel() for p in network.parameters()) == 156 + 2_416 + 48_120 + 10_164 + 850
    assert network(torch.zeros(2, 1, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize(
    ("name", "parameters", "macs"),
    [("LeNet-5", 0.0617e6, 0.416e6), ("MobileNetV2", 3.5e6, 301e6)],
)
def test_counts_are_those_of_the_papers(name, parameters, macs):
    famous = next(each for each in FAMOUS if each.name == name)
    found = facts(famous, famous.build(), {})
    assert found.parameters == pytest.approx(parameters, rel=0.01)
    assert found.macs == pytest.approx(macs, rel=0.01)


def test_lenet_fits_a_microcontroller_and_mobilenet_only_larger_machines():
    found = {f.name: facts(f, f.build(), {}).models for f in FAMOUS if f.name[0] in "LM"}
    assert all(found["LeNet-5"].values())
    assert found["MobileNetV2"]["microcontroller"] is None
    assert found["MobileNetV2"]["phone"]


def test_a_picture_has_the_size_that_its_network_takes():
    assert [tuple(picture(each).shape[1:]) for each in FAMOUS] == [each.image for each in FAMOUS]


def test_a_file_gives_back_its_facts_and_a_damaged_one_says_so(tmp_path, monkeypatch):
    path = tmp_path / "bridge.json"
    monkeypatch.setattr(module, "find_data", lambda _: path)
    own = [Facts("a", 1998, 1, 2, 3, {"phone": None, "chip": 0.5}, {"eager": 0.25})]
    write_bridge(own, "an abacus", path)
    assert bridge() == own
    path.write_text(path.read_text()[:40])
    with pytest.raises(ValueError, match=r"bridge\.json is damaged"):
        bridge()
