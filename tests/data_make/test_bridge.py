"""A file of measurements is not replaced by one that holds less."""

import pytest

from data import FOLDER
from data.make import bridge


def test_a_machine_with_fewer_runtimes_replaces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    path = FOLDER / "recordings" / "bridge.json"
    before = path.read_bytes()
    eager = bridge.DEVICES[:1]
    monkeypatch.setattr(bridge, "present", lambda devices: list(eager))
    monkeypatch.setattr(bridge, "measured", lambda *_: pytest.fail("it measured"))
    with pytest.raises(ValueError, match=r"holds times on ONNX Runtime and .* machine lacks"):
        bridge.main()
    assert path.read_bytes() == before
