"""The command-line client: what a person types comes true on a real server, is shown with its zone,
and ends with the exit code that says what became of it. What no good server does, a scripted one does.
"""

import http.server
import json
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import threading
import unittest

import yaml
from processes import PROGRAMS, ROOT, Receiver, Server, eventually, run_program

NO_APP = "app_01h455vb4pex5vsknk084sn02q"
ID = re.compile(r"^id +(\w+)$", re.MULTILINE)
TARGET = "http://127.0.0.1:9/deploy"


class Shell:
    """Somebody's home, and what they type there."""

    def __init__(self, directory, url="", token=""):
        self.home = pathlib.Path(directory)
        self.home.mkdir(exist_ok=True)
        self.environment = {
            "HOME": directory,
            "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
            "TZ": "America/New_York",
            "SLIPWAY_URL": url,
            "SLIPWAY_TOKEN": token,
        }

    def run(self, *words, exits=0, stdin="", **environment):
        """What it did: `stdout`, `stderr`. It must end with the exit code `exits`."""
        done = subprocess.run(
            [PROGRAMS / "slipway", *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**self.environment, **environment},
            timeout=120,
        )
        assert done.returncode == exits, (words, done)
        return done

    def result(self, *words, **more):
        return json.loads(self.run(*words, "--json", **more).stdout)["result"]

    def settings(self, mode=0o600, **fields):
        path = self.home / ".config/slipway/config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(fields))
        path.chmod(mode)
        return path


class Listening:
    """An HTTP server of a test, on a thread of its own."""

    def __init__(self, handler):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Scripted(Listening):
    """A server that gives each request the next of its answers: (status, headers, body), with bytes as
    they are, or None to hang up. Keeps what was asked."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.asked.append((self.command, self.path, dict(self.headers)))
                given = outer.answers.pop(0)
                if given is None:
                    self.close_connection = True
                    return
                status, headers, body = given
                if not isinstance(body, bytes):
                    body = (json.dumps(body) if body is not None else "").encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        super().__init__(Handler)


class ClientTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.server = Server(f"{cls.directory.name}/data")
        cls.shell = Shell(f"{cls.directory.name}/home", cls.server.url, cls.server.token())
        cls.run_line = cls.shell.run
        cls.result = cls.shell.result

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.directory.cleanup()

    def app(self, name, url=TARGET):
        return self.result("apps", "create", "--name", name, "--target-url", url)["id"]

    def scheduled(self, app, *words):
        return self.result("schedules", "create", app, *words)


class Apps(ClientTest):
    def test_from_options_to_the_archive(self):
        made = self.run_line("apps", "create", "--name", "web", "--environment", "staging",
                             "--provider", "kubernetes", "--label", "team=pay", "--label", "tier=1",
                             "--target-url", TARGET)
        app = ID.search(made.stdout).group(1)
        self.assertRegex(made.stdout, r"created_at +\S+ \S+ America/New_York  \(\S+Z\)")
        self.run_line("apps", "revise", "web", "--description", "new", "--remove-label", "tier")
        found = self.result("apps", "get", "web")
        self.assertEqual((found["id"], found["description"]), (app, "new"))
        self.assertEqual((found["labels"], found["environment"]), ({"team": "pay"}, "staging"))
        self.assertIn("AppRevised", self.run_line("apps", "history", "web").stdout)
        copy = self.result("apps", "clone", "web", "--environment", "debug")
        self.assertEqual((copy["name"], copy["environment"]), ("web-clone", "debug"))
        secret = self.result("apps", "signing-secret", "web")["secrets"]
        rotated = self.result("apps", "rotate-signing-secret", "web")["secrets"]
        self.assertEqual((len(secret), len(rotated)), (1, 2))
        self.assertTrue(self.result("apps", "archive", app)["archived"])
        self.assertNotIn(app, self.run_line("apps", "list").stdout)
        self.assertIn(app, self.run_line("apps", "list", "--archived").stdout)

    def test_from_a_file_and_from_standard_input(self):
        body = json.dumps({"name": "filed", "target": {"kind": "webhook", "url": TARGET}})
        path = self.shell.home / "app.json"
        path.write_text(body)
        self.assertEqual(self.result("apps", "create", "--file", path)["name"], "filed")
        named = self.result("apps", "create", "--file", "-", "--name", "other", stdin=body)
        self.assertEqual((named["name"], named["target"]["url"]), ("other", TARGET))
        for bad in ("no JSON", "[]", ""):
            self.run_line("apps", "create", "--file", "-", stdin=bad, exits=1)
        self.run_line("apps", "create", "--file", self.shell.home, exits=1)

    def test_all_pages(self):
        for i in range(5):
            self.app(f"page-{i}")
        part = self.run_line("apps", "list", "--limit", "2")
        self.assertEqual(len(part.stdout.splitlines()), 3)
        self.assertIn("there is more", part.stderr)
        whole = self.run_line("apps", "list", "--limit", "2", "--all", "--sort", "-name")
        names = [line.split()[1] for line in whole.stdout.splitlines()]
        self.assertEqual([name for name in names if name.startswith("page-")],
                         [f"page-{i}" for i in reversed(range(5))])
        everything = json.loads(self.run_line("apps", "list", "--limit", "2", "--all", "--json").stdout)
        self.assertEqual(len(everything["result"]), len(names) - 1)
        self.assertIsNone(everything["next_cursor"])


class Schedules(ClientTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("api", "db", "cache"):
            cls.shell.run("apps", "create", "--name", name, "--target-url", TARGET)

    def test_as_typed(self):
        made = self.run_line("schedules", "create", "api", "--at", "2029-02-10 3:00",
                             "--tz", "Europe/Berlin", "--depends-on", "db:30",
                             "--depends-on", "cache", "--note", "with care")
        self.assertIn("2029-02-10 03:00+01:00 Europe/Berlin  (2029-02-10T02:00:00Z)", made.stdout)
        self.assertIn("2029-02-10 02:30+01:00 Europe/Berlin  (2029-02-10T01:30:00Z)", made.stdout)
        self.assertIn("2029-02-10 02:45+01:00 Europe/Berlin  (2029-02-10T01:45:00Z)", made.stdout)
        self.assertEqual(made.stderr, "")
        table = self.run_line("schedules", "list", "--app", "api", "--from", "2029-02-09").stdout
        self.assertIn("2029-02-10 03:00+01:00 Europe/Berlin  (2029-02-10T02:00:00Z)  api", table)
        self.run_line("schedules", "cancel", ID.search(made.stdout).group(1), "--reason", "enough")

    def test_the_zone_is_guessed_and_named(self):
        done = self.run_line("schedules", "preview", "api", "--at", "2029-02-10T03:00")
        self.assertIn("2029-02-10 03:00-05:00 America/New_York  (2029-02-10T08:00:00Z)", done.stdout)
        self.assertIn("the time zone is America/New_York, since TZ says so", done.stderr)
        self.assertEqual(self.result("schedules", "list"), [])

    def test_with_the_zone_in_brackets_and_its_offset(self):
        for at in ("2029-11-04T01:30:00-05:00[America/New_York]", "2029-11-04 01:30-05:00[America/New_York]"):
            one = self.scheduled("api", "--at", at)
            self.assertEqual((one["due_at"], one["resolution"]), ("2029-11-04T06:30:00Z", "overlap_later"))
            self.run_line("schedules", "reschedule", one["id"], "--at", "2029-11-04T01:30-04:00[America/New_York]")
            self.assertEqual(self.result("schedules", "get", one["id"])["due_at"], "2029-11-04T05:30:00Z")
            self.run_line("schedules", "cancel", one["id"])

    def test_that_cannot_be_are_refused_with_what_could(self):
        done = self.run_line("schedules", "create", "api", "--at", "2029-02-10T03:00-08:00[America/New_York]", exits=2)
        self.assertIn("--at (/at): 2029-02-10T03:00:00 has no UTC offset of -08:00", done.stderr)
        self.assertIn("possible: 2029-02-10T03:00:00-05:00  (2029-02-10T08:00:00Z)", done.stderr)
        for zone in ("Nowhere", "+02:00", "Q" * 3_000, ""):
            done = self.run_line("schedules", "list", "--tz", zone, exits=1)
            self.assertRegex(done.stderr, r'--tz: is ".*", which this machine')
            self.assertLess(len(done.stderr), 512)
        done = self.run_line("schedules", "create", "api", "--at", "2029-02-10 03:00", "--tz", "ET", exits=2)
        self.assertIn("possible: --tz America/New_York", done.stderr)

    def test_show_the_offset_of_a_zone_whose_clocks_never_change(self):
        made = self.run_line("schedules", "create", "api", "--at", "2029-07-10 03:00", "--tz", "EST")
        self.assertIn("fixed_offset_zone", made.stdout)
        self.assertIn("suggested_timezone", made.stdout)
        table = self.run_line("schedules", "list", "--app", "api").stdout
        self.assertIn("2029-07-10 03:00-05:00 EST  (2029-07-10T08:00:00Z)", table)
        self.run_line("schedules", "cancel", ID.search(made.stdout).group(1))

    def test_from_now(self):
        before = self.scheduled("api", "--in", "2h", "--tz", "UTC")
        tomorrow = self.scheduled("api", "--at", "tomorrow 03:00")
        self.assertEqual((tomorrow["hour"], tomorrow["timezone"]), (3, "America/New_York"))
        self.assertLess(before["created_at"], before["due_at"])
        for one in (before, tomorrow):
            self.run_line("schedules", "cancel", one["id"])

    def test_moves_on_its_own_clock(self):
        one = self.scheduled("api", "--at", "2029-07-01 12:00", "--tz", "Asia/Tokyo")["id"]
        moved = self.result("schedules", "reschedule", one, "--at", "2029-07-02 13:00")
        self.assertEqual((moved["timezone"], moved["hour"]), ("Asia/Tokyo", 13))
        moved = self.result("schedules", "reschedule", one, "--at", "tomorrow 14:00")
        self.assertEqual((moved["timezone"], moved["hour"]), ("Asia/Tokyo", 14))
        moved = self.result("schedules", "reschedule", one, "--tz", "Europe/Berlin", "--note", "x")
        self.assertEqual((moved["timezone"], moved["hour"]), ("Europe/Berlin", 14))
        held = self.result("schedules", "hold", one, "--reason", "freeze")
        self.assertEqual((held["status"], held["status_note"]), ("held", "freeze"))
        self.assertEqual(self.result("schedules", "release", one)["status"], "scheduled")
        self.assertEqual(self.result("schedules", "cancel", one)["status"], "cancelled")
        self.run_line("schedules", "hold", one, exits=4)

    def test_only_of_the_version_that_was_seen(self):
        one = self.scheduled("api", "--at", "2029-07-01 12:00")
        stale = self.run_line("schedules", "cancel", one["id"], "--if-version", "77", exits=4)
        self.assertIn("412 stale_version", stale.stderr)
        self.run_line("schedules", "cancel", one["id"], "--if-version", one["version"])


class Deployments(ClientTest):
    def test_watched_to_a_good_end(self):
        with Receiver(f"{self.directory.name}/good") as receiver:
            self.app("good", receiver.url)
            done = self.run_line("deployments", "create", "good", "--watch")
            self.assertRegex(done.stderr, r"watching dep_\w+\n")
            last = done.stdout.splitlines()[-1]
            self.assertRegex(last, r"^\S+ \S+ America/New_York  \(\S+Z\)  succeeded; attempt 1")
            one = self.scheduled("good", "--in", "2h")["id"]
            done = self.run_line("schedules", "run-now", one, "--watch", "--json")
            self.assertEqual(json.loads(done.stdout.splitlines()[-1])["result"]["status"], "succeeded")
            self.run_line("schedules", "watch", one)
        self.assertIn("good", self.run_line("deployments", "list", "--status", "succeeded").stdout)

    def test_watched_to_a_bad_end(self):
        with Receiver(f"{self.directory.name}/bad", "--answer", "202") as receiver:
            self.app("bad", receiver.url)
            one = self.result("deployments", "create", "bad")["id"]
            eventually(receiver.deliveries)
            self.run_line("deployments", "complete", one, "failed", "--detail", "no disk")
            watched = self.run_line("deployments", "watch", one, exits=7)
            self.assertIn("failed", watched.stdout)
            self.run_line("deployments", "abort", one, exits=4)


class Refusals(ClientTest):
    def test_name_every_field_by_its_option(self):
        done = self.run_line("apps", "create", "--name", "", "--provider", "moon", exits=2)
        self.assertRegex(done.stderr, r"^slipway: 422 invalid_field: ")
        self.assertIn("\n  --provider (/infrastructure/provider): ", done.stderr)
        self.assertIn("\n  --target-url (/target/url): ", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_with_json_are_printed_as_they_came(self):
        done = self.run_line("apps", "create", "--json", exits=2)
        self.assertEqual(json.loads(done.stdout)["code"], "invalid_field")

    def test_have_exit_codes(self):
        for exits, words in (
            (1, ()),
            (1, ("apps",)),
            (1, ("apps", "fly")),
            (1, ("schedules", "get")),
            (1, ("apps", "list", "--no-such-option")),
            (1, ("apps", "list", "--limit", "many")),
            (1, ("schedules", "create", NO_APP, "--at", "someday")),
            (1, ("apps", "get", "")),
            (2, ("apps", "list", "--limit", "5000")),
            (3, ("schedules", "get", "sched_01h455vb4pex5vsknk084sn02q")),
            (3, ("apps", "get", "no-such-name")),
            (3, ("deployments", "watch", "dep_01h455vb4pex5vsknk084sn02q")),
            (5, ("--team", "team_01h455vb4pex5vsknk084sn02q", "apps", "list")),
        ):
            with self.subTest(words=words):
                self.assertNotEqual(self.run_line(*words, exits=exits).stderr, "")
        for words in (("apps", "list"), ("deployments", "watch", "dep_1")):
            with self.subTest(words=words):
                self.run_line(*words, exits=6, SLIPWAY_URL="http://127.0.0.1:9")
        self.run_line("apps", "list", exits=5, SLIPWAY_TOKEN="nonsense")
        self.assertIn("there is no token", self.run_line("apps", "list", exits=5, SLIPWAY_TOKEN="").stderr)

    def test_exit_codes_are_documented(self):
        self.assertIn("7  what was watched ended", self.run_line("--help").stdout)


class Operation(ClientTest):
    def test_dispatch_is_held_and_armed(self):
        self.run_line("dispatch", "hold", "--reason", "an incident")
        self.assertIn("an incident", self.run_line("dispatch", "show").stdout)
        self.assertIn("dispatch  held", self.run_line("ready").stdout)
        self.assertEqual(self.result("dispatch", "arm")["state"], "armed")
        self.assertEqual(self.result("health")["status"], "alive")

    def test_tokens_are_made_used_and_revoked(self):
        made = self.result("tokens", "create", "pipeline", "viewer", "--days", "3")
        self.assertIn("pipeline", self.run_line("tokens", "list").stdout)
        self.run_line("apps", "list", SLIPWAY_TOKEN=made["secret"])
        self.run_line("dispatch", "hold", exits=5, SLIPWAY_TOKEN=made["secret"])
        self.run_line("tokens", "revoke", made["id"])
        self.run_line("apps", "list", exits=5, SLIPWAY_TOKEN=made["secret"])

    def test_an_invitation_is_accepted(self):
        made = self.result("invitations", "create", "deployer", "--email", "ada@example.org")
        self.assertIn("ada@example.org", self.run_line("invitations", "list").stdout)
        ada = self.server.token("--user", "user_01h455vb4pex5vsknk084sn02v")
        team = self.result("invitations", "accept", "-", "--name", "Ada", stdin=made["secret"] + "\n",
                           SLIPWAY_TOKEN=ada)
        self.assertIn("Ada", [member["name"] for member in team["members"]])
        other = self.result("invitations", "create", "viewer")["id"]
        self.assertTrue(self.result("invitations", "revoke", other)["revoked"])

    def test_the_log_can_be_pinned(self):
        self.assertEqual(len(self.result("audit", "head")["digest"]), 64)

    def test_events_are_listed(self):
        table = self.run_line("events", "list", "--type", "TeamCreated").stdout
        self.assertRegex(table, r"TeamCreated +team_")


class Teams(ClientTest):
    def test_teams_and_their_members(self):
        team, user = self.result("teams", "create", "crew")["id"], "user_01h455vb4pex5vsknk084sn02t"
        self.run_line("teams", "add-member", team, user, "viewer", "--name", "Ann")
        self.run_line("teams", "set-role", team, user, "deployer")
        self.assertIn("Ann", self.run_line("teams", "get", team).stdout)
        gone = self.result("teams", "remove-member", team, user)
        self.assertEqual(len(gone["members"]), 1)
        self.assertIn("crew", self.run_line("teams", "list").stdout)


class Settings(ClientTest):
    def setUp(self):
        token = self.server.token()
        self.one = Shell(f"{self.directory.name}/{self.id()}", "", "")
        self.fields = {"url": self.server.url + "/", "token": token}

    def test_come_from_a_file(self):
        self.one.settings(**self.fields)
        self.assertEqual(self.one.run("apps", "list").stderr, "")
        elsewhere = f"{self.directory.name}/xdg"
        pathlib.Path(f"{elsewhere}/slipway").mkdir(parents=True)
        path = pathlib.Path(f"{elsewhere}/slipway/config.json")
        path.write_text('{"url": "http://127.0.0.1:9"}')
        self.one.run("apps", "list", exits=6, XDG_CONFIG_HOME=elsewhere)

    def test_of_others_to_read_are_warned_of(self):
        path = self.one.settings(0o644, **self.fields)
        done = self.one.run("apps", "list")
        self.assertIn(f"chmod 600 {path}", done.stderr)
        self.assertNotIn(self.fields["token"], done.stderr)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o644)

    def test_yield_to_the_environment_and_that_to_options(self):
        self.one.settings(url="http://127.0.0.1:9", token="wrong", team="team_wrong")
        token = self.one.home / "token"
        token.write_text(self.fields["token"] + "\n")
        token.chmod(0o600)
        team = self.result("teams", "list")[0]["id"]
        self.one.run("--url", self.server.url, "--token-file", token, "--team", team, "apps", "list",
                     SLIPWAY_TOKEN="wrong too")
        self.one.run("apps", "list", SLIPWAY_URL=self.server.url, SLIPWAY_TEAM=team,
                     SLIPWAY_TOKEN=self.fields["token"])

    def test_keep_their_token_from_other_servers(self):
        nothing = (200, {}, {"result": [], "next_cursor": None})
        for fields in (self.fields, {"token": self.fields["token"]}):
            self.one.settings(**fields)
            for how in ({"words": ("--url",)}, {"environment": "SLIPWAY_URL"}):
                with self.subTest(fields=fields, how=how), Scripted(nothing) as other:
                    words = (*how.get("words", ()), *([other.url] if "words" in how else []))
                    set_to = {how["environment"]: other.url} if "environment" in how else {}
                    done = self.one.run(*words, "events", "list", **set_to)
                    self.assertNotIn("Authorization", other.asked[0][2])
                    self.assertIn(f"is not sent to {other.url}", done.stderr)

    def test_give_their_token_to_every_spelling_of_their_server(self):
        self.one.settings(**self.fields)
        port = self.server.url.rsplit(":", 1)[1]
        self.one.run("--url", f"http://127.0.0.1:{port}/", "apps", "list")
        self.one.run("--url", f"http://127.0.0.1:0{port}", "apps", "list")

    def test_of_the_environment_bind_its_token_to_its_server(self):
        bound = {"SLIPWAY_URL": self.server.url, "SLIPWAY_TOKEN": self.fields["token"]}
        with Scripted() as other:
            done = self.one.run("--url", other.url, "apps", "list", exits=1, **bound)
            self.assertIn(f"is not sent to {other.url}", done.stderr)
            self.assertNotIn(self.fields["token"], done.stderr)
            for program in ("slipway-dump", "slipway-replay"):
                taken = subprocess.run([PROGRAMS / program, other.url], capture_output=True, text=True,
                                       env={**self.one.environment, **bound}, timeout=60)
                self.assertEqual(taken.returncode, 1, taken)
                self.assertIn("SLIPWAY_TOKEN is for SLIPWAY_URL", taken.stderr)
            self.assertEqual(other.asked, [])
        self.one.run("--url", self.server.url + "/", "apps", "list", **bound)

    def test_do_not_follow_an_answer_elsewhere_with_the_token(self):
        with Scripted() as elsewhere:
            there = {"Location": f"{elsewhere.url}/v1/apps"}
            with Scripted(*[(status, there, None) for status in (301, 302, 307, 308)]) as server:
                for _ in range(4):
                    self.one.run("apps", "list", exits=6, SLIPWAY_URL=server.url, SLIPWAY_TOKEN="secret")
            self.assertEqual(elsewhere.asked, [])

    def test_that_are_not_understood_are_refused(self):
        for fields in ({"tokn": "x"}, {"url": 5}):
            self.one.settings(**fields)
            self.assertIn("config.json", self.one.run("apps", "list", exits=1).stderr)


class Ends(ClientTest):
    def test_an_abort_ends_a_watch(self):
        with Receiver(f"{self.directory.name}/aborted.jsonl", "--answer", "202") as receiver:
            self.app("stuck", receiver.url)
            made = self.result("deployments", "create", "stuck")["id"]
            self.run_line("deployments", "abort", made, "--reason", "wrong version")
            done = self.run_line("deployments", "watch", made, exits=7)
        self.assertIn("aborted: by_user: wrong version", done.stdout)

    def test_are_all_known_to_help_and_completion(self):
        description = (ROOT / "server/api/openapi.yaml").read_text(encoding="utf-8")
        known = set(yaml.safe_load(description)["components"]["schemas"]["Status"]["enum"])
        for words in (("schedules", "list"), ("deployments", "list")):
            offered = self.run_line("completion", "candidates", *words, "--status", "").stdout.split()
            self.assertEqual(set(offered), known)
            help_text = self.run_line(*words, "--help").stdout
            self.assertLessEqual(known, set(re.findall(r"[a-z]+", help_text)))

    def test_show_why_in_the_list(self):
        self.app("listed")
        one = self.scheduled("listed", "--at", "2029-07-01 12:00", "--tz", "UTC")["id"]
        self.run_line("schedules", "cancel", one, "--reason", "not this week")
        self.assertRegex(self.run_line("schedules", "list", "--completed").stdout, rf"{one} +cancelled +by_user ")

    def test_who_made_it_is_a_name(self):
        team = self.result("teams", "list")[0]
        admin = team["members"][0]["user"]
        self.app("of-ada")
        ada = "user_01h455vb4pex5vsknk084sn02w"
        self.run_line("teams", "add-member", team["id"], ada, "deployer", "--name", "Ada")
        made = self.run_line("deployments", "create", "of-ada", SLIPWAY_TOKEN=self.server.token("--user", ada))
        self.assertRegex(made.stdout, rf"created_by +Ada \({ada}\)")
        self.assertNotEqual(admin, ada)


class Holds(ClientTest):
    def test_dependencies_are_held_along_or_kept(self):
        self.app("held")
        self.app("db")
        made = self.scheduled("held", "--at", "2029-07-01 12:00", "--tz", "UTC", "--depends-on", "db")
        first = made["dependency"]["id"]
        self.assertEqual(self.result("schedules", "hold", made["id"])["held_along"], [first])
        self.assertEqual(self.result("schedules", "release", made["id"])["released_along"], [first])
        self.assertEqual(self.result("schedules", "hold", made["id"], "--dependencies", "keep")["held_along"], [])
        self.run_line("schedules", "hold", first, "--reason", "wait for the DBA")
        done = self.run_line("schedules", "run-now", made["id"], exits=4)
        self.assertIn("wait for the DBA", done.stderr)
        self.run_line("schedules", "run-now", made["id"], "--release-held")


class Revocation(ClientTest):
    def test_a_users_tokens_are_revoked(self):
        user = "user_01h455vb4pex5vsknk084sn02y"
        token = self.server.token("--user", user)
        self.run_line("teams", "list", SLIPWAY_TOKEN=token)
        self.run_line("tokens", "revoke-user", user, "--reason", "stolen laptop")
        self.assertIn("revoked", self.run_line("teams", "list", exits=5, SLIPWAY_TOKEN=token).stderr)


class ConnectionOptions(ClientTest):
    """A token must not leave because an option of a command was mistyped."""

    def refused(self, *words):
        with Scripted() as target:
            done = self.run_line(*[word.replace("TARGET", target.url) for word in words], exits=1)
            self.assertEqual(target.asked, [])
            self.assertEqual(done.stdout, "")
        return done.stderr

    def test_stand_before_the_command_only(self):
        said = self.refused("apps", "create", "--name", "x", "--url", "TARGET/hook")
        self.assertTrue(said.startswith("slipway: unknown option --url; did you mean --target-url?"), said)
        for words in (
            ("apps", "create", "--name", "x", "--url=TARGET/hook"),
            ("apps", "--url", "TARGET", "list"),
            ("apps", "list", "--url", "TARGET"),
            ("deployments", "create", "--url", "TARGET"),
            ("health", "--url", "TARGET"),
            ("events", "stream", "--url", "TARGET"),
        ):
            with self.subTest(words=words):
                self.assertIn("unknown option --url", self.refused(*words))
        for option in ("ca-file", "token-file", "team"):
            with self.subTest(option=option):
                said = self.refused("apps", "list", f"--{option}", "VALUE")
                self.assertIn(f"unknown option --{option}", said)
                self.assertIn(f"slipway --{option} VALUE COMMAND", said)

    def test_that_are_mistyped_name_the_nearest(self):
        self.assertIn("did you mean --environment?", self.refused("apps", "list", "--enviroment", "x"))
        self.assertIn("did you mean --token-file?", self.refused("--token-fil", "x", "apps", "list"))
        self.assertNotIn("did you mean", self.refused("apps", "list", "--no-such-option"))


class Retries(unittest.TestCase):
    """What is sent again, and how, by a server that has its moods."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = directory.name

    def run_with(self, answers, *words, exits=0):
        with Scripted(*answers) as server:
            done = Shell(self.directory, server.url, "token").run(*words, exits=exits)
            self.assertEqual(server.answers, [])
            return done, server.asked

    def test_a_change_comes_again_under_the_same_key(self):
        busy = (503, {"Retry-After": 0}, {"code": "unavailable"})
        made = (201, {}, {"result": {"id": "team_1"}})
        _, asked = self.run_with([None, busy, made], "teams", "create", "crew")
        keys = {headers["Idempotency-Key"] for _, _, headers in asked}
        self.assertEqual(len(keys), 1)
        _, asked = self.run_with([made], "teams", "create", "crew")
        self.assertNotIn(asked[0][2]["Idempotency-Key"], keys)
        _, asked = self.run_with([made], "teams", "create", "crew", "--idempotency-key", "mine")
        self.assertEqual(asked[0][2]["Idempotency-Key"], "mine")

    def test_but_not_for_ever(self):
        busy = (503, {}, {"code": "unavailable", "detail": "full"})
        done, _ = self.run_with([busy] * 3, "teams", "list", exits=6)
        self.assertIn("503 unavailable: full", done.stderr)

    def test_what_may_have_been_done_can_be_asked_for_again(self):
        done, asked = self.run_with([None] * 3, "teams", "create", "crew", exits=6)
        self.assertIn("--idempotency-key " + asked[0][2]["Idempotency-Key"], done.stderr)
        done, _ = self.run_with([None] * 3, "teams", "list", exits=6)
        self.assertNotIn("--idempotency-key", done.stderr)

    def test_a_refusal_is_not_asked_again(self):
        self.run_with([(409, {}, {"code": "x"})], "teams", "create", "crew", exits=4)
        self.run_with([(500, {}, {"code": "internal"})], "teams", "create", "crew", exits=6)

    def test_what_another_server_answers_is_no_success(self):
        for words in (["health"], ["teams", "list"], ["dispatch", "show"]):
            done, _ = self.run_with([(200, {}, b"ok")], *words, exits=6)
            self.assertIn("none of a Slipway server", done.stderr)

    def test_output_that_cannot_be_written_is_no_success(self):
        answer = (200, {}, {"result": {"status": "alive"}})
        with Scripted(answer) as server, open("/dev/full", "w", encoding="utf-8") as full:
            environment = Shell(self.directory, server.url, "token").environment
            done = subprocess.run([PROGRAMS / "slipway", "health"], stdout=full, env=environment,
                                  stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stderr), (1, "slipway: the output could not be written\n"))

    def test_readiness_is_asked_once(self):
        self.run_with([(503, {"Retry-After": 5}, {"code": "draining"})], "ready", exits=6)

    def test_a_watch_asks_for_what_changed(self):
        def is_now(status, tag):
            return (200, {"ETag": f'"{tag}"'}, {"result": {"status": status}})

        answers = [is_now("due", 1), (304, {}, None), is_now("due", 2), is_now("succeeded", 3)]
        done, asked = self.run_with(answers, "deployments", "watch", "dep_1")
        self.assertEqual([line.split()[-1] for line in done.stdout.splitlines()], ["due", "succeeded"])
        self.assertEqual([headers.get("If-None-Match") for _, _, headers in asked],
                         [None, '"1"', '"1"', '"2"'])

    def test_a_watch_outlives_a_restart(self):
        answers = [(200, {}, {"result": {"status": "running"}})]
        answers += [(500, {}, {}), (200, {}, {"result": {"status": "failed"}})]
        done, _ = self.run_with(answers, "deployments", "watch", "dep_1", exits=7)
        self.assertIn("no answer; asking on", done.stderr)


class Completion(unittest.TestCase):
    def test_bash_completes(self):
        line = """
            source <(slipway completion bash)
            COMP_WORDS=(slipway schedules re) COMP_CWORD=2
            _slipway
            echo "${COMPREPLY[@]}"
        """
        path = f"{PROGRAMS}:{os.environ['PATH']}"
        done = subprocess.run(["bash", "-c", line], capture_output=True, text=True,
                              env={"PATH": path})
        self.assertEqual((done.stdout, done.stderr), ("reschedule release\n", ""))

    def test_other_shells_have_scripts(self):
        for shell in ("zsh", "fish"):
            self.assertIn("slipway completion candidates", run_program("slipway", "completion", shell))


if __name__ == "__main__":
    unittest.main()
