"""What stops a start or a command, each said in one line that a person can act on."""

from __future__ import annotations

from pathlib import Path


class Refused(Exception):
    """A start or command that cannot go on. `str(error)` is one line without a traceback's help."""


class SettingsError(Refused):
    """A setting that is unknown, malformed or unreadable. Names the setting, never a secret's value."""


class HomeUnusable(Refused):
    """The home cannot be created, written to, or has too little room."""


class HomeInUse(Refused):
    """Another process owns the home and its engines."""

    def __init__(self, home: Path, pid: int | None) -> None:
        self.pid = pid
        owner = f"process {pid}" if pid else "another process"
        super().__init__(f"home {home} is in use by {owner}; stop it, or give --home another directory")


class EngineFailed(Refused):
    """An embedded engine did not start, or ended while it was needed."""


class PortInUse(Refused):
    """An address that the server was told to listen on is taken."""

    def __init__(self, address: str, setting: str) -> None:
        super().__init__(f"cannot listen on {address} (setting {setting}): the port is already in use")
