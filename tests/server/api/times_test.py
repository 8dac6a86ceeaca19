"""When something is due, as clients write it: RFC 9557 texts, names of zones, numbers; and refusals that say what to
send instead."""

import unittest

from api_world import World, app_fields, schedule_fields

PATH = "/v1/scheduled_deployments"
NEW_YORK = "America/New_York"


def setUpModule():
    global world, client, api
    world = World()
    client = world.admin
    api = world.app()["id"]


def tearDownModule():
    world.close()


def body_of(at, timezone=None, **more):
    return {"app": api, "at": at, **({"timezone": timezone} if timezone else {}), **more}


def planned(answer):
    one = answer.json["result"]
    return one["due_at"], one["at"], one["resolution"]


class Rfc9557(unittest.TestCase):
    # The text, `timezone`, when it is due, and what the clock there shows then.
    TAKEN = (
        ("2029-02-10T03:00:00-05:00[America/New_York]", None, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10T03:00-05:00[America/New_York]", None, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10 03:00-05:00[America/New_York]", None, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10t03:00:07-05:00[america/new_york]", None, "2029-02-10T08:00:07Z", "2029-02-10T03:00:07", "exact"),
        ("2029-11-04T01:30:00-04:00[America/New_York]", None, "2029-11-04T05:30:00Z", "2029-11-04T01:30:00",
         "overlap_earlier"),
        ("2029-11-04T01:30:00-05:00[America/New_York]", None, "2029-11-04T06:30:00Z", "2029-11-04T01:30:00",
         "overlap_later"),
        ("2029-02-10T03:00:00+05:30", "Asia/Kolkata", "2029-02-09T21:30:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10T03:00+05:30[Asia/Kolkata]", "Asia/Kolkata", "2029-02-09T21:30:00Z", "2029-02-10T03:00:00",
         "exact"),
        ("2029-02-10T08:00:00Z[America/New_York]", None, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10T08:00z", NEW_YORK, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-02-10T08:00:00-00:00[America/New_York]", None, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
        ("2029-11-04T06:30:00Z[America/New_York]", None, "2029-11-04T06:30:00Z", "2029-11-04T01:30:00",
         "overlap_later"),
        ("2029-01-10T03:00Z[Europe/London]", None, "2029-01-10T03:00:00Z", "2029-01-10T03:00:00", "exact"),
        ("2029-02-10T03:00:00.000000000-05:00[!America/New_York][u-ca=iso8601]", None, "2029-02-10T08:00:00Z",
         "2029-02-10T03:00:00", "exact"),
        ("2029-02-10T03:00:00.0[America/New_York][!u-ca=gregory]", None, "2029-02-10T08:00:00Z",
         "2029-02-10T03:00:00", "exact"),
        ("2029-02-10 03:00", NEW_YORK, "2029-02-10T08:00:00Z", "2029-02-10T03:00:00", "exact"),
    )

    def test_is_taken_when_one_is_made_and_previewed(self):
        for at, timezone, *wanted in self.TAKEN:
            for path, status in ((PATH, 201), (f"{PATH}/preview", 200)):
                with self.subTest(at=at, path=path):
                    answer = client.post(path, body_of(at, timezone))
                    self.assertEqual(answer.status, status, answer)
                    due_at, clock, resolution = wanted
                    self.assertEqual(planned(answer), (due_at, clock, resolution))

    def test_is_taken_when_one_is_changed(self):
        for at, timezone, *wanted in self.TAKEN:
            with self.subTest(at=at):
                one = world.scheduled(api, at="2029-05-05T05:05", timezone="Asia/Tokyo")["id"]
                patch = {"at": at, **({"timezone": timezone} if timezone else {})}
                due_at, clock, resolution = wanted
                self.assertEqual(planned(client.patch(f"{PATH}/{one}", patch)), (due_at, clock, resolution))

    def test_offset_overrules_the_disambiguation_which_is_answered_so_that_it_agrees(self):
        earlier = "2029-11-04T01:30-04:00[America/New_York]"
        later = "2029-11-04T01:30-05:00[America/New_York]"
        for at, sent, answered in ((earlier, "later", "earlier"), (later, "earlier", "later"),
                                   (later, "compatible", "later"), (earlier, "compatible", "compatible"),
                                   (later, "reject", "reject")):
            with self.subTest(at=at, sent=sent):
                one = client.post(PATH, body_of(at, disambiguation=sent)).json["result"]
                self.assertEqual((one["due_at"], one["disambiguation"]),
                                 ("2029-11-04T05:30:00Z" if at == earlier else "2029-11-04T06:30:00Z", answered))

    def test_offset_that_is_not_in_force_there_then_is_refused_with_what_is(self):
        winter = [{"at": "2029-02-10T03:00:00", "due_at": "2029-02-10T08:00:00Z", "utc_offset_seconds": -18000}]
        two = [{"at": "2029-11-04T01:30:00", "due_at": "2029-11-04T05:30:00Z", "utc_offset_seconds": -14400},
               {"at": "2029-11-04T01:30:00", "due_at": "2029-11-04T06:30:00Z", "utc_offset_seconds": -18000}]
        gap = [{"at": "2029-03-11T01:30:00", "due_at": "2029-03-11T06:30:00Z", "utc_offset_seconds": -18000},
               {"at": "2029-03-11T03:30:00", "due_at": "2029-03-11T07:30:00Z", "utc_offset_seconds": -14400}]
        for clock, offset, candidates in (
            ("2029-02-10T03:00:00", "-08:00", winter), ("2029-02-10T03:00", "-04:00", winter),
            ("2029-02-10 03:00", "+00:00", winter), ("2029-11-04T01:30", "-03:00", two),
            ("2029-03-11T02:30", "-05:00", gap),
        ):
            with self.subTest(at=clock + offset):
                answer = client.post(PATH, body_of(f"{clock}{offset}[{NEW_YORK}]"))
                self.assertEqual((answer.status, answer.json["code"]), (422, "offset_not_in_force"), answer)
                self.assertEqual(answer.json["candidates"], candidates)
                self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/at"])
                self.assertIn(f"has no UTC offset of {offset} in {NEW_YORK}", answer.json["detail"])
                beside = client.post(PATH, body_of(clock + offset, NEW_YORK))
                self.assertEqual(beside.json["candidates"], candidates)

    def test_of_another_form_is_refused(self):
        for at, part in (
            ("2029-02-10T03:00:00.5[America/New_York]", "fraction"),
            ("2029-02-10T03:00:00.0000000000[America/New_York]", "fraction"),
            ("2029-02-10T03:00.0[America/New_York]", "wall clock"),
            ("2029-02-10T03:00-05[America/New_York]", "wall clock"),
            ("2029-02-10T03:00-0500[America/New_York]", "wall clock"),
            ("2029-02-10T03:00-24:00[America/New_York]", "wall clock"),
            ("2029-02-10T03:00ZZ[America/New_York]", "wall clock"),
            ("2029-02-10T03:00[America/New_York", "wall clock"),
            ("2029-02-10T03:00[America/New_York]x", "wall clock"),
            ("2029-02-10T03:00[]", "empty"),
            ("2029-02-10T03:00[America/New_York][Europe/Berlin]", "more than one zone"),
            ("2029-02-10T03:00[America/New_York][u-ca=hebrew]", "u-ca=hebrew"),
            ("2029-02-10T03:00[America/New_York][!foo=bar]", "foo=bar"),
            ("2029-02-10T03:00[-05:00]", "offset"),
            ("2029-02-10", "wall clock"),
            ("", "wall clock"),
        ):
            with self.subTest(at=at):
                answer = client.post(PATH, body_of(at, None if "[" in at else "UTC"))
                self.assertEqual(answer.status, 422, answer)
                error = answer.json["errors"][0]
                self.assertEqual(error["pointer"], "/at")
                self.assertIn(part, error["detail"])

    def test_offset_alone_names_no_zone(self):
        answer = client.post(PATH, body_of("2029-02-10T03:00:00-05:00"))
        self.assertEqual(answer.status, 422)
        self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/timezone"])
        self.assertIn("does not say when the clocks change", answer.json["detail"])


class ZoneNames(unittest.TestCase):
    def refusal(self, timezone):
        answer = client.post(PATH, schedule_fields(api, timezone=timezone))
        self.assertEqual((answer.status, answer.json["code"]), (422, "unknown_timezone"), answer)
        self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/timezone"])
        return answer.json

    def test_of_other_systems_are_refused_naming_those_of_iana(self):
        for name, zones in (
            ("Eastern Standard Time", [NEW_YORK]), ("W. Europe Standard Time", ["Europe/Berlin"]),
            ("w. europe standard time", ["Europe/Berlin"]), ("India Standard Time", ["Asia/Kolkata"]),
            ("Tokyo Standard Time", ["Asia/Tokyo"]), ("Eastern Time (US & Canada)", [NEW_YORK]),
            ("Pacific Time (US & Canada)", ["America/Los_Angeles"]), ("Kyiv", ["Europe/Kyiv"]),
            ("ET", [NEW_YORK]), ("EDT", [NEW_YORK]), ("PST", ["America/Los_Angeles"]),
            ("EST5", [NEW_YORK]), ("IST", ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
            ("Berlin", ["Europe/Berlin"]), ("New York", [NEW_YORK]), ("America/New York", [NEW_YORK]),
            ("posix/Europe/Berlin", ["Europe/Berlin"]), ("right/Asia/Tokyo", ["Asia/Tokyo"]),
        ):
            with self.subTest(name):
                refusal = self.refusal(name)
                self.assertEqual(refusal["timezones"], zones)
                for zone in zones:
                    self.assertIn(zone, refusal["detail"])

    def test_of_countries_are_refused_naming_the_zones_there(self):
        self.assertEqual(self.refusal("Germany")["timezones"][0], "Europe/Berlin")
        self.assertEqual(self.refusal("fr")["timezones"], ["Europe/Paris"])
        self.assertEqual(self.refusal("USA")["timezones"][0], NEW_YORK)

    def test_that_are_offsets_are_refused_as_such(self):
        for name in ("+02:00", "-5", "GMT+02:00", "GMT+5", "UTC-05:00", "utc+1", "UT+3", "UTC-11"):
            with self.subTest(name):
                refusal = self.refusal(name)
                self.assertIn("is an offset, which does not say when the clocks change", refusal["detail"])
                self.assertNotIn("timezones", refusal)

    def test_that_are_no_places_are_refused(self):
        for name in ("Factory", "factory", "localtime", "posixrules", "leapseconds", "tzdata.zi", "zone.tab",
                     "Mars/Phobos", "../UTC", "posix", "right/", "Europe"):
            with self.subTest(name):
                self.assertNotIn("timezones", self.refusal(name))

    def test_in_brackets_are_refused_where_they_stand(self):
        answer = client.post(PATH, body_of("2029-02-10T03:00[Eastern Standard Time]"))
        self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/at"])
        self.assertEqual(answer.json["timezones"], [NEW_YORK])

    def test_are_refused_the_same_way_in_a_list(self):
        answer = client.get(f"{PATH}?timezone=Eastern%20Standard%20Time")
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "?timezone"))
        self.assertIn(NEW_YORK, answer.json["detail"])

    def test_are_kept_as_they_were_sent(self):
        for sent, canonical in (("america/new_york", NEW_YORK), ("US/EASTERN", NEW_YORK)):
            one = world.scheduled(api, timezone=sent)
            self.assertEqual((one["original_timezone"], one["timezone"]), (sent, canonical))
            changed = client.patch(f"{PATH}/{one['id']}", {"hour": 4}).json["result"]
            self.assertEqual(changed["original_timezone"], sent)
        one = client.post(PATH, body_of("2029-02-10T03:00[europe/berlin]")).json["result"]
        self.assertEqual(one["original_timezone"], "europe/berlin")

    def test_whose_clocks_never_change_are_taken_with_a_warning(self):
        for name, other in (("EST", NEW_YORK), ("est", NEW_YORK), ("MST", "America/Denver"),
                            ("HST", "Pacific/Honolulu")):
            with self.subTest(name):
                one = world.scheduled(api, timezone=name, at="2029-07-10T03:00")
                self.assertIn("fixed_offset_zone", one["warnings"])
                self.assertEqual(one["suggested_timezone"], other)
        for name in ("UTC", "Asia/Kolkata", "EST5EDT", "Etc/GMT+5", "Africa/Lagos", NEW_YORK, "Asia/Tokyo"):
            with self.subTest(name):
                one = world.scheduled(api, timezone=name)
                self.assertNotIn("fixed_offset_zone", one["warnings"])
                self.assertNotIn("suggested_timezone", one)


class Refusals(unittest.TestCase):
    def refused(self, answer, code, *pointers):
        self.assertEqual((answer.status, answer.json["code"]), (422, code), answer)
        self.assertEqual(tuple(error["pointer"] for error in answer.json["errors"]), pointers)
        return answer.json

    def test_point_at_the_text_that_was_sent(self):
        for at, code, more in (
            ("2026-01-01T00:00", "due_in_past", {}),
            ("1969-12-31T23:59", "invalid_field", {}),
            ("9999-12-31T23:59", "invalid_field", {"timezone": NEW_YORK}),
            ("2029-11-04T01:30", "ambiguous_local_time", {"timezone": NEW_YORK, "disambiguation": "reject"}),
            ("2029-03-11T02:30", "nonexistent_local_time", {"timezone": NEW_YORK, "disambiguation": "reject"}),
            ("2029-02-29T03:00", "invalid_date", {}),
            ("2029-02-30T03:00", "invalid_date", {}),
            ("2029-04-31 03:00:00", "invalid_date", {}),
            ("2029-02-32T03:00", "invalid_field", {}),
            ("2029-13-01T03:00", "invalid_field", {}),
        ):
            with self.subTest(at=at):
                answer = client.post(PATH, {**body_of(at, "UTC"), **more})
                self.refused(answer, code, "/at")
        self.assertIn("2029-2 has fewer days", client.post(PATH, body_of("2029-02-30T03:00[UTC]")).json["detail"])

    def test_point_at_the_numbers_that_were_sent(self):
        one = world.scheduled(api, at="2029-01-31T01:30:00", timezone=NEW_YORK)["id"]
        for patch, code, pointer in (
            ({"month": 2}, "invalid_date", "/month"),
            ({"month": 2, "day": 30}, "invalid_date", "/day"),
            ({"month": 1, "year": 2026}, "due_in_past", "/year"),
            ({"month": 3, "day": 11, "hour": 2, "disambiguation": "reject"}, "nonexistent_local_time", "/hour"),
            ({"month": 11, "day": 4, "disambiguation": "reject"}, "ambiguous_local_time", "/day"),
            ({"at": "2029-11-04T01:30", "disambiguation": "reject"}, "ambiguous_local_time", "/at"),
            ({"timezone": "Nowhere/Land"}, "unknown_timezone", "/timezone"),
        ):
            with self.subTest(patch):
                self.refused(client.patch(f"{PATH}/{one}", patch), code, pointer)
        one = world.scheduled(api, at="2029-11-04T01:30", timezone=NEW_YORK)["id"]
        self.refused(client.patch(f"{PATH}/{one}", {"disambiguation": "reject"}), "ambiguous_local_time",
                     "/disambiguation")

    def test_list_what_an_ambiguous_clock_may_mean(self):
        refusal = client.post(PATH, body_of("2029-11-04T01:30", NEW_YORK, disambiguation="reject")).json
        self.assertEqual(refusal["candidates"], [
            {"at": "2029-11-04T01:30:00", "due_at": "2029-11-04T05:30:00Z", "utc_offset_seconds": -14400},
            {"at": "2029-11-04T01:30:00", "due_at": "2029-11-04T06:30:00Z", "utc_offset_seconds": -18000}])
        refusal = client.post(PATH, body_of("2029-03-11T02:30", NEW_YORK, disambiguation="reject")).json
        self.assertEqual([candidate["at"] for candidate in refusal["candidates"]],
                         ["2029-03-11T01:30:00", "2029-03-11T03:30:00"])

    def test_list_the_schedules_that_keep_an_app_from_being_archived(self):
        app = client.post("/v1/apps", app_fields("in use", "http://127.0.0.1:9/deploy")).json["result"]["id"]
        made = [world.scheduled(app, at=f"2029-02-10T03:{minute:02}", timezone="UTC") for minute in range(22)]
        client.post(f"{PATH}/{made[1]['id']}/hold", {"reason": "look"})
        refusal = client.request("DELETE", f"/v1/apps/{app}")
        self.assertEqual((refusal.status, refusal.json["code"]), (409, "app_has_pending_schedules"))
        self.assertEqual(refusal.json["schedules_in_all"], 22)
        self.assertEqual([one["id"] for one in refusal.json["schedules"]], [one["id"] for one in made[:20]])
        self.assertEqual(refusal.json["schedules"][1],
                         {"id": made[1]["id"], "status": "held", "due_at": "2029-02-10T03:01:00Z"})


class Patches(unittest.TestCase):
    def test_of_numbers_mean_whole_minutes(self):
        for patch, due_at in (({"hour": 5, "minute": 15}, "2029-02-10T05:15:00Z"),
                              ({"day": 11}, "2029-02-11T03:00:00Z"), ({"year": 2030}, "2030-02-10T03:00:00Z"),
                              ({"note": "same"}, "2029-02-10T03:00:42Z"),
                              ({"timezone": "Asia/Tokyo"}, "2029-02-09T18:00:42Z"),
                              ({"at": "2029-02-10T05:15:07"}, "2029-02-10T05:15:07Z")):
            with self.subTest(patch):
                one = world.scheduled(api, at="2029-02-10T03:00:42", timezone="UTC")["id"]
                self.assertEqual(client.patch(f"{PATH}/{one}", patch).json["result"]["due_at"], due_at)

    def test_refuse_members_that_are_unknown_or_cannot_change_also_if_they_are_null(self):
        one = f"{PATH}/{world.scheduled(api)['id']}"
        app = f"/v1/apps/{api}"
        for path, patch, pointer in (
            (one, {"dependency": None}, "/dependency"), (one, {"app": None}, "/app"),
            (one, {"app_version": None}, "/app_version"), (one, {"status": None}, "/status"),
            (one, {"misfire": {"graze": None}}, "/misfire/graze"), (one, {"retry": {"x": None}}, "/retry/x"),
            (one, {"hour": None}, "/hour"), (one, {"timezone": None}, "/timezone"),
            (app, {"naem": None}, "/naem"), (app, {"id": None}, "/id"), (app, {"archived": None}, "/archived"),
            (app, {"target": {"hook": None}}, "/target/hook"),
            (app, {"infrastructure": {"zone": None}}, "/infrastructure/zone"),
            (app, {"infrastructure": {"containers": [{"name": "a", "image": "b", "gpu": None}]}},
             "/infrastructure/containers/0/gpu"),
        ):
            with self.subTest(patch):
                answer = client.patch(path, patch)
                self.assertEqual(answer.status, 422, answer)
                self.assertEqual([error["pointer"] for error in answer.json["errors"]], [pointer])

    def test_still_take_away_what_is_null(self):
        one = f"{PATH}/{world.scheduled(api, note='a', labels={'x': '1', 'y': '2'})['id']}"
        changed = client.patch(one, {"note": None, "labels": {"x": None}, "retry": None,
                                     "misfire": {"grace_seconds": None}}).json["result"]
        self.assertEqual((changed["note"], changed["labels"]), ("", {"y": "2"}))
        made = world.app(name="described", description="long", labels={"x": "1"})["id"]
        changed = client.patch(f"/v1/apps/{made}", {"description": None, "labels": {"x": None}}).json["result"]
        self.assertEqual((changed["description"], changed["labels"]), ("", {}))

    def test_of_a_clone_refuse_unknown_members_that_are_null(self):
        answer = client.post(f"/v1/apps?source={api}", {"nmae": None})
        self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "/nmae"))


if __name__ == "__main__":
    unittest.main()
