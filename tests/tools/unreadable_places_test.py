"""A place that slipway-replay or slipway-dump may not read, or that is no data directory: one line that
names it and why, and exit code 1. Nothing is called lost that only cannot be read."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import skips
from processes import PROGRAMS, Server

NOBODY = 65534
TOOLS = (("slipway-replay", ()), ("slipway-replay", ("--salvage", "INTO")), ("slipway-dump", ()),
         ("slipway-dump", ("--state",)))


def become_nobody():
    """No permission holds for root."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


class Places(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.place.chmod(0o777)
        self.data = self.place / "data"
        with Server(self.data) as server:
            server.terminate()
        if os.getuid() == 0:
            subprocess.run(["chown", "-R", str(NOBODY), self.data], check=True)
        # The programs may lie where only their owner looks.
        self.programs = self.place / "programs"
        self.programs.mkdir(mode=0o755)
        for name in {name for name, _ in TOOLS}:
            shutil.copy(PROGRAMS / name, self.programs / name)

    def ask(self, place, program, options):
        words = [str(self.place / "into") if word == "INTO" else word for word in options]
        done = subprocess.run([self.programs / program, place, *words], capture_output=True, text=True,
                              preexec_fn=become_nobody, cwd="/")
        shutil.rmtree(self.place / "into", ignore_errors=True)
        return done

    def refused(self, place, why):
        for program, options in TOOLS:
            with self.subTest(program, options=options):
                done = self.ask(place, program, options)
                self.assertEqual(done.returncode, 1, done)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, rf"^{program}: .*{why}")
                self.assertNotIn("terminate", done.stderr)
                self.assertLess(len(done.stderr.splitlines()), 3, done.stderr)

    def test_that_may_be_read_are(self):
        for program, options in TOOLS:
            done = self.ask(self.data, program, options)
            self.assertEqual(done.returncode, 0, done)

    def test_that_may_not_be_searched(self):
        for path in (self.data, self.data / "log", self.data / "log" / "events"):
            path.chmod(0)
            self.refused(self.data, f"{path}.*: Permission denied")
            path.chmod(0o700)

    def test_that_may_be_searched_and_not_listed(self):
        events = self.data / "log" / "events"
        events.chmod(0o100)
        self.refused(self.data, f"{events}.*: Permission denied")
        events.chmod(0o700)

    def test_behind_a_directory_that_may_not_be_searched(self):
        outer = self.place / "outer"
        outer.mkdir()
        self.data.rename(outer / "data")
        outer.chmod(0)
        self.refused(outer / "data", "Permission denied")
        outer.chmod(0o700)

    def test_with_a_file_that_may_not_be_read(self):
        log = self.data / "log"
        for path in (log / "anchor", *(log / "events").glob("*.log"), *(log / "events").glob("*.ldb"),
                     log / "events" / "CURRENT"):
            with self.subTest(path.name):
                owner = path.stat().st_uid
                path.chmod(0)
                if os.getuid() == 0:
                    os.chown(path, 0, 0)  # the owner of a file could link it
                for program, options in TOOLS:
                    done = self.ask(self.data, program, options)
                    if options[:1] == ("--salvage",) and path.name in ("anchor", "CURRENT"):
                        continue  # a salvage does without them
                    self.assertEqual(done.returncode, 1, done)
                    self.assertIn("Permission denied", done.stderr)
                    self.assertIn(path.name, done.stderr)
                if os.getuid() == 0:
                    os.chown(path, owner, owner)
                path.chmod(0o600)

    def test_that_are_no_directory(self):
        file = self.place / "file"
        file.write_text("x")
        self.refused(file, f"{file} is a file; a data directory is accepted")
        self.refused(file / "data", "there is none at")

    def test_that_are_not_there(self):
        link = self.place / "link"
        link.symlink_to(self.place / "nowhere")
        for place in (link, self.place / "nowhere", self.place / "nowhere" / "data"):
            self.refused(place, "there is none at")

    def test_with_a_link_that_leads_nowhere(self):
        log = self.data / "log"
        shutil.rmtree(log)
        log.symlink_to(self.place / "nowhere")
        self.refused(self.data, "there is none at")

    def test_with_a_link_that_leads_round(self):
        log = self.data / "log"
        shutil.rmtree(log)
        log.symlink_to(log)
        self.refused(self.data, "Too many levels of symbolic links")

    def test_to_restore_into(self):
        closed = self.place / "closed"
        closed.mkdir(mode=0)
        for into, why in ((closed / "new", "Permission denied"), (closed, "Permission denied"),
                          (self.data, "is not empty")):
            done = subprocess.run([self.programs / "slipway-dump", "--restore", into], text=True,
                                  input="{}\n", capture_output=True, preexec_fn=become_nobody, cwd="/")
            self.assertEqual(done.returncode, 1, done)
            self.assertRegex(done.stderr, f"^slipway-dump: .*{why}")
        closed.chmod(0o700)


if __name__ == "__main__":
    skips.main()
