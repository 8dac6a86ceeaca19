"""What a person holds stays held, with what is only there for it, until a person lets it go; and why anything is
where it is can be read, as a word and as a sentence."""

import unittest

from api_world import ApiTest, events_of, schedule_fields
from processes import Receiver, eventually

FAR = {"at": "2029-03-04T05:06", "timezone": "UTC"}


class Holds(ApiTest):
    def app(self, name, url="http://127.0.0.1:9/deploy"):
        return self.world.app(name=f"{self.id().rsplit('.', 1)[1]}-{name}", url=url)["id"]

    def tree(self, **more):
        """A schedule, its dependency, and what that depends on."""
        below = {"app": self.app("second")}
        made = self.world.scheduled(self.app("root"), dependency={
            "app": self.app("first"), "dependency": below}, **FAR, **more)
        return made["id"], made["dependency"]["id"], made["dependency"]["dependency"]["id"]

    def act(self, id, action, status=200, **body):
        answer = self.client.post(f"/v1/scheduled_deployments/{id}/{action}", body)
        self.assertEqual(answer.status, status, answer)
        return answer.json["result"] if status == 200 else answer.json

    def get(self, id):
        return self.client.get(f"/v1/scheduled_deployments/{id}").json["result"]

    def states(self, *ids):
        return [(one["status"], one["status_reason"]) for one in map(self.get, ids)]


class Cascade(Holds):
    def test_a_hold_takes_along_what_is_only_there_for_it_and_a_release_lets_it_go(self):
        root, first, second = self.tree()
        held = self.act(root, "hold", reason="freeze")
        self.assertEqual(held["held_along"], [first, second])
        self.assertEqual(self.states(root, first, second),
                         [("held", "by_user"), ("held", "parent_held"), ("held", "parent_held")])
        self.assertIn(root, self.get(first)["status_note"])
        released = self.act(root, "release")
        self.assertEqual(sorted(released["released_along"]), sorted([first, second]))
        self.assertEqual(self.states(root, first, second), [("scheduled", None)] * 3)

    def test_dependencies_can_be_kept(self):
        root, first, second = self.tree()
        self.assertEqual(self.act(root, "hold", dependencies="keep")["held_along"], [])
        self.assertEqual(self.states(first, second), [("scheduled", None)] * 2)
        wrong = self.act(root, "hold", 422, dependencies="leave")
        self.assertEqual(wrong["errors"][0]["pointer"], "/dependencies")
        self.assertIn("hold or keep", wrong["errors"][0]["detail"])

    def test_what_was_held_by_itself_stays_held_when_its_parent_is_let_go(self):
        root, first, second = self.tree()
        self.act(second, "hold", reason="wait for the DBA")
        self.assertEqual(self.act(root, "hold")["held_along"], [first])
        self.assertEqual(self.act(root, "release")["released_along"], [first])
        self.assertEqual(self.states(second), [("held", "by_user")])


class PassedOver(Holds):
    def test_run_now_names_who_holds_a_dependency_and_why(self):
        root, first, second = self.tree()
        self.act(second, "hold", reason="wait for the DBA")
        before = len(events_of(self.client))
        refused = self.act(root, "run_now", 409)
        me = self.get(root)["created_by"]
        self.assertEqual(refused["code"], "dependency_held")
        for part in (second, me, "wait for the DBA", "release_held"):
            self.assertIn(part, refused["detail"])
        self.assertEqual([(one["id"], one["status"]) for one in refused["schedules"]], [(second, "held")])
        self.assertEqual(len(events_of(self.client)), before)
        self.act(root, "run_now", release_held=True)
        of_second = [one for one in events_of(self.client, second) if one["type"] == "DeploymentReleased"]
        self.assertEqual([one["data"]["reason"] for one in of_second], ["run_now"])

    def test_what_is_not_a_boolean_is_refused(self):
        root, *_ = self.tree()
        wrong = self.act(root, "run_now", 422, release_held="yes")
        self.assertEqual(wrong["errors"][0]["pointer"], "/release_held")

    def test_a_due_time_or_a_release_of_the_parent_passes_over_no_hold(self):
        made = self.world.scheduled(self.app("root"), dependency=self.app("first"), **FAR)
        first = made["dependency"]["id"]
        self.act(first, "hold")
        self.act(made["id"], "hold")
        self.act(made["id"], "release")
        self.act(made["id"], "run_now", 409)
        self.assertEqual(self.states(first), [("held", "by_user")])


class Reasons(Holds):
    def test_of_what_was_cancelled(self):
        root, first, second = self.tree()
        self.act(root, "cancel")
        self.assertEqual(self.states(root, first, second),
                         [("cancelled", "by_user"), ("cancelled", "parent_cancelled"),
                          ("cancelled", "parent_cancelled")])
        self.assertIn(f"{root}, is cancelled", self.get(first)["status_note"])
        self.assertIn("no reason", self.get(root)["status_note"])
        said = self.world.scheduled(self.app("said"), **FAR)["id"]
        self.act(said, "cancel", reason="not this week")
        self.assertEqual(self.get(said)["status_note"], "not this week")

    def test_of_what_its_app_took_along(self):
        app = self.app("archived")
        one = self.world.scheduled(app, **FAR)["id"]
        self.assertEqual(self.client.request("DELETE", f"/v1/apps/{app}?cancel_schedules=true").status, 200)
        found = self.get(one)
        self.assertEqual((found["status_reason"], found["status_note"]), ("app_archived", "its app was archived"))

    def test_of_what_failed_and_of_what_depends_on_it(self):
        for policy, status in (("hold", "held"), ("skip", "skipped")):
            with self.subTest(policy), Receiver(f"{self.world.directory.name}/{policy}.jsonl", "--answer",
                                                "400") as receiver:
                root = self.world.scheduled(
                    self.app(f"root-{policy}"), dependency=self.app(f"first-{policy}", receiver.url),
                    on_dependency_failure=policy, **FAR)
                first = root["dependency"]["id"]
                self.act(root["id"], "run_now")
                found = eventually(lambda: self.get(root["id"]) if self.get(root["id"])["status"] == status else None)
                self.assertEqual(found["status_reason"], "dependency_failed")
                self.assertIn("its dependency", found["status_note"])
                failed = self.get(first)
                self.assertEqual((failed["status"], failed["status_reason"]), ("failed", "answered"))
                self.assertIn("HTTP 400", failed["status_note"])
                listed = self.client.get(f"/v1/deployments?schedule={first}").json["result"][0]
                self.assertEqual((listed["status_reason"], listed["status_note"]),
                                 (failed["status_reason"], failed["status_note"]))

    def test_of_what_waits(self):
        root = self.world.scheduled(self.app("root"), dependency=self.app("first", self.world.accepting()), **FAR)
        self.act(root["id"], "run_now")
        found = self.get(root["id"])
        self.assertEqual((found["status"], found["status_reason"]), ("waiting", "dependency_pending"))
        self.assertIn(root["dependency"]["id"], found["status_note"])

    def test_of_what_was_given_up(self):
        made = self.client.post("/v1/deployments", {"app": self.app("stuck", self.world.accepting())})
        path = f"/v1/deployments/{made.json['result']['id']}"
        self.assertEqual(self.client.post(f"{path}/abort").status, 200)
        found = self.client.get(path).json["result"]
        self.assertEqual((found["status"], found["status_reason"]), ("aborted", "by_user"))
        self.assertIn("no reason", found["status_note"])

    def test_of_nothing_while_nothing_is_wrong(self):
        found = self.world.scheduled(self.app("fine"), **FAR)
        self.assertEqual((found["status_reason"], found["status_note"]), (None, ""))


class Dispatch(Holds):
    def put(self, **body):
        answer = self.client.request("PUT", "/v1/admin/dispatch", body)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["result"]

    def test_another_reason_is_recorded(self):
        self.addCleanup(self.put, state="armed")
        first = self.put(state="held")
        again = self.put(state="held", reason="drill")
        self.assertEqual((again["reason"], again["version"]), ("drill", first["version"] + 1))
        self.assertEqual(self.put(state="held", reason="drill")["version"], again["version"])
        self.assertEqual(self.put(state="held")["version"], again["version"])
        self.assertEqual(self.put(state="held")["reason"], "drill")


if __name__ == "__main__":
    unittest.main()
