"""The same verbs for those who use `asyncio`."""

from __future__ import annotations

import asyncio
import gc
import unittest

import handfast
from handfast import aio, wire

from .stage import ENV, Fifo, Held, fresh, sh


class Life(unittest.IsolatedAsyncioTestCase):
    async def test_a_process_from_its_start_to_its_end(self) -> None:
        async with aio.connect() as client:
            name = fresh("aio")
            script = "echo ready; read line; echo got $line"
            await client.start(sh(script), process_id=name, env=ENV, pipe_stdin=True)
            await client.wait(name, conditions=[wire.ConditionMatch(pattern="ready")])
            await client.write(name, b"this\n")
            said = b""
            followed = client.follow(name)
            async for piece in followed:
                self.assertEqual(piece.offset, len(said))
                said += piece.data
            self.assertEqual((said, followed.exit_code), (b"ready\ngot this\n", 0))
            listed = await client.list(all=True)
            self.assertIn(name, [info.process_id for info in listed.processes])

    async def test_many_at_once_share_one_line(self) -> None:
        client = await aio.connect()

        async def one(number: int) -> str:
            started = await client.start(sh(f"echo {number}"), env=ENV)
            return b"".join([piece.data async for piece in client.follow(started.process_id)]).decode()

        said = await asyncio.gather(*(one(number) for number in range(20)))
        self.assertEqual(said, [f"{number}\n" for number in range(20)])
        await client.close()
        with self.assertRaises(handfast.Closed):
            await client.daemon_status()

    async def test_a_wait_that_is_cancelled_is_given_up_and_loses_nothing(self) -> None:
        async with aio.connect() as client:
            name = fresh("cat")
            await client.start(["/bin/cat"], process_id=name, env=ENV, pipe_stdin=True)
            reads = asyncio.ensure_future(client.read(name, wait_ms=300_000))
            await asyncio.sleep(0)
            # It is known to wait: the next request is begun after it.
            await client.daemon_status()
            reads.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await reads
            self.assertEqual(client._waiting, {})
            await client.write(name, b"kept\n")
            page = await client.read(name, wait_ms=300_000)
            self.assertEqual([one.chunk for one in page.chunks], [b"kept\n"])
            await client.stop(name)

    async def test_notes_and_events(self) -> None:
        async with aio.connect() as client:
            name = fresh("told")
            after = (await client.events_read(limit=1)).last_seq
            await client.start(sh("echo hi"), process_id=name, env=ENV, notify=True)
            async for note in client.notes():
                if isinstance(note, wire.ClosedNote):
                    break
            async for event in client.events(after_seq=after):
                if event.process_id == name and event.word == "exited":
                    break
            self.assertEqual(client.dropped_notes, 0)

    async def test_errors_are_those_of_the_other_face(self) -> None:
        async with aio.connect(as_user=False) as client:
            with self.assertRaises(handfast.NotFound) as caught:
                await client.stop("never")
            self.assertEqual(str(caught.exception), "find process never")
        with self.assertRaises(handfast.NotAllowed):
            await aio.connect(token="none")

    async def test_one_that_is_forgotten_ends_what_it_started(self) -> None:
        fifo = Fifo()

        async def begun() -> Held:
            client = await aio.connect()
            await client.start(sh(fifo.tree()), env=ENV, grace_ms=50)
            return await asyncio.get_running_loop().run_in_executor(None, fifo.held)

        held = await begun()
        gc.collect()
        await asyncio.get_running_loop().run_in_executor(None, held.ended)

    async def test_its_end_ends_what_it_started(self) -> None:
        fifo = Fifo()
        async with aio.connect() as client:
            await client.start(sh(fifo.tree()), env=ENV, grace_ms=50)
            held = await asyncio.get_running_loop().run_in_executor(None, fifo.held)
            self.assertTrue(held.is_held())
        await asyncio.get_running_loop().run_in_executor(None, held.ended)


if __name__ == "__main__":
    unittest.main()
