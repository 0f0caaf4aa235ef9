"""What a cell shows, collected from a kernel's messages and kept small."""

import contextlib
from typing import Any

from nbformat import NotebookNode, ValidationError
from nbformat.v4 import new_output, output_from_msg

KEPT = 100_000
"""Characters of text that are kept of a cell."""
LARGEST_PICTURE = 3_000_000


class Outputs:
    """The outputs of one cell. Its bytes are counted, also those that are not kept."""

    def __init__(self, limit: int) -> None:
        self.all: list[NotebookNode] = []
        self._limit, self._bytes, self._text, self._clear = limit, 0, 0, False

    def take(self, message: dict[str, Any]) -> bool:
        """Take a message of the kernel; whether it says that the cell is done."""
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status":
            return bool(content.get("execution_state") == "idle")
        if kind == "clear_output":
            self._clear = True
            if not content.get("wait"):
                self._clear_now()
        elif kind in ("stream", "display_data", "execute_result", "error"):
            self._clear_now()
            with contextlib.suppress(
                KeyError, ValueError, TypeError, AttributeError, ValidationError
            ):
                self._add(output_from_msg(message))  # a hand-in can send any message
        return False

    def too_much(self) -> str:
        """Why the cell must be interrupted, '' if it may go on."""
        over = self._bytes > self._limit
        return f"too much output: more than {self._limit / 10**6:g} MB" if over else ""

    def fail(self, name: str, value: str) -> None:
        """Add an error, so that no test that did not come to its end earns points."""
        self.all.append(
            new_output("error", ename=name, evalue=value, traceback=[f"{name}: {value}"])
        )

    def finish(self, reply: dict[str, Any], stopped: str) -> None:
        """Add the errors that are only in the kernel's reply, or that are not the kernel's."""
        failed = any(output.output_type == "error" for output in self.all)
        if stopped:
            self.fail("Stopped", stopped)
        elif reply.get("status") != "ok" and not failed:
            self.fail(str(reply.get("ename", "NoReply")), str(reply.get("evalue", ""))[:KEPT])

    def _clear_now(self) -> None:
        if self._clear:
            self.all, self._text, self._clear = [], 0, False

    def _add(self, output: NotebookNode) -> None:
        if output.output_type == "stream":
            output.text = self._cut(output.text)
            last = self.all[-1] if self.all else None
            if last and last.output_type == "stream" and last.name == output.name:
                last.text += output.text
            elif output.text:
                self.all.append(output)
            return
        if output.output_type == "error":
            output.evalue = self._cut(output.evalue)
            output.traceback = [self._cut(line) for line in output.traceback]
        else:
            output.data = NotebookNode({k: self._shown(v) for k, v in output.data.items()})
        self.all.append(output)

    def _shown(self, value: Any) -> Any:
        if not isinstance(value, str):
            self._bytes += len(repr(value))
            return value
        if value.isascii() and len(value) <= LARGEST_PICTURE and self._bytes <= self._limit:
            self._bytes += len(value)
            return value
        return self._cut(value)

    def _cut(self, text: str) -> str:
        """The part of a text that there is still room for."""
        text = text.encode("utf-8", "backslashreplace").decode()
        self._bytes += len(text)
        room = max(0, KEPT - self._text)
        self._text += len(text)
        return text if len(text) <= room else f"{text[:room]}... (cut off)" if room else ""
