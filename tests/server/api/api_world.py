"""The world of the API tests: a server, a team with apps, another team, and tokens of all roles.

Every request and answer is held against the API's description.
"""

import functools
import tempfile
import unittest

from openapi import Description
from processes import Client, Receiver, Server

# Whatever these tests see is what the API's description says.
DESCRIPTION = Description.of_the_server()
Client.witness = DESCRIPTION.check
Receiver.witness = functools.partial(DESCRIPTION.check_webhook, "deployment.due")


class World:
    """Made once a module; ended by close()."""

    def __init__(self, *options):
        self.directory = tempfile.TemporaryDirectory()
        self.server = Server(f"{self.directory.name}/data", *options)
        self.admin = self.server.client()
        self.team = self.admin.get("/v1/teams").json["result"][0]["id"]

    def close(self):
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
