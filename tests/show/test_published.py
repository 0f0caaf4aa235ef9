import csv

import numpy as np
import pytest
from matplotlib.figure import Figure

from course_lib.show.published import (
    RESULTS,
    plot_published,
    plot_published_points,
    published_info,
)
from course_lib.show.style import lecture_style

TABLES = ("cifar10_rl", "cifar10_weight_sharing", "cifar10_random_search", "imagenet_random_wiring")
ROWS = (*TABLES, "cifar10_nasbench201")


@pytest.mark.parametrize("table", ROWS)
def test_every_model_is_shown_best_first(table: str) -> None:
    info = published_info(table)
    errors = [row.shown for row in info.rows]
    assert errors == sorted(errors)
    assert all(row.model in info.describe() for row in info.rows)
    ticks = [tick.get_text() for tick in plot_published(info).get_yticklabels()]
    assert ticks == [row.model for row in info.rows]


def test_where_only_top_1_is_published_the_error_is_what_is_left_of_100() -> None:
    (row,) = (r for r in published_info("imagenet_random_wiring").rows if "RandWire" in r.model)
    assert (row.error, row.error_std) == pytest.approx((18.4, 0.13))


@pytest.mark.parametrize("table", TABLES)
def test_names_of_points_do_not_cover_each_other(table: str) -> None:
    info = published_info(table)
    with lecture_style():
        figure = Figure(figsize=(10, 5.5), layout="constrained")
        ax = plot_published_points(info, ax=figure.subplots())
        figure.draw_without_rendering()
        boxes = [text.get_window_extent() for text in ax.texts]
    assert len(boxes) == sum(not np.isnan(row.params_m) for row in info.rows)
    room = ax.get_window_extent()
    for index, box in enumerate(boxes):
        assert box.x0 >= room.x0 - 12
        assert box.x1 <= room.x1 + 12
        for other in boxes[:index]:
            width = min(box.x1, other.x1) - max(box.x0, other.x0)
            height = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert width <= 0 or height <= 4  # a hair's breadth of line spacing


def test_searched_models_are_told_from_designed_ones() -> None:
    info = published_info("cifar10_rl", searched=("NAS", "MetaQNN"))
    found = {row.model for row in info.rows if row.searched}
    assert found == {row.model for row in info.rows if row.model[:3] in {"NAS", "Met"}}
    assert plot_published(info).get_legend() is not None
    assert plot_published(published_info("cifar10_rl")).get_legend() is None


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="cifar10_rl"):
        published_info("cifar11")


def test_cost_is_drawn_for_the_rows_that_have_one() -> None:
    info = published_info("cifar10_weight_sharing", searched=("",), against="gpu_days")
    ax = plot_published_points(info)
    costs = {row.model: row.gpu_days for row in info.rows if row.gpu_days == row.gpu_days}
    assert {text.get_text() for text in ax.texts} == set(costs)
    assert sorted(line.get_xdata()[0] for line in ax.lines) == sorted(costs.values())
    assert all(f"{cost:g} GPU days" in info.describe() for cost in costs.values())


def test_where_only_an_accuracy_is_printed_the_error_is_what_it_lacks() -> None:
    info = published_info("imagenet_random_wiring", searched=("NASNet", "Amoeba", "PNASNet"))
    with RESULTS.open(encoding="utf-8", newline="") as file:
        records = {row["model"]: row for row in csv.DictReader(file) if row["table"] == info.table}
    assert len(info.rows) == len(records)
    for row in info.rows:
        assert row.error == pytest.approx(100 - float(records[row.model]["top1"]))
        assert row.flops_b == float(records[row.model]["flops_b"])
    spreads = [row.error_std for row in info.rows if not row.searched]
    assert spreads == [0.13]
    assert plot_published(info).get_xlabel().startswith("top-1 error, %")
    assert info.describe().startswith("Published top-1 errors")
    assert published_info("imagenet_autoaugment").error == "test error"


def test_the_legend_says_what_the_two_kinds_are_and_open_dots_are_the_best_of_several() -> None:
    kinds = "learns from what it has seen", "draws at random"
    info = published_info("cifar10_random_search", searched=("DARTS", "ENAS"), kinds=kinds)
    ax = plot_published_points(info)
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(kinds)
    faces = {
        line.get_ydata()[0]: line.get_markerfacecolor()
        for line in ax.lines
        if len(line.get_ydata())
    }
    for row in info.rows:
        assert (faces[row.shown] == "white") == np.isnan(row.error)
