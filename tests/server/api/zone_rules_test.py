"""Newer time zone rules: each schedule keeps its wall clock, and is due when that occurs by the rules of the
day. Whether they come while the server runs, while it is down, or while it is killed."""

import json
import pathlib
import shutil
import tempfile
import unittest
from datetime import datetime, timedelta, timezone

from api_world import World, events_of
from metrics_test import scrape
from processes import eventually

SYSTEM = pathlib.Path("/usr/share/zoneinfo")
PLACE = "Made/Up"
# Far more than are moved in one step.
MANY = 250


class ZoneFiles:
    """A directory of zone files with one zone, which lies `hours` west of Greenwich."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        (self.directory / "Made").mkdir(parents=True)

    def install(self, version, hours, zones=None, links=None):
        """`zones` are others, by how many hours west they lie; `links` name what they are links to."""
        index = f"# version {version}\n"
        for name, west in {PLACE: hours, **(zones or {})}.items():
            shutil.copyfile(SYSTEM / f"Etc/GMT+{west}", self.directory / name)
            index += f"Z {name} 0\n"
        for name, target in (links or {}).items():
            index += f"L {target} {name}\n"
        (self.directory / "tzdata.zi").write_text(index)

    def spoil(self, version):
        (self.directory / PLACE).write_bytes(b"TZif2 and nothing")
        (self.directory / "tzdata.zi").write_text(f"# version {version}\nZ {PLACE} 0\n")


class ZoneRules(unittest.TestCase):
    def setUp(self):
        directory = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.zones = ZoneFiles(directory / "zoneinfo")
        self.zones.install("2027a", 5)
        self.traces = self.enterContext((directory / "traces").open("w+b"))
        self.world = World("--zoneinfo", self.zones.directory, "--zoneinfo-seconds", "1", stderr=self.traces)
        self.addCleanup(self.world.close)
        self.admin = self.world.admin
        self.app, self.below = self.world.app()["id"], self.world.app(name="db")["id"]

    def scheduled(self, **more):
        more = {"at": "2029-03-04T09:00", "timezone": PLACE, **more}
        return self.world.scheduled(self.app, **more)["id"]

    def scheduled_in(self, zone):
        """Nothing as long as the rules in force have no such zone."""
        body = {"app": self.app, "at": "2029-03-04T09:00", "timezone": zone, "dependency": self.below}
        made = self.admin.post("/v1/scheduled_deployments", body)
        return made.status == 201 and made.json["result"]["id"]

    def schedule(self, one):
        return self.admin.get(f"/v1/scheduled_deployments/{one}").json["result"]

    def due_at(self, one):
        return self.schedule(one)["due_at"]

    def moves(self, one):
        events = events_of(self.admin, one)
        return [event["data"] for event in events if event["type"] == "DueTimeReresolved"]

    def restart(self):
        self.admin.close()
        self.world.server.start()

    def log(self, kind):
        """What the whole log, the server's own events included, holds of one type."""
        lines = self.admin.get("/v1/admin/log").text.splitlines()
        return [line for line in lines if f'"{kind}"' in line]

    def test_move_what_is_still_to_come_and_what_must_be_deployed_before_it(self):
        one = self.scheduled(dependency=self.below)
        dependency = self.schedule(one)["dependency"]["id"]
        self.assertEqual(self.due_at(one), "2029-03-04T14:00:00Z")
        self.zones.install("2027b", 6)
        eventually(lambda: self.due_at(one) == "2029-03-04T15:00:00Z")
        self.assertEqual(self.due_at(dependency), "2029-03-04T14:45:00Z")
        now = self.schedule(one)
        self.assertEqual((now["at"], now["timezone"], now["tzdb_version"], now["utc_offset_seconds"]),
                         ("2029-03-04T09:00:00", PLACE, "2027b", -6 * 3600))
        self.assertEqual(self.moves(one), [{
            "schedule": one, "old_due_at": "2029-03-04T14:00:00Z", "due_at": "2029-03-04T15:00:00Z",
            "wall_clock": "2029-03-04T09:00:00", "resolution": "exact", "utc_offset_seconds": -6 * 3600,
            "tzdb_version": "2027b", "timezone": PLACE}])
        self.assertEqual([move["wall_clock"] for move in self.moves(dependency)], ["2029-03-04T08:45:00"])
        found = scrape(self.admin)
        self.assertEqual(found.value("slipway_zone_rules_info", version="2027b"), 1)
        self.assertEqual(found.value("slipway_zone_rules_info", version="2027a"), 0)
        self.assertEqual(found.value("slipway_zone_rules_moved_total"), 2)
        self.assertEqual(found.value("slipway_zone_rules_left"), 0)
        self.assertEqual(self.due_at(self.scheduled()), "2029-03-04T15:00:00Z")

    def test_of_the_same_version_are_told_by_their_digest(self):
        one = self.scheduled()
        self.zones.install("2027a", 6)
        eventually(lambda: self.due_at(one) == "2029-03-04T15:00:00Z")
        changed = json.loads(self.log("ZoneRulesChanged")[-1])["data"]
        name = "2027a+" + changed["digest"][:12]
        self.assertEqual((changed["from"], changed["to"]), ("2027a", name))
        self.assertEqual(self.schedule(one)["tzdb_version"], name)
        self.assertEqual(scrape(self.admin).value("slipway_zone_rules_info", version=name), 1)
        self.assertEqual(self.schedule(self.scheduled())["tzdb_version"], name)

    def test_of_the_same_version_that_came_while_it_was_down_are_found_at_the_start(self):
        one = self.scheduled()
        self.world.server.terminate()
        self.zones.install("2027a", 6)
        self.restart()
        eventually(lambda: self.due_at(one) == "2029-03-04T15:00:00Z")
        self.world.server.terminate()
        self.restart()
        self.assertEqual(len(self.moves(one)), 1)
        self.assertEqual(len(self.log("ZoneRulesChanged")), 2)

    def test_give_a_zone_that_leaves_its_link_its_own_name(self):
        self.zones.install("2027b", 5, links={"Made/Alias": PLACE})
        one = eventually(lambda: self.scheduled_in("Made/Alias"))
        below = self.schedule(one)["dependency"]["id"]
        self.assertEqual(self.schedule(one)["timezone"], PLACE)
        self.zones.install("2027c", 5, zones={"Made/Alias": 7})
        eventually(lambda: self.due_at(one) == "2029-03-04T16:00:00Z")
        self.assertEqual([self.schedule(of)["timezone"] for of in (one, below)], ["Made/Alias"] * 2)
        listed = self.admin.get("/v1/scheduled_deployments").json["result"]
        self.assertEqual({row["timezone"] for row in listed}, {"Made/Alias"})
        self.assertEqual([move["timezone"] for move in self.moves(one)], ["Made/Alias"])
        dumped = [line for line in self.admin.get("/v1/admin/dump").text.splitlines() if one in line]
        self.assertTrue(all('"timezone":"Made/Alias"' in line for line in dumped), dumped)

    def test_give_a_zone_that_becomes_a_link_the_name_of_what_it_links_to(self):
        self.zones.install("2027b", 5, zones={"Made/Old": 5})
        one = eventually(lambda: self.scheduled_in("Made/Old"))
        self.zones.install("2027c", 5, links={"Made/Old": PLACE})
        eventually(lambda: self.schedule(one)["timezone"] == PLACE)
        self.assertEqual(self.due_at(one), "2029-03-04T14:00:00Z")
        self.assertEqual([(move["old_due_at"], move["due_at"], move["timezone"]) for move in self.moves(one)],
                         [("2029-03-04T14:00:00Z", "2029-03-04T14:00:00Z", PLACE)])
        self.assertEqual(self.schedule(one)["original_timezone"], "Made/Old")

    def test_that_have_no_such_zone_any_more_leave_its_schedules_as_they_are(self):
        self.zones.install("2027b", 5, zones={"Made/Old": 5})
        one = eventually(lambda: self.scheduled_in("Made/Old"))
        self.zones.install("2027c", 6)
        eventually(lambda: scrape(self.admin).value("slipway_zone_rules_info", version="2027c") == 1)
        eventually(lambda: scrape(self.admin).value("slipway_zone_rules_left") == 0)
        self.assertEqual((self.schedule(one)["timezone"], self.due_at(one)), ("Made/Old", "2029-03-04T14:00:00Z"))

    def test_never_run_at_once_what_they_move_into_the_past(self):
        soon = datetime.now(timezone.utc) + timedelta(minutes=30) - timedelta(hours=5)
        one = self.scheduled(at=soon.strftime("%Y-%m-%dT%H:%M:%S"))
        self.zones.install("2027b", 4)
        held = eventually(lambda: (found := self.schedule(one))["status"] == "held" and found)
        self.assertEqual((held["hold_reason"], held["attempts"]), ("misfire", []))
        self.assertEqual([event["type"] for event in events_of(self.admin, one)],
                         ["DeploymentScheduled", "DueTimeReresolved", "DeploymentHeld"])

    def test_that_cannot_be_read_leave_those_before_in_force(self):
        one = self.scheduled()
        self.zones.spoil("2027b")
        eventually(lambda: scrape(self.admin).value("slipway_zone_rules_unreadable") == 1)
        self.assertEqual(self.due_at(self.scheduled()), "2029-03-04T14:00:00Z")
        traces = pathlib.Path(self.traces.name).read_text(encoding="utf-8")
        self.assertIn(f"{self.zones.directory}/{PLACE}: the header has", traces)
        self.zones.install("2027b", 6)
        eventually(lambda: self.due_at(one) == "2029-03-04T15:00:00Z")
        self.assertEqual(scrape(self.admin).value("slipway_zone_rules_unreadable"), 0)

    def test_that_came_while_it_was_down_are_found_at_the_start(self):
        one = self.scheduled()
        self.world.server.terminate()
        self.zones.install("2027b", 6)
        self.restart()
        eventually(lambda: self.moves(one))
        self.assertEqual(self.due_at(one), "2029-03-04T15:00:00Z")
        self.world.server.terminate()
        self.restart()
        self.assertEqual(len(self.moves(one)), 1)
        self.assertEqual(len(self.log("ZoneRulesChanged")), 2)

    def test_move_everything_once_through_kills(self):
        all_of_them = [self.scheduled() for _ in range(MANY)]
        self.world.server.terminate()
        self.zones.install("2027b", 6)
        for _ in range(3):
            self.restart()
            self.world.server.kill()
        self.restart()
        eventually(lambda: len(self.log("DueTimeReresolved")) >= MANY)
        self.assertEqual(len(self.log("DueTimeReresolved")), MANY)
        self.assertEqual({self.due_at(one) for one in all_of_them}, {"2029-03-04T15:00:00Z"})
        self.world.server.terminate()
        self.restart()
        self.assertEqual(len(self.log("DueTimeReresolved")), MANY)


if __name__ == "__main__":
    unittest.main()
