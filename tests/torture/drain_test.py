"""SIGTERM while webhooks are under way: they end, nothing is lost, and nothing is sent again."""

import contextlib
import http.client
import tempfile
import unittest

from processes import Client, Receiver, Server, eventually
from record import Record, new_app
from target import Target

DEPLOYMENTS = 20


class Drain(unittest.TestCase):
    def ask(self, server, method, path, token=None, body=None):
        """Over a connection of its own; None if nobody listens."""
        with contextlib.closing(Client(server.port, token)) as client:
            try:
                return client.request(method, path, body)
            except (OSError, http.client.HTTPException):
                return None

    def stop(self, server):
        """Sends SIGTERM, and waits until the server says that it stops."""
        server.process.process.terminate()
        eventually(lambda: self.ask(server, "GET", "/readyz").status == 503)

    def test_what_is_under_way_ends_and_is_not_sent_again(self):
        target = Target()
        self.addCleanup(target.close)
        with tempfile.TemporaryDirectory() as data, Server(data) as server:
            client = server.client()
            app = new_app(client, "api", target.url)
            target.open_gate.clear()
            for _ in range(DEPLOYMENTS):
                self.assertEqual(client.post("/v1/deployments", {"app": app}).status, 201)
            target.wait_for(8)  # as many as one target gets at a time
            self.stop(server)
            self.assertTrue(server.process.is_running, "it waits for what is under way")
            target.open_gate.set()
            self.assertEqual(server.process.process.wait(120), 0)
            sent = len(target.deliveries)
            self.assertEqual(len(Record(data).of["DeploymentSucceeded"]), sent)

            server.start()
            target.wait_for(DEPLOYMENTS)
            client = server.client()
            eventually(
                lambda: len(client.get("/v1/deployments?status=succeeded").json["result"])
                == DEPLOYMENTS
            )
            ids = [deployment for _, deployment in target.deliveries]
            self.assertEqual(len(ids), len(set(ids)), "something was sent twice")
            self.assertEqual(server.terminate(), 0)

    def test_targets_may_report_until_the_last_attempt_has_ended(self):
        target = Target()
        self.addCleanup(target.close)
        with tempfile.TemporaryDirectory() as data, Server(data) as server, \
                Receiver(f"{data}/record.jsonl", "--answer", "202") as receiver:
            client = server.client()
            later = client.post("/v1/deployments", {"app": new_app(client, "later", receiver.url)})
            report = eventually(receiver.deliveries)[0]["body"]["data"]
            path = f"/v1/deployments/{later.json['result']['id']}"
            eventually(lambda: client.get(path).json["result"]["attempts"][0]["outcome"] == "accepted")
            target.open_gate.clear()
            client.post("/v1/deployments", {"app": new_app(client, "slow", target.url)})
            target.wait_for(1)
            self.stop(server)

            self.assertEqual(self.ask(server, "GET", "/healthz").status, 200)
            for method, other in (("GET", "/v1/apps"), ("POST", "/v1/deployments"), ("GET", path)):
                answer = self.ask(server, method, other, client.token)
                self.assertEqual((answer.status, answer.json["code"]), (503, "draining"))
                self.assertIn("retry-after", answer.headers)
            kept = client.get("/v1/apps")
            self.assertEqual((kept.status, kept.headers["connection"]), (503, "close"))
            done = self.ask(server, "POST", f"{path}/complete", report["callback_token"],
                            {"outcome": "succeeded"})
            self.assertEqual((done.status, done.json["result"]["status"]), (200, "succeeded"))

            target.open_gate.set()
            self.assertEqual(server.process.process.wait(120), 0)
            self.assertIsNone(self.ask(server, "GET", "/healthz"))
            self.assertEqual(len(Record(data).of["DeploymentSucceeded"]), 2)

    def test_what_waits_for_a_report_does_not_hold_it_up(self):
        with tempfile.TemporaryDirectory() as data, Server(data) as server, \
                Receiver(f"{data}/record.jsonl", "--answer", "202") as receiver:
            client = server.client()
            later = client.post("/v1/deployments", {"app": new_app(client, "later", receiver.url)})
            path = f"/v1/deployments/{later.json['result']['id']}"
            eventually(lambda: client.get(path).json["result"]["attempts"][0]["outcome"] == "accepted")
            self.assertEqual(server.terminate(), 0)


if __name__ == "__main__":
    unittest.main()
