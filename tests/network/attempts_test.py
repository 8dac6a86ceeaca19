"""What leaves for a target, counted at the target: one request for each attempt that is on record,
and its status decides what becomes of the deployment."""

import tempfile
import unittest

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

    def start(self, *options):
        server = Server(f"{self.directory.name}/data", *options)
        self.addCleanup(server.__exit__)
        client = server.client()
        self.addCleanup(client.close)
        return client

    def app(self, client, path, **target):
        return new_app(client, path, self.target.url(path), **target)

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


if __name__ == "__main__":
    unittest.main()
