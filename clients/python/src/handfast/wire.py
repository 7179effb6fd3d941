"""The types of the wire.

Made from the schema of the wire by `cargo xtask clients`: do not change it here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Dict, List, Literal, Mapping, Optional, Union

from .pack import Other, Word, pack, pack_word, unpack_bytes, unpack_word

__all__ = [
    "Attached",
    "ChangedNote",
    "Cleaned",
    "ClosedNote",
    "Condition",
    "ConditionExit",
    "ConditionMatch",
    "ConditionOutput",
    "ConditionPort",
    "ConditionQuiet",
    "ConditionReady",
    "ConditionTreeEmpty",
    "CreatedToken",
    "DaemonStatusAnswer",
    "DaemonUpgrading",
    "Detached",
    "EventNote",
    "Events",
    "EventsSubscribed",
    "ExecAnswer",
    "ExecEnded",
    "ExecListed",
    "ExecSession",
    "ExecStopped",
    "ExitedNote",
    "HandingOver",
    "HolderOf",
    "Info",
    "Initialized",
    "InputStateAnswer",
    "Interrupt",
    "LastReceipt",
    "LifetimeName",
    "LifetimeNameLease",
    "Listed",
    "ListedTokens",
    "Match",
    "Member",
    "MissedNote",
    "NOTES",
    "Note",
    "Other",
    "OutputChunk",
    "OutputNote",
    "OutputState",
    "OwnerInfo",
    "OwnersListed",
    "PROTOCOL",
    "PortListener",
    "PortOf",
    "PortWhoAnswer",
    "ReadAnswer",
    "Ready",
    "ReadyWhen",
    "ReadyWhenExit",
    "ReadyWhenHttp",
    "ReadyWhenMatch",
    "ReadyWhenPort",
    "Reattached",
    "Receipt",
    "Receipts",
    "RevokedTokens",
    "ScopeName",
    "ScopeOf",
    "ScreenAnswer",
    "Secret",
    "SignalName",
    "Signalled",
    "Size",
    "SoftHard",
    "Started",
    "Status",
    "StreamName",
    "TakenNote",
    "Terminated",
    "TokenInfo",
    "Transferred",
    "TreeUsage",
    "UsageAnswer",
    "Variables",
    "Viewed",
    "WAITS",
    "Waited",
    "WireLimits",
    "Word",
    "WriteAnswer",
    "WriteStatus",
]

PROTOCOL = 1
"""The version of the wire that this is of."""

WAITS = frozenset(["events/read", "exec/command", "exec/write", "process/read", "process/wait"])
"""The methods that only wait: they can be given up, and nothing is lost."""


Interrupt = Literal["interrupt"]
"""The one signal that has a name here."""


ScopeName = Literal["read", "write", "stop", "start", "transfer"]
"""What a session may do with the processes of its owner and of those below."""


ScopeOf = Literal["leader", "group", "tree"]
"""Which part of a tree."""


Secret = str
"""A text that is never shown: `Debug` hides it."""


StreamName = Literal["stdout", "stderr", "pty"]
"""On which stream output came."""


Variables = Mapping[str, Word]
"""Variables of an environment. `Debug` shows their names and no value."""


WriteStatus = Literal["accepted", "partial", "unknownProcess", "stdinClosed", "starting"]
"""What became of a write."""


@dataclass(frozen=True)
class Attached:
    """What `process/attach` is answered."""

    taken_over: bool
    """Whether somebody else sat there."""

    @classmethod
    def from_wire(cls, wire: Any) -> Attached:
        """Reads one; what is not known is passed over."""
        return cls(
            taken_over=wire["takenOver"],
        )


@dataclass(frozen=True)
class ChangedNote:
    """A process stands elsewhere than before."""

    process_id: str
    """Which process."""

    handle: str
    """Its name among all."""

    owner: str
    """To whom it belongs."""

    word: str
    """What it has come to: a state, `unresponsive` or `responsive`; others may come."""

    status: Status
    """Where it stands now."""

    @classmethod
    def from_wire(cls, wire: Any) -> ChangedNote:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            handle=wire["handle"],
            owner=wire["owner"],
            word=wire["word"],
            status=Status.from_wire(wire["status"]),
        )


@dataclass(frozen=True)
class Cleaned:
    """What `process/clean` is answered."""

    process_ids: List[str]
    """Which, sorted."""

    freed_bytes: int
    """How many bytes of output went with them."""

    @classmethod
    def from_wire(cls, wire: Any) -> Cleaned:
        """Reads one; what is not known is passed over."""
        return cls(
            process_ids=wire["processIds"],
            freed_bytes=wire["freedBytes"],
        )


@dataclass(frozen=True)
class ClosedNote:
    """The leader has ended and no more output can come."""

    process_id: str
    """Which process."""

    seq: int
    """Its number."""

    @classmethod
    def from_wire(cls, wire: Any) -> ClosedNote:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            seq=wire["seq"],
        )


@dataclass(frozen=True)
class ConditionExit:
    """The leader ended."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "exit"})


@dataclass(frozen=True)
class ConditionTreeEmpty:
    """Nothing of the tree is left."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "tree-empty"})


@dataclass(frozen=True)
class ConditionOutput:
    """There is output from this byte on."""

    from_: int = 0
    """The offset among all bytes."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "output", "from": self.from_})


@dataclass(frozen=True)
class ConditionMatch:
    """The output matches a regular expression."""

    pattern: str
    """Which."""

    from_: int = 0
    """From which byte on it is looked for."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "match", "pattern": self.pattern, "from": self.from_})


@dataclass(frozen=True)
class ConditionQuiet:
    """Nothing came for so long."""

    ms: int
    """How long."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "quiet", "ms": self.ms})


@dataclass(frozen=True)
class ConditionPort:
    """Somebody takes connections at this port of this machine."""

    port: int
    """Which."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "port", "port": self.port})


@dataclass(frozen=True)
class ConditionReady:
    """It is ready, or can be no more; for one that was started without a word about that, at once."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "ready"})


@dataclass(frozen=True)
class CreatedToken:
    """What `token/create` is answered."""

    token: Secret = field(repr=False)
    """The token, which is shown this once."""

    token_id: str
    """Its name, which is no secret."""

    owner: str
    """Whose it is."""

    scopes: List[ScopeName]
    """What it may do."""

    expires_at_ms: Optional[int] = None
    """Until when, in milliseconds since 1970."""

    parent: Optional[str] = None
    """The token that it came from."""

    @classmethod
    def from_wire(cls, wire: Any) -> CreatedToken:
        """Reads one; what is not known is passed over."""
        return cls(
            token=wire["token"],
            token_id=wire["tokenId"],
            owner=wire["owner"],
            scopes=wire["scopes"],
            expires_at_ms=wire.get("expiresAtMs"),
            parent=wire.get("parent"),
        )


@dataclass(frozen=True)
class DaemonStatusAnswer:
    """What `daemon/status` is answered."""

    pid: int
    """Its pid; for people."""

    version: str
    """Its version."""

    protocol: int
    """The newest version of the wire that it speaks."""

    started_at_ms: int
    """When it began, in milliseconds since 1970."""

    connections: int
    """Connections that are open."""

    sessions: int
    """Sessions that live, attached or not."""

    processes: int
    """Processes of which something is left, of all owners."""

    idle_exit_ms: Optional[int] = None
    """After how long without a client and a process it leaves, in milliseconds; without it, never."""

    program: Optional[Word] = None
    """The executable that it is."""

    run_folder: Optional[Word] = None
    """Where it listens."""

    state_folder: Optional[Word] = None
    """Where it keeps what outlasts it."""

    upgrade_failed: Optional[str] = None
    """Why it goes on although it was to hand over."""

    @classmethod
    def from_wire(cls, wire: Any) -> DaemonStatusAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            pid=wire["pid"],
            version=wire["version"],
            protocol=wire["protocol"],
            started_at_ms=wire["startedAtMs"],
            connections=wire["connections"],
            sessions=wire["sessions"],
            processes=wire["processes"],
            idle_exit_ms=wire.get("idleExitMs"),
            program=None if wire.get("program") is None else unpack_word(wire["program"]),
            run_folder=None if wire.get("runFolder") is None else unpack_word(wire["runFolder"]),
            state_folder=None if wire.get("stateFolder") is None else unpack_word(wire["stateFolder"]),
            upgrade_failed=wire.get("upgradeFailed"),
        )


@dataclass(frozen=True)
class DaemonUpgrading:
    """What `daemon/upgrade` is answered."""

    program: Word
    """To which program."""

    pid: int
    """The process that hands over."""

    @classmethod
    def from_wire(cls, wire: Any) -> DaemonUpgrading:
        """Reads one; what is not known is passed over."""
        return cls(
            program=unpack_word(wire["program"]),
            pid=wire["pid"],
        )


@dataclass(frozen=True)
class Detached:
    """What `process/detach` is answered."""

    process_count: int
    """How many."""

    process_ids: List[str]
    """Which, sorted."""

    @classmethod
    def from_wire(cls, wire: Any) -> Detached:
        """Reads one; what is not known is passed over."""
        return cls(
            process_count=wire["processCount"],
            process_ids=wire["processIds"],
        )


@dataclass(frozen=True)
class EventNote:
    """Something has happened to a process."""

    seq: int
    """Its number among those of this daemon. A gap is an event that the session may not see, or one that
    is not kept any more.
    """

    at_ms: int
    """When, in milliseconds since 1970."""

    process_id: str
    """Which process."""

    handle: str
    """Its name among all."""

    owner: str
    """To whom it belonged then."""

    word: str
    """What it has come to: a state, `ready`, `not-ready`, `unresponsive`, `responsive`, `transferred`,
    `cleaned`; others may come.
    """

    status: Status
    """Where it stood then."""

    name: Optional[str] = None
    """The label for people."""

    @classmethod
    def from_wire(cls, wire: Any) -> EventNote:
        """Reads one; what is not known is passed over."""
        return cls(
            seq=wire["seq"],
            at_ms=wire["atMs"],
            process_id=wire["processId"],
            handle=wire["handle"],
            owner=wire["owner"],
            word=wire["word"],
            status=Status.from_wire(wire["status"]),
            name=wire.get("name"),
        )


@dataclass(frozen=True)
class Events:
    """What `events/read` is answered."""

    events: List[EventNote]
    """Those that the session may see, in order."""

    last_seq: int
    """The number to go on after."""

    missed: int
    """How many after `afterSeq` are not kept any more, of all owners."""

    @classmethod
    def from_wire(cls, wire: Any) -> Events:
        """Reads one; what is not known is passed over."""
        return cls(
            events=[EventNote.from_wire(one) for one in wire["events"]],
            last_seq=wire["lastSeq"],
            missed=wire["missed"],
        )


@dataclass(frozen=True)
class EventsSubscribed:
    """What `events/subscribe` is answered."""

    last_seq: int
    """The number of the last event that has happened."""

    @classmethod
    def from_wire(cls, wire: Any) -> EventsSubscribed:
        """Reads one; what is not known is passed over."""
        return cls(
            last_seq=wire["lastSeq"],
        )


@dataclass(frozen=True)
class ExecAnswer:
    """What `exec/command` and `exec/write` are answered."""

    chunk_id: str
    """Names this answer: six hexadecimal digits."""

    call_id: str
    """The call that started the command."""

    wall_time_ms: float
    """How long was waited, in milliseconds with fractions."""

    original_token_count: int
    """About how many tokens came, those left out included."""

    output: str
    """What came since the last answer."""

    text: str
    """The same and all of the above, for a language model."""

    leader: str
    """Its first process: `starting`, `running` or `exited`."""

    output_open: bool
    """Whether more output can come."""

    wait_applied_ms: int
    """How long it would have."""

    capped: bool
    """Whether that is less."""

    ended: Optional[ExecEnded] = None
    """How it ended, if it has."""

    exit_code: Optional[int] = None
    """The code of the command, if it has ended; 128 and the signal, where it died of one."""

    matched: bool = False
    """What was waited for has come."""

    notices: List[str] = field(default_factory=list)
    """What somebody should know besides, each a sentence."""

    omitted_bytes: int = 0
    """How many bytes came and are not in the output."""

    output_holders: List[HolderOf] = field(default_factory=list)
    """Who keeps the output open of a command that has ended."""

    process_id: Optional[str] = None
    """The process, for the methods of processes, once there is one."""

    session_id: Optional[int] = None
    """By which number it is gone on with, while it can be."""

    tree: Optional[int] = None
    """How many of its processes live; none where that could not be seen."""

    wait_requested_ms: Optional[int] = None
    """How long it was asked to wait."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExecAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            chunk_id=wire["chunkId"],
            call_id=wire["callId"],
            wall_time_ms=wire["wallTimeMs"],
            original_token_count=wire["originalTokenCount"],
            output=wire["output"],
            text=wire["text"],
            leader=wire["leader"],
            output_open=wire["outputOpen"],
            wait_applied_ms=wire["waitAppliedMs"],
            capped=wire["capped"],
            ended=None if wire.get("ended") is None else ExecEnded.from_wire(wire["ended"]),
            exit_code=wire.get("exitCode"),
            matched=wire.get("matched", False),
            notices=wire.get("notices", []),
            omitted_bytes=wire.get("omittedBytes", 0),
            output_holders=[HolderOf.from_wire(one) for one in wire.get("outputHolders", [])],
            process_id=wire.get("processId"),
            session_id=wire.get("sessionId"),
            tree=wire.get("tree"),
            wait_requested_ms=wire.get("waitRequestedMs"),
        )


@dataclass(frozen=True)
class ExecEnded:
    """How a command ended."""

    cause: str
    """Why: `itself`, `signal`, `interrupt`, `stop`, `deadline` and others."""

    at_ms: Optional[int] = None
    """When, in milliseconds since 1970, where that is known."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExecEnded:
        """Reads one; what is not known is passed over."""
        return cls(
            cause=wire["cause"],
            at_ms=wire.get("atMs"),
        )


@dataclass(frozen=True)
class ExecListed:
    """What `exec/list` is answered."""

    sessions: List[ExecSession]
    """The commands, by number."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExecListed:
        """Reads one; what is not known is passed over."""
        return cls(
            sessions=[ExecSession.from_wire(one) for one in wire["sessions"]],
        )


@dataclass(frozen=True)
class ExecSession:
    """A command that has not ended."""

    session_id: int
    """Its number."""

    call_id: str
    """The call that started it."""

    cmd: str
    """Its text."""

    cwd: Word
    """Where it runs."""

    tty: bool
    """Whether it has a terminal."""

    started_at_ms: int
    """When it was started, in milliseconds since 1970."""

    age_ms: int
    """How long ago that is."""

    last_output_at_ms: Optional[int] = None
    """When it last wrote something, in milliseconds since 1970."""

    process_id: Optional[str] = None
    """Its process, once there is one."""

    purpose: Optional[str] = None
    """What it is for."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExecSession:
        """Reads one; what is not known is passed over."""
        return cls(
            session_id=wire["sessionId"],
            call_id=wire["callId"],
            cmd=wire["cmd"],
            cwd=unpack_word(wire["cwd"]),
            tty=wire["tty"],
            started_at_ms=wire["startedAtMs"],
            age_ms=wire["ageMs"],
            last_output_at_ms=wire.get("lastOutputAtMs"),
            process_id=wire.get("processId"),
            purpose=wire.get("purpose"),
        )


@dataclass(frozen=True)
class ExecStopped:
    """What `exec/stop` is answered."""

    session_id: int
    """Which."""

    was_running: bool
    """Whether its command was running, or being started."""

    receipt: Optional[Receipt] = None
    """What was done to its tree, if there was one."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExecStopped:
        """Reads one; what is not known is passed over."""
        return cls(
            session_id=wire["sessionId"],
            was_running=wire["wasRunning"],
            receipt=None if wire.get("receipt") is None else Receipt.from_wire(wire["receipt"]),
        )


@dataclass(frozen=True)
class ExitedNote:
    """The leader of a process has ended. Output may follow."""

    process_id: str
    """Which process."""

    seq: int
    """Its number."""

    exit_code: int
    """As of `ReadAnswer`; -1 where the system could not say."""

    sandbox_denied: bool
    """Of exec servers; there is no sandbox here."""

    @classmethod
    def from_wire(cls, wire: Any) -> ExitedNote:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            seq=wire["seq"],
            exit_code=wire["exitCode"],
            sandbox_denied=wire["sandboxDenied"],
        )


@dataclass(frozen=True)
class HandingOver:
    """Another daemon goes on; resume the session there. What was asked and is not answered was
    not begun, or only waited: ask it again.
    """

    @classmethod
    def from_wire(cls, wire: Any) -> HandingOver:
        """Reads one; what is not known is passed over."""
        return cls()


@dataclass(frozen=True)
class HolderOf:
    """Somebody who has the output of a process open."""

    pid: int
    """Its pid; for people."""

    command: str
    """How it was started, as it wants to be seen."""

    member: bool
    """Whether it belongs to the tree."""

    @classmethod
    def from_wire(cls, wire: Any) -> HolderOf:
        """Reads one; what is not known is passed over."""
        return cls(
            pid=wire["pid"],
            command=wire["command"],
            member=wire["member"],
        )


@dataclass(frozen=True)
class Info:
    """Everything about a process. No value of a variable is in it."""

    process_id: str
    """The name by which it is asked for."""

    handle: str
    """Its name among all."""

    owner: str
    """To whom it belongs."""

    argv: List[Word]
    """The program and its arguments."""

    env_keys: List[Word]
    """The names of its variables."""

    tty: bool
    """Whether it has a terminal."""

    lifetime: LifetimeName
    """Until when it may live."""

    bound: bool
    """Whether it ends with a session."""

    started_at_ms: int
    """When its start was asked for, in milliseconds since 1970."""

    status: Status
    """Where it stands."""

    rung: str
    """What holds its tree."""

    grade: str
    """How surely."""

    cwd: Optional[Word] = None
    """Where it started."""

    members: Optional[List[int]] = None
    """Pids of its live members, where they were asked for."""

    name: Optional[str] = None
    """The label for people."""

    output: Optional[OutputState] = None
    """How its output stands."""

    purpose: Optional[str] = None
    """What it is there for."""

    ready: Optional[Ready] = None
    """Whether it is ready, where it was said by what that is seen."""

    unresponsive: Optional[str] = None
    """Set while its leader is stopped or stuck: its state, as `ps` writes it."""

    warnings: List[str] = field(default_factory=list)
    """What did not work when it was started, and was gone without."""

    @classmethod
    def from_wire(cls, wire: Any) -> Info:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            handle=wire["handle"],
            owner=wire["owner"],
            argv=[unpack_word(one) for one in wire["argv"]],
            env_keys=[unpack_word(one) for one in wire["envKeys"]],
            tty=wire["tty"],
            lifetime=unpack_lifetime_name(wire["lifetime"]),
            bound=wire["bound"],
            started_at_ms=wire["startedAtMs"],
            status=Status.from_wire(wire["status"]),
            rung=wire["rung"],
            grade=wire["grade"],
            cwd=None if wire.get("cwd") is None else unpack_word(wire["cwd"]),
            members=wire.get("members"),
            name=wire.get("name"),
            output=None if wire.get("output") is None else OutputState.from_wire(wire["output"]),
            purpose=wire.get("purpose"),
            ready=None if wire.get("ready") is None else Ready.from_wire(wire["ready"]),
            unresponsive=wire.get("unresponsive"),
            warnings=wire.get("warnings", []),
        )


@dataclass(frozen=True)
class Initialized:
    """What `initialize` is answered."""

    session_id: Secret = field(repr=False)
    """Names the session, and is all that is needed to resume it: keep it secret."""

    protocol: int
    """The version that is spoken from here on."""

    server_name: str
    """Who answers."""

    server_version: str
    """Its version."""

    owner: str
    """On whose behalf the session acts."""

    scopes: List[ScopeName]
    """What it may do."""

    methods: List[str]
    """What can be asked."""

    limits: WireLimits
    """What is granted at the most."""

    resumed: bool = False
    """Whether it was resumed."""

    @classmethod
    def from_wire(cls, wire: Any) -> Initialized:
        """Reads one; what is not known is passed over."""
        return cls(
            session_id=wire["sessionId"],
            protocol=wire["protocol"],
            server_name=wire["serverName"],
            server_version=wire["serverVersion"],
            owner=wire["owner"],
            scopes=wire["scopes"],
            methods=wire["methods"],
            limits=WireLimits.from_wire(wire["limits"]),
            resumed=wire.get("resumed", False),
        )


@dataclass(frozen=True)
class InputStateAnswer:
    """What `process/inputState` is answered."""

    state: str
    """`waiting-for-input`, `busy` or `hidden`."""

    pid: Optional[int] = None
    """Who waits; for people."""

    since_ms: Optional[int] = None
    """When this wait was first seen, in milliseconds since 1970."""

    @classmethod
    def from_wire(cls, wire: Any) -> InputStateAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            state=wire["state"],
            pid=wire.get("pid"),
            since_ms=wire.get("sinceMs"),
        )


@dataclass(frozen=True)
class LastReceipt:
    """What `process/receipt` is answered."""

    receipt: Optional[Receipt] = None
    """What it did; `null` where nothing stopped it through this daemon."""

    @classmethod
    def from_wire(cls, wire: Any) -> LastReceipt:
        """Reads one; what is not known is passed over."""
        return cls(
            receipt=None if wire.get("receipt") is None else Receipt.from_wire(wire["receipt"]),
        )


@dataclass(frozen=True)
class LifetimeNameLease:
    """Until nobody has renewed it for so long. It survives the session."""

    ms: int
    """How long."""

    @classmethod
    def from_wire(cls, wire: Any) -> LifetimeNameLease:
        """Reads one; what is not known is passed over."""
        wire = wire["lease"]
        return cls(
            ms=wire["ms"],
        )

    def to_wire(self) -> Any:
        """As it is said."""
        return {"lease": pack({"ms": self.ms})}


@dataclass(frozen=True)
class Listed:
    """What `process/list` is answered."""

    processes: List[Info]
    """The processes."""

    next_cursor: Optional[str] = None
    """Where to go on, if these are not all."""

    @classmethod
    def from_wire(cls, wire: Any) -> Listed:
        """Reads one; what is not known is passed over."""
        return cls(
            processes=[Info.from_wire(one) for one in wire["processes"]],
            next_cursor=wire.get("nextCursor"),
        )


@dataclass(frozen=True)
class ListedTokens:
    """What `token/list` is answered."""

    tokens: List[TokenInfo]
    """Those that are good, the oldest first."""

    @classmethod
    def from_wire(cls, wire: Any) -> ListedTokens:
        """Reads one; what is not known is passed over."""
        return cls(
            tokens=[TokenInfo.from_wire(one) for one in wire["tokens"]],
        )


@dataclass(frozen=True)
class Match:
    """A place in the output."""

    offset: int
    """The offset of its first byte among all."""

    len: int
    """How many bytes."""

    @classmethod
    def from_wire(cls, wire: Any) -> Match:
        """Reads one; what is not known is passed over."""
        return cls(
            offset=wire["offset"],
            len=wire["len"],
        )


@dataclass(frozen=True)
class Member:
    """A member of a tree."""

    pid: int
    """Its pid; for people."""

    parent: int
    """The pid of its parent."""

    state: str
    """Its state, as `ps` writes it; `?` on Windows, where a process has none."""

    command: str
    """How it was started, as it wants to be seen; at most 200 characters."""

    cpu_ms: int
    """The time of processors that it has taken so far."""

    resident_bytes: int
    """Bytes of it that are in memory."""

    threads: int
    """How many threads it has."""

    @classmethod
    def from_wire(cls, wire: Any) -> Member:
        """Reads one; what is not known is passed over."""
        return cls(
            pid=wire["pid"],
            parent=wire["parent"],
            state=wire["state"],
            command=wire["command"],
            cpu_ms=wire["cpuMs"],
            resident_bytes=wire["residentBytes"],
            threads=wire["threads"],
        )


@dataclass(frozen=True)
class MissedNote:
    """The session was too slow; ask for the list again."""

    count: int
    """How many changes it was not told of."""

    @classmethod
    def from_wire(cls, wire: Any) -> MissedNote:
        """Reads one; what is not known is passed over."""
        return cls(
            count=wire["count"],
        )


@dataclass(frozen=True)
class OutputChunk:
    """A piece of output."""

    seq: int
    """Its number."""

    stream: StreamName
    """On which stream it came."""

    chunk: bytes
    """What came, exactly."""

    at_ms: Optional[int] = None
    """When it came, in milliseconds since 1970."""

    offset: int = 0
    """The offset of its first byte among all bytes of the process."""

    @classmethod
    def from_wire(cls, wire: Any) -> OutputChunk:
        """Reads one; what is not known is passed over."""
        return cls(
            seq=wire["seq"],
            stream=wire["stream"],
            chunk=unpack_bytes(wire["chunk"]),
            at_ms=wire.get("atMs"),
            offset=wire.get("offset", 0),
        )


@dataclass(frozen=True)
class OutputNote:
    """Output of a process that the session follows."""

    process_id: str
    """Which process."""

    seq: int
    """Its number. A gap between two says that what was between is not kept; `process/read` says how
    much it was.
    """

    stream: StreamName
    """On which stream it came."""

    chunk: bytes
    """What came, exactly."""

    at_ms: Optional[int] = None
    """When it came, in milliseconds since 1970."""

    offset: int = 0
    """The offset of its first byte among all bytes of the process."""

    @classmethod
    def from_wire(cls, wire: Any) -> OutputNote:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            seq=wire["seq"],
            stream=wire["stream"],
            chunk=unpack_bytes(wire["chunk"]),
            at_ms=wire.get("atMs"),
            offset=wire.get("offset", 0),
        )


@dataclass(frozen=True)
class OutputState:
    """How the output of a process stands."""

    open: bool
    """Whether more can come."""

    bytes: int
    """How many bytes came."""

    omitted_bytes: int
    """How many of them are not kept."""

    next_seq: int
    """The sequence number that comes next."""

    holders: Optional[List[HolderOf]] = None
    """Who keeps it open, where that was asked for."""

    last_at_ms: Optional[int] = None
    """When the last byte came, in milliseconds since 1970."""

    @classmethod
    def from_wire(cls, wire: Any) -> OutputState:
        """Reads one; what is not known is passed over."""
        return cls(
            open=wire["open"],
            bytes=wire["bytes"],
            omitted_bytes=wire["omittedBytes"],
            next_seq=wire["nextSeq"],
            holders=None if wire.get("holders") is None else [HolderOf.from_wire(one) for one in wire["holders"]],
            last_at_ms=wire.get("lastAtMs"),
        )


@dataclass(frozen=True)
class OwnerInfo:
    """What is known of an owner."""

    owner: str
    """Who."""

    tokens: int
    """Tokens that are good, without those of those below."""

    sessions: int
    """Sessions, attached or to be resumed."""

    running: int
    """Processes of which something lives."""

    over: int
    """Processes that are over and not forgotten."""

    @classmethod
    def from_wire(cls, wire: Any) -> OwnerInfo:
        """Reads one; what is not known is passed over."""
        return cls(
            owner=wire["owner"],
            tokens=wire["tokens"],
            sessions=wire["sessions"],
            running=wire["running"],
            over=wire["over"],
        )


@dataclass(frozen=True)
class OwnersListed:
    """What `owner/list` is answered."""

    owners: List[OwnerInfo]
    """By name."""

    @classmethod
    def from_wire(cls, wire: Any) -> OwnersListed:
        """Reads one; what is not known is passed over."""
        return cls(
            owners=[OwnerInfo.from_wire(one) for one in wire["owners"]],
        )


@dataclass(frozen=True)
class PortListener:
    """Somebody who listens at a port."""

    address: str
    """At which address."""

    command: Optional[str] = None
    """How it was started, as it wants to be seen."""

    handle: Optional[str] = None
    """The same among all."""

    pid: Optional[int] = None
    """The pid; for people. Without it, the process belongs to another user, or is in a namespace that
    cannot be seen.
    """

    process_id: Optional[str] = None
    """The process of this daemon, where it is one that the session may see."""

    user: Optional[int] = None
    """Whose socket it is, by number; not on Windows, where users have none."""

    @classmethod
    def from_wire(cls, wire: Any) -> PortListener:
        """Reads one; what is not known is passed over."""
        return cls(
            address=wire["address"],
            command=wire.get("command"),
            handle=wire.get("handle"),
            pid=wire.get("pid"),
            process_id=wire.get("processId"),
            user=wire.get("user"),
        )


@dataclass(frozen=True)
class PortOf:
    """A port at which somebody listens."""

    port: int
    """Which."""

    address: str
    """At which address; `0.0.0.0` and `::` are all."""

    pid: int
    """The pid of who listens; for people."""

    @classmethod
    def from_wire(cls, wire: Any) -> PortOf:
        """Reads one; what is not known is passed over."""
        return cls(
            port=wire["port"],
            address=wire["address"],
            pid=wire["pid"],
        )


@dataclass(frozen=True)
class PortWhoAnswer:
    """What `port/who` is answered."""

    listeners: List[PortListener]
    """One for each socket and process; nobody listens where there is none."""

    @classmethod
    def from_wire(cls, wire: Any) -> PortWhoAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            listeners=[PortListener.from_wire(one) for one in wire["listeners"]],
        )


@dataclass(frozen=True)
class ReadAnswer:
    """What `process/read` is answered."""

    chunks: List[OutputChunk]
    """What came, in order."""

    next_seq: int
    """The number after the last one returned, if there was a limit and something was; else the one that
    comes next.
    """

    exited: bool
    """The leader has ended."""

    closed: bool
    """The leader has ended, no more output can come, and all there is after `afterSeq` is in this answer: an
    answer that its limit has cut short never says so.
    """

    sandbox_denied: bool
    """Of exec servers; there is no sandbox here."""

    exit_code: Optional[int] = None
    """Its exit code; 128 and the signal, where it died of one."""

    failure: Optional[str] = None
    """Why it could not go on, if it could not."""

    omitted_bytes: int = 0
    """How many bytes came after `afterSeq` and before the end of these chunks and are not kept, as far as
    their numbers still are. The offsets of the chunks tell it exactly.
    """

    signal: Optional[int] = None
    """The signal that ended it."""

    @classmethod
    def from_wire(cls, wire: Any) -> ReadAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            chunks=[OutputChunk.from_wire(one) for one in wire["chunks"]],
            next_seq=wire["nextSeq"],
            exited=wire["exited"],
            closed=wire["closed"],
            sandbox_denied=wire["sandboxDenied"],
            exit_code=wire.get("exitCode"),
            failure=wire.get("failure"),
            omitted_bytes=wire.get("omittedBytes", 0),
            signal=wire.get("signal"),
        )


@dataclass(frozen=True)
class Ready:
    """How it stands with that."""

    state: str
    """`waiting`, `ready` or `failed`; the last two are for ever."""

    since_ms: int
    """Since when, in milliseconds since 1970."""

    when: ReadyWhen
    """By what it is seen."""

    why: Optional[str] = None
    """Why it failed: `ended`, `exit-code`, `timed-out`, `no-output`; others may come."""

    @classmethod
    def from_wire(cls, wire: Any) -> Ready:
        """Reads one; what is not known is passed over."""
        return cls(
            state=wire["state"],
            since_ms=wire["sinceMs"],
            when=unpack_ready_when(wire["when"]),
            why=wire.get("why"),
        )


@dataclass(frozen=True)
class ReadyWhenMatch:
    """Its output matches a regular expression."""

    pattern: str
    """Which."""

    @classmethod
    def from_wire(cls, wire: Any) -> ReadyWhenMatch:
        """Reads one; what is not known is passed over."""
        return cls(
            pattern=wire["pattern"],
        )

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "match", "pattern": self.pattern})


@dataclass(frozen=True)
class ReadyWhenPort:
    """Connections are taken at this port of this machine, and not by somebody who is known to be no
    member of its tree.
    """

    port: int
    """Which."""

    @classmethod
    def from_wire(cls, wire: Any) -> ReadyWhenPort:
        """Reads one; what is not known is passed over."""
        return cls(
            port=wire["port"],
        )

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "port", "port": self.port})


@dataclass(frozen=True)
class ReadyWhenHttp:
    """A GET is answered with a status below 400. Only `http://`, and only this machine by name
    `localhost` or by a loopback address.
    """

    url: str
    """Where."""

    @classmethod
    def from_wire(cls, wire: Any) -> ReadyWhenHttp:
        """Reads one; what is not known is passed over."""
        return cls(
            url=wire["url"],
        )

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "http", "url": self.url})


@dataclass(frozen=True)
class ReadyWhenExit:
    """The leader ended with code 0."""

    @classmethod
    def from_wire(cls, wire: Any) -> ReadyWhenExit:
        """Reads one; what is not known is passed over."""
        return cls()

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"for": "exit"})


@dataclass(frozen=True)
class Reattached:
    """What `process/reattach` is answered."""

    reattached_count: int
    """How many."""

    skipped_count: int
    """How many were bound to another session already."""

    skipped_process_ids: List[str]
    """Which those are, sorted."""

    @classmethod
    def from_wire(cls, wire: Any) -> Reattached:
        """Reads one; what is not known is passed over."""
        return cls(
            reattached_count=wire["reattachedCount"],
            skipped_count=wire["skippedCount"],
            skipped_process_ids=wire["skippedProcessIds"],
        )


@dataclass(frozen=True)
class Receipt:
    """What a stop did."""

    process_id: str
    """Which process."""

    handle: str
    """Its name among all."""

    rung: str
    """What held its tree."""

    grade: str
    """How surely."""

    members_before: int
    """Members that were alive when it began."""

    asked: int
    """Members that were asked to end."""

    killed: int
    """Members that were alive when the tree was killed."""

    survivors: List[int]
    """Pids of those that were alive when the stop gave up; none is the promise kept."""

    took_ms: int
    """How long it took."""

    status: Status
    """Where the process stands now."""

    @classmethod
    def from_wire(cls, wire: Any) -> Receipt:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            handle=wire["handle"],
            rung=wire["rung"],
            grade=wire["grade"],
            members_before=wire["membersBefore"],
            asked=wire["asked"],
            killed=wire["killed"],
            survivors=wire["survivors"],
            took_ms=wire["tookMs"],
            status=Status.from_wire(wire["status"]),
        )


@dataclass(frozen=True)
class Receipts:
    """Receipts of several stops."""

    receipts: List[Receipt]
    """One for each process."""

    @classmethod
    def from_wire(cls, wire: Any) -> Receipts:
        """Reads one; what is not known is passed over."""
        return cls(
            receipts=[Receipt.from_wire(one) for one in wire["receipts"]],
        )


@dataclass(frozen=True)
class RevokedTokens:
    """What `token/revoke` is answered."""

    revoked: int
    """How many there were, with those that came from it."""

    @classmethod
    def from_wire(cls, wire: Any) -> RevokedTokens:
        """Reads one; what is not known is passed over."""
        return cls(
            revoked=wire["revoked"],
        )


@dataclass(frozen=True)
class ScreenAnswer:
    """What `process/screen` is answered."""

    text: str
    """Rows with line ends between, without blanks at their ends."""

    row: int
    """Where the cursor is, from 0 at the top."""

    column: int
    """Where the cursor is, from 0 at the left."""

    cursor_visible: bool
    """Whether it is shown."""

    size: Size
    """How large the screen is."""

    alternate: bool
    """Whether it is the alternate screen."""

    title: str
    """The title that the program gave."""

    offset: int
    """Up to which byte of the output it is drawn."""

    omitted: int
    """How many bytes before that were lost to it."""

    redraw: Optional[bytes] = None
    """What draws it on another terminal of the same size."""

    @classmethod
    def from_wire(cls, wire: Any) -> ScreenAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            text=wire["text"],
            row=wire["row"],
            column=wire["column"],
            cursor_visible=wire["cursorVisible"],
            size=Size.from_wire(wire["size"]),
            alternate=wire["alternate"],
            title=wire["title"],
            offset=wire["offset"],
            omitted=wire["omitted"],
            redraw=None if wire.get("redraw") is None else unpack_bytes(wire["redraw"]),
        )


@dataclass(frozen=True)
class Signalled:
    """What `process/signal` is answered."""

    reached: int = 0
    """How many processes it reached; a group counts as one."""

    @classmethod
    def from_wire(cls, wire: Any) -> Signalled:
        """Reads one; what is not known is passed over."""
        return cls(
            reached=wire.get("reached", 0),
        )


@dataclass(frozen=True)
class Size:
    """How large a terminal is, in characters."""

    rows: int
    """From 1 to 1,000."""

    columns: int
    """Likewise."""

    @classmethod
    def from_wire(cls, wire: Any) -> Size:
        """Reads one; what is not known is passed over."""
        return cls(
            rows=wire["rows"],
            columns=wire["columns"],
        )

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"rows": self.rows, "columns": self.columns})


@dataclass(frozen=True)
class SoftHard:
    """A soft and a hard limit."""

    hard: Optional[int] = None
    """Likewise."""

    soft: Optional[int] = None
    """`null` is as much as there is."""

    def to_wire(self) -> Any:
        """As it is said."""
        return pack({"hard": self.hard, "soft": self.soft})


@dataclass(frozen=True)
class Started:
    """What `process/start` is answered."""

    process_id: str
    """The name by which it is asked for."""

    handle: str
    """Its name among all processes of all daemons, which is never used again."""

    rung: str
    """What holds its tree."""

    grade: str
    """How surely."""

    repeated: bool = False
    """It had been started by an earlier request with the same key."""

    @classmethod
    def from_wire(cls, wire: Any) -> Started:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            handle=wire["handle"],
            rung=wire["rung"],
            grade=wire["grade"],
            repeated=wire.get("repeated", False),
        )


@dataclass(frozen=True)
class Status:
    """Where a process stands."""

    state: str
    """`starting`, `running`, `running-detached`, `exited`, `terminated` or `failed`; others may come."""

    cause: Optional[str] = None
    """Why it ended."""

    child_pids: Optional[List[int]] = None
    """The members that live on after their leader."""

    error: Optional[str] = None
    """The same for people."""

    error_code: Optional[str] = None
    """Why it was not started: the name of the error."""

    exit_code: Optional[int] = None
    """The exit code of the leader."""

    exited_at_ms: Optional[int] = None
    """When the leader ended, in milliseconds since 1970."""

    pid: Optional[int] = None
    """The leader's pid; for people, not for signals."""

    signal: Optional[int] = None
    """The signal that ended it."""

    @classmethod
    def from_wire(cls, wire: Any) -> Status:
        """Reads one; what is not known is passed over."""
        return cls(
            state=wire["state"],
            cause=wire.get("cause"),
            child_pids=wire.get("childPids"),
            error=wire.get("error"),
            error_code=wire.get("errorCode"),
            exit_code=wire.get("exitCode"),
            exited_at_ms=wire.get("exitedAtMs"),
            pid=wire.get("pid"),
            signal=wire.get("signal"),
        )


@dataclass(frozen=True)
class TakenNote:
    """Another session is at the terminal now."""

    process_id: str
    """Of which process."""

    @classmethod
    def from_wire(cls, wire: Any) -> TakenNote:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
        )


@dataclass(frozen=True)
class Terminated:
    """What `process/terminate` is answered."""

    running: bool
    """Whether it was running, or being started."""

    receipt: Optional[Receipt] = None
    """What was done."""

    @classmethod
    def from_wire(cls, wire: Any) -> Terminated:
        """Reads one; what is not known is passed over."""
        return cls(
            running=wire["running"],
            receipt=None if wire.get("receipt") is None else Receipt.from_wire(wire["receipt"]),
        )


@dataclass(frozen=True)
class TokenInfo:
    """What is known of a token."""

    token_id: str
    """Its name, which is no secret."""

    owner: str
    """Whose it is."""

    scopes: List[ScopeName]
    """What it may do."""

    expires_at_ms: Optional[int] = None
    """Until when, in milliseconds since 1970."""

    parent: Optional[str] = None
    """The token that it came from."""

    @classmethod
    def from_wire(cls, wire: Any) -> TokenInfo:
        """Reads one; what is not known is passed over."""
        return cls(
            token_id=wire["tokenId"],
            owner=wire["owner"],
            scopes=wire["scopes"],
            expires_at_ms=wire.get("expiresAtMs"),
            parent=wire.get("parent"),
        )


@dataclass(frozen=True)
class Transferred:
    """What `process/transfer` is answered."""

    process_id: str
    """The name by which the new owner asks for it."""

    owner: str
    """To whom it belongs now."""

    session_id: Optional[int] = None
    """The number by which the new owner goes on with its command, where it has one."""

    @classmethod
    def from_wire(cls, wire: Any) -> Transferred:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            owner=wire["owner"],
            session_id=wire.get("sessionId"),
        )


@dataclass(frozen=True)
class TreeUsage:
    """What one tree uses."""

    process_id: str
    """Which process."""

    handle: str
    """Its name among all."""

    member_count: int
    """How many members live."""

    cpu_ms: int
    """The time of processors that those who live have taken so far."""

    resident_bytes: int
    """Bytes of them that are in memory; what two share counts twice."""

    members: Optional[List[Member]] = None
    """Who they are, where that was asked for; those first who were there first."""

    ports: Optional[List[PortOf]] = None
    """At which ports they listen, where that was asked for."""

    @classmethod
    def from_wire(cls, wire: Any) -> TreeUsage:
        """Reads one; what is not known is passed over."""
        return cls(
            process_id=wire["processId"],
            handle=wire["handle"],
            member_count=wire["memberCount"],
            cpu_ms=wire["cpuMs"],
            resident_bytes=wire["residentBytes"],
            members=None if wire.get("members") is None else [Member.from_wire(one) for one in wire["members"]],
            ports=None if wire.get("ports") is None else [PortOf.from_wire(one) for one in wire["ports"]],
        )


@dataclass(frozen=True)
class UsageAnswer:
    """What `process/usage` is answered."""

    at_ms: int
    """When it was looked, in milliseconds since 1970."""

    processors: int
    """How many processors this machine has."""

    trees: List[TreeUsage]
    """One for each process."""

    @classmethod
    def from_wire(cls, wire: Any) -> UsageAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            at_ms=wire["atMs"],
            processors=wire["processors"],
            trees=[TreeUsage.from_wire(one) for one in wire["trees"]],
        )


@dataclass(frozen=True)
class Viewed:
    """What `process/view` is answered."""

    cut_at: Optional[int] = None
    """Before which byte of the text they were."""

    filtered_lines: int = 0
    """How many lines the filter did not want."""

    missing_bytes: int = 0
    """How many bytes of what was asked for are not kept."""

    next: int = 0
    """The byte after the last one that was looked at, among all: from where to go on."""

    next_seq: int = 0
    """The sequence number after the last chunk that was looked at: from where to follow."""

    omitted_bytes: int = 0
    """How many bytes of text these are."""

    omitted_lines: int = 0
    """How many lines were left out between the beginning and the end of the text."""

    open: bool = False
    """Whether more can come."""

    text: str = ""
    """The text. What is no UTF-8 is shown as U+FFFD."""

    @classmethod
    def from_wire(cls, wire: Any) -> Viewed:
        """Reads one; what is not known is passed over."""
        return cls(
            cut_at=wire.get("cutAt"),
            filtered_lines=wire.get("filteredLines", 0),
            missing_bytes=wire.get("missingBytes", 0),
            next=wire.get("next", 0),
            next_seq=wire.get("nextSeq", 0),
            omitted_bytes=wire.get("omittedBytes", 0),
            omitted_lines=wire.get("omittedLines", 0),
            open=wire.get("open", False),
            text=wire.get("text", ""),
        )


@dataclass(frozen=True)
class Waited:
    """What `process/wait` is answered."""

    outcome: str
    """`exited`, `tree-empty`, `output`, `matched`, `quiet`, `open`, `ready`, `not-ready`, `impossible` or
    `timed-out`.
    """

    unseen_bytes: int
    """How many bytes came too fast to be looked at."""

    wait_applied_ms: int
    """How long it would have."""

    capped: bool
    """Whether that is less."""

    took_ms: int
    """How long it did."""

    status: Status
    """Where the process stands now."""

    condition: Optional[int] = None
    """Which of the conditions was met, counted from 0."""

    matched: Optional[Match] = None
    """Where the match is."""

    wait_requested_ms: Optional[int] = None
    """How long it was asked to wait."""

    @classmethod
    def from_wire(cls, wire: Any) -> Waited:
        """Reads one; what is not known is passed over."""
        return cls(
            outcome=wire["outcome"],
            unseen_bytes=wire["unseenBytes"],
            wait_applied_ms=wire["waitAppliedMs"],
            capped=wire["capped"],
            took_ms=wire["tookMs"],
            status=Status.from_wire(wire["status"]),
            condition=wire.get("condition"),
            matched=None if wire.get("matched") is None else Match.from_wire(wire["matched"]),
            wait_requested_ms=wire.get("waitRequestedMs"),
        )


@dataclass(frozen=True)
class WireLimits:
    """What a server grants at the most."""

    frame_bytes: int
    """Bytes of one line without its end."""

    in_flight: int
    """Requests that are not answered yet, in one connection."""

    wait_ms: int
    """Milliseconds of one wait."""

    resume_ms: int
    """Milliseconds for which a session can be resumed."""

    @classmethod
    def from_wire(cls, wire: Any) -> WireLimits:
        """Reads one; what is not known is passed over."""
        return cls(
            frame_bytes=wire["frameBytes"],
            in_flight=wire["inFlight"],
            wait_ms=wire["waitMs"],
            resume_ms=wire["resumeMs"],
        )


@dataclass(frozen=True)
class WriteAnswer:
    """What `process/write` and `process/press` are answered."""

    status: WriteStatus
    """What became of it."""

    repeated: bool = False
    """A write with this id was done before; nothing was written now."""

    taken: int = 0
    """How many bytes were taken."""

    @classmethod
    def from_wire(cls, wire: Any) -> WriteAnswer:
        """Reads one; what is not known is passed over."""
        return cls(
            status=wire["status"],
            repeated=wire.get("repeated", False),
            taken=wire.get("taken", 0),
        )


Condition = Union[
    ConditionExit,
    ConditionTreeEmpty,
    ConditionOutput,
    ConditionMatch,
    ConditionQuiet,
    ConditionPort,
    ConditionReady,
]
"""Something to wait for."""


LifetimeName = Union[
    Literal["turn", "session", "user"],
    LifetimeNameLease,
    Other,
]
"""Until when a process may live."""


def unpack_lifetime_name(wire: Any) -> LifetimeName:
    """Reads one; what a newer daemon says is kept as it is."""
    if isinstance(wire, dict) and "lease" in wire:
        return LifetimeNameLease.from_wire(wire)
    if wire == "turn":
        return "turn"
    if wire == "session":
        return "session"
    if wire == "user":
        return "user"
    return Other(wire)


ReadyWhen = Union[
    ReadyWhenMatch,
    ReadyWhenPort,
    ReadyWhenHttp,
    ReadyWhenExit,
    Other,
]
"""By what it is seen that a process is ready."""


def unpack_ready_when(wire: Any) -> ReadyWhen:
    """Reads one; what a newer daemon says is kept as it is."""
    if wire["for"] == "match":
        return ReadyWhenMatch.from_wire(wire)
    if wire["for"] == "port":
        return ReadyWhenPort.from_wire(wire)
    if wire["for"] == "http":
        return ReadyWhenHttp.from_wire(wire)
    if wire["for"] == "exit":
        return ReadyWhenExit.from_wire(wire)
    return Other(wire)


SignalName = Union[int, Interrupt]
"""A signal."""


Note = Union[
    HandingOver,
    ChangedNote,
    ClosedNote,
    EventNote,
    ExitedNote,
    MissedNote,
    OutputNote,
    TakenNote,
]
"""What the daemon tells without being asked."""

NOTES: Dict[str, Any] = {
    "daemon/handingOver": HandingOver.from_wire,
    "process/changed": ChangedNote.from_wire,
    "process/closed": ClosedNote.from_wire,
    "process/event": EventNote.from_wire,
    "process/exited": ExitedNote.from_wire,
    "process/missed": MissedNote.from_wire,
    "process/output": OutputNote.from_wire,
    "process/taken": TakenNote.from_wire,
}
"""How each kind of note is read, by its name on the wire."""
