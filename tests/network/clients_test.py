"""Hostile clients, all at once: honest ones are answered, what is due is decided in time, memory is
bounded, and each hostile connection is ended when its time is over."""

import contextlib
import time
import unittest

import attackers
from attackers import Attack
from deadlines import limit
from processes import eventually
from siege import LARGE_LABELS, Siege

# As server/http has them; a second of its clock may be cut, and attackers may be slow to see their end.
HEAD_SECONDS, BODY_SECONDS, WRITE_SECONDS = 10, 30, 30
SLACK_SECONDS = limit(15, 120)
SIEGE_SECONDS = BODY_SECONDS + 3
PATIENCE_SECONDS = BODY_SECONDS + SLACK_SECONDS

IDLE = 10_000
STREAMS = 200
BACKLOG = 400  # large events for them: more than the kernel keeps for a connection (tcp_wmem)
READERS = "slipway_http_stream_readers"
LIST = "/v1/apps?limit=200"  # a long answer
MEMORY_GROWTH_MAX = 256 << 20


class HostileClients(unittest.TestCase):
    def test_are_borne(self):
        with Siege() as siege:
            for i in range(200):  # so that a list is long
                siege.client.post("/v1/apps", {**APP, "name": f"app {i}", "description": "x" * 500})
            for _ in range(BACKLOG):
                siege.schedule_far_away(labels=LARGE_LABELS)
            with siege.during(SIEGE_SECONDS), contextlib.ExitStack() as stack:
                def attack(kind, *more, seconds=SIEGE_SECONDS):
                    running = Attack(kind, siege.port, siege.token, seconds, *more)
                    return stack.enter_context(running)

                idle = attack(attackers.idle, IDLE)
                slow_heads = attack(attackers.slow_heads, 500, seconds=PATIENCE_SECONDS)
                slow_bodies = attack(attackers.slow_bodies, 500, seconds=PATIENCE_SECONDS)
                announced = attack(attackers.announced_bodies, 2_000, seconds=PATIENCE_SECONDS)
                unfinished = attack(attackers.unfinished_bodies, 400, seconds=10)
                pipelining = attack(attackers.pipelining, 20, LIST, seconds=PATIENCE_SECONDS)
                lists = attack(attackers.never_reading, 100, LIST, seconds=PATIENCE_SECONDS)
                streams = attack(attackers.unread_streams, STREAMS, seconds=PATIENCE_SECONDS)
                half_closed = attack(attackers.half_closed, 5)
                resets = attack(attackers.resets, 200)
                connects = attack(attackers.connects, 500)
                endless = attack(attackers.endless, 2, seconds=SIEGE_SECONDS - 4)

                began = time.monotonic()
                eventually(lambda: siege.level(READERS) == STREAMS)
                self.check_endless(endless.saw())
                self.ended(slow_heads.saw(), HEAD_SECONDS)
                self.ended(slow_bodies.saw(), BODY_SECONDS)
                self.ended(announced.saw(), BODY_SECONDS)
                self.ended(pipelining.saw(), WRITE_SECONDS)
                self.ended(lists.saw(), WRITE_SECONDS)
                self.check_streams(siege, streams, began)
                self.check_idle(idle.saw())
                seen = unfinished.saw()
                self.assertGreater(seen["shed"], 0, seen)
                self.assertEqual(seen["shed"], seen["answered"], seen)
                self.check_half_closed(half_closed.saw())
                for each in (resets, connects):
                    self.assertGreater(each.saw()["count"], 0)
            siege.check(self, MEMORY_GROWTH_MAX)
            # The server has seen that all of them are gone.
            eventually(lambda: siege.level("slipway_http_connections") <= 1)
            self.assertEqual(siege.level(READERS), 0)

    def ended(self, seen, seconds):
        self.assertEqual(seen["open"], 0, f"of {seen['count']}, after {seconds} s and more: {seen}")
        # There may have been too many bodies already, but for some there was room.
        self.assertGreater(seen["count"], 0, seen)
        self.assertGreater(seen["first"], seconds - 1.5, seen)
        self.assertLess(seen["last"], seconds + SLACK_SECONDS, seen)

    def check_streams(self, siege, streams, began):
        """The server gives them up, while they are held still."""
        patience = began + PATIENCE_SECONDS - time.monotonic()
        eventually(lambda: siege.level(READERS) == 0, patience)
        self.assertTrue(streams.is_under_way, "they went of themselves")

    def check_idle(self, seen):
        self.assertEqual(seen["opened"], IDLE)
        self.assertEqual(seen["answered"], seen["asked"], "idle ones that asked in the end")

    def check_half_closed(self, seen):
        self.assertGreater(seen["asked"], 100)
        self.assertEqual(seen["answered"], seen["asked"])

    def check_endless(self, seen):
        for kind in seen:
            statuses = {"head": {"431"}, "chunks": {"413"}}.get(kind, {"400", "413", "431"})
            if kind != "head":
                statuses.add("503")  # there were too many bodies already
            with self.subTest(kind):
                self.assertTrue(seen[kind])
                self.assertLessEqual(set(seen[kind]), statuses)


APP = {
    "environment": "staging",
    "infrastructure": {"provider": "other"},
    "target": {"kind": "webhook", "url": "http://127.0.0.1:9/"},
}


if __name__ == "__main__":
    unittest.main()
