"""A data directory that was put back to an earlier state, by whatever means, starts held or not at all:
what ran meanwhile does not run again. One that was only stopped, killed or upgraded starts armed."""

import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

from api_world import app_fields
from processes import Receiver, Server, eventually, run_program

USAGE = 64


def rsync(source, target, *options):
    subprocess.run(["rsync", "-a", "--delete", *options, f"{source}/", f"{target}/"], check=True)


def copied_over(source, target):
    subprocess.run(["cp", "-a", f"{source}/.", f"{target}/"], check=True)


def unpacked_over(source, target):
    archive = source.with_suffix(".tar")
    subprocess.run(["tar", "-C", source, "-cf", archive, "."], check=True)
    subprocess.run(["tar", "-C", target, "-xf", archive], check=True)


def copied_anew(source, target):
    shutil.rmtree(target)
    subprocess.run(["cp", "-a", source, target], check=True)


class DataDirectory(unittest.TestCase):
    options = ()

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.backup = self.top / "backup"
        self.mark = self.top / "high_water"
        self.server = Server(self.top / "data", *self.options)
        self.addCleanup(self.server.__exit__)
        self.data = self.server.data

    def dispatch(self):
        client = self.server.client()
        self.addCleanup(client.close)
        return client.get("/readyz").json["result"]["dispatch"]

    def write_something(self, name="more"):
        client = self.server.client()
        self.addCleanup(client.close)
        self.assertEqual(client.post("/v1/apps", app_fields(name)).status, 201)

    def start_again(self):
        self.server.terminate()
        self.server.start()


class PutBack(DataDirectory):
    def setUp(self):
        super().setUp()
        self.receiver = Receiver(self.top / "deliveries.jsonl")
        self.addCleanup(self.receiver.__exit__)
        client = self.server.client()
        app = client.post("/v1/apps", app_fields("once", self.receiver.url)).json["result"]["id"]
        soon = (datetime.now(timezone.utc) + timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%S")
        body = {"app": app, "at": soon, "timezone": "UTC", "misfire": {"grace_seconds": 86_400}}
        answer = client.post("/v1/scheduled_deployments", body)
        self.assertEqual(answer.status, 201, answer)
        client.close()
        self.server.terminate()
        subprocess.run(["cp", "-a", self.data, self.backup], check=True)
        self.server.start()
        eventually(self.receiver.deliveries)
        self.server.terminate()

    def does_not_run_again(self):
        try:
            self.server.start()
        except RuntimeError as refused:
            self.assertIn("ended with 1", str(refused))
        else:
            self.assertEqual(self.dispatch(), "held")
        self.assertEqual(len(self.receiver.deliveries()), 1)

    def test_by_rsync(self):
        rsync(self.backup, self.data)
        self.does_not_run_again()

    def test_by_rsync_in_place(self):
        rsync(self.backup, self.data, "--inplace")
        self.does_not_run_again()

    def test_by_rsync_of_the_log_alone(self):
        rsync(self.backup / "log", self.data / "log")
        self.does_not_run_again()

    def test_by_rsync_of_the_events_and_the_anchor(self):
        rsync(self.backup / "log/events", self.data / "log/events")
        shutil.copyfile(self.backup / "log/anchor", self.data / "log/anchor")
        self.does_not_run_again()

    def test_by_a_copy_over_it(self):
        copied_over(self.backup, self.data)
        self.does_not_run_again()

    def test_by_an_archive_over_it(self):
        unpacked_over(self.backup, self.data)
        self.does_not_run_again()

    def test_by_a_copy_in_its_place(self):
        copied_anew(self.backup, self.data)
        self.does_not_run_again()

    def test_after_a_kill(self):
        self.server.start()
        self.write_something()
        self.server.kill()
        rsync(self.backup, self.data)
        self.does_not_run_again()


class LeftAlone(DataDirectory):
    def test_it_starts_armed_after_stops_and_kills(self):
        for number in range(3):
            self.start_again()
            self.write_something(f"stopped-{number}")
            self.assertEqual(self.dispatch(), "armed")
            self.server.kill()
            self.server.start()
            self.write_something(f"killed-{number}")
            self.assertEqual(self.dispatch(), "armed")

    def test_it_starts_armed_after_a_start_that_was_refused(self):
        events = self.data / "log/events"
        self.server.terminate()
        events.rename(events.with_name("elsewhere"))
        run_program("slipway-server", "run", "--data", self.data, "--listen", "127.0.0.1:0", check=False)
        events.with_name("elsewhere").rename(events)
        self.server.start()
        self.assertEqual(self.dispatch(), "armed")

    def test_it_starts_armed_with_the_file_of_the_version_before(self):
        self.server.terminate()
        file = self.data / "installation"
        text = "".join(file.read_text().splitlines(keepends=True)[:5])
        with file.open("r+") as same_inode:
            same_inode.truncate(0)
            same_inode.write(text)
        self.server.start()
        self.assertEqual(self.dispatch(), "armed")


class HighWater(DataDirectory):
    @property
    def options(self):
        return ("--high-water-file", self.mark)

    def position(self):
        return int(self.mark.read_text().split(":")[1])

    def test_it_follows_the_log_while_it_runs_and_to_its_end(self):
        client = self.server.client()
        self.addCleanup(client.close)
        now = client.get("/readyz").json["result"]["position"]
        eventually(lambda: self.mark.exists() and self.position() >= now)
        self.write_something()
        self.assertEqual(self.server.terminate(), 0)
        self.assertGreater(self.position(), now)

    def test_a_log_that_ends_before_it_starts_held_once(self):
        self.server.terminate()
        end = self.position()
        self.mark.write_text(re.sub(r":\d+:", f":{end + 1_000}:", self.mark.read_text()))
        self.server.start()
        self.assertEqual(self.dispatch(), "held")
        client = self.server.client()
        self.addCleanup(client.close)
        armed = client.request("PUT", "/v1/admin/dispatch", {"state": "armed"})
        self.assertEqual(armed.status, 200)
        self.start_again()
        self.assertEqual(self.dispatch(), "armed")

    def test_a_log_that_has_something_else_there_starts_held(self):
        self.server.terminate()
        text = self.mark.read_text()
        self.mark.write_text(text[:-65] + "0" * 64 + "\n")
        self.server.start()
        self.assertEqual(self.dispatch(), "held")

    def test_another_log_starts_held(self):
        self.server.terminate()
        with Server(self.top / "other", "--high-water-file", self.top / "other_mark") as other:
            other.terminate()
        shutil.copyfile(self.top / "other_mark", self.mark)
        self.server.start()
        self.assertEqual(self.dispatch(), "held")

    def test_a_mark_that_is_missing_or_empty_holds_nothing(self):
        for lose in (self.mark.unlink, lambda: self.mark.write_text("")):
            self.server.terminate()
            lose()
            self.server.start()
            self.assertEqual(self.dispatch(), "armed")

    def test_stops_and_kills_hold_nothing(self):
        for number in range(3):
            self.write_something(f"stopped-{number}")
            self.start_again()
            self.write_something(f"killed-{number}")
            self.server.kill()
            self.server.start()
            self.assertEqual(self.dispatch(), "armed")

    def test_no_new_installation_is_made_where_a_log_is_missed(self):
        self.server.terminate()
        shutil.rmtree(self.data)
        said = self.refused(1, self.data, self.mark)
        self.assertIn("has seen a log up to position", said)
        self.assertFalse(self.data.exists())

    def test_files_that_cannot_be_meant_are_refused(self):
        self.server.terminate()
        other = self.top / "notes"
        other.write_text("of somebody")
        self.assertIn("not a file that --high-water-file wrote", self.refused(USAGE, self.data, other))
        self.assertEqual(other.read_text(), "of somebody")
        for inside in (self.data / "mark", self.data / "log/../mark", self.data / "log/anchor"):
            self.assertIn("lies in", self.refused(USAGE, self.data, inside))
        self.assertIn("is no directory", self.refused(USAGE, self.data, self.top / "none/mark"))

    def refused(self, status, data, mark):
        done = run_program("slipway-server", "run", "--create", "--data", data, "--listen", "127.0.0.1:0",
                           "--high-water-file", mark, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stderr


if __name__ == "__main__":
    unittest.main()
