"""data/README.md says what the table holds, how it was trained and how it is made again."""

import re
from pathlib import Path

import pytest

from course_lib.nas.plan import Plan
from course_lib.nas.table import Table, digits201
from course_lib.nas.table_file import read_records
from data import FOLDER
from data.make.__main__ import main
from data.make.datasheet import numbers, renew

SHEET = (FOLDER / "README.md").read_text(encoding="utf-8")


def test_the_recipe_names_every_number_of_the_training() -> None:
    assert {"batch": 50, "learning_rate": 0.1, "momentum": 0.9, "weight_decay": 5e-4}.items() <= (
        Plan().recipe.items()
    )
    for said in ("8 epochs", "momentum 0.9", "batches of 50", "step size 0.1", "decay 0.0005"):
        assert said in " ".join(SHEET.split())


def test_it_is_up_to_date() -> None:
    assert numbers(digits201()) in SHEET


def test_its_numbers_come_from_the_table(whole: Path, tmp_path: Path) -> None:
    table = Table.from_records(read_records(whole / "digits201.npz"))
    path = tmp_path / "README.md"
    marks = (
        "<!-- numbers: python -m data.make datasheet -->",
        "<!-- end of numbers -->",
    )
    path.write_text(f"before\n{marks[0]}\nold\n{marks[1]}\nafter\n", encoding="utf-8")
    renew(path, table)
    assert (
        path.read_text(encoding="utf-8")
        == f"before\n{marks[0]}\n{numbers(table)}\n{marks[1]}\nafter\n"
    )
    renew(path, table)
    assert path.read_text(encoding="utf-8").count("distinct networks") == 1
    path.write_text("no marks", encoding="utf-8")
    with pytest.raises(ValueError, match="must hold the lines"):
        renew(path, table)


def test_it_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    told = set(re.findall(r"python -m data\.make (\w+)", SHEET))
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    assert stop.value.code == 0
    names = set(re.findall(r"^    (\w+)(?: |$)", capsys.readouterr().out, flags=re.M))
    assert told == names | {"NAME"}


def test_the_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["digits201", "--help"])
    assert stop.value.code == 0
    assert "--dask ADDRESS" in capsys.readouterr().out


def test_a_demo_that_does_not_exist_is_refused() -> None:
    with pytest.raises(SystemExit, match="no demo darst; there are controller"):
        main(["recordings", "darst"])
