"""The answers that classes are made of run by themselves and are worth what they must be."""

import pytest

from course_lib.teach.places import labs
from tests.classes.banks import bank
from tests.classes.oracle import oracle_of
from tests.teach.whole_class import ROOT

LAB = "lab05_random_search"


@pytest.mark.parametrize("lab", [lab.name for lab in labs(ROOT)])
def test_every_answer_defines_its_function_and_nothing_else(lab):
    for exercise, answers in bank(lab).items():
        assert answers[0].kind == "right"
        for answer in (one for one in answers if "_room()" in one.source):
            names = {}
            exec(answer.source, names)
            assert names.keys() - {"__builtins__"} == {"_room", exercise}


def test_right_answers_earn_all_points_and_wrong_ones_fewer():
    oracle = oracle_of(LAB)
    for exercise, answers in bank(LAB).items():
        if exercise == "challenge":
            continue
        most = oracle.tests[f"{exercise}_test"]
        for answer in (answers[0], answers[1], answers[-4], *answers[-3:]):
            points = oracle.points(exercise, answer.source)
            assert (points == most) == (answer.kind == "right"), answer.source
