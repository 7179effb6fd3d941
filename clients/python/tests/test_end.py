"""However a client ends, nothing is left that was not declared to survive."""

from __future__ import annotations

import gc
import unittest

import handfast

from .stage import ENV, Fifo, Held, fresh, program, sh

HOLDS = r"""
import sys, handfast
client = handfast.connect()
env = {"PATH": "/usr/bin:/bin"}
client.start(["/bin/sh", "-c", sys.argv[1]], env=env, grace_ms=50)
client.start(["/bin/sh", "-c", sys.argv[2]], env=env, grace_ms=50, lifetime="user", process_id=sys.argv[3])
print("ready", flush=True)
sys.stdin.read()
"""

FORKS = r"""
import os, signal, sys, handfast
client = handfast.connect()
client.start(["/bin/sh", "-c", sys.argv[1]], env={"PATH": "/usr/bin:/bin"}, grace_ms=50)
if sys.argv[2] == "copy":
    # Nobody gives up what is hidden from it.
    hidden = os.dup(client._line.fileno())
if os.fork() == 0:
    try:
        client.daemon_status()
    except handfast.Closed:
        os.write(1, b"closed\n")
    sys.stdin.read()
    os._exit(0)
os.write(1, b"ready\n")
signal.pause()
"""


class End(unittest.TestCase):
    def test_the_end_of_the_block_ends_what_it_started(self) -> None:
        fifo, lives = Fifo(), Fifo()
        name = fresh("lives")
        with handfast.connect() as client:
            client.start(sh(fifo.tree()), env=ENV, grace_ms=50)
            client.start(sh(lives.tree()), env=ENV, grace_ms=50, lifetime="user", process_id=name)
            held, survivor = fifo.held(), lives.held()
            self.assertTrue(held.is_held())
        held.ended()
        # The control: what was declared to survive does.
        self.assertTrue(survivor.is_held())
        with handfast.connect() as client:
            client.stop(name)
        survivor.ended()
        with self.assertRaises(handfast.Closed):
            client.daemon_status()

    def test_a_client_that_is_forgotten_ends_what_it_started(self) -> None:
        fifo = Fifo()

        def begun() -> Held:
            client = handfast.connect()
            client.start(sh(fifo.tree()), env=ENV, grace_ms=50)
            held = fifo.held()
            # The control: as long as somebody has it, it is not.
            gc.collect()
            self.assertGreater(client.daemon_status().processes, 0)
            return held

        held = begun()
        gc.collect()
        held.ended()

    def test_a_client_that_is_killed_leaves_nothing(self) -> None:
        dies, lives, name = Fifo(), Fifo(), fresh("lives")
        holder = program(self, HOLDS, dies.tree(), lives.tree(), name)
        assert holder.stdout is not None
        held, survivor = dies.held(), lives.held()
        self.assertEqual(holder.stdout.readline(), "ready\n")
        self.assertTrue(held.is_held())
        holder.kill()
        holder.wait()
        held.ended()
        self.assertTrue(survivor.is_held())
        with handfast.connect() as client:
            self.assertEqual(client.info(name).lifetime, "user")
            client.stop(name)
        survivor.ended()

    def test_a_fork_of_a_client_does_not_keep_its_line(self) -> None:
        self.fork("plain")

    def test_the_control_a_copy_of_the_line_keeps_the_session(self) -> None:
        self.fork("copy")

    def fork(self, how: str) -> None:
        fifo = Fifo()
        forks = program(self, FORKS, fifo.tree(), how)
        assert forks.stdout is not None and forks.stdin is not None
        held = fifo.held()
        said = {forks.stdout.readline(), forks.stdout.readline()}
        self.assertEqual(said, {"ready\n", "closed\n"})
        forks.kill()
        forks.wait()
        if how == "copy":
            self.assertTrue(held.is_held())
            # Only the end of who holds the copy ends it.
            forks.stdin.close()
        held.ended()
        if how == "plain":
            # The fork was there all the time: it holds its output until now.
            forks.stdin.close()
        self.assertEqual(forks.stdout.read(), "")

    def test_what_is_detached_outlives_the_session_and_is_taken_back(self) -> None:
        fifo, name = Fifo(), fresh("detached")
        with handfast.connect() as client:
            client.start(sh(fifo.tree()), env=ENV, grace_ms=50, process_id=name)
            held = fifo.held()
            self.assertEqual(client.detach(process_id=name).process_ids, [name])
        with handfast.connect() as client:
            self.assertEqual(client.info(name).status.state, "running")
            self.assertEqual(client.reattach(process_id=name).reattached_count, 1)
            self.assertTrue(held.is_held())
        held.ended()

    def test_a_session_is_resumed_with_all_that_it_holds(self) -> None:
        fifo, name = Fifo(), fresh("resumed")
        client = handfast.connect(resume_ms=60_000)
        client.start(sh(fifo.tree()), env=ENV, grace_ms=50, process_id=name)
        held = fifo.held()
        client.close()
        self.assertTrue(held.is_held())
        with handfast.connect(resume_session_id=client.session_id) as again:
            self.assertTrue(again.welcome.resumed)
            self.assertTrue(again.info(name).bound)
            again.stop(name)
        held.ended()

    def test_nobody_is_started_where_that_is_not_wanted(self) -> None:
        with self.assertRaises(handfast.NotReached) as caught:
            handfast.connect(home="/nonexistent", start=False)
        self.assertEqual(caught.exception.code, "connect.no-daemon")
        with self.assertRaises(handfast.NotReached) as caught:
            handfast.connect(home="/nonexistent", program="/nonexistent/handfast")
        self.assertEqual(caught.exception.code, "daemon.spawn")


if __name__ == "__main__":
    unittest.main()
