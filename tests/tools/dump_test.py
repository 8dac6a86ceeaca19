"""slipway-dump --restore: the restored log is the log that was dumped, under a new installation; a dump
that was cut or changed, or that is of the state, is refused."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from dumps import without_head
from processes import PROGRAMS, Server, run_program


class Restored(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.directory.cleanup)
        cls.place = pathlib.Path(cls.directory.name)
        cls.data = cls.place / "data"
        with Server(cls.data) as server:
            client = server.client()
            for number in range(5):
                target = {"kind": "webhook", "url": "http://127.0.0.1:9/"}
                answer = client.post("/v1/apps", {"name": f"app {number}", "target": target})
                assert answer.status == 201, answer
            cls.raw = client.get("/v1/admin/log").text
            client.close()
            server.terminate()
        cls.dump = run_program("slipway-dump", cls.data)
        cls.lines = cls.dump.splitlines()
        cls.head = json.loads(cls.lines[0])["log"]

    def setUp(self):
        self.into = self.place / self.id().rpartition(".")[2]

    def restore(self, lines, *options, exits=0):
        text = lines if isinstance(lines, str) else "".join(line + "\n" for line in lines)
        command = [PROGRAMS / "slipway-dump", "--restore", self.into, *map(str, options)]
        done = subprocess.run(command, input=text, text=True, capture_output=True)
        self.assertEqual(done.returncode, exits, done)
        if exits:
            self.assertFalse((self.into / "log").exists(), "something is left")
        return done.stderr

    def digest_at(self, data, position):
        told = run_program("slipway-replay", data, "--at", position)
        return next(line.split()[1] for line in told.splitlines() if line.startswith("digest"))

    def test_logs_keep_their_id_and_every_digest(self):
        last = json.loads(self.lines[-1])
        self.assertEqual((self.head["position"], self.head["digest"]), (last["position"], last["digest"]))
        self.assertIn("keeps its id and digests", self.restore(self.dump))
        self.assertEqual(run_program("slipway-dump", self.into), self.dump)

    def test_logs_fit_a_pinned_head_under_a_new_installation(self):
        self.restore(self.dump)
        for name in ("jwt_secret", "server_key"):
            shutil.copy(self.data / name, self.into / name)
        with Server(self.into) as server:
            client = server.client()
            self.assertEqual(client.get("/readyz").json["result"]["dispatch"], "held")
            client.close()
            server.terminate()
        self.assertEqual(self.digest_at(self.into, self.head["position"]), self.head["digest"])
        lines = run_program("slipway-dump", self.into).splitlines()
        self.assertEqual(json.loads(lines[0])["log"]["id"], self.head["id"])
        claimed = [json.loads(line) for line in lines if '"InstallationClaimed"' in line]
        self.assertEqual(len(claimed), 2)
        self.assertNotEqual(claimed[0]["data"]["installation"], claimed[1]["data"]["installation"])

    def test_logs_of_a_server_keep_them_too(self):
        self.restore(self.raw)
        restored = [without_head(line) for line in run_program("slipway-dump", self.into).splitlines()]
        self.assertEqual(restored, [without_head(line) for line in self.raw.splitlines()])
        self.assertEqual(json.loads(self.raw.splitlines()[0])["log"]["id"], self.head["id"])

    def test_beginnings_are_asked_for(self):
        part = self.lines[:4]
        said = self.restore(part, exits=2)
        self.assertIn(f"ends at position 4, and its first line says that the log ended at {len(self.lines)}",
                      said)
        self.restore(part, "--at", 4)
        self.assertEqual(self.digest_at(self.into, 4), json.loads(self.lines[3])["digest"])

    def test_lines_after_the_bound_are_left_out(self):
        self.restore(self.dump, "--at", 3)
        self.assertEqual(len(run_program("slipway-dump", self.into).splitlines()), 3)

    def test_dumps_without_a_head_become_another_log(self):
        old = [json.dumps(without_head(line), separators=(",", ":")) for line in self.lines]
        self.assertIn("the restored log is another one", self.restore(old))
        self.assertNotEqual(self.digest_at(self.into, 1), json.loads(self.lines[0])["digest"])

    def test_a_head_that_was_changed_is_refused(self):
        good = json.loads(self.lines[0])["log"]
        for name, value, exits in (("id", "01h455vb4pex5vsknk084sn02q", 2), ("digest", "0" * 64, 2),
                                   ("position", 3, 2), ("position", "3", 2), ("id", 5, 2), ("digest", "x", 2)):
            with self.subTest(name=name, value=value):
                first = {**json.loads(self.lines[0]), "log": {**good, name: value}}
                self.restore([json.dumps(first, separators=(",", ":")), *self.lines[1:]], exits=exits)

    def test_a_changed_line_is_refused_also_the_first(self):
        for number in (1, 3, len(self.lines)):
            with self.subTest(number):
                changed = list(self.lines)
                changed[number - 1] = changed[number - 1].replace('"request_id":"', '"request_id":"x', 1)
                self.assertIn(f"line {number}: ", self.restore(changed, exits=2))

    def test_a_dump_of_the_state_is_refused_and_says_why(self):
        state = run_program("slipway-dump", self.data, "--state")
        self.assertIn("a dump of the state, which cannot be restored", self.restore(state, exits=1))

    def test_a_part_of_a_dump_names_no_log(self):
        part = run_program("slipway-dump", self.data, "--stream", "server").splitlines()
        self.assertNotIn("log", json.loads(part[0]))


if __name__ == "__main__":
    unittest.main()
