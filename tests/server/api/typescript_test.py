"""A TypeScript client that is generated from the description can do it all, in typed code."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from openapi import DESCRIPTION
from processes import Server

SOURCES = pathlib.Path(__file__).parent / "typescript"
# What tools/setup.sh fetches.
PACKAGES = SOURCES / "node_modules"
SECONDS_MAX = 200
GUEST = "user_01h455vb4pex5vsknk084sn02q"
# What would let a wrong type pass: `any`, a cast, a `!`, a line that is not checked.
UNTYPED = re.compile(r"\bany\b|\bas (?!const\b)|[\w)\]]!(?!=)|@ts-(?!expect-error)")
TOLD = re.compile(r"// (?!@ts-(?!expect-error)).*|^ */?\*.*|\"[^\"]*\"")


class TypeScript(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        # Nothing is made beside the sources: several builds may be tested at once.
        self.project = pathlib.Path(directory.name) / "client"
        left = shutil.ignore_patterns("node_modules", "api.ts")
        shutil.copytree(SOURCES, self.project, ignore=left)
        (self.project / "node_modules").symlink_to(PACKAGES)

    def run_node(self, script, *arguments, **environment):
        """What a script prints, which must succeed."""
        done = subprocess.run(
            ["node", str(script), *map(str, arguments)], cwd=self.project,
            env={**os.environ, **environment}, text=True, timeout=SECONDS_MAX,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        self.assertEqual(done.returncode, 0, f"{script}:\n{done.stdout}")
        return done.stdout

    def test_drives_the_server_and_what_is_wrong_does_not_compile(self):
        self.assertTrue(PACKAGES.exists(), f"{PACKAGES} is missing: run tools/setup.sh")
        generator = PACKAGES / "openapi-typescript/bin/cli.js"
        # A default is what the server takes for a member that is absent, which it may be.
        options = ("--default-non-nullable=false", "--output", "api.ts")
        self.run_node(generator, DESCRIPTION, *options)
        self.run_node(PACKAGES / "typescript/bin/tsc", "--outDir", "built")
        with Server(self.project / "data") as server:
            said = self.run_node(
                "built/all_tests.js", SLIPWAY_URL=server.url, SLIPWAY_TOKEN=server.token(),
                SLIPWAY_GUEST_TOKEN=server.token("--user", GUEST)
            )
        self.assertRegex(said, r"(?m)^\W*pass [1-9]")

    def test_says_no_more_than_the_description_does(self):
        for path in sorted(set(SOURCES.glob("*.ts")) - {SOURCES / "api.ts"}):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                with self.subTest(f"{path.name}:{number}"):
                    self.assertIsNone(UNTYPED.search(TOLD.sub("", line)), line)


if __name__ == "__main__":
    unittest.main()
