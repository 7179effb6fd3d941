"""A whole life of processes over a real daemon."""

from __future__ import annotations

import os
import signal
import threading
import unittest
from typing import Callable, List

import handfast
from handfast import wire
from handfast.pack import Word

from .stage import ENV, HOME, fresh, sh


def text(pieces: "handfast.Follow") -> str:
    """All that follows."""
    return b"".join(piece.data for piece in pieces).decode()


class Life(unittest.TestCase):
    def setUp(self) -> None:
        self.client = handfast.connect()
        self.addCleanup(self.client.close)

    def test_a_process_from_its_start_to_its_end(self) -> None:
        client, name = self.client, fresh("echo")
        script = "echo ready; read line; echo got $line; echo to stderr >&2; exec sleep 1000"
        started = client.start(sh(script), process_id=name, env=ENV, pipe_stdin=True, cwd="/", purpose="a test")
        self.assertEqual(started.process_id, name)
        ready = client.wait(name, conditions=[wire.ConditionMatch(pattern="ready")])
        self.assertEqual(ready.outcome, "matched")
        written = client.write(name, b"this\n")
        self.assertEqual((written.status, written.taken), ("accepted", 5))
        client.wait(name, conditions=[wire.ConditionMatch(pattern="to stderr")])
        self.assertIn(name, [info.process_id for info in client.list().processes])
        info = client.info(name, members=True)
        self.assertEqual((info.purpose, info.status.state, info.argv[0]), ("a test", "running", "/bin/sh"))
        self.assertEqual(client.signal(name, signal.SIGCONT).reached, 1)
        receipt = client.stop(name)
        self.assertEqual(receipt.survivors, [])
        followed = client.follow(name)
        streams: List[str] = []
        said = b""
        for piece in followed:
            self.assertEqual((piece.offset, piece.missed), (len(said), 0))
            said += piece.data
            streams.append(piece.stream)
        self.assertEqual(said, b"ready\ngot this\nto stderr\n")
        self.assertEqual(set(streams), {"stdout", "stderr"})
        self.assertEqual(followed.signal, signal.SIGTERM)
        self.assertEqual(client.info(name).status.cause, "stop")
        self.assertEqual(client.view(name, tail=1).text, "to stderr\n")
        self.assertEqual(client.clean(process_id=name).process_ids, [name])

    def test_what_is_followed_is_bounded_and_gone_on_with_by_offset(self) -> None:
        client, name = self.client, fresh("flood")
        client.start(sh("head -c 3000000 /dev/zero"), process_id=name, env=ENV, keep_bytes=200_000)
        client.wait(name)
        at = 0
        followed = client.follow(name)
        for piece in followed:
            self.assertLessEqual(len(piece.data), 256 * 1024)
            # Each byte is either there or counted.
            at += piece.missed
            self.assertEqual(piece.offset, at)
            at += len(piece.data)
        self.assertEqual(at, 3_000_000)
        self.assertGreaterEqual(followed.missed, 2_800_000)
        last = list(client.follow(name, offset=2_999_990))
        self.assertEqual((last[0].offset, sum(len(one.data) for one in last)), (2_999_990, 10))
        self.assertEqual(list(client.follow(name, after_seq=followed.seq)), [])
        # The control: with all kept nothing is missing.
        whole = fresh("whole")
        client.start(sh("head -c 300000 /dev/zero"), process_id=whole, env=ENV)
        followed = client.follow(whole)
        self.assertEqual(sum(len(one.data) for one in followed), 300_000)
        self.assertEqual((followed.missed, followed.exit_code), (0, 0))

    def test_only_what_is_kept_is_read_where_nothing_is_waited_for(self) -> None:
        client, name = self.client, fresh("open")
        client.start(sh("echo one; sleep 1000"), process_id=name, env=ENV)
        client.wait(name, conditions=[wire.ConditionMatch(pattern="one")])
        self.assertEqual(text(client.follow(name, wait=False)), "one\n")
        client.terminate(name)

    def test_words_need_not_be_text(self) -> None:
        client, name = self.client, fresh("raw")
        argv: List[Word] = ["/bin/sh", "-c", "printf %s \"$1$X\"", "sh", b"\xff"]
        client.start(argv, process_id=name, env={**ENV, "X": b"\xfe"})
        self.assertEqual(b"".join(one.data for one in client.follow(name)), b"\xff\xfe")
        self.assertEqual(client.info(name).argv[-1], b"\xff")

    def test_commands_answer_in_time_and_go_on(self) -> None:
        client = self.client
        client.exec_profile(cwd=str(HOME), env=ENV)
        done = client.exec_command("pwd -P; exit 3")
        self.assertEqual((done.exit_code, done.output), (3, f"{os.path.realpath(HOME)}\n"))
        going = client.exec_command("echo up; read x; echo $x", stdin_open=True, until="up")
        assert going.session_id is not None
        self.assertIn(going.session_id, [one.session_id for one in client.exec_list().sessions])
        over = client.write_stdin(going.session_id, "word\n", until="word")
        self.assertIn("word", over.output)
        stays = client.exec_command("sleep 1000", yield_time_ms=250)
        assert stays.session_id is not None
        self.assertTrue(client.exec_stop(stays.session_id).was_running)
        with self.assertRaises(handfast.NotFound) as caught:
            client.write_stdin(1, "")
        self.assertEqual(caught.exception.code, "exec.unknown-process-id")

    def test_a_terminal_has_a_screen_and_keys(self) -> None:
        client, name = self.client, fresh("tty")
        client.start(["/bin/cat"], process_id=name, env=ENV, tty=True, size=wire.Size(rows=5, columns=20))
        client.press(name, "'seen' enter")
        client.wait(name, conditions=[wire.ConditionMatch(pattern="seen\\s+seen")])
        screen = client.screen(name, redraw=True)
        self.assertIn("seen", screen.text)
        self.assertIsInstance(screen.redraw, bytes)
        client.resize(name, wire.Size(rows=9, columns=30))
        self.assertEqual(client.screen(name).size, wire.Size(rows=9, columns=30))
        client.press(name, "ctrl-d")
        self.assertEqual(client.wait(name).status.exit_code, 0)

    def test_owners_tokens_and_handing_over(self) -> None:
        client, name = self.client, fresh("given")
        made = client.token_create(owner="agent", scopes=["read", "start", "transfer"])
        self.assertIn(made.token_id, [one.token_id for one in client.token_list().tokens])
        with handfast.connect(token=made.token) as agent:
            self.assertEqual(agent.welcome.owner, "user/agent")
            agent.start(sh("sleep 1000"), process_id=name, env=ENV)
            with self.assertRaises(handfast.NotAllowed) as caught:
                agent.stop(name)
            self.assertEqual(caught.exception.code, "token.not-allowed")
            given = agent.transfer(name, "user")
            self.assertEqual(given.owner, "user")
        # What was handed over is not the agent's any more, and outlives its session.
        self.assertEqual(client.info(given.process_id).status.state, "running")
        client.stop(given.process_id)
        self.assertEqual(client.token_revoke(made.token_id).revoked, 1)
        with self.assertRaises(handfast.NotAllowed) as caught:
            handfast.connect(token=made.token)
        self.assertEqual(caught.exception.code, "token.unknown")

    def test_a_token_may_lie_in_a_file(self) -> None:
        made = self.client.token_create(owner="filed")
        path = HOME / fresh("token")
        path.write_text(made.token + "\n")
        with handfast.connect(token_file=path) as filed:
            self.assertEqual(filed.welcome.owner, "user/filed")
        with self.assertRaises(handfast.NotReached):
            handfast.connect(token_file=HOME / "none")

    def test_what_is_not_there_is_said_in_the_words_of_the_daemon(self) -> None:
        asks: List[Callable[[str], object]] = [self.client.stop, self.client.info, self.client.read]
        for ask in asks:
            with self.assertRaises(handfast.NotFound) as caught:
                ask("never")
            error = caught.exception
            self.assertEqual((error.code, str(error)), ("process.unknown", "find process never"))
            self.assertEqual(error.hint, "process/list names those that there are")
        self.assertFalse(self.client.terminate("never").running)

    def test_a_program_that_is_not_there_is_named(self) -> None:
        with self.assertRaises(handfast.HandfastError) as caught:
            self.client.start(["no-such-program"], env=ENV)
        self.assertEqual(caught.exception.code, "config.program-not-found")
        self.assertIn("no-such-program", str(caught.exception))

    def test_a_frame_that_is_too_long_is_refused_on_both_sides(self) -> None:
        client = self.client
        most = client.welcome.limits.frame_bytes
        with self.assertRaises(handfast.HandfastError) as caught:
            client.start(["/bin/true", "x" * most])
        self.assertEqual(caught.exception.code, "wire.frame-too-long")
        # And by the daemon, where the client says it all the same; the session goes on.
        client._talk.limit = 2 * most
        with self.assertRaises(handfast.HandfastError) as caught:
            client.start(["/bin/true", "x" * most])
        self.assertEqual(caught.exception.code, "wire.frame-too-long")
        self.assertEqual(caught.exception.number, -32600)
        self.assertGreater(client.daemon_status().sessions, 0)

    def test_threads_ask_beside_one_another(self) -> None:
        client, name = self.client, fresh("long")
        client.start(sh("sleep 1000"), process_id=name, env=ENV)
        waited: List[wire.Waited] = []
        # It waits for what only the others bring about.
        waits = threading.Thread(target=lambda: waited.append(client.wait(name)))
        waits.start()
        said: List[str] = []

        def ask(number: int) -> None:
            one = client.start(sh(f"echo {number}"), env=ENV)
            said.append(text(client.follow(one.process_id)))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        client.terminate(name)
        waits.join()
        self.assertEqual(sorted(said), [f"{number}\n" for number in range(8)])
        self.assertEqual(waited[0].status.signal, signal.SIGKILL)

    def test_events_are_replayed_and_told(self) -> None:
        client, name = self.client, fresh("eventful")
        after = client.events_read(limit=1).last_seq
        client.events_subscribe()
        client.start(sh("true"), process_id=name, env=ENV)
        client.wait(name, conditions=[wire.ConditionTreeEmpty()])
        for event in client.events(after_seq=after):
            if event.process_id == name and event.word == "exited":
                break
        told = (note for note in client.notes() if isinstance(note, wire.EventNote))
        self.assertTrue(any(note.process_id == name and note.word == "exited" for note in told))
        self.assertEqual(client.dropped_notes, 0)

    def test_output_is_told_where_it_was_asked_for(self) -> None:
        client, name = self.client, fresh("told")
        client.start(sh("echo hi"), process_id=name, env=ENV, notify=True)
        said, ended = b"", False
        for note in client.notes():
            # The end of the leader may be told before the last of its output.
            if isinstance(note, wire.OutputNote):
                said += note.chunk
            elif isinstance(note, wire.ExitedNote):
                ended = True
            elif isinstance(note, wire.ClosedNote):
                break
        self.assertEqual((said, ended), (b"hi\n", True))

    def test_a_wait_is_over_when_its_time_is(self) -> None:
        name = fresh("slow")
        self.client.start(sh("sleep 1000"), process_id=name, env=ENV)
        waited = self.client.wait(name, wait_ms=1)
        self.assertEqual((waited.outcome, waited.status.state), ("timed-out", "running"))
        self.client.terminate(name)

    def test_an_interrupt_gives_a_wait_up_and_loses_nothing(self) -> None:
        client, name = self.client, fresh("cat")
        client.start(["/bin/cat"], process_id=name, env=ENV, pipe_stdin=True)

        def interrupt() -> None:
            while not client._waiting:
                pass
            # It is known to wait: the next request is begun after it.
            client.daemon_status()
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=interrupt)
        thread.start()
        with self.assertRaises(KeyboardInterrupt):
            client.read(name, wait_ms=300_000)
        thread.join()
        client.write(name, b"kept\n")
        page = client.read(name, wait_ms=300_000)
        self.assertEqual([one.chunk for one in page.chunks], [b"kept\n"])
        client.stop(name)


if __name__ == "__main__":
    unittest.main()
