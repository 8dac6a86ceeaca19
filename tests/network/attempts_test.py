"""What leaves for a target, counted at the target: one request for each attempt that is on record,
whose status decides what becomes of the deployment, and at once, whatever others have under way."""

import pathlib
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

from deadlines import limit
from metrics import Scrape
from processes import Server, eventually
from siege import new_app
from targets import HostileTarget

OVER = ("succeeded", "failed", "unknown", "aborted")
AT_ONCE = {"backoff_seconds": 0}


class Attempts(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.target = HostileTarget()
        self.addCleanup(self.target.close)
        self.apps = 0

    def start(self, *options):
        self.server = Server(f"{self.directory.name}/data", *options)
        self.addCleanup(self.server.__exit__)
        return self.client()

    def client(self, token=None, **more):
        client = self.server.client(token, **more)
        self.addCleanup(client.close)
        return client

    def app(self, client, path, **target):
        self.apps += 1
        return new_app(client, f"app {self.apps}", self.target.url(path), **target)

    def deploy(self, client, app, **more):
        answer = client.post("/v1/deployments", {"app": app, **more})
        self.assertEqual(answer.status, 201, answer)
        return answer.json["result"]["id"]

    def read(self, client, deployment):
        return client.get(f"/v1/deployments/{deployment}").json["result"]

    def ended(self, client, deployment, seconds=30):
        return eventually(
            lambda: (one := self.read(client, deployment))["status"] in OVER and one, seconds)


class OneRequest(Attempts):
    def test_leaves_for_each_attempt_though_kept_connections_end(self):
        client = self.start()
        kept, ends = self.app(client, "/slow"), self.app(client, "/close")
        for tries in (1, 3):
            self.target.paths.clear()
            warm = [self.deploy(client, kept) for _ in range(6)]
            for deployment in warm:
                self.assertEqual(self.ended(client, deployment)["status"], "succeeded")
            found = self.ended(client, self.deploy(
                client, ends, retry={"max_attempts": tries, **AT_ONCE}))
            with self.subTest(tries=tries):
                self.assertEqual(found["status"], "unknown")
                self.assertEqual([one["cause"] for one in found["attempts"]],
                                 ["connection_lost"] * tries)
                self.assertEqual(self.target.paths.count("/close"), tries)


class TheStatus(Attempts):
    # Path, the most attempts, then: the status of the deployment, the attempts, and of each its
    # outcome and status.
    DECIDES = (
        ("/large", 3, "succeeded", 1, "succeeded", 200),
        ("/drip-chunks", 2, "succeeded", 1, "succeeded", 200),
        ("/half-a-body", 2, "succeeded", 1, "succeeded", 200),
        ("/bad-chunk", 2, "succeeded", 1, "succeeded", 200),
        ("/endless-body", 2, "succeeded", 1, "succeeded", 200),
        ("/large-no", 3, "failed", 3, "failed", 503),
        ("/no-and-reset", 2, "failed", 2, "failed", 503),
    )

    def test_decides_whatever_follows_the_head(self):
        client = self.start()
        sent = {
            path: self.deploy(client, self.app(client, path, timeout_seconds=3),
                              retry={"max_attempts": most, **AT_ONCE})
            for path, most, *_ in self.DECIDES
        }
        for path, _, status, tries, outcome, http_status in self.DECIDES:
            with self.subTest(path):
                found = self.ended(client, sent[path])
                self.assertEqual(found["status"], status, found)
                self.assertEqual([one["http_status"] for one in found["attempts"]],
                                 [http_status] * tries, found)
                self.assertEqual({one["outcome"] for one in found["attempts"]}, {outcome})
                self.assertEqual(self.target.paths.count(path), tries)

    def test_decides_of_an_accepted_one_too(self):
        client = self.start()
        deployment = self.deploy(client, self.app(client, "/accept-and-reset"))
        eventually(lambda: self.read(client, deployment)["completion_deadline"])
        self.assertEqual(self.target.paths, ["/accept-and-reset"])


class APause(Attempts):
    def wait_of(self, client, app, **retry):
        """How long after the first attempt the next is to begin, in seconds, and the deployment."""
        deployment = self.deploy(client, app, retry={"max_attempts": 2, **AT_ONCE})
        found = eventually(lambda: (one := self.read(client, deployment))["attempts"]
                           and one["attempts"][0]["ended_at"] and one)
        if found["next_attempt_at"] is None:
            return None, found
        return (datetime.fromisoformat(found["next_attempt_at"])
                - datetime.fromisoformat(found["attempts"][0]["ended_at"])).total_seconds(), found

    def test_is_as_long_as_the_target_asks_in_seconds(self):
        client = self.start()
        app = self.app(client, "/busy")
        for seconds in (7_200, 86_000):
            self.target.retry_after = str(seconds)
            wait, found = self.wait_of(client, app)
            self.assertEqual(wait, seconds)
            eventually(lambda: self.read(client, found["id"])["waiting_for"] == "retry")

    def test_is_as_long_as_the_target_asks_by_a_date_of_each_form(self):
        client = self.start()
        app = self.app(client, "/busy")
        for form in ("%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                     "%a %b %e %H:%M:%S %Y"):
            at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(seconds=7_200)
            self.target.retry_after = at.strftime(form)
            with self.subTest(self.target.retry_after):
                wait, found = self.wait_of(client, app)
                self.assertIsNotNone(wait)
                self.assertGreaterEqual(datetime.fromisoformat(found["next_attempt_at"]), at)
                self.assertLess(wait, 7_201)

    def test_that_would_end_after_the_start_deadline_is_the_end(self):
        client = self.start()
        app = self.app(client, "/busy")
        for asked in ("86500", "9" * 30):
            self.target.retry_after = asked
            wait, found = self.wait_of(client, app)
            self.assertIsNone(wait)
            self.assertEqual(found["status"], "failed")
            self.assertIn("after the start deadline", found["attempts"][0]["detail"])


class WhatWaits(Attempts):
    """Deployments that wait for a connection, whose credential is gone when there is one."""

    AT_ONE_TARGET = 32

    def scheduled_after(self, client, app, dependency):
        """A deployment of `app` that waits for one of `dependency`, whose id is returned."""
        made = client.post("/v1/scheduled_deployments", {
            "app": app, "at": "2040-01-02T03:04", "timezone": "UTC", "dependency": dependency,
            "on_dependency_failure": "proceed"})
        self.assertEqual(made.status, 201, made)
        schedule = made.json["result"]
        answer = client.post(f"/v1/scheduled_deployments/{schedule['id']}/run_now", {})
        self.assertIn(answer.status, (200, 201, 202), answer)
        return eventually(
            lambda: client.get(f"/v1/deployments?app={dependency}").json["result"])[0]["id"]

    def lose(self, client, credential, how):
        if how == "deleted":
            answer = client.request("DELETE", f"/v1/credentials/{credential}?force=true")
            self.assertEqual(answer.status, 200, answer)
            return
        for key in pathlib.Path(self.directory.name, "data/credential_keys").iterdir():
            key.unlink()
            if how == "unreadable":
                key.mkdir()

    def test_does_not_end_the_server_when_another_ends(self):
        for how, end in (("deleted", "abort"), ("deleted", "complete"), ("lost", "abort"),
                         ("unreadable", "abort")):
            with self.subTest(how=how, end=end):
                self.directory = tempfile.TemporaryDirectory()
                self.addCleanup(self.directory.cleanup)
                client = self.start()
                answer = client.post("/v1/credentials", {
                    "name": "c", "kind": "bearer", "origin": self.target.url(""),
                    "secret": "correct horse battery"})
                self.assertEqual(answer.status, 201, answer)
                credential = answer.json["result"]["id"]
                fill, d1 = (self.app(client, "/hang") for _ in range(2))
                d2 = self.app(client, "/fine", credential=credential)
                p1, p2 = (self.app(client, "/fine") for _ in range(2))
                for _ in range(self.AT_ONE_TARGET - 1):
                    self.deploy(client, fill)
                first = self.scheduled_after(client, p1, d1)
                eventually(lambda: self.read(client, first)["attempts"])
                second = self.scheduled_after(client, p2, d2)
                self.assertEqual(self.read(client, second)["waiting_for"], "target_share")
                self.lose(client, credential, how)
                body = {"outcome": "succeeded"} if end == "complete" else {"reason": "no"}
                answer = client.post(f"/v1/deployments/{first}/{end}", body)
                self.assertEqual(answer.status, 200, answer)
                found = eventually(lambda: (one := self.read(client, second))["attempts"]
                                   and one["attempts"][0]["ended_at"] and one)
                self.assertEqual(found["attempts"][0]["cause"], "credential_missing", found)
                self.assertEqual(client.get("/healthz").status, 200)
                self.server.kill()


class Shares(Attempts):
    STRANGER = "user_01h455vb4pex5vsknk084sn02q"
    LATE_MS_MAX = limit(100, 20_000)
    LIMITS = {"server": 1_000, "team": 250, "app": 64, "target": 256, "target_and_team": 32}

    def test_of_one_user_leave_room_for_another_at_the_same_target(self):
        victim = self.start()
        stranger = self.client(self.server.token("--user", self.STRANGER))
        waiting = []
        for number in range(4):
            made = stranger.post("/v1/teams", {"name": f"team {number}"})
            self.assertEqual(made.status, 201, made)
            team = self.client(stranger.token, headers={"Slipway-Team": made.json["result"]["id"]})
            apps = [new_app(team, f"app {i}", self.target.url("/hang"), timeout_seconds=300)
                    for i in range(5)]
            waiting += [(team, self.deploy(team, app)) for app in apps for _ in range(64)]
        eventually(lambda: self.target.paths.count("/hang") >= 100)
        app = self.app(victim, "/fine")
        for _ in range(20):
            found = self.ended(victim, self.deploy(victim, app))
            self.assertEqual(found["status"], "succeeded")
            self.assertLess(found["lag_ms"], self.LATE_MS_MAX)
        self.assertLessEqual(self.target.paths.count("/hang"), 128)
        team, last = waiting[-1]
        found = self.read(team, last)
        self.assertEqual((found["status"], found["attempts"], found["lag_ms"]), ("due", [], None))
        self.assertEqual(found["waiting_for"], "target_share")
        self.assertGreaterEqual(found["decision_lag_ms"], 0)

    def test_of_one_team_leave_room_for_another_of_the_same_user(self):
        client = self.start()
        slow = [self.app(client, "/hang") for _ in range(2)]
        for i in range(80):
            self.deploy(client, slow[i % 2])
        eventually(lambda: self.target.paths.count("/hang") == 32)
        made = client.post("/v1/teams", {"name": "other"}).json["result"]
        other = self.client(client.token, headers={"Slipway-Team": made["id"]})
        found = self.ended(other, self.deploy(other, self.app(other, "/fine")))
        self.assertLess(found["lag_ms"], self.LATE_MS_MAX)

    def test_show_when_a_deployment_was_sent_that_waited(self):
        client = self.start("--connections-per-target-and-team", "2")
        app = self.app(client, "/slow")
        ended = [self.ended(client, one) for one in [self.deploy(client, app) for _ in range(6)]]
        for found in ended:
            lag = (datetime.fromisoformat(found["attempts"][0]["started_at"])
                   - datetime.fromisoformat(found["due_at"])) / timedelta(milliseconds=1)
            self.assertAlmostEqual(found["lag_ms"], lag, delta=0.01)
            self.assertIsNone(found["waiting_for"])
        self.assertGreater(max(found["lag_ms"] for found in ended), 500)
        figures = Scrape(client.get("/metrics").text)
        self.assertEqual(figures.value("slipway_send_lag_seconds_count"), 6)
        self.assertGreater(figures.value("slipway_send_lag_seconds_sum"), 0.5)
        self.assertLess(figures.value("slipway_dispatch_lag_seconds_sum"), 0.5)
        self.assertEqual(figures.value("slipway_attempts_limit", of="target_and_team"), 2)

    def test_have_limits_that_the_metrics_show(self):
        figures = Scrape(self.start().get("/metrics").text)
        for of, limit in self.LIMITS.items():
            self.assertEqual(figures.value("slipway_attempts_limit", of=of), limit)


if __name__ == "__main__":
    unittest.main()
