"""The trained chains are there, and are as good as they say."""

from pathlib import Path

import numpy as np
import pytest
import torch

from course_lib.datasets import cluttered_digits
from course_lib.hardware.trained_chains import (
    CHAINS,
    FILE,
    SEEDS,
    read_chains,
    trained_chain,
    write_chains,
)
from course_lib.nas.training import accuracy
from data.make.pruning_networks import EPOCHS


def test_every_seed_of_every_chain_is_in_the_file() -> None:
    assert set(read_chains()) == {(name, seed) for name in CHAINS for seed in SEEDS[name]}


@pytest.mark.parametrize(("name", "seed"), [("vgg", 2), ("unbalanced", 0), ("mobilenet", 1)])
def test_a_network_has_the_accuracy_that_it_says(name: str, seed: int) -> None:
    """Up to pictures that sit on the fence between two classes on another processor."""
    trained = trained_chain(name, seed)
    task = cluttered_digits(seed=seed, test=1)
    assert trained.chain == CHAINS[name]
    assert not trained.network.training
    assert accuracy(trained.network, task.valid) == pytest.approx(trained.valid_accuracy, abs=0.002)


def test_its_test_accuracy_is_that_of_the_test_pictures() -> None:
    trained, task = trained_chain("vgg", 3), cluttered_digits(seed=3)
    assert accuracy(trained.network, task.test) == pytest.approx(trained.test_accuracy, abs=0.002)


def test_all_were_trained_as_long_as_the_maker_says() -> None:
    assert {saved.epochs for saved in read_chains().values()} == {EPOCHS}, (
        "run python -m data.make pruning_networks"
    )


def test_all_have_learnt_and_no_two_are_the_same() -> None:
    chains = read_chains()
    assert min(saved.test_accuracy for saved in chains.values()) > 0.7
    first = [saved.state["0.0.weight"] for saved in chains.values()]
    assert len({tuple(weight.flatten().tolist()) for weight in first}) == len(chains)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    file = tmp_path / "networks.npz"
    some = {key: saved for key, saved in read_chains().items() if key[1] == 0}
    assert read_chains(file) == {}
    write_chains(some, file)
    again = read_chains(file)
    assert list(again) == list(some)
    for key, saved in some.items():
        assert again[key][1:] == saved[1:]
        for name, value in saved.state.items():
            assert torch.equal(again[key].state[name], value)
    with pytest.raises(ValueError, match="vgg with seeds 0, got 1"):
        trained_chain("vgg", 1, file=file)


def test_what_is_not_there_or_damaged_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no trained chain 'resnet': there are vgg, unbalanced"):
        trained_chain("resnet", 0)
    with pytest.raises(ValueError, match="got 99"):
        trained_chain("vgg", 99)
    file = tmp_path / "networks.npz"
    for content in (None, b"", FILE.read_bytes()[:1000]):
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(ValueError, match=r"python -m data\.make pruning_networks"):
            trained_chain("vgg", 0, file=file)
    np.savez(file, report=np.array('{"vgg/0": {"valid_accuracy": 1, "test_accuracy": 1}}'))
    with pytest.raises(ValueError, match=r"(?s)no usable networks .*Missing key"):
        trained_chain("vgg", 0, file=file)
