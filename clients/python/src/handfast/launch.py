"""Starting the daemon where there is none, and what a session begins with."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Optional, Union

from .errors import Closed, HandfastError, NotAllowed, NotReached
from .place import Place
from .talk import hello

__all__ = ["ATTEMPTS", "Wanted"]

ATTEMPTS = 8
"""How often somebody may turn out to be leaving just when they were reached."""

_PATIENCE = 90.0
"""For how many seconds `handfast daemon start` is waited for; it has 60 for itself."""


@dataclass(frozen=True)
class Wanted:
    """Which session is wanted, and how it is come by."""

    place: Place
    program: Union[str, "os.PathLike[str]"] = "handfast"
    start: bool = True
    as_user: bool = True
    token: Optional[str] = None
    client_name: str = "handfast-python"
    resume_session_id: Optional[str] = None
    resume_ms: Optional[int] = None

    @property
    def takes_user_token(self) -> bool:
        """Whether it acts for the user, by the token that the daemon has left for them."""
        return self.as_user and self.token is None

    def hello(self) -> Dict[str, Any]:
        """The handshake."""
        token = self.place.user_token() if self.takes_user_token else self.token
        return hello(self.client_name, token, self.resume_session_id, self.resume_ms)

    def is_absent(self, error: HandfastError) -> bool:
        """Whether there is no daemon, and one is to be started."""
        return self.start and error.code == "connect.no-daemon"

    def is_leaving(self, error: HandfastError) -> bool:
        """Whether another attempt may find another daemon."""
        if isinstance(error, NotAllowed):
            # The token may be of the one that came after it.
            return self.takes_user_token and error.code == "token.unknown"
        return isinstance(error, Closed)

    def start_daemon(self) -> None:
        """Starts one; returns when it or another one serves. Blocks."""
        environ = dict(os.environ)
        if self.place.home is not None:
            environ["HANDFAST_HOME"] = str(self.place.home)
        command = [os.fspath(self.program), "daemon", "start"]
        try:
            done = subprocess.run(
                command,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=_PATIENCE,
            )
        except OSError as error:
            raise NotReached(
                "daemon.spawn",
                f"start `{command[0]}`: {error.strerror}",
                hint="install `handfast`, or say where it is with `program`",
            ) from error
        except subprocess.TimeoutExpired as error:
            raise NotReached(
                "daemon.slow", f"start the daemon: it does not serve after {_PATIENCE:.0f} s"
            ) from error
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise NotReached(
                "daemon.failed",
                f"start the daemon: {said or f'`handfast daemon start` returned {done.returncode}'}",
                hint="see `handfast daemon logs`, or run `handfast daemon run`",
            )


def unsteady() -> NotReached:
    """Daemons come and go faster than they can be reached."""
    return NotReached("daemon.unsteady", "reach a daemon: each was gone again")


def token_in(path: Union[str, "os.PathLike[str]"]) -> str:
    """The token in a file, as `handfast token create --out FILE` has written it."""
    try:
        return Path(path).read_text(encoding="ascii").strip()
    except (OSError, ValueError) as error:
        raise NotReached("client.token-file", f"read the token in `{os.fspath(path)}`: {error}") from error
