"""Nothing that a user or a team makes grows without a bound: at the bound there is an error, never a crash."""

import os
import re
import resource
import unittest

from api_world import World, app_fields, schedule_fields
from metrics import scrape
from openapi import ROOT
from processes import run_program

# The quotas of the server below: small enough to be reached.
LIMITS = {
    "--user-teams-max": 3, "--user-memberships-max": 4, "--team-members-max": 3, "--team-invitations-max": 2,
    "--team-tokens-max": 2, "--team-credentials-max": 2, "--team-apps-max": 3, "--team-pending-max": 4,
    "--team-texts-mib-max": 1, "--team-definitions-mib-max": 1, "--user-mib-max": 5, "--memory-mib-max": 6,
    "--revoked-users-max": 2,
}
USERS = [f"user_01h455vb4pex5vsknk084sn0{end}" for end in ("3a", "3b", "3c")]
# Some 64 KB of env, by which two revisions differ.
ENV = {f"V{number}": "x" * 8_000 for number in range(8)}


def revision(number):
    """A merge patch of an app, as large as one may be."""
    container = {"name": "web", "image": f"web:{number}", "env": ENV}
    return {"infrastructure": {"provider": "kubernetes", "containers": [container]}}


class Quotas(unittest.TestCase):
    def setUp(self):
        self.world = World(*[str(part) for option in LIMITS.items() for part in option])
        self.client = self.world.admin
        self.options = dict(LIMITS)

    def tearDown(self):
        self.world.close()

    def restart_with(self, options):
        self.options.update(options)
        self.world.server.terminate()
        self.world.server.options = [part for option in self.options.items() for part in option]
        self.world.server.start()
        self.client.close()
        self.client = self.world.admin = self.world.server.client()

    def fill(self, setting, make, unit=1):
        """Calls `make` with a number until it is refused; returns how often it was not."""
        for number in range(1_000):
            answer = make(number)
            if answer.status not in (200, 201):
                break
        self.assertEqual((answer.status, answer.json["code"]), (409, "quota_exceeded"), answer)
        self.assertEqual(answer.json["setting"], setting)
        self.assertEqual(answer.json["limit"], self.options[setting] * unit)
        self.assertGreater(answer.json["value"], answer.json["limit"])
        self.assertIn(setting, answer.json["detail"])
        return number

    def test_hold_for_each_object_that_is_made(self):
        client, team = self.client, self.world.team
        made = self.fill("--team-apps-max", lambda number: client.post("/v1/apps", app_fields(f"app-{number}")))
        self.assertEqual(made, 3)
        app = client.get("/v1/apps").json["result"][0]["id"]
        self.fill("--team-apps-max", lambda number: client.post(f"/v1/apps?source={app}", {}))
        plan = schedule_fields(app)
        self.assertEqual(4, self.fill("--team-pending-max", lambda _: client.post("/v1/scheduled_deployments", plan)))
        self.fill("--team-pending-max", lambda _: client.post("/v1/deployments", {"app": app}))
        self.fill("--team-pending-max", lambda _: client.post("/v1/scheduled_deployments/preview", plan))
        self.assertEqual(2, self.fill("--team-members-max", lambda number: client.post(
            f"/v1/teams/{team}/members", {"name": f"member {number}", "role": "viewer"})))
        self.assertEqual(2, self.fill("--team-invitations-max", lambda _: client.post(
            "/v1/invitations", {"role": "viewer"})))
        self.assertEqual(2, self.fill("--team-tokens-max", lambda number: client.post(
            "/v1/tokens", {"name": f"token {number}", "role": "viewer"})))
        self.assertEqual(2, self.fill("--team-credentials-max", lambda number: client.post("/v1/credentials", {
            "name": f"credential {number}", "kind": "bearer", "origin": "https://example.com",
            "secret": "correct-horse-battery-staple"})))
        self.assertEqual(2, self.fill("--user-teams-max", lambda number: client.post(
            "/v1/teams", {"name": f"team {number}"})))

    def test_are_freed_by_what_ends_and_hold_after_a_restart(self):
        app = self.world.app()["id"]
        plan = schedule_fields(app)
        make = lambda _=0: self.client.post("/v1/scheduled_deployments", plan)  # noqa: E731
        self.fill("--team-pending-max", make)
        self.world.server.kill()
        self.world.server.start()
        self.client.close()
        self.client = self.world.admin = self.world.server.client()
        self.fill("--team-pending-max", make)
        first = self.client.get("/v1/scheduled_deployments").json["result"][0]["id"]
        self.assertEqual(self.client.post(f"/v1/scheduled_deployments/{first}/cancel", {}).status, 200)
        self.assertEqual(make().status, 201)

    def test_of_memory_count_versions_that_schedules_are_pinned_to(self):
        app = self.world.app()["id"]

        def pin_and_revise(number):
            plan = self.client.post("/v1/scheduled_deployments", schedule_fields(app))
            return plan if plan.status == 409 else self.client.patch(f"/v1/apps/{app}", revision(number))

        self.restart_with({"--team-pending-max": 1_000})
        made = self.fill("--team-definitions-mib-max", pin_and_revise, unit=1 << 20)
        self.assertGreater(made, 10)
        self.assertLess(made, 20)
        # Each runs, and shows, the version that it was scheduled with.
        plans = self.client.get("/v1/scheduled_deployments?limit=200").json["result"]
        self.assertEqual(len({plan["runs_version"] for plan in plans}), made + 1)
        # Nothing is pinned to a version any more: there is room again.
        self.assertEqual(self.client.request("DELETE", f"/v1/apps/{app}?cancel_schedules=true").status, 200)
        self.assertEqual(self.client.post("/v1/apps", app_fields("next", **revision(1))).status, 201)

    def test_of_texts_hold_for_notes_and_labels(self):
        app = self.world.app()["id"]
        labels = {f"label-{number}": "x" * 200 for number in range(32)}
        self.restart_with({"--team-pending-max": 1_000})
        made = self.fill("--team-texts-mib-max", lambda _: self.client.post(
            "/v1/scheduled_deployments", schedule_fields(app, note="x" * 2_000, labels=labels)), unit=1 << 20)
        self.assertGreater(made, 50)

    def test_are_in_the_metrics_with_the_highest_use(self):
        app = self.world.app()["id"]
        self.world.scheduled(app)
        self.world.scheduled(app)
        found = scrape(self.client)
        self.assertEqual(found.value("slipway_quota_limit", quota="pending"), 4)
        self.assertEqual(found.value("slipway_quota_use", quota="pending"), 2)
        self.assertEqual(found.value("slipway_quota_limit", quota="definition_bytes"), 1 << 20)
        self.assertGreater(found.value("slipway_quota_use", quota="definition_bytes"), 100)
        self.assertEqual(found.value("slipway_quota_use", quota="teams_per_user"), 1)
        self.assertEqual(found.value("slipway_definitions"), 1)

    def test_of_memory_hold_for_each_entry_of_a_team(self):
        self.restart_with({
            "--user-mib-max": 1, "--team-credentials-max": 1_000, "--team-tokens-max": 1_000, "--user-teams-max": 1_000,
            "--user-memberships-max": 1_000, "--team-invitations-max": 1_000, "--team-members-max": 1_000,
            "--team-pending-max": 1_000, "--team-texts-mib-max": 2})
        app = self.world.app()["id"]
        self.fill("--user-mib-max", lambda _: self.client.post(
            "/v1/scheduled_deployments", schedule_fields(app, note="x" * 2_000)), unit=1 << 20)
        # The larger first: the smaller fill what is left. With a second team the client must name one.
        for path, fields in (
            ("/v1/credentials", {"kind": "bearer", "origin": "https://example.com", "secret": "x" * 3_000}),
            ("/v1/tokens", {"role": "viewer"}),
            ("/v1/invitations", {"role": "viewer"}),
            (f"/v1/teams/{self.world.team}/members", {"role": "viewer"}),
            ("/v1/teams", {}),
        ):
            name = lambda number: {} if path == "/v1/invitations" else {"name": f"number {number}"}  # noqa: B023,E731
            make = lambda number: self.client.post(path, {**fields, **name(number)})  # noqa: B023,E731
            with self.subTest(path):
                made = self.fill("--user-mib-max", make, unit=1 << 20)
                self.assertLess(made, 10)
        self.assertEqual(self.client.get("/v1/teams").status, 200)

    def test_of_users_whose_tokens_are_revoked_refuse_only_one_more(self):
        revoke = lambda number: self.client.post(f"/v1/admin/users/{USERS[number]}/revoke_tokens", {})  # noqa: E731
        self.assertEqual(self.fill("--revoked-users-max", revoke), 2)
        self.assertEqual(revoke(0).status, 200)
        self.assertEqual(scrape(self.client).value("slipway_quota_use", quota="revoked_users"), 2)

    def test_have_each_an_option_and_a_row_on_the_page(self):
        text = run_program("slipway-server", "run", "--help")
        page = (ROOT / "server/README.md").read_text()
        rows = dict(re.findall(r"^\| `(--[a-z-]+-max)` \| ([0-9,]+)", page, re.MULTILINE))
        self.assertEqual(set(rows), set(LIMITS))
        for setting in LIMITS:
            self.assertIn(setting, text)


class ArchivedApps(unittest.TestCase):
    def test_are_read_from_the_log_as_they_were(self):
        world = World()
        try:
            app = world.app(name="old", **revision(1))
            archived = world.admin.request("DELETE", f"/v1/apps/{app['id']}").json["result"]
            for _ in range(2):
                self.assertEqual(archived["infrastructure"], app["infrastructure"])
                self.assertEqual(archived["target"], app["target"])
                path = f"/v1/apps/{app['id']}"
                self.assertEqual(world.admin.get(path).json["result"], archived)
                self.assertEqual(world.admin.get("/v1/apps?archived=true").json["result"], [archived])
                again = world.admin.request("DELETE", path)
                self.assertEqual((again.status, again.json["result"]), (200, archived))
                clone = world.admin.post(f"/v1/apps?source={app['id']}", {}).json["result"]
                self.assertEqual(clone["infrastructure"], app["infrastructure"])
                world.server.kill()
                world.server.start()
                world.admin.close()
                world.admin = world.server.client()
        finally:
            world.close()


class Memory(unittest.TestCase):
    # Of address space: with every version in memory it was full after 3,300 revisions.
    MIB, REVISIONS = 400, 4_000

    def test_does_not_grow_with_old_versions(self):
        world = World()
        try:
            app = world.app()["id"]
            self.limit(world.server)
            for number in range(self.REVISIONS):
                answer = world.admin.patch(f"/v1/apps/{app}", revision(number))
                self.assertEqual(answer.status, 200)
            self.assertEqual(scrape(world.admin).value("slipway_definitions"), 1)
            world.server.terminate()
            world.server.start()
            self.limit(world.server)
            world.admin.close()
            world.admin = world.server.client()
            app = world.admin.get(f"/v1/apps/{app}").json["result"]
            self.assertEqual(app["version"], self.REVISIONS + 1)
        finally:
            world.close()

    def limit(self, server):
        """Sanitizers map terabytes of addresses, so a sanitized server runs without the limit."""
        if os.environ.get("SLIPWAY_SANITIZE"):
            return
        size = self.MIB << 20
        resource.prlimit(server.process.process.pid, resource.RLIMIT_AS, (size, size))


if __name__ == "__main__":
    unittest.main()
