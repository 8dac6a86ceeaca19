"""A TypeScript client that is generated from the description does all that it needs, in typed code."""

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
MODULES = SOURCES / "node_modules"
SECONDS_MAX = 120
GUEST = "user_01h455vb4pex5vsknk084sn02q"
# What would make a wrong type pass: `any`, a cast, a `!`, a line that is not checked.
UNTYPED = re.compile(r"\bany\b|\bas (?!const\b)|[\w)\]]!(?!=)|@ts-(?!expect-error)")


class TypeScript(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(directory.cleanup)
        # Nothing is made beside the sources: several builds may be tested at once.
        cls.project = pathlib.Path(directory.name) / "client"
        shutil.copytree(SOURCES, cls.project, ignore=shutil.ignore_patterns("node_modules", "api.d.ts"))
        (cls.project / "node_modules").symlink_to(MODULES)
        generator = ("openapi-typescript/bin/cli.js", DESCRIPTION, "--default-non-nullable=false")
        cls.run_node(*generator, "--output", cls.project / "api.d.ts")

    @classmethod
    def run_node(cls, script, *arguments, **environment):
        """Runs a script of the project or of a package, which must succeed."""
        path = cls.project / "node_modules" / script
        command = ["node", path if path.exists() else cls.project / script, *arguments]
        done = subprocess.run(
            list(map(str, command)), cwd=cls.project, env={**os.environ, **environment}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX
        )
        if done.returncode != 0:
            raise AssertionError(f"{script} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def test_drives_the_server_and_what_is_wrong_does_not_compile(self):
        self.run_node("typescript/bin/tsc", "--outDir", "built")
        with Server(self.project / "data") as server:
            said = self.run_node(
                "built/all_tests.js", SLIPWAY_URL=server.url, SLIPWAY_TOKEN=server.token(),
                SLIPWAY_GUEST_TOKEN=server.token("--user", GUEST)
            )
        self.assertRegex(said, r"(?m)^\W*pass [1-9]")

    def test_says_no_more_than_the_description_does(self):
        for path in SOURCES.glob("*.ts"):
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
                code = re.sub(r"// (?!@ts-(?!expect-error)).*|\"[^\"]*\"|^ */?\*.*", "", line)
                self.assertIsNone(UNTYPED.search(code), f"{path.name}:{number}: {line}")


if __name__ == "__main__":
    unittest.main()
