#!/usr/bin/env python3
"""How fast the HTTP API is, beside the least that any such server must do, measured in turn in one run.

    bench/run_http.py            some minutes
    bench/run_http.py --brief    only whether every request is answered as it should be

A figure of this machine today means little; the ratio is what counts. The peers are of
bare_server.cpp: the same HTTP library with a JSON body, with and without a synced group commit.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))

from processes import PROGRAMS, RAISED_QUOTAS, Process, Server  # noqa: E402

ROUNDS = 3
SECONDS = 5


class Bare:
    """The bare server, durable if it has a directory."""

    def __init__(self, directory=None):
        command = [str(PROGRAMS / "slipway-bare-server")] + ([str(directory)] if directory else [])
        self.process = Process(command, r"listening on http://[^ ]*:(\d+)")
        self.port = self.process.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()


class Load:
    """wrk with one request on many connections."""

    accepts_refusals = False  # an answer that is no 2xx counts as well

    def __init__(self, method, path, token, body=None):
        self.method, self.path, self.token, self.body = method, path, token, body

    def run(self, port, connections, seconds):
        """Requests a second, and p50, p99 and maximum in milliseconds."""
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s"]
        command += ["-s", str(ROOT / "bench/request.lua"), f"http://127.0.0.1:{port}{self.path}"]
        command += ["--", self.method, self.token] + ([self.body] if self.body else [])
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        result = next(line for line in done.stdout.splitlines() if line.startswith("RESULT"))
        requests, micros, errors, *latency = map(float, result.split()[1:])
        if (errors and not self.accepts_refusals) or not requests:
            raise SystemExit(f"{self.method} {self.path}: {errors:.0f} of {requests:.0f} went wrong")
        return [requests / micros * 1e6, *latency]


def medians(runs):
    return [statistics.median(column) for column in zip(*runs)]


def prepared(server):
    """The loads, once there is an app and a scheduled deployment."""
    client = server.client()
    app = {
        "name": "api",
        "environment": "production",
        "infrastructure": {"provider": "other"},
        "target": {"kind": "webhook", "url": "http://127.0.0.1:9/deploy"},
    }
    clock = {"year": 2029, "month": 2, "day": 10, "hour": 3, "minute": 0}
    made = client.post("/v1/apps", app).json["result"]["id"]
    body = json.dumps({"app": made, **clock, "timezone": "America/New_York"})
    one = client.post("/v1/scheduled_deployments", body).json["result"]["id"]
    token = client.token
    return {
        "create": Load("POST", "/v1/scheduled_deployments", token, body),
        "get": Load("GET", f"/v1/scheduled_deployments/{one}", token),
        "page": Load("GET", "/v1/scheduled_deployments?limit=50", token),
    }


def compared(name, load, server, peer, connections, rounds, seconds, target):
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(load.run(server.port, connections, seconds))
        theirs.append(load.run(peer.port, connections, seconds))
    ours, theirs = medians(ours), medians(theirs)
    return {
        "what": name,
        "connections": connections,
        "per_second": round(ours[0]),
        "p50_ms": ours[1],
        "p99_ms": ours[2],
        "bare_per_second": round(theirs[0]),
        "ratio": round(ours[0] / theirs[0], 2),
        "target": target,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brief", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rounds, seconds = (1, 1) if options.brief else (ROUNDS, SECONDS)
    rows = []
    with tempfile.TemporaryDirectory() as directory:
        with (
            Server(f"{directory}/data", *RAISED_QUOTAS) as server,
            Bare(f"{directory}/bare") as durable,
            Bare() as bare,
        ):
            loads = prepared(server)
            for name, peer, connections, target in (
                ("create", durable, 64, 0.75),
                ("create", durable, 256, 0.75),
                ("create", durable, 1, None),
                ("get", bare, 64, 0.7),
                ("page", bare, 64, 0.25),
            ):
                rows.append(
                    compared(name, loads[name], server, peer, connections, rounds, seconds, target)
                )
    if options.json:
        print(json.dumps(rows))
        return
    print("what    conns  req/s     p50 ms   p99 ms   bare req/s  ratio  target")
    for row in rows:
        print(
            f"{row['what']:<7} {row['connections']:>5}  {row['per_second']:>7}  "
            f"{row['p50_ms']:>7.2f}  {row['p99_ms']:>7.2f}  {row['bare_per_second']:>10}  "
            f"{row['ratio']:>5.2f}  {row['target'] or '-'}"
        )


if __name__ == "__main__":
    main()
