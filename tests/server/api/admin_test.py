"""What an admin takes out of a running server, and that it is on record."""

import json
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import unittest

from api_world import ApiTest, World, events_of, schedule_fields
from processes import PROGRAMS, Server, eventually, run_program

VIEWER = "user_01h455vb4pex5vsknk084sn02q"


def copy_keys(source, into):
    for key in ("jwt_secret", "server_key"):
        shutil.copy(source / key, into)
    shutil.copytree(source / "credential_keys", f"{into}/credential_keys")


class RawLog(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        app = cls.world.app()["id"]
        for _ in range(250):
            cls.world.scheduled(app)

    def lines(self, query=""):
        answer = self.client.get("/v1/admin/log" + query)
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
        return answer.text.splitlines()

    def test_is_what_the_dump_says(self):
        lines = self.lines()
        dumped = run_program("slipway-dump", self.world.server.data).splitlines()
        self.assertEqual(lines, dumped[:len(lines)])
        last = json.loads(lines[-1])
        self.assertEqual((last["type"], last["data"]), ("DataExported", {"what": "log"}))
        self.assertEqual([json.loads(line)["position"] for line in lines], list(range(1, len(lines) + 1)))

    def test_goes_on_after_a_position(self):
        lines = self.lines("?after=100")
        self.assertEqual(json.loads(lines[0])["position"], 101)
        self.assertEqual(len(self.lines("?after=999999")), 0)

    def test_says_where_it_begins_and_ends(self):
        lines = [json.loads(line) for line in self.lines()]
        headers = self.client.get("/v1/admin/log?after=7").headers
        self.assertEqual(headers["slipway-chained-to"], lines[6]["digest"])
        self.assertEqual(int(headers["slipway-position"]), lines[-1]["position"] + 1)
        self.assertRegex(self.client.get("/v1/admin/log").headers["slipway-chained-to"], "^[0-9a-f]{64}$")
        self.assertNotIn("slipway-chained-to", self.client.get("/v1/admin/log?after=999999").headers)

    def test_makes_the_same_server_again(self):
        lines = "\n".join(self.lines()) + "\n"
        with tempfile.TemporaryDirectory() as directory:
            data = f"{directory}/restored"
            done = subprocess.run([PROGRAMS / "slipway-dump", "--restore", data], input=lines, text=True,
                                  capture_output=True)
            self.assertEqual(done.returncode, 0, done.stderr)
            copy_keys(self.world.server.data, data)
            with Server(data) as server:
                client = server.client()
                self.addCleanup(client.close)
                ours = self.client.get("/v1/scheduled_deployments?limit=200").json["result"]
                theirs = client.get("/v1/scheduled_deployments?limit=200").json["result"]
                self.assertEqual(theirs, ours)
                self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")

    def test_is_for_admins_and_taking_it_is_on_record(self):
        path = f"/v1/teams/{self.world.team}/members"
        self.assertEqual(self.client.post(path, {"user": VIEWER, "role": "owner"}).status, 201)
        owner = self.world.client_of(VIEWER)
        self.addCleanup(owner.close)
        before = self.client.get("/readyz").json["result"]["position"]
        self.assertEqual(owner.get("/v1/admin/log").status, 403)
        self.assertEqual(self.client.get("/readyz").json["result"]["position"], before)
        event = json.loads(self.lines()[-1])
        self.assertEqual(event["actor"]["kind"], "user")
        self.assertNotIn(event["position"], [one["position"] for one in events_of(self.client)])

    def test_refuses_what_is_no_position(self):
        self.assertEqual(self.client.get("/v1/admin/log?after=x").status, 422)
        self.assertEqual(self.client.get("/v1/admin/log?limit=5").status, 422)


class Dump(ApiTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client.post("/v1/tokens", {"name": "pipeline", "role": "deployer"})
        cls.client.post("/v1/invitations", {"role": "viewer"})
        cls.client.post("/v1/credentials", {"name": "hook", "kind": "bearer", "secret": "correct-horse",
                                            "origin": "https://deploy.example"})
        app = cls.world.app()["id"]
        other = cls.world.app(name="db")["id"]
        for _ in range(250):
            cls.world.scheduled(app, dependency=other)

    def dumped(self):
        answer = self.client.get("/v1/admin/dump")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.headers["content-type"], "application/x-ndjson")
        return answer.text.splitlines()

    def test_is_what_a_replay_says_of_that_position(self):
        lines = self.dumped()
        position = json.loads(lines[0])["value"]["position"]
        data = self.world.server.data
        replayed = run_program("slipway-dump", data, "--state", "--at", position).splitlines()
        self.assertEqual(lines, replayed)
        self.assertEqual(json.loads(lines[-1]), {"kind": "end", "value": {"lines": len(lines) - 1}})
        kinds = {json.loads(line)["kind"] for line in lines}
        self.assertEqual(kinds, {"log", "server", "team", "invitation", "token", "credential", "app",
                                 "scheduled_deployment", "end"})

    def test_is_of_one_position_while_others_write(self):
        app = self.world.app(name="busy")["id"]
        reader = self.world.server.client()
        self.addCleanup(reader.close)
        stop = threading.Event()

        def write():
            writer = self.world.server.client()
            while not stop.is_set():
                writer.post("/v1/scheduled_deployments", schedule_fields(app))
            writer.close()

        thread = threading.Thread(target=write)
        thread.start()
        try:
            before = reader.get("/v1/audit/head").json["result"]["position"]
            lines = [json.loads(line) for line in reader.get("/v1/admin/dump").text.splitlines()]
        finally:
            stop.set()
            thread.join()
        position = lines[0]["value"]["position"]
        self.assertGreaterEqual(position, before)
        replayed = run_program("slipway-replay", self.world.server.data, "--at", position)
        self.assertIn(lines[0]["value"]["fingerprint"], replayed)
        self.assertEqual(lines[-1]["value"]["lines"], len(lines) - 1)

    def test_is_for_admins_and_taking_it_is_on_record(self):
        owner = self.world.client_of("user_01h455vb4pex5vsknk084sn03q")
        self.addCleanup(owner.close)
        self.assertEqual(owner.get("/v1/admin/dump").status, 403)
        self.dumped()
        last = json.loads(self.client.get("/v1/admin/log").text.splitlines()[-2])
        self.assertEqual((last["type"], last["data"]), ("DataExported", {"what": "state"}))

    def test_that_nobody_reads_ends_and_leaves_room_for_the_next(self):
        with socket.create_connection(("127.0.0.1", self.world.server.port)) as raw:
            raw.sendall(f"GET /v1/admin/dump HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {self.client.token}\r\n\r\n".encode())
            raw.recv(100)
        eventually(lambda: self.client.get("/v1/admin/dump").status == 200)


class Backup(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.directory = pathlib.Path(place.name) / "backups"
        self.world = World("--backup-directory", self.directory)
        self.addCleanup(self.world.close)
        self.client = self.world.admin

    def backed_up(self):
        started = self.client.post("/v1/admin/backup")
        self.assertEqual(started.status, 202, started)
        self.assertEqual(started.json["result"]["state"], "running")

        def ended():
            found = self.client.get("/v1/admin/backup").json["result"]
            return found if found["state"] != "running" else None

        return eventually(ended)

    def test_makes_the_same_server_again_which_starts_held(self):
        app = self.world.app()["id"]
        schedule = self.world.scheduled(app)
        credential = self.client.post("/v1/credentials", {
            "name": "hook", "kind": "bearer", "secret": "correct-horse", "origin": "https://deploy.example"
        }).json["result"]
        done = self.backed_up()
        self.assertEqual((done["state"], done["failure"]), ("done", None))
        self.world.scheduled(app)
        copy = self.directory / done["name"]
        self.assertEqual([path.name for path in copy.iterdir()], ["log"])
        replayed = run_program("slipway-replay", copy)
        self.assertIn(done["digest"], replayed)
        copy_keys(self.world.server.data, copy)
        with Server(copy) as server:
            client = server.client()
            self.addCleanup(client.close)
            self.assertEqual(client.get("/v1/scheduled_deployments").json["result"], [schedule])
            self.assertEqual(client.get("/v1/credentials").json["result"], [credential])
            self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")

    def test_that_was_never_asked_for_is_not_found(self):
        answer = self.client.get("/v1/admin/backup")
        self.assertEqual((answer.status, answer.json["code"]), (404, "backup_not_found"))

    def test_is_for_admins_and_on_record(self):
        owner = self.world.client_of(VIEWER)
        self.addCleanup(owner.close)
        self.assertEqual(owner.post("/v1/admin/backup").status, 403)
        self.assertEqual(owner.get("/v1/admin/backup").status, 403)
        self.backed_up()
        events = [json.loads(line) for line in self.client.get("/v1/admin/log").text.splitlines()]
        self.assertIn({"what": "backup"}, [event["data"] for event in events])

    def test_that_cannot_be_written_says_so_and_leaves_nothing(self):
        self.directory.write_text("a file in its place", encoding="utf-8")
        failed = self.backed_up()
        self.assertEqual(failed["state"], "failed")
        self.assertNotIn(str(self.directory.parent), failed["failure"])
        self.directory.unlink()
        self.assertEqual(self.backed_up()["state"], "done")

    def test_without_a_place_for_it_is_refused(self):
        world = World()
        self.addCleanup(world.close)
        answer = world.admin.post("/v1/admin/backup")
        self.assertEqual((answer.status, answer.json["code"]), (409, "backups_not_set_up"))


if __name__ == "__main__":
    unittest.main()
