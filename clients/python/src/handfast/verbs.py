"""The methods of the wire, each as a verb.

Made from the schema of the wire by `cargo xtask clients`: do not change it here.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional, Sequence, TypeVar

from . import wire
from .pack import Word, nothing, pack, pack_bytes, pack_word

__all__ = ["AsyncVerbs", "Verbs"]

T = TypeVar("T")


class Verbs:
    """All that can be asked of a daemon; each blocks. Times are milliseconds."""

    def _call(
        self, method: str, params: Dict[str, Any], read: Callable[[Any], T]
    ) -> T:
        raise NotImplementedError

    def daemon_status(
        self,
    ) -> wire.DaemonStatusAnswer:
        """How the daemon is."""
        params = pack(
            {
            }
        )
        return self._call("daemon/status", params, wire.DaemonStatusAnswer.from_wire)

    def daemon_stop(
        self,
        *,
        leave_survivors: Optional[bool] = None,
    ) -> wire.Receipts:
        """Ends every process, of all owners and also what was declared to survive, and then the
        daemon. It is answered when all are gone. Only for the user.

        Args:
            leave_survivors: What was declared to survive goes on, and is taken over by the next daemon.
        """
        params = pack(
            {
                "leaveSurvivors": leave_survivors,
            }
        )
        return self._call("daemon/stop", params, wire.Receipts.from_wire)

    def daemon_upgrade(
        self,
        *,
        program: Optional[Word] = None,
    ) -> wire.DaemonUpgrading:
        """Hands over to another program, without ending a session: every process goes on, whatever its
        lifetime, and who is connected goes on at the next daemon with `resumeSessionId`. It is answered when the
        program has said that it can; a connection is told `HandingOver` before it is closed. If the next one does not
        come up, this one goes on, and `daemon/status` says why. Only for the user.

        Args:
            program: Which program; without it, the one that lies where this daemon's did.
        """
        params = pack(
            {
                "program": None if program is None else pack_word(program),
            }
        )
        return self._call("daemon/upgrade", params, wire.DaemonUpgrading.from_wire)

    def events_read(
        self,
        *,
        after_seq: Optional[int] = None,
        limit: Optional[int] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Events:
        """What has happened after a number, as far as it is kept: the last 4,096 events.

        Args:
            after_seq: The last number that was read.
            limit: How many at the most; without it, and at the most, 1,000.
            wait_ms: How long to wait where there is nothing.
        """
        params = pack(
            {
                "afterSeq": after_seq,
                "limit": limit,
                "waitMs": wait_ms,
            }
        )
        return self._call("events/read", params, wire.Events.from_wire)

    def events_subscribe(
        self,
        *,
        after_seq: Optional[int] = None,
    ) -> wire.EventsSubscribed:
        """Be told of what happens, by notes `process/event`; what is kept is sent first.

        Args:
            after_seq: After which number; without it, only what comes.
        """
        params = pack(
            {
                "afterSeq": after_seq,
            }
        )
        return self._call("events/subscribe", params, wire.EventsSubscribed.from_wire)

    def events_unsubscribe(
        self,
    ) -> None:
        """Be told no more."""
        params = pack(
            {
            }
        )
        return self._call("events/unsubscribe", params, nothing)

    def exec_command(
        self,
        cmd: str,
        *,
        call_id: Optional[str] = None,
        justification: Optional[str] = None,
        lifetime: Optional[wire.LifetimeName] = None,
        login: Optional[bool] = None,
        max_output_tokens: Optional[int] = None,
        prefix_rule: Optional[Sequence[str]] = None,
        purpose: Optional[str] = None,
        request_key: Optional[str] = None,
        sandbox_permissions: Optional[str] = None,
        shell: Optional[Word] = None,
        stdin: Optional[str] = None,
        stdin_open: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
        tty: Optional[bool] = None,
        until: Optional[str] = None,
        workdir: Optional[Word] = None,
        yield_time_ms: Optional[int] = None,
    ) -> wire.ExecAnswer:
        """Starts a command in a shell and waits for its end, for as long as the call says.

        Args:
            cmd: Shell text.
            call_id: By which name answers and lists call it.
            justification: What somebody would be asked; refused without `sandboxPermissions`.
            lifetime: Until when it may live; without it, as long as the session.
            login: Whether the shell is a login shell.
            max_output_tokens: How much of its output is wanted, in tokens of some four bytes; without it, in `text` 10,000 and in `output` all that was kept.
            prefix_rule: How a rule could begin that allows such commands.
            purpose: What it is for.
            request_key: A repeated start with the same key is answered for the first one.
            sandbox_permissions: `use_default`; `require_escalated` is refused, as nobody here could allow it.
            shell: Another shell than the profile's, by path or by name.
            stdin: Text for its input, which ends behind it unless it is to stay open.
            stdin_open: Its input is a pipe that stays open.
            timeout_ms: How long it may run at all.
            tty: A terminal of its own.
            until: A regular expression that ends the wait once the output matches it.
            workdir: Where it runs: absolute, or relative to the directory of the profile.
            yield_time_ms: How long to wait for its end, from 250 to 30,000 ms; without it 10,000.
        """
        params = pack(
            {
                "cmd": cmd,
                "callId": call_id,
                "justification": justification,
                "lifetime": None if lifetime is None else lifetime if isinstance(lifetime, str) else lifetime.to_wire(),
                "login": login,
                "maxOutputTokens": max_output_tokens,
                "prefixRule": None if prefix_rule is None else list(prefix_rule),
                "purpose": purpose,
                "requestKey": request_key,
                "sandboxPermissions": sandbox_permissions,
                "shell": None if shell is None else pack_word(shell),
                "stdin": stdin,
                "stdinOpen": stdin_open,
                "timeoutMs": timeout_ms,
                "tty": tty,
                "until": until,
                "workdir": None if workdir is None else pack_word(workdir),
                "yieldTimeMs": yield_time_ms,
            }
        )
        return self._call("exec/command", params, wire.ExecAnswer.from_wire)

    def exec_list(
        self,
    ) -> wire.ExecListed:
        """The commands of this session that have not ended."""
        params = pack(
            {
            }
        )
        return self._call("exec/list", params, wire.ExecListed.from_wire)

    def exec_profile(
        self,
        *,
        cwd: Optional[Word] = None,
        env: Optional[wire.Variables] = None,
        login: Optional[bool] = None,
        max_poll_ms: Optional[int] = None,
        shell: Optional[Word] = None,
    ) -> None:
        """How the commands of this session run. Once, before the first of them; without it
        they run in `/` with `/bin/sh` and nothing but a `PATH`.

        Args:
            cwd: Where commands run that say nothing else; absolute.
            env: All variables that they get, but for those that keep programs from writing for people.
            login: Whether shells may be login shells, which they then are by default; without it, they may.
            max_poll_ms: The longest wait of a call that writes nothing; without it 300 s, and at least 5 s.
            shell: The shell of those that name none, by its path.
        """
        params = pack(
            {
                "cwd": None if cwd is None else pack_word(cwd),
                "env": None if env is None else {name: pack_word(one) for name, one in env.items()},
                "login": login,
                "maxPollMs": max_poll_ms,
                "shell": None if shell is None else pack_word(shell),
            }
        )
        return self._call("exec/profile", params, nothing)

    def exec_stop(
        self,
        session_id: int,
    ) -> wire.ExecStopped:
        """Asks a command and its tree to end, waits its grace, kills, and verifies.

        Args:
            session_id: Which.
        """
        params = pack(
            {
                "sessionId": session_id,
            }
        )
        return self._call("exec/stop", params, wire.ExecStopped.from_wire)

    def write_stdin(
        self,
        session_id: int,
        chars: str,
        *,
        close_stdin: Optional[bool] = None,
        max_output_tokens: Optional[int] = None,
        until: Optional[str] = None,
        write_id: Optional[str] = None,
        yield_time_ms: Optional[int] = None,
    ) -> wire.ExecAnswer:
        """Writes to a command, or nothing, and waits for what it says.

        Args:
            session_id: Which.
            chars: What is written; exactly U+0003 interrupts.
            close_stdin: Ends the input behind what is written.
            max_output_tokens: As of `ExecCommand`.
            until: As of `ExecCommand`.
            write_id: Names the write: a repeated one is not written again.
            yield_time_ms: How long to wait: from 250 to 30,000 ms where something is written, from 5,000 on where nothing is.
        """
        params = pack(
            {
                "sessionId": session_id,
                "chars": chars,
                "closeStdin": close_stdin,
                "maxOutputTokens": max_output_tokens,
                "until": until,
                "writeId": write_id,
                "yieldTimeMs": yield_time_ms,
            }
        )
        return self._call("exec/write", params, wire.ExecAnswer.from_wire)

    def owner_end_turn(
        self,
    ) -> wire.Receipts:
        """Stops what was to live for a turn only."""
        params = pack(
            {
            }
        )
        return self._call("owner/endTurn", params, wire.Receipts.from_wire)

    def owner_list(
        self,
    ) -> wire.OwnersListed:
        """The session's owner and those below who have a token, a session or a process."""
        params = pack(
            {
            }
        )
        return self._call("owner/list", params, wire.OwnersListed.from_wire)

    def port_who(
        self,
        port: int,
    ) -> wire.PortWhoAnswer:
        """Who listens at a TCP port of this machine.

        Args:
            port: Which.
        """
        params = pack(
            {
                "port": port,
            }
        )
        return self._call("port/who", params, wire.PortWhoAnswer.from_wire)

    def attach(
        self,
        process_id: str,
        *,
        take_over: Optional[bool] = None,
    ) -> wire.Attached:
        """This session is at the terminal of a process from here on, until it is released, the
        session ends, or another one takes its place.

        It is about who sits there: who may write can still write.

        Args:
            process_id: Which process.
            take_over: Take the place of whoever sits there, who is told; without it, that is refused.
        """
        params = pack(
            {
                "processId": process_id,
                "takeOver": take_over,
            }
        )
        return self._call("process/attach", params, wire.Attached.from_wire)

    def clean(
        self,
        *,
        dry_run: Optional[bool] = None,
        older_than_ms: Optional[int] = None,
        owner: Optional[str] = None,
        process_id: Optional[str] = None,
    ) -> wire.Cleaned:
        """Forgets processes that are over. Their ids answer no more.

        Args:
            dry_run: Only say which these are.
            older_than_ms: Only those that ended at least so long ago.
            owner: Only those of this owner.
            process_id: Only this one.
        """
        params = pack(
            {
                "dryRun": dry_run,
                "olderThanMs": older_than_ms,
                "owner": owner,
                "processId": process_id,
            }
        )
        return self._call("process/clean", params, wire.Cleaned.from_wire)

    def close_stdin(
        self,
        process_id: str,
    ) -> None:
        """Ends the input of a process.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/closeStdin", params, nothing)

    def detach(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> wire.Detached:
        """Processes of this session survive it from here on.

        Args:
            process_id: Which one; without it, all of the session.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/detach", params, wire.Detached.from_wire)

    def info(
        self,
        process_id: str,
        *,
        members: Optional[bool] = None,
    ) -> wire.Info:
        """Everything about one process.

        Args:
            process_id: Which process.
            members: Also who is in its tree and who holds its output, which takes some milliseconds.
        """
        params = pack(
            {
                "processId": process_id,
                "members": members,
            }
        )
        return self._call("process/info", params, wire.Info.from_wire)

    def input_state(
        self,
        process_id: str,
    ) -> wire.InputStateAnswer:
        """Whether the program in the foreground waits for input.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/inputState", params, wire.InputStateAnswer.from_wire)

    def list(
        self,
        *,
        all: Optional[bool] = None,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        owner: Optional[str] = None,
    ) -> wire.Listed:
        """The processes of the owner and of those below, the newest first.

        Args:
            all: Also those that are over.
            cursor: Where the last list ended.
            limit: How many; without it, and at the most, 1,000.
            owner: Only those of this owner.
        """
        params = pack(
            {
                "all": all,
                "cursor": cursor,
                "limit": limit,
                "owner": owner,
            }
        )
        return self._call("process/list", params, wire.Listed.from_wire)

    def press(
        self,
        process_id: str,
        keys: str,
        *,
        wait_ms: Optional[int] = None,
        write_id: Optional[str] = None,
    ) -> wire.WriteAnswer:
        """Presses keys, by name, on the terminal of a process.

        Args:
            process_id: Which process.
            keys: As in `'ls' enter`, `ctrl-c up*2`.
            wait_ms: As of `Write`.
            write_id: As of `Write`.
        """
        params = pack(
            {
                "processId": process_id,
                "keys": keys,
                "waitMs": wait_ms,
                "writeId": write_id,
            }
        )
        return self._call("process/press", params, wire.WriteAnswer.from_wire)

    def read(
        self,
        process_id: str,
        *,
        after_seq: Optional[int] = None,
        max_bytes: Optional[int] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.ReadAnswer:
        """What has come after a sequence number.

        It is answered at once when there are chunks, when nothing more can come, or when the end of the
        process has not been read yet; else when something changes, or the time is up.

        Args:
            process_id: Which process.
            after_seq: The last number that was read.
            max_bytes: How many bytes are wanted at the most, but one chunk at the least.
            wait_ms: How long to wait for something to come.
        """
        params = pack(
            {
                "processId": process_id,
                "afterSeq": after_seq,
                "maxBytes": max_bytes,
                "waitMs": wait_ms,
            }
        )
        return self._call("process/read", params, wire.ReadAnswer.from_wire)

    def reattach(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> wire.Reattached:
        """Processes of the owner that are bound to no session end with this one from here on.

        Args:
            process_id: Which one; without it, all that were detached.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/reattach", params, wire.Reattached.from_wire)

    def receipt(
        self,
        process_id: str,
    ) -> wire.LastReceipt:
        """What the last stop of a process did, if there was one.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/receipt", params, wire.LastReceipt.from_wire)

    def release(
        self,
        process_id: str,
    ) -> None:
        """This session is at the terminal no more.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/release", params, nothing)

    def renew(
        self,
        process_id: str,
    ) -> None:
        """Puts the end of a lease off by its full length.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/renew", params, nothing)

    def resize(
        self,
        process_id: str,
        size: wire.Size,
    ) -> None:
        """Gives the terminal another size.

        Args:
            process_id: Which process.
            size: Which size.
        """
        params = pack(
            {
                "processId": process_id,
                "size": size.to_wire(),
            }
        )
        return self._call("process/resize", params, nothing)

    def screen(
        self,
        process_id: str,
        *,
        redraw: Optional[bool] = None,
    ) -> wire.ScreenAnswer:
        """What the terminal shows now.

        Args:
            process_id: Which process.
            redraw: Also the bytes that draw it on another terminal.
        """
        params = pack(
            {
                "processId": process_id,
                "redraw": redraw,
            }
        )
        return self._call("process/screen", params, wire.ScreenAnswer.from_wire)

    def signal(
        self,
        process_id: str,
        signal: wire.SignalName,
        *,
        scope: Optional[wire.ScopeOf] = None,
    ) -> wire.Signalled:
        """Sends a signal.

        Args:
            process_id: Which process.
            signal: Which signal.
            scope: To whom: `leader`, `group` or `tree`. Without it the leader. Not for `interrupt`.
        """
        params = pack(
            {
                "processId": process_id,
                "signal": signal,
                "scope": scope,
            }
        )
        return self._call("process/signal", params, wire.Signalled.from_wire)

    def start(
        self,
        argv: Sequence[Word],
        *,
        containment: Optional[str] = None,
        cwd: Optional[Word] = None,
        deadline_ms: Optional[int] = None,
        env: Optional[wire.Variables] = None,
        grace_ms: Optional[int] = None,
        keep_bytes: Optional[int] = None,
        least_grade: Optional[str] = None,
        lifetime: Optional[wire.LifetimeName] = None,
        limits: Optional[Mapping[str, wire.SoftHard]] = None,
        name: Optional[str] = None,
        nice: Optional[int] = None,
        notify: bool = False,
        owner: Optional[str] = None,
        pipe_stdin: Optional[bool] = None,
        process_id: Optional[str] = None,
        purpose: Optional[str] = None,
        ready_when: Optional[wire.ReadyWhen] = None,
        ready_within_ms: Optional[int] = None,
        request_key: Optional[str] = None,
        size: Optional[wire.Size] = None,
        together: Optional[bool] = None,
        tty: Optional[bool] = None,
        umask: Optional[int] = None,
    ) -> wire.Started:
        """Starts a process. Nothing is inherited: what is not said here, it does not get.

        Args:
            argv: The program and its arguments; at least the program.
            containment: A rung (`namespace`, `cgroup`, `subreaper`, `group`) or `auto`.
            cwd: Where it starts; without it `/`.
            deadline_ms: How long it may run.
            env: All variables that it gets.
            grace_ms: How long it may take to end when it is asked to.
            keep_bytes: How many bytes of its output are kept in memory; without it 1 MiB.
            least_grade: The least grade (`cooperative`, `swept`, `kernel`), else it is refused.
            lifetime: Until when it may live; without it, as long as the session.
            limits: Resource limits by the words of `ulimit`.
            name: A label for people.
            nice: Its nice value.
            notify: Whether the session is told of its output and its end, as exec servers do; without it, yes. Here it is off unless said.
            owner: For an owner of this name below the session's, who is there from then on; without it for the session's own.
            pipe_stdin: Without a terminal: a pipe to write to. Else it reads end-of-file at once.
            process_id: Names the process within its owner, from before it starts on; without it the daemon does.
            purpose: What it is there for, in a sentence for people.
            ready_when: By what it is seen that it is ready. Starting does not wait for it.
            ready_within_ms: How long that may take, before it has failed to; it runs on then. Without it, for ever.
            request_key: A repeated start with the same key is answered with the process of the first one.
            size: How large that is.
            together: Both output streams through one descriptor: their order is kept, and who wrote is not known.
            tty: A terminal of its own.
            umask: Its umask.
        """
        params = pack(
            {
                "argv": [pack_word(one) for one in argv],
                "containment": containment,
                "cwd": None if cwd is None else pack_word(cwd),
                "deadlineMs": deadline_ms,
                "env": None if env is None else {name: pack_word(one) for name, one in env.items()},
                "graceMs": grace_ms,
                "keepBytes": keep_bytes,
                "leastGrade": least_grade,
                "lifetime": None if lifetime is None else lifetime if isinstance(lifetime, str) else lifetime.to_wire(),
                "limits": None if limits is None else {name: one.to_wire() for name, one in limits.items()},
                "name": name,
                "nice": nice,
                "notify": notify,
                "owner": owner,
                "pipeStdin": pipe_stdin,
                "processId": process_id,
                "purpose": purpose,
                "readyWhen": None if ready_when is None else ready_when.to_wire(),
                "readyWithinMs": ready_within_ms,
                "requestKey": request_key,
                "size": None if size is None else size.to_wire(),
                "together": together,
                "tty": tty,
                "umask": umask,
            }
        )
        return self._call("process/start", params, wire.Started.from_wire)

    def stop(
        self,
        process_id: str,
        *,
        grace_ms: Optional[int] = None,
    ) -> wire.Receipt:
        """Asks a process and its tree to end, waits its grace, kills, and verifies.

        Args:
            process_id: Which process.
            grace_ms: In place of its own grace.
        """
        params = pack(
            {
                "processId": process_id,
                "graceMs": grace_ms,
            }
        )
        return self._call("process/stop", params, wire.Receipt.from_wire)

    def subscribe(
        self,
        *,
        after_seq: Optional[int] = None,
        process_id: Optional[str] = None,
    ) -> None:
        """Be told of the output and the end of a process, or of every change of all.

        Args:
            after_seq: After which sequence number; what is kept is sent first.
            process_id: Which process; without it, the changes of all that the session may see.
        """
        params = pack(
            {
                "afterSeq": after_seq,
                "processId": process_id,
            }
        )
        return self._call("process/subscribe", params, nothing)

    def terminate(
        self,
        process_id: str,
    ) -> wire.Terminated:
        """Kills a process with all its tree, at once.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/terminate", params, wire.Terminated.from_wire)

    def transfer(
        self,
        process_id: str,
        to: str,
    ) -> wire.Transferred:
        """Gives a process to another owner.

        Args:
            process_id: Which process.
            to: To whom: the owner's parent, or one below the session's owner.
        """
        params = pack(
            {
                "processId": process_id,
                "to": to,
            }
        )
        return self._call("process/transfer", params, wire.Transferred.from_wire)

    def unsubscribe(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> None:
        """Be told no more.

        Args:
            process_id: As of `Subscribe`.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return self._call("process/unsubscribe", params, nothing)

    def usage(
        self,
        *,
        members: Optional[bool] = None,
        ports: Optional[bool] = None,
        process_id: Optional[str] = None,
    ) -> wire.UsageAnswer:
        """What trees use now. It reads `/proc`, which takes a millisecond for some members.

        Args:
            members: Also who the members are.
            ports: Also at which ports they listen.
            process_id: Which process; without it, all that live and that the session may see.
        """
        params = pack(
            {
                "members": members,
                "ports": ports,
                "processId": process_id,
            }
        )
        return self._call("process/usage", params, wire.UsageAnswer.from_wire)

    def view(
        self,
        process_id: str,
        *,
        from_: Optional[int] = None,
        grep: Optional[str] = None,
        head: Optional[int] = None,
        invert: Optional[bool] = None,
        max_bytes: Optional[int] = None,
        numbered: Optional[bool] = None,
        plain: Optional[bool] = None,
        since_ms: Optional[int] = None,
        stream: Optional[wire.StreamName] = None,
        tail: Optional[int] = None,
    ) -> wire.Viewed:
        """What is kept of the output, as text. Nothing is sent that was not asked for.

        Args:
            process_id: Which process.
            from_: From which byte on, among all.
            grep: Only lines that match this regular expression.
            head: The first lines of what is left; with `tail` both.
            invert: Only lines that do not match it.
            max_bytes: Without `head` and `tail`: how many bytes of text at the most, half of them of the beginning and half of the end; without it, and at the most, 1 MiB. With them each half has 1 MiB at the most.
            numbered: Each line with its number.
            plain: Without the escape sequences of terminals, and without what was overwritten.
            since_ms: Only what came at this time or later, in milliseconds since 1970.
            stream: Only one stream.
            tail: The last lines of what is left.
        """
        params = pack(
            {
                "processId": process_id,
                "from": from_,
                "grep": grep,
                "head": head,
                "invert": invert,
                "maxBytes": max_bytes,
                "numbered": numbered,
                "plain": plain,
                "sinceMs": since_ms,
                "stream": stream,
                "tail": tail,
            }
        )
        return self._call("process/view", params, wire.Viewed.from_wire)

    def wait(
        self,
        process_id: str,
        *,
        conditions: Optional[Sequence[wire.Condition]] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Waited:
        """Waits for the first of some conditions.

        Args:
            process_id: Which process.
            conditions: For what; without any, for the end of the leader. At most 16.
            wait_ms: How long; without it, as long as is granted.
        """
        params = pack(
            {
                "processId": process_id,
                "conditions": None if conditions is None else [one.to_wire() for one in conditions],
                "waitMs": wait_ms,
            }
        )
        return self._call("process/wait", params, wire.Waited.from_wire)

    def write(
        self,
        process_id: str,
        chunk: bytes,
        *,
        wait_ms: Optional[int] = None,
        write_id: Optional[str] = None,
    ) -> wire.WriteAnswer:
        """Writes to a process.

        Args:
            process_id: Which process.
            chunk: What is written; at most 1 MiB.
            wait_ms: How long it may take; without it 5 s.
            write_id: Names the write: a repeated one is answered and not written again.
        """
        params = pack(
            {
                "processId": process_id,
                "chunk": pack_bytes(chunk),
                "waitMs": wait_ms,
                "writeId": write_id,
            }
        )
        return self._call("process/write", params, wire.WriteAnswer.from_wire)

    def token_create(
        self,
        *,
        expires_in_ms: Optional[int] = None,
        owner: Optional[str] = None,
        scopes: Optional[Sequence[wire.ScopeName]] = None,
    ) -> wire.CreatedToken:
        """A token with less authority than that of the session.

        Args:
            expires_in_ms: For how long it is good; without it, as long as its parent.
            owner: For an owner of this name below the session's; without it for the session's own.
            scopes: What it may do; without it, all that the session may.
        """
        params = pack(
            {
                "expiresInMs": expires_in_ms,
                "owner": owner,
                "scopes": None if scopes is None else list(scopes),
            }
        )
        return self._call("token/create", params, wire.CreatedToken.from_wire)

    def token_list(
        self,
    ) -> wire.ListedTokens:
        """The tokens that came from the session's."""
        params = pack(
            {
            }
        )
        return self._call("token/list", params, wire.ListedTokens.from_wire)

    def token_revoke(
        self,
        token_id: str,
    ) -> wire.RevokedTokens:
        """A token and all that came from it are good no more.

        Args:
            token_id: Which.
        """
        params = pack(
            {
                "tokenId": token_id,
            }
        )
        return self._call("token/revoke", params, wire.RevokedTokens.from_wire)


class AsyncVerbs:
    """All that can be asked of a daemon; each is awaited. Times are milliseconds."""

    async def _call(
        self, method: str, params: Dict[str, Any], read: Callable[[Any], T]
    ) -> T:
        raise NotImplementedError

    async def daemon_status(
        self,
    ) -> wire.DaemonStatusAnswer:
        """How the daemon is."""
        params = pack(
            {
            }
        )
        return await self._call("daemon/status", params, wire.DaemonStatusAnswer.from_wire)

    async def daemon_stop(
        self,
        *,
        leave_survivors: Optional[bool] = None,
    ) -> wire.Receipts:
        """Ends every process, of all owners and also what was declared to survive, and then the
        daemon. It is answered when all are gone. Only for the user.

        Args:
            leave_survivors: What was declared to survive goes on, and is taken over by the next daemon.
        """
        params = pack(
            {
                "leaveSurvivors": leave_survivors,
            }
        )
        return await self._call("daemon/stop", params, wire.Receipts.from_wire)

    async def daemon_upgrade(
        self,
        *,
        program: Optional[Word] = None,
    ) -> wire.DaemonUpgrading:
        """Hands over to another program, without ending a session: every process goes on, whatever its
        lifetime, and who is connected goes on at the next daemon with `resumeSessionId`. It is answered when the
        program has said that it can; a connection is told `HandingOver` before it is closed. If the next one does not
        come up, this one goes on, and `daemon/status` says why. Only for the user.

        Args:
            program: Which program; without it, the one that lies where this daemon's did.
        """
        params = pack(
            {
                "program": None if program is None else pack_word(program),
            }
        )
        return await self._call("daemon/upgrade", params, wire.DaemonUpgrading.from_wire)

    async def events_read(
        self,
        *,
        after_seq: Optional[int] = None,
        limit: Optional[int] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Events:
        """What has happened after a number, as far as it is kept: the last 4,096 events.

        Args:
            after_seq: The last number that was read.
            limit: How many at the most; without it, and at the most, 1,000.
            wait_ms: How long to wait where there is nothing.
        """
        params = pack(
            {
                "afterSeq": after_seq,
                "limit": limit,
                "waitMs": wait_ms,
            }
        )
        return await self._call("events/read", params, wire.Events.from_wire)

    async def events_subscribe(
        self,
        *,
        after_seq: Optional[int] = None,
    ) -> wire.EventsSubscribed:
        """Be told of what happens, by notes `process/event`; what is kept is sent first.

        Args:
            after_seq: After which number; without it, only what comes.
        """
        params = pack(
            {
                "afterSeq": after_seq,
            }
        )
        return await self._call("events/subscribe", params, wire.EventsSubscribed.from_wire)

    async def events_unsubscribe(
        self,
    ) -> None:
        """Be told no more."""
        params = pack(
            {
            }
        )
        return await self._call("events/unsubscribe", params, nothing)

    async def exec_command(
        self,
        cmd: str,
        *,
        call_id: Optional[str] = None,
        justification: Optional[str] = None,
        lifetime: Optional[wire.LifetimeName] = None,
        login: Optional[bool] = None,
        max_output_tokens: Optional[int] = None,
        prefix_rule: Optional[Sequence[str]] = None,
        purpose: Optional[str] = None,
        request_key: Optional[str] = None,
        sandbox_permissions: Optional[str] = None,
        shell: Optional[Word] = None,
        stdin: Optional[str] = None,
        stdin_open: Optional[bool] = None,
        timeout_ms: Optional[int] = None,
        tty: Optional[bool] = None,
        until: Optional[str] = None,
        workdir: Optional[Word] = None,
        yield_time_ms: Optional[int] = None,
    ) -> wire.ExecAnswer:
        """Starts a command in a shell and waits for its end, for as long as the call says.

        Args:
            cmd: Shell text.
            call_id: By which name answers and lists call it.
            justification: What somebody would be asked; refused without `sandboxPermissions`.
            lifetime: Until when it may live; without it, as long as the session.
            login: Whether the shell is a login shell.
            max_output_tokens: How much of its output is wanted, in tokens of some four bytes; without it, in `text` 10,000 and in `output` all that was kept.
            prefix_rule: How a rule could begin that allows such commands.
            purpose: What it is for.
            request_key: A repeated start with the same key is answered for the first one.
            sandbox_permissions: `use_default`; `require_escalated` is refused, as nobody here could allow it.
            shell: Another shell than the profile's, by path or by name.
            stdin: Text for its input, which ends behind it unless it is to stay open.
            stdin_open: Its input is a pipe that stays open.
            timeout_ms: How long it may run at all.
            tty: A terminal of its own.
            until: A regular expression that ends the wait once the output matches it.
            workdir: Where it runs: absolute, or relative to the directory of the profile.
            yield_time_ms: How long to wait for its end, from 250 to 30,000 ms; without it 10,000.
        """
        params = pack(
            {
                "cmd": cmd,
                "callId": call_id,
                "justification": justification,
                "lifetime": None if lifetime is None else lifetime if isinstance(lifetime, str) else lifetime.to_wire(),
                "login": login,
                "maxOutputTokens": max_output_tokens,
                "prefixRule": None if prefix_rule is None else list(prefix_rule),
                "purpose": purpose,
                "requestKey": request_key,
                "sandboxPermissions": sandbox_permissions,
                "shell": None if shell is None else pack_word(shell),
                "stdin": stdin,
                "stdinOpen": stdin_open,
                "timeoutMs": timeout_ms,
                "tty": tty,
                "until": until,
                "workdir": None if workdir is None else pack_word(workdir),
                "yieldTimeMs": yield_time_ms,
            }
        )
        return await self._call("exec/command", params, wire.ExecAnswer.from_wire)

    async def exec_list(
        self,
    ) -> wire.ExecListed:
        """The commands of this session that have not ended."""
        params = pack(
            {
            }
        )
        return await self._call("exec/list", params, wire.ExecListed.from_wire)

    async def exec_profile(
        self,
        *,
        cwd: Optional[Word] = None,
        env: Optional[wire.Variables] = None,
        login: Optional[bool] = None,
        max_poll_ms: Optional[int] = None,
        shell: Optional[Word] = None,
    ) -> None:
        """How the commands of this session run. Once, before the first of them; without it
        they run in `/` with `/bin/sh` and nothing but a `PATH`.

        Args:
            cwd: Where commands run that say nothing else; absolute.
            env: All variables that they get, but for those that keep programs from writing for people.
            login: Whether shells may be login shells, which they then are by default; without it, they may.
            max_poll_ms: The longest wait of a call that writes nothing; without it 300 s, and at least 5 s.
            shell: The shell of those that name none, by its path.
        """
        params = pack(
            {
                "cwd": None if cwd is None else pack_word(cwd),
                "env": None if env is None else {name: pack_word(one) for name, one in env.items()},
                "login": login,
                "maxPollMs": max_poll_ms,
                "shell": None if shell is None else pack_word(shell),
            }
        )
        return await self._call("exec/profile", params, nothing)

    async def exec_stop(
        self,
        session_id: int,
    ) -> wire.ExecStopped:
        """Asks a command and its tree to end, waits its grace, kills, and verifies.

        Args:
            session_id: Which.
        """
        params = pack(
            {
                "sessionId": session_id,
            }
        )
        return await self._call("exec/stop", params, wire.ExecStopped.from_wire)

    async def write_stdin(
        self,
        session_id: int,
        chars: str,
        *,
        close_stdin: Optional[bool] = None,
        max_output_tokens: Optional[int] = None,
        until: Optional[str] = None,
        write_id: Optional[str] = None,
        yield_time_ms: Optional[int] = None,
    ) -> wire.ExecAnswer:
        """Writes to a command, or nothing, and waits for what it says.

        Args:
            session_id: Which.
            chars: What is written; exactly U+0003 interrupts.
            close_stdin: Ends the input behind what is written.
            max_output_tokens: As of `ExecCommand`.
            until: As of `ExecCommand`.
            write_id: Names the write: a repeated one is not written again.
            yield_time_ms: How long to wait: from 250 to 30,000 ms where something is written, from 5,000 on where nothing is.
        """
        params = pack(
            {
                "sessionId": session_id,
                "chars": chars,
                "closeStdin": close_stdin,
                "maxOutputTokens": max_output_tokens,
                "until": until,
                "writeId": write_id,
                "yieldTimeMs": yield_time_ms,
            }
        )
        return await self._call("exec/write", params, wire.ExecAnswer.from_wire)

    async def owner_end_turn(
        self,
    ) -> wire.Receipts:
        """Stops what was to live for a turn only."""
        params = pack(
            {
            }
        )
        return await self._call("owner/endTurn", params, wire.Receipts.from_wire)

    async def owner_list(
        self,
    ) -> wire.OwnersListed:
        """The session's owner and those below who have a token, a session or a process."""
        params = pack(
            {
            }
        )
        return await self._call("owner/list", params, wire.OwnersListed.from_wire)

    async def port_who(
        self,
        port: int,
    ) -> wire.PortWhoAnswer:
        """Who listens at a TCP port of this machine.

        Args:
            port: Which.
        """
        params = pack(
            {
                "port": port,
            }
        )
        return await self._call("port/who", params, wire.PortWhoAnswer.from_wire)

    async def attach(
        self,
        process_id: str,
        *,
        take_over: Optional[bool] = None,
    ) -> wire.Attached:
        """This session is at the terminal of a process from here on, until it is released, the
        session ends, or another one takes its place.

        It is about who sits there: who may write can still write.

        Args:
            process_id: Which process.
            take_over: Take the place of whoever sits there, who is told; without it, that is refused.
        """
        params = pack(
            {
                "processId": process_id,
                "takeOver": take_over,
            }
        )
        return await self._call("process/attach", params, wire.Attached.from_wire)

    async def clean(
        self,
        *,
        dry_run: Optional[bool] = None,
        older_than_ms: Optional[int] = None,
        owner: Optional[str] = None,
        process_id: Optional[str] = None,
    ) -> wire.Cleaned:
        """Forgets processes that are over. Their ids answer no more.

        Args:
            dry_run: Only say which these are.
            older_than_ms: Only those that ended at least so long ago.
            owner: Only those of this owner.
            process_id: Only this one.
        """
        params = pack(
            {
                "dryRun": dry_run,
                "olderThanMs": older_than_ms,
                "owner": owner,
                "processId": process_id,
            }
        )
        return await self._call("process/clean", params, wire.Cleaned.from_wire)

    async def close_stdin(
        self,
        process_id: str,
    ) -> None:
        """Ends the input of a process.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/closeStdin", params, nothing)

    async def detach(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> wire.Detached:
        """Processes of this session survive it from here on.

        Args:
            process_id: Which one; without it, all of the session.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/detach", params, wire.Detached.from_wire)

    async def info(
        self,
        process_id: str,
        *,
        members: Optional[bool] = None,
    ) -> wire.Info:
        """Everything about one process.

        Args:
            process_id: Which process.
            members: Also who is in its tree and who holds its output, which takes some milliseconds.
        """
        params = pack(
            {
                "processId": process_id,
                "members": members,
            }
        )
        return await self._call("process/info", params, wire.Info.from_wire)

    async def input_state(
        self,
        process_id: str,
    ) -> wire.InputStateAnswer:
        """Whether the program in the foreground waits for input.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/inputState", params, wire.InputStateAnswer.from_wire)

    async def list(
        self,
        *,
        all: Optional[bool] = None,
        cursor: Optional[str] = None,
        limit: Optional[int] = None,
        owner: Optional[str] = None,
    ) -> wire.Listed:
        """The processes of the owner and of those below, the newest first.

        Args:
            all: Also those that are over.
            cursor: Where the last list ended.
            limit: How many; without it, and at the most, 1,000.
            owner: Only those of this owner.
        """
        params = pack(
            {
                "all": all,
                "cursor": cursor,
                "limit": limit,
                "owner": owner,
            }
        )
        return await self._call("process/list", params, wire.Listed.from_wire)

    async def press(
        self,
        process_id: str,
        keys: str,
        *,
        wait_ms: Optional[int] = None,
        write_id: Optional[str] = None,
    ) -> wire.WriteAnswer:
        """Presses keys, by name, on the terminal of a process.

        Args:
            process_id: Which process.
            keys: As in `'ls' enter`, `ctrl-c up*2`.
            wait_ms: As of `Write`.
            write_id: As of `Write`.
        """
        params = pack(
            {
                "processId": process_id,
                "keys": keys,
                "waitMs": wait_ms,
                "writeId": write_id,
            }
        )
        return await self._call("process/press", params, wire.WriteAnswer.from_wire)

    async def read(
        self,
        process_id: str,
        *,
        after_seq: Optional[int] = None,
        max_bytes: Optional[int] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.ReadAnswer:
        """What has come after a sequence number.

        It is answered at once when there are chunks, when nothing more can come, or when the end of the
        process has not been read yet; else when something changes, or the time is up.

        Args:
            process_id: Which process.
            after_seq: The last number that was read.
            max_bytes: How many bytes are wanted at the most, but one chunk at the least.
            wait_ms: How long to wait for something to come.
        """
        params = pack(
            {
                "processId": process_id,
                "afterSeq": after_seq,
                "maxBytes": max_bytes,
                "waitMs": wait_ms,
            }
        )
        return await self._call("process/read", params, wire.ReadAnswer.from_wire)

    async def reattach(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> wire.Reattached:
        """Processes of the owner that are bound to no session end with this one from here on.

        Args:
            process_id: Which one; without it, all that were detached.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/reattach", params, wire.Reattached.from_wire)

    async def receipt(
        self,
        process_id: str,
    ) -> wire.LastReceipt:
        """What the last stop of a process did, if there was one.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/receipt", params, wire.LastReceipt.from_wire)

    async def release(
        self,
        process_id: str,
    ) -> None:
        """This session is at the terminal no more.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/release", params, nothing)

    async def renew(
        self,
        process_id: str,
    ) -> None:
        """Puts the end of a lease off by its full length.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/renew", params, nothing)

    async def resize(
        self,
        process_id: str,
        size: wire.Size,
    ) -> None:
        """Gives the terminal another size.

        Args:
            process_id: Which process.
            size: Which size.
        """
        params = pack(
            {
                "processId": process_id,
                "size": size.to_wire(),
            }
        )
        return await self._call("process/resize", params, nothing)

    async def screen(
        self,
        process_id: str,
        *,
        redraw: Optional[bool] = None,
    ) -> wire.ScreenAnswer:
        """What the terminal shows now.

        Args:
            process_id: Which process.
            redraw: Also the bytes that draw it on another terminal.
        """
        params = pack(
            {
                "processId": process_id,
                "redraw": redraw,
            }
        )
        return await self._call("process/screen", params, wire.ScreenAnswer.from_wire)

    async def signal(
        self,
        process_id: str,
        signal: wire.SignalName,
        *,
        scope: Optional[wire.ScopeOf] = None,
    ) -> wire.Signalled:
        """Sends a signal.

        Args:
            process_id: Which process.
            signal: Which signal.
            scope: To whom: `leader`, `group` or `tree`. Without it the leader. Not for `interrupt`.
        """
        params = pack(
            {
                "processId": process_id,
                "signal": signal,
                "scope": scope,
            }
        )
        return await self._call("process/signal", params, wire.Signalled.from_wire)

    async def start(
        self,
        argv: Sequence[Word],
        *,
        containment: Optional[str] = None,
        cwd: Optional[Word] = None,
        deadline_ms: Optional[int] = None,
        env: Optional[wire.Variables] = None,
        grace_ms: Optional[int] = None,
        keep_bytes: Optional[int] = None,
        least_grade: Optional[str] = None,
        lifetime: Optional[wire.LifetimeName] = None,
        limits: Optional[Mapping[str, wire.SoftHard]] = None,
        name: Optional[str] = None,
        nice: Optional[int] = None,
        notify: bool = False,
        owner: Optional[str] = None,
        pipe_stdin: Optional[bool] = None,
        process_id: Optional[str] = None,
        purpose: Optional[str] = None,
        ready_when: Optional[wire.ReadyWhen] = None,
        ready_within_ms: Optional[int] = None,
        request_key: Optional[str] = None,
        size: Optional[wire.Size] = None,
        together: Optional[bool] = None,
        tty: Optional[bool] = None,
        umask: Optional[int] = None,
    ) -> wire.Started:
        """Starts a process. Nothing is inherited: what is not said here, it does not get.

        Args:
            argv: The program and its arguments; at least the program.
            containment: A rung (`namespace`, `cgroup`, `subreaper`, `group`) or `auto`.
            cwd: Where it starts; without it `/`.
            deadline_ms: How long it may run.
            env: All variables that it gets.
            grace_ms: How long it may take to end when it is asked to.
            keep_bytes: How many bytes of its output are kept in memory; without it 1 MiB.
            least_grade: The least grade (`cooperative`, `swept`, `kernel`), else it is refused.
            lifetime: Until when it may live; without it, as long as the session.
            limits: Resource limits by the words of `ulimit`.
            name: A label for people.
            nice: Its nice value.
            notify: Whether the session is told of its output and its end, as exec servers do; without it, yes. Here it is off unless said.
            owner: For an owner of this name below the session's, who is there from then on; without it for the session's own.
            pipe_stdin: Without a terminal: a pipe to write to. Else it reads end-of-file at once.
            process_id: Names the process within its owner, from before it starts on; without it the daemon does.
            purpose: What it is there for, in a sentence for people.
            ready_when: By what it is seen that it is ready. Starting does not wait for it.
            ready_within_ms: How long that may take, before it has failed to; it runs on then. Without it, for ever.
            request_key: A repeated start with the same key is answered with the process of the first one.
            size: How large that is.
            together: Both output streams through one descriptor: their order is kept, and who wrote is not known.
            tty: A terminal of its own.
            umask: Its umask.
        """
        params = pack(
            {
                "argv": [pack_word(one) for one in argv],
                "containment": containment,
                "cwd": None if cwd is None else pack_word(cwd),
                "deadlineMs": deadline_ms,
                "env": None if env is None else {name: pack_word(one) for name, one in env.items()},
                "graceMs": grace_ms,
                "keepBytes": keep_bytes,
                "leastGrade": least_grade,
                "lifetime": None if lifetime is None else lifetime if isinstance(lifetime, str) else lifetime.to_wire(),
                "limits": None if limits is None else {name: one.to_wire() for name, one in limits.items()},
                "name": name,
                "nice": nice,
                "notify": notify,
                "owner": owner,
                "pipeStdin": pipe_stdin,
                "processId": process_id,
                "purpose": purpose,
                "readyWhen": None if ready_when is None else ready_when.to_wire(),
                "readyWithinMs": ready_within_ms,
                "requestKey": request_key,
                "size": None if size is None else size.to_wire(),
                "together": together,
                "tty": tty,
                "umask": umask,
            }
        )
        return await self._call("process/start", params, wire.Started.from_wire)

    async def stop(
        self,
        process_id: str,
        *,
        grace_ms: Optional[int] = None,
    ) -> wire.Receipt:
        """Asks a process and its tree to end, waits its grace, kills, and verifies.

        Args:
            process_id: Which process.
            grace_ms: In place of its own grace.
        """
        params = pack(
            {
                "processId": process_id,
                "graceMs": grace_ms,
            }
        )
        return await self._call("process/stop", params, wire.Receipt.from_wire)

    async def subscribe(
        self,
        *,
        after_seq: Optional[int] = None,
        process_id: Optional[str] = None,
    ) -> None:
        """Be told of the output and the end of a process, or of every change of all.

        Args:
            after_seq: After which sequence number; what is kept is sent first.
            process_id: Which process; without it, the changes of all that the session may see.
        """
        params = pack(
            {
                "afterSeq": after_seq,
                "processId": process_id,
            }
        )
        return await self._call("process/subscribe", params, nothing)

    async def terminate(
        self,
        process_id: str,
    ) -> wire.Terminated:
        """Kills a process with all its tree, at once.

        Args:
            process_id: Which process.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/terminate", params, wire.Terminated.from_wire)

    async def transfer(
        self,
        process_id: str,
        to: str,
    ) -> wire.Transferred:
        """Gives a process to another owner.

        Args:
            process_id: Which process.
            to: To whom: the owner's parent, or one below the session's owner.
        """
        params = pack(
            {
                "processId": process_id,
                "to": to,
            }
        )
        return await self._call("process/transfer", params, wire.Transferred.from_wire)

    async def unsubscribe(
        self,
        *,
        process_id: Optional[str] = None,
    ) -> None:
        """Be told no more.

        Args:
            process_id: As of `Subscribe`.
        """
        params = pack(
            {
                "processId": process_id,
            }
        )
        return await self._call("process/unsubscribe", params, nothing)

    async def usage(
        self,
        *,
        members: Optional[bool] = None,
        ports: Optional[bool] = None,
        process_id: Optional[str] = None,
    ) -> wire.UsageAnswer:
        """What trees use now. It reads `/proc`, which takes a millisecond for some members.

        Args:
            members: Also who the members are.
            ports: Also at which ports they listen.
            process_id: Which process; without it, all that live and that the session may see.
        """
        params = pack(
            {
                "members": members,
                "ports": ports,
                "processId": process_id,
            }
        )
        return await self._call("process/usage", params, wire.UsageAnswer.from_wire)

    async def view(
        self,
        process_id: str,
        *,
        from_: Optional[int] = None,
        grep: Optional[str] = None,
        head: Optional[int] = None,
        invert: Optional[bool] = None,
        max_bytes: Optional[int] = None,
        numbered: Optional[bool] = None,
        plain: Optional[bool] = None,
        since_ms: Optional[int] = None,
        stream: Optional[wire.StreamName] = None,
        tail: Optional[int] = None,
    ) -> wire.Viewed:
        """What is kept of the output, as text. Nothing is sent that was not asked for.

        Args:
            process_id: Which process.
            from_: From which byte on, among all.
            grep: Only lines that match this regular expression.
            head: The first lines of what is left; with `tail` both.
            invert: Only lines that do not match it.
            max_bytes: Without `head` and `tail`: how many bytes of text at the most, half of them of the beginning and half of the end; without it, and at the most, 1 MiB. With them each half has 1 MiB at the most.
            numbered: Each line with its number.
            plain: Without the escape sequences of terminals, and without what was overwritten.
            since_ms: Only what came at this time or later, in milliseconds since 1970.
            stream: Only one stream.
            tail: The last lines of what is left.
        """
        params = pack(
            {
                "processId": process_id,
                "from": from_,
                "grep": grep,
                "head": head,
                "invert": invert,
                "maxBytes": max_bytes,
                "numbered": numbered,
                "plain": plain,
                "sinceMs": since_ms,
                "stream": stream,
                "tail": tail,
            }
        )
        return await self._call("process/view", params, wire.Viewed.from_wire)

    async def wait(
        self,
        process_id: str,
        *,
        conditions: Optional[Sequence[wire.Condition]] = None,
        wait_ms: Optional[int] = None,
    ) -> wire.Waited:
        """Waits for the first of some conditions.

        Args:
            process_id: Which process.
            conditions: For what; without any, for the end of the leader. At most 16.
            wait_ms: How long; without it, as long as is granted.
        """
        params = pack(
            {
                "processId": process_id,
                "conditions": None if conditions is None else [one.to_wire() for one in conditions],
                "waitMs": wait_ms,
            }
        )
        return await self._call("process/wait", params, wire.Waited.from_wire)

    async def write(
        self,
        process_id: str,
        chunk: bytes,
        *,
        wait_ms: Optional[int] = None,
        write_id: Optional[str] = None,
    ) -> wire.WriteAnswer:
        """Writes to a process.

        Args:
            process_id: Which process.
            chunk: What is written; at most 1 MiB.
            wait_ms: How long it may take; without it 5 s.
            write_id: Names the write: a repeated one is answered and not written again.
        """
        params = pack(
            {
                "processId": process_id,
                "chunk": pack_bytes(chunk),
                "waitMs": wait_ms,
                "writeId": write_id,
            }
        )
        return await self._call("process/write", params, wire.WriteAnswer.from_wire)

    async def token_create(
        self,
        *,
        expires_in_ms: Optional[int] = None,
        owner: Optional[str] = None,
        scopes: Optional[Sequence[wire.ScopeName]] = None,
    ) -> wire.CreatedToken:
        """A token with less authority than that of the session.

        Args:
            expires_in_ms: For how long it is good; without it, as long as its parent.
            owner: For an owner of this name below the session's; without it for the session's own.
            scopes: What it may do; without it, all that the session may.
        """
        params = pack(
            {
                "expiresInMs": expires_in_ms,
                "owner": owner,
                "scopes": None if scopes is None else list(scopes),
            }
        )
        return await self._call("token/create", params, wire.CreatedToken.from_wire)

    async def token_list(
        self,
    ) -> wire.ListedTokens:
        """The tokens that came from the session's."""
        params = pack(
            {
            }
        )
        return await self._call("token/list", params, wire.ListedTokens.from_wire)

    async def token_revoke(
        self,
        token_id: str,
    ) -> wire.RevokedTokens:
        """A token and all that came from it are good no more.

        Args:
            token_id: Which.
        """
        params = pack(
            {
                "tokenId": token_id,
            }
        )
        return await self._call("token/revoke", params, wire.RevokedTokens.from_wire)
