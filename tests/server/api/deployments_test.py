"""Deployments as their targets see them: signed, retried with one id, completed, in order."""

import http.server
import json
import pathlib
import threading
import unittest

from api_world import ApiTest, events_of
from processes import Receiver, eventually

MEMBER = "user_01h455vb4pex5vsknk084sn02q"
OVER = ("succeeded", "failed", "aborted", "unknown")


class TellingTarget:
    """Answers each request with 500 and another text."""

    def __init__(self):
        self.bodies = []
        target = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                target.bodies.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                text = f"reason {len(target.bodies)}".encode()
                self.send_response(500)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, format, *args):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        self.thread = threading.Thread(target=self.server.serve_forever)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Deployments(ApiTest):
    def target(self, name, *options):
        """An app of that name and the receiver that it is deployed to, which knows its secret."""
        # The secret is known once there is an app, and the app once there is a URL.
        app = self.world.app(name=name)["id"]
        secret = self.client.get(f"/v1/apps/{app}/signing_secret").json["result"]["secrets"][0]
        record = pathlib.Path(self.world.directory.name) / f"{name}.jsonl"
        receiver = Receiver(record, "--secret", secret, *options)
        self.addCleanup(receiver.kill)
        target = {"target": {"kind": "webhook", "url": receiver.url}}
        self.assertEqual(self.client.patch(f"/v1/apps/{app}", target).status, 200)
        return app, receiver

    def deploy(self, app, **more):
        answer = self.client.post("/v1/deployments", {"app": app, **more})
        self.assertEqual(answer.status, 201, answer)
        self.assertEqual(answer.headers["location"], "/v1/deployments/" + answer.json["result"]["id"])
        return answer.json["result"]["id"]

    def run_of(self, one):
        return self.client.get(f"/v1/deployments/{one}").json["result"]

    def ended(self, one):
        return eventually(lambda: (run := self.run_of(one))["status"] in OVER and run)

    def types(self, one):
        return [event["type"] for event in events_of(self.client, one)]

    def test_a_signed_webhook_arrives_once(self):
        app, receiver = self.target("one")
        one = self.deploy(app)
        run = self.ended(one)
        self.assertEqual(run["status"], "succeeded")
        self.assertEqual([attempt["outcome"] for attempt in run["attempts"]], ["succeeded"])
        (delivery,) = receiver.deliveries()
        self.assertTrue(delivery["verified"])
        self.assertEqual(delivery["body"]["data"]["deployment"]["id"], one)
        self.assertEqual(self.types(one), ["DeploymentRequested", "DeploymentDue", "AttemptStarted",
                                           "DeploymentSucceeded"])

    def test_a_failing_target_is_tried_again_with_the_same_id(self):
        app, receiver = self.target("failing", "--answer", "500")
        one = self.deploy(app, retry={"max_attempts": 3, "backoff_seconds": 0})
        run = self.ended(one)
        self.assertEqual(run["status"], "failed")
        self.assertEqual(len(run["attempts"]), 3)
        deliveries = receiver.deliveries()
        self.assertEqual([delivery["attempt"] for delivery in deliveries], [1, 2, 3])
        self.assertEqual(len({delivery["webhook_id"] for delivery in deliveries}), 1)
        self.assertTrue(all(delivery["verified"] for delivery in deliveries))

    def test_each_attempt_shows_its_text_however_many_there_are(self):
        with TellingTarget() as target:
            app = self.world.app(name="telling", url=target.url)["id"]
            one = self.deploy(app, retry={"max_attempts": 6, "backoff_seconds": 0})
            run = self.ended(one)
        texts = [f"reason {number}" for number in range(1, 7)]
        self.assertEqual([attempt["detail"] for attempt in run["attempts"]], texts)
        listed = self.client.get(f"/v1/deployments?app={app}").json["result"]
        self.assertEqual(listed, [run])
        # The target of the sixth attempt was told of the newest three before it.
        told = [attempt["detail"] for attempt in target.bodies[5]["data"]["deployment"]["attempts"]]
        self.assertEqual(told, ["", "", "", "reason 4", "reason 5", ""])

    def test_an_answer_that_is_no_success_is_not_tried_again(self):
        app, receiver = self.target("refusing", "--answer", "400")
        self.assertEqual(self.ended(self.deploy(app))["status"], "failed")
        self.assertEqual(len(receiver.deliveries()), 1)

    def test_a_target_reports_its_end_later(self):
        for outcome, status in (("succeeded", "succeeded"), ("failed", "failed")):
            with self.subTest(outcome):
                options = ("--answer", "202", "--complete", outcome, "--after", "0")
                app, _ = self.target("later-" + outcome, *options)
                one = self.deploy(app)
                self.assertEqual(self.ended(one)["status"], status)
                self.assertIn("AttemptAccepted", self.types(one))

    def test_a_callback_token_opens_one_deployment_only(self):
        app, receiver = self.target("accepting", "--answer", "202")
        first, second = self.deploy(app), self.deploy(app)
        deliveries = eventually(lambda: len(found := receiver.deliveries()) == 2 and found)
        token = next(one["body"]["data"]["callback_token"] for one in deliveries
                     if one["body"]["data"]["deployment"]["id"] == first)
        target = self.world.server.client(token)
        self.addCleanup(target.close)
        eventually(lambda: self.run_of(first)["status"] == "running")
        body = {"outcome": "succeeded"}
        self.assertIn(target.post(f"/v1/deployments/{second}/complete", body).status, (401, 403, 404))
        self.assertEqual(target.get("/v1/apps").status, 401)
        self.assertEqual(target.post(f"/v1/deployments/{first}/abort", {}).status, 401)
        self.assertEqual(target.post(f"/v1/deployments/{first}/complete", body).status, 200)
        self.assertEqual(self.run_of(first)["status"], "succeeded")
        again = target.post(f"/v1/deployments/{first}/complete", {"outcome": "failed"},
                            headers={"Authorization": f"bearer  {token}"})
        self.assertIn(again.status, (200, 409))
        self.assertEqual(self.run_of(first)["status"], "succeeded")

    def test_a_repeated_report_is_answered_to_those_who_may_still_report_only(self):
        app, receiver = self.target("repeated", "--answer", "202")
        members = f"/v1/teams/{self.world.team}/members"
        self.assertEqual(self.client.post(members, {"user": MEMBER, "role": "deployer"}).status, 201)
        member = self.world.client_of(MEMBER)
        self.addCleanup(member.close)
        key = {"Idempotency-Key": "report"}

        def report(client, one):
            return client.post(f"/v1/deployments/{one}/complete", {"outcome": "succeeded"}, headers=key)

        first, second = self.deploy(app), self.deploy(app)
        for one in (first, second):
            eventually(lambda: self.run_of(one)["attempts"][-1:] and "AttemptAccepted" in self.types(one))
        token = next(one["body"]["data"]["callback_token"] for one in receiver.deliveries()
                     if one["body"]["data"]["deployment"]["id"] == second)
        target = self.world.server.client(token)
        self.addCleanup(target.close)
        for client, one in ((member, first), (target, second)):
            answer = report(client, one)
            self.assertEqual(answer.status, 200, answer)
            again = report(client, one)
            self.assertEqual((again.status, again.text), (200, answer.text))
            self.assertEqual(again.headers.get("idempotency-replayed"), "true")
        self.assertEqual(self.client.request("DELETE", f"{members}/{MEMBER}").status, 200)
        self.assertEqual(report(member, first).status, 403)
        # In another team of theirs they are no member of this one either.
        self.assertEqual(member.post("/v1/teams", {"name": "own"}).status, 201)
        elsewhere = report(member, first)
        self.assertNotIn("idempotency-replayed", elsewhere.headers)
        self.assertGreaterEqual(elsewhere.status, 400)
        self.assertEqual(report(target, second).headers.get("idempotency-replayed"), "true")

    def test_what_runs_can_be_aborted_and_what_is_over_cannot(self):
        app, _ = self.target("aborted", "--answer", "202")
        one = self.deploy(app)
        eventually(lambda: self.run_of(one)["status"] == "running")
        self.assertEqual(self.client.post(f"/v1/deployments/{one}/abort", {}).status, 200)
        self.assertEqual(self.run_of(one)["status"], "aborted")
        # Asked for twice, it is so twice.
        self.assertEqual(self.client.post(f"/v1/deployments/{one}/abort", {}).status, 200)
        self.assertEqual(self.types(one).count("DeploymentAborted"), 1)
        body = {"outcome": "succeeded"}
        self.assertEqual(self.client.post(f"/v1/deployments/{one}/complete", body).status, 409)

    def test_dependencies_run_first_and_the_parent_waits_for_them(self):
        options = ("--answer", "202", "--complete", "succeeded", "--after", "0.3")
        database, first = self.target("database", *options)
        api, second = self.target("api-of-database")
        tree = self.world.scheduled(api, dependency={"app": database, "lead_minutes": 5})
        path = f"/v1/scheduled_deployments/{tree['id']}"
        self.assertEqual(self.client.post(f"{path}/run_now", {}).status, 200)
        eventually(lambda: self.client.get(path).json["result"]["status"] == "succeeded")
        (before,), (after,) = first.deliveries(), second.deliveries()
        self.assertLess(before["received_at"], after["received_at"])
        completed = events_of(self.client, tree["dependency"]["id"])[-1]
        due = next(event for event in events_of(self.client, tree["id"])
                   if event["type"] == "DeploymentDue")
        self.assertEqual(completed["type"], "DeploymentSucceeded")
        self.assertLess(completed["position"], due["position"])

    def test_a_failed_dependency_decides_for_its_parent(self):
        broken, _ = self.target("broken", "--answer", "400")
        for policy, status in (("hold", "held"), ("skip", "skipped"), ("proceed", "succeeded")):
            with self.subTest(policy):
                api, receiver = self.target("api-" + policy)
                tree = self.world.scheduled(api, dependency=broken, on_dependency_failure=policy)
                path = f"/v1/scheduled_deployments/{tree['id']}"
                self.client.post(f"{path}/run_now", {})
                eventually(lambda: self.client.get(path).json["result"]["status"] == status)
                self.assertEqual(len(receiver.deliveries()), 1 if status == "succeeded" else 0)

    def test_after_a_kill_what_was_accepted_is_waited_for(self):
        app, receiver = self.target("accepting-once", "--answer", "202")
        one = self.deploy(app)
        eventually(lambda: "AttemptAccepted" in self.types(one))
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        self.assertEqual(self.run_of(one)["status"], "running")
        body = {"outcome": "succeeded"}
        self.assertEqual(self.client.post(f"/v1/deployments/{one}/complete", body).status, 200)
        self.assertEqual(len(receiver.deliveries()), 1)

    def test_a_rotated_secret_signs_beside_the_one_before(self):
        app, receiver = self.target("rotated")
        answer = self.client.post(f"/v1/apps/{app}/signing_secret/rotate", {})
        self.assertEqual(len(answer.json["result"]["secrets"]), 2)
        self.ended(self.deploy(app))
        self.assertTrue(receiver.deliveries()[0]["verified"], "the receiver knows the old secret")


if __name__ == "__main__":
    unittest.main()
