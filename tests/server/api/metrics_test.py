"""What the server says of itself to Prometheus: that it counts what happened, and whom it tells."""

import datetime
import http.client
import os
import pathlib
import re
import tempfile
import unittest

import yaml

from api_world import ApiTest, World
from metrics import Scrape, scrape
from openapi import ROOT
from processes import Client, eventually

VIEWER = "user_01h455vb4pex5vsknk084sn02q"
# A text, or a word outside one.
WORD = re.compile(r'"(?:[^"\\]|\\.)*"|(\w+)')


class Metrics(ApiTest):
    def test_are_in_the_text_format(self):
        answer = self.client.get("/metrics", headers={"Accept": "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"})
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        found = Scrape(answer.text)
        for name, kind in found.types.items():
            with self.subTest(name):
                self.assertTrue(name.startswith(("slipway_", "process_")))
                self.assertEqual(kind == "counter", name.endswith("_total"))
        for name in found.names:
            family = re.sub("_(bucket|sum|count)$", "", name)
            self.assertTrue({name, family} & set(found.types), name)

    def test_count_requests_by_route_method_and_status(self):
        app = self.world.app(name="counted")["id"]
        before = scrape(self.client)
        for _ in range(3):
            self.assertEqual(self.client.get(f"/v1/apps/{app}").status, 200)
        self.assertEqual(self.client.post("/v1/apps", {"name": ""}).status, 422)
        self.assertEqual(self.client.get("/nowhere").status, 404)
        after = scrape(self.client)

        def grown(name, **labels):
            return after.value(name, **labels) - before.value(name, **labels)

        total, took = "slipway_http_requests_total", "slipway_http_request_duration_seconds"
        one = {"route": "/v1/apps/{app}", "method": "GET"}
        self.assertEqual(grown(total, **one, status="200"), 3)
        self.assertEqual(grown(took + "_count", **one), 3)
        self.assertEqual(grown(took + "_bucket", **one, le="+Inf"), 3)
        self.assertGreater(grown(took + "_sum", **one), 0)
        self.assertEqual(grown(total, route="/v1/apps", method="POST", status="422"), 1)
        self.assertEqual(grown(total, route="none", method="GET", status="404"), 1)
        self.assertEqual(grown(total, route="/metrics", method="GET", status="200"), 1)

    def test_say_of_the_process_what_each_client_library_of_prometheus_does(self):
        before, found = scrape(self.client), scrape(self.client)
        process = self.world.server.process.process.pid
        limits = pathlib.Path(f"/proc/{process}/limits").read_text(encoding="utf-8")
        self.assertEqual(found.value("process_max_fds"), int(re.search(r"Max open files +(\d+)", limits)[1]))
        descriptors = len(list(pathlib.Path(f"/proc/{process}/fd").iterdir()))
        self.assertAlmostEqual(found.value("process_open_fds"), descriptors, delta=10)
        self.assertAlmostEqual(found.value("process_resident_memory_bytes"), self.world.server.memory_bytes,
                               delta=64 << 20)
        self.assertGreater(found.value("process_resident_memory_bytes"), 1 << 20)
        words = pathlib.Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        booted = re.search(r"btime (\d+)", pathlib.Path("/proc/stat").read_text(encoding="utf-8"))[1]
        started = int(booted) + int(words[19]) / os.sysconf("SC_CLK_TCK")
        self.assertAlmostEqual(found.value("process_start_time_seconds"), started, delta=1)
        self.assertGreater(found.value("process_cpu_seconds_total"), 0)
        self.assertGreaterEqual(found.value("process_cpu_seconds_total"), before.value("process_cpu_seconds_total"))
        self.assertEqual(found.types["process_cpu_seconds_total"], "counter")
        self.assertEqual(found.types["process_open_fds"], "gauge")

    def test_measure_the_turns_of_the_io_thread(self):
        before = scrape(self.client)
        for _ in range(10):
            self.client.get("/v1/apps")
        after = scrape(self.client)
        name = "slipway_io_turn_seconds"
        self.assertGreaterEqual(after.value(name + "_count") - before.value(name + "_count"), 10)
        self.assertGreater(after.value(name + "_sum"), before.value(name + "_sum"))
        longest = after.value("slipway_io_turn_longest_seconds")
        self.assertGreater(longest, 0)
        self.assertLessEqual(before.value("slipway_io_turn_longest_seconds"), longest)

    def test_count_what_becomes_durable(self):
        before = scrape(self.client)
        for number in range(5):
            self.world.app(name=f"durable-{number}")
        after = scrape(self.client)
        records = after.value("slipway_commit_records_sum") - before.value("slipway_commit_records_sum")
        grown = after.value("slipway_log_position") - before.value("slipway_log_position")
        self.assertEqual((records, grown), (5, 5))
        self.assertEqual(after.value("slipway_log_durable_position"), after.value("slipway_log_position"))
        for end in ("_count", "_sum"):
            name = "slipway_commit_duration_seconds" + end
            self.assertGreater(after.value(name), before.value(name))
        self.assertGreater(after.value("slipway_store_memory_bytes"), 0)

    def test_count_schedules_by_status(self):
        app = self.world.app(name="scheduled")["id"]
        before = scrape(self.client)
        ids = [self.world.scheduled(app)["id"] for _ in range(4)]
        self.client.post(f"/v1/scheduled_deployments/{ids[0]}/cancel")
        self.client.post(f"/v1/scheduled_deployments/{ids[1]}/hold")
        after = scrape(self.client)
        for status, more in (("scheduled", 2), ("held", 1), ("cancelled", 1), ("due", 0)):
            with self.subTest(status):
                grown = [one.value("slipway_schedules", status=status) for one in (before, after)]
                self.assertEqual(grown[1] - grown[0], more)
        self.assertEqual(after.value("slipway_schedules_undecided"), 0)

    def test_count_attempts_and_how_late_they_were_decided(self):
        app = self.world.app(name="refusing")["id"]
        before = scrape(self.client)
        answer = self.client.post("/v1/deployments", {"app": app})
        self.assertEqual(answer.status, 201, answer)

        def failed():
            now = scrape(self.client)
            name = "slipway_attempts_total"
            more = now.value(name, outcome="failed") - before.value(name, outcome="failed")
            return now if more >= 1 else None

        after = eventually(failed)
        for name in ("slipway_attempts_started_total", "slipway_dispatch_lag_seconds_count"):
            self.assertGreaterEqual(after.value(name) - before.value(name), 1, name)

    def test_say_whether_dispatch_is_held(self):
        for state, value in (("held", 1), ("armed", 0)):
            answer = self.client.request("PUT", "/v1/admin/dispatch", {"state": state})
            self.assertEqual(answer.status, 200, answer)
            self.assertEqual(scrape(self.client).value("slipway_dispatch_held"), value)

    def test_count_who_is_connected(self):
        before = scrape(self.client)
        reader = http.client.HTTPConnection("127.0.0.1", self.world.server.port, timeout=120)
        self.addCleanup(reader.close)
        reader.request("GET", "/v1/events/stream", headers={"Authorization": f"Bearer {self.client.token}"})
        stream = reader.getresponse()
        self.assertEqual(stream.status, 200)
        after = scrape(self.client)
        for name in ("slipway_http_connections", "slipway_http_stream_readers"):
            self.assertEqual(after.value(name) - before.value(name), 1, name)
        stream.close()
        reader.close()
        eventually(lambda: scrape(self.client).value("slipway_http_stream_readers") == 0)

    def test_are_for_admins(self):
        path = f"/v1/teams/{self.world.team}/members"
        self.assertEqual(self.client.post(path, {"user": VIEWER, "role": "owner"}).status, 201)
        owner = self.world.client_of(VIEWER)
        nobody = Client(self.world.server.port)
        issued = self.client.post("/v1/tokens", {"name": "scraper", "role": "owner"})
        token = self.world.server.client(issued.json["result"]["secret"])
        for one, status in ((owner, 403), (token, 403), (nobody, 401)):
            self.addCleanup(one.close)
            self.assertEqual(one.get("/metrics").status, status)

    def test_are_all_that_the_alerts_ask_for(self):
        rules = yaml.safe_load((ROOT / "tools/alerts.yml").read_text(encoding="utf-8"))
        names = scrape(self.client).names
        asked = set()
        for group in rules["groups"]:
            for rule in group["rules"]:
                self.assertLessEqual({"alert", "expr", "labels", "annotations"}, set(rule))
                words = {word for word in WORD.findall(rule["expr"]) if word.startswith("slipway_")}
                self.assertLessEqual(words, names, rule["alert"])
                asked |= words
        self.assertGreater(len(asked), 6)


class Endings(unittest.TestCase):
    """What ended badly is counted over the whole log, traced once, and what is held past its time can be seen."""

    OUTCOMES = ("succeeded", "failed", "aborted", "unknown", "cancelled", "missed", "skipped")

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.traces = pathlib.Path(directory.name) / "traces"
        traces = self.traces.open("a")
        self.addCleanup(traces.close)
        self.world = World(stderr=traces)
        self.addCleanup(self.world.close)
        self.client = self.world.admin

    def counted(self):
        found = scrape(self.client)
        return {one: found.value("slipway_deployments_ended_total", outcome=one) for one in self.OUTCOMES}

    def warnings(self, text):
        return [line for line in self.traces.read_text().splitlines() if " warning " in line and text in line]

    def test_are_counted_in_the_log_and_not_since_the_start(self):
        self.assertEqual(self.counted(), dict.fromkeys(self.OUTCOMES, 0))
        app = self.world.app(name="dead")["id"]
        made = self.client.post("/v1/deployments", {"app": app, "retry": {"max_attempts": 1}}).json["result"]["id"]
        eventually(lambda: self.counted()["failed"] == 1)
        for _ in range(2):
            one = self.world.scheduled(app)["id"]
            self.assertEqual(self.client.post(f"/v1/scheduled_deployments/{one}/cancel").status, 200)
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        self.client.port = self.world.server.port
        counted = self.counted()
        self.assertEqual((counted["failed"], counted["cancelled"], counted["succeeded"]), (1, 2, 0))
        found = self.warnings(made)
        self.assertEqual(len(found), 1, found)
        self.assertRegex(found[0], rf"{made} of app dead \({app}\) failed: attempt 1: .*could not be reached")

    def test_what_is_held_past_its_time_is_a_level(self):
        held = lambda: scrape(self.client).value("slipway_schedules_held_past_due")
        self.assertEqual(held(), 0)
        self.client.request("PUT", "/v1/admin/dispatch", {"state": "held"})
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        self.world.scheduled(self.world.app(name="late")["id"], at=at.strftime("%Y-%m-%dT%H:%M:%S"), timezone="UTC")
        eventually(lambda: held() == 1)
        self.client.request("PUT", "/v1/admin/dispatch", {"state": "armed"})
        eventually(lambda: held() == 0)

    def test_an_unknown_outcome_is_counted_and_traced_once(self):
        app = self.world.app(name="silent", target={"kind": "webhook", "url": self.world.accepting(),
                                                    "completion_timeout_seconds": 1})["id"]
        made = self.client.post("/v1/deployments", {"app": app}).json["result"]["id"]
        eventually(lambda: self.counted()["unknown"] == 1)
        found = self.client.get(f"/v1/deployments/{made}").json["result"]
        self.assertEqual((found["status"], found["status_reason"]), ("unknown", "completion_timed_out"))
        found = self.warnings(made)
        self.assertEqual(len(found), 1, found)
        self.assertIn("has an unknown outcome: attempt 1: the target accepted it", found[0])

    def test_a_missed_deployment_is_counted_and_traced_once(self):
        self.client.request("PUT", "/v1/admin/dispatch", {"state": "held"})
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=2)
        made = self.world.scheduled(
            self.world.app(name="late")["id"], at=at.strftime("%Y-%m-%dT%H:%M:%S"), timezone="UTC",
            misfire={"grace_seconds": 0, "then": "skip"})["id"]
        path = f"/v1/scheduled_deployments/{made}"
        eventually(lambda: self.client.get(path).json["result"]["status"] == "held")
        self.client.request("PUT", "/v1/admin/dispatch", {"state": "armed"})
        eventually(lambda: self.counted()["missed"] == 1)
        found = self.client.get(path).json["result"]
        self.assertEqual((found["status"], found["status_reason"]), ("missed", "misfire"))
        self.assertRegex(found["status_note"], r"^late by \d+ s; the grace is 0 s$")
        found = self.warnings(made)
        self.assertEqual(len(found), 1, found)
        self.assertIn("was missed: late by", found[0])


class PublicMetrics(unittest.TestCase):
    def test_need_no_token_where_a_setting_says_so(self):
        world = World("--public-metrics")
        self.addCleanup(world.close)
        client = Client(world.server.port)
        self.addCleanup(client.close)
        found = scrape(client)
        self.assertEqual(found.value("slipway_build_info", version="0.1.0"), 1)
        self.assertEqual(client.get("/v1/admin/dispatch").status, 401)


if __name__ == "__main__":
    unittest.main()
