#!/usr/bin/env python3
"""How long the io thread is kept from everything else: one user reads as hard as they can, while another team's
deployments fall due and /healthz is asked.

    bench/run_pauses.py             some ten minutes: a million events, 100,000 pending schedules
    bench/run_pauses.py --brief     a few of each, and only whether all is answered

For each kind of read: reads a second, the longest turn of the io thread (as a bucket of
slipway_io_turn_seconds), /healthz, and the time from due to answered by the target. Figures of the
load generators' own waiting are in them: they share the machine.
"""

import argparse
import contextlib
import json
import re
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone

from run_http import Bare, Load, Server
from run_lag import new_app, percentile, schedule

STRANGER = "user_01h455vb4pex5vsknk084sn02q"
LARGE_APPS = 200
LARGE_BYTES = 60_000
PROBE_PAUSE_SECONDS = 0.01
BUCKET = re.compile(r'slipway_io_turn_seconds_bucket\{le="([^"]+)"\} (\S+)')


def level(client, name):
    found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
    return float(found[1])


def turns(client):
    """How many turns of the io thread took no longer than so many seconds."""
    return {float(le): float(count) for le, count in BUCKET.findall(client.get("/metrics").text)}


def longest(before, after):
    """The bound of the highest bucket that grew, in milliseconds."""
    bounds = sorted(after)
    for lower, upper in reversed(list(zip([0.0, *bounds], bounds))):
        if after[upper] - before[upper] > after.get(lower, 0) - before.get(lower, 0):
            return upper * 1e3
    return 0.0


def fill(server, client, pending, events):
    """An app with `pending` schedules, large apps, and `events` in the log."""
    app = new_app(client, "http://127.0.0.1:9/deploy")
    clock = {"year": 2029, "month": 2, "day": 10, "hour": 3, "minute": 0, "timezone": "America/New_York"}
    create = Load("POST", "/v1/scheduled_deployments", client.token, json.dumps({"app": app, **clock}))
    while (left := pending - level(client, 'slipway_schedules{status="scheduled"}')) > 0:
        create.run(server.port, 64, 1 if left < 50_000 else 3)
    rotate = Load("POST", f"/v1/apps/{app}/signing_secret/rotate", client.token)
    while (left := events - level(client, "slipway_log_position")) > 0:
        rotate.run(server.port, 64, 1 if left < 50_000 else 10)
    env = {f"E{i}": "x" * (LARGE_BYTES // 10) for i in range(10)}
    for number in range(LARGE_APPS):
        answer = client.post("/v1/apps", {
            "name": f"large-{number}", "environment": "production",
            "infrastructure": {"provider": "other", "containers": [{"name": "a", "image": "b", "env": env}]},
            "target": {"kind": "webhook", "url": "http://127.0.0.1:9/deploy"}})
        assert answer.status == 201, answer
    return app


class Probes(threading.Thread):
    """Asks /healthz again and again."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.client = server.client("none")
        self.over = threading.Event()
        self.millis = []
        self.start()

    def run(self):
        while not self.over.wait(PROBE_PAUSE_SECONDS):
            began = time.monotonic()
            assert self.client.get("/healthz").status == 200
            self.millis.append(1e3 * (time.monotonic() - began))

    def stop(self):
        self.over.set()
        self.join()
        return self.millis


def answered_late(client, after):
    """Milliseconds from due to answered, of what happened after a position."""
    due_at, found = {}, []
    while after:
        page = client.get(f"/v1/events?limit=200&after={after}").json
        for event in page["result"]:
            stream = event["stream"].rsplit("_", 1)[-1]
            if event["type"] == "DeploymentScheduled":
                due_at[stream] = datetime.fromisoformat(event["data"]["time"]["due_at"])
            elif event["type"] == "DeploymentSucceeded":
                at = datetime.fromisoformat(event["recorded_at"])
                found.append((at - due_at[stream]) / timedelta(milliseconds=1))
        after = page["next_cursor"]
    return found


def measured(server, client, victim, victim_app, load, connections, seconds):
    position = client.get("/v1/audit/head").json["result"]["position"]
    first = datetime.now(timezone.utc) + timedelta(seconds=2)
    planned = max(1, seconds - 2)
    for second in range(planned):
        for _ in range(5):
            schedule(victim, victim_app, first + timedelta(seconds=second))
    before = turns(client)
    probes = Probes(server)
    reads = load.run(server.port, connections, seconds + 1)
    millis = probes.stop()
    late = answered_late(victim, position)
    if len(late) < 5 * planned:
        print(f"  only {len(late)} of {5 * planned} were answered by the target in time")
    return reads[0], longest(before, turns(client)), millis, late


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--pending", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=10)
    options = parser.parse_args()
    pending, events, seconds = options.pending, options.events, options.seconds
    if options.brief:
        pending, events, seconds = 500, 2_000, 3
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(
            Server(f"{directory}/data", "--team-pending-max", str(10 * pending + 100_000)))
        target = stack.enter_context(Bare())
        client = stack.enter_context(contextlib.closing(server.client()))
        victim = stack.enter_context(contextlib.closing(server.client(server.token("--user", STRANGER))))
        assert victim.post("/v1/teams", {"name": "victim"}).status == 201
        victim_app = new_app(victim, f"http://127.0.0.1:{target.port}/deploy")
        app = fill(server, client, pending, events)
        print(f"{level(client, 'slipway_log_position'):.0f} events, "
              f"{level(client, 'slipway_schedules{status=%sscheduled%s}' % (chr(34), chr(34))):.0f} pending\n"
              "read                                              conns  reads/s  longest turn  "
              "/healthz p50, p99, max   due to answered p99")
        for name, method, path in (
            ("events, a filter that fits nothing", "GET", "/v1/events?limit=1&type=TeamCreated&after=10"),
            ("events, 200 of them", "GET", "/v1/events?limit=200"),
            ("events of a time long ago", "GET", "/v1/events?limit=200&to=2020-01-01T00:00:00Z"),
            ("history of an app", "GET", f"/v1/apps/{app}/history?limit=200"),
            ("apps, 200 of 60 kB", "GET", "/v1/apps?limit=200"),
            ("the same by name", "GET", "/v1/apps?limit=200&sort=-name"),
            ("schedules, 200", "GET", "/v1/scheduled_deployments?limit=200"),
            ("schedules, a filter that fits nothing", "GET", "/v1/scheduled_deployments?status=held"),
            ("schedules with those that ended", "GET", "/v1/scheduled_deployments?include=completed&limit=200"),
            ("deployments, a filter that fits nothing", "GET", "/v1/deployments?status=aborted"),
            ("archiving an app that is in use, refused", "DELETE", f"/v1/apps/{app}"),
        ):
            for connections in (16,) if options.brief else (16, 1_000):
                load = Load(method, path, client.token)
                load.accepts_refusals = method == "DELETE"
                reads, turn, millis, late = measured(
                    server, client, victim, victim_app, load, connections, seconds)
                print(f"{name:<50}{connections:>5}  {reads:>7.0f}  {turn:>9.1f} ms  "
                      f"{percentile(millis, 0.5):>5.1f}, {percentile(millis, 0.99):>5.1f}, {max(millis):>5.1f} ms   "
                      f"{percentile(late, 0.99) if late else float('nan'):>7.0f} ms", flush=True)


if __name__ == "__main__":
    sys.exit(main())
