"""Start processes with the whole tree of each one held, by the daemon `handfast`.

    import handfast

    with handfast.connect() as client:
        web = client.start(["npm", "run", "dev"], cwd="/srv/web", env=handfast.environment())
        for piece in client.follow(web.process_id):
            print(piece.data.decode(errors="replace"), end="")

What was started ends with the session, however that ends, unless it was declared to survive. `handfast.aio`
has the same for `asyncio`.
"""

from __future__ import annotations

import os
from typing import Dict

from . import wire
from .client import Client, Events, Follow, connect
from .errors import Busy, Closed, HandfastError, NotAllowed, NotFound, NotReached
from .follow import Output
from .pack import Word
from .place import Place

__all__ = [
    "Busy",
    "Client",
    "Closed",
    "Events",
    "Follow",
    "HandfastError",
    "NotAllowed",
    "NotFound",
    "NotReached",
    "Output",
    "Place",
    "connect",
    "environment",
    "wire",
]

__version__ = "0.1.0"


def environment() -> Dict[str, Word]:
    """All variables of this program, for processes that are to have them: nothing is inherited unasked."""
    return dict(os.environ)
