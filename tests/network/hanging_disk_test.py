"""A disk that hangs: whatever shows nothing of the state, or only what is durable, is answered while it does; a
change, and a read that shows one, waits."""

import contextlib
import select
import socket
import tempfile
import unittest

import skips
from hanging_disk import HangingDisk
from processes import Server, eventually
from siege import far_away, new_app

ANSWER_SECONDS = 20  # for a loaded machine: the disk hangs until it is let go

MEMBER = "user_01h455vb4pex5vsknk084sn02s"
STRANGER = "user_01h455vb4pex5vsknk084sn02q"
NO_APP = "app_01h455vb4pex5vsknk084sn02r"


class Exchange:
    """One request on a connection of its own, of which the answer may not be there yet."""

    def __init__(self, port, method, target, token=None, body=b"", headers=()):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        lines = [f"{method} {target} HTTP/1.1", "Host: a", "Connection: close", *headers]
        if token is not None:
            lines.append(f"Authorization: Bearer {token}")
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode() + body)

    def is_answered(self):
        return bool(select.select([self.socket], [], [], 0)[0])

    def answer(self):
        """All that is sent, as text. TimeoutError if that is nothing."""
        with self.socket:
            pieces = []
            while piece := self.socket.recv(1 << 16):
                pieces.append(piece)
        return b"".join(pieces).decode("latin-1")

    def status(self):
        return int(self.answer().split(" ", 2)[1])


class HangingDiskTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        cls.server = Server(f"{directory.name}/data")
        cls.addClassCleanup(cls.server.__exit__)
        cls.client = cls.server.client()
        cls.addClassCleanup(cls.client.close)
        cls.app = new_app(cls.client, "durable", "https://a.example/")
        cls.stranger = cls.server.client(cls.server.token("--user", STRANGER))
        cls.addClassCleanup(cls.stranger.close)
        assert cls.stranger.post("/v1/teams", {"name": "strangers"}).status == 201
        new_app(cls.stranger, "theirs", "https://a.example/")

    def exchange(self, method, target, **more):
        one = Exchange(self.server.port, method, target, **more)
        self.addCleanup(one.socket.close)
        return one

    def create_app(self, name):
        body = ('{"name": "%s", "environment": "production", "infrastructure": {"provider": "other"}, '
                '"target": {"kind": "webhook", "url": "https://a.example/"}}' % name).encode()
        return self.exchange("POST", "/v1/apps", token=self.client.token, body=body)

    @contextlib.contextmanager
    def hanging(self, name):
        """The disk hangs, and app `name` is created and not durable; yields that exchange."""
        with HangingDisk(self.server):
            creating = self.create_app(name)
            taken = lambda: "slipway_commit_waiting_units 0" not in self.exchange(
                "GET", "/metrics", token=self.client.token).answer()
            eventually(taken)
            yield creating
            self.assertFalse(creating.is_answered(), "a change was answered before it was durable")
        self.assertEqual(creating.status(), 201)

    def test_does_not_hold_up_what_shows_nothing_of_the_state(self):
        token = self.client.token
        with self.hanging("one"):
            for method, target, status, more in (
                    ("GET", "/healthz", 200, {}),
                    ("HEAD", "/healthz", 200, {}),
                    ("GET", "/readyz", 200, {}),
                    ("GET", "/metrics", 200, {"token": token}),
                    ("GET", "/openapi.json", 200, {}),
                    ("GET", "/docs", 200, {}),
                    ("GET", "/docs/nothing.js", 404, {}),
                    ("GET", "/nothing", 404, {"token": token}),
                    ("POST", "/healthz", 405, {}),
                    ("GET", "/v1/apps", 401, {}),
                    ("GET", "/v1/apps", 401, {"token": "none"}),
                    ("POST", "/v1/apps", 401, {"body": b"{}"}),
                    ("GET", "/v1/admin/dispatch", 403, {"token": self.stranger.token}),
                    ("GET", "/v1/apps", 406, {"token": token, "headers": ["Accept: text/html"]}),
                    ("GET", "/v1/apps?limit=0", 422, {"token": token}),
                    ("POST", "/v1/apps", 400, {"token": token, "body": b"{"}),
                    ("GET", "/v1/admin/dispatch", 200, {"token": token})):
                with self.subTest(f"{method} {target} {status}"):
                    self.assertEqual(self.exchange(method, target, **more).status(), status)

    def test_does_not_hold_up_a_read_of_what_is_durable(self):
        with self.hanging("two"):
            for token, target in ((self.client.token, f"/v1/apps/{self.app}"),
                                  (self.client.token, "/v1/events"),
                                  (self.client.token, f"/v1/apps/{self.app}/history"),
                                  (self.client.token, "/v1/audit/head"),
                                  (self.stranger.token, "/v1/apps"),
                                  (self.stranger.token, "/v1/teams"),
                                  (self.stranger.token, "/v1/scheduled_deployments")):
                with self.subTest(target):
                    answer = self.exchange("GET", target, token=token).answer()
                    self.assertIn(" 200 OK\r\n", answer)
                    self.assertNotIn('"two"', answer)

    def test_holds_up_a_read_that_shows_what_is_not_durable(self):
        with self.hanging("three"):
            reading = self.exchange("GET", "/v1/apps", token=self.client.token)
            # What comes after it on the same thread is answered: it was handled, and waits.
            self.assertEqual(self.exchange("GET", "/healthz").status(), 200)
            self.assertFalse(reading.is_answered(), "it shows what a crash would take back")
        self.assertIn('"three"', reading.answer())

    def test_holds_up_a_list_of_teams_without_the_one_that_was_just_left(self):
        team = self.client.get("/v1/teams").json["result"][0]["id"]
        members = f"/v1/teams/{team}/members"
        self.assertEqual(self.client.post(members, {"user": MEMBER, "role": "viewer"}).status, 201)
        token = self.server.token("--user", MEMBER)
        with self.hanging("six"):
            removing = self.exchange("DELETE", f"{members}/{MEMBER}", token=self.client.token)
            eventually(lambda: self.exchange("GET", f"/v1/apps/{self.app}", token=token).status() == 403)
            reading = self.exchange("GET", "/v1/teams", token=token)
            self.assertEqual(self.exchange("GET", "/healthz").status(), 200)
            self.assertFalse(reading.is_answered(), "it shows what a crash would take back")
        self.assertEqual(removing.status(), 200)
        self.assertNotIn(team, reading.answer())

    def test_of_a_read_the_position_is_durable(self):
        with self.hanging("four"):
            answer = self.exchange("GET", f"/v1/apps/{self.app}", token=self.client.token).answer()
            head = self.exchange("GET", "/v1/audit/head", token=self.client.token).answer()
            position = answer.split("Slipway-Position: ")[1].split("\r\n")[0]
            self.assertIn(f'"position":{position},', head)

    def test_changes_of_apps_do_not_hold_up_a_schedule_of_another_team(self):
        theirs = self.stranger.get("/v1/apps").json["result"][0]["id"]
        answer = self.stranger.post("/v1/scheduled_deployments", far_away(theirs))
        self.assertEqual(answer.status, 201)
        path = "/v1/scheduled_deployments/" + answer.json["result"]["id"]
        with self.hanging("five"):
            self.assertEqual(self.exchange("GET", path, token=self.stranger.token).status(), 200)
            unknown = self.exchange("GET", f"/v1/apps/{NO_APP}", token=self.stranger.token)
            self.assertEqual(unknown.status(), 404)

    def store_credential(self, name):
        body = ('{"name": "%s", "kind": "bearer", "secret": "hush, hush", "origin": "https://a.example"}' % name).encode()
        return self.exchange("POST", "/v1/credentials", token=self.client.token, body=body)

    def keys(self):
        return {path.name for path in (self.server.data / "credential_keys").iterdir()}

    def waiting_for_keys(self):
        found = self.exchange("GET", "/metrics", token=self.client.token).answer()
        return int(found.split("\nslipway_key_files_waiting ")[1].split("\n")[0])

    def test_a_key_that_is_not_on_the_disk_yet_holds_up_its_credential_and_nobody_else(self):
        before = self.keys()
        with HangingDisk(self.server, "disk_worker"):
            storing = [self.store_credential("one of two"), self.store_credential("one of two")]
            eventually(lambda: self.waiting_for_keys() == 2)
            self.assertEqual(self.exchange("GET", "/healthz").status(), 200)
            self.assertEqual(self.create_app("beside a key").status(), 201)
            self.assertEqual(self.client.get("/v1/credentials").json["result"], [])
            self.assertFalse(any(one.is_answered() for one in storing), "a credential has no key")
        self.assertEqual(sorted(one.status() for one in storing), [201, 409])
        self.assertEqual(len(self.keys() - before), 1, "the key of the refused one is left over")
        made = self.client.get("/v1/credentials").json["result"][0]["id"]
        with HangingDisk(self.server, "disk_worker"):
            deleting = self.exchange("DELETE", f"/v1/credentials/{made}", token=self.client.token)
            eventually(lambda: self.waiting_for_keys() == 1)
            self.assertEqual(self.client.get("/v1/credentials").json["result"], [])
            self.assertFalse(deleting.is_answered(), "it was answered before the key was destroyed")
        self.assertEqual(deleting.status(), 200)
        self.assertEqual(self.keys(), before)


if __name__ == "__main__":
    skips.main()
