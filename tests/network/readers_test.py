"""A viewer reads as hard as they can, on many connections: others have their share of the server, whatever those
reads cost."""

import contextlib
import multiprocessing
import re
import select
import socket
import unittest

import attackers
import skips
from attackers import Attack
from metrics import scrape
from siege import Siege, new_app

SECONDS = 9
MEMORY_GROWTH_MAX = 128 << 20

VIEWER = "user_01h455vb4pex5vsknk084sn02q"
EVENTS = 6_000  # more than are looked at for one page
CONNECTIONS = 16

# Of each, what a single request takes is many turns of the io thread.
READS = ("/v1/events?limit=1&type=MemberAdded&after=10", "/v1/events?limit=200&to=2020-01-01T00:00:00Z")

PROBES = 60
# While one of another client's requests is answered, so many of a reader's may be at most. Where requests are
# answered in the order in which they come, it is one for each connection.
READS_A_PROBE_MAX = CONNECTIONS / 4


def read_hard(port, token, over, connections, paths):
    """Reads on each connection, and again as soon as that is answered, until it is `over`. How many were answered
    with what."""
    poll, readers, statuses = select.epoll(), {}, {}
    for number in range(connections):
        connection = attackers.connect(port, number)
        request = attackers.head_of("GET", paths[number % len(paths)], token)
        connection.sendall(request)
        readers[connection.fileno()] = [connection, request, b""]
        poll.register(connection, select.EPOLLIN)
    while not over.is_set():
        for number, _ in poll.poll(0.2):
            reader = readers[number]
            reader[2] += reader[0].recv(1 << 20)
            head, end, body = reader[2].partition(b"\r\n\r\n")
            if end and len(body) >= int(re.search(rb"\r\nContent-Length: (\d+)", head)[1]):
                statuses[int(head[9:12])] = statuses.get(int(head[9:12]), 0) + 1
                reader[2] = b""
                reader[0].sendall(reader[1])
    return statuses


def make_events(siege, app, count):
    """Makes `count` events of `app`, a hundred requests at a time."""
    request = attackers.head_of("POST", f"/v1/apps/{app}/signing_secret/rotate", siege.token, "Content-Length: 0")
    with socket.create_connection(("127.0.0.1", siege.port), timeout=60) as connection:
        with connection.makefile("rb") as answers:
            for _ in range(0, count, 100):
                connection.sendall(100 * request)
                for _ in range(100):
                    status = answers.readline()
                    assert b" 200 " in status, status
                    length = 0
                    while (line := answers.readline().strip()):
                        if line.lower().startswith(b"content-length:"):
                            length = int(line.split(b":")[1])
                    answers.read(length)


class Readers(unittest.TestCase):
    @contextlib.contextmanager
    def reading(self, siege):
        team = siege.client.get("/v1/teams").json["result"][0]["id"]
        answer = siege.client.post(f"/v1/teams/{team}/members", {"user": VIEWER, "role": "viewer"})
        self.assertEqual(answer.status, 201, answer)
        viewer = siege.server.token("--user", VIEWER)
        make_events(siege, new_app(siege.client, "read", "http://127.0.0.1:9/"), EVENTS)
        over = multiprocessing.Event()
        with Attack(read_hard, siege.port, viewer, over, CONNECTIONS, READS) as attack:
            yield
            over.set()
            statuses = attack.saw()
        self.assertEqual(set(statuses), {200})
        print(f"\nreads: {statuses}", end="", flush=True)

    def reads(self, siege):
        return scrape(siege.client).value("slipway_http_requests_total", route="/v1/events", method="GET", status="200")

    def test_leave_others_their_share(self):
        with Siege() as siege, self.reading(siege):
            for path in ("/healthz", f"/v1/apps/{siege.app}"):
                with self.subTest(path):
                    before = self.reads(siege)
                    for _ in range(PROBES):
                        self.assertEqual(siege.client.get(path).status, 200)
                    self.assertLess((self.reads(siege) - before) / PROBES, READS_A_PROBE_MAX)

    def test_do_not_keep_what_is_due_waiting(self):
        with Siege() as siege:
            with self.reading(siege), siege.during(SECONDS):
                pass
            siege.check(self, MEMORY_GROWTH_MAX)


if __name__ == "__main__":
    skips.main()
