"""The streams of the API at the command line: events as they happen, over lost connections, and the raw
log."""

import json
import signal
import subprocess
import tempfile
import unittest

from processes import PROGRAMS, Server
from slipway_test import Scripted, Shell

TARGET = "http://127.0.0.1:9/deploy"
SSE = {"Content-Type": "text/event-stream"}


class Reader:
    """`slipway events …`, which goes on until it is interrupted."""

    def __init__(self, shell, *words):
        self.process = subprocess.Popen([PROGRAMS / "slipway", "events", *map(str, words)], text=True,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        env=shell.environment)

    def line(self):
        return self.process.stdout.readline().rstrip("\n")

    def interrupt(self):
        """Its exit code, and the rest of what it had to say."""
        self.process.send_signal(signal.SIGINT)
        rest, errors = self.process.communicate(timeout=120)
        return self.process.returncode, rest, errors

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


class StreamTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.server = Server(f"{directory.name}/data")
        self.addCleanup(lambda: self.server.kill() if self.server.process.is_running else None)
        self.shell = Shell(f"{directory.name}/home", self.server.url, self.server.token())

    def app(self, name):
        return self.shell.result("apps", "create", "--name", name, "--target-url", TARGET)["id"]


class Events(StreamTest):
    def test_are_shown_as_they_happen(self):
        with Reader(self.shell, "stream") as reader:
            self.assertRegex(reader.line(), r"^2  \S+ \S+ America/New_York  \(\S+Z\)  TeamCreated  team_\w+  server$")
            app = self.app("web")
            self.assertRegex(reader.line(), rf"^4  .*Z\)  AppCreated  {app}  user user_\w+$")
            self.assertEqual(reader.interrupt(), (0, "", ""))

    def test_are_those_that_were_asked_for(self):
        web, api = self.app("web"), self.app("api")
        with Reader(self.shell, "watch", "--json", "--stream", api) as reader:
            self.assertEqual(json.loads(reader.line())["stream"], api)
        with Reader(self.shell, "stream", "--json", "--after", 2, "--type", "AppCreated") as reader:
            self.assertEqual(json.loads(reader.line())["stream"], web)
            self.assertEqual(json.loads(reader.line())["stream"], api)
        with Reader(self.shell, "stream", "--json", "--after", 3) as reader:
            self.assertEqual(json.loads(reader.line())["position"], 4)

    def test_go_on_when_the_server_is_back(self):
        with Reader(self.shell, "stream", "--json") as reader:
            self.assertEqual(json.loads(reader.line())["position"], 2)
            self.server.kill()
            self.assertIn("asking on", reader.process.stderr.readline())
            self.server.start()
            self.app("web")
            seen = json.loads(reader.line())
            while seen["type"] != "AppCreated":
                self.assertGreater(seen["position"], 2)
                seen = json.loads(reader.line())
            self.assertEqual(reader.interrupt()[0], 0)

    def test_end_when_they_are_refused(self):
        for exits, words, where in ((5, (), {"SLIPWAY_TEAM": "team_01h455vb4pex5vsknk084sn02q"}),
                                    (2, ("--after", "99"), {}), (1, ("--after", "x"), {}),
                                    (6, (), {"SLIPWAY_URL": "http://127.0.0.1:9"})):
            with self.subTest(words=words):
                done = self.shell.run("events", "stream", *words, exits=exits, **where)
                self.assertNotEqual(done.stderr, "")

    def test_are_asked_for_from_the_last_whole_one_on(self):
        cut = b'id: 5\ndata: {"position": 5}\n\nid: 6\ndata: {"posi'
        gone = (401, {}, {"code": "unauthorized"})
        with Scripted((200, SSE, cut), (200, SSE, b":\n\n"), gone) as moody:
            done = self.shell.run("events", "stream", "--json", exits=5, SLIPWAY_URL=moody.url)
        self.assertEqual(done.stdout, '{"position": 5}\n')
        self.assertEqual([headers.get("Last-Event-ID") for _, _, headers in moody.asked], [None, "5", "5"])

    def test_come_from_a_server_of_slipway(self):
        with Scripted((200, {"Content-Type": "text/html"}, "a page")) as other:
            done = self.shell.run("events", "stream", exits=6, SLIPWAY_URL=other.url)
            self.assertIn("no stream of events", done.stderr)


class Log(StreamTest):
    def test_is_that_of_the_directory(self):
        self.app("web")
        lines = self.shell.run("admin", "log").stdout
        dumped = subprocess.run([PROGRAMS / "slipway-dump", self.server.data], capture_output=True, text=True)
        self.assertEqual(lines, dumped.stdout)
        rest = self.shell.run("admin", "log", "--after", 2).stdout.splitlines()
        self.assertEqual(json.loads(rest[0])["position"], 3)
        self.assertEqual(self.shell.run("admin", "log", "--after", 999).stdout, "")

    def test_is_for_admins(self):
        viewer = self.shell.result("tokens", "create", "reader", "viewer")["secret"]
        self.assertIn("403", self.shell.run("admin", "log", exits=5, SLIPWAY_TOKEN=viewer).stderr)

    def test_that_cannot_be_written_is_no_success(self):
        command = f"{PROGRAMS}/slipway admin log > /dev/full"
        done = subprocess.run(command, shell=True, env=self.shell.environment, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "slipway: the output could not be written\n"))


if __name__ == "__main__":
    unittest.main()
