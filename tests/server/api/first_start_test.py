"""How a server starts: what it makes and what it refuses to make, how it says so, and which signals
and settings it takes."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import unittest

from processes import PROGRAMS, Process, Server, eventually, run_program

REFUSED, USAGE = 1, 64
REFUSE_SECONDS_MAX = 20
TOOLS = ("slipway", "slipway-replay", "slipway-dump")


class Start(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.top = pathlib.Path(directory.name)
        self.data = self.top / "data"

    def run_server(self, *options, data=None, listen="127.0.0.1:0"):
        """What a start that is to be refused did; one that serves fails the test."""
        command = [PROGRAMS / "slipway-server", "run", "--data", data or self.data, "--listen", listen]
        return subprocess.run([str(part) for part in (*command, *options)], capture_output=True,
                              text=True, timeout=REFUSE_SECONDS_MAX)

    def started(self, *options, listen="127.0.0.1:0", **more):
        command = [PROGRAMS / "slipway-server", "run", "--data", self.data, "--listen", listen, *options]
        process = Process([str(part) for part in command], r"listening on https?://[^ ]*:(\d+)", **more)
        self.addCleanup(lambda: process.is_running and process.kill())
        return process


class Create(Start):
    def test_a_folder_without_an_installation_is_refused_and_left_as_it_is(self):
        empty = self.top / "empty"
        empty.mkdir(mode=0o755)
        notes = self.top / "notes"
        notes.mkdir()
        (notes / "todo").write_text("not a log")
        for folder in (self.data, empty, notes, self.data / "deep/down"):
            done = self.run_server(data=folder)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertIn(str(folder), done.stderr)
            self.assertIn("--create", done.stderr)
        self.assertFalse(self.data.exists())
        self.assertEqual(list(empty.iterdir()), [])
        self.assertEqual(empty.stat().st_mode & 0o777, 0o755)
        self.assertEqual([path.name for path in notes.iterdir()], ["todo"])

    def test_an_empty_name_of_a_folder_is_a_line_that_cannot_be_meant(self):
        for command in (["run", "--create"], ["run"], ["token"]):
            done = subprocess.run([PROGRAMS / "slipway-server", *command, "--data", ""],
                                  capture_output=True, text=True, timeout=REFUSE_SECONDS_MAX)
            self.assertEqual(done.returncode, USAGE, done.stderr)
            self.assertRegex(done.stderr, "--data.* is empty")

    def test_the_first_start_says_what_it_made_and_where_a_token_is(self):
        first = self.started("--create")
        said = first.process.stdout.readline()
        self.assertRegex(said, r"^created inst_[0-9a-z]{26} in " + re.escape(str(self.data)))
        [command] = re.findall(r"slipway-server (token --data .+)$", said.strip())
        self.assertTrue(run_program("slipway-server", *command.split()).strip())
        self.assertEqual(first.terminate(), 0)
        again = self.started()
        again.process.send_signal(signal.SIGTERM)
        self.assertEqual(again.process.stdout.read(), "", "nothing was made")
        self.assertEqual(again.process.wait(60), 0)

    def test_nothing_is_made_where_the_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            listen = f"127.0.0.1:{taken.getsockname()[1]}"
            done = self.run_server("--create", listen=listen)
        self.assertEqual(done.returncode, REFUSED, done.stderr)
        self.assertIn(listen, done.stderr)
        self.assertFalse(self.data.exists())

    def test_nothing_is_made_with_settings_that_cannot_be_meant(self):
        for options, listen in (
            (["--tls-certificate", "/none.pem", "--tls-key", "/none.key"], "127.0.0.1:0"),
            (["--oidc-issuer", "http://issuer.example", "--oidc-audience", "x"], "127.0.0.1:0"),
            (["--zoneinfo", str(self.top)], "127.0.0.1:0"),
            ([], "0.0.0.0:0"),
            ([], "example.com:80"),
            ([], "127.0.0.1"),
            (["--disk-reserve-mib", "8"], "127.0.0.1:0"),
            (["--snapshot-every", "-5"], "127.0.0.1:0"),
            (["--no-such-option"], "127.0.0.1:0"),
            (["--drain-seconds", "soon"], "127.0.0.1:0"),
        ):
            with self.subTest(options=options, listen=listen):
                done = self.run_server("--create", *options, listen=listen)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertFalse(self.data.exists())

    def test_a_token_is_printed_for_what_is_there_and_makes_nothing(self):
        done = run_program("slipway-server", "token", "--data", self.data, check=False)
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn(str(self.data), done.stderr)
        self.assertFalse(self.data.exists())

    def test_who_has_the_log_is_named(self):
        first = self.started("--create")
        done = self.run_server()
        self.assertEqual(done.returncode, REFUSED)
        self.assertIn(f"in use by another process (pid {first.process.pid})", done.stderr)
        self.assertEqual(first.terminate(), 0, "the one that has it goes on")


class Listen(Start):
    def test_localhost_is_loopback(self):
        for host in ("localhost", "LocalHost", "127.0.0.1", "127.1.2.3"):
            server = self.started("--create", listen=f"{host}:0")
            self.assertEqual(server.terminate(), 0, host)

    @unittest.skipUnless(pathlib.Path("/proc/net/if_inet6").exists(), "this machine has no IPv6")
    def test_each_spelling_of_the_loopback_of_ipv6_is_loopback(self):
        for host in ("[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"):
            server = self.started("--create", listen=f"{host}:0")
            self.assertEqual(server.terminate(), 0, host)


class Keys(Start):
    def modes(self, mode):
        for name in ("jwt_secret", "server_key", *self.credential_keys):
            (self.data / name).chmod(mode)

    def test_a_group_may_have_them_and_everybody_may_not(self):
        with Server(self.data) as server:
            client = server.client()
            body = {"name": "k", "kind": "bearer", "origin": "https://deploy.example.com",
                    "secret": "correct-horse-battery-staple"}
            self.assertEqual(client.post("/v1/credentials", body).status, 201)
            client.close()
            server.terminate()
        self.credential_keys = [f"credential_keys/{path.name}"
                                for path in (self.data / "credential_keys").iterdir()]
        self.assertEqual(len(self.credential_keys), 1)
        for mode in (0o660, 0o640, 0o440, 0o400, 0o600):
            self.modes(mode)
            self.assertTrue(run_program("slipway-server", "token", "--data", self.data).strip())
            traces = self.top / "traces"
            with traces.open("w") as stderr:
                server = self.started(stderr=stderr)
            self.assertEqual(server.terminate(), 0)
            self.assertNotIn("credentials cannot be read", traces.read_text())
        for mode in (0o644, 0o604, 0o606, 0o666, 0o602):
            self.modes(mode)
            for done in (self.run_server(),
                         run_program("slipway-server", "token", "--data", self.data, check=False)):
                self.assertEqual(done.returncode, REFUSED, oct(mode))
                self.assertIn(f"{mode:04o}", done.stderr)
                self.assertIn("chmod 600", done.stderr)


class BackupDirectory(Start):
    def test_what_others_keep_there_stays_and_so_does_its_mode(self):
        backups = self.top / "backups"
        (backups / "movie.partial").mkdir(parents=True)
        (backups / "movie.partial/part").write_text("1")
        (backups / "dl.partial").write_text("2")
        theirs = backups / "20261121T104500Z-7.inst_01h455vb4pex5vsknk084sn02q.partial"
        theirs.mkdir()
        (theirs / "unfinished_backup_of").write_text("inst_01h455vb4pex5vsknk084sn02q")
        backups.chmod(0o2775)
        with Server(self.data, "--backup-directory", backups) as server:
            client = server.client()
            self.addCleanup(client.close)
            self.assertEqual(client.post("/v1/admin/backup").status, 202)
            done = eventually(lambda: (last := client.get("/v1/admin/backup").json["result"])["state"] == "done"
                              and last)
        names = {path.name for path in backups.iterdir()}
        self.assertEqual(names, {"movie.partial", "dl.partial", theirs.name, done["name"]})
        self.assertEqual(backups.stat().st_mode & 0o7777, 0o2775)
        self.assertEqual([path.name for path in (backups / done["name"]).iterdir()], ["log"])


class Signals(Start):
    def test_who_stops_reading_its_traces_ends_nothing(self):
        reader, writer = os.pipe()
        server = self.started("--create", stderr=writer)
        os.close(writer)
        os.close(reader)
        self.assertEqual(server.terminate(), 0)

    def test_a_terminal_that_goes_away_ends_nothing(self):
        traces = self.top / "traces"
        with traces.open("w") as stderr:
            server = self.started("--create", stderr=stderr)
        for _ in range(2):
            server.process.send_signal(signal.SIGHUP)
        eventually(lambda: "SIGHUP" in traces.read_text(), 10)
        self.assertTrue(server.is_running)
        self.assertEqual(server.terminate(), 0)


class CommandLines(unittest.TestCase):
    def test_each_program_says_its_version(self):
        [version] = re.findall(r"^project\(slipway VERSION (\S+)",
                               (pathlib.Path(__file__).resolve().parents[3] / "CMakeLists.txt").read_text(),
                               re.MULTILINE)
        for program in ("slipway-server", *TOOLS):
            said = run_program(program, "--version")
            self.assertRegex(said, rf"^{program} {re.escape(version)}( \(commit [0-9a-f]{{12}}(-dirty)?\))?\n$")

    def test_a_line_that_cannot_be_meant_has_the_status_of_its_program(self):
        for program, status in (("slipway-server", USAGE), *((tool, 1) for tool in TOOLS)):
            for words in (["--no-such-option"], [], ["run", "token", "x", "y", "z"]):
                done = run_program(program, *words, check=False)
                self.assertEqual(done.returncode, status, f"{program} {words}: {done.stderr}")
            self.assertEqual(run_program(program, "--help", check=False).returncode, 0)

    def test_a_reader_that_stops_reading_ends_the_tools_as_before(self):
        for program in TOOLS:
            done = subprocess.run(f"{PROGRAMS / program} --help | true; exit ${{PIPESTATUS[0]}}",
                                  shell=True, executable="/bin/bash")
            self.assertIn(done.returncode, (0, 1, 141), program)


if __name__ == "__main__":
    unittest.main()
