"""Hostile targets: whatever they do, the attempt ends in time with its cause in the log, memory is
bounded, other teams' deployments go out, and the server stops when it is asked to."""

import contextlib
import tempfile
import time
import unittest
from datetime import datetime, timedelta

from dumps import events_of, uuid_of
from deadlines import limit
from processes import Server, eventually
from siege import new_app
from targets import HostileTarget

TIMEOUT_SECONDS = 2
LATE_SECONDS_MAX = limit(5, 40)  # over the timeout
OTHERS_SECONDS_MAX = limit(1, 60)  # for a deployment of a team that has no part in it
MEMORY_GROWTH_MAX = 64 << 20
AT_ONCE = 4  # deployments to each target
HANGING = 300  # of a team, due
HANGING_AT_ONCE = 250 + 125  # of two teams of one user; see server/README.md

# The request was sent and no answer came: it may have been carried out.
TIMED_OUT = ("OutcomeUnknown", "timed_out", 0)
LOST = ("OutcomeUnknown", "connection_lost", 0)
TOO_LARGE = ("AttemptFailed", "response_too_large", 0)

SUCCEEDED = ("DeploymentSucceeded", None, 200)

# Path, and how the attempt ends in the log: the event, its cause, the status that was answered.
OUTCOMES = {
    "/fine": SUCCEEDED,
    "/hang": TIMED_OUT,
    "/drip-head": TIMED_OUT,
    "/drip-body": SUCCEEDED,
    "/endless-headers": SUCCEEDED,
    "/endless-line": LOST,
    "/endless-body": SUCCEEDED,
    "/endless-chunks": SUCCEEDED,
    "/endless-extension": SUCCEEDED,
    "/endless-trailers": SUCCEEDED,
    "/endless-continues": TOO_LARGE,
    "/many-lines": SUCCEEDED,
    "/large-length": SUCCEEDED,
    "/bomb": SUCCEEDED,
    "/garbage": LOST,
    "/old": LOST,
    "/tls": LOST,
    "/switch": TIMED_OUT,
    "/strange-status": ("AttemptFailed", "answered", 999),
    "/bad-chunk": SUCCEEDED,
    "/large-chunk": SUCCEEDED,
    "/two-answers": SUCCEEDED,
    "/close": LOST,
    "/reset": LOST,
    "/half-a-head": LOST,
    "/half-a-body": SUCCEEDED,
    "/redirect-to-loopback": ("AttemptFailed", "answered", 307),
    "/redirect-to-file": ("AttemptFailed", "answered", 302),
    "/redirect-to-itself": ("AttemptFailed", "answered", 308),
}


def deploy(client, app):
    """One attempt, and no other."""
    answer = client.post("/v1/deployments", {"app": app, "retry": {"max_attempts": 1}})
    assert answer.status == 201, answer
    return answer.json["result"]["id"]


def status_of(client, deployment):
    return client.get(f"/v1/deployments/{deployment}").json["result"]["status"]


class HostileTargets(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.data = f"{self.directory.name}/data"
        self.hosts = []
        self.target = HostileTarget("0.0.0.0")
        self.addCleanup(self.target.close)

    def start(self, *options):
        server = Server(self.data, *options)
        self.addCleanup(server.__exit__)
        client = server.client()
        self.addCleanup(client.close)
        return server, client

    def test_do_not_take_long_nor_much(self):
        server, client = self.start()
        before = server.memory_bytes
        sent = {}
        for path in OUTCOMES:
            app = new_app(client, path, self.target.url(path), timeout_seconds=TIMEOUT_SECONDS)
            sent[path] = [deploy(client, app) for _ in range(AT_ONCE)]
        most = 0

        def all_over():
            nonlocal most
            most = max(most, server.memory_bytes)
            return not any(client.get(f"/v1/deployments?limit=1&status={status}").json["result"]
                           for status in ("due", "running"))

        eventually(all_over)
        self.assertLess(most - before, MEMORY_GROWTH_MAX, "bytes that the server grew by")
        self.check_outcomes(sent)
        redirected = [path for path in self.target.paths if path.endswith("?redirected")]
        self.assertEqual(redirected, [], "redirects were followed")

    def check_outcomes(self, sent):
        started, ended = {}, {}
        for event in events_of(self.data):
            uuid = uuid_of(event["stream"])
            at = datetime.fromisoformat(event["recorded_at"])
            if event["type"] == "AttemptStarted":
                started[uuid] = at
            elif event["type"] in ("AttemptFailed", "OutcomeUnknown", "DeploymentSucceeded"):
                ended.setdefault(uuid, (at, event))
        for path, deployments in sent.items():
            for deployment in deployments:
                with self.subTest(path):
                    uuid = uuid_of(deployment)
                    at, event = ended[uuid]
                    data = event["data"]
                    found = (event["type"], data.get("cause"), data.get("http_status", 0))
                    self.assertEqual(found, OUTCOMES[path], event)
                    most = timedelta(seconds=TIMEOUT_SECONDS + LATE_SECONDS_MAX)
                    self.assertLess(at - started[uuid], most)

    def hang(self, client, count, timeout_seconds):
        """`count` attempts that hang, spread so that no app's and no host's limit holds."""
        first = len(self.hosts)
        self.hosts += [f"127.0.{first // 200}.{10 + first % 200 + i}" for i in range(20)]
        apps = [
            new_app(client, f"hang at {host}", self.target.url("/hang", host),
                    timeout_seconds=timeout_seconds)
            for host in self.hosts[first:]
        ]
        for i in range(count):
            deploy(client, apps[i % len(apps)])

    def test_of_some_teams_do_not_hold_up_another(self):
        server, admin = self.start()
        teams = [admin.get("/v1/teams").json["result"][0]["id"]]
        teams += [admin.post("/v1/teams", {"name": name}).json["result"]["id"]
                  for name in ("busy", "other")]
        with contextlib.ExitStack() as stack:
            *busy, other = (
                stack.enter_context(contextlib.closing(
                    server.client(admin.token, headers={"Slipway-Team": team})))
                for team in teams
            )
            app = new_app(other, "fine", self.target.url("/fine"))
            for client in busy:
                self.hang(client, HANGING, 120)
            eventually(lambda: self.target.paths.count("/hang") >= HANGING_AT_ONCE)
            for _ in range(20):
                began = time.monotonic()
                deployment = deploy(other, app)
                eventually(lambda: status_of(other, deployment) == "succeeded")
                self.assertLess(time.monotonic() - began, OTHERS_SECONDS_MAX)
            # All of that while the others' hang.
            self.assertEqual(self.target.paths.count("/hang"), HANGING_AT_ONCE)

    def test_do_not_keep_the_server_from_stopping(self):
        server, client = self.start("--drain-seconds", "2")
        self.hang(client, 100, 60)
        eventually(lambda: self.target.paths.count("/hang") >= 100)
        began = time.monotonic()
        self.assertEqual(server.terminate(), 0)
        self.assertLess(time.monotonic() - began, 2 + LATE_SECONDS_MAX)
        types = [event["type"] for event in events_of(self.data)]
        self.assertEqual(types.count("AttemptStarted"), 100)


if __name__ == "__main__":
    unittest.main()
