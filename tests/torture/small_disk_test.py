"""A server on a disk of its own: one that is full, one that is rolled back, one that is taken away."""

import contextlib
import http.client
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

from disks import CuttableDisk, FillableDisk, done, in_own_namespace
from processes import STATUS_OUTCOME_UNKNOWN, Receiver, Server, eventually
from skips import main


def app_fields(name, url="http://127.0.0.1:9/deploy", **more):
    return {"name": name, "environment": "production", "infrastructure": {"provider": "other"},
            "target": {"kind": "webhook", "url": url}, **more}


def large_change():
    """Some 56 KiB that the log's compression makes hardly smaller."""
    env = {f"V{i}": os.urandom(3_500).hex() for i in range(8)}
    container = {"name": "c", "image": "i", "env": env}
    return {"infrastructure": {"provider": "other", "containers": [container]}}


def dispatch_of(server):
    with contextlib.closing(server.client()) as client:
        return client.get("/readyz").json["result"]["dispatch"]


class OnADisk(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)

    def server(self, data, *options, **more):
        server = Server(data, *options, **more)
        self.addCleanup(server.__exit__)
        return server


class Full(OnADisk):
    """What a server keeps free is enough for what its log writes of its own accord."""

    def setUp(self):
        super().setUp()
        self.disk = FillableDisk(self.top / "disk", 384)
        self.addCleanup(self.disk.close)
        self.server = self.server(self.disk.place / "data")

    def revise(self, times):
        """As fast as one client can, and with what takes the most room; the first refusal, if any."""
        with contextlib.closing(self.server.client()) as client:
            made = client.post("/v1/apps", app_fields("large"))
            self.assertEqual(made.status, 201)
            for _ in range(times):
                answer = client.patch(made.headers["location"], large_change())
                if answer.status != 200:
                    return answer
        return None

    def test_writing_as_fast_as_possible_ends_in_refusals_and_never_in_an_error_of_the_disk(self):
        refused = self.revise(20_000)
        self.assertEqual((refused.status, refused.json["code"]), (503, "disk_low"))
        self.assertTrue(self.server.process.is_running)
        self.server.kill()
        self.server.start()
        self.assertEqual(self.server.terminate(), 0)

    def test_a_start_without_room_says_how_much_it_needs_and_that_nothing_is_damaged(self):
        self.assertIsNone(self.revise(220))
        self.server.kill()
        self.disk.fill(64 << 10)
        before = self.files()
        said = subprocess.run(self.server.command(), capture_output=True, text=True, timeout=60)
        self.assertEqual(said.returncode, 1, said.stderr)
        self.assertRegex(said.stderr, r"needs up to \d{7,} bytes .* and \d+ are free")
        self.assertIn("nothing is damaged", said.stderr)
        for word in ("restore", "salvage", "corrupt"):
            self.assertNotIn(word, said.stderr)
        self.assertEqual(self.files(), before)
        self.disk.free()
        self.server.start()
        self.assertEqual(dispatch_of(self.server), "armed")

    def files(self):
        log = self.disk.place / "data/log"
        return {path: path.read_bytes() for path in log.rglob("*")
                if path.is_file() and path.name not in ("lock", "LOCK")}


class RolledBack(OnADisk):
    """A volume goes back to a snapshot, and with it every inode; the high-water file does not."""

    def setUp(self):
        super().setUp()
        self.image = self.top / "image"
        self.disk = CuttableDisk(self.image, self.top / "disk", 512, "ext4")
        self.addCleanup(self.disk.close)
        self.mark = self.top / "mark"
        self.receiver = Receiver(self.top / "deliveries.jsonl")
        self.addCleanup(self.receiver.__exit__)
        self.server = self.server(self.disk.place / "data", "--high-water-file", self.mark)

    def goes_back(self, end):
        with contextlib.closing(self.server.client()) as client:
            app = client.post("/v1/apps", app_fields("once", self.receiver.url)).json["result"]["id"]
            due = datetime.now(timezone.utc) + timedelta(seconds=4)
            client.post("/v1/scheduled_deployments", {
                "app": app, "at": due.strftime("%Y-%m-%dT%H:%M:%S"), "timezone": "UTC",
                "misfire": {"grace_seconds": 86_400}})
        self.server.terminate()
        self.disk.close()
        shutil.copyfile(self.image, self.top / "snapshot")
        self.disk.mount()
        self.server.start()
        eventually(self.receiver.deliveries)
        end()
        self.disk.close()
        shutil.copyfile(self.top / "snapshot", self.image)
        self.disk.mount()
        self.server.start()
        self.assertEqual(dispatch_of(self.server), "held")
        self.assertEqual(len(self.receiver.deliveries()), 1)
        self.server.terminate()

    def test_after_a_stop(self):
        self.goes_back(self.server.terminate)

    def test_after_a_kill(self):
        def kill():
            with contextlib.closing(self.server.client()) as client:
                end = client.get("/readyz").json["result"]["position"]
            eventually(lambda: int(self.mark.read_text().split(":")[1]) >= end)
            self.server.kill()

        self.goes_back(kill)

    def test_a_power_cut_holds_nothing(self):
        for number in range(3):
            with contextlib.closing(self.server.client()) as client:
                self.assertEqual(client.post("/v1/apps", app_fields(f"cut-{number}")).status, 201)
            self.disk.cut()
            self.server.kill()
            self.disk.restore()
            self.server.start()
            self.assertEqual(dispatch_of(self.server), "armed")
        self.server.terminate()


class TakenAway(OnADisk):
    def setUp(self):
        super().setUp()
        self.disk = FillableDisk(self.top / "disk", 512)
        self.server = self.server(self.disk.place / "data")

    def ends_before_another_change(self):
        with contextlib.closing(self.server.client(self.token)) as client:
            with contextlib.suppress(OSError, http.client.HTTPException):
                answer = client.post("/v1/apps", app_fields("after"))
                self.assertEqual((answer.status, answer.json.get("code")), (503, "outcome_unknown"))
        self.assertEqual(self.server.process.process.wait(15), STATUS_OUTCOME_UNKNOWN)
        self.server.process.process.stdout.close()

    def test_unmounted(self):
        self.token = self.server.token()
        self.disk.close()
        self.ends_before_another_change()

    def test_covered_by_another(self):
        self.token = self.server.token()
        done("mount", "-t", "tmpfs", "none", self.disk.place)
        self.addCleanup(self.disk.close)
        self.addCleanup(self.disk.close)
        self.ends_before_another_change()


class Overlaid(OnADisk):
    """Containers keep their files in an overlay: those of its upper layer keep inode and birth."""

    def test_starts_armed_after_it_was_mounted_again(self):
        disk = FillableDisk(self.top / "disk", 512)
        self.addCleanup(disk.close)
        lower, upper, work, merged = (disk.place / name for name in ("lower", "upper", "work", "merged"))
        for path in (lower, upper, work, merged):
            path.mkdir()

        def mount():
            layers = f"lowerdir={lower},upperdir={upper},workdir={work}"
            done("mount", "-t", "overlay", "-o", layers, "overlay", merged)

        try:
            mount()
        except subprocess.CalledProcessError as error:
            self.skipTest(f"no overlay can be mounted here: {error.stderr.strip()}")
        server = self.server(merged / "data")
        for _ in range(2):
            self.assertEqual(server.terminate(), 0)
            done("umount", merged)
            mount()
            server.start()
            self.assertEqual(dispatch_of(server), "armed")
        self.assertEqual(server.terminate(), 0)
        done("umount", merged)


if __name__ == "__main__":
    in_own_namespace()
    main()
