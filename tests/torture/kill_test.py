"""Kills the server under load, again and again, and compares what it holds with what it said.

    kill_test.py --kills 1000 --seed 7

The load is open: requests leave at their own pace, over the deaths too. Some deaths come with the very
answer that acknowledges a change, some in the middle of a start or of an ordered stop. Now and then the
server is paused for longer than its deadlines, stays away for longer than a schedule may be late, or
stops in order.

Held, after each start: what was acknowledged since the last one is there, one by one, and no event
that was ever shown is another. Held in the end: every change that was acknowledged is in the log and
as it was asked; what was refused is not; a key was done once; each schedule has at most one dispatch
decision, by its policy and within 5 s of a start; one that was cancelled none; a target sees one
webhook-id a deployment, and only attempts that the log has; each ordered stop left a log that
replays to the fingerprint of the state as it had grown live.
"""

import argparse
import collections
import contextlib
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

from book import Book, Events, Uptime, check_answers, check_decisions, check_punctuality, lost
from load import Load, first_apps
from processes import PROGRAMS, Client, Server, eventually
from record import Record, replayed_fingerprint, stopped_fingerprint

# How a life of the server ends, of 100.
ENDS = {
    "kill": 28, "kill_at_answer": 36, "kill_while_starting": 12, "kill_while_stopping": 6, "pause": 6,
    "outage": 4, "stop": 8,
}
OPTIONS = ("--drain-seconds", "2", "--disk-reserve-mib", "1")


class Torture:
    def __init__(self, server, load, book, traces, seed):
        self.server = server
        self.load = load
        self.book = book
        self.traces = traces
        self.chance = random.Random(f"{seed}/deaths")
        self.uptime = Uptime()
        self.counts = collections.Counter()
        self.report = collections.Counter()
        self.events = Events()  # as they were shown
        self.compared = 0  # of the asks of the book
        self.client = None
        self.wrong = []

    def start(self):
        began = time.time()
        self.server.start()
        listening = time.time()
        self.uptime.begin(began, listening)
        self.report["slowest start"] = max(self.report["slowest start"], listening - began)
        self.counts["starts"] += 1

    def live(self, kills):
        """Until it was killed so often."""
        while self.counts["kills"] < kills:
            self.look()
            end = self.chance.choices(list(ENDS), list(ENDS.values()))[0]
            time.sleep(self.chance.uniform(0.02, 0.7))
            getattr(self, end)()
            self.start()
            if self.counts["starts"] % 100 == 0:
                print(f"{dict(self.counts)}, {self.book.position} positions", flush=True)
        self.look()

    # ---- Ends

    def kill(self):
        self.server.kill()
        self.uptime.end(time.time())
        self.counts["kills"] += 1

    def kill_at_answer(self):
        """The answer has just come: what it acknowledges is there already, or never."""
        self.load.kill_at_answer(self.server.process.process.pid, self.chance.randint(1, 5))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.process.process.wait(1)
            self.counts["kills at an answer"] += 1
        self.load.deadly = None
        self.kill()

    def kill_while_starting(self):
        self.kill()
        for _ in range(self.chance.randint(1, 3)):
            process = subprocess.Popen(
                self.server.command(), stdout=subprocess.DEVNULL, stderr=self.server.stderr)
            time.sleep(self.chance.uniform(0.0, 1.5 * self.report["slowest start"]) ** 1.5)
            process.kill()
            process.wait()
            self.counts["kills"] += 1
            self.counts["kills while starting"] += 1

    def kill_while_stopping(self):
        self.server.process.process.terminate()
        time.sleep(self.chance.uniform(0.0, 0.2))
        self.kill()
        self.counts["kills while stopping"] += 1

    def pause(self):
        self.server.process.process.send_signal(signal.SIGSTOP)
        self.uptime.end(time.time())
        self.counts["pauses"] += 1
        time.sleep(self.chance.uniform(1.2, 2.6))
        if self.chance.random() < 0.5:
            self.server.process.process.send_signal(signal.SIGCONT)
            self.uptime.begin(time.time(), time.time())
            time.sleep(self.chance.uniform(0.0, 0.5))
        self.kill()

    def outage(self):
        self.kill()
        self.counts["outages"] += 1
        time.sleep(self.chance.uniform(1.2, 2.6))

    def stop(self):
        status = self.server.terminate()
        self.uptime.end(time.time())
        self.counts["stops"] += 1
        if status != 0:
            self.wrong.append(f"a stop in order ended with {status}")
        live = stopped_fingerprint(self.traces)
        if replayed_fingerprint(self.server.data) != live:
            self.wrong.append(f"a replay gives another state than the live one, {live}")

    # ---- What is shown after each start

    def look(self):
        """Compares what was acknowledged until now with the events that the server shows."""
        end, position = len(self.book.asks), self.book.position
        self.read_events(position)
        for ask in self.book.asks[self.compared:end]:
            if ask.is_done and not ask.is_replay and (what := lost(ask, self.events)):
                self.wrong.append(f"{ask} was acknowledged, and after a start {what}")
        self.compared = end

    def read_events(self, position):
        after = self.events.all[-1]["position"] if self.events.all else 0
        with contextlib.closing(Client(self.server.port, self.load.token)) as client:
            while True:
                page = client.get(f"/v1/events?limit=200&after={after}")
                if page.status != 200:
                    raise AssertionError(f"events after {after}: {page}")
                for event in page.json["result"]:
                    self.events.add(event)
                if not page.json["next_cursor"]:
                    break
                after = page.json["next_cursor"]
        if int(page.headers["slipway-position"]) < position:
            self.wrong.append(f"{page.headers['slipway-position']} is shown, {position} was acknowledged")


def kill_first_starts(directory, count, chance):
    """What was killed while it made its data directory starts all the same."""
    for number in range(count):
        data = directory / f"first-{number}"
        command = [PROGRAMS / "slipway-server", "run", "--listen", "127.0.0.1:0", "--data", data]
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        with Server(data) as server:
            first_apps(server.client(), collections.namedtuple("Target", "url origin secret")(
                "http://127.0.0.1:9/", "http://127.0.0.1:9", "never told"))


def is_settled(client):
    """Whether all that came due has been sent, and has ended or waits for a report."""
    for status in ("due", "running"):
        page = client.get(f"/v1/deployments?status={status}&limit=1")
        if page.status != 200 or page.json["result"]:
            return False
    return True


def compare(torture, data):
    """The log in the end with all that was said and shown."""
    wrong = []
    dumped = Events()
    for event in Record(data).events:
        dumped.add(event)
    digests = {event["position"]: event["digest"] for event in dumped.all}
    for event in torture.events.all:
        if digests.get(event["position"]) != event["digest"]:
            wrong.append(f"position {event['position']} was shown with {event['digest']}")
    wrong += check_answers(torture.book, dumped)
    wrong += check_decisions(torture.book, dumped, torture.load.target.deliveries)
    wrong += check_punctuality(dumped, torture.uptime, torture.report)
    return wrong, dumped


def run(options, directory):
    data, traces = directory / "data", directory / "traces"
    kill_first_starts(directory, max(4, options.kills // 20), random.Random(options.seed))
    book = Book()
    load = Load(book, options.rate, options.seed)
    with traces.open("w") as stderr, Server(data, *OPTIONS, stderr=stderr) as server:
        client = server.client(headers={"X-Request-Id": "setup"})
        load.aim(server, first_apps(client, load.target))
        client.close()
        torture = Torture(server, load, book, traces, options.seed)
        torture.uptime.begin(time.time(), time.time())
        load.begin()
        torture.live(options.kills)
        load.close()
        load.target.is_kind = True
        client = server.client()
        # What was planned for the seconds to come comes due as well, and targets report.
        eventually(lambda: load.is_quiet() and is_settled(client), 60)
        time.sleep(13)
        eventually(lambda: load.is_quiet() and is_settled(client), 60)
        torture.look()
        torture.stop()
        client.close()
    load.end()
    wrong, dumped = compare(torture, data)
    return torture, book.wrong + torture.wrong + wrong, dumped


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--rate", type=float, default=100, help="requests a second, on the average")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--keep", metavar="DIRECTORY", help="leave the data directory and the traces")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        if options.keep:
            directory = options.keep
            pathlib.Path(directory).mkdir()
        torture, wrong, dumped = run(options, pathlib.Path(directory))
    book, load = torture.book, torture.load
    kinds = collections.Counter(ask.kind for ask in book.asks if ask.is_done)
    print(f"{dict(torture.counts)}")
    print(f"acknowledged: {dict(kinds)}")
    print(
        f"{book.count(lambda ask: ask.is_done)} acknowledged changes, "
        f"{book.count(lambda ask: ask.is_replay)} of them repeated, "
        f"{book.count(lambda ask: ask.status is None)} without an answer; "
        f"{len(dumped.all)} events, "
        f"{sum(len(one.get('DeploymentDue', ())) for one in dumped.by_object.values())} dispatch decisions, "
        f"{len(load.target.deliveries)} deliveries"
    )
    print(
        f"at most {load.most_under_way} requests under way, a departure {load.lateness_max:.2f} s late; "
        + ", ".join(f"{name} {value:.2f} s" for name, value in torture.report.items())
    )
    print(f"{torture.counts['kills']} kills in {time.monotonic() - began:.0f} s: {len(wrong)} errors")
    for error in wrong[:50]:
        print("  " + error)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
