"""Events as they come: in order, without a gap over a broken connection, and to nobody else."""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time
import unittest

from api_world import ApiTest, app_fields, events_of
from deadlines import limit
from processes import Client

MEMBER = "user_01h455vb4pex5vsknk084sn02q"
STRANGER = "user_01h455vb4pex5vsknk084sn02r"
QUIET = "user_01h455vb4pex5vsknk084sn02s"


class Stream:
    """A reader of /v1/events/stream, as a browser reads it."""

    def __init__(self, client, query="", last=None):
        headers = {"Authorization": f"Bearer {client.token}", "Accept": "text/event-stream"}
        if last is not None:
            headers["Last-Event-ID"] = str(last)
        self.connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=120)
        self.connection.request("GET", f"/v1/events/stream{query}", headers=headers)
        self.response = self.connection.getresponse()

    def next(self):
        """The next event, or None at the end."""
        fields = {}
        while True:
            line = self.response.readline().decode()
            if not line:
                return None
            line = line.rstrip("\n")
            if line and not line.startswith(":"):
                name, _, value = line.partition(": ")
                fields[name] = value
            elif fields:
                event = json.loads(fields["data"])
                assert fields["id"] == str(event["position"]), fields
                assert fields["event"] == event["type"], fields
                return event

    def take(self, count):
        return [self.next() for _ in range(count)]

    def close(self):
        self.connection.close()


class EventStream(ApiTest):
    def stream(self, *arguments, client=None, **more):
        stream = Stream(client or self.client, *arguments, **more)
        self.addCleanup(stream.close)
        return stream

    def create(self, name):
        return self.world.app(name=f"{self.id().rsplit('.', 1)[1]}-{name}")

    def head(self):
        return events_of(self.client)[-1]["position"]

    def test_shows_what_was_and_then_what_comes(self):
        self.create("before")
        known = events_of(self.client)
        stream = self.stream()
        self.assertEqual(stream.response.getheader("Content-Type"), "text/event-stream")
        self.assertEqual(stream.take(len(known)), known)
        self.create("after")
        self.assertEqual(stream.next(), events_of(self.client)[-1])

    def test_goes_on_where_a_reader_was_without_a_gap(self):
        start = self.head()
        for number in range(300):
            self.create(number)
        first = self.stream(f"?after={start}")
        seen = first.take(120)
        first.close()
        self.create("meanwhile")
        second = self.stream(last=seen[-1]["position"])
        seen += second.take(181)
        self.assertEqual(seen, [event for event in events_of(self.client) if event["position"] > start])

    def test_shows_what_was_asked_for_only(self):
        start = self.head()
        app = self.create("one")
        self.create("two")
        self.client.patch(f"/v1/apps/{app['id']}", {"description": "new"})
        self.assertEqual([event["type"] for event in self.stream(f"?stream={app['id']}").take(2)],
                         ["AppCreated", "AppRevised"])
        revised = self.stream(f"?after={start}&type=AppRevised").next()
        self.assertEqual(revised["data"]["app"], app["id"])

    def test_shows_nothing_to_another_team(self):
        stranger = self.world.client_of(STRANGER)
        self.addCleanup(stranger.close)
        stranger.post("/v1/teams", {"name": "rivals"})
        stream = self.stream(client=stranger)
        self.assertEqual(stream.next()["type"], "TeamCreated")
        self.create("secret")
        stranger.post("/v1/apps", app_fields("theirs"))
        self.assertEqual(stream.next()["data"]["definition"]["name"], "theirs")

    def test_beats_for_a_quiet_team_though_another_is_busy(self):
        quiet = self.world.client_of(QUIET)
        self.addCleanup(quiet.close)
        quiet.post("/v1/teams", {"name": "quiet"})
        stream = self.stream(client=quiet)
        self.assertEqual(stream.next()["type"], "TeamCreated")
        app = self.create("busy")["id"]
        heard = []
        reader = threading.Thread(target=lambda: heard.append(stream.response.readline()))
        reader.start()
        give_up = time.monotonic() + limit(20, 100)
        changes = 0
        while reader.is_alive() and time.monotonic() < give_up:
            changes += 1
            answer = self.client.patch(f"/v1/apps/{app}", {"description": str(changes)})
            self.assertEqual(answer.status, 200)
            reader.join(0.2)
        self.assertEqual(heard, [b":\n"])

    def test_ends_for_a_member_who_is_removed(self):
        path = f"/v1/teams/{self.world.team}/members"
        self.assertEqual(self.client.post(path, {"user": MEMBER, "role": "viewer"}).status, 201)
        member = self.world.client_of(MEMBER)
        self.addCleanup(member.close)
        stream = self.stream(f"?after={self.head()}", client=member)
        self.create("seen")
        self.assertEqual(stream.next()["type"], "AppCreated")
        self.assertEqual(self.client.request("DELETE", f"{path}/{MEMBER}").status, 200)
        self.assertIsNone(stream.next())

    def test_ends_when_the_token_expires_though_nothing_happens(self):
        leeway, left, heartbeat = 60, 10, 15
        expires = int(time.time()) - leeway + left
        client = Client(self.world.server.port, self.token_until(expires))
        self.addCleanup(client.close)
        stream = self.stream(f"?after={self.head()}", client=client)
        self.assertEqual(stream.response.status, 200)
        began = time.monotonic()
        self.assertIsNone(stream.next())
        self.assertLess(time.monotonic() - began, limit(left + heartbeat + 2, 100))

    def token_until(self, expires):
        """A token of the admin, as the server makes them."""
        def part(fields):
            return base64.urlsafe_b64encode(json.dumps(fields).encode()).rstrip(b"=")

        claims = json.loads(base64.urlsafe_b64decode(self.client.token.split(".")[1] + "=="))
        signed = part({"alg": "HS256", "typ": "JWT"}) + b"." + part({**claims, "exp": expires})
        key = (self.world.server.data / "jwt_secret").read_bytes()
        signature = base64.urlsafe_b64encode(hmac.digest(key, signed, hashlib.sha256)).rstrip(b"=")
        return (signed + b"." + signature).decode()

    def test_ends_when_the_server_stops(self):
        stream = self.stream(f"?after={self.head()}")
        self.assertEqual(self.world.server.terminate(), 0)
        with self.assertRaises((http.client.IncompleteRead, ConnectionResetError)):
            stream.response.read()
        self.client.close()
        self.world.server.start()

    def test_refuses_what_it_cannot_show(self):
        for query, last, pointer in (("?type=Nothing", None, "?type"), ("?stream=x", None, "?stream"),
                                     ("?after=-1", None, "?after"), ("?limit=5", None, "?limit"),
                                     ("", "abc", "Last-Event-ID"), ("?after=999999", None, "?after"),
                                     ("", "999999", "Last-Event-ID")):
            stream = self.stream(query, last=last)
            self.assertEqual(stream.response.status, 422, query)
            problem = json.loads(stream.response.read())
            self.assertEqual([error["pointer"] for error in problem["errors"]], [pointer])
        answer = self.client.get("/v1/events/stream", headers={"Accept": "text/html"})
        self.assertEqual(answer.status, 406)

    def test_a_reader_that_goes_leaves_nothing_behind(self):
        for _ in range(50):
            stream = self.stream()
            stream.response.close()
            stream.close()
        self.create("still")
        self.assertEqual(self.client.get("/healthz").status, 200)

    def test_the_head_of_the_audit_is_the_last_event(self):
        self.create("last")
        head = self.client.get("/v1/audit/head").json["result"]
        last = events_of(self.client)[-1]
        self.assertEqual(head, {"position": last["position"], "digest": last["digest"]})


class Http10(ApiTest):
    """Clients and proxies that speak HTTP/1.0, as nginx does unless it is told: a reply that goes on has no
    chunks, and the end of the connection ends it."""

    def open(self, target):
        """The head of the answer as text, and a file that reads the rest."""
        connection = socket.create_connection(("127.0.0.1", self.world.server.port), timeout=120)
        self.addCleanup(connection.close)
        connection.sendall(f"GET {target} HTTP/1.0\r\nAuthorization: Bearer {self.client.token}\r\n\r\n".encode())
        stream = connection.makefile("rb")
        self.addCleanup(stream.close)
        lines = []
        while (line := stream.readline().strip()):
            lines.append(line.decode())
        return lines, stream

    def begins_well(self, lines):
        self.assertIn(" 200 OK", lines[0])
        names = {line.partition(":")[0].lower() for line in lines[1:]}
        self.assertFalse({"transfer-encoding", "content-length"} & names, lines)
        self.assertIn("Connection: close", lines)

    def test_get_the_log_and_the_dump_to_the_end_of_the_connection(self):
        self.world.app(name="http10")
        for target in ("/v1/admin/log", "/v1/admin/dump"):
            with self.subTest(target):
                lines, stream = self.open(target)
                self.begins_well(lines)
                text = stream.read().decode()
                self.assertTrue(text.endswith("\n"))
                self.assertIn("http10", text)
                for line in text.splitlines():
                    json.loads(line)

    def test_get_events_as_they_come(self):
        head = events_of(self.client)[-1]["position"]
        lines, stream = self.open(f"/v1/events/stream?after={head}")
        self.begins_well(lines)
        self.assertIn("Content-Type: text/event-stream", lines)
        self.assertEqual(stream.readline(), b":\n")
        self.assertEqual(stream.readline(), b"\n")
        self.world.app(name="as-they-come")
        position = events_of(self.client)[-1]["position"]
        self.assertEqual(stream.readline(), f"id: {position}\n".encode())
        self.assertEqual(stream.readline(), b"event: AppCreated\n")

    def test_know_a_stream_that_was_cut_by_a_reset(self):
        _, stream = self.open("/v1/events/stream")
        self.assertTrue(stream.readline())
        self.assertEqual(self.world.server.terminate(), 0)
        with self.assertRaises(ConnectionResetError):
            stream.read()
        self.client.close()
        self.world.server.start()


if __name__ == "__main__":
    unittest.main()
