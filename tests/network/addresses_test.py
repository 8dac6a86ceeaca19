"""Targets that are spelled, or resolved, or resolved anew to lead into the server's own network:
each is refused at the address that would be connected to, and nothing there hears of it.

It runs in a network of its own, with a name server that lies; that takes root."""

import ctypes
import fcntl
import os
import pathlib
import socket
import struct
import tempfile
import threading
import unittest

import skips
from processes import Server, eventually
from siege import app_fields
from targets import HostileTarget

CLONE_NEWNS, CLONE_NEWNET = 0x20000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 0x40000
SIOCSIFADDR, SIOCSIFFLAGS, SIOCSIFNETMASK = 0x8916, 0x8914, 0x891C
IFF_UP_RUNNING = 0x41

PUBLIC = "93.184.215.14"  # here it is this machine's
ALSO_PUBLIC = "93.184.215.15"  # and here it is nobody's
METADATA = "169.254.169.254"

# Hosts of URLs.
PRIVATE_HOSTS = [
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "2130706433", "0x7f000001", "0x7f.1",
    "0177.0.0.1", "017700000001", "0x7f.0x0.0x0.0x1", "127.0.0.1.", "0", "0.0.0.0", "00.0.0.0",
    "localhost", "localhost.", "LOCALHOST", "10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0xA9.0xFE.0xA9.0xFE", "168.63.129.16",
    "224.0.0.1", "255.255.255.255", "240.0.0.1", "198.18.0.1",
    "[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[::ffff:169.254.169.254]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b::169.254.169.254]",
    "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1]", "[fe80::1%25lo]",
    "[fe80::1%lo]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001:db8::1]", "[100::1]",
    "[::ffff:0:127.0.0.1]", "%31%32%37.0.0.1", "127%2e0.0.1", "①②⑦.0.0.1", "127。0。0。1",
]
# Those of them that are looked up as names, which nobody knows here.
UNKNOWN_HOSTS = {"127.0.0.1.", "localhost."}
# What is before the port and the path, if it is not only a host.
AUTHORITIES = [
    f"{PUBLIC}@127.0.0.1", f"user:word@{PUBLIC}", f"{PUBLIC}\\@127.0.0.1",
    f"127.0.0.1\\.{PUBLIC}", f"127.0.0.1#.{PUBLIC}", f"127.0.0.1?.{PUBLIC}", "127.0.0.1\t",
]

# What a name leads to: the answers to its first question, to its second, and so on; the last stay.
NAMES = {
    "public.test": [[PUBLIC]],
    "private.test": [["127.0.0.1"]],
    "metadata.test": [[METADATA]],
    "mapped.test": [["::ffff:127.0.0.1"]],
    "six.test": [["::1"]],
    "nat64.test": [["64:ff9b::7f00:1"]],
    "any.test": [["0.0.0.0"]],
    "first-public.test": [[ALSO_PUBLIC, "127.0.0.1"]],
    "first-private.test": [["127.0.0.1", ALSO_PUBLIC]],
    "six-and-four.test": [["::1", ALSO_PUBLIC]],
    "all-private.test": [["127.0.0.1", "10.0.0.1", "::1"]],
    "flips.test": [[ALSO_PUBLIC], ["127.0.0.1"]],
    "flips-to-metadata.test": [[ALSO_PUBLIC], [METADATA]],
    "flips-at-once.test": [["127.0.0.1"], [ALSO_PUBLIC], ["127.0.0.1"]],
}


class NameServer:
    """Answers on `address`, port 53, as NAMES says; with no time to live."""

    def __init__(self, address):
        self.asked = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                query, peer = self.socket.recvfrom(2048)
            except OSError:
                return
            self.socket.sendto(self.answer(query), peer)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        question = query[12:at + 5]
        name = ".".join(labels).lower()
        # A and AAAA are asked for at once, and are one question.
        times = self.asked.setdefault((name, kind), 0)
        self.asked[name, kind] += 1
        turns = NAMES.get(name)
        found = turns[min(times, len(turns) - 1)] if turns else []
        family, wanted = (socket.AF_INET6, 28), (socket.AF_INET, 1)
        records = b""
        count = 0
        for text in found:
            of, number = family if ":" in text else wanted
            if number == kind:
                data = socket.inet_pton(of, text)
                records += struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(data)) + data
                count += 1
        flags = 0x8180 if turns else 0x8183  # no such name
        return query[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question + records

    def close(self):
        self.socket.close()


def set_address(name, address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        where = struct.pack("HH4s8s", socket.AF_INET, 0, socket.inet_aton(address), b"")
        mask = struct.pack("HH4s8s", socket.AF_INET, 0, b"\xff" * 4, b"")
        fcntl.ioctl(control, SIOCSIFADDR, struct.pack("16s16s", name, where))
        if address != "127.0.0.1":
            fcntl.ioctl(control, SIOCSIFNETMASK, struct.pack("16s16s", name, mask))
        fcntl.ioctl(control, SIOCSIFFLAGS, struct.pack("16sH14s", name, IFF_UP_RUNNING, b""))


def enter_own_network(directory):
    """From here on this process and those it starts have a network and an /etc/resolv.conf of their
    own. Errors: OSError, without the right to it."""
    libc = ctypes.CDLL(None, use_errno=True)

    def call(function, *arguments):
        if function(*arguments) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    call(libc.unshare, CLONE_NEWNS | CLONE_NEWNET)
    call(libc.mount, b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    names = pathlib.Path(directory, "resolv.conf")
    names.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    call(libc.mount, bytes(names), b"/etc/resolv.conf", None, MS_BIND, None)
    set_address(b"lo", "127.0.0.1")
    set_address(b"lo:1", PUBLIC)
    set_address(b"lo:2", METADATA)


def setUpModule():
    global directory
    directory = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(directory.cleanup)
    try:
        enter_own_network(directory.name)
    except OSError as error:
        raise unittest.SkipTest(f"no network of its own can be made here: {error}") from error


class Addresses(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.names = NameServer("127.0.0.1")
        cls.addClassCleanup(cls.names.close)
        cls.target = HostileTarget("::")
        cls.addClassCleanup(cls.target.close)
        cls.data = f"{directory.name}/data"
        cls.server = Server(cls.data, "--allow-http-targets", plain=False)
        cls.addClassCleanup(cls.server.__exit__)
        cls.client = cls.server.client()
        cls.addClassCleanup(cls.client.close)

    def outcome(self, authority, times=1, path="/fine"):
        """How each attempt at http://AUTHORITY ended; or that no app may have it."""
        name = f"{authority} {self.id()}"[:150].encode("ascii", "replace").decode()
        name = "".join(c if c.isprintable() else "?" for c in name)
        path += "?" + authority.encode().hex()
        fields = app_fields(name, f"http://{authority}:{self.target.port}{path}", timeout_seconds=3)
        answer = self.client.post("/v1/apps", fields)
        if answer.status != 201:
            self.assertEqual(answer.status, 422, answer)
            self.assertEqual({one["pointer"] for one in answer.json["errors"]}, {"/target/url"})
            return ["not accepted"]
        app = answer.json["result"]["id"]
        causes = []
        for _ in range(times):
            asked = {"app": app, "retry": {"max_attempts": 1}}
            made = self.client.post("/v1/deployments", asked).json["result"]["id"]

            def ended():
                found = self.client.get(f"/v1/deployments/{made}").json["result"]
                return found if found["status"] not in ("due", "running") else None

            attempt = eventually(ended)["attempts"][0]
            causes.append(attempt.get("cause") or attempt["outcome"])
        return causes

    def test_a_public_one_is_reached(self):
        self.assertEqual(self.outcome(PUBLIC), ["succeeded"])
        self.assertEqual(self.outcome("public.test"), ["succeeded"])

    def test_a_redirect_to_one_is_not_followed(self):
        self.assertEqual(self.outcome(PUBLIC, path="/redirect-to-metadata"), ["answered"])
        self.assertNotIn("/fine?redirected", self.target.paths)

    def test_private_ones_are_refused_however_they_are_spelled(self):
        before = list(self.target.paths)
        for host in PRIVATE_HOSTS + AUTHORITIES:
            with self.subTest(host):
                accepted = {"not accepted", "address_refused", "invalid_target"}
                if host in UNKNOWN_HOSTS:
                    accepted.add("connect_failed")
                self.assertIn(self.outcome(host)[0], accepted)
        self.assertEqual(self.target.paths, before, "something there heard of it")

    def test_names_are_refused_by_what_they_lead_to(self):
        before = list(self.target.paths)
        for name in NAMES:
            if name != "public.test":
                with self.subTest(name):
                    causes = self.outcome(name, times=3)
                    self.assertLessEqual(set(causes), {"address_refused", "connect_failed"}, causes)
        self.assertEqual(self.target.paths, before, "something there heard of it")

    def test_names_that_lead_nowhere_else_are_refused_as_such(self):
        for name in ("private.test", "metadata.test", "six.test", "any.test", "all-private.test"):
            with self.subTest(name):
                self.assertEqual(self.outcome(name), ["address_refused"])


if __name__ == "__main__":
    skips.main()
