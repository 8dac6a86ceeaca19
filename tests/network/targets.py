"""Targets that do their worst, in the test's own process. The path says how."""

import gzip
import socket
import threading

from attackers import RESET

# Without it, another attempt could be sent on the connection while it is being closed, and be lost.
END = b"Connection: close\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


def bomb():
    """A gigabyte of zeros, once it is unpacked; packed thrice it is small enough to be kept."""
    packed = gzip.compress(gzip.compress(gzip.compress(bytes(1 << 20)) * 1024))
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip, gzip, gzip\r\n" + \
        f"Content-Length: {len(packed)}\r\n\r\n".encode() + packed


class HostileTarget:
    """Accepts on `host`, and does on each connection what is asked for, until close()."""

    def __init__(self, host="127.0.0.1"):
        six = ":" in host
        family = socket.AF_INET6 if six else socket.AF_INET
        self.listener = socket.create_server((host, 0), family=family, backlog=2_048,
                                             dualstack_ipv6=six)
        self.port = self.listener.getsockname()[1]
        self.paths = []  # each that was asked for, in order
        self.retry_after = "0"  # what /busy asks for
        self.over = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self, path, host="127.0.0.1"):
        return f"http://{host}:{self.port}{path}"

    def accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        with connection:
            try:
                while (path := self.read_request(connection)) is not None:
                    self.paths.append(path)
                    name = "do_" + path.split("?")[0].strip("/").replace("-", "_")
                    if getattr(self, name)(connection) != "stay":
                        return
            except OSError:
                """The server had enough of it."""

    def read_request(self, connection):
        text = b""
        while b"\r\n\r\n" not in text:
            piece = connection.recv(1 << 16)
            if not piece:
                return None
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        while len(body) < length:
            body += connection.recv(1 << 16)
        return head.split(b" ")[1].decode()

    def drip(self, connection, text, pause=1.0):
        for i in range(len(text)):
            connection.sendall(text[i:i + 1])
            if self.over.wait(pause):
                return

    def forever(self, connection, text):
        while not self.over.is_set():
            connection.sendall(text)

    def close(self):
        self.over.set()
        self.listener.close()

    # ---- Good ones, to compare

    def do_fine(self, connection):
        connection.sendall(ANSWER)
        return "stay"

    def do_slow(self, connection):
        """Keeps the connection."""
        self.over.wait(0.3)
        return self.do_fine(connection)

    # ---- Slow ones

    def do_hang(self, connection):
        self.over.wait()

    def do_drip_head(self, connection):
        self.drip(connection, ANSWER)

    def do_drip_body(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        self.drip(connection, b"x" * 1000, 0.2)

    # ---- Those that go on

    def do_endless_headers(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        self.forever(connection, b"X: " + b"y" * 1000 + b"\r\n")

    def do_endless_line(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
        self.forever(connection, b"y" * 10_000)

    def do_endless_body(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        self.forever(connection, b"y" * 10_000)

    def do_endless_chunks(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.forever(connection, b"2710\r\n" + b"y" * 10_000 + b"\r\n")

    def do_endless_extension(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
        self.forever(connection, b"y" * 10_000)

    def do_endless_trailers(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
        self.forever(connection, b"X: y\r\n" * 1_000)

    def do_endless_continues(self, connection):
        self.forever(connection, b"HTTP/1.1 100 Continue\r\n\r\n" * 100)

    def do_many_lines(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000 + b"\r\n")

    def do_large_length(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n")
        self.forever(connection, b"y" * 10_000)

    def do_bomb(self, connection):
        connection.sendall(BOMB)
        return "stay"

    # ---- Those that are to be asked again

    def do_busy(self, connection):
        connection.sendall(f"HTTP/1.1 503 Busy\r\nRetry-After: {self.retry_after}\r\n"
                           "Content-Length: 0\r\n\r\n".encode())
        return "stay"

    # ---- Those whose body does not fit their status

    def do_large(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + b"y" * 70_000)
        return "stay"

    def do_large_no(self, connection):
        connection.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 80000\r\n\r\n" + b"y" * 80_000)
        return "stay"

    def do_drip_chunks(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.drip(connection, b"1\r\ny\r\n" * 8, 1 / 6)

    def do_no_and_reset(self, connection):
        connection.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 100\r\n\r\nhello")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def do_accept_and_reset(self, connection):
        connection.sendall(b"HTTP/1.1 202 Accepted\r\nLocation: /runs/7\r\n"
                           b"Content-Length: 100\r\n\r\nhello")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    # ---- Those that speak otherwise

    def do_garbage(self, connection):
        connection.sendall(bytes(range(256)) * 20)

    def do_old(self, connection):
        connection.sendall(b"hello\r\n")

    def do_tls(self, connection):
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")

    def do_switch(self, connection):
        connection.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n"
                           b"Connection: Upgrade\r\n\r\n")
        self.over.wait()

    def do_strange_status(self, connection):
        connection.sendall(b"HTTP/1.1 999 Strange\r\nContent-Length: 0\r\n" + END)

    def do_bad_chunk(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n")

    def do_large_chunk(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                           b"ffffffffffffffff1\r\nhello\r\n")

    def do_two_answers(self, connection):
        connection.sendall(ANSWER + b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n")
        return "stay"

    # ---- Those that end

    def do_close(self, connection):
        """Nothing at all."""

    def do_reset(self, connection):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

    def do_half_a_head(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Le")

    def do_half_a_body(self, connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")

    # ---- Those that point elsewhere

    def redirect(self, connection, status, url):
        connection.sendall(f"HTTP/1.1 {status} Elsewhere\r\nLocation: {url}\r\n"
                           "Content-Length: 0\r\n".encode() + END)

    def do_redirect_to_metadata(self, connection):
        """For a network where that address is the test's own: it may be followed after all."""
        self.redirect(connection, 301, self.url("/fine?redirected", "169.254.169.254"))

    def do_redirect_to_loopback(self, connection):
        self.redirect(connection, 307, self.url("/fine?redirected"))

    def do_redirect_to_file(self, connection):
        self.redirect(connection, 302, "file:///etc/passwd")

    def do_redirect_to_itself(self, connection):
        self.redirect(connection, 308, self.url("/redirect-to-itself?redirected"))


BOMB = bomb()
