"""The scripts for trying Slipway out say where they listen, and why they cannot; so does the unit."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from processes import PROGRAMS, ROOT, Client, Receiver


class Run(unittest.TestCase):
    def start(self, data, port):
        environment = {
            **os.environ,
            "SLIPWAY_PROGRAM": str(PROGRAMS / "slipway-server"),
            "SLIPWAY_DATA": data,
            "SLIPWAY_PORT": str(port),
        }
        return subprocess.Popen(
            [ROOT / "tools/run.sh"], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )

    def test_takes_a_free_port_and_says_which(self):
        with tempfile.TemporaryDirectory() as data, self.start(data, 0) as run:
            port = None
            while port is None:
                line = run.stdout.readline()
                self.assertTrue(line, "run.sh ended")
                port = re.search(r"Slipway runs at http://127\.0\.0\.1:(\d+) ", line)
            client = Client(int(port.group(1)))
            self.assertEqual(client.get("/readyz").status, 200)
            client.close()
            run.send_signal(signal.SIGTERM)
            said, _ = run.communicate(timeout=120)
            self.assertEqual(run.returncode, 0)
            self.assertIn("Slipway has stopped", said)

    def test_says_why_the_server_ended(self):
        with tempfile.TemporaryDirectory() as data, self.start(data, 99999) as run:
            _, said = run.communicate(timeout=120)
            self.assertEqual(run.returncode, 1)
            self.assertRegex(said, "99999.* is not ADDRESS:PORT")


class Receivers(unittest.TestCase):
    def test_a_port_that_is_taken_is_told_in_one_line(self):
        with tempfile.TemporaryDirectory() as directory:
            with Receiver(f"{directory}/record.jsonl") as first:
                self.fails(["--port", str(first.port)], f"127.0.0.1:{first.port}", 1)

    def test_a_secret_that_was_not_filled_in_is_told_too(self):
        for secret in ("whsec_…", "whsec_!", "whsec_abc"):
            self.fails(["--secret", secret], "not whsec_ and base64", 2)
        for secret in ("", "whsec_"):
            self.fails(["--secret", secret], "is empty; whsec_ and base64 are accepted", 2)

    def test_a_port_that_is_none_is_told_too(self):
        self.fails(["--port", "65536"], "not a port from 0 to 65535", 2)

    def fails(self, options, why, status):
        command = [sys.executable, ROOT / "tools/receiver.py", *options]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, status)
        last = done.stderr.splitlines()[-1]
        self.assertRegex(last, f"^receiver(.py)?: .*{re.escape(why)}")
        self.assertNotIn("Traceback", done.stderr)


class Unit(unittest.TestCase):
    """The systemd unit starts the server as it is, and lets it do no more than it needs."""

    UNIT = ROOT / "tools/slipway.service"

    def test_says_only_what_the_server_understands(self):
        unit = self.UNIT.read_text().replace("\\\n", " ")
        [command] = re.findall(r"^ExecStart=(.+)$", unit, re.MULTILINE)
        program, *words = command.split()
        self.assertEqual(pathlib.Path(program).name, "slipway-server")
        with tempfile.TemporaryDirectory() as place:
            for directory in re.search(r"^StateDirectory=(.+)$", unit, re.MULTILINE)[1].split():
                (pathlib.Path(place) / directory).mkdir()
            meant = {"%S": place, "$SLIPWAY_OPTIONS": "--listen=127.0.0.1:0"}
            for name, value in meant.items():
                words = [word.replace(name, value) for word in words]
            run = [PROGRAMS / "slipway-server", *words]
            with subprocess.Popen(run, stdout=subprocess.PIPE, text=True) as server:
                try:
                    self.assertIn("listening on http://127.0.0.1:", server.stdout.readline())
                finally:
                    server.send_signal(signal.SIGTERM)
                self.assertEqual(server.wait(120), 0)

    def test_waits_for_longer_than_the_server_drains(self):
        unit = self.UNIT.read_text()
        drain = int(re.search(r"--drain-seconds (\d+)", unit)[1])
        self.assertGreater(int(re.search(r"TimeoutStopSec=(\d+)", unit)[1]), drain + 10)

    def test_hides_nothing_that_the_server_reads(self):
        sources = [path for folder in ("eventlog", "projections", "server")
                   for path in (ROOT / folder).rglob("*.cpp") if "node_modules" not in path.parts]
        read = {place for path in sources for place in re.findall(r'"(/proc/[^"]+)"', path.read_text())}
        self.assertIn("/proc/sys/kernel/random/boot_id", read)
        self.assertNotIn("/proc/stat", read)
        of_the_machine = [place for place in read if not place.startswith("/proc/self/")]
        hides = re.search(r"^ProcSubset=pid$", self.UNIT.read_text(), re.MULTILINE)
        self.assertFalse(hides and of_the_machine, f"ProcSubset=pid hides {of_the_machine}")

    @unittest.skipUnless(shutil.which("systemd-analyze"), "this machine has no systemd-analyze")
    def test_lets_it_do_no_more_than_it_needs(self):
        judge = ["systemd-analyze", "security", "--offline=yes", "--threshold=15", self.UNIT]
        done = subprocess.run(judge, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
