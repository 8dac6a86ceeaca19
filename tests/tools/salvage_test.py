"""slipway-replay --salvage of a server's damaged log: what it proves becomes a log that a server starts
over, held and saying what was lost; what is gone is said by position; the damaged log is not touched.
"""

import json
import pathlib
import resource
import shutil
import signal
import subprocess
import tempfile
import unittest

from dumps import without_head
from processes import PROGRAMS, Server, run_program
from slipway_test import Shell

APPS = 8
KEYS = ("jwt_secret", "server_key", "credential_keys")


def target(number):
    return f"http://127.0.0.1:9/target-number-{number}"


class Salvage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.whole = pathlib.Path(cls.directory.name) / "whole"
        # The first half ends in a table, the second in the write-ahead log.
        for first in (0, APPS // 2):
            with Server(cls.whole) as server:
                shell = Shell(f"{cls.directory.name}/home", server.url, server.token())
                for number in range(first, first + APPS // 2):
                    shell.run("apps", "create", "--name", f"app-{number}", "--target-url", target(number))
                server.terminate()
        cls.lines = run_program("slipway-dump", cls.whole).splitlines()
        cls.end = len(cls.lines)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.data = pathlib.Path(place.name) / "data"
        self.into = pathlib.Path(place.name) / "into"
        shutil.copytree(self.whole, self.data)

    def events(self, pattern):
        return sorted((self.data / "log" / "events").glob(pattern))

    def files(self):
        return {path: path.read_bytes() for path in self.data.rglob("*") if path.is_file()}

    def salvage(self, exits, **more):
        before = self.files()
        done = subprocess.run([PROGRAMS / "slipway-replay", self.data, "--salvage", self.into],
                              capture_output=True, text=True, timeout=120, **more)
        self.assertEqual(done.returncode, exits, done)
        self.assertEqual(self.files(), before)
        self.assertFalse(pathlib.Path(f"{self.into}.partial").exists())
        if exits in (0, 3):
            self.assertEqual((self.into / "report.txt").read_text(), done.stdout)
        else:
            self.assertFalse(self.into.exists())
        return done

    def kept(self):
        """How many events the new log has; they are the first of the old one, digests and all."""
        lines = run_program("slipway-dump", self.into).splitlines()
        self.assertEqual([without_head(line) for line in lines],
                         [without_head(line) for line in self.lines[:len(lines)]])
        return len(lines)

    def spoil(self, number):
        """Changes a byte of the record of an app that is in the write-ahead log; its position."""
        log = self.events("*.log")[-1]
        text = bytearray(log.read_bytes())
        at = text.index(target(number).encode())
        text[at + 20] ^= 1
        log.write_bytes(text)
        lines = [json.loads(line) for line in self.lines]
        return next(line["position"] for line in lines
                    if line["type"] == "AppCreated" and target(number) in json.dumps(line))

    def test_of_a_good_log_loses_nothing(self):
        done = self.salvage(exits=0)
        self.assertIn(f"salvaged     1 to {self.end} into ", done.stdout)
        self.assertIn("lost         nothing that is known", done.stdout)
        self.assertEqual(self.kept(), self.end)
        said = run_program("slipway-replay", self.data)
        self.assertEqual(run_program("slipway-replay", self.into), said)
        self.assertEqual(sorted(path.name for path in self.into.iterdir()), ["log", "report.txt"])

    def test_of_a_gap_in_the_middle_shows_what_is_behind_it(self):
        gap = self.spoil(APPS - 3)
        refused = run_program("slipway-replay", self.data, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("--salvage INTO", refused.stderr)
        done = self.salvage(exits=3)
        self.assertEqual(self.kept(), gap - 1)
        self.assertIn(f"lost         {gap} to {self.end}\n", done.stdout)
        self.assertIn(f"not readable {gap}\n", done.stdout)
        self.assertIn(f"follow from one another: {gap + 1} to {self.end}\n", done.stdout)
        app = json.loads(self.lines[gap])["stream"]
        self.assertIn(f"affected     {app}: {gap + 1}\n", done.stdout)
        self.assertEqual((self.into / "unproven.jsonl").read_text().splitlines(), self.lines[gap:])

    def test_a_server_over_it_is_held_and_has_the_loss_on_record(self):
        gap = self.spoil(APPS - 2)
        self.salvage(exits=3)
        for name in KEYS:
            source = self.data / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, self.into / name)
        with Server(self.into) as server:
            client = server.client()
            self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")
            self.assertEqual(len(client.get("/v1/apps").json["result"]), APPS - 2)
            lines = run_program("slipway-dump", self.into, "--stream", "server").splitlines()
            claimed, held = [json.loads(line) for line in lines][-2:]
            self.assertEqual((claimed["position"], claimed["type"]), (gap, "InstallationClaimed"))
            self.assertEqual(claimed["data"]["reason"], "salvaged")
            self.assertIn(f"without positions {gap} to {self.end}, which are lost", held["data"]["note"])
            armed = client.request("PUT", "/v1/admin/dispatch", {"state": "armed"})
            self.assertEqual(armed.status, 200)
            client.close()
            server.terminate()
            # It is said once.
            server.start()
            client = server.client()
            self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "armed")
            client.close()

    def test_put_into_the_old_place_it_has_the_loss_on_record_too(self):
        gap = self.spoil(APPS - 2)
        self.salvage(exits=3)
        shutil.rmtree(self.data / "log")
        (self.into / "log").rename(self.data / "log")
        with Server(self.data) as server:
            client = server.client()
            self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")
            client.close()
        lines = run_program("slipway-dump", self.data, "--stream", "server").splitlines()
        claimed = json.loads(lines[-2])
        self.assertEqual((claimed["position"], claimed["data"]["reason"]), (gap, "salvaged"))

    def test_of_a_table_or_log_that_is_gone(self):
        for pattern in ("*.ldb", "*.log"):
            with self.subTest(pattern):
                lost = [path for path in self.events(pattern) if path.stat().st_size > 0][-1]
                text = lost.read_bytes()
                lost.unlink()
                done = self.salvage(exits=3 if pattern == "*.log" else 2)
                lost.write_bytes(text)
                if done.returncode == 3:
                    self.assertRegex(done.stdout, rf"\nlost         {self.kept() + 1} to {self.end}\n")
                    shutil.rmtree(self.into)
                else:
                    self.assertIn("nothing can be proved: ", done.stderr)

    def test_of_a_table_that_held_the_id_of_the_log(self):
        """A young log has it in a small table of its own, and in a file beside the database."""
        with tempfile.TemporaryDirectory() as directory:
            old, self.data = self.data, pathlib.Path(directory) / "young"
            with Server(self.data) as server:
                server.terminate()
            lines = run_program("slipway-dump", self.data).splitlines()
            tables = [path for path in self.events("*.ldb") if path.stat().st_size < 1_000]
            self.assertEqual(len(tables), 1)
            for spoilt in (b"", tables[0].read_bytes()[:-20]):
                tables[0].write_bytes(spoilt)
                done = self.salvage(exits=0)
                self.assertIn(f"salvaged     1 to {len(lines)} into ", done.stdout)
                self.assertEqual(run_program("slipway-dump", self.into).splitlines(), lines)
                shutil.rmtree(self.into)
        # The id in the database is enough, too.
        self.data = old
        for text in (None, b"", b"log 1\n00000000000000000000000000\n"):
            (self.data / "log" / "id").unlink(missing_ok=True)
            if text is not None:
                (self.data / "log" / "id").write_bytes(text)
            self.salvage(exits=0)
            self.assertEqual(self.kept(), self.end)
            shutil.rmtree(self.into)

    def test_of_a_log_that_was_cut_off(self):
        log = self.events("*.log")[-1]
        log.write_bytes(log.read_bytes()[:-1_500])
        done = self.salvage(exits=3)
        kept = self.kept()
        self.assertLess(kept, self.end - 1)
        self.assertIn(f"lost         {kept + 1} to {self.end}\n", done.stdout)

    def test_of_a_database_that_does_not_open(self):
        for path in (self.events("MANIFEST*")[-1], self.events("CURRENT")[0]):
            path.unlink()
            self.salvage(exits=0)
            self.assertEqual(self.kept(), self.end)
            shutil.rmtree(self.into)

    def test_of_a_changed_byte_in_a_table(self):
        table = self.events("*.ldb")[-1]
        good = table.read_bytes()
        for at in range(0, len(good), len(good) // 20):
            text = bytearray(good)
            text[at] ^= 0x10
            table.write_bytes(text)
            done = subprocess.run([PROGRAMS / "slipway-replay", self.data, "--salvage", self.into],
                                  capture_output=True, text=True, timeout=120)
            self.assertIn(done.returncode, (0, 2, 3), done)
            if done.returncode != 2:
                kept = self.kept()
                self.assertEqual(kept == self.end, done.returncode == 0, done)
                shutil.rmtree(self.into)

    def test_refuses_what_is_there_and_what_is_in_use(self):
        self.into.mkdir()
        done = subprocess.run([PROGRAMS / "slipway-replay", self.data, "--salvage", self.into],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is there already", done.stderr)
        self.into.rmdir()
        with Server(self.data):
            done = subprocess.run([PROGRAMS / "slipway-replay", self.data, "--salvage", self.into],
                                  capture_output=True, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("is in use by another process", done.stderr)

    def test_on_a_full_disk_leaves_nothing(self):
        self.spoil(APPS - 3)
        for room in (0, 500, 2_000):
            def limited(bytes_max=room):
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

            done = self.salvage(exits=1, preexec_fn=limited)
            self.assertIn("File too large", done.stderr)


if __name__ == "__main__":
    unittest.main()
