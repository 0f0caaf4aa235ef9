import pytest

from course_lib.show.nas.costs import costs_info, plot_costs


def test_costs_are_compared_with_the_first() -> None:
    info = costs_info({"DARTS": [2.0, 4.0, 6.0], "GDAS": [1.0]}, "milliseconds per step")
    assert info.ratio("GDAS") == 0.25
    assert "GDAS 1 (0.25 of DARTS)" in info.describe()
    assert [text.get_text() for text in plot_costs(info).texts] == ["4", "1  (× 0.25)"]
    for wrong in ({}, {"a": []}, {"a": [0.0]}):
        with pytest.raises(ValueError, match="positive numbers"):
            costs_info(wrong, "s")
