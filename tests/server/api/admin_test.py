"""What an admin takes out of a running server, and that it is on record."""

import json
import shutil
import subprocess
import tempfile
import unittest

from api_world import ApiTest, events_of
from processes import PROGRAMS, Server, run_program

VIEWER = "user_01h455vb4pex5vsknk084sn02q"


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
            for key in ("jwt_secret", "server_key"):
                shutil.copy(self.world.server.data / key, data)
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


if __name__ == "__main__":
    unittest.main()
