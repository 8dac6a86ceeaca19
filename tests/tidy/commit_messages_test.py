"""A commit message has a title that names the area and one change, and a body that gives the reason."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

from commit_messages import faults

SCRIPT = pathlib.Path(__file__).with_name("commit_messages.py")
GOOD = "log: a full disk is told\n\nThe server waited for ever.\n"


class Form(unittest.TestCase):
    def test_is_a_title_an_empty_line_and_a_body(self):
        self.assertEqual(faults(GOOD), [])
        self.assertEqual(faults("http, base: one function cuts a list\n\nTwo did.\n\nReviewed-by: A B\n"), [])
        self.is_refused("A full disk is told\n\nThe server waited.\n", "area: what changes")
        self.is_refused("log:\n\nThe server waited.\n", "area: what changes")
        self.is_refused("log: a full disk is told\nThe server waited.\n", "not empty")
        self.is_refused("log: a full disk is told\n", "no body")
        self.is_refused("log: a full disk is told\n\nReviewed-by: A B\n", "no body")

    def test_is_one_finished_change(self):
        self.is_refused("log: a full disk is told; notes are swept\n\nBoth.\n", "two commits")
        for title in ("log: WIP", "log: a full disk (work in progress)", "fixup! log: a full disk is told"):
            self.is_refused(f"{title}\n\nThe server waited.\n", "not finished")

    def is_refused(self, message, fault):
        self.assertIn(fault, "\n".join(faults(message)))


class Branch(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("No form at all")

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false",
                        *arguments], cwd=self.place, check=True, capture_output=True)

    def commit(self, message):
        self.git("commit", "--quiet", "--allow-empty", "-m", message)

    def check(self, *arguments, script=SCRIPT):
        return subprocess.run([sys.executable, script, *arguments], cwd=self.place, capture_output=True, text=True,
                              check=False)

    def test_is_read_since_it_left_main(self):
        self.assertIn("no origin/main", self.check().stdout)
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")
        self.commit(GOOD)
        good = self.check()
        self.assertEqual((good.returncode, good.stdout), (0, "1 messages read\n"))
        self.commit("log: a full disk is told")
        bad = self.check()
        self.assertEqual(bad.returncode, 1)
        self.assertRegex(bad.stdout, r"\A[0-9a-f]+ log: a full disk is told\n    there is no body.*\n2 messages read, 1 of")

    def test_is_not_read_from_before_the_rule(self):
        script = self.place / SCRIPT.name
        script.write_text(SCRIPT.read_text(encoding="utf-8"), encoding="utf-8")
        self.git("add", script.name)
        self.commit("No form either")
        self.commit(GOOD)
        self.assertEqual(self.check("HEAD~2", script=script.name).stdout, "1 messages read\n")

    def test_an_unknown_base_is_refused(self):
        self.assertEqual(self.check("nothing").returncode, 2)
        self.assertEqual(self.check("--help").returncode, 2)


if __name__ == "__main__":
    unittest.main()
