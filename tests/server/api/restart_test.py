"""What outlives the process: a kill, a stop, a copy of the data, a dump."""

import json
import pathlib
import re
import shutil
import subprocess
import unittest
from datetime import datetime, timedelta, timezone

from api_world import World, app_fields, events_of
from processes import PROGRAMS, Server, eventually, run_program


def shown(client):
    """All that a client can see, but for what tells the time."""
    lists = ("/v1/apps?archived=true", "/v1/apps", "/v1/scheduled_deployments?include=completed",
             "/v1/deployments", "/v1/teams")
    return {path: client.get(path).json["result"] for path in lists} | {"events": events_of(client)}


def files(directory):
    found = pathlib.Path(directory).rglob("*")
    return {str(path): path.read_bytes() for path in found if path.is_file()}


class Restart(unittest.TestCase):
    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        app = self.world.app()["id"]
        self.world.app(name="db")
        self.world.scheduled(app)
        one = self.world.scheduled(app)["id"]
        self.world.admin.post(f"/v1/scheduled_deployments/{one}/cancel", {"reason": "no"})
        self.world.scheduled(app, at="2029-03-11T02:30")
        self.server, self.admin = self.world.server, self.world.admin

    def test_all_is_there_after_a_kill(self):
        before = shown(self.admin)
        self.server.kill()
        self.admin.close()
        self.server.start()
        self.assertEqual(shown(self.admin), before)
        self.assertEqual(self.admin.get("/readyz").json["result"]["dispatch"], "armed")

    def test_all_is_there_after_a_stop(self):
        before = shown(self.admin)
        self.assertEqual(self.server.terminate(), 0)
        self.admin.close()
        self.server.start()
        self.assertEqual(shown(self.admin), before)

    def test_two_servers_do_not_share_a_log(self):
        done = run_program("slipway-server", "run", "--data", self.server.data, "--listen",
                           "127.0.0.1:0", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("in use by another process", done.stderr)
        self.assertEqual(self.admin.get("/healthz").status, 200)

    def test_a_copy_starts_held_and_deploys_nothing_until_it_is_armed(self):
        self.server.terminate()
        copy = pathlib.Path(self.world.directory.name) / "copy"
        shutil.copytree(self.server.data, copy)
        with Server(copy) as other:
            self.held_until_armed(other)

    def test_a_log_that_was_put_back_in_its_place_starts_held(self):
        self.server.terminate()
        log = self.server.data / "log"
        shutil.copytree(log, log.with_name("backup"))
        shutil.rmtree(log)
        log.with_name("backup").rename(log)
        self.admin.close()
        self.server.start()
        self.held_until_armed(self.server)

    def held_until_armed(self, server):
        client = server.client()
        self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")
        app = client.get("/v1/apps").json["result"][0]["id"]
        self.assertEqual(client.post("/v1/deployments", {"app": app}).status, 409)
        soon = (datetime.now(timezone.utc) + timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
        body = {"app": app, "at": soon, "timezone": "UTC"}
        one = client.post("/v1/scheduled_deployments", body).json["result"]["id"]
        path = f"/v1/scheduled_deployments/{one}"
        held = eventually(lambda: (found := client.get(path).json["result"])["status"] == "held" and found)
        self.assertIn(held["hold_reason"], ("dispatch_held", "restored"))
        self.assertEqual(held["attempts"], [])
        self.assertEqual(client.request("PUT", "/v1/admin/dispatch", {"state": "armed"}).status, 200)
        eventually(lambda: client.get(path).json["result"]["attempts"])
        client.close()

    def test_a_write_that_fails_ends_it_and_loses_nothing(self):
        self.assertEqual(self.server.terminate(), 0)
        self.admin.close()
        server = Server(self.server.data, file_bytes_max=200_000)
        self.addCleanup(server.__exit__)
        idle = server.client()
        self.addCleanup(idle.close)
        self.assertEqual(idle.get("/healthz").status, 200)
        client = server.client()
        made = []
        for number in range(1_000):
            answer = client.post("/v1/apps", app_fields(f"filler-{number}", description="x" * 2_000))
            if answer.status != 201:
                break
            made.append(answer.json["result"]["id"])
        self.assertEqual((answer.status, answer.json["code"]), (503, "outcome_unknown"))
        self.assertEqual(server.process.process.wait(120), 3)
        server.process.process.stdout.close()
        client.close()
        self.assertGreater(len(made), 10)
        server.file_bytes_max = None
        server.start()
        client = server.client()
        self.addCleanup(client.close)
        for one in made:
            self.assertEqual(client.get(f"/v1/apps/{one}").status, 200)

    def test_another_key_is_refused_before_a_target_sees_a_signature_of_it(self):
        self.server.kill()
        self.admin.close()
        key = self.server.data / "server_key"
        kept = key.read_bytes()
        key.write_bytes(bytes(32))
        done = run_program("slipway-server", "run", "--data", self.server.data, "--listen",
                           "127.0.0.1:0", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("server_key is not the one that this data directory had", done.stderr)
        key.write_bytes(kept)
        self.server.start()

    def test_a_log_that_is_gone_is_not_made_anew(self):
        self.server.kill()
        self.admin.close()
        shutil.rmtree(self.server.data / "log")
        done = run_program("slipway-server", "run", "--data", self.server.data, "--listen",
                           "127.0.0.1:0", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is not there, and this data directory had one", done.stderr)
        self.assertFalse((self.server.data / "log").exists())

    def test_a_changed_line_of_a_dump_is_not_restored(self):
        lines = run_program("slipway-dump", self.server.data).splitlines()
        for number in (1, 4, len(lines) - 1):
            changed = list(lines)
            changed[number - 1] = changed[number - 1].replace('"request_id":"', '"request_id":"x', 1)
            into = f"{self.world.directory.name}/changed-{number}"
            done = subprocess.run([PROGRAMS / "slipway-dump", "--restore", into], text=True,
                                  input="\n".join(changed) + "\n", capture_output=True)
            self.assertEqual(done.returncode, 2, done.stderr)

    def test_a_reader_that_stops_reading_leaves_no_copy_behind(self):
        for program in ("slipway-dump", "slipway-replay"):
            command = f"{PROGRAMS / program} {self.server.data}"
            command += " --state | head -c 1" if program == "slipway-replay" else " | head -c 1"
            subprocess.run(command, shell=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertEqual(list(self.server.data.glob("**/.slipway-copy-*")), [])

    def test_half_an_installation_file_is_as_good_as_none(self):
        self.server.kill()
        self.admin.close()
        (self.server.data / "installation").write_text("inst_01h4")
        self.server.start()
        self.assertEqual(self.admin.get("/readyz").json["result"]["dispatch"], "held")

    def test_targets_in_the_clear_are_refused_when_they_are_named(self):
        self.assertEqual(self.server.terminate(), 0)
        self.admin.close()
        with Server(self.server.data, plain=False) as server:
            client = server.client()
            self.addCleanup(client.close)
            answer = client.post("/v1/apps", app_fields("plain", "http://example.org/deploy"))
            self.assertEqual(answer.status, 422)
            self.assertEqual(answer.json["errors"][0]["pointer"], "/target/url")
            answer = client.post("/v1/apps", app_fields("sealed", "https://example.org/deploy"))
            self.assertEqual(answer.status, 201)
            path = answer.headers["location"]
            old = client.get("/v1/apps?name=db").json["result"][0]["id"]
            self.assertEqual(client.patch(f"/v1/apps/{old}", {"description": "still"}).status, 200)
            worse = {"target": {"url": "http://example.org/"}}
            self.assertEqual(client.patch(path, worse).status, 422)
            self.assertEqual(client.post(f"/v1/apps?source={old}", worse).status, 422)

    def test_a_dump_is_restored_whole_and_held(self):
        before = shown(self.admin)
        dump = run_program("slipway-dump", self.server.data)
        self.server.terminate()
        other = pathlib.Path(self.world.directory.name) / "restored"
        done = subprocess.run([PROGRAMS / "slipway-dump", "--restore", other], input=dump, text=True,
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        # The keys are not in the log, nor in a dump.
        for name in ("jwt_secret", "server_key"):
            shutil.copy(self.server.data / name, other / name)
        with Server(other) as server:
            client = server.client(self.admin.token)
            after = shown(client)
            self.assertEqual(after, before)
            client.close()
            self.held_until_armed(server)

    def test_a_clock_that_is_behind_its_log_is_shown(self):
        ready = self.admin.get("/readyz").json["result"]
        self.assertEqual(ready["clock"], "good")
        lines = []
        for line in run_program("slipway-dump", self.server.data).splitlines():
            event = json.loads(line)
            event.pop("log", None)  # other times make it another log, with another chain
            event.pop("digest")
            event["recorded_at"] = "2091" + event["recorded_at"][4:]
            lines.append(json.dumps(event))
        self.server.terminate()
        other = pathlib.Path(self.world.directory.name) / "ahead"
        done = subprocess.run([PROGRAMS / "slipway-dump", "--restore", other], text=True,
                              input="\n".join(lines) + "\n", capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        for name in ("jwt_secret", "server_key"):
            shutil.copy(self.server.data / name, other / name)
        traces = pathlib.Path(self.world.directory.name) / "traces"
        with traces.open("w") as stderr, Server(other, stderr=stderr) as server:
            client = server.client(self.admin.token)
            self.addCleanup(client.close)
            self.assertEqual(client.get("/readyz").json["result"]["clock"], "behind")
            behind = re.search(r"^slipway_clock_behind_seconds (\S+)$", client.get("/metrics").text,
                               re.MULTILINE)
            self.assertGreater(float(behind[1]), 365 * 86_400)
        self.assertRegex(traces.read_text(), "warning the clock says 20.*, and an event .* at 2091-")

    def test_looking_touches_nothing_and_says_the_same_twice(self):
        self.server.terminate()
        before = files(self.server.data)
        first = run_program("slipway-replay", self.server.data)
        run_program("slipway-dump", self.server.data, "--state")
        self.assertEqual(run_program("slipway-replay", self.server.data), first)
        self.assertEqual(files(self.server.data), before)
        self.assertIn("verified     checksums, chain and indexes", first)

    def test_a_log_that_was_changed_is_refused_and_named(self):
        self.server.terminate()
        logs = sorted((self.server.data / "log" / "events").glob("*.log"))
        text = bytearray(logs[-1].read_bytes())
        text[len(text) // 2] ^= 1
        logs[-1].write_bytes(text)
        before = files(self.server.data)
        for program in (("slipway-server", "run", "--listen", "127.0.0.1:0", "--data"),
                        ("slipway-replay",)):
            done = run_program(*program, self.server.data, check=False)
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stderr, "log: |store: ")
        self.assertEqual(files(self.server.data), before)

    def test_a_history_is_what_the_events_say(self):
        app = self.admin.get("/v1/apps").json["result"][0]["id"]
        lines = run_program("slipway-replay", self.server.data, "--history", app).splitlines()
        history = [json.loads(line) for line in lines]
        self.assertEqual([one["position"] for one in history],
                         [one["position"] for one in events_of(self.admin, app)])


if __name__ == "__main__":
    unittest.main()
