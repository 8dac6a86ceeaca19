"""What belongs to another team is not there: on no route, in no list, for no id in a body. And what each role
may do."""

import json
import unittest

from api_world import World, app_fields, events_of, schedule_fields

NO_ONE = {"app": "app_01h455vb4pex5vsknk084sn02q", "sched": "sched_01h455vb4pex5vsknk084sn02q",
          "dep": "dep_01h455vb4pex5vsknk084sn02q", "team": "team_01h455vb4pex5vsknk084sn02q"}
MALLORY = "user_01h455vb4pex5vsknk084sn02q"
VIEWER = "user_01h455vb4pex5vsknk084sn02r"
DEPLOYER = "user_01h455vb4pex5vsknk084sn02s"


def setUpModule():
    global world, ours, theirs, mallory, viewer, deployer
    world = World()
    app = world.app()
    one = world.scheduled(app["id"])
    run = world.admin.post("/v1/deployments", {"app": app["id"]}).json["result"]
    ours = {"app": app["id"], "sched": one["id"], "dep": run["id"], "team": world.team}
    for user, role in ((VIEWER, "viewer"), (DEPLOYER, "deployer")):
        path = f"/v1/teams/{world.team}/members"
        assert world.admin.post(path, {"user": user, "role": role}).status == 201
    viewer, deployer = world.client_of(VIEWER), world.client_of(DEPLOYER)
    mallory = world.client_of(MALLORY)
    team = mallory.post("/v1/teams", {"name": "rivals"})
    assert team.status == 201, team
    theirs = {"app": world.app(mallory, "theirs")["id"], "team": team.json["result"]["id"]}


def tearDownModule():
    for client in (mallory, viewer, deployer):
        client.close()
    world.close()


def routes(ids):
    """Every route and body that takes an id, with these."""
    app, sched, dep, team = (ids[kind] for kind in ("app", "sched", "dep", "team"))
    bodies = {"name": "renamed", "reason": "x"}
    yield from (
        ("GET", f"/v1/apps/{app}", None),
        ("PATCH", f"/v1/apps/{app}", {"name": bodies["name"]}),
        ("DELETE", f"/v1/apps/{app}", None),
        ("GET", f"/v1/apps/{app}/history", None),
        ("GET", f"/v1/apps/{app}/signing_secret", None),
        ("POST", f"/v1/apps/{app}/signing_secret/rotate", None),
        ("POST", f"/v1/apps?source={app}", {}),
        ("GET", f"/v1/scheduled_deployments/{sched}", None),
        ("PATCH", f"/v1/scheduled_deployments/{sched}", {"note": "x"}),
        ("DELETE", f"/v1/scheduled_deployments/{sched}", None),
        ("GET", f"/v1/deployments/{dep}", None),
        ("POST", f"/v1/deployments/{dep}/complete", {"outcome": "succeeded"}),
        ("POST", f"/v1/deployments/{dep}/abort", {}),
        ("GET", f"/v1/teams/{team}", None),
        ("POST", f"/v1/teams/{team}/members", {"user": MALLORY, "role": "owner"}),
        ("PATCH", f"/v1/teams/{team}/members/{VIEWER}", {"role": "owner"}),
        ("DELETE", f"/v1/teams/{team}/members/{VIEWER}", None),
    )
    for action in ("cancel", "hold", "release", "run_now"):
        yield "POST", f"/v1/scheduled_deployments/{sched}/{action}", {}


def told(answer):
    """What an answer says, but for what differs by request and id."""
    problem = answer.json
    return problem["code"], problem["title"], problem["status"]


class Tenancy(unittest.TestCase):
    def test_another_teams_object_is_as_one_that_is_not_there(self):
        before = len(events_of(world.admin))
        for (method, path, body), (_, nowhere, _) in zip(routes(ours), routes(NO_ONE)):
            with self.subTest(method=method, path=path):
                foreign = mallory.request(method, path, body)
                self.assertEqual(foreign.status, 404, foreign)
                self.assertEqual(told(foreign), told(mallory.request(method, nowhere, body)))
                for name in ("api", "default"):
                    self.assertNotIn(f'"{name}"', foreign.text)
        self.assertEqual(len(events_of(world.admin)), before)

    def test_another_teams_app_in_a_body_is_unknown(self):
        cases = (
            ("/v1/scheduled_deployments", schedule_fields(ours["app"])),
            ("/v1/scheduled_deployments", schedule_fields(theirs["app"], dependency=ours["app"])),
            ("/v1/deployments", {"app": ours["app"]}),
        )
        for path, body in cases:
            with self.subTest(path=path, body=body):
                foreign = mallory.post(path, body)
                self.assertEqual(foreign.status, 422, foreign)
                text = json.dumps(body).replace(ours["app"], NO_ONE["app"])
                self.assertEqual(told(foreign), told(mallory.post(path, text)))

    def test_lists_and_events_show_ones_own_only(self):
        for path in ("/v1/scheduled_deployments?include=completed", "/v1/deployments"):
            self.assertEqual(mallory.get(path).json["result"], [])
        names = [app["name"] for app in mallory.get("/v1/apps").json["result"]]
        self.assertEqual(names, ["theirs"])
        self.assertEqual({event["team"] for event in events_of(mallory)}, {theirs["team"]})
        self.assertEqual(events_of(mallory, ours["app"]), [])
        teams = [team["id"] for team in mallory.get("/v1/teams").json["result"]]
        self.assertEqual(teams, [theirs["team"]])

    def test_filters_by_another_teams_object_find_nothing(self):
        for path in (f"/v1/scheduled_deployments?app={ours['app']}",
                     f"/v1/deployments?app={ours['app']}"):
            answer = mallory.get(path)
            self.assertIn(answer.status, (200, 404, 422), answer)
            self.assertNotIn(ours["sched"], answer.text)

    def test_a_header_or_claim_does_not_make_a_member(self):
        headers = {"Slipway-Team": world.team}
        self.assertEqual(mallory.get("/v1/apps", headers=headers).status, 403)
        claimed = world.client_of(MALLORY, world.team)
        self.assertEqual(claimed.get("/v1/apps").status, 403)
        claimed.close()

    def test_names_are_unique_within_a_team_only(self):
        self.assertEqual(world.admin.post("/v1/apps", app_fields("api")).status, 409)
        self.assertEqual(mallory.post("/v1/apps", app_fields("api")).status, 201)


class Roles(unittest.TestCase):
    def test_a_viewer_reads_and_changes_nothing(self):
        before = len(events_of(world.admin))
        for path in ("/v1/apps", "/v1/scheduled_deployments", "/v1/deployments", "/v1/events",
                     f"/v1/apps/{ours['app']}"):
            self.assertEqual(viewer.get(path).status, 200, path)
        for method, path, body in routes(ours):
            if method == "GET" and not path.endswith("signing_secret"):
                continue
            with self.subTest(method=method, path=path):
                self.assertEqual(viewer.request(method, path, body).status, 403)
        self.assertEqual(viewer.post("/v1/apps", app_fields("x")).status, 403)
        self.assertEqual(len(events_of(world.admin)), before)

    def test_a_deployer_deploys_but_does_not_manage(self):
        app = world.app(deployer, "of-a-deployer")["id"]
        self.assertEqual(deployer.post("/v1/scheduled_deployments", schedule_fields(app)).status, 201)
        self.assertEqual(deployer.get(f"/v1/apps/{app}/signing_secret").status, 403)
        path = f"/v1/teams/{world.team}/members"
        self.assertEqual(deployer.post(path, {"user": MALLORY, "role": "viewer"}).status, 403)

    def test_only_an_admin_operates_the_server(self):
        for client in (viewer, deployer, mallory):
            self.assertEqual(client.get("/v1/admin/dispatch").status, 403)
            self.assertEqual(client.request("PUT", "/v1/admin/dispatch", {"state": "held"}).status, 403)
        self.assertEqual(world.admin.get("/v1/admin/dispatch").json["result"]["state"], "armed")

    def test_a_team_keeps_an_owner(self):
        me = next(member["user"] for member in
                  world.admin.get(f"/v1/teams/{world.team}").json["result"]["members"]
                  if member["role"] == "owner")
        path = f"/v1/teams/{world.team}/members/{me}"
        self.assertEqual(world.admin.patch(path, {"role": "viewer"}).status, 409)
        self.assertEqual(world.admin.request("DELETE", path).status, 409)


class Members(unittest.TestCase):
    def test_come_change_their_role_and_go(self):
        members = f"/v1/teams/{world.team}/members"
        added = world.admin.post(members, {"name": "Ada", "role": "viewer"})
        self.assertEqual(added.status, 201)
        ada = next(one for one in added.json["result"]["members"] if one["name"] == "Ada")["user"]
        changed = world.admin.patch(f"{members}/{ada}", {"role": "deployer"})
        self.assertEqual(changed.status, 200)
        roles = {one["user"]: one["role"] for one in changed.json["result"]["members"]}
        self.assertEqual(roles[ada], "deployer")
        removed = world.admin.request("DELETE", f"{members}/{ada}")
        self.assertEqual(removed.status, 200)
        self.assertNotIn(ada, [one["user"] for one in removed.json["result"]["members"]])


if __name__ == "__main__":
    unittest.main()
