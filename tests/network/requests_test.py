"""Requests that two who stand in a row could read in two ways, and requests that are too much of
something: each is refused with its status, the connection ends, and nothing behind is answered."""

import contextlib
import itertools
import re
import socket
import tempfile
import unittest

from processes import Server

# Whoever reads the first request in another way than the server would have this one answered.
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: smuggled\r\nX-Request-Id: smuggled\r\n\r\n"

# filled() puts in a token, and an app that can be created: a body that is swallowed leaves a trace.
POST = (b"POST /v1/apps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer <token>\r\n"
        b"Content-Type: application/json\r\n")
APP = b'{"name":"swallowed-%06d","target":{"kind":"webhook","url":"https://a.example/"}}'
SIZE = b"%x" % len(APP % 0)
GET = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
CHUNKS = b"<size>\r\n<app>\r\n0\r\n\r\n"


def with_line(line):
    """A POST with a header line of its own and a body of no bytes, whoever counts."""
    return POST + line + b"\r\n\r\n"


# What is before the smuggled request, and the statuses it may be refused with.
SHAPES = {
    # Two lengths, or a length that is none.
    "both lengths": (
        POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS, 400),
    "both, turned round": (
        POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + CHUNKS, 400),
    "two lengths": (POST + b"Content-Length: 0\r\nContent-Length: 4\r\n\r\n", 400),
    "two equal lengths": (POST + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400),
    "a list of lengths": (with_line(b"Content-Length: 0, 0"), 400),
    "a signed length": (with_line(b"Content-Length: +0"), 400),
    "a negative length": (with_line(b"Content-Length: -1"), 400),
    "a length in hexadecimal digits": (with_line(b"Content-Length: 0x0"), 400),
    "an empty length": (with_line(b"Content-Length:"), 400),
    "a length with a blank in it": (with_line(b"Content-Length: 1 0"), 400),
    "a length beyond 64 bits": (with_line(b"Content-Length: 18446744073709551616"), 400),
    "a length of 64 bits": (with_line(b"Content-Length: 18446744073709551615"), (400, 413)),
    # Encodings that one knows and the other does not.
    "an encoding before chunked": (with_line(b"Transfer-Encoding: gzip, chunked") + CHUNKS, 400),
    "chunked twice": (with_line(b"Transfer-Encoding: chunked, chunked") + CHUNKS, 400),
    "chunked in two lines": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS, 400),
    "chunked, then not": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + CHUNKS, 400),
    "not, then chunked": (
        POST + b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n\r\n" + CHUNKS, 400),
    "xchunked": (with_line(b"Transfer-Encoding: xchunked") + CHUNKS, 400),
    "quoted chunked": (with_line(b'Transfer-Encoding: "chunked"') + CHUNKS, 400),
    "chunked with a parameter": (with_line(b"Transfer-Encoding: chunked;q=1") + CHUNKS, 400),
    "chunked after a vertical tab": (with_line(b"Transfer-Encoding: \x0bchunked") + CHUNKS, 400),
    "identity": (with_line(b"Transfer-Encoding: identity"), 400),
    "an empty encoding": (with_line(b"Transfer-Encoding:"), 400),
    "chunked in HTTP/1.0": (CHUNKED.replace(b"1.1", b"1.0") + CHUNKS, 400),
    # Lines that one reads as a header and the other does not.
    "a blank before the colon": (with_line(b"Transfer-Encoding : chunked") + CHUNKS, 400),
    "a tab before the colon": (with_line(b"Content-Length\t: 4"), 400),
    "a blank before the name": (POST + b" Content-Length: 4\r\n\r\n", 400),
    "a first line that is folded": (
        b"POST /v1/apps HTTP/1.1\r\n Transfer-Encoding: chunked\r\nHost: x\r\n\r\n", 400),
    "a folded value": (with_line(b"Transfer-Encoding:\r\n chunked") + CHUNKS, 400),
    "a folded value of another": (with_line(b"X-A: b\r\n Content-Length: 4"), 400),
    "a line without a colon": (with_line(b"Content-Length"), 400),
    "a header without a name": (with_line(b": 4"), 400),
    "a bare CR in a value": (with_line(b"X-A: b\rContent-Length: 4"), 400),
    "a bare LF in the head": (with_line(b"X-A: b\nContent-Length: 4"), 400),
    "bare LFs all along": (with_line(b"X-A: b").replace(b"\r\n", b"\n"), 400),
    "a bare LF before the end": (POST[:-2] + b"\n\r\n", 400),
    "a zero byte in a value": (with_line(b"X-A: b\0c"), 400),
    "a zero byte in a name": (with_line(b"X\0A: b"), 400),
    "a control byte in a value": (with_line(b"X-A: \x01"), 400),
    "a name that is not ASCII": (with_line(b"Content-Length\xff: 4"), 400),
    "a name in brackets": (with_line(b"(Content-Length): 4"), 400),
    # Chunks.
    "a chunk size with a sign": (CHUNKED + b"+<size>\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk size that is negative": (CHUNKED + b"-<size>\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk size with 0x": (CHUNKED + b"0x<size>\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk size beyond 64 bits": (
        CHUNKED + b"1000000000000000<size>\r\n<app>\r\n0\r\n\r\n", (400, 413)),
    "a chunk size of 64 bits": (CHUNKED + b"ffffffffffffffff\r\n<app>\r\n0\r\n\r\n", (400, 413)),
    "an empty chunk size": (CHUNKED + b"\r\n<app>\r\n0\r\n\r\n", 400),
    "a blank before a chunk size": (CHUNKED + b" <size>\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk size with an underscore": (CHUNKED + b"0_<size>\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk that is longer than it says": (CHUNKED + b"<size>\r\n<app>}\r\n0\r\n\r\n", 400),
    "a chunk without an end": (CHUNKED + b"<size>\r\n<app>0\r\n\r\n", 400),
    "a chunk that ends with LF": (CHUNKED + b"<size>\r\n<app>\n0\r\n\r\n", 400),
    "a chunk that ends with CR and another": (CHUNKED + b"<size>\r\n<app>\rX0\r\n\r\n", 400),
    "a chunk size that ends with LF": (CHUNKED + b"<size>\n<app>\r\n0\r\n\r\n", 400),
    "a chunk size that ends with CR": (CHUNKED + b"<size>\r<app>\r\n0\r\n\r\n", 400),
    "a chunk extension with LF": (CHUNKED + b"<size>;a\n<app>\r\n0\r\n\r\n", 400),
    "a chunk extension with CR": (CHUNKED + b"<size>;a\rb\r\n<app>\r\n0\r\n\r\n", 400),
    "a chunk extension that is none": (CHUNKED + b"<size> <app>\r\n<app>\r\n0\r\n\r\n", 400),
    "a last chunk with LF": (CHUNKED + b"<size>\r\n<app>\r\n0\n\n", 400),
    "a trailer without a colon": (CHUNKED + b"0\r\nContent-Length\r\n\r\n", 400),
    "a trailer that would be a length": (CHUNKED + b"0\r\nContent-Length: 9\r\n\r\n", 400),
    "a trailer with a blank before its colon": (CHUNKED + b"0\r\nX : y\r\n\r\n", 400),
    # Whom one speaks to.
    "no host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"Host: y\r\n\r\n", 400),
    "two equal hosts": (GET + b"Host: x\r\n\r\n", 400),
    "a host with a blank": (b"GET /healthz HTTP/1.1\r\nHost: x y\r\n\r\n", 400),
    "a host with a path": (b"GET /healthz HTTP/1.1\r\nHost: x/y\r\n\r\n", 400),
    "a host with a user": (b"GET /healthz HTTP/1.1\r\nHost: u@x\r\n\r\n", 400),
    "a list of hosts": (b"GET /healthz HTTP/1.1\r\nHost: x, y\r\n\r\n", 400),
    "two authorizations": (
        GET + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400),
    # The first line.
    "no version": (b"GET /healthz\r\n\r\n", 400),
    "no target": (b"GET HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two blanks": (b"GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a tab for a blank": (b"GET\t/healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a blank in the target": (b"GET /healthz /x HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a blank before the method": (b" GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a blank after the version": (b"GET /healthz HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
    "a method with brackets": (b"G(T /healthz HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a version in lower case": (b"GET /healthz http/1.1\r\nHost: x\r\n\r\n", 400),
    "a version of two digits": (b"GET /healthz HTTP/1.10\r\nHost: x\r\n\r\n", 400),
    "HTTP/0.9": (b"GET /healthz HTTP/0.9\r\nHost: x\r\n\r\n", (400, 505)),
    "HTTP/1.2": (b"GET /healthz HTTP/1.2\r\nHost: x\r\n\r\n", (400, 505)),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n", (400, 505)),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "a target with a zero byte": (b"GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 20, 400),
    # Too much.
    "a long target": (b"GET /" + b"a" * 8_200 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "a very long target": (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (414, 431)),
    "a long header": (GET + b"X: " + b"a" * 17_000 + b"\r\n\r\n", 431),
    "a long name": (GET + b"a" * 17_000 + b": b\r\n\r\n", 431),
    "many headers": (GET + b"X: y\r\n" * 4_000 + b"\r\n", 431),
    "a method without an end": (b"A" * 20_000, (400, 431)),
    "a body over a mebibyte": (with_line(b"Content-Length: 1048577"), 413),
    "chunks over a mebibyte": (CHUNKED + (b"8000\r\n" + b" " * 0x8000 + b"\r\n") * 33, 413),
    "one chunk over a mebibyte": (CHUNKED + b"100001\r\n", 413),
    "many chunk extensions": (
        CHUNKED + (b"1;" + b"e" * 1_000 + b"\r\n \r\n") * 6_000 + b"0\r\n\r\n", (400, 413)),
    "a long chunk extension": (
        CHUNKED + b"1;" + b"e" * 100_000 + b"\r\n{\r\n0\r\n\r\n", (400, 413)),
    "many trailers": (CHUNKED + b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", (400, 413, 431)),
    "an expectation": (with_line(b"Expect: 200-maybe\r\nContent-Length: 0"), 417),
}

# What looks bad and is good: one answer, the connection stays, and the next request is answered.
HARMLESS = {
    "an empty line before it": b"\r\n" + GET + b"\r\n",
    "a value with tabs around": GET + b"X-A: \t b \t\r\n\r\n",
    "a value in bytes over 127": GET + b"X-A: \xff\xfe\r\n\r\n",
    "an empty value": GET + b"X-A:\r\n\r\n",
    "a target of another's": b"GET http://x/healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a length with zeros": GET + b"Content-Length: 000\r\n\r\n",
    "a chunk size with zeros": CHUNKED + b"0002\r\n{}\r\n000\r\n\r\n",
    "a chunk with an extension": CHUNKED + b'2;a=b;c="d"\r\n{}\r\n0\r\n\r\n',
    "a trailer that would be a token": CHUNKED + b"2\r\n{}\r\n0\r\nAuthorization: Bearer x\r\n\r\n",
    "an upgrade": GET + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        b"HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n",
    "a method that is not known": b"BREW /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
}


def filled(request, token, number):
    for name, value in ((b"token", token.encode()), (b"size", SIZE), (b"app", APP % number)):
        request = request.replace(b"<" + name + b">", value)
    return request


def answers_to(port, data, wait=3.0):
    """What a connection that sends `data` gets until it is ended, as (statuses, text, ended)."""
    with contextlib.closing(socket.create_connection(("127.0.0.1", port), wait)) as connection:
        with contextlib.suppress(OSError):  # refused before all was sent
            connection.sendall(data)
        text, ended = b"", False
        try:
            while piece := connection.recv(1 << 16):
                text += piece
            ended = True
        except TimeoutError:
            pass
        except OSError:
            ended = True
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d\d\d) ", text)], text, ended


class Requests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.server = Server(f"{directory.name}/data")
        cls.addClassCleanup(cls.server.__exit__)
        cls.client = cls.server.client()
        cls.addClassCleanup(cls.client.close)
        cls.numbers = itertools.count()

    def setUp(self):
        self.before = self.apps()

    def tearDown(self):
        """The server is as it was."""
        self.assertEqual(self.client.get("/readyz").status, 200)
        self.assertEqual(self.apps(), self.before, "somebody's body was taken")

    def apps(self):
        return [app["name"] for app in self.client.get("/v1/apps").json["result"]]

    def answers_to(self, request):
        request = filled(request, self.client.token, next(self.numbers))
        return answers_to(self.server.port, request)

    def test_that_are_good_would_leave_a_trace(self):
        statuses, text, _ = self.answers_to(CHUNKED + CHUNKS)
        self.assertEqual(statuses, [201], text)
        self.assertEqual(len(self.apps()), len(self.before) + 1)
        self.before = self.apps()

    def test_that_can_be_read_in_two_ways_are_refused(self):
        for name, (request, wanted) in SHAPES.items():
            with self.subTest(name):
                statuses, text, ended = self.answers_to(request + SMUGGLED)
                allowed = wanted if isinstance(wanted, tuple) else (wanted,)
                self.assertEqual(len(statuses), 1, text)
                self.assertIn(statuses[0], allowed, text)
                self.assertNotIn(b"X-Request-Id: smuggled", text, "it was answered")
                self.assertIn(b"Connection: close", text)
                self.assertIn(b"application/problem+json", text)
                self.assertTrue(ended, "the connection goes on")

    def test_that_only_look_bad_are_answered(self):
        for name, request in HARMLESS.items():
            with self.subTest(name):
                last = SMUGGLED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
                statuses, text, ended = self.answers_to(request + last)
                self.assertEqual(len(statuses), 2, text)
                self.assertNotIn(statuses[0], (400, 500), text)
                self.assertEqual(statuses[1], 200)
                self.assertTrue(ended)

    def test_that_are_too_deep_are_refused(self):
        for body in (b"[" * 500_000, b'{"a":' * 100_000, b"[" * 524_288 + b"]" * 524_288):
            answer = self.client.post("/v1/apps", body)
            self.assertEqual(answer.status, 400, answer)


if __name__ == "__main__":
    unittest.main()
