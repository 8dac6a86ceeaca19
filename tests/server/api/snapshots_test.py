"""A start from a snapshot is the start that a replay of the whole log is, and never anything else.

With snapshots made often, the server is killed and started over whole, damaged, missing and foreign
ones, and shows the same state each time. Over a log that is shorter than it was it does not start.
"""

import json
import pathlib
import re
import shutil
import unittest

from api_world import World
from metrics import metric
from processes import Server, eventually, run_program

EVERY = 20


class Snapshots(unittest.TestCase):
    def setUp(self):
        self.world = World("--snapshot-every", str(EVERY))
        self.addCleanup(self.world.close)
        self.server, self.admin = self.world.server, self.world.admin
        self.traces = pathlib.Path(self.world.directory.name) / "traces"
        self.app = self.world.app()["id"]
        self.directory = self.server.data / "snapshots"
        self.copies = 0

    def names(self):
        found = self.directory.glob("[0-9]*") if self.directory.exists() else ()
        return sorted((int(path.name) for path in found), reverse=True)

    def load(self, count=EVERY):
        """What leaves traces in all parts of the state."""
        for number in range(count):
            one = self.world.scheduled(self.app, note=f"number {number}")["id"]
            if number % 3 == 0:
                self.admin.post(f"/v1/scheduled_deployments/{one}/cancel", {"reason": "no"})
            if number % 5 == 0:
                self.admin.post(f"/v1/scheduled_deployments/{one}/hold", {"reason": "wait"})
        self.admin.post("/v1/tokens", {"name": f"token {count}", "role": "viewer", "days": 7})

    def two_snapshots(self):
        self.load()
        first = eventually(self.names)[0]

        def second():
            self.load(5)
            return len(self.names()) == 2 and self.names()[0] > first

        eventually(second)
        eventually(lambda: self.metric("slipway_snapshot_position") == self.names()[0])

    def metric(self, name):
        return metric(self.admin, name)

    def live(self):
        """The live state, as the log shows it from its first record on."""
        fingerprint = None
        self.admin.close()
        # Each dump is on record, so the two are of the same position only if nothing came between.
        dump = self.admin.get("/v1/admin/dump").text
        copy = run_program("slipway-dump", "--state", self.server.data)
        head = json.loads(dump.splitlines()[0])["value"]
        fingerprint = head["fingerprint"]
        self.assertEqual(json.loads(copy.splitlines()[0])["value"]["fingerprint"], fingerprint)
        self.assertEqual(dump, copy)
        return fingerprint

    def restart(self, server=None):
        """Kills it and starts it again; what it said of its start."""
        self.admin.close()
        if self.server.process.is_running:
            self.server.kill()
        with self.traces.open("w") as stderr:
            self.server.stderr = stderr
            self.server.start()
        return self.traces.read_text()

    def stopped_fingerprint(self):
        """Of the live state itself, and not of a replay."""
        self.assertEqual(self.server.terminate(), 0)
        return re.search(r"fingerprint ([0-9a-f]{64})", self.traces.read_text()).group(1)

    def check_live_is_replay(self):
        replayed = run_program("slipway-replay", "--fingerprint", self.server.data).strip()
        self.assertEqual(self.stopped_fingerprint(), replayed)

    def test_it_starts_from_the_newest_and_has_the_state_of_a_replay(self):
        self.two_snapshots()
        self.load(3)
        newest = self.names()[0]
        said = self.restart()
        self.assertIn(f"starting from the snapshot at position {newest}", said)
        self.live()
        # What it started from is shown to be right, and a newer one is there.
        eventually(lambda: self.metric("slipway_snapshot_position") > newest)
        self.assertEqual(self.metric("slipway_replay_differs"), 0)
        self.assertEqual(self.metric("slipway_log_damaged"), 0)
        self.load(3)
        self.check_live_is_replay()

    def test_it_starts_from_the_older_when_the_newest_is_damaged(self):
        self.two_snapshots()
        self.server.kill()
        newest, older = self.names()
        whole = (self.directory / str(newest)).read_bytes()
        middle = len(whole) // 2
        (self.directory / str(newest)).write_bytes(
            whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1:]
        )
        said = self.restart()
        self.assertRegex(said, f"snapshots/{newest} is not used")
        self.assertIn(f"starting from the snapshot at position {older}", said)
        self.live()
        self.check_live_is_replay()

    def test_it_starts_from_the_log_when_there_is_none(self):
        self.two_snapshots()
        self.server.kill()
        shutil.rmtree(self.directory)
        self.assertNotIn("starting from", self.restart())
        self.live()
        self.check_live_is_replay()

    def test_it_takes_none_of_another_log(self):
        self.two_snapshots()
        other = pathlib.Path(self.world.directory.name) / "other"
        with Server(other, "--snapshot-every", str(EVERY)) as server:
            server.kill()
        shutil.copytree(self.directory, other / "snapshots")
        with self.traces.open("w") as stderr, Server(other, stderr=stderr) as server:
            self.assertEqual(server.client().get("/v1/scheduled_deployments").json["result"], [])
        self.assertIn("another log's", self.traces.read_text())

    def test_a_copy_with_its_snapshots_is_held(self):
        self.two_snapshots()
        self.server.terminate()
        copy = pathlib.Path(self.world.directory.name) / "copy"
        shutil.copytree(self.server.data, copy)
        with Server(copy) as server:
            self.assertEqual(server.client().get("/readyz").json["result"]["dispatch"], "held")

    def test_it_does_not_start_over_a_log_that_was_longer_once(self):
        self.load(5)
        self.assertEqual(self.server.terminate(), 0)
        log = self.server.data / "log"
        shorter = self.server.data / "shorter"
        shutil.copytree(log, shorter)
        self.restart()
        self.two_snapshots()
        self.assertEqual(self.server.terminate(), 0)
        newest = self.names()[0]
        shutil.rmtree(log)
        shorter.rename(log)
        before = {path: path.read_bytes() for path in log.rglob("*") if path.is_file()}
        done = run_program("slipway-server", "run", "--data", self.server.data, "--listen",
                           "127.0.0.1:0", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, rf"it was durable up to {newest}, .* so that \d+ to {newest} ")
        after = {path: path.read_bytes() for path in log.rglob("*") if path.is_file()}
        self.assertEqual(after, before)
        # Unless somebody says that the loss is accepted.
        shutil.rmtree(self.directory)
        self.restart()

    def test_what_was_destroyed_stays_so_after_a_start_from_a_snapshot(self):
        fields = {"name": "key", "kind": "bearer", "secret": "open sesame",
                  "origin": "https://deploy.example.com"}
        one = self.admin.post("/v1/credentials", fields).json["result"]["id"]
        keys = self.server.data / "credential_keys"
        kept = {path.name: path.read_bytes() for path in keys.iterdir()}
        self.assertEqual(self.admin.request("DELETE", f"/v1/credentials/{one}").status, 200)
        self.two_snapshots()
        self.server.kill()
        # As if a backup of the keys had been put back.
        for name, key in kept.items():
            (keys / name).write_bytes(key)
            (keys / name).chmod(0o600)
        self.assertIn("starting from the snapshot", self.restart())
        self.assertEqual(list(keys.iterdir()), [])


if __name__ == "__main__":
    unittest.main()
