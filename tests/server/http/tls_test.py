"""TLS: who trusts the certificate is served as over plain HTTP; who does not finish a handshake holds nothing."""

import contextlib
import http.client
import os
import pathlib
import random
import re
import signal
import socket
import ssl
import tempfile
import threading
import unittest
import unittest.mock

import metrics
from certificates import Authority
from openssl import openssl
from processes import PROGRAMS, Client, Process, Server, eventually, run_program

HANDSHAKE_SECONDS = 10
SOON_SECONDS = 20  # at once, for a server that is ten times slower
FLOOD = 2_000


def setUpModule():
    global directory, authority, server, pair
    directory = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(directory.cleanup)
    authority = Authority(directory.name)
    pair = authority.issue("first")
    server = TlsServer(f"{directory.name}/data", *pair)
    unittest.addModuleCleanup(server.__exit__)


class TlsServer(Server):
    """What it traces is in the file traces()."""

    def __init__(self, data, certificate, key, *options):
        self.traces_file = pathlib.Path(f"{data}.traces").open("w+b")
        super().__init__(data, "--tls-certificate", certificate, "--tls-key", key, *options,
                         stderr=self.traces_file)

    def traces(self):
        return pathlib.Path(self.traces_file.name).read_text(encoding="utf-8")

    def kill(self):
        super().kill()
        self.traces_file.close()

    def __exit__(self, *_):
        super().__exit__()
        self.traces_file.close()

    def client(self, token=None, context=None):
        return Client(self.port, token or self.token(), tls=context or authority.context())

    def connect(self, timeout=120):
        """TCP, and no TLS yet."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def connect_tls(self, context=None):
        return (context or authority.context()).wrap_socket(self.connect(), server_hostname="localhost")


def until_closed(connection):
    """All that comes until the other side closes, in whatever way it does."""
    found = b""
    with contextlib.suppress(ConnectionError, ssl.SSLError):
        while piece := connection.recv(65_536):
            found += piece
    return found


def metric(name):
    with contextlib.closing(server.client()) as client:
        return metrics.metric(client, name)


def client_hello():
    """The first bytes of a handshake."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = authority.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


class Served(unittest.TestCase):
    def test_as_over_plain_http(self):
        self.assertIn(f"listening on https://127.0.0.1:{server.port}\n", server.process.log)
        with contextlib.closing(server.client()) as client:
            answer = client.get("/v1/teams")
            self.assertEqual(answer.status, 200)
            self.assertEqual(answer.headers["strict-transport-security"], "max-age=31536000")
            body = {"name": "large", "target": {"kind": "webhook", "url": "https://a.example/"},
                    "description": "x" * 900_000}
            self.assertEqual(client.post("/v1/apps", body).status, 422)
            self.assertEqual(client.get("/openapi.json").status, 200)

    def test_by_versions_and_ciphers_of_today(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            with server.connect_tls(authority.context(version)) as connection:
                self.assertEqual(connection.version(), name)
                self.assertRegex(connection.cipher()[0], "GCM|CHACHA20")
                self.assertIsNone(connection.compression())

    def test_by_none_of_yesterday(self):
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version), self.assertRaises((ssl.SSLError, ConnectionError)):
                server.connect_tls(authority.context(version, ciphers="ALL:@SECLEVEL=0")).close()
        for ciphers in ("ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA"):
            with self.subTest(ciphers), self.assertRaises((ssl.SSLError, ConnectionError)):
                server.connect_tls(authority.context(ssl.TLSVersion.TLSv1_2, ciphers=ciphers)).close()

    def test_the_protocol_it_speaks(self):
        context = authority.context()
        context.set_alpn_protocols(["h2", "http/1.1"])
        with server.connect_tls(context) as connection:
            self.assertEqual(connection.selected_alpn_protocol(), "http/1.1")
        context.set_alpn_protocols(["h2"])
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            server.connect_tls(context).close()

    def test_who_comes_back_by_ticket(self):
        context = authority.context(ssl.TLSVersion.TLSv1_2)
        with server.connect_tls(context) as connection:
            session = connection.session
        connection = context.wrap_socket(server.connect(), server_hostname="localhost", session=session)
        with connection:
            self.assertTrue(connection.session_reused)

    def test_nobody_who_trusts_another(self):
        other = Authority(directory.name, "other")
        with self.assertRaises(ssl.SSLCertVerificationError):
            server.connect_tls(other.context())
        with self.assertRaises(ssl.SSLCertVerificationError):
            server.connect_tls(ssl.create_default_context())

    def test_until_either_side_says_good_bye(self):
        with server.connect_tls() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            # An end that was not said would raise: somebody on the way may have cut it.
            connection.suppress_ragged_eofs = False
            found = b""
            while piece := connection.recv(65_536):
                found += piece
            self.assertTrue(found.startswith(b"HTTP/1.1 200"))
            connection.unwrap().close()

    def test_requests_that_come_together_in_order(self):
        paths = [b"/healthz", b"/nothing", b"/readyz", b"/v1/apps"]
        text = b"".join(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths)
        with server.connect_tls() as connection:
            connection.sendall(text + b"GET / HTTP/1.1\r\n\r\n")
            found = until_closed(connection)
        self.assertEqual(re.findall(rb"HTTP/1\.1 (\d+) ", found), [b"200", b"404", b"200", b"401", b"400"])

    def test_who_forgot_to_speak_it_a_word(self):
        failed = metric("slipway_tls_handshakes_failed_total")
        with server.connect() as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            found = until_closed(connection)
        self.assertTrue(found.startswith(b"HTTP/1.1 400 "), found)
        self.assertIn(b"https://", found)
        self.assertNotIn(b"Strict-Transport-Security", found)
        self.assertEqual(metric("slipway_tls_handshakes_failed_total"), failed + 1)

    def test_a_stream_as_it_grows(self):
        with contextlib.closing(server.client()) as client:
            end = client.get("/v1/audit/head").headers["slipway-position"]
            connection = http.client.HTTPSConnection("127.0.0.1", server.port, timeout=120,
                                                     context=authority.context())
            headers = {"Authorization": f"Bearer {client.token}"}
            connection.request("GET", f"/v1/events/stream?after={end}", headers=headers)
            with connection.getresponse() as stream:
                self.assertEqual(stream.readline(), b":\n")
                body = {"name": "streamed", "target": {"kind": "webhook", "url": "https://a.example/"}}
                answer = client.post("/v1/apps", body)
                self.assertEqual(answer.status, 201, answer)
                while not (line := stream.readline()).startswith(b"id: "):
                    self.assertTrue(line)
                self.assertEqual(int(line[4:]), int(answer.headers["slipway-position"]))
            connection.close()
            # One that ends says so.
            connection.request("GET", "/v1/admin/log", headers=headers)
            with connection.getresponse() as stream:
                self.assertIn(b"streamed", stream.read())
            connection.close()


class HalfOpen(unittest.TestCase):
    def setUp(self):
        eventually(lambda: self.connections() <= 1)

    def connections(self):
        return metric("slipway_http_connections")

    def test_handshakes_are_given_up_in_time(self):
        hello = client_hello()
        failed = metric("slipway_tls_handshakes_failed_total")
        with contextlib.ExitStack() as stack:
            opened = [stack.enter_context(server.connect(HANDSHAKE_SECONDS + SOON_SECONDS)) for _ in range(60)]
            for number, connection in enumerate(opened):
                # Nothing; a few bytes; the head of a record; all but the last; the hello and no more.
                connection.sendall(hello[:[0, 2, 5, len(hello) - 1, len(hello)][number % 5]])
            self.assertGreaterEqual(self.connections(), 60)
            for connection in opened:
                until_closed(connection)
        self.assertLessEqual(self.connections(), 1)
        self.assertEqual(metric("slipway_tls_handshakes_failed_total"), failed + 60)

    def test_who_leaves_without_a_word_leaves(self):
        hello = client_hello()
        for _ in range(50):
            with server.connect() as connection:
                connection.sendall(hello[:random.randrange(len(hello))])
            connection = server.connect_tls()
            connection.sendall(b"GET /healthz HT")
            # Neither a good-bye nor the rest.
            socket.socket(fileno=connection.detach()).close()
        eventually(lambda: self.connections() <= 1)

    def test_garbage_is_closed_at_once(self):
        chance = random.Random(7)
        hello = client_hello()
        shapes = [b"\x16\x03\x01\xff\xff" + b"x" * 100, b"\x16\x03\x01\x00\x00", b"\x16\x02\x00\x00\x20", b"\x80\x2e\x01\x03\x01",
                  b"\x15\x03\x01\x00\x02\x01\x00", b"\x17\x03\x03\x00\x05hello", b"\0" * 300,
                  hello[:5] + chance.randbytes(len(hello) - 5)]
        shapes += [chance.randbytes(500) for _ in range(20)]
        # What follows a record of a handshake is one, or nothing.
        shapes += [hello[:20] + chance.randbytes(len(hello) - 20) + hello for _ in range(20)]
        for shape in shapes:
            with self.subTest(shape[:20]), server.connect(SOON_SECONDS) as connection:
                connection.sendall(shape)
                with contextlib.suppress(OSError):  # it is closed already
                    connection.shutdown(socket.SHUT_WR)
                until_closed(connection)
        eventually(lambda: self.connections() <= 1)

    def test_garbage_within_the_session_closes_it(self):
        connection = server.connect_tls()
        raw = socket.socket(fileno=os.dup(connection.fileno()))
        with connection, raw:
            raw.settimeout(SOON_SECONDS)
            raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
            until_closed(raw)
        eventually(lambda: self.connections() <= 1)

    def test_many_handshakes_among_garbage(self):
        """Each honest one is served."""
        failures = []

        def honest(count):
            context = authority.context()
            try:
                for _ in range(count):
                    with server.connect_tls(context) as connection:
                        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                        self.assertTrue(until_closed(connection).startswith(b"HTTP/1.1 200 "))
            except (OSError, AssertionError) as failure:
                failures.append(failure)

        def hostile(count, seed):
            chance = random.Random(seed)
            hello = client_hello()
            for _ in range(count):
                with contextlib.suppress(OSError), server.connect() as connection:
                    connection.sendall(hello[:chance.randrange(len(hello))] + chance.randbytes(50))

        threads = [threading.Thread(target=honest, args=(FLOOD // 8,)) for _ in range(4)]
        threads += [threading.Thread(target=hostile, args=(FLOOD // 8, seed)) for seed in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        eventually(lambda: self.connections() <= 1)


class Certificates(unittest.TestCase):
    def refused(self, certificate, key, listen="127.0.0.1:0"):
        """What the server says, which does not start."""
        with tempfile.TemporaryDirectory() as data:
            options = ["--tls-certificate", certificate] if certificate else []
            options += ["--tls-key", key] if key else []
            done = run_program("slipway-server", "run", "--data", data, "--listen", listen, *options,
                               check=False)
        self.assertNotEqual(done.returncode, 0)
        return done.stderr + done.stdout

    def file(self, name, text, mode=0o600):
        path = pathlib.Path(directory.name) / name
        path.write_text(text)
        path.chmod(mode)
        return path

    def test_that_are_not_good_are_named(self):
        certificate, key = pair
        other = authority.issue("another")[1]
        missing = pathlib.Path(directory.name) / "missing.pem"
        half = self.file("half.pem", certificate.read_text()[:300])
        chain = self.file("chain.pem", certificate.read_text() + certificate.read_text()[:300])
        open_key = self.file("open.key", key.read_text(), 0o644)
        wide_key = self.file("wide.key", key.read_text(), 0o602)
        locked = pathlib.Path(directory.name) / "locked.key"
        openssl("ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", locked)
        locked.chmod(0o600)
        for found, named, said in (
            (self.refused(missing, key), missing, "No such file"),
            (self.refused(certificate, missing), missing, "No such file"),
            (self.refused(key, key), key, "-----BEGIN CERTIFICATE-----"),
            (self.refused(half, key), half, "-----BEGIN CERTIFICATE-----"),
            (self.refused(chain, key), chain, "certificate 2"),
            (self.refused(directory.name, key), directory.name, "no file"),
            (self.refused(certificate, self.file("garbage.key", "hello")), "garbage.key", "-----BEGIN PRIVATE"),
            (self.refused(certificate, locked), locked, "without a passphrase"),
            (self.refused(certificate, open_key), open_key, "chmod 600"),
            (self.refused(certificate, wide_key), wide_key, "chmod 600"),
            (self.refused(certificate, other), other, f"not the key of the certificate in {certificate}"),
        ):
            with self.subTest(said):
                self.assertIn(str(named), found)
                self.assertIn(said, found)
        self.assertIn("--tls-key", self.refused(certificate, None))
        self.assertIn("--tls-certificate", self.refused(None, key))

    def test_let_others_in(self):
        """From elsewhere only with TLS, or if told so."""
        said = self.refused(None, None, "0.0.0.0:0")
        self.assertIn("--tls-certificate", said)
        self.assertIn("--allow-remote-plain-http", said)
        one = Process([str(PROGRAMS / "slipway-server"), "run", "--create", "--data", f"{directory.name}/open", "--listen", "0.0.0.0:0",
                       "--tls-certificate", str(pair[0]), "--tls-key", str(pair[1])], r"listening on https://0.0.0.0:(\d+)")
        one.kill()

    def test_that_have_expired_are_told(self):
        expired = authority.issue("expired", days=-1)
        with TlsServer(f"{directory.name}/expired_data", *expired) as one:
            self.assertIn(f"{expired[0]}: the certificate has expired", one.traces())
            with self.assertRaises(ssl.SSLCertVerificationError):
                one.connect_tls()

    def test_are_read_again(self):
        certificate, key = authority.issue("renewed")
        with TlsServer(f"{directory.name}/renewed_data", certificate, key) as one:
            kept = one.client()
            self.assertEqual(kept.get("/healthz").status, 200)
            first = self.serial(one)
            authority.issue("renewed")
            self.assertEqual(self.serial(one), first)
            one.process.process.send_signal(signal.SIGHUP)
            eventually(lambda: self.serial(one) != first)
            second = self.serial(one)
            # A pair that is not good replaces none.
            key.write_text("hello")
            one.process.process.send_signal(signal.SIGHUP)
            eventually(lambda: "stays in use" in one.traces())
            self.assertIn(str(key), one.traces())
            self.assertEqual(self.serial(one), second)
            authority.issue("renewed")
            one.process.process.send_signal(signal.SIGHUP)
            eventually(lambda: self.serial(one) != second)
            self.assertEqual(kept.get("/healthz").status, 200, "who is there stays")
            kept.close()
            self.assertEqual(one.terminate(), 0)

    def serial(self, one):
        with one.connect_tls() as connection:
            return connection.getpeercert()["serialNumber"]


class Stopping(unittest.TestCase):
    def test_ends_what_rests_and_says_good_bye(self):
        with TlsServer(f"{directory.name}/stopped", *pair) as one:
            idle = one.connect_tls()
            halfway = one.connect()
            halfway.sendall(client_hello())
            client = one.client()
            connection = http.client.HTTPSConnection("127.0.0.1", one.port, context=authority.context())
            connection.request("GET", "/v1/events/stream", headers={"Authorization": f"Bearer {client.token}"})
            stream = connection.getresponse()
            self.assertEqual(stream.readline(), b":\n")
            idle.suppress_ragged_eofs = False
            self.assertEqual(one.terminate(SOON_SECONDS), 0)
            self.assertEqual(idle.recv(100), b"")
            for opened in (idle, halfway, connection, client):
                opened.close()


class Programs(unittest.TestCase):
    def setUp(self):
        self.token = server.token()

    def run_with(self, name, *arguments, **environment):
        environment = {"SLIPWAY_TOKEN": self.token, **environment}
        with unittest.mock.patch.dict(os.environ, environment):
            return run_program(name, *arguments, check=False)

    def test_trust_whom_they_are_told_to(self):
        url = f"https://127.0.0.1:{server.port}"
        told = ("--ca-file", authority.certificate)
        for name, arguments in (("slipway", ("--url", url, "teams", "list")), ("slipway-replay", (url,)),
                                ("slipway-dump", (url,))):
            with self.subTest(name):
                done = self.run_with(name, *told, *arguments)
                self.assertEqual(done.returncode, 0, done)
                done = self.run_with(name, *arguments, SLIPWAY_CA_FILE=str(authority.certificate))
                self.assertEqual(done.returncode, 0, done)
                done = self.run_with(name, *arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("certificate", done.stderr)
                done = self.run_with(name, "--ca-file", f"{directory.name}/nothing", *arguments)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(f"{directory.name}/nothing", done.stderr)
                done = self.run_with(name, "--ca-file", pair[1], *arguments)
                self.assertIn("-----BEGIN CERTIFICATE-----", done.stderr)


if __name__ == "__main__":
    unittest.main()
