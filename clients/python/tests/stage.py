"""A daemon for the tests, and what a tree holds open for as long as one of it lives."""

from __future__ import annotations

import atexit
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from typing import Dict, List

SOURCE = Path(__file__).resolve().parents[1] / "src"
REPOSITORY = SOURCE.parents[2]


def _home() -> Path:
    given = os.environ.get("HANDFAST_HOME")
    if given is not None:
        return Path(given)
    home = tempfile.mkdtemp(prefix="handfast-python-")
    os.environ["HANDFAST_HOME"] = home

    def end() -> None:
        subprocess.run(["handfast", "daemon", "stop"], stdout=subprocess.DEVNULL, check=True)
        shutil.rmtree(home)

    atexit.register(end)
    return Path(home)


HOME = _home()
ENV: Dict[str, str] = {"PATH": "/usr/bin:/bin"}
_names = iter(range(1_000_000))


def fresh(what: str) -> str:
    """A name that nobody else has."""
    return f"{what}-{os.getpid()}-{next(_names)}"


def sh(script: str) -> List[str]:
    """A script."""
    return ["/bin/sh", "-c", script]


class Fifo:
    """A pipe by name."""

    def __init__(self) -> None:
        self.path = HOME / fresh("fifo")
        os.mkfifo(self.path)

    def tree(self) -> str:
        """A script whose tree holds it: its leader waits for a child that is deaf to requests to end."""
        return f"exec 9>{self.path}; (trap '' TERM; while :; do sleep 1000; done) & wait"

    def held(self) -> Held:
        """Waits until somebody holds it."""
        return Held(os.open(self.path, os.O_RDONLY))


class Held:
    """A pipe that somebody holds."""

    def __init__(self, file: int) -> None:
        self._file = file

    def ended(self) -> None:
        """Waits until nobody does any more."""
        while os.read(self._file, 4096):
            pass
        os.close(self._file)

    def is_held(self) -> bool:
        """Whether somebody still does, now."""
        poll = select.poll()
        poll.register(self._file, select.POLLIN)
        return not poll.poll(0)


def program(test: unittest.TestCase, script: str, *arguments: object) -> "subprocess.Popen[str]":
    """A program in this language that finds the client and the daemon; it ends with its test."""
    started = subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )

    def end() -> None:
        try:
            os.killpg(started.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        started.wait()
        for pipe in (started.stdin, started.stdout):
            if pipe is not None:
                pipe.close()

    test.addCleanup(end)
    return started
