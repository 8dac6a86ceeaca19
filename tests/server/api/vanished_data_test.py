"""A data directory that is moved, removed or replaced under a running server ends it, with the status
of a disk that fails, before another change is acknowledged."""

import http.client
import os
import shutil
import tempfile
import unittest

from api_world import app_fields
from processes import STATUS_OUTCOME_UNKNOWN, Server

END_SECONDS_MAX = 15


def replaced_by_copy(path):
    shutil.copytree(path, path.with_name("copy"))
    path.rename(path.with_name("gone"))
    path.with_name("copy").rename(path)


def replaced_by_links(path):
    """Each file is the one that the server writes, and the directory is another."""
    shutil.copytree(path, path.with_name("links"), copy_function=os.link)
    path.rename(path.with_name("gone"))
    path.with_name("links").rename(path)


def moved(path):
    path.rename(path.with_name(path.name + ".gone"))


def removed(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def written_anew(path):
    text = path.read_bytes()
    path.unlink()
    path.write_bytes(text)


class VanishedData(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.server = Server(f"{self.directory.name}/data")
        self.addCleanup(self.server.__exit__)
        self.data = self.server.data
        self.client = self.server.client()
        self.addCleanup(self.client.close)
        self.assertEqual(self.client.post("/v1/apps", app_fields("before")).status, 201)

    def acknowledges_nothing_more(self):
        """Whether the change meets a server that has ended already depends on when it looked."""
        try:
            answer = self.client.post("/v1/apps", app_fields("after"))
        except (OSError, http.client.HTTPException):
            pass
        else:
            self.assertEqual((answer.status, answer.json.get("code")), (503, "outcome_unknown"))
        self.ends()

    def ends(self):
        status = self.server.process.process.wait(END_SECONDS_MAX)
        self.server.process.process.stdout.close()
        self.assertEqual(status, STATUS_OUTCOME_UNKNOWN)

    def newest(self, pattern):
        return max((self.data / "log/events").glob(pattern))

    def test_the_directory_is_moved(self):
        moved(self.data)
        self.acknowledges_nothing_more()

    def test_the_directory_is_removed(self):
        removed(self.data)
        self.acknowledges_nothing_more()

    def test_the_directory_is_replaced_by_a_copy(self):
        replaced_by_copy(self.data)
        self.acknowledges_nothing_more()

    def test_the_directory_is_replaced_by_links_to_its_files(self):
        replaced_by_links(self.data)
        self.acknowledges_nothing_more()

    def test_the_log_is_moved(self):
        moved(self.data / "log")
        self.acknowledges_nothing_more()

    def test_the_log_is_replaced_by_a_copy(self):
        replaced_by_copy(self.data / "log")
        self.acknowledges_nothing_more()

    def test_the_events_are_moved(self):
        moved(self.data / "log/events")
        self.acknowledges_nothing_more()

    def test_the_file_that_is_written_is_removed(self):
        removed(self.newest("*.log"))
        self.acknowledges_nothing_more()

    def test_the_file_that_is_written_is_replaced_by_a_copy(self):
        written_anew(self.newest("*.log"))
        self.acknowledges_nothing_more()

    def test_the_manifest_is_removed(self):
        removed(self.newest("MANIFEST-*"))
        self.acknowledges_nothing_more()

    def test_the_name_of_the_manifest_is_removed(self):
        removed(self.data / "log/events/CURRENT")
        self.acknowledges_nothing_more()

    def test_the_lock_is_removed(self):
        removed(self.data / "log/lock")
        self.acknowledges_nothing_more()

    def test_the_installation_is_removed(self):
        removed(self.data / "installation")
        self.acknowledges_nothing_more()

    def test_the_installation_is_replaced(self):
        written_anew(self.data / "installation")
        self.acknowledges_nothing_more()

    def test_an_idle_server_ends_too(self):
        moved(self.data)
        self.ends()

    def test_what_took_its_place_stays_as_it_is(self):
        copy = self.data.with_name("copy")
        shutil.copytree(self.data, copy)
        before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
        moved(self.data)
        copy.rename(self.data)
        self.acknowledges_nothing_more()
        after = {copy / path.relative_to(self.data): path.read_bytes()
                 for path in self.data.rglob("*") if path.is_file()}
        self.assertEqual(after, before)


if __name__ == "__main__":
    unittest.main()
