"""data/pruning_networks.npz: the chains that lecture and lab 07 prune, trained."""

from pathlib import Path

from course_lib.core.threads import one_thread
from course_lib.datasets import ImageTask, cluttered_digits
from course_lib.hardware.chain import Chain, chain_network
from course_lib.hardware.trained_chains import (
    CHAINS,
    FILE,
    SEEDS,
    SavedChain,
    read_chains,
    write_chains,
)
from course_lib.nas.training import accuracy, train, training_rng

EPOCHS = 24
"""After 8, as in digits201, these networks still learn: what fine-tuning gives would mislead."""


def trained(name: str, chain: Chain, task: ImageTask, seed: int, *, epochs: int) -> SavedChain:
    """Train one network; its weights are rounded to half precision before they are judged."""
    rng = training_rng(f"pruning {name}", seed)
    with one_thread():
        network = chain_network(chain, rng=rng)
        train(network, task, rng, epochs=epochs)
        network.load_state_dict(
            {entry: value.half().float() for entry, value in network.state_dict().items()}
        )
        right = accuracy(network, task.valid), accuracy(network, task.test)
    state = {
        entry: value
        for entry, value in network.state_dict().items()
        if not entry.endswith("num_batches_tracked")
    }
    return SavedChain(state, epochs, *right)


def main(file: Path = FILE, *, epochs: int = EPOCHS) -> None:
    """Train what the file lacks, or has with other epochs; each is safe when it is trained."""
    chains = read_chains(file)
    for name, chain in CHAINS.items():
        for seed in SEEDS[name]:
            if (name, seed) in chains and chains[name, seed].epochs == epochs:
                continue
            task = cluttered_digits(seed=seed)
            chains[name, seed] = trained(name, chain, task, seed, epochs=epochs)
            write_chains(chains, file)
            print(f"{name} {seed}: test accuracy {chains[name, seed].test_accuracy:.3f}")
    print(f"wrote {file}")
