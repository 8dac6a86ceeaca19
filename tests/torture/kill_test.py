"""Kills the server under load, again and again, and then compares what it holds with what it said.

    kill_test.py --kills 200 --seed 7

Held: everything that was acknowledged is there; each scheduled deployment that came due has exactly
one DeploymentDue, one that was cancelled none; a target sees one webhook-id a deployment; a replay
gives the fingerprint of the live state.
"""

import argparse
import http.client
import pathlib
import random
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone

from processes import Server, eventually, run_program
from record import Record, new_app, replayed_fingerprint, stopped_fingerprint, uuid_of, wall_clock
from target import Target

WORKERS = 3
PAUSE_SECONDS = 0.02  # of each worker between two requests


class Ledger:
    """What was acknowledged, and what may or may not have happened."""

    def __init__(self):
        self.lock = threading.Lock()
        self.created = {}  # id → the wall clock asked for
        self.cancelled = set()
        self.held = set()
        self.run = set()
        self.unknown = set()  # a change of these was sent, and nobody answered
        self.unanswered = 0

    def pick(self, random_):
        with self.lock:
            known = [one for one in self.created if one not in self.cancelled]
            return random_.choice(known[-300:]) if known else None


class Worker(threading.Thread):
    def __init__(self, client, apps, ledger, seed, stop):
        super().__init__()
        self.client = client
        self.apps = apps
        self.ledger = ledger
        self.random = random.Random(seed)
        self.stop_ = stop
        self.errors = []

    def run(self):
        actions = (self.create, self.create, self.create, self.cancel, self.run_now, self.hold)
        while not self.stop_.is_set():
            try:
                self.random.choice(actions)()
            except AssertionError as error:
                self.errors.append(str(error))
            time.sleep(PAUSE_SECONDS)

    def send(self, path, body, one=None):
        """The answer, or nothing: the server was killed meanwhile."""
        try:
            return self.client.post(path, body)
        except (OSError, http.client.HTTPException):
            with self.ledger.lock:
                self.ledger.unanswered += 1
                if one:
                    self.ledger.unknown.add(one)
            return None

    def create(self):
        ahead = timedelta(minutes=self.random.choice((1, 2, 3, 60 * 24)))
        clock = wall_clock(datetime.now(timezone.utc) + ahead)
        body = {"app": self.apps[0], **clock}
        if self.random.random() < 0.3:
            body["dependency"] = {"app": self.apps[1], "lead_minutes": 1}
        answer = self.send("/v1/scheduled_deployments", body)
        if answer is None or answer.status == 503:
            return
        # A minute that ends meanwhile is in the past.
        if answer.status == 422 and "past" in answer.text:
            return
        if answer.status != 201:
            raise AssertionError(f"create: {answer}")
        with self.ledger.lock:
            self.ledger.created[answer.json["result"]["id"]] = clock

    def change(self, action, accepted, body=None):
        one = self.ledger.pick(self.random)
        if one is None:
            return None
        answer = self.send(f"/v1/scheduled_deployments/{one}/{action}", body or {}, one)
        if answer is None or answer.status in (409, 503):
            return None
        if answer.status != accepted:
            raise AssertionError(f"{action} of {one}: {answer}")
        return one

    def cancel(self):
        if one := self.change("cancel", 200):
            with self.ledger.lock:
                self.ledger.cancelled.add(one)

    def run_now(self):
        if one := self.change("run_now", 200):
            with self.ledger.lock:
                self.ledger.run.add(one)

    def hold(self):
        if one := self.change("hold", 200):
            with self.ledger.lock:
                self.ledger.held.add(one)


def torture(server, client, workers, kills, random_):
    for worker in workers:
        worker.start()
    for kill in range(kills):
        time.sleep(random_.uniform(0.005, 0.3))
        server.kill()
        server.start()
        if kill % 20 == 19:
            print(f"{kill + 1} kills, {len(workers[0].ledger.created)} created", flush=True)
    workers[0].stop_.set()
    for worker in workers:
        worker.join()
    return [error for worker in workers for error in worker.errors]


def nothing_is_due(client):
    """Whether all that came due has ended."""
    open_ = ("due", "running", "waiting", "unknown")
    for status in open_:
        page = client.get(f"/v1/deployments?status={status}&limit=1")
        if page.status == 200 and page.json["result"]:
            return False
    return True


def check(ledger, record, deliveries, ended_at):
    """Every way in which the log, the ledger and the target disagree."""
    wrong = []
    for one, clock in ledger.created.items():
        found = record.of["DeploymentScheduled"].get(uuid_of(one))
        if not found:
            wrong.append(f"{one} was acknowledged and is not there")
            continue
        text = "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}".format(**clock)
        if not found[0]["data"]["time"]["wall_clock"].startswith(text):
            wrong.append(f"{one} was asked for {text} and is {found[0]['data']['planned']}")
    for one in ledger.cancelled:
        if not record.count("DeploymentCancelled", one):
            wrong.append(f"the cancel of {one} was acknowledged and is not there")
    for one in ledger.run:
        if not record.count("DeploymentDue", one) + record.count("DeploymentExpedited", one):
            wrong.append(f"the run of {one} was acknowledged and is not there")
    ids_of = {}
    for webhook_id, deployment in deliveries:
        ids_of.setdefault(uuid_of(deployment), set()).add(webhook_id)
    for uuid, events in record.of["DeploymentScheduled"].items():
        due = len(record.of["DeploymentDue"].get(uuid, ()))
        over = len(record.of["DeploymentCancelled"].get(uuid, ()))
        if due > 1:
            wrong.append(f"{uuid} has {due} dispatch decisions")
        if over and due:
            wrong.append(f"{uuid} was cancelled and ran")
        if over and uuid in ids_of:
            wrong.append(f"{uuid} was cancelled and the target saw it")
        held = "sched_" + uuid in ledger.held or "sched_" + uuid in ledger.unknown
        came_due = datetime.fromisoformat(events[0]["data"]["time"]["due_at"]) < ended_at
        if came_due and not over and not held and due != 1 and not root_is_held(events, ledger):
            wrong.append(f"{uuid} came due and has {due} dispatch decisions")
    for uuid in record.of["DeploymentDue"]:
        if len(ids_of.get(uuid, ())) != 1:
            wrong.append(f"the target saw {ids_of.get(uuid)} of {uuid}")
    for uuid in ids_of:
        if uuid not in record.of["DeploymentDue"]:
            wrong.append(f"the target saw {uuid}, which was never due")
    return wrong


def root_is_held(events, ledger):
    parent = events[0]["data"]["parent"]
    return parent is not None and parent in ledger.held | ledger.unknown


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    random_ = random.Random(options.seed)
    target = Target()
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        traces = pathlib.Path(directory) / "traces"
        with traces.open("w") as stderr, Server(data, stderr=stderr) as server:
            client = server.client()
            apps = [new_app(client, name, target.url) for name in ("api", "db")]
            ledger = Ledger()
            stop = threading.Event()
            workers = [
                Worker(server.client(), apps, ledger, random_.random(), stop)
                for _ in range(WORKERS)
            ]
            errors = torture(server, client, workers, options.kills, random_)
            # What was planned for the minutes to come comes due as well.
            client.close()
            last = datetime.now(timezone.utc) + timedelta(minutes=1)
            ended_at = last.replace(second=0, microsecond=0)
            eventually(lambda: datetime.now(timezone.utc) > ended_at + timedelta(seconds=2), 90)
            eventually(lambda: nothing_is_due(client), 120)
            if server.terminate() != 0:
                errors.append("the server did not stop in order")
        live = stopped_fingerprint(traces)
        print(run_program("slipway-replay", data), end="")
        if replayed_fingerprint(data) != live:
            errors.append(f"a replay gives another state than the live one, {live}")
        record = Record(data)
        errors += check(ledger, record, target.deliveries, ended_at)
    print(
        f"{options.kills} kills: {len(ledger.created)} created, {len(ledger.cancelled)} cancelled, "
        f"{len(ledger.run)} run now, {ledger.unanswered} without an answer, "
        f"{len(record.of['DeploymentDue'])} due, {len(target.deliveries)} deliveries, "
        f"{len(record.events)} events: {len(errors)} errors"
    )
    for error in errors[:50]:
        print("  " + error)
    target.close()
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
