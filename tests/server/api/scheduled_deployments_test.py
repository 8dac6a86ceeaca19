"""Scheduled deployments, from their wall clocks to their ends, and the apps that they are of."""

import unittest
from datetime import datetime, timedelta, timezone

from api_world import World, app_fields, events_of, schedule_fields

PATH = "/v1/scheduled_deployments"


def setUpModule():
    global world, client, api, database, ui
    world = World()
    client = world.admin
    api, database, ui = (world.app(name=name)["id"] for name in ("api", "database", "ui"))


def tearDownModule():
    world.close()


def get(one):
    return client.get(f"{PATH}/{one}").json["result"]


def act(one, action, status=200, **body):
    answer = client.post(f"{PATH}/{one}/{action}", body)
    assert answer.status == status, answer
    return answer.json.get("result", answer.json)


class WallClocks(unittest.TestCase):
    def test_stand_for_an_instant_of_their_zone(self):
        cases = (
            ({"month": 2, "day": 10, "hour": 3}, "2029-02-10T08:00:00Z", "exact"),
            ({"month": 7, "day": 10, "hour": 3}, "2029-07-10T07:00:00Z", "exact"),
            ({"at": "2029-03-11T02:30"}, "2029-03-11T07:30:00Z", "gap_shifted"),
            ({"at": "2029-03-11T02:30", "disambiguation": "earlier"}, "2029-03-11T06:30:00Z",
             "gap_shifted"),
            ({"at": "2029-11-04T01:30"}, "2029-11-04T05:30:00Z", "overlap_earlier"),
            ({"at": "2029-11-04T01:30", "disambiguation": "later"}, "2029-11-04T06:30:00Z",
             "overlap_later"),
            ({"at": "2029-02-10T03:00[Asia/Kolkata]", "timezone": None}, "2029-02-09T21:30:00Z",
             "exact"),
            ({"timezone": "utc"}, "2029-02-10T03:00:00Z", "exact"),
            ({"year": 9998, "timezone": "UTC"}, "9998-02-10T03:00:00Z", "exact"),
        )
        for more, due_at, resolution in cases:
            with self.subTest(more):
                one = world.scheduled(api, **more)
                self.assertEqual((one["due_at"], one["resolution"]), (due_at, resolution))
                self.assertIn(due_at, one["entry_key"])
                self.assertTrue(one["tzdb_version"])

    def test_name_their_zone_as_people_do(self):
        for given, original, canonical in (
            ("america/new_york", "america/new_york", "America/New_York"),
            ("us/eastern", "us/eastern", "America/New_York"),
            ("UTC", "UTC", "Etc/UTC"),
        ):
            one = world.scheduled(api, timezone=given)
            self.assertEqual((one["original_timezone"], one["timezone"]), (original, canonical))
        with_numbers = {name: one[name] for name in ("year", "month", "day", "hour", "minute")}
        self.assertEqual(with_numbers, {"year": 2029, "month": 2, "day": 10, "hour": 3, "minute": 0})


class Dependencies(unittest.TestCase):
    def test_are_15_minutes_earlier_unless_told_otherwise(self):
        one = world.scheduled(api, dependency=database)
        self.assertEqual(one["dependency"]["due_at"], "2029-02-10T07:45:00Z")
        self.assertEqual(one["dependency"]["app"], database)
        self.assertEqual(one["dependency"]["parent"], one["id"])
        one = world.scheduled(api, dependency={"app": database, "lead_minutes": 60})
        self.assertEqual(one["dependency"]["due_at"], "2029-02-10T07:00:00Z")

    def test_form_chains_and_fans(self):
        chain = world.scheduled(ui, dependency={"app": api, "dependency": database})
        self.assertEqual(chain["dependency"]["dependency"]["due_at"], "2029-02-10T07:30:00Z")
        fan = world.scheduled(ui, dependency=[api, {"app": database, "lead_minutes": 5}])
        self.assertEqual([one["due_at"] for one in fan["dependency"]],
                         ["2029-02-10T07:45:00Z", "2029-02-10T07:55:00Z"])
        self.assertEqual(world.scheduled(ui, dependency=[api])["dependency"]["app"], api)
        self.assertIsNone(world.scheduled(ui, dependency=[])["dependency"])

    def test_are_earlier_in_elapsed_time_over_a_change_of_the_clock(self):
        one = world.scheduled(api, at="2029-03-11T03:05", dependency=database)
        self.assertEqual(one["due_at"], "2029-03-11T07:05:00Z")
        self.assertEqual(one["dependency"]["due_at"], "2029-03-11T06:50:00Z")
        self.assertEqual(one["dependency"]["hour"], 1)

    def test_whose_lead_is_past_start_at_once_with_a_warning(self):
        soon = datetime.now(timezone.utc) + timedelta(minutes=5)
        fields = {name: getattr(soon, name) for name in ("year", "month", "day", "hour", "minute")}
        one = world.scheduled(api, **fields, timezone="UTC", dependency=database)
        self.assertIn("dependency_lead_shortened", str(one["dependency"]["warnings"] + one["warnings"]))


class Changes(unittest.TestCase):
    def test_a_new_time_takes_the_dependencies_along(self):
        one = world.scheduled(api, dependency=database)
        answer = client.patch(f"{PATH}/{one['id']}", {"hour": 5, "note": "later"})
        self.assertEqual(answer.status, 200, answer)
        moved = answer.json["result"]
        self.assertEqual((moved["due_at"], moved["note"]), ("2029-02-10T10:00:00Z", "later"))
        self.assertEqual(moved["dependency"]["due_at"], "2029-02-10T09:45:00Z")
        self.assertGreater(moved["version"], one["version"])
        moved = client.patch(f"{PATH}/{one['id']}", {"timezone": "Europe/Berlin"}).json["result"]
        self.assertEqual(moved["due_at"], "2029-02-10T04:00:00Z")

    def test_a_patch_keeps_the_seconds_unless_it_names_whole_minutes(self):
        one = world.scheduled(api, at="2029-02-10T03:00:30")
        moved = client.patch(f"{PATH}/{one['id']}", {"timezone": "Asia/Tokyo"}).json["result"]
        self.assertEqual(moved["at"], "2029-02-10T03:00:30")
        moved = client.patch(f"{PATH}/{one['id']}", {"hour": 4}).json["result"]
        self.assertEqual(moved["at"], "2029-02-10T04:00:00")

    def test_a_patch_is_a_merge_patch(self):
        given = {
            "note": "a", "labels": {"a": "1", "b": "2"}, "retry": {"max_attempts": 7, "backoff_seconds": 5},
            "misfire": {"grace_seconds": 60, "then": "skip"}, "on_dependency_failure": "skip",
            "dependency_timeout_seconds": 60, "at": "2029-11-04T01:30", "disambiguation": "later",
        }
        one = world.scheduled(api, **given)
        usual = world.scheduled(api)

        def patched(**patch):
            answer = client.patch(f"{PATH}/{one['id']}", patch)
            self.assertEqual(answer.status, 200, answer)
            return answer.json["result"]

        self.assertEqual(patched(labels={"a": None, "c": "3"})["labels"], {"b": "2", "c": "3"})
        found = patched(retry={"max_attempts": None}, misfire={"then": None})
        self.assertEqual(found["retry"], {**usual["retry"], "backoff_seconds": 5})
        self.assertEqual(found["misfire"], {"grace_seconds": 60, "then": "hold"})
        found = patched(note=None, labels=None, retry=None, misfire=None, on_dependency_failure=None,
                        dependency_timeout_seconds=None)
        for name in ("note", "labels", "retry", "misfire", "on_dependency_failure",
                     "dependency_timeout_seconds"):
            self.assertEqual(found[name], usual[name], name)
        # How a time that comes twice is understood stays, until it is said otherwise.
        self.assertEqual(found["due_at"], "2029-11-04T06:30:00Z")
        self.assertEqual(patched(minute=45)["due_at"], "2029-11-04T06:45:00Z")
        found = patched(disambiguation=None)
        self.assertEqual((found["disambiguation"], found["due_at"]), ("compatible", "2029-11-04T05:45:00Z"))
        self.assertEqual(patched()["version"], found["version"])

    def test_a_cancel_takes_the_dependencies_along_and_may_be_repeated(self):
        one = world.scheduled(ui, dependency={"app": api, "dependency": database})
        inner = one["dependency"]["id"]
        act(inner, "cancel", status=409)
        for _ in range(2):
            self.assertEqual(act(one["id"], "cancel", reason="no")["status"], "cancelled")
        self.assertEqual(get(inner)["status"], "cancelled")
        self.assertEqual(get(one["dependency"]["dependency"]["id"])["status"], "cancelled")
        types = [event["type"] for event in events_of(client, one["id"])]
        self.assertEqual(types, ["DeploymentScheduled", "DeploymentCancelled"])
        for action in ("hold", "release", "run_now"):
            act(one["id"], action, status=409)
        self.assertEqual(client.patch(f"{PATH}/{one['id']}", {"hour": 5}).status, 409)
        self.assertEqual(client.request("DELETE", f"{PATH}/{one['id']}").status, 200)

    def test_what_is_held_is_let_go_again(self):
        one = world.scheduled(api)["id"]
        held = act(one, "hold", reason="wait")
        self.assertEqual((held["status"], held["hold_reason"]), ("held", "by_user"))
        act(one, "hold", status=409)
        self.assertEqual(act(one, "release")["status"], "scheduled")
        act(one, "release", status=409)

    def test_lists_are_by_due_time_and_leave_out_what_is_over(self):
        late = world.scheduled(api, year=2031)["id"]
        early = world.scheduled(api, year=2030)["id"]
        act(early, "cancel")
        found, cursor = [], ""
        while cursor is not None:
            page = client.get(f"{PATH}?limit=3&app={api}" + (f"&cursor={cursor}" if cursor else ""))
            found += page.json["result"]
            cursor = page.json["next_cursor"]
        dues = [one["due_at"] for one in found]
        self.assertEqual(dues, sorted(dues))
        ids = [one["id"] for one in found]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertIn(late, ids)
        self.assertNotIn(early, ids)
        over = client.get(f"{PATH}?include=completed&limit=200").json["result"]
        self.assertIn(early, [one["id"] for one in over])


class Apps(unittest.TestCase):
    def test_a_clone_is_one_to_one_but_for_what_is_said(self):
        containers = [{"name": "web", "image": "registry.example/web:1", "cpu_millis": 500,
                       "memory_mib": 256, "ports": [8080], "env": {"A": "1"}, "replicas": 3}]
        infrastructure = {"provider": "aws-ecs", "region": "eu-1", "containers": containers}
        source = world.app(name="shop", infrastructure=infrastructure, labels={"tier": "one"},
                           description="sells")
        answer = client.post(f"/v1/apps?source={source['id']}", {"environment": "debug"})
        self.assertEqual(answer.status, 201, answer)
        clone = answer.json["result"]
        for name in ("infrastructure", "labels", "description", "target"):
            self.assertEqual(clone[name], source[name], name)
        self.assertEqual((clone["name"], clone["environment"]), ("shop-clone", "debug"))
        self.assertEqual(clone["cloned_from"], {"app": source["id"], "version": 1})
        self.assertNotEqual(clone["id"], source["id"])
        again = client.post(f"/v1/apps?source={source['id']}", {}).json["result"]
        self.assertEqual(again["name"], "shop-clone-2")
        secrets = [client.get(f"/v1/apps/{one}/signing_secret").json["result"]["secrets"][0]
                   for one in (source["id"], clone["id"])]
        self.assertNotEqual(*secrets)

    def test_a_change_leaves_what_is_pinned_and_says_that_it_drifts(self):
        app = world.app(name="moving")["id"]
        pinned = world.scheduled(app)["id"]
        latest = world.scheduled(app, app_version="latest")["id"]
        answer = client.patch(f"/v1/apps/{app}", {"description": "new"})
        self.assertEqual(answer.json["result"]["definition_version"], 2)
        self.assertEqual((get(pinned)["drift"], get(pinned)["runs_version"]), (True, 1))
        self.assertEqual((get(latest)["drift"], get(latest)["runs_version"]), (False, 2))

    def test_an_app_is_archived_once_nothing_is_pending(self):
        app = world.app(name="leaving")["id"]
        one = world.scheduled(app)["id"]
        refused = client.request("DELETE", f"/v1/apps/{app}")
        self.assertEqual(refused.status, 409)
        self.assertIn(one, refused.text)
        answer = client.request("DELETE", f"/v1/apps/{app}?cancel_schedules=true")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(get(one)["status"], "cancelled")
        self.assertEqual(client.post(PATH, schedule_fields(app)).status, 422)
        names = [one["name"] for one in client.get("/v1/apps?limit=200").json["result"]]
        self.assertNotIn("leaving", names)
        # Its name is free again.
        self.assertEqual(client.post("/v1/apps", app_fields("leaving")).status, 201)

    def test_a_history_is_newest_first(self):
        app = world.app(name="told")["id"]
        client.patch(f"/v1/apps/{app}", {"description": "a"})
        types = [one["type"] for one in client.get(f"/v1/apps/{app}/history").json["result"]]
        self.assertEqual(types, ["AppRevised", "AppCreated"])


if __name__ == "__main__":
    unittest.main()
