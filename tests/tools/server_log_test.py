"""slipway-replay and slipway-dump over HTTP: of a running server they say what they say of its
directory, and an answer that was changed or cut on the way is named by position and believed in nothing.
"""

import http.client
import http.server
import json
import re
import subprocess
import tempfile
import unittest

from processes import PROGRAMS, Server
from slipway_test import Listening, Scripted, Shell

TARGET = "http://127.0.0.1:9/deploy"


class Proxy(Listening):
    """Hands on what is asked, and of each good answer what `change` makes of its lines. With `cut`, the
    connection is lost after so many bytes of the body."""

    def __init__(self, port, change=lambda lines: lines, headers=None, cut=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
                sent = {"Authorization": self.headers.get("Authorization", "")}
                connection.request("GET", self.path, headers=sent)
                answer = connection.getresponse()
                body = b"".join(change(answer.read().splitlines(keepends=True)))
                connection.close()
                self.send_response(answer.status)
                for name in ("Content-Type", "Slipway-Position", "Slipway-Chained-To"):
                    value = (headers or {}).get(name, answer.getheader(name))
                    if value:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body[:cut])
                self.close_connection = True

            def log_message(self, *_):
                pass

        super().__init__(Handler)


class ServerLogTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.server = Server(f"{cls.directory.name}/data")
        cls.shell = Shell(f"{cls.directory.name}/home", cls.server.url, cls.server.token())
        cls.shell.run("apps", "create", "--name", "web", "--target-url", TARGET)
        for _ in range(5):
            cls.shell.run("schedules", "create", "web", "--in", "48h")

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.directory.cleanup()

    def look(self, program, place, *words, exits=0, **environment):
        # SLIPWAY_TOKEN goes to the server of SLIPWAY_URL only, and a proxy is another one.
        there = {"SLIPWAY_URL": place if str(place).startswith("http") else ""}
        done = subprocess.run([PROGRAMS / program, place, *map(str, words)], capture_output=True, text=True,
                              env={**self.shell.environment, **there, **environment}, timeout=120)
        self.assertEqual(done.returncode, exits, done)
        return done

    def same(self, program, *words):
        """What it says of the server, which is what it says of the directory."""
        there = self.look(program, self.server.url, *words)
        self.assertEqual(there.stderr, "")
        here = self.look(program, self.server.data, *words)
        self.assertEqual(re.sub("verified .*", "", there.stdout), re.sub("verified .*", "", here.stdout))
        return there.stdout

    def at(self, position):
        return f"log: record at position {position}: "


class OfAServer(ServerLogTest):
    def test_a_replay_says_the_same(self):
        whole = self.same("slipway-replay")
        self.assertRegex(whole, r"^position +(\d+) of \1\n")
        self.assertIn("\nverified     chain\n", whole)
        self.assertEqual(len(self.same("slipway-replay", "--fingerprint")), 65)
        self.assertIn("fingerprint", self.look("slipway-replay", self.server.url + "/").stdout)

    def test_a_replay_says_the_same_of_the_past(self):
        self.assertRegex(self.same("slipway-replay", "--at", 4), r"^position +4 of \d+\n")
        third = json.loads(self.same("slipway-dump").splitlines()[2])
        self.same("slipway-replay", "--at", third["recorded_at"])
        self.same("slipway-replay", "--at", 0)

    def test_a_replay_shows_the_same_state_and_history(self):
        self.assertIn('"web"', self.same("slipway-replay", "--state"))
        app = self.shell.result("apps", "get", "web")["id"]
        self.assertEqual(len(self.same("slipway-replay", "--history", app).splitlines()), 1)
        self.assertIn("InstallationClaimed", self.same("slipway-replay", "--history", "server"))
        self.look("slipway-replay", self.server.url, "--history", "app_01h455vb4pex5vsknk084sn02q", exits=1)

    def test_a_dump_says_the_same(self):
        lines = self.same("slipway-dump").splitlines()
        self.assertEqual([json.loads(line)["position"] for line in lines], list(range(1, len(lines) + 1)))
        self.assertEqual(json.loads(lines[-1])["type"], "DataExported")
        self.assertIn('"web"', self.same("slipway-dump", "--state"))
        self.assertEqual(len(self.same("slipway-dump", "--type", "DeploymentScheduled").splitlines()), 5)
        self.assertEqual(len(self.same("slipway-dump", "--stream", "server", "--at", 1).splitlines()), 1)
        self.assertEqual(self.same("slipway-dump", "--from", "2100-01-01T00:00:00Z"), "")

    def test_a_dump_makes_the_same_log_again(self):
        dumped = self.look("slipway-dump", self.server.url).stdout
        restored = f"{self.directory.name}/restored"
        subprocess.run([PROGRAMS / "slipway-dump", "--restore", restored], input=dumped, text=True,
                       capture_output=True, check=True)
        self.assertEqual(self.look("slipway-dump", restored).stdout, dumped)

    def test_a_dump_ends_when_nobody_reads_on(self):
        command = f"{PROGRAMS}/slipway-dump {self.server.url} | head -n 1"
        done = subprocess.run(command, shell=True, capture_output=True, text=True, timeout=120,
                              env=self.shell.environment)
        self.assertEqual(json.loads(done.stdout)["position"], 1)

    def test_the_token_comes_from_the_settings(self):
        other = Shell(f"{self.directory.name}/settings")
        other.settings(url=self.server.url, token=self.shell.environment["SLIPWAY_TOKEN"])
        del other.environment["SLIPWAY_TOKEN"]
        done = subprocess.run([PROGRAMS / "slipway-replay", self.server.url], env=other.environment,
                              capture_output=True)
        self.assertEqual(done.returncode, 0, done)


def without_end(lines):
    """As servers of before 0.2 answered: the first line does not say of which log it is."""
    first = re.sub(rb'"log":\{[^}]*\},', b"", lines[0])
    assert first != lines[0]
    return [first, *lines[1:]]


class WhatIsRefused(ServerLogTest):
    def test_says_what_to_do(self):
        viewer = self.shell.result("tokens", "create", "reader", "viewer")["secret"]
        for token in (viewer, "nonsense", ""):
            for program in ("slipway-replay", "slipway-dump"):
                done = self.look(program, self.server.url, exits=1, SLIPWAY_TOKEN=token)
                self.assertRegex(done.stderr, f"^{program}: {self.server.url}: 40[13] ")
                self.assertIn("slipway-server token --data DIR", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_is_no_server_or_another(self):
        done = self.look("slipway-replay", "http://127.0.0.1:9", exits=1)
        self.assertIn("is a server of Slipway running there?", done.stderr)
        done = self.look("slipway-dump", self.server.url + "/v1/admin/log", exits=1)
        self.assertIn("without the path of a route", done.stderr)
        with Scripted((200, {"Content-Type": "text/html"}, "a page")) as other:
            done = self.look("slipway-replay", other.url, exits=1)
        self.assertIn("the answer is no log", done.stderr)
        self.look("slipway-replay", "ftp://127.0.0.1", exits=1)

    def test_the_token_of_the_settings_is_for_their_server_only(self):
        other = Shell(f"{self.directory.name}/elsewhere")
        other.settings(url=self.server.url, token="secret")
        with Scripted((401, {}, {"code": "unauthorized"})) as stranger:
            environment = {**other.environment, "SLIPWAY_TOKEN": ""}
            subprocess.run([PROGRAMS / "slipway-dump", stranger.url], env=environment, capture_output=True)
            self.assertNotIn("Authorization", stranger.asked[0][2])


class WhatWasChangedOnTheWay(ServerLogTest):
    def refused(self, position, *words, **more):
        for program in ("slipway-replay", "slipway-dump"):
            with Proxy(self.server.port, **more) as proxy:
                done = self.look(program, proxy.url, *words, exits=2)
            self.assertTrue(done.stderr.startswith(f"{program}: {self.at(position)}"), done.stderr)
            shown = done.stdout.splitlines() if program == "slipway-dump" else []
            self.assertEqual(len(shown), position - 1 if program == "slipway-dump" else 0)
        return done.stderr

    def test_only_what_was_changed_is_refused(self):
        with Proxy(self.server.port) as proxy:
            self.assertIn("verified     chain", self.look("slipway-replay", proxy.url).stdout)

    def test_a_byte(self):
        def change(index, old, new):
            def changed(lines):
                self.assertIn(old, lines[index])
                lines[index] = lines[index].replace(old, new, 1)
                return lines
            return changed

        for index, old, new in ((0, b"first_start", b"first_stars"), (3, b'"web"', b'"wec"'),
                                (1, b"default", b"defaul7"), (2, b"{", b"["), (4, b'":"', b'": "'),
                                (2, b'"digest":"', b'"digest":"0'), (5, b"\n", b"\r\n")):
            with self.subTest(index=index, new=new):
                self.refused(index + 1, change=change(index, old, new))

    def test_the_order(self):
        def swapped(lines):
            lines[3], lines[4] = lines[4], lines[3]
            return lines

        self.assertIn("in its place is position 5", self.refused(4, change=swapped))
        self.refused(3, change=lambda lines: lines[:2] + lines[3:])
        self.refused(3, change=lambda lines: lines[:2] + lines[1:])
        self.refused(1, change=lambda lines: lines[1:])

    def test_the_end(self):
        self.assertIn("the answer ends; ", self.refused(6, change=lambda lines: lines[:5]))
        self.assertIn("within its line", self.refused(6, change=lambda lines: lines[:5] + [lines[5][:-9]]))
        # The first line says where the log ends, whatever the head does.
        self.refused(1, change=lambda lines: lines[:5], headers={"Slipway-Position": "5"})
        # Without it, and though the head agrees: it is not the end that records this request.
        self.refused(5, change=lambda lines: without_end(lines)[:5], headers={"Slipway-Position": "5"})
        self.refused(1, change=lambda lines: [])

    def test_the_connection(self):
        self.assertIn("the connection was lost", self.refused(1, cut=100))
        lines = self.look("slipway-dump", self.server.url).stdout.splitlines(keepends=True)
        cut = sum(len(line.encode()) for line in lines[:4]) + 7
        self.assertIn("the connection was lost", self.refused(5, cut=cut))

    def test_the_head(self):
        self.refused(1, headers={"Slipway-Chained-To": "0" * 64})
        for name in ("Slipway-Chained-To", "Slipway-Position"):
            self.assertIn("nothing of it is proved", self.refused(1, headers={name: "x"}))

    def test_what_lies_behind_the_bound_is_not_read(self):
        with Proxy(self.server.port, change=lambda lines: lines[:5]) as proxy:
            self.assertIn("position     3 of", self.look("slipway-replay", proxy.url, "--at", 3).stdout)


if __name__ == "__main__":
    unittest.main()
