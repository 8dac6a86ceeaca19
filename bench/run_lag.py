#!/usr/bin/env python3
"""How long after its instant a deployment is decided and delivered: a lone one, and many at once.

    bench/run_lag.py             some minutes
    bench/run_lag.py --brief     a few of each, and only whether none was early

From the log: due_at of the plan against recorded_at of DeploymentDue (decided) and of
DeploymentSucceeded (the target has answered). The target is the bare server.
"""

import argparse
import json
import pathlib
import sys
import tempfile
from datetime import datetime, timedelta, timezone

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from processes import RAISED_QUOTAS, Server, eventually, run_program  # noqa: E402
from run_http import Bare  # noqa: E402


def new_app(client, url):
    answer = client.post(
        "/v1/apps",
        {
            "name": "api",
            "environment": "production",
            "infrastructure": {"provider": "other"},
            "target": {"kind": "webhook", "url": url},
        },
    )
    return answer.json["result"]["id"]


def schedule(client, app, at):
    body = {"app": app, "at": at.strftime("%Y-%m-%dT%H:%M:%S"), "timezone": "UTC"}
    answer = client.post("/v1/scheduled_deployments", body)
    if answer.status != 201:
        raise SystemExit(f"not scheduled: {answer}")


def lags(data):
    """Milliseconds from due to decided and to answered, of all that is in the log."""
    due_at, found = {}, {"DeploymentDue": [], "DeploymentSucceeded": []}
    for line in run_program("slipway-dump", data).splitlines():
        event = json.loads(line)
        uuid = event["stream"].rsplit("_", 1)[-1]
        at = datetime.fromisoformat(event["recorded_at"])
        if event["type"] == "DeploymentScheduled":
            due_at[uuid] = datetime.fromisoformat(event["data"]["time"]["due_at"])
        elif event["type"] in found:
            found[event["type"]].append((at - due_at[uuid]) / timedelta(milliseconds=1))
    return found


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measured(instants, url_port):
    """Schedules one deployment at each of `instants` and returns the lags once all have ended."""
    with tempfile.TemporaryDirectory() as directory:
        with Server(f"{directory}/data", *RAISED_QUOTAS) as server:
            client = server.client()
            app = new_app(client, f"http://127.0.0.1:{url_port}/deploy")
            for at in instants():
                schedule(client, app, at)
            path = "/v1/deployments?limit=1&status="

            def all_over():
                planned = client.get("/v1/scheduled_deployments?limit=1&status=scheduled")
                states = ("due", "running", "unknown")
                return not planned.json["result"] and not any(
                    client.get(path + one).json["result"] for one in states
                )

            eventually(all_over, 600)
        return lags(f"{directory}/data")


def lone(count):
    """One a second, from five seconds on."""

    def instants():
        first = datetime.now(timezone.utc) + timedelta(seconds=5)
        return [first + timedelta(seconds=i) for i in range(count)]

    return instants


def burst(count, created_per_second=1_000):
    """All at one second, which is far enough away to schedule them before it."""

    def instants():
        at = datetime.now(timezone.utc) + timedelta(seconds=3 + count / created_per_second)
        return [at] * count

    return instants


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brief", action="store_true")
    options = parser.parse_args()
    cases = [("lone", lone(3), 3, None), ("burst", burst(100, 10), 100, None)]
    if not options.brief:
        cases = [
            ("lone", lone(100), 100, 5),
            ("burst", burst(1_000), 1_000, 250),
            ("burst", burst(10_000), 10_000, 2_500),
        ]
    print("what   count   decided p50  p99     answered p50  p99  (ms after due)   target p99")
    with Bare() as target:
        for name, instants, count, limit in cases:
            found = measured(instants, target.port)
            decided, answered = found["DeploymentDue"], found["DeploymentSucceeded"]
            if len(decided) != count or len(answered) != count:
                raise SystemExit(f"{name}: {len(decided)} decided, {len(answered)} answered")
            if min(decided) < 0:
                raise SystemExit(f"{name}: one was {-min(decided)} ms early")
            print(
                f"{name:<6} {count:>6}  {percentile(decided, 0.5):>10.0f} "
                f"{percentile(decided, 0.99):>5.0f}  {percentile(answered, 0.5):>12.0f} "
                f"{percentile(answered, 0.99):>6.0f}  {limit or '-':>22}"
            )


if __name__ == "__main__":
    main()
