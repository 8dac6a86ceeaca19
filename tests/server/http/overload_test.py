"""Overload: too much is shed with 503 and Retry-After before memory grows, and what is small is still answered."""

import contextlib
import http.client
import json
import pathlib
import resource
import select
import socket
import tempfile
import time
import unittest

import metrics
from deadlines import limit
from processes import Client, Server, eventually

HELD_BYTES_MAX = 128 << 20
LARGE = 1 << 20
WRITE_SECONDS = 30
SMALL_SECONDS_MAX = limit(2, 30)  # for two small requests while large ones wait
ANSWER_SECONDS_MAX = 120
BUNDLE = "/docs/swagger-ui-bundle.js"


def setUpModule():
    global directory, server, admin
    directory = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(directory.cleanup)
    server = Server(f"{directory.name}/data")
    unittest.addModuleCleanup(server.__exit__)
    admin = server.client()
    unittest.addModuleCleanup(admin.close)


def connect(to=None, receive_bytes=None):
    connection = socket.socket()
    if receive_bytes is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(ANSWER_SECONDS_MAX)
    connection.connect(("127.0.0.1", (to or server).port))
    return connection


def metric(name):
    return metrics.metric(admin, name)


def answer_on(connection):
    """The answer that came without all of the request having been sent; None if there is none yet."""
    if not select.select([connection], [], [], 0.2)[0]:
        return None
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response.status, dict(response.getheaders()), json.loads(response.read())


def head(length, more=""):
    return (f"POST /v1/apps HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {admin.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {length}\r\n{more}\r\n").encode()


class Overload(unittest.TestCase):
    def shed(self, answer):
        status, headers, problem = answer
        self.assertEqual((status, problem["code"]), (503, "overloaded"))
        self.assertGreaterEqual(int(headers["Retry-After"]), 1)
        self.assertEqual(headers["Connection"], "close")

    def small_ones_are_answered(self):
        client = Client(server.port, admin.token)
        with contextlib.closing(client):
            body = {"name": f"small-{time.monotonic_ns()}",
                    "target": {"kind": "webhook", "url": "https://a.example/"}}
            began = time.monotonic()
            self.assertEqual(client.post("/v1/apps", body).status, 201)
            self.assertEqual(client.get("/v1/apps").status, 200)
            self.assertLess(time.monotonic() - began, SMALL_SECONDS_MAX)

    def test_of_bodies(self):
        eventually(lambda: metric("slipway_http_held_bytes") == 0)
        before = server.memory_bytes
        with contextlib.ExitStack() as stack:
            full = None
            for _ in range(400):
                connection = stack.enter_context(connect())
                # All but the last byte.
                with contextlib.suppress(ConnectionError):
                    connection.sendall(head(LARGE) + b" " * (LARGE - 1))
                if metric("slipway_http_held_bytes") > HELD_BYTES_MAX - 2 * LARGE:
                    full = connection
                    break
            self.assertIsNotNone(full, "there was room for 400 of them")
            self.assertLessEqual(metric("slipway_http_held_bytes"), HELD_BYTES_MAX)
            self.assertLess(server.memory_bytes - before, 1.5 * HELD_BYTES_MAX)
            # Their heads are enough to refuse more; nothing of the body is asked for.
            for more in ("", "Expect: 100-continue\r\n"):
                with connect() as late:
                    late.sendall(head(LARGE, more))
                    shed = eventually(lambda: answer_on(late))
                    while shed[0] == 100:
                        shed = eventually(lambda: answer_on(late))
                    self.shed(shed)
            # One that does not say how long it is, as soon as it has shown to be.
            with connect() as late:
                late.sendall(head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked"))
                for _ in range(16):
                    with contextlib.suppress(ConnectionError):
                        late.sendall(b"20000\r\n" + b" " * 0x20000 + b"\r\n")
                found = late.makefile("rb").read()
                self.assertIn(b'"overloaded"', found)
            self.small_ones_are_answered()
        eventually(lambda: metric("slipway_http_held_bytes") == 0)
        body = {"name": "a", "target": {"kind": "webhook", "url": "https://a.example/"},
                "description": "x" * 900_000}
        self.assertEqual(admin.post("/v1/apps", body).status, 422, "read whole, and refused for what it says")

    def test_of_announcements_is_none(self):
        """Who says that much will come, and sends nothing, takes nothing from others."""
        before = server.memory_bytes
        with contextlib.ExitStack() as stack:
            for _ in range(1_000):
                stack.enter_context(connect()).sendall(head(LARGE) + b" ")
            eventually(lambda: metric("slipway_http_connections") > 1_000)
            self.assertEqual(metric("slipway_http_held_bytes"), 0)
            self.assertLess(server.memory_bytes - before, 64 << 20)
            self.assertEqual(admin.post("/v1/apps", {"description": "x" * 900_000}).status, 422)

    def test_of_answers_that_nobody_reads(self):
        eventually(lambda: metric("slipway_http_held_bytes") == 0)
        before = server.memory_bytes
        request = f"GET {BUNDLE} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
        with contextlib.ExitStack() as stack:
            began = time.monotonic()
            # Each asks again and again, and reads nothing.
            lazy = [stack.enter_context(connect(receive_bytes=4096)) for _ in range(300)]
            for connection in lazy:
                connection.sendall(request * 10)
            eventually(lambda: metric("slipway_http_held_bytes") > HELD_BYTES_MAX // 2)
            self.assertLessEqual(metric("slipway_http_held_bytes"), HELD_BYTES_MAX)
            self.assertLess(server.memory_bytes - before, 1.5 * HELD_BYTES_MAX)
            codes = set()
            for _ in range(5):
                with connect() as late:
                    late.sendall(request)
                    codes.add(late.recv(12))
            self.assertEqual(codes, {b"HTTP/1.1 503"})
            self.small_ones_are_answered()
            # They are given up.
            eventually(lambda: metric("slipway_http_held_bytes") == 0, WRITE_SECONDS + 120)
            self.assertGreaterEqual(time.monotonic() - began, WRITE_SECONDS - 2)
        self.assertEqual(admin.get(BUNDLE).status, 200)
        self.assertEqual(metric("slipway_http_held_bytes"), 0)

    def test_of_requests_that_come_together_is_none(self):
        """One is answered at a time, and others have their turns in between."""
        flood = b"GET /v1/apps HTTP/1.1\r\nHost: a\r\n\r\n" * 200_000
        before = server.memory_bytes
        with contextlib.ExitStack() as stack:
            flooding = [stack.enter_context(connect()) for _ in range(20)]
            for connection in flooding:
                connection.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    connection.send(flood)
            for _ in range(20):
                self.small_ones_are_answered()
            self.assertLess(server.memory_bytes - before, 64 << 20)


class FewDescriptors(Server):
    def limit_files(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))


class Connections(unittest.TestCase):
    def test_that_are_too_many_are_told(self):
        with FewDescriptors(f"{directory.name}/few", file_bytes_max=True) as few, contextlib.ExitStack() as stack:
            with contextlib.closing(few.client()) as client:
                self.assertEqual(client.get("/v1/apps").status, 200)
            opened = [stack.enter_context(connect(few)) for _ in range(150)]
            # Descriptors are left for the log.
            for connection in opened[:2]:
                connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertTrue(connection.recv(1_000).startswith(b"HTTP/1.1 200"))
            told = connect(few)
            status, headers, problem = eventually(lambda: answer_on(told))
            self.assertEqual((status, problem["code"]), (503, "overloaded"))
            self.assertIn("Retry-After", headers)
            told.close()
            # Those who come all the same are closed, and take no time.
            for _ in range(500):
                with contextlib.suppress(OSError):
                    stack.enter_context(connect(few))
            began = self.seconds_of(few)
            opened[0].sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertTrue(opened[0].recv(1_000).startswith(b"HTTP/1.1 200"))
            for connection in opened[2:]:
                connection.close()
            with contextlib.closing(Client(few.port)) as client:
                self.assertEqual(eventually(lambda: self.asked(client)), 200)
            self.assertLess(self.seconds_of(few) - began, 2)

    def asked(self, client):
        try:
            status = client.get("/healthz").status
        except (OSError, http.client.HTTPException):
            return None
        return status if status == 200 else None

    def seconds_of(self, one):
        """Of the processor that it has used."""
        fields = pathlib.Path(f"/proc/{one.process.process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2]
        return sum(map(int, fields.split()[11:13])) / 100


if __name__ == "__main__":
    unittest.main()
