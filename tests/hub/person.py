"""Somebody on a hub: logs in, starts a server, and does there what a browser would do."""

import asyncio
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

PATIENCE = 300
"""Seconds in which everything must have happened."""
_direct = build_opener(ProxyHandler({}))


def ask(url: str, body: Any = None, *, token: str = "", method: str = "") -> Any:
    """The answer's JSON, None if it is empty; a body is sent as JSON."""
    content = _answer(url, body, token, method)
    return json.loads(content) if content else None


def _answer(url: str, body: Any, token: str, method: str) -> bytes:
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    headers |= {"Authorization": f"token {token}"} if token else {}
    request = Request(url, sent, headers, method=method or None)
    with _direct.open(request, timeout=PATIENCE) as answer:
        return bytes(answer.read())


@dataclass(frozen=True)
class Person:
    """Somebody who is logged in."""

    hub: str
    name: str
    token: str

    @classmethod
    def logged_in(cls, hub: str, name: str, password: str) -> "Person":
        """HTTPError 403: the password is wrong."""
        who = {"auth": {"username": name, "password": password}}
        return cls(hub, name, ask(f"{hub}/hub/api/users/{name}/tokens", who)["token"])

    def start_server(self) -> None:
        """Start the own JupyterLab and wait for it."""
        user = f"{self.hub}/hub/api/users/{self.name}"
        ask(f"{user}/server", {}, token=self.token)
        end = time.monotonic() + PATIENCE
        while not ask(user, token=self.token)["servers"].get("", {}).get("ready"):
            assert time.monotonic() < end, f"the server of {self.name} does not start"
            time.sleep(0.5)

    def server(self, path: str, body: Any = None, method: str = "") -> Any:
        """What the own server answers."""
        return ask(self._url(path), body, token=self.token, method=method)

    def _url(self, path: str) -> str:
        return f"{self.hub}/user/{self.name}/{quote(path)}"

    def read(self, path: str) -> Any:
        """The content of a file (of a notebook: its JSON; of a folder: what is in it)."""
        return self.server(f"api/contents/{path}")["content"]

    def save(self, path: str, notebook: Any) -> None:
        """Save a notebook, as the editor does."""
        self.server(f"api/contents/{path}", {"type": "notebook", "content": notebook}, "PUT")

    def refused(self, path: str) -> int:
        """The status with which the own server refuses a page, 0 if it does not."""
        try:
            _answer(self._url(path), None, self.token, "")
        except HTTPError as error:
            return error.code
        return 0

    def types(self, command: str) -> tuple[int, str]:
        """Type a command into a terminal: its exit code, and what was on the screen."""
        with ThreadPoolExecutor(1) as thread:  # a browser test leaves its loop in this one
            return thread.submit(asyncio.run, self._types(command)).result()

    async def _types(self, command: str) -> tuple[int, str]:
        terminal = self.server("api/terminals", {})["name"]
        url = self._url(f"terminals/websocket/{terminal}").replace("http", "ws", 1)
        request = HTTPRequest(url, headers={"Authorization": f"token {self.token}"})
        screen = await websocket_connect(request)
        await screen.write_message(json.dumps(["stdin", f"{command}; echo end-$?-\r"]))
        shown = ""
        while not (end := re.search(r"end-(\d+)-", shown)):
            heard = await asyncio.wait_for(screen.read_message(), PATIENCE)
            assert heard is not None, f"the terminal was closed: {shown}"
            kind, *what = json.loads(heard)
            shown += what[0] if kind == "stdout" else ""
        screen.close()
        while await screen.read_message() is not None:
            pass  # until it is closed on both sides
        return int(end[1]), shown
