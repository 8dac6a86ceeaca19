"""One bit that flips in a table: the server, slipway-replay and --salvage name the same first position."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from processes import PROGRAMS, Server, run_program

SCHEDULES = 120  # so that a table has several blocks of records
FLIPS = 40  # over the table


class Flips(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.data = pathlib.Path(place.name) / "data"
        self.into = pathlib.Path(place.name) / "into"
        with Server(self.data) as server:
            client = server.client()
            app = client.post("/v1/apps", {"name": "api", "target": {
                "kind": "webhook", "url": "http://127.0.0.1:9/"}}).json["result"]["id"]
            for minute in range(SCHEDULES):
                body = {"app": app, "at": f"2090-01-01T00:{minute % 60:02}", "timezone": "UTC"}
                self.assertEqual(client.post("/v1/scheduled_deployments", body).status, 201)
            client.close()
            server.terminate()
            server.start()  # what was in the write-ahead log becomes a table
            server.terminate()

    def run_tool(self, *command):
        return subprocess.run([PROGRAMS / command[0], *map(str, command[1:])],
                              capture_output=True, text=True, timeout=120)

    def named(self, done):
        """The position that it calls bad; None if it calls none so."""
        bad = re.search(r"(?:record at )?position (\d+)(?:: | cannot be read| is missing)", done.stderr)
        return int(bad[1]) if bad else None

    def test_are_placed_alike(self):
        table = max((self.data / "log" / "events").glob("*.ldb"), key=lambda path: path.stat().st_size)
        good = table.read_bytes()
        named = set()
        for number in range(FLIPS):
            spoilt = bytearray(good)
            spoilt[len(good) * number // FLIPS] ^= 1 << number % 8
            table.write_bytes(spoilt)
            with self.subTest(number):
                salvaged = self.run_tool("slipway-replay", self.data, "--salvage", self.into)
                shutil.rmtree(self.into, ignore_errors=True)
                lost = re.search(r"^lost +(\d+)|(?<=: position )(1)(?= is not there)",
                                 salvaged.stdout + salvaged.stderr, re.MULTILINE)
                if lost is None:
                    continue  # no record was hit
                first = int(lost[1] or lost[2])
                replayed = self.run_tool("slipway-replay", self.data)
                self.assertEqual(replayed.returncode, 2, replayed)
                self.assertEqual(self.named(replayed), first, replayed.stderr + salvaged.stdout)
                server = self.run_tool("slipway-server", "run", "--data", self.data,
                                       "--listen", "127.0.0.1:0")
                self.assertNotEqual(server.returncode, 0, server)
                self.assertEqual(self.named(server), first, server.stderr)
                named.add(first)
        table.write_bytes(good)
        self.assertEqual(self.run_tool("slipway-replay", self.data).returncode, 0)
        self.assertGreater(len(named), FLIPS // 4, "hardly a record was hit")


if __name__ == "__main__":
    unittest.main()
