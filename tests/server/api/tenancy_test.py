"""What belongs to another team is not there: on no route, in no parameter, header or body, in no list, event
or cursor. And what each role may do.

The places where an id can stand are found in server/api/openapi.yaml. A new kind of object is named by the
test that fails: make one in `one_of_each` of api_world.py. So is a new parameter: say below what it is.
"""

import json
import unittest

from api_world import (DESCRIPTION, NOWHERE, World, app_fields, asked, body_of, events_of, known_of, one_of_each,
                       parameter_of, schedule_fields, schema_of, target_of)
from event_stream_test import Stream
from processes import Client
from samples import laid_over, places

MALLORY = "user_01h455vb4pex5vsknk084sn02q"
VIEWER = "user_01h455vb4pex5vsknk084sn02r"
DEPLOYER = "user_01h455vb4pex5vsknk084sn02s"
RIVAL_VIEWER = "user_01h455vb4pex5vsknk084sn02t"
RIVAL_DEPLOYER = "user_01h455vb4pex5vsknk084sn02v"
STRANGER = "user_01h455vb4pex5vsknk084sn02x"
OF_BOTH = "user_01h455vb4pex5vsknk084sn02y"

# Parameters that hold any object's id, and those that hold none. Positions and cursors have their own tests.
OF_ANY_OBJECT = {"stream"}
OF_NO_OBJECT = {
    "X-Request-Id", "traceparent", "Slipway-Min-Position", "Idempotency-Key", "If-Match", "If-None-Match",
    "Last-Event-ID", "after", "cursor", "file", "limit", "sort", "name", "environment", "label", "archived", "status",
    "from", "to", "include", "timezone", "EventType", "cancel_schedules", "force",
}
# What is not a GET, and yet for those whose role is to read: their own affairs, and what records nothing.
OF_ANYBODY = {"create_team", "accept_invitation", "preview_schedule"}


def is_operation_of_the_server(operation):
    return operation.path.startswith("/v1/admin/") or operation.name == "get_metrics"


# Laid over a body: what is asked first, whose the object is or what is wrong, tells that it is there.
MISTAKES = ({}, {"name": 7, "no_such_field": 1})


def setUpModule():
    global world, ours, theirs, rivals, mallory, viewer, deployer, marks
    world = World()
    ours = one_of_each(world.admin, world.accepting(), "confidential")
    for user, role in ((VIEWER, "viewer"), (DEPLOYER, "deployer")):
        path = f"/v1/teams/{world.team}/members"
        assert world.admin.post(path, {"user": user, "role": role}).status == 201
    viewer, deployer = world.client_of(VIEWER), world.client_of(DEPLOYER)
    mallory = world.client_of(MALLORY)
    assert mallory.post("/v1/teams", {"name": "rivals"}).status == 201
    theirs = one_of_each(mallory, world.accepting(), "theirs")
    # All that another team must not see: our ids, and the name that ours bear. (Who adds its members is
    # the admin, whose id it sees.)
    marks = {id for kind, id in ours.items() if kind != "UserId"} | {"confidential"}
    rivals = {"owner": mallory, **rivals_of(theirs["TeamId"])}


def rivals_of(team):
    """Clients of the other team: a user and an API token of each role."""
    found = {}
    for role, user in (("viewer", RIVAL_VIEWER), ("deployer", RIVAL_DEPLOYER)):
        added = world.admin.post(f"/v1/teams/{team}/members", {"user": user, "role": role})
        assert added.status == 201, added
        found[role] = world.client_of(user)
    for role in ("viewer", "deployer", "owner"):
        token = mallory.post("/v1/tokens", {"name": role, "role": role}).json["result"]["secret"]
        found[f"token of a {role}"] = Client(world.server.port, token)
    # A member of both teams, by a token that was made for the other one.
    for where, role in ((world.team, "deployer"), (team, "owner")):
        added = world.admin.post(f"/v1/teams/{where}/members", {"user": OF_BOTH, "role": role})
        assert added.status == 201, added
    found["token for one team of two"] = world.client_of(OF_BOTH, team)
    return found


def tearDownModule():
    for client in (*rivals.values(), viewer, deployer):
        client.close()
    world.close()


def request_of(operation, ids):
    """The target of an operation and a valid body, both of the objects of one team."""
    body = None if operation.body is None else body_of(operation, known_of(ids))
    return target_of(operation, {**ids, "file": "docs.css"}), body


def places_of_ids(operation, own):
    """Where the request can name an object: what kind, and a function from an id to the request."""
    target, body = request_of(operation, own)
    for one in operation.parameters:
        kind, name = parameter_of(one), one["name"]
        if kind in OF_NO_OBJECT or name in OF_NO_OBJECT:
            continue
        for which in NOWHERE if kind in OF_ANY_OBJECT else [kind]:
            assert which in NOWHERE, f"{operation.name}: say of {name} ({which}) what kind of object it names"
            if one["in"] == "path":
                yield which, f"{{{name}}}", lambda id, which=which: (
                    request_of(operation, {**own, which: id})[0], body, {})
            elif one["in"] == "query":
                yield which, f"?{name}", lambda id, name=name: (f"{target}?{name}={id}", body, {})
            else:
                yield which, name, lambda id, name=name: (target, body, {name: id})
    if body is not None:
        for place in places(DESCRIPTION, schema_of(operation), body):
            if place.name.endswith("Id"):
                assert place.name in NOWHERE, f"{operation.name}: no {place.name} is known: see one_of_each"
                yield place.name, place.pointer, lambda id, at=place.pointer: (
                    target, laid_over(body, at, id), {})


def told(answer, id):
    """All that an answer tells, but for the id that was asked for and that of the request."""
    text = answer.text.replace(id, "…")
    if text.startswith("{"):
        text = {name: value for name, value in json.loads(text).items() if name != "request_id"}
    headers = {name: answer.headers[name] for name in answer.headers
               if name not in ("x-request-id", "date", "slipway-position", "content-length")}
    return answer.status, headers, text


class Tenancy(unittest.TestCase):
    def setUp(self):
        self.before = world.admin.get("/readyz").json["result"]["position"]

    def shows_nothing(self, text, asked=""):
        for mark in marks:
            self.assertNotIn(mark, text.replace(asked, "") if asked else text)

    def test_another_teams_object_is_as_one_that_is_not_there_wherever_it_is_named(self):
        count = 0
        for operation in DESCRIPTION.operations:
            for kind, where, request in places_of_ids(operation, theirs):
                for role, client in rivals.items():
                    with self.subTest(f"{operation.name} {where} {kind} as {role}"):
                        for mistake in MISTAKES:
                            self.is_as_one_that_is_not_there(client, operation, kind, request, mistake)
                            count += 1
        self.assertGreater(count, 500)
        self.assertEqual(world.admin.get("/readyz").json["result"]["position"], self.before)

    def is_as_one_that_is_not_there(self, client, operation, kind, request, mistake):
        answers = []
        for id in (ours[kind], NOWHERE[kind]):
            target, body, headers = request(id)
            sent = None if body is None else json.dumps({**body, **mistake})
            answers.append(asked(client, operation, target, sent, headers))
        self.assertEqual(told(answers[0], ours[kind]), told(answers[1], NOWHERE[kind]))
        self.assertTrue(operation.method == "GET" or answers[0].status >= 400, answers[0])
        self.shows_nothing(answers[0].text, ours[kind])

    def test_no_list_shows_what_is_another_teams(self):
        for operation in DESCRIPTION.operations:
            content = DESCRIPTION.followed(operation.responses.get("200", {})).get("content", {})
            if operation.method != "GET" or "application/json" not in content or "{" in operation.path:
                continue
            queries = [""]
            for one in operation.parameters:
                if one["in"] == "query" and one["name"] not in ("cursor",):
                    schema = DESCRIPTION.followed(one["schema"])
                    queries += [f"?{one['name']}={str(value).lower()}" for value in
                                schema.get("enum", [True, False] if schema.get("type") == "boolean" else [])]
            for role, client in rivals.items():
                for query in queries:
                    with self.subTest(f"{operation.name}{query} as {role}"):
                        self.shows_nothing(client.get(operation.path + query).text)

    def test_a_cursor_of_another_team_shows_ones_own_only(self):
        lists = [one for one in DESCRIPTION.operations if any(two["name"] == "cursor" for two in one.parameters)]
        for operation in lists:
            target, own = target_of(operation, ours), target_of(operation, theirs)
            world.app(name=f"confidential-{operation.name}")
            world.scheduled(ours["AppId"])
            world.admin.patch(f"/v1/apps/{ours['AppId']}", {"description": operation.name})
            more = world.admin.post("/v1/deployments", {"app": ours["AppId"]}).json["result"]["id"]
            world.admin.post(f"/v1/deployments/{more}/abort", {})
            with self.subTest(operation.name):
                cursor = world.admin.get(f"{target}?limit=1").json["next_cursor"]
                self.assertTrue(cursor)
                for role, client in rivals.items():
                    answer = client.get(f"{own}?cursor={cursor}&limit=200")
                    self.assertIn(answer.status, (200, 422), role)
                    self.shows_nothing(answer.text)

    def test_events_are_of_ones_own_team_only_from_whatever_position(self):
        head = world.admin.get("/readyz").json["result"]["position"]
        for role, client in rivals.items():
            self.assertEqual({event["team"] for event in events_of(client)}, {theirs["TeamId"]}, role)
            for position in range(head + 1):
                self.shows_nothing(client.get(f"/v1/events?after={position}&limit=3").text)
            self.assertEqual(events_of(client, ours["AppId"]), [])

    def test_a_stream_of_events_passes_over_what_is_another_teams(self):
        for role, client in rivals.items():
            for query, last in (("", 0), ("", 5), ("?after=0", None), ("?type=AppCreated", 3)):
                with self.subTest(f"{role} {query} {last}"):
                    stream = Stream(client, query, last)
                    self.addCleanup(stream.close)
                    world.app(name=f"confidential-{role}-{query}-{last}")
                    until = world.app(mallory, f"seen-{role}-{query}-{last}")["id"]
                    event = stream.next()
                    while event["stream"] != until:
                        self.assertEqual(event["team"], theirs["TeamId"])
                        self.shows_nothing(json.dumps(event))
                        event = stream.next()

    def test_a_key_of_another_teams_user_gives_no_answer_of_theirs(self):
        request = ("/v1/apps", app_fields("of-a-shared-key"))
        headers = {"Idempotency-Key": "shared"}
        self.assertEqual(world.admin.post(*request, headers=headers).status, 201)
        for role, client in rivals.items():
            answer = client.post(*request, headers=headers)
            self.assertNotIn("idempotency-replayed", answer.headers, role)
            if answer.status == 201:
                self.assertEqual(answer.json["result"]["team"], theirs["TeamId"], role)
                client.request("DELETE", answer.headers["location"])

    def test_a_callback_token_opens_the_deployment_that_it_was_made_for_only(self):
        tokens = {one["body"]["data"]["deployment"]["id"]: one["body"]["data"]["callback_token"]
                  for one in world.receiver.deliveries()}
        with_ours = Client(world.server.port, tokens[ours["DeploymentId"]])
        self.addCleanup(with_ours.close)
        body = {"outcome": "failed"}
        paths = [f"/v1/deployments/{id}/complete" for id in (theirs["DeploymentId"], NOWHERE["DeploymentId"])]
        answers = [with_ours.post(path, body) for path in paths]
        self.assertEqual(answers[0].status, answers[1].status)
        self.assertGreaterEqual(answers[0].status, 400)
        for operation in DESCRIPTION.operations:
            if operation.stated.get("security") is None:
                target, body = request_of(operation, ours)
                sent = None if body is None else json.dumps(body)
                self.assertEqual(with_ours.request(operation.method, target, sent).status, 401, operation.name)

    def test_a_header_or_claim_does_not_make_a_member(self):
        headers = {"Slipway-Team": world.team}
        self.assertEqual(mallory.get("/v1/apps", headers=headers).status, 403)
        claimed = world.client_of(MALLORY, world.team)
        self.assertEqual(claimed.get("/v1/apps").status, 403)
        claimed.close()

    def test_a_token_for_one_team_acts_for_that_team_only(self):
        everything = world.client_of(OF_BOTH)
        admin = world.server.client(world.server.token("--user", OF_BOTH, "--team", theirs["TeamId"], "--admin"))
        self.addCleanup(everything.close)
        self.addCleanup(admin.close)
        invited = world.admin.post("/v1/invitations", {"role": "viewer"}).json["result"]["secret"]
        ours_named = {"Slipway-Team": ours["TeamId"]}
        for client in (rivals["token for one team of two"], admin):
            for operation in DESCRIPTION.operations:
                if operation.stated.get("security") == [] or operation.name == "complete_deployment":
                    continue
                with self.subTest(operation.name):
                    target, body = request_of(operation, ours)
                    sent = None if body is None else json.dumps(body)
                    self.assertEqual(client.request(operation.method, target, sent, ours_named).status, 403)
            self.assertEqual(client.post("/v1/teams", {"name": "another"}).status, 403)
            self.assertEqual(client.post("/v1/invitations/accept", {"secret": invited}).status, 403)
            self.assertEqual(client.get(f"/v1/teams/{ours['TeamId']}").status, 404)
            teams = client.get("/v1/teams").json["result"]
            self.assertEqual([team["id"] for team in teams], [theirs["TeamId"]])
        self.assertEqual(len(everything.get("/v1/teams").json["result"]), 2)
        self.assertEqual(everything.get("/v1/apps", headers=ours_named).status, 200)

    def test_a_token_for_one_team_is_given_no_answer_that_another_token_got(self):
        everything = world.client_of(OF_BOTH)
        self.addCleanup(everything.close)
        headers = {"Idempotency-Key": "made-by-the-wider-token"}
        self.assertEqual(everything.post("/v1/teams", {"name": "kept apart"}, headers=headers).status, 201)
        answer = rivals["token for one team of two"].post("/v1/teams", {"name": "kept apart"}, headers=headers)
        self.assertEqual(answer.status, 403)

    def test_a_token_for_one_team_is_no_admins_unless_it_says_so(self):
        claimed = world.server.client(world.server.token("--team", world.team))
        self.addCleanup(claimed.close)
        self.assertEqual(claimed.get("/v1/admin/dispatch").status, 403)
        self.assertEqual(claimed.get("/v1/apps").status, 200)

    def test_names_are_unique_within_a_team_only(self):
        world.app(name="api")
        self.assertEqual(world.admin.post("/v1/apps", app_fields("api")).status, 409)
        self.assertEqual(mallory.post("/v1/apps", app_fields("api")).status, 201)


class Roles(unittest.TestCase):
    def test_a_viewer_reads_and_changes_nothing(self):
        before = len(events_of(world.admin))
        for operation in DESCRIPTION.operations:
            target, body = request_of(operation, ours)
            if operation.method == "GET" or operation.name in OF_ANYBODY:
                continue
            with self.subTest(operation.name):
                sent = None if body is None else json.dumps(body)
                self.assertEqual(viewer.request(operation.method, target, sent).status, 403)
        for path in ("/v1/apps", "/v1/scheduled_deployments", "/v1/deployments", "/v1/events",
                     f"/v1/apps/{ours['AppId']}"):
            self.assertEqual(viewer.get(path).status, 200, path)
        self.assertEqual(viewer.get(f"/v1/apps/{ours['AppId']}/signing_secret").status, 403)
        tried = viewer.post("/v1/scheduled_deployments/preview", schedule_fields(ours["AppId"]))
        self.assertEqual(tried.status, 200, "it records nothing")
        self.assertEqual(len(events_of(world.admin)), before)

    def test_a_deployer_deploys_but_does_not_manage(self):
        app = world.app(deployer, "of-a-deployer")["id"]
        self.assertEqual(deployer.post("/v1/scheduled_deployments", schedule_fields(app)).status, 201)
        self.assertEqual(deployer.get(f"/v1/apps/{app}/signing_secret").status, 403)
        path = f"/v1/teams/{world.team}/members"
        self.assertEqual(deployer.post(path, {"user": MALLORY, "role": "viewer"}).status, 403)

    def test_only_an_admin_operates_the_server(self):
        stranger = world.client_of(STRANGER)
        self.addCleanup(stranger.close)
        clients = {**rivals, "viewer of ours": viewer, "deployer of ours": deployer, "stranger": stranger}
        for operation in filter(is_operation_of_the_server, DESCRIPTION.operations):
            target, body = request_of(operation, ours)
            for role, client in clients.items():
                for sent in {None, None if body is None else json.dumps(body)}:
                    with self.subTest(f"{operation.name} as {role}"):
                        self.assertEqual(client.request(operation.method, target, sent).status, 403)
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
