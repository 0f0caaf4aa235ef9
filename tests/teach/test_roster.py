"""The roster: read as spreadsheets write it, and a mistake is named with its line."""

import pytest

from course_lib.teach.grade.roster import Member, read_roster

ADA, BOB = Member("ada", "Ada Lovelace", "A"), Member("bob", "Bob", "")


@pytest.mark.parametrize(
    "content",
    [
        b"id,name,section\nada,Ada Lovelace,A\nbob,Bob,\n",
        b"\xef\xbb\xbfName;ID;Section\r\nAda Lovelace;ada;A\r\nBob;bob;\r\n",
        b"id\tname\tsection\temail\nada\tAda Lovelace\tA\tx\nbob\tBob\n",
    ],
)
def test_every_separator_that_spreadsheets_write_is_read(tmp_path, content):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    assert read_roster(path) == {"ada": ADA, "bob": BOB}


def test_without_a_file_there_is_no_roster(tmp_path):
    assert read_roster(tmp_path / "roster.csv") is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "line 1: expected the columns id,name"),
        (b"student,name\nada,Ada\n", "line 1: expected the columns id,name"),
        (b"id,name\n", "holds no student"),
        (b"id,name\nada,Ada\nada,Ada\n", "line 3: ada stands there twice"),
        (b"id,name\nada,Ada\n../x,Bob\n", "line 3: '../x' is no id"),
        (b"id,name\nada,\n", "line 2: ada has no name"),
        (b"id,name\nada,Zo\xeb\n", "not UTF-8"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path, content, message):
    path = tmp_path / "roster.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_roster(path)
