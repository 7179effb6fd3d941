"""What needs no daemon: frames, errors, pages of output, times, and the types of the wire."""

from __future__ import annotations

import inspect
import json
import os
import tempfile
import unittest
from pathlib import Path
from typing import Any, Callable, Dict, List

import handfast
from handfast import wire
from handfast.errors import refused
from handfast.follow import Pages, Patience
from handfast.pack import Other, Word, pack_word, unpack_word
from handfast.talk import LONGEST_FRAME, Answer, Talk, Told, understood
from handfast.verbs import AsyncVerbs, Verbs

from .stage import REPOSITORY

FRAMES = REPOSITORY / "crates/daemon/tests/frames/v1"
ARGUMENTS: Dict[str, Any] = {
    "argv": ["/bin/true", b"\xff"],
    "chunk": b"hi\n",
    "port": 80,
    "session_id": 1,
    "signal": 15,
    "size": wire.Size(rows=24, columns=80),
}


class Asked(Verbs):
    """Remembers what was asked, and how its answer is read."""

    def __init__(self) -> None:
        self.asked: Dict[str, Dict[str, Any]] = {}
        self.readers: Dict[str, Callable[[Any], Any]] = {}

    def _call(self, method: str, params: Dict[str, Any], read: Callable[[Any], Any]) -> Any:
        self.asked[method] = params
        self.readers[method] = read


def all_verbs() -> Asked:
    """Each verb, asked once with what it must have."""
    asked = Asked()
    for name, verb in inspect.getmembers(asked, inspect.ismethod):
        if name.startswith("_"):
            continue
        parameters = inspect.signature(verb).parameters.values()
        needed = [one.name for one in parameters if one.default is inspect.Parameter.empty]
        verb(**{name: ARGUMENTS.get(name, "x") for name in needed})
    return asked


def lines(name: str) -> List[Any]:
    """The golden frames of this name."""
    return [json.loads(line) for line in (FRAMES / name).read_text().splitlines()]


class Frames(unittest.TestCase):
    def test_lines_come_in_whatever_pieces(self) -> None:
        talk = Talk()
        whole = b'{"id":1,"result":{}}\n{"method":"process/closed","params":{"processId":"p","seq":3}}\n'
        heard = [one for at in range(len(whole)) for one in talk.hear(whole[at : at + 1])]
        self.assertEqual(heard[0], Answer(1, result={}))
        self.assertIsInstance(heard[1], Told)
        assert isinstance(heard[1], Told)
        self.assertEqual(heard[1].note(), wire.ClosedNote(process_id="p", seq=3))
        self.assertEqual(Talk().hear(whole), heard)

    def test_notes_that_nobody_knows_are_passed_over(self) -> None:
        [told] = Talk().hear(b'{"method":"process/new","params":{}}\n')
        assert isinstance(told, Told)
        self.assertIsNone(told.note())

    def test_what_is_no_message_ends_the_connection(self) -> None:
        for line in [b"{\n", b"[]\n", b"\xff\n"]:
            with self.assertRaises(handfast.HandfastError) as caught:
                Talk().hear(line)
            self.assertEqual(caught.exception.code, "client.odd")

    def test_a_line_without_an_end_is_not_held_for_ever(self) -> None:
        talk = Talk()
        piece = b"x" * (1024 * 1024)
        with self.assertRaises(handfast.HandfastError):
            for _ in range(LONGEST_FRAME // len(piece) + 1):
                talk.hear(piece)

    def test_what_is_too_long_is_not_said(self) -> None:
        talk = Talk()
        with self.assertRaises(handfast.HandfastError) as caught:
            talk.ask("process/write", {"chunk": "x" * talk.limit})
        self.assertEqual(caught.exception.code, "wire.frame-too-long")
        self.assertEqual(caught.exception.details, {"limit": talk.limit})

    def test_what_cannot_be_written_is_an_error(self) -> None:
        odd: List[Dict[str, Any]] = [{"x": "\udc80"}, {"x": float("nan")}, {"x": object()}]
        for params in odd:
            with self.assertRaises(handfast.HandfastError) as caught:
                Talk().ask("process/start", params)
            self.assertEqual(caught.exception.code, "wire.bad-params")


class Errors(unittest.TestCase):
    def test_they_have_the_names_and_words_of_the_daemon(self) -> None:
        unknown, broken = (refused(line["error"]) for line in lines("errors.jsonl"))
        self.assertIsInstance(unknown, handfast.NotFound)
        self.assertEqual(str(unknown), "find process web")
        self.assertEqual(unknown.hint, "process/list names yours")
        self.assertEqual(unknown.details, {"processId": "web"})
        self.assertEqual(broken.code, "wire.not-json")
        self.assertIs(type(broken), handfast.HandfastError)

    def test_what_others_put_there_is_no_reason_not_to_read_it(self) -> None:
        odd: List[Any] = [None, 7, [], {}, {"code": "x", "data": 3}]
        for error in odd:
            self.assertIsInstance(refused(error), handfast.HandfastError)
        self.assertIsInstance(refused({"code": -32002}), handfast.Busy)
        self.assertIsInstance(refused({"code": -32001}), handfast.NotAllowed)


class Wire(unittest.TestCase):
    def test_every_golden_answer_and_note_is_read(self) -> None:
        readers = all_verbs().readers
        readers["initialize"] = wire.Initialized.from_wire
        readers["request/cancel"] = lambda _: None
        methods = {line["id"]: line["method"] for line in lines("requests.jsonl")}
        answers = lines("answers.jsonl")
        for line in answers:
            understood(readers[methods[line["id"]]], line["result"])
        self.assertGreater(len(answers), 30)
        for line in lines("notifications.jsonl"):
            if line["method"] != "initialized":
                self.assertIsNotNone(Told(line["method"], line["params"]).note())

    def test_every_method_is_a_verb(self) -> None:
        schema = json.loads((REPOSITORY / "crates/daemon/schema/wire-v1.json").read_text())
        own = {"initialize", "request/cancel"}
        self.assertEqual(set(all_verbs().asked), set(schema["methods"]) - own)
        verbs = [name for name in dir(Verbs) if not name.startswith("_")]
        self.assertEqual(verbs, [name for name in dir(AsyncVerbs) if not name.startswith("_")])

    def test_what_was_not_said_is_left_out(self) -> None:
        asked = all_verbs().asked
        self.assertEqual(asked["process/stop"], {"processId": "x"})
        argv = ["/bin/true", {"base64": "/w=="}]
        self.assertEqual(asked["process/start"], {"argv": argv, "notify": False})
        self.assertEqual(asked["process/write"], {"processId": "x", "chunk": "aGkK"})

    def test_unions_go_both_ways(self) -> None:
        lease = wire.LifetimeNameLease(ms=5)
        self.assertEqual(wire.unpack_lifetime_name(lease.to_wire()), lease)
        self.assertEqual(wire.unpack_lifetime_name("user"), "user")
        when = wire.ReadyWhenMatch(pattern="up")
        self.assertEqual(when.to_wire(), {"for": "match", "pattern": "up"})
        self.assertEqual(wire.unpack_ready_when(when.to_wire()), when)
        newer = {"for": "moon", "phase": "full"}
        self.assertEqual(wire.unpack_ready_when(newer), Other(newer))
        self.assertEqual(Other(newer).to_wire(), newer)
        self.assertEqual(wire.ConditionMatch(pattern="x").to_wire()["for"], "match")

    def test_words_need_not_be_text(self) -> None:
        words: List[Word] = ["ä", b"\xff\x00"]
        for word in words:
            self.assertEqual(unpack_word(pack_word(word)), word)
        # As it stands in `os.environ`.
        self.assertEqual(pack_word("\udcff"), {"base64": "/w=="})

    def test_secrets_are_not_shown(self) -> None:
        answer = {"token": "hush", "tokenId": "t", "owner": "o", "scopes": []}
        self.assertNotIn("hush", repr(wire.CreatedToken.from_wire(answer)))

    def test_an_answer_of_another_kind_is_an_error(self) -> None:
        answers: List[Any] = [None, [], {}, {"processId": 3}]
        for odd in answers:
            with self.assertRaises(handfast.HandfastError) as caught:
                understood(wire.Started.from_wire, odd)
            self.assertEqual(caught.exception.code, "client.odd")


def page(chunks: List[Any], next_seq: int, closed: bool = False) -> wire.ReadAnswer:
    """A page of output: offsets and bytes."""
    made = [
        wire.OutputChunk(seq=seq, stream="stdout", chunk=data, offset=offset) for seq, offset, data in chunks
    ]
    return wire.ReadAnswer(
        chunks=made, next_seq=next_seq, exited=closed, closed=closed, sandbox_denied=False, exit_code=0
    )


class Output(unittest.TestCase):
    def test_what_is_missing_is_counted_where_it_is_missing(self) -> None:
        pages = Pages(0, None, True)
        first = pages.take(page([(1, 10, b"ab"), (2, 12, b"c")], 3))
        self.assertEqual([(one.offset, one.data, one.missed) for one in first], [(10, b"ab", 10), (12, b"c", 0)])
        second = pages.take(page([(7, 20, b"z")], 8))
        self.assertEqual([one.missed for one in second], [7])
        self.assertEqual((pages.seq, pages.offset, pages.missed), (7, 21, 17))
        self.assertFalse(pages.done)

    def test_what_lies_before_the_offset_is_passed_over(self) -> None:
        pages = Pages(0, 3, True)
        taken = pages.take(page([(1, 0, b"ab"), (2, 2, b"cdef")], 3))
        self.assertEqual([(one.offset, one.data, one.missed) for one in taken], [(3, b"def", 0)])
        later = Pages(9, None, True)
        [one] = later.take(page([(10, 50, b"x")], 11))
        self.assertEqual((one.missed, later.missed), (0, 0))

    def test_it_is_done_when_a_page_leads_no_further(self) -> None:
        pages = Pages(0, None, True)
        pages.take(page([(1, 0, b"a")], 4, closed=True))
        self.assertFalse(pages.done)
        pages.take(page([], 4, closed=True))
        self.assertTrue(pages.done)
        kept = Pages(3, None, False)
        kept.take(page([], 4))
        self.assertTrue(kept.done)


class Times(unittest.TestCase):
    def test_a_wait_may_be_longer_than_a_request(self) -> None:
        over = wire.Waited.from_wire(
            {
                "outcome": "timed-out",
                "unseenBytes": 0,
                "waitAppliedMs": 0,
                "capped": False,
                "tookMs": 0,
                "status": {"state": "running"},
            }
        )
        self.assertEqual(Patience(None, 300).next_ms(), 300)
        self.assertFalse(Patience(None, 300).is_over(over))
        self.assertTrue(Patience(0, 300).is_over(over))
        self.assertFalse(Patience(10_000_000, 300).is_over(over))
        self.assertEqual(Patience(10_000_000, 300).next_ms(), 300)


class Place(unittest.TestCase):
    def test_the_usual_one_is_found_as_documented(self) -> None:
        def usual(**environ: str) -> str:
            return str(handfast.Place.usual(environ, 4_294_967_000).run)

        self.assertEqual(usual(HANDFAST_HOME="/h", XDG_RUNTIME_DIR="/r"), "/h/run")
        self.assertEqual(usual(HANDFAST_HOME="h", XDG_RUNTIME_DIR="/r"), "/r/handfast")
        self.assertEqual(usual(XDG_RUNTIME_DIR="r"), "/tmp/handfast-4294967000")

    def test_a_folder_that_others_may_enter_is_not_trusted(self) -> None:
        with tempfile.TemporaryDirectory() as home:
            place = handfast.Place.at(home)
            self.refused(place, "connect.no-daemon")
            place.run.mkdir(mode=0o755)
            os.chmod(place.run, 0o755)
            self.refused(place, "connect.folder-not-private")
            os.chmod(place.run, 0o700)
            # The control: closed to others it is only that nobody listens.
            self.refused(place, "connect.no-daemon")
            os.chmod(home, 0o777)
            self.refused(place, "connect.folder-not-private")
            os.chmod(home, 0o700)
            place.run.rename(Path(home) / "elsewhere")
            place.run.symlink_to(Path(home) / "elsewhere")
            self.refused(place, "connect.folder-not-private")

    def refused(self, place: handfast.Place, code: str) -> None:
        with self.assertRaises(handfast.NotReached) as caught:
            place.connect()
        self.assertEqual(caught.exception.code, code)


if __name__ == "__main__":
    unittest.main()
