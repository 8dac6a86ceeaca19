"""More writes than the disk takes: the rest is told to come back later, before memory grows; what
is due is decided in time, what ends something is taken, and all that was acknowledged is there."""

import contextlib
import itertools
import json
import multiprocessing
import re
import select
import threading
import time
import unittest

import attackers
import skips
from attackers import Attack
from dumps import events_of, uuid_of
from hanging_disk import HangingDisk
from processes import RAISED_QUOTAS, Client, eventually
from siege import Siege, app_fields

SECONDS = 11  # as long as it takes, and
SHEDDING_SECONDS = 3  # in which nothing more is taken
LARGE_WRITERS, LARGE_BYTES = 1_000, 60_000  # nearly as much as an app may have
SMALL_WRITERS, SMALL_BYTES = 300, 600  # for what is left between large ones

QUEUE_BYTES = 32 << 20  # what may wait for the disk (kQueueBytesMax)

# What waits is at several places at once, and there is a body a connection.
MEMORY_GROWTH_MAX = 256 << 20
# What was acknowledged is kept: in the state, and in what the store has not written out yet.
KEPT_TIMES = 2


def writes(token, size):
    """Requests to create an app of about `size` bytes, each with a name of its own."""
    fields = app_fields(f"{size}-00000000", "http://127.0.0.1:9/")
    fields["infrastructure"]["containers"] = [
        {"name": "a", "image": "b", "env": {f"E{i}": "x" * (size // 10) for i in range(10)}}
    ]
    body = json.dumps(fields).encode()
    head = attackers.head_of("POST", "/v1/apps", token, "Content-Type: application/json",
                             f"Content-Length: {len(body)}")
    before, _, after = (head + body).partition(b"00000000")
    for number in itertools.count():
        yield before + f"{number:08}".encode() + after


def flood(port, token, over, count, size):
    """A write on each connection, and another one as soon as it is answered, until it is `over`."""
    requests = writes(token, size)
    poll = select.epoll()
    writers = {}
    for number in range(count):
        connection = attackers.connect(port, number)
        connection.setblocking(False)
        writers[connection.fileno()] = [connection, next(requests), b""]
        poll.register(connection, select.EPOLLIN | select.EPOLLOUT)
    seen = {"statuses": {}, "ids": [], "no Retry-After": 0, "lost": 0}
    patience = time.monotonic() + 300
    while writers and time.monotonic() < patience:
        for number, events in poll.poll(0.5, 1_000):
            if not step(poll, writers[number], requests, events, seen, not over.is_set()):
                poll.unregister(number)
                writers.pop(number)[0].close()
    seen["lost"] += len(writers)
    return seen


def step(poll, writer, requests, events, seen, goes_on):
    """Takes one connection on. False if it is over."""
    connection, to_send, received = writer
    try:
        if events & select.EPOLLOUT and to_send:
            writer[1] = to_send = to_send[connection.send(to_send):]
            if not to_send:
                poll.modify(connection, select.EPOLLIN)
        if events & ~select.EPOLLOUT:
            piece = connection.recv(1 << 17)
            writer[2] = received = received + piece
            if not piece:
                seen["lost"] += 1
                return False
    except BlockingIOError:
        return True
    except OSError:
        seen["lost"] += 1
        return False
    head, end, body = received.partition(b"\r\n\r\n")
    if not end or len(body) < int(re.search(rb"\r\nContent-Length: (\d+)", head)[1]):
        return True
    take(head, body, seen)
    writer[1:] = [next(requests), b""]
    poll.modify(connection, select.EPOLLIN | select.EPOLLOUT)
    return goes_on


def take(head, body, seen):
    status = int(head[9:12])
    seen["statuses"][status] = seen["statuses"].get(status, 0) + 1
    if status == 201:
        seen["ids"].append(re.search(rb'"id":"(app_\w+)"', body)[1].decode())
    seen["no Retry-After"] += status == 503 and b"\r\nRetry-After: " not in head


class Cancelling(threading.Thread):
    """A client that cancels what it scheduled; `statuses` has the answers."""

    def __init__(self, siege, schedules):
        super().__init__(daemon=True)
        self.siege, self.schedules = siege, schedules
        self.statuses = []
        self.start()

    def run(self):
        for schedule in self.schedules:
            with contextlib.closing(Client(self.siege.port, self.siege.token)) as client:
                path = f"/v1/scheduled_deployments/{schedule}/cancel"
                self.statuses.append(client.post(path, {}).status)


class Overload(unittest.TestCase):
    def test_is_shed_before_memory_grows(self):
        with Siege(*RAISED_QUOTAS) as siege:
            cancelled = [siege.schedule_far_away() for _ in range(3)]
            over = multiprocessing.Event()
            with siege.during(SECONDS), contextlib.ExitStack() as stack:
                def attack(count, size):
                    running = Attack(flood, siege.port, siege.token, over, count, size)
                    return stack.enter_context(running)

                def is_full(but=0):
                    return siege.level("slipway_commit_waiting_bytes") > QUEUE_BYTES - but

                with HangingDisk(siege.server):
                    attacks = [attack(LARGE_WRITERS, LARGE_BYTES)]
                    eventually(lambda: is_full(but=LARGE_BYTES * 1.2))
                    attacks.append(attack(SMALL_WRITERS, SMALL_BYTES))
                    eventually(lambda: is_full(but=SMALL_BYTES * 4))
                    cancelling = [Cancelling(siege, [one]) for one in cancelled]
                    time.sleep(SHEDDING_SECONDS)
                    over.set()
                seen = [attack.saw() for attack in attacks]
                for one in cancelling:
                    one.join()
            print(f"\nwrites: {[one['statuses'] for one in seen]}", end="", flush=True)
            for one in seen:
                self.assertEqual(set(one["statuses"]), {201, 503})
                self.assertGreater(one["statuses"][503], 50, "it was no overload")
                self.assertEqual((one["no Retry-After"], one["lost"]), (0, 0))
            self.assertEqual([one.statuses for one in cancelling], [[200]] * 3, "cancels were shed")
            ids = [app for one in seen for app in one["ids"]]
            kept = KEPT_TIMES * (LARGE_BYTES * len(seen[0]["ids"]) + SMALL_BYTES * len(ids))
            siege.check(self, MEMORY_GROWTH_MAX + kept, overloaded=True)
            known = {uuid_of(event["stream"]) for event in events_of(siege.data)}
            missing = [app for app in ids if uuid_of(app) not in known]
            self.assertEqual(missing, [], "acknowledged, and not there")


if __name__ == "__main__":
    skips.main()
