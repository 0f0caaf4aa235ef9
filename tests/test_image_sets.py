"""torchvision's sets, read from small files in their own formats."""

import gzip
import hashlib
import pickle
import struct
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import savemat

from course_lib.datasets import image_task

OWN = 40

SPLITS = ("train", "valid", "test")
HELD = 12


def pixels(count: int, *shape: int) -> np.ndarray:
    """Pictures that differ from each other: the number of each is written in its corner."""
    made = np.random.default_rng(count).integers(0, 200, (count, *shape), dtype=np.uint8)
    made.reshape(count, -1)[:, 0] = np.arange(count) + (200 if count == HELD else 0)
    return made


def labels(count: int, classes: int) -> list[int]:
    return [i % classes for i in range(count)]


def write_cifar(root: Path, monkeypatch, kind, *, key: str, names: str, classes: int) -> None:
    """Pickles of flat rows, red then green then blue, with the digests that torchvision checks."""
    folder = root / kind.base_folder
    folder.mkdir()

    def write(name: str, content: dict) -> str:
        data = pickle.dumps(content)
        (folder / name).write_bytes(data)
        return hashlib.md5(data).hexdigest()

    rows = pixels(OWN, 3 * 32 * 32)
    parts = np.array_split(np.arange(OWN), len(kind.train_list))
    train_list = [
        [name, write(name, {"data": rows[own], key: [i % classes for i in own.tolist()]})]
        for (name, _), own in zip(kind.train_list, parts, strict=True)
    ]
    test_rows = {"data": pixels(HELD, 3 * 32 * 32), key: labels(HELD, classes)}
    test_list = [[name, write(name, test_rows)] for name, _ in kind.test_list]
    digest = write(kind.meta["filename"], {names: [f"class {i}" for i in range(classes)]})
    # digests of the real files cannot fit these: the digests are replaced, the check stays
    monkeypatch.setattr(kind, "train_list", train_list)
    monkeypatch.setattr(kind, "test_list", test_list)
    monkeypatch.setattr(kind, "meta", {**kind.meta, "md5": digest})


def write_idx(root: Path, kind: str) -> None:
    """Big-endian idx files: magic number, sizes, bytes."""
    folder = root / kind / "raw"
    folder.mkdir(parents=True)
    for part, count in (("train", OWN), ("t10k", HELD)):
        images = struct.pack(">IIII", 0x803, count, 28, 28) + pixels(count, 28, 28).tobytes()
        numbers = struct.pack(">II", 0x801, count) + bytes(labels(count, 10))
        (folder / f"{part}-images-idx3-ubyte").write_bytes(images)
        (folder / f"{part}-labels-idx1-ubyte").write_bytes(numbers)
        (folder / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(numbers))


def write_svhn(root: Path, monkeypatch, kind) -> None:
    """Matlab files of (rows, columns, channels, n); the digit 0 is labelled 10."""
    split_list = {}
    for split, count in (("train", OWN), ("test", HELD)):
        url, name, _ = kind.split_list[split]
        made = pixels(count, 3, 32, 32).transpose(2, 3, 1, 0)
        digit = np.array([i or 10 for i in labels(count, 10)])[:, None]
        savemat(root / name, {"X": made, "y": digit})
        split_list[split] = [url, name, hashlib.md5((root / name).read_bytes()).hexdigest()]
    monkeypatch.setattr(kind, "split_list", split_list)


FORMS = {
    "cifar10": (3, 32, 10),
    "cifar100": (3, 32, 100),
    "fashionmnist": (1, 28, 10),
    "kmnist": (1, 28, 10),
    "mnist": (1, 28, 10),
    "svhn": (3, 32, 10),
}


@pytest.fixture(params=FORMS)
def written(request, tmp_path, monkeypatch):
    """A set's name and the folder in which its files were written."""
    from torchvision import datasets

    name = request.param
    if name == "cifar10":
        write_cifar(
            tmp_path, monkeypatch, datasets.CIFAR10, key="labels", names="label_names", classes=10
        )
    elif name == "cifar100":
        write_cifar(
            tmp_path,
            monkeypatch,
            datasets.CIFAR100,
            key="fine_labels",
            names="fine_label_names",
            classes=100,
        )
    elif name == "svhn":
        write_svhn(tmp_path, monkeypatch, datasets.SVHN)
    else:
        kind = {"fashionmnist": "FashionMNIST", "kmnist": "KMNIST", "mnist": "MNIST"}[name]
        write_idx(tmp_path, kind)
    return name, tmp_path


def expected_pixels(name: str, count: int) -> torch.Tensor:
    channels, side, _ = FORMS[name]
    shape = {1: (side, side), 3: (3, side, side)}[channels]
    if name.startswith("cifar"):
        shape = (3 * side * side,)
    return torch.from_numpy(pixels(count, *shape)).reshape(count, channels, side, side).float()


def test_sets_are_read_as_they_were_written(written):
    """Undo the standardisation by least squares: each picture is one that was written, once."""
    name, root = written
    task = image_task(name, root=root, train=20, valid=15)
    channels, side, classes = FORMS[name]
    assert len(task.classes) == classes
    originals = {"train": expected_pixels(name, OWN), "test": expected_pixels(name, HELD)}
    originals["valid"] = originals["train"]
    found = {}
    for split, count in zip(SPLITS, (20, 15, HELD), strict=True):
        images = getattr(task, split)
        assert images.x.shape == (count, channels, side, side)
        assert images.x.dtype == torch.float32
        assert images.y.dtype == torch.int64
        pictures = originals[split]
        chosen = [nearest(x, pictures) for x in images.x]
        assert images.y.tolist() == [i % classes for i in chosen]
        found[split] = set(chosen)
        assert images.index.tolist() == [i + (OWN if split == "test" else 0) for i in chosen]
        assert len(found[split]) == count, "no picture twice"
    assert found["train"].isdisjoint(found["valid"])
    mine = originals["train"][sorted(found["train"])]
    mean, deviation = mine.mean((0, 2, 3)), mine.std((0, 2, 3))
    whole = (originals["test"] - mean[:, None, None]) / deviation[:, None, None]
    order = [nearest(x, originals["test"]) for x in task.test.x]
    torch.testing.assert_close(task.test.x, whole[order], atol=1e-4, rtol=1e-4)


def nearest(x: torch.Tensor, pictures: torch.Tensor) -> int:
    """The picture of which x is a rescaled copy, channel by channel."""
    flat, bank = x.flatten(1), pictures.flatten(2)
    flat = (flat - flat.mean(1, keepdim=True)) / flat.std(1, keepdim=True)
    bank = (bank - bank.mean(2, keepdim=True)) / bank.std(2, keepdim=True)
    distance = (bank - flat).abs().amax((1, 2))
    assert distance.min() < 1e-3
    return int(distance.argmin())


def test_all_pictures_are_used_unless_told_otherwise(written):
    name, root = written
    task = image_task(name, root=root, valid=10)
    assert [len(getattr(task, split)) for split in SPLITS] == [OWN - 10, 10, HELD]
    again = image_task(name, root=root, valid=10)
    assert torch.equal(task.train.x, again.train.x)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ({"train": 35, "valid": 6}, "has 40 training pictures for train and valid together"),
        ({"valid": 10, "test": 13}, "12 for test, too few"),
        ({}, "every split needs at least one picture, got .*'valid': 5000"),
        ({"valid": 0}, "every split needs at least one picture"),
        ({"valid": 10, "train": -1}, "every split needs at least one picture"),
    ],
)
def test_counts_that_do_not_fit_are_refused(tmp_path, counts, message):
    write_idx(tmp_path, "FashionMNIST")
    with pytest.raises(ValueError, match=message):
        image_task("fashionmnist", root=tmp_path, **counts)


@pytest.mark.parametrize("name", FORMS)
def test_absent_files_say_how_to_get_them(name, tmp_path):
    with pytest.raises(FileNotFoundError, match=r"download=True.* fetches.*cluttered_digits"):
        image_task(name, root=tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_the_default_folder_is_the_course_s_wherever_a_notebook_stands(tmp_path, monkeypatch):
    asked = []

    def absent(root, **_):
        asked.append(Path(root))
        raise RuntimeError("not found")

    monkeypatch.setattr("torchvision.datasets.KMNIST", absent)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError):
        image_task("kmnist")
    assert asked == [Path(__file__).parents[1] / "data" / "torchvision"]


def test_a_damaged_file_is_noticed(written):
    name, root = written
    largest = max(
        (path for path in root.rglob("*") if path.is_file()), key=lambda p: p.stat().st_size
    )
    largest.write_bytes(largest.read_bytes()[:-7])
    with pytest.raises(FileNotFoundError, match="or are damaged"):
        image_task(name, root=root, valid=10)


def test_a_misspelt_name_is_corrected():
    with pytest.raises(ValueError, match=r"unknown set 'CIFAR-10'.*did you mean 'cifar10'"):
        image_task("CIFAR-10")
    with pytest.raises(ValueError, match="expected one of cifar10, cifar100"):
        image_task("imagenet21k")
