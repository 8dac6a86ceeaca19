"""What is accepted and worth a second look."""

import unittest

from api_world import ApiTest, app_fields, schedule_fields
from processes import Receiver, eventually

SECRETS = [
    "https://gitlab.example.com/api/v4/projects/1/ref/main/trigger/pipeline?token=abc", "https://x.example.com/?TOKEN=a",
    "https://x.example.com/?a=b&key=c", "https://x.example.com/?secret=c#d", "https://x.example.com/?sig=c",
    "https://x.example.com/?PassWord=c", "https://x.example.com/?auth=c", "https://x.example.com/?access_token=c",
    "https://x.example.com/?%74oken=c", "https://x.example.com/?a;token=c",
    "https://hooks.slack.com/services/T0/B0/x", "https://HOOKS.slack.com/services/T0/B0/x",
    "https://discord.com/api/webhooks/1/x", "https://discordapp.com/api/webhooks/1/x",
    "https://discord.com/api/v10/webhooks/1/x",
]
NO_SECRETS = [
    "https://x.example.com/", "https://x.example.com/?tokens=1", "https://x.example.com/?token=", "https://x.example.com/token=1",
    "https://x.example.com/?next=token", "https://slack.com/services/x", "https://x.example.com/#token=1",
]


class Warnings(ApiTest):
    count = 0

    def app(self, **more):
        type(self).count += 1
        return self.world.app(name=f"app-{self.count}", **more)["id"]

    def warned(self, plan, *others):
        self.assertIn("same_app_same_time", plan["warnings"])
        self.assertEqual(set(plan["same_time_as"]), {other["id"] for other in others})

    def not_warned(self, plan):
        self.assertEqual(plan["warnings"], [])
        self.assertNotIn("same_time_as", plan)

    def test_name_the_other_schedule_of_the_same_app_at_the_same_instant(self):
        app = self.app()
        first = self.world.scheduled(app)
        self.not_warned(first)
        fields = schedule_fields(app)
        preview = self.client.post("/v1/scheduled_deployments/preview", fields).json["result"]
        self.warned(preview, first)
        second = self.world.scheduled(app)
        self.warned(second, first)
        path = f"/v1/scheduled_deployments/{first['id']}"
        self.warned(self.client.get(path).json["result"], second)
        listed = {plan["id"]: plan for plan in self.client.get("/v1/scheduled_deployments?limit=200").json["result"]}
        self.warned(listed[first["id"]], second)
        self.assertEqual(self.client.post(f"/v1/scheduled_deployments/{second['id']}/cancel", {}).status, 200)
        self.not_warned(self.client.get(path).json["result"])

    def test_compare_instants_and_not_clocks(self):
        app = self.app()
        first = self.world.scheduled(app, at="2029-02-10T03:00", timezone="America/New_York")
        self.warned(self.world.scheduled(app, at="2029-02-10T08:00", timezone="UTC"), first)
        self.not_warned(self.world.scheduled(app, at="2029-02-10T03:00", timezone="UTC"))
        self.not_warned(self.world.scheduled(self.app()))

    def test_come_with_a_change_to_the_instant_of_another(self):
        app = self.app()
        first = self.world.scheduled(app)
        second = self.world.scheduled(app, hour=4)
        self.not_warned(second)
        answer = self.client.patch(f"/v1/scheduled_deployments/{second['id']}", {"hour": 3})
        self.warned(answer.json["result"], first)

    def test_see_what_must_be_deployed_first(self):
        app, database = self.app(), self.app()
        alone = self.world.scheduled(database, at="2029-02-10T02:45")
        plan = self.world.scheduled(app, dependency={"app": database, "lead_minutes": 15})
        self.warned(plan, alone)
        self.warned(plan["dependency"], alone)
        # Within one tree.
        other, third = self.app(), self.app()
        tree = [{"app": other, "lead_minutes": 10}, {"app": third, "lead_minutes": 5,
                                                     "dependency": {"app": other, "lead_minutes": 5}}]
        preview = self.client.post("/v1/scheduled_deployments/preview", schedule_fields(self.app(), dependency=tree))
        self.assertEqual(len(preview.json["result"]["same_time_as"]), 2)

    def test_say_that_a_newer_version_was_deployed_since(self):
        with Receiver(f"{self.world.directory.name}/live.jsonl") as receiver:
            app = self.app(url=receiver.url)
            pinned = self.world.scheduled(app)
            latest = self.world.scheduled(app, hour=5, app_version="latest")
            self.assertEqual(self.client.patch(f"/v1/apps/{app}", {"description": "newer"}).status, 200)
            path = f"/v1/scheduled_deployments/{pinned['id']}"
            self.not_warned(self.client.get(path).json["result"])
            run = self.client.post("/v1/deployments", {"app": app}).json["result"]["id"]
            eventually(lambda: self.client.get(f"/v1/deployments/{run}").json["result"]["status"] == "succeeded")
            found = self.client.get(path).json["result"]
            self.assertEqual((found["warnings"], found["live_version"]), (["older_than_live"], 2))
            self.not_warned(self.client.get(f"/v1/scheduled_deployments/{latest['id']}").json["result"])
            self.not_warned(self.world.scheduled(app, hour=6))

    def test_tell_of_a_secret_in_the_url_of_a_target(self):
        for urls, wanted in ((SECRETS, ["secret_in_url"]), (NO_SECRETS, [])):
            for url in urls:
                with self.subTest(url):
                    app = self.app(url=url)
                    self.assertEqual(self.client.get(f"/v1/apps/{app}").json["result"]["warnings"], wanted)

    def test_of_a_secret_come_with_each_call_that_shows_the_app(self):
        url = SECRETS[0]
        made = self.client.post("/v1/apps", app_fields("made", url)).json["result"]
        clone = self.client.post(f"/v1/apps?source={made['id']}", {}).json["result"]
        plain = self.app()
        target = {"target": {"url": url}}
        revised = self.client.patch(f"/v1/apps/{plain}", target).json["result"]
        archived = self.client.request("DELETE", f"/v1/apps/{plain}").json["result"]
        for app in (made, clone, revised, archived):
            self.assertEqual(app["warnings"], ["secret_in_url"])


if __name__ == "__main__":
    unittest.main()
