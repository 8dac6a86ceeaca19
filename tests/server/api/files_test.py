"""What is written on the disk: nobody else reads it, and what was destroyed is in none of it."""

import base64
import os
import pathlib
import stat
import subprocess
import tempfile
import unittest

from api_world import World
from processes import PROGRAMS, eventually, run_program

SECRET = "tr0ub4dor-and-3"


class Files(unittest.TestCase):
    def setUp(self):
        # The least careful of all settings: a server must not rely on it.
        self.addCleanup(os.umask, os.umask(0))
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        self.world = World("--backup-directory", self.place / "backups")
        self.addCleanup(self.world.close)
        self.client = self.world.admin

    def stored(self):
        fields = {"name": "hook", "kind": "bearer", "secret": SECRET, "origin": "https://deploy.example"}
        return self.client.post("/v1/credentials", fields).json["result"]["id"]

    def backed_up(self):
        self.assertEqual(self.client.post("/v1/admin/backup").status, 202)
        state = lambda: self.client.get("/v1/admin/backup").json["result"]["state"]
        self.assertEqual(eventually(lambda: state() != "running" and state()), "done")

    def assert_is_the_owners(self, directory):
        for path in (directory, *directory.rglob("*")):
            mode = stat.S_IMODE(path.lstat().st_mode)
            self.assertEqual(mode & 0o077, 0, f"{path} has mode {mode:o}")

    def test_are_for_their_owner_only_whatever_the_umask_says(self):
        self.stored()
        self.world.scheduled(self.world.app()["id"])
        self.backed_up()
        self.assert_is_the_owners(self.world.server.data)
        self.assert_is_the_owners(self.place / "backups")
        self.world.server.terminate()
        self.assert_is_the_owners(self.world.server.data)

    def test_of_a_restored_dump_are_too(self):
        self.stored()
        dump = run_program("slipway-dump", self.world.server.data)
        restore = [PROGRAMS / "slipway-dump", "--restore", self.place / "restored"]
        subprocess.run(restore, input=dump, text=True, check=True, capture_output=True)
        self.assert_is_the_owners(self.place / "restored")

    def test_have_nothing_that_opens_a_secret_once_it_is_deleted(self):
        keys = self.world.server.data / "credential_keys"
        before = set(keys.iterdir())
        credential = self.stored()
        [key] = set(keys.iterdir()) - before
        wrapped = key.read_bytes()
        self.backed_up()
        dump = run_program("slipway-dump", self.world.server.data)
        self.assertEqual(self.client.request("DELETE", f"/v1/credentials/{credential}").status, 200)
        self.backed_up()
        told = [("a dump from before", dump.encode()),
                ("the state", run_program("slipway-replay", self.world.server.data, "--state").encode()),
                ("the raw log", self.client.get("/v1/admin/log").text.encode())]
        for root in (self.world.server.data, self.place / "backups"):
            told += [(path, path.read_bytes()) for path in root.rglob("*") if path.is_file()]
        self.assertGreater(len(told), 10)
        # The secret is sealed with a key that only `wrapped` has: without it nobody opens it.
        body = wrapped[-32:]
        forms = {wrapped, body, body.hex().encode(), base64.b64encode(body), SECRET.encode()}
        for what, data in told:
            for form in forms:
                self.assertNotIn(form, data, what)


if __name__ == "__main__":
    unittest.main()
