"""The terminals of somebody who follows a page: commands run as they stand there, servers until the page is over."""

from __future__ import annotations

import asyncio
import io
import os
import shlex
import socket
import subprocess
import sys
from contextlib import ExitStack, redirect_stderr, redirect_stdout
from pathlib import Path
from types import TracebackType

import httpx
import pytest

from runtime.cli import run
from tests.storefront.people import Person

SERVERS = ("marquee serve", "marquee sandbox stripe", "marquee sandbox btcpay")
READY = ("ready", '{"pid"')
NEWS_SECONDS = 15
PLATFORM = Path(__file__).parents[2] / "platform"


class Terminal:
    """`folder` stands for /etc and the working directory; free ports stand for those of the page.

    What differs from the page is put into its commands, and taken out of what they print.
    """

    def __init__(self, folder: Path, environ: pytest.MonkeyPatch) -> None:
        self._folder = folder
        self._environ = environ
        self._servers: dict[str, subprocess.Popen[str]] = {}
        self._stack = ExitStack()
        self._settings = folder / "marquee.toml"
        self._settings.touch()
        (folder / "marquee").mkdir()
        self._here = {f":{port}": f":{_free_port()}" for port in (8080, 4242, 23000)}
        self._here["/etc/marquee"] = str(folder / "marquee")
        self._names: dict[str, str] = {}
        environ.setenv("MARQUEE_LISTEN", f"127.0.0.1{self._here[':8080']}")
        environ.setenv("MARQUEE_INTERNAL__LISTEN", f"127.0.0.1:{_free_port()}")
        environ.chdir(folder)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for name in list(self._servers):
            self._stop(name)

    def settle(self, text: str) -> None:
        """Add this to the settings file."""
        with self._settings.open("a") as file:
            file.write(self._there(text) + "\n")

    def buy(self, site: str, length: str) -> None:
        """Buy premium on a page of the site, and pay at the stand-in."""
        page = asyncio.run(_page_to_pay_on(f"http://127.0.0.1{self._here[':8080']}", site, f"{length}ly"))
        _said(["sandbox", "pay", page])

    def know(self, shown: list[str], printed: list[str]) -> None:
        """What was made up while the page was written is called this here."""
        if len(shown) == len(printed):
            self._names |= dict(zip(shown, printed, strict=True))

    def type(self, typed: str) -> tuple[str, ...]:
        """Run it; the lines that it prints, on standard output and beside."""
        words = self._there(typed.replace("\\\n", " "))
        server = next((each for each in SERVERS if typed.startswith(each)), None)
        if server is not None:
            said = self._serve(server, shlex.split(words))
        elif typed.startswith("export "):
            name, _, value = shlex.split(words)[1].partition("=")
            self._environ.setenv(name, value)
            said = ""
        elif typed.startswith("marquee "):
            said = _said(shlex.split(words)[1:])
        else:
            said = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True).stdout
        return tuple(line.rstrip() for line in self._back(said).splitlines())

    def _serve(self, name: str, words: list[str]) -> str:
        self._stop(name)
        port = self._here.get({"stripe": ":4242", "btcpay": ":23000"}.get(words[-1], ""))
        command = [*words[1:], *(["--port", port[1:]] if port else [])]
        process = subprocess.Popen(
            [sys.executable, "-c", "from runtime.cli import main; main()", *command],
            env={**os.environ, "PYTHONPATH": str(PLATFORM)},
            stdout=subprocess.PIPE,
            stderr=(self._folder / f"{name.split()[-1]}.log").open("w"),
            text=True,
        )
        self._servers[name] = process
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith(READY):
                return "".join(lines)
        raise AssertionError(f"{name} ended: {(self._folder / f'{name.split()[-1]}.log').read_text()}")

    def _stop(self, name: str) -> None:
        process = self._servers.pop(name, None)
        if process is not None:
            process.terminate()
            process.communicate(timeout=30)

    def _there(self, text: str) -> str:
        for shown, here in {**self._here, **self._names}.items():
            text = text.replace(shown, here)
        return text

    def _back(self, text: str) -> str:
        for shown, here in self._here.items():
            text = text.replace(here, shown)
        return text


def _said(arguments: list[str]) -> str:
    both = io.StringIO()
    with redirect_stdout(both), redirect_stderr(both):
        run(arguments)
    return both.getvalue()


async def _page_to_pay_on(server: str, site: str, plan: str) -> str:
    async with httpx.AsyncClient(base_url=server, headers={"host": site}) as client:
        viewer = Person(client)
        await viewer("POST", "/api/v1/referral")
        assert (await viewer.submit("/account/recovery-code", sure="yes")).status_code == 200
        order = {"plan": plan, "gateway": "stripe"}
        # The site hears within a second that it sells premium.
        async with asyncio.timeout(NEWS_SECONDS):
            while not (begun := await viewer("POST", "/api/v1/membership/purchases", json=order)).is_success:
                await asyncio.sleep(0.3)
        return str(begun.json()["url"])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
