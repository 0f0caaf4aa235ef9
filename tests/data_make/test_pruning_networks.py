"""data/pruning_networks.npz: each network is safe when it is trained, none is trained twice."""

from pathlib import Path

import pytest
import torch

from course_lib.datasets import cluttered_digits
from course_lib.hardware.chain import vgg
from course_lib.hardware.trained_chains import read_chains, trained_chain
from data.make import pruning_networks

TINY = {"vgg": vgg((2, 2)), "unbalanced": vgg((1, 3))}
TASK = cluttered_digits(train=50, valid=20, test=20)


@pytest.fixture(autouse=True)
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("data.make.pruning_networks", "course_lib.hardware.trained_chains"):
        monkeypatch.setattr(f"{module}.CHAINS", TINY)
    monkeypatch.setattr("data.make.pruning_networks.SEEDS", {"vgg": range(2), "unbalanced": [0]})
    monkeypatch.setattr("data.make.pruning_networks.cluttered_digits", lambda seed: TASK)


def test_a_killed_maker_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, file = tmp_path / "whole.npz", tmp_path / "killed.npz"
    pruning_networks.main(whole, epochs=1)
    real = pruning_networks.trained
    calls = []

    def killed(*given: object, **named: object) -> object:
        calls.append(given)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*given, **named)

    monkeypatch.setattr("data.make.pruning_networks.trained", killed)
    with pytest.raises(KeyboardInterrupt):
        pruning_networks.main(file, epochs=1)
    assert set(read_chains(file)) == {("vgg", 0)}
    pruning_networks.main(file, epochs=1)
    assert len(calls) == 4
    expected, found = read_chains(whole), read_chains(file)
    assert list(found) == list(expected) == [("vgg", 0), ("vgg", 1), ("unbalanced", 0)]
    for key, saved in expected.items():
        assert found[key][1:] == saved[1:]
        assert all(torch.equal(found[key].state[n], v) for n, v in saved.state.items())


def test_the_accuracies_are_those_of_the_weights_as_stored(tmp_path: Path) -> None:
    file = tmp_path / "networks.npz"
    pruning_networks.main(file, epochs=1)
    trained = trained_chain("vgg", 1, file=file)
    assert pruning_networks.accuracy(trained.network, TASK.test) == trained.test_accuracy
    assert pruning_networks.accuracy(trained.network, TASK.valid) == trained.valid_accuracy


def test_networks_of_another_length_of_training_are_trained_anew(tmp_path: Path) -> None:
    file = tmp_path / "networks.npz"
    pruning_networks.main(file, epochs=1)
    before = read_chains(file)
    pruning_networks.main(file, epochs=2)
    for key, saved in read_chains(file).items():
        assert (before[key].epochs, saved.epochs) == (1, 2)
        assert not torch.equal(saved.state["0.0.weight"], before[key].state["0.0.weight"])
