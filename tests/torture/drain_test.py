"""SIGTERM while webhooks are under way: they end, nothing is lost, and nothing is sent again."""

import http.client
import tempfile
import unittest

from processes import Client, Server, eventually
from record import Record, new_app
from target import Target

DEPLOYMENTS = 20


class Drain(unittest.TestCase):
    def status_of(self, server, method, path, token):
        client = Client(server.port, token)
        try:
            return client.request(method, path).status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            client.close()

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
            server.process.process.terminate()

            # It says that it stops, or does not listen any more.
            eventually(lambda: self.status_of(server, "GET", "/readyz", client.token) in (503, None))
            status = self.status_of(server, "POST", "/v1/deployments", client.token)
            self.assertIn(status, (503, None))
            self.assertTrue(server.process.is_running, "it waits for what is under way")
            target.open_gate.set()
            self.assertEqual(server.process.process.wait(60), 0)
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


if __name__ == "__main__":
    unittest.main()
