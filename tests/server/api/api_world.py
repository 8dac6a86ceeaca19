"""The world of the API tests: a server, a team with apps, another team, and tokens of all roles.

Every request and answer is held against the API's description.
"""

import functools
import http.client
import tempfile
import unittest

from openapi import Description
from processes import Answer, Client, Receiver, Server, eventually
from samples import Samples

# Whatever these tests see is what the API's description says.
DESCRIPTION = Description.of_the_server()
Client.witness = DESCRIPTION.check
Receiver.witness = functools.partial(DESCRIPTION.check_webhook, "deployment.due")


class World:
    """Made once a module; ended by close()."""

    def __init__(self, *options, **more):
        self.directory = tempfile.TemporaryDirectory()
        self.receiver = None
        self.server = Server(f"{self.directory.name}/data", *options, **more)
        self.admin = self.server.client()
        self.team = self.admin.get("/v1/teams").json["result"][0]["id"]

    def accepting(self):
        """The URL of a target that answers 202 and reports no end: what is sent there stays under way."""
        if self.receiver is None:
            self.receiver = Receiver(f"{self.directory.name}/deliveries.jsonl", "--answer", "202")
        return self.receiver.url

    def close(self):
        if self.receiver is not None:
            self.receiver.__exit__()
        self.admin.close()
        if self.server.process.is_running:
            self.server.kill()
        self.directory.cleanup()

    def client_of(self, user, team=None):
        options = ["--user", user] + (["--team", team] if team else [])
        return self.server.client(self.server.token(*options))

    def app(self, client=None, name="api", url="http://127.0.0.1:9/deploy", **more):
        """Registers an app and returns it."""
        answer = (client or self.admin).post("/v1/apps", app_fields(name, url, **more))
        assert answer.status == 201, answer
        return answer.json["result"]

    def scheduled(self, app, client=None, **more):
        """Schedules a deployment and returns it."""
        body = schedule_fields(app, **more)
        answer = (client or self.admin).post("/v1/scheduled_deployments", body)
        assert answer.status == 201, answer
        return answer.json["result"]


# What no object is called, by the parameter's schema, or by its name where that is text.
NOWHERE = {
    "AppId": "app_01h455vb4pex5vsknk084sn02q",
    "ScheduleId": "sched_01h455vb4pex5vsknk084sn02q",
    "DeploymentId": "dep_01h455vb4pex5vsknk084sn02q",
    "TeamId": "team_01h455vb4pex5vsknk084sn02q",
    "UserId": "user_01h455vb4pex5vsknk084sn0zz",
    "token": "tok_01h455vb4pex5vsknk084sn02q",
    "invitation": "inv_01h455vb4pex5vsknk084sn02q",
    "CredentialId": "cred_01h455vb4pex5vsknk084sn02q",
}

# Of the targets in what Samples make, and of the credentials for them.
ORIGIN = "https://deploy.example.com"


def one_of_each(client, url, name="each"):
    """Makes an object of every kind in the team of an owner, and answers their ids, by the same names as
    NOWHERE. `url` is of World.accepting(): nothing happens to them by itself."""

    def made(path, body):
        answer = client.post(path, body)
        assert answer.status in (200, 201), answer
        return answer.json["result"]["id"]

    team = client.get("/v1/teams").json["result"][0]
    app = made("/v1/apps", app_fields(name, url))
    deployment = made("/v1/deployments", {"app": app})
    path = f"/v1/deployments/{deployment}"
    eventually(lambda: client.get(path).json["result"]["completion_deadline"])
    return {
        "AppId": app,
        "ScheduleId": made("/v1/scheduled_deployments", schedule_fields(app)),
        "DeploymentId": deployment,
        "TeamId": team["id"],
        "UserId": team["members"][0]["user"],
        "token": made("/v1/tokens", {"name": name, "role": "viewer"}),
        "invitation": made("/v1/invitations", {"role": "viewer", "email": f"{name}@example.org"}),
        "CredentialId": made("/v1/credentials", {
            "name": name, "kind": "bearer", "origin": ORIGIN, "secret": "correct-horse-battery-staple"
        }),
    }


def known_of(ids):
    """What Samples need to make valid bodies of the objects of one team."""
    return {
        **{kind: id for kind, id in ids.items() if kind[0].isupper()},
        "TargetUrl": f"{ORIGIN}/hooks/x",
        "Origin": ORIGIN,
        "CredentialSecret": "correct-horse-battery-staple",
        "TimeZone": "America/New_York",
        "Year": 2029, "Month": 3, "Day": 4, "Hour": 5, "Minute": 6,
        "At": "2029-03-04T05:06",
        "Dependency": {"app": ids["AppId"], "lead_minutes": 20, "dependency": ids["AppId"]},
        "/email": "ada@example.org",
    }


def schema_of(operation):
    """Of its body."""
    return operation.body["content"]["application/json"]["schema"]


def body_of(operation, known, form=0):
    """A body of an operation with all members that it can have at once."""
    body = Samples(DESCRIPTION, known, form=form).of(schema_of(operation))
    if operation.name == "revise_schedule":
        body.pop("at")  # beside year to minute it says the same twice
    elif operation.name == "store_credential":
        body.update(kind="header", header="X-Api-Key")
        body.pop("username")  # each of them belongs to another kind
    elif "at" in body:
        body["timezone"] = known["TimeZone"]
    return body


def parameter_of(parameter):
    """What a parameter stands for: the name of its schema, or its own where it is text."""
    return parameter["schema"].get("$ref", parameter["name"]).rpartition("/")[2]


def target_of(operation, ids):
    """The path of an operation, with an id of `ids` for each of its parameters."""
    path = operation.path
    for one in operation.parameters:
        if one["in"] == "path":
            kind = parameter_of(one)
            name = f"{operation.name}: {{{one['name']}}} ({kind})"
            assert kind in ids, f"{name}: no such object is known: see one_of_each"
            path = path.replace(f"{{{one['name']}}}", ids[kind])
    return path


class ApiTest(unittest.TestCase):
    """All of a class share one world, and its admin as `client`."""

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.client = cls.world.admin

    @classmethod
    def tearDownClass(cls):
        cls.world.close()


def app_fields(name="api", url="http://127.0.0.1:9/deploy", **more):
    return {
        "name": name,
        "environment": "production",
        "infrastructure": {"provider": "kubernetes", "region": "eu-1"},
        "target": {"kind": "webhook", "url": url},
        **more,
    }


def schedule_fields(app, **more):
    """Of a wall clock in New York, unless `more` says another."""
    clock = {"year": 2029, "month": 2, "day": 10, "hour": 3, "minute": 0}
    if "at" in more:
        clock = {}
    return {"app": app, **clock, "timezone": "America/New_York", **more}


def asked(client, operation, target, body=None, headers=None):
    """The answer to a request of an operation. Of a stream that does not end it is the head."""
    if "text/event-stream" not in DESCRIPTION.followed(operation.responses.get("200", {})).get("content", {}):
        return client.request(operation.method, target, body, headers=headers)
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=120)
    sent = {"Authorization": f"Bearer {client.token}", **(headers or {})}
    connection.request("GET", target, headers=sent)
    response = connection.getresponse()
    text = "" if response.status == 200 else response.read().decode()
    connection.close()
    answer = Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, text)
    Client.witness("GET", target, {name.lower(): value for name, value in sent.items()}, None, answer)
    return answer


def events_of(client, stream=None):
    """All events that the client's team has, or those of one object, in order."""
    found, after = [], 0
    while True:
        path = f"/v1/events?limit=200&after={after}" + (f"&stream={stream}" if stream else "")
        page = client.get(path).json
        found += page["result"]
        if not page["next_cursor"]:
            return found
        after = page["next_cursor"]
