"""Those who attack the server, each in a process of its own, and what each of them saw.

An attack is a function of (port, token, seconds); what it returns is for the test to judge. They
give way to the server: elsewhere they would have a machine of their own.
"""

import contextlib
import multiprocessing
import os
import resource
import select
import socket
import struct
import time
import warnings

SOURCES = 8  # addresses of this machine to come from: each has its own ports
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets

HALF_CLOSED_MIN = 101  # connections, however long that takes
HEALTH = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def raise_descriptors():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Attack:
    """`attack` under way, until its time is over or it is ended."""

    def __init__(self, attack, *arguments):
        self.name = attack.__name__
        context = multiprocessing.get_context("fork")
        self.end, theirs = context.Pipe(duplex=False)
        self.process = context.Process(target=self.run, args=(theirs, attack, arguments))
        self.process.start()
        theirs.close()

    @staticmethod
    def run(end, attack, arguments):
        os.nice(10)
        raise_descriptors()
        warnings.simplefilter("ignore", ResourceWarning)
        end.send(attack(*arguments))
        os._exit(0)  # thousands of sockets are closed faster by the kernel

    @property
    def is_under_way(self):
        return not self.end.poll()

    def saw(self, seconds=300):
        """What it returned."""
        if not self.end.poll(seconds):
            raise AssertionError(f"{self.name} did not end in {seconds} s")
        return self.end.recv()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.join()
        self.end.close()


def connect(port, number=0, timeout=60, receive_bytes=None):
    """The `number`-th connection of many. With few `receive_bytes` it is soon full."""
    connection = socket.socket()
    if receive_bytes:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    connection.settimeout(timeout)
    connection.bind((f"127.0.0.{2 + number % SOURCES}", 0))
    connection.connect(("127.0.0.1", port))
    return connection


def head_of(method, path, token=None, *more):
    lines = [f"{method} {path} HTTP/1.1", "Host: x", *more]
    if token:
        lines.append(f"Authorization: Bearer {token}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Held:
    """A connection of hold()."""

    def __init__(self, connection):
        self.connection = connection
        self.since = time.monotonic()
        self.ended_after = None  # seconds until the server ended it
        self.received = b""

    def take(self):
        """What has come. It is over if that is an end."""
        try:
            piece = self.connection.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self.received = (self.received + piece)[:400]
        if not piece:
            self.over()

    def give(self, piece):
        try:
            return self.connection.send(piece)
        except BlockingIOError:
            return 0
        except OSError:
            self.over()
            return 0

    def over(self):
        if self.ended_after is None:
            self.ended_after = time.monotonic() - self.since


def hold(port, count, seconds, first, drip=b"", reads=True, receive_bytes=None):
    """Opens `count` connections, sends `first` on each and then a byte of `drip` every second.
    Returns them when all were ended, or `seconds` after the last was opened."""
    poll = select.epoll()
    held = {}
    for number in range(count):
        one = Held(connect(port, number, receive_bytes=receive_bytes))
        one.connection.sendall(first)
        one.connection.setblocking(False)
        held[one.connection.fileno()] = one
        poll.register(one.connection, (select.EPOLLIN if reads else 0) | select.EPOLLRDHUP)
    sent = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(one.ended_after is None for one in held.values()):
        second = time.monotonic() + 1
        while (left := min(second, until) - time.monotonic()) > 0:
            for number, events in poll.poll(left, 1_000):
                one = held[number]
                if reads:
                    one.take()
                if events & (select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP):
                    one.over()
                if one.ended_after is not None:
                    poll.unregister(number)
        for one in held.values():
            if sent < len(drip) and one.ended_after is None:
                one.give(drip[sent:sent + 1])
        sent += 1
    return list(held.values())


def is_shed(answer):
    """Whether it says that there is too much now, and when to come back."""
    return answer.startswith(b"HTTP/1.1 503") and b"\r\nRetry-After: " in answer


def ends(held):
    """Of those that were not shed the seconds after which the first and the last were ended, and
    how many were not."""
    borne = [one for one in held if not is_shed(one.received)]
    known = [one.ended_after for one in borne if one.ended_after is not None]
    return {
        "shed": len(held) - len(borne),
        "first": min(known, default=None),
        "last": max(known, default=None),
        "open": len(borne) - len(known),
        "count": len(borne),
    }


# ---- Attacks


def idle(port, token, seconds, count):
    """Connections that say nothing; in the end some of them do ask, and are answered."""
    until = time.monotonic() + seconds
    connections = [connect(port, number) for number in range(count)]
    time.sleep(max(0, until - time.monotonic()))
    answered = 0
    for connection in connections[:: count // 100]:
        connection.sendall(HEALTH)
        answered += connection.recv(4096).startswith(b"HTTP/1.1 200")
    return {"opened": len(connections), "asked": 100, "answered": answered}


def slow_heads(port, token, seconds, count):
    drip = head_of("GET", "/v1/apps", token, "X-Padding: " + "x" * 500)
    return ends(hold(port, count, seconds, drip[:1], drip[1:]))


def slow_bodies(port, token, seconds, count):
    first = head_of("POST", "/v1/apps", token, "Content-Length: 1000")
    return ends(hold(port, count, seconds, first, b"{" + b" " * 999))


def announced_bodies(port, token, seconds, count):
    """A mebibyte each, of which nothing comes."""
    first = head_of("POST", "/v1/apps", token, "Content-Length: 1048576")
    return ends(hold(port, count, seconds, first))


def unfinished_bodies(port, token, seconds, count):
    """A mebibyte each, of which all comes but the last byte: how many were told to come later."""
    first = head_of("POST", "/v1/apps", token, "Content-Length: 1048576")
    held = []
    for number in range(count):
        one = Held(connect(port, number))
        one.connection.settimeout(30)
        with contextlib.suppress(OSError):  # refused before all was sent
            one.connection.sendall(first + b" " * 1048575)
        one.connection.setblocking(False)
        held.append(one)
    time.sleep(seconds)  # they are held for so long at least, and until one was told
    patience = time.monotonic() + 120
    while not any(one.received for one in held) and time.monotonic() < patience:
        for one in held:
            one.take()
        time.sleep(0.1)
    for one in held:
        one.take()
    answered = [one.received for one in held if one.received]
    return {"count": len(held), "answered": len(answered),
            "shed": sum(is_shed(text) for text in answered)}


def pipelining(port, token, seconds, count, path, requests=10_000):
    """As many requests as one likes in one write, and no answer is read."""
    flood = head_of("GET", path, token) * requests
    held = [Held(connect(port, number, receive_bytes=4096)) for number in range(count)]
    left = [flood] * count
    poll = select.epoll()
    for number, one in enumerate(held):
        one.connection.setblocking(False)
        poll.register(one.connection, select.EPOLLRDHUP)
        left[number] = flood[one.give(flood):]
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(one.ended_after is None for one in held):
        for number, one in enumerate(held):
            if left[number] and one.ended_after is None:
                left[number] = left[number][one.give(left[number]):]
        over = {number for number, _ in poll.poll(0.2, 1_000)}
        for one in held:
            if one.connection.fileno() in over:
                one.over()
    return ends(held)


def never_reading(port, token, seconds, count, path):
    """Answers that are asked for and not taken."""
    first = head_of("GET", path, token) * 100
    return ends(hold(port, count, seconds, first, reads=False, receive_bytes=4096))


def unread_streams(port, token, seconds, count):
    """Streams of all that was, which nobody takes. That they are given up is seen at the server
    alone: its end waits behind the rest."""
    first = head_of("GET", "/v1/events/stream?after=0", token)
    return len(hold(port, count, seconds, first, reads=False, receive_bytes=4096))


def half_closed(port, token, seconds, count):
    """Clients that have said all they had to say: the answer comes, and then the end."""
    until = time.monotonic() + seconds
    seen = {"answered": 0, "asked": 0}
    while time.monotonic() < until or seen["asked"] < HALF_CLOSED_MIN:
        for number in range(count):
            for request, wanted in ((HEALTH, b"HTTP/1.1 200"), (HEALTH[:-2], b"")):
                with contextlib.closing(connect(port, number)) as connection:
                    connection.sendall(request)
                    connection.shutdown(socket.SHUT_WR)
                    text = b""
                    with contextlib.suppress(ConnectionResetError):
                        while piece := connection.recv(4096):
                            text += piece
                seen["asked"] += 1
                seen["answered"] += text.startswith(wanted) and bool(wanted) == bool(text)
        time.sleep(0.1)
    return seen


def resets(port, token, seconds, a_second):
    """Connections that are reset: within a head, within a body, before an answer is taken."""
    begun = (
        HEALTH[:20],
        head_of("POST", "/v1/apps", token, "Content-Length: 100") + b"{",
        HEALTH * 50,
        head_of("GET", "/v1/apps", token) * 5,
    )
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        connection = connect(port, count)
        connection.sendall(begun[count % len(begun)])
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        connection.close()
        count += 1
        time.sleep(1 / a_second)
    return {"count": count}


def connects(port, token, seconds, a_second):
    """Connections that end at once."""
    until = time.monotonic() + seconds
    count = 0
    while time.monotonic() < until:
        connect(port, count).close()
        count += 1
        time.sleep(1 / a_second)
    return {"count": count}


def endless(port, token, seconds, count):
    """Heads, chunks, their extensions and trailers that do not end: with what each was refused."""
    chunked = head_of("POST", "/v1/apps", token, "Transfer-Encoding: chunked")
    kinds = {
        "head": (b"GET / HTTP/1.1\r\nHost: x\r\n", b"X: " + b"y" * 1000 + b"\r\n"),
        "chunks": (chunked, b"10000\r\n" + b" " * 0x10000 + b"\r\n"),
        "extensions": (chunked, b"1;" + b"e" * 1000 + b"\r\n{\r\n"),
        "extension": (chunked + b"1;", b"e" * 1000),
        "trailers": (chunked + b"0\r\n", b"X: y\r\n" * 1000),
        "trailer": (chunked + b"0\r\nX: ", b"y" * 1000),
    }
    until = time.monotonic() + seconds
    seen = {kind: {} for kind in kinds}
    while time.monotonic() < until:
        for kind, (first, more) in kinds.items():
            for number in range(count):
                status = endless_one(connect(port, number), first, more)
                seen[kind][status] = seen[kind].get(status, 0) + 1
        time.sleep(0.2)
    return seen


def endless_one(connection, first, more, bytes_max=32 << 20):
    """The status that ended it; "endless" if `bytes_max` were taken."""
    with contextlib.closing(connection):
        connection.setblocking(True)
        connection.settimeout(60)
        sent = connection.send(first)
        with contextlib.suppress(OSError):  # what came before can still be read
            while sent < bytes_max and not select.select([connection], [], [], 0)[0]:
                sent += connection.send(more)
            if sent >= bytes_max:
                return "endless"
        try:
            return connection.recv(4096).split(b" ", 2)[1].decode()
        except (OSError, IndexError):
            return "closed"
