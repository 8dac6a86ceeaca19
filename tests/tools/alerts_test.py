"""The alert rules wake somebody when a deployment needs a person: Prometheus' own promtool runs their tests."""

import os
import pathlib
import shutil
import subprocess
import unittest

import skips
from processes import ROOT

CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
PROMTOOL = shutil.which("promtool") or str(CACHE / "slipway/promtool")


@unittest.skipUnless(pathlib.Path(PROMTOOL).exists(), "promtool is not here: run tools/setup.sh")
class Alerts(unittest.TestCase):
    def promtool(self, *words):
        done = subprocess.run([PROMTOOL, *words], cwd=ROOT / "tools", capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_are_rules_of_prometheus(self):
        self.promtool("check", "rules", "alerts.yml")

    def test_fire_when_they_should_and_not_before(self):
        self.promtool("test", "rules", "alerts_test.yml")


if __name__ == "__main__":
    skips.main()
