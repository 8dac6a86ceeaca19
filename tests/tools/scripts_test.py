"""The scripts for trying Slipway out say where they listen, and why they cannot."""

import os
import re
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
            said, _ = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 0)
            self.assertIn("Slipway has stopped", said)

    def test_says_why_the_server_ended(self):
        with tempfile.TemporaryDirectory() as data, self.start(data, 99999) as run:
            _, said = run.communicate(timeout=60)
            self.assertEqual(run.returncode, 1)
            self.assertRegex(said, "99999.* is not ADDRESS:PORT")


class Receivers(unittest.TestCase):
    def test_a_port_that_is_taken_is_told_in_one_line(self):
        with tempfile.TemporaryDirectory() as directory:
            with Receiver(f"{directory}/record.jsonl") as first:
                self.fails(["--port", str(first.port)], f"127.0.0.1:{first.port}", 1)

    def test_a_port_that_is_none_is_told_too(self):
        self.fails(["--port", "65536"], "not a port from 0 to 65535", 2)

    def fails(self, options, why, status):
        command = [sys.executable, ROOT / "tools/receiver.py", *options]
        done = subprocess.run(command, capture_output=True, text=True)
        self.assertEqual(done.returncode, status)
        last = done.stderr.splitlines()[-1]
        self.assertRegex(last, f"^receiver(.py)?: .*{re.escape(why)}")
        self.assertNotIn("Traceback", done.stderr)


if __name__ == "__main__":
    unittest.main()
