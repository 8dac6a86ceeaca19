"""Lists: pages that stay right while rows come and go, filters, sorts. And what a preview answers."""

import unittest

from api_world import ApiTest, events_of, schedule_fields

SCHEDULES = "/v1/scheduled_deployments"


class Lists(ApiTest):
    def pages(self, path, between=lambda: None, limit=2):
        """The rows of all pages; `between` is called before each but the first."""
        rows, cursor = [], ""
        while True:
            page = self.client.get(f"{path}{'&' if '?' in path else '?'}limit={limit}{cursor}")
            self.assertEqual(page.status, 200, page)
            rows += page.json["result"]
            if page.json["next_cursor"] is None:
                return rows
            cursor = "&cursor=" + page.json["next_cursor"]
            between()

    def days(self, app, count):
        """Schedules of `app` on so many days, the latest first."""
        return [self.world.scheduled(app, day=day)["id"] for day in range(count, 0, -1)]


class LargeRows(Lists):
    """A page ends before it has too many bytes, and says where to go on."""

    PAGE_BYTES = 1 << 20
    ROW_BYTES = 60_000  # nearly as much as an app may have
    COUNT = 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ids = [cls.world.app(name=f"large-{number}", infrastructure=cls.infrastructure(number))["id"]
                   for number in range(cls.COUNT)]
        for number in range(cls.COUNT):
            answer = cls.client.patch(f"/v1/apps/{cls.ids[0]}", {"infrastructure": cls.infrastructure(number)})
            assert answer.status == 200, answer

    @classmethod
    def infrastructure(cls, number):
        env = {f"E{i}": f"{number:05}" * (cls.ROW_BYTES // 50) for i in range(10)}
        return {"provider": "other", "containers": [{"name": "a", "image": "b", "env": env}]}

    def test_end_a_page_early(self):
        for path in ("/v1/apps", "/v1/apps?sort=-name", "/v1/events?type=AppRevised", f"/v1/apps/{self.ids[0]}/history"):
            with self.subTest(path):
                answer = self.client.get(f"{path}{'&' if '?' in path else '?'}limit=200")
                self.assertLess(len(answer.text), self.PAGE_BYTES + 2 * self.ROW_BYTES)
                self.assertGreater(len(answer.text), self.PAGE_BYTES)
                self.assertIsNotNone(answer.json["next_cursor"])

    def test_come_once_each_over_all_pages(self):
        for sort in ("created_at", "-created_at", "name", "-name"):
            rows = [row["id"] for row in self.pages(f"/v1/apps?sort={sort}", limit=200)]
            self.assertEqual(len(rows), self.COUNT)
            self.assertEqual(set(rows), set(self.ids))
        history = self.pages(f"/v1/apps/{self.ids[0]}/history", limit=200)
        self.assertEqual([one["stream_version"] for one in history], list(range(self.COUNT, 0, -1)))
        events = self.pages("/v1/events", limit=200)
        self.assertEqual(events, events_of(self.client))

    def test_of_a_filter_that_fits_little_come_over_pages_too(self):
        # 8 MiB of events are looked at for one page, and there are 3.6.
        found = self.pages("/v1/events?type=TeamCreated", limit=1)
        self.assertEqual([one["type"] for one in found], ["TeamCreated"])


class Schedules(Lists):
    def setUp(self):
        self.app = self.world.app(name=self.id().rsplit(".", 1)[1])["id"]
        self.path = f"{SCHEDULES}?app={self.app}"

    def ids(self, path, **more):
        return [row["id"] for row in self.pages(path, **more)]

    def test_come_by_due_instant_in_either_order(self):
        made = self.days(self.app, 5)
        self.assertEqual(self.ids(self.path), made[::-1])
        self.assertEqual(self.ids(self.path + "&sort=due_at"), made[::-1])
        self.assertEqual(self.ids(self.path + "&sort=-due_at"), made)

    def test_of_the_same_instant_each_come_once(self):
        made = [self.world.scheduled(self.app)["id"] for _ in range(5)]
        for sort in ("due_at", "-due_at"):
            self.assertCountEqual(self.ids(f"{self.path}&sort={sort}", limit=1), made)

    def test_what_stays_is_on_one_page_though_others_come_and_go(self):
        for sort in ("due_at", "-due_at"):
            with self.subTest(sort):
                made = self.days(self.app, 7)
                victims = [made[1], made[3], made[5]]

                def disturb():
                    if victims:
                        self.client.post(f"{SCHEDULES}/{victims.pop()}/cancel", {})
                        self.world.scheduled(self.app, day=1, hour=0)
                        self.world.scheduled(self.app, day=28)

                seen = self.ids(f"{self.path}&sort={sort}", between=disturb, limit=1)
                self.assertEqual(len(seen), len(set(seen)))
                self.assertLessEqual({made[0], made[2], made[4], made[6]}, set(seen))

    def test_from_and_to_are_inclusive_in_either_order(self):
        made = self.days(self.app, 4)[::-1]
        due = [self.client.get(f"{SCHEDULES}/{one}").json["result"]["due_at"] for one in made]
        for sort in ("due_at", "-due_at"):
            path = f"{self.path}&sort={sort}&from={due[1]}&to={due[2]}"
            self.assertCountEqual(self.ids(path, limit=1), made[1:3])
            self.assertEqual(self.ids(f"{self.path}&sort={sort}&from={due[3]}&to={due[0]}"), [])

    def test_what_ended_is_shown_when_asked_for(self):
        made = self.days(self.app, 3)
        self.client.post(f"{SCHEDULES}/{made[1]}/cancel", {})
        self.assertEqual(self.ids(self.path), [made[2], made[0]])
        self.assertEqual(self.ids(self.path + "&include=completed"), made[::-1])
        self.assertEqual(self.ids(self.path + "&status=cancelled"), [made[1]])

    def test_are_shown_on_another_wall_clock_too(self):
        self.world.scheduled(self.app, at="2029-07-10T22:30")
        row = self.client.get(self.path + "&timezone=asia/calcutta").json["result"][0]
        self.assertEqual(row["timezone"], "America/New_York")
        self.assertEqual(row["shown_in"], {"timezone": "Asia/Kolkata", "local_time": "2029-07-11T08:00:00",
                                           "utc_offset_seconds": 19800})

    def test_name_every_parameter_that_is_not_valid(self):
        answer = self.client.get(f"{SCHEDULES}?sort=name&timezone=Mars/Base&from=x&to=y&limit=0&cursor=z"
                                 "&status=x&include=y&app=z&what=1")
        self.assertEqual(answer.status, 422)
        self.assertCountEqual([error["pointer"] for error in answer.json["errors"]],
                              ["?sort", "?timezone", "?from", "?to", "?limit", "?cursor", "?status",
                               "?include", "?app", "?what"])


class Apps(Lists):
    def names(self, query):
        return [app["name"] for app in self.pages("/v1/apps?environment=sorted" + query)]

    def test_are_sorted_as_asked(self):
        for name in ("b", "a", "d", "c", "e"):
            self.world.app(name=name, environment="sorted")
        self.assertEqual(self.names(""), ["b", "a", "d", "c", "e"])
        self.assertEqual(self.names("&sort=created_at"), ["b", "a", "d", "c", "e"])
        self.assertEqual(self.names("&sort=-created_at"), ["e", "c", "d", "a", "b"])
        self.assertEqual(self.names("&sort=name"), ["a", "b", "c", "d", "e"])
        self.assertEqual(self.names("&sort=-name"), ["e", "d", "c", "b", "a"])
        self.assertEqual(self.client.get("/v1/apps?sort=colour").status, 422)

    def test_by_name_go_on_though_the_last_of_a_page_gets_another_name(self):
        made = [self.world.app(name=f"app-{i}", environment="moving")["id"] for i in range(6)]
        for name in ("zz", "aa"):
            path = "/v1/apps?environment=moving&sort=name&limit=2"
            first = self.client.get(path).json
            last = first["result"][-1]
            self.client.patch(f"/v1/apps/{last['id']}", {"name": name})
            seen = {app["id"] for app in first["result"]}
            while first["next_cursor"]:
                first = self.client.get(f"{path}&cursor={first['next_cursor']}").json
                seen |= {app["id"] for app in first["result"]}
            self.assertEqual(seen, set(made))
            self.client.patch(f"/v1/apps/{last['id']}", {"name": last["name"]})

    def test_go_on_in_the_order_that_their_cursor_is_of_only(self):
        for name in ("one", "two"):
            self.world.app(name=f"ordered-{name}", environment="ordered")
        cursor = self.client.get("/v1/apps?environment=ordered&sort=name&limit=1").json["next_cursor"]
        answer = self.client.get(f"/v1/apps?environment=ordered&limit=1&cursor={cursor}")
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "?cursor"))


class Previews(ApiTest):
    def test_answer_what_a_post_would_and_record_nothing(self):
        app = self.world.app(name="api")["id"]
        database = self.world.app(name="db")["id"]
        body = schedule_fields(app, at="2029-03-11T02:30", dependency={"app": database, "lead_minutes": 20})
        before = len(events_of(self.client))
        preview = self.client.post(SCHEDULES + "/preview", body)
        self.assertEqual(preview.status, 200, preview)
        self.assertEqual(len(events_of(self.client)), before)
        real = self.client.post(SCHEDULES, body).json["result"]
        found = preview.json["result"]

        def timeless(one):
            own = {"id", "created_at", "entry_key", "dependency", "parent"}
            return {name: value for name, value in one.items() if name not in own}

        self.assertEqual(timeless(found), timeless(real))
        self.assertEqual(timeless(found["dependency"]), timeless(real["dependency"]))
        self.assertEqual(found["resolution"], "gap_shifted")
        self.assertEqual(found["dependency"]["parent"], found["id"])
        self.assertEqual(self.client.get(f"{SCHEDULES}/{found['id']}").status, 404)

    def test_refuse_what_a_post_would_refuse(self):
        app = self.world.app(name="refused")["id"]
        for body in (schedule_fields(app, month=13), schedule_fields(app, timezone="Mars/Base"),
                     schedule_fields(app, at="2019-02-10T03:00"), {}):
            preview = self.client.post(SCHEDULES + "/preview", body)
            real = self.client.post(SCHEDULES, body)
            self.assertEqual(preview.status, 422)
            pointers = [[(error["pointer"], error["code"]) for error in answer.json["errors"]]
                        for answer in (preview, real)]
            self.assertEqual(*pointers)


if __name__ == "__main__":
    unittest.main()
