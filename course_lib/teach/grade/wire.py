"""Jupyter's messages to and from one kernel, over sockets that are files."""

import json
import secrets
import time
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.connect import write_connection_file
from jupyter_client.session import Session

_LARGEST_MESSAGE = 10**9
Message = dict[str, Any]


class Wire:
    """Sends requests and receives what the kernel says.

    folder: of the sockets, with a short path. Little is queued, and a message beyond 1 GB is
    refused: a hand-in that floods its kernel's output floods nobody else's memory.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "connection.json"
        key = secrets.token_hex(16).encode()
        write_connection_file(str(self.file), transport="ipc", ip=str(folder / "s"), key=key)
        told = json.loads(self.file.read_bytes())
        self._session = Session(key=key)
        self._context = zmq.Context()
        self._context.setsockopt(zmq.LINGER, 0)
        self._context.setsockopt(zmq.RCVHWM, 10)
        self._context.setsockopt(zmq.MAXMSGSIZE, _LARGEST_MESSAGE)
        self._shell, self._control, self._output = (
            self._socket(kind, f"{told['ip']}-{told[port]}")
            for kind, port in (
                (zmq.DEALER, "shell_port"),
                (zmq.DEALER, "control_port"),
                (zmq.SUB, "iopub_port"),
            )
        )
        self._output.setsockopt(zmq.SUBSCRIBE, b"")

    def _socket(self, kind: int, address: str) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        socket.connect(f"ipc://{address}")
        return socket

    def close(self) -> None:
        """Close all sockets."""
        self._context.destroy(linger=0)

    def ask(self, kind: str, **content: Any) -> str:
        """Send a request on the shell channel and return the id of its message."""
        message = self._session.msg(kind, content)
        self._session.send(self._shell, message)
        return str(message["header"]["msg_id"])

    def execute(self, source: str) -> str:
        """Ask the kernel to run a cell."""
        return self.ask(
            "execute_request",
            code=source,
            silent=False,
            store_history=True,
            user_expressions={},
            allow_stdin=False,
            stop_on_error=False,
        )

    def interrupt(self) -> None:
        """Ask the kernel to interrupt the cell that runs."""
        self._session.send(self._control, "interrupt_request", {})

    def output(self, asked: str, seconds: float) -> Message | None:
        """The next message about this request that the kernel publishes, None if none comes."""
        return self._receive(self._output, asked, seconds)

    def reply(self, asked: str, seconds: float) -> Message | None:
        """The kernel's reply to this request, None if it does not come in time."""
        return self._receive(self._shell, asked, seconds)

    def _receive(self, socket: zmq.Socket[bytes], asked: str, seconds: float) -> Message | None:
        end = time.monotonic() + seconds
        while socket.poll(max(0, int(1000 * (end - time.monotonic())))):
            try:
                _, message = self._session.recv(socket)
            except Exception:  # a hand-in can send whatever it likes
                continue
            if message and message["parent_header"].get("msg_id") == asked:
                return dict(message)
            if time.monotonic() > end:
                break
        return None
