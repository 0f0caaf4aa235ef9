"""What the files around the package promise: versions, packaging, documents, published figures."""

import ast
import csv
import importlib
import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "INSTRUCTORS.md")


def requirements() -> list[Requirement]:
    project = PROJECT["project"]
    extras = project["optional-dependencies"].values()
    lines = [*project["dependencies"], *(line for extra in extras for line in extra)]
    return [Requirement(line) for line in lines]


def devices() -> set[str]:
    """The runtimes that a table of latencies can do without."""
    lines = PROJECT["project"]["optional-dependencies"]["devices"]
    return {Requirement(line).name for line in lines}


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pairs}


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_every_dependency_has_a_pin_inside_its_range(requirement: Requirement) -> None:
    pin = pins().get(canonicalize_name(requirement.name))
    assert pin, f"{requirement.name} has no line in constraints.txt"
    assert requirement.specifier.contains(pin), f"{requirement} excludes its own pin {pin}"


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_the_tests_run_with_the_pinned_versions(requirement: Requirement) -> None:
    """`2.14.1+cpu` counts as 2.14.1: PyTorch's CPU wheels are welcome."""
    if requirement.name in devices() and not find_spec(requirement.name):
        pytest.skip(
            f'{requirement.name} is for those who ask: pip install "automl-course[devices]"'
        )
    pin = pins()[canonicalize_name(requirement.name)]
    installed = metadata.version(requirement.name)
    assert SpecifierSet(f"=={pin}").contains(installed, prereleases=True), (
        f"{requirement.name} {installed} is installed, constraints.txt says {pin}: run `make setup`"
    )


def test_every_pin_runs_on_the_oldest_python_that_the_course_promises() -> None:
    """Debian's Python 3.11 is 3.11.2: a pin that needs a later patch would stop the set-up."""
    oldest = PROJECT["project"]["requires-python"].removeprefix(">=") + ".0"
    needs = {name: metadata.metadata(name).get("Requires-Python") for name in installed_pins()}
    assert not {
        n: need for n, need in needs.items() if not SpecifierSet(need or "").contains(oldest)
    }


def installed_pins() -> set[str]:
    """Pins for other systems are not installed here."""
    here = {canonicalize_name(one.metadata["Name"]) for one in metadata.distributions()}
    found = here & pins().keys()
    assert len(found) > 100
    return found


def imported(folders: Iterable[str]) -> set[str]:
    """The distributions whose modules the files in these folders import."""
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    nodes = [n for f in files for n in ast.walk(ast.parse(f.read_text(encoding="utf-8")))]
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += [n.module for n in nodes if isinstance(n, ast.ImportFrom) and n.module and not n.level]
    owners = metadata.packages_distributions()
    return {canonicalize_name(d) for name in names for d in owners.get(name.split(".")[0], ())}


@pytest.mark.parametrize(
    ("folders", "extras"),
    [
        (("course_lib", "lectures", "solutions"), False),
        (("bench", "claims", "data", "tests"), True),
    ],
)
def test_every_package_that_is_imported_is_declared(folders: tuple[str, ...], extras: bool) -> None:
    """The course itself may use nothing of the extras but Dask and devices; all else may.

    xautodl, beside which `bench` measures, asks for a numpy of 2020: who wants it installs it.
    """
    asked_for = PROJECT["project"]["optional-dependencies"]["dask"]
    lines = [*PROJECT["project"]["dependencies"], *asked_for]
    students = {Requirement(line).name for line in lines} | devices()
    everybodys = {requirement.name for requirement in requirements()}
    declared = everybodys | {"xautodl"} if extras else students
    assert imported(folders) <= {canonicalize_name(name) for name in declared | {"automl-course"}}


def test_constraints_bind_no_cuda_build() -> None:
    """Otherwise the CPU wheels, which need none of these, would drag a gigabyte behind them."""
    assert not [name for name in pins() if name.startswith(("nvidia-", "cuda-", "triton"))]


def test_conda_installs_what_pip_installs_and_nothing_else() -> None:
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))[
        "dependencies"
    ]
    assert dependencies[1:] == ["pip", {"pip": ["-c constraints.txt", "-e ."]}]
    python, version = dependencies[0].split("=")
    assert python == "python"
    assert SpecifierSet(PROJECT["project"]["requires-python"]).contains(version)


def test_a_wheel_would_carry_every_file_of_the_package() -> None:
    package = ROOT / "course_lib"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["course_lib"]
    carried = {path for pattern in patterns for path in package.glob(pattern)}
    files = {p for p in package.rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    assert {path for path in files if path.suffix != ".py"} <= carried
    folders = {path.parent for path in files if path.suffix == ".py"}
    assert all((folder / "__init__.py").exists() for folder in folders)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_make_target_in_the_documents_exists(document: str) -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.M)
    )
    told = set(
        re.findall(
            r"(?:`|^)make ([a-z-]+)", (ROOT / document).read_text(encoding="utf-8"), flags=re.M
        )
    )
    assert told, f"{document} names no command"
    assert told <= targets


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_the_documents_link_to_exists(document: str) -> None:
    links = re.findall(r"\]\(([^)#]+)", (ROOT / document).read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local, f"{document} links to no file"
    assert [link for link in local if not (ROOT / link).exists()] == []


def library_page() -> list[tuple[str, list[str]]]:
    """(module, names) of each row of the README's library page that names a real module."""
    rows = re.findall(
        r"^\| `(course_lib[.\w]*)` \| (.+) \|$",
        (ROOT / "README.md").read_text(encoding="utf-8"),
        re.M,
    )
    real = [(module, cell) for module, cell in rows if "NN" not in module and "{" not in cell]
    return [(module, re.findall(r"`(\w+)[^`]*`", cell)) for module, cell in real]


@pytest.mark.parametrize(("module", "names"), library_page(), ids=lambda part: str(part)[:40])
def test_the_library_page_names_what_exists(module: str, names: list[str]) -> None:
    """A name is the module's own or that of a member of one of its classes."""
    owner = importlib.import_module(module)
    classes = [value for value in vars(owner).values() if isinstance(value, type)]
    missing = [name for name in names if not any(hasattr(o, name) for o in (owner, *classes))]
    assert names
    assert missing == []


def test_the_code_in_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    blocks = re.findall(
        r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S
    )
    assert blocks
    for block in blocks:
        exec(block, {})
    assert "|nor_conv_" in capsys.readouterr().out


def published() -> list[dict[str, str]]:
    with (ROOT / "data/published_results.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


TEXT = {"table", "model", "source", "note"}
PERCENT = {"error", "error_best", "top1", "top5"}


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['table']}: {row['model']}")
def test_a_published_row_is_whole(row: dict[str, str]) -> None:
    numbers = {name: float(text) for name, text in row.items() if text and name not in TEXT}
    assert row["table"]
    assert row["model"]
    assert "slide" in row["source"], "name the paper and the slide"
    assert 2010 <= numbers["year"] <= 2021, "the lecture was held in 2021"
    assert PERCENT & numbers.keys(), "a row without a result"
    assert all(0 < numbers[name] < 100 for name in PERCENT & numbers.keys())
    assert all(number > 0 for number in numbers.values())
    for name in [name for name in numbers if name.endswith("_std")]:
        assert numbers[name] < 0.1 * numbers[name.removesuffix("_std")]
    if {"error", "top1"} <= numbers.keys():
        assert numbers["error"] == pytest.approx(100 - numbers["top1"])
    if {"error", "error_best"} <= numbers.keys():
        assert numbers["error_best"] < numbers["error"]
    if {"top1", "top5"} <= numbers.keys():
        assert numbers["top1"] < numbers["top5"]


def test_no_model_stands_twice_in_a_table() -> None:
    names = [(row["table"], row["model"]) for row in published()]
    assert len(names) == len(set(names))


def best(table: str, column: str, *words: str) -> float:
    """The best entry of a column among the models whose name has one of the words."""
    rows = [row for row in published() if row["table"] == table and row[column]]
    numbers = [float(row[column]) for row in rows if any(word in row["model"] for word in words)]
    return max(numbers) if column == "top1" else min(numbers)


def test_searched_networks_are_comparable_to_those_made_by_hand() -> None:
    """What the slide says beside the CIFAR-10 table, within a quarter of a point."""
    by_hand = best("cifar10_rl", "error", "ResNet", "DenseNet")
    assert best("cifar10_rl", "error", "NAS", "MetaQNN") == pytest.approx(by_hand, abs=0.25)


def test_random_wiring_is_1_3_points_behind_the_best_search() -> None:
    searched = best("imagenet_random_wiring", "top1", "NASNet", "Amoeba")
    gap = searched - best("imagenet_random_wiring", "top1", "RandWire")
    assert gap == pytest.approx(1.3)


def test_efficientnet_has_5_times_fewer_parameters_and_13_times_fewer_operations() -> None:
    for column, times in (("params_m", 5), ("flops_b", 13)):
        ratio = best("imagenet_efficientnet", column, "Inception") / best(
            "imagenet_efficientnet", column, "EfficientNet"
        )
        assert ratio == pytest.approx(times, rel=0.05)
