"""Where the daemon of a user is, and making sure that it is theirs.

Nothing is said to a socket before it is known who listens: its folder is the user's own with nobody else
in it, on a way that nobody else can change; and the kernel says who is at the other end.
"""

from __future__ import annotations

import os
import socket
import stat
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Mapping, Optional, Union

from .errors import NotReached

__all__ = ["Place"]

_PROC = "/proc/self/fd"


@dataclass(frozen=True)
class Place:
    """The folder where a daemon listens."""

    run: Path
    home: Optional[Path] = None
    """What `HANDFAST_HOME` is for it, where it is not the usual one."""

    @staticmethod
    def at(home: Union[str, "os.PathLike[str]"]) -> "Place":
        """Below a folder for everything, as with `HANDFAST_HOME`."""
        folder = Path(home).absolute()
        return Place(folder / "run", folder)

    @staticmethod
    def usual(environ: Optional[Mapping[str, str]] = None, user: Optional[int] = None) -> "Place":
        """The usual one: what `HANDFAST_HOME` says; else below `XDG_RUNTIME_DIR`; else in `/run/user`,
        where that is there; else in `/tmp`. A relative path counts as none.
        """
        environ = os.environ if environ is None else environ
        user = os.geteuid() if user is None else user
        home = _absolute(environ.get("HANDFAST_HOME"))
        if home is not None:
            return Place(home / "run")
        runtime = _absolute(environ.get("XDG_RUNTIME_DIR"))
        if runtime is None and os.path.isdir(f"/run/user/{user}"):
            runtime = Path(f"/run/user/{user}")
        if runtime is not None:
            return Place(runtime / "handfast")
        return Place(Path(f"/tmp/handfast-{user}"))

    def connect(self) -> socket.socket:
        """A connection to the daemon that listens there."""
        folder = self._open()
        try:
            return self._connect(folder)
        finally:
            os.close(folder)

    def user_token(self) -> str:
        """The token of the user, as the daemon has left it there."""
        folder = self._open()
        try:
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
            file = os.open("token", flags, dir_fd=folder)
            try:
                text = os.read(file, 1024).decode("ascii", "replace").strip()
            finally:
                os.close(file)
        except FileNotFoundError:
            raise self._nobody() from None
        except OSError as error:
            raise self._system(error) from error
        finally:
            os.close(folder)
        if not text:
            raise self._nobody()
        return text

    def _connect(self, folder: int) -> socket.socket:
        # By the folder that is held, so that nobody can put another into its place meanwhile, and the
        # length of its path does not matter.
        held = f"{_PROC}/{folder}" if os.path.isdir(_PROC) else str(self.run)
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.connect(f"{held}/socket")
            owner = _owner_of(line)
        except (FileNotFoundError, ConnectionRefusedError):
            line.close()
            raise self._nobody() from None
        except OSError as error:
            line.close()
            raise self._system(error) from error
        if owner is not None and owner != os.geteuid():
            line.close()
            raise NotReached(
                "connect.stranger", f"trust the daemon in {self.run}: it belongs to user {owner}"
            )
        return line

    def _open(self) -> int:
        try:
            parent = self.run.parent.resolve(strict=True)
            for above in (parent, *parent.parents):
                self._trust_way(above)
            path = parent / self.run.name
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            folder = os.open(path, flags)
        except FileNotFoundError:
            raise self._nobody() from None
        except NotADirectoryError:
            raise self._not_private(f"open {self.run}: it is no folder, or a link to one") from None
        except OSError as error:
            raise self._system(error) from error
        about = os.fstat(folder)
        if about.st_uid != os.geteuid():
            os.close(folder)
            raise self._not_private(f"trust {path}: it belongs to user {about.st_uid}")
        if about.st_mode & 0o077:
            os.close(folder)
            raise self._not_private(_open_to_others(path, about.st_mode))
        return folder

    def _trust_way(self, path: Path) -> None:
        about = os.lstat(path)
        if about.st_uid not in (0, os.geteuid()):
            raise self._not_private(f"trust {path}: it belongs to user {about.st_uid}")
        if about.st_mode & 0o022 and not about.st_mode & stat.S_ISVTX:
            raise self._not_private(_open_to_others(path, about.st_mode))

    def _nobody(self) -> NotReached:
        return NotReached("connect.no-daemon", f"find a daemon in {self.run}")

    def _not_private(self, why: str) -> NotReached:
        return NotReached(
            "connect.folder-not-private",
            why,
            hint="close the folder to others (chmod 700), or name another one",
        )

    def _system(self, error: OSError) -> NotReached:
        return NotReached("connect.system", f"connect to the daemon in {self.run}: {error}")


def _absolute(path: Optional[str]) -> Optional[Path]:
    return Path(path) if path and os.path.isabs(path) else None


def _open_to_others(path: Path, mode: int) -> str:
    return f"trust {path}: others may enter or change it (mode {stat.S_IMODE(mode):o})"


def _owner_of(line: socket.socket) -> Optional[int]:
    """Who is at the other end, as the kernel says it; none where this system has no word for that here."""
    option: Optional[int] = getattr(socket, "SO_PEERCRED", None)
    if option is None:
        return None
    _, user, _ = struct.unpack("iII", line.getsockopt(socket.SOL_SOCKET, option, struct.calcsize("iII")))
    return int(user)
