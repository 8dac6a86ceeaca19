"""A server under an open load, what was said and shown of it, and the comparison with its log.

Each test of it says in `live` how the server ends, and starts it again.
"""

import argparse
import collections
import contextlib
import pathlib
import random
import signal
import sys
import tempfile
import time

from book import Book, Events, Uptime, check_answers, check_decisions, check_punctuality, lost
from load import AHEAD_SECONDS_MAX, Load, first_apps
from processes import RAISED_QUOTAS, Client, Server, eventually
from record import Record, replayed_fingerprint, stopped_fingerprint

TRACES_SHOWN = 20  # lines, if something is wrong
ERRORS_SHOWN = 50
SNAPSHOTS = ("--snapshot-every", "300")  # so often that starts meet them
STARTS_SURE = 8  # among as many there is one from a snapshot


class Torture:
    server_options = ("--drain-seconds", "2", *SNAPSHOTS)

    def __init__(self, options, directory, _stack, data=None):
        self.options = options
        self.directory = directory
        self.data = data or directory / "data"
        self.traces = directory / "traces"
        self.chance = random.Random(f"{options.seed}/deaths")
        self.book = Book()
        self.load = Load(self.book, options.rate, options.seed)
        self.server = None
        self.uptime = Uptime()
        self.counts = collections.Counter()
        self.slowest_start = 0.0
        self.slowest_decision = 0.0
        self.shown = Events()  # as the server showed them
        self.dumped = Events()  # as the log has them in the end
        self.compared = 0  # of the asks of the book
        self.wrong = []

    def live(self):
        raise NotImplementedError

    def run(self):
        """The whole of it: all that is wrong is in `wrong` then."""
        with self.traces.open("w") as stderr:
            self.server = Server(self.data, *RAISED_QUOTAS, *self.server_options, stderr=stderr)
            with self.server:
                self.uptime.begin(time.time(), time.time())
                client = self.server.client(headers={"X-Request-Id": "setup"})
                self.load.aim(self.server, first_apps(client, self.load.target))
                client.close()
                self.load.begin()
                self.live()
                self.settle()
                self.look()
                self.stop()
        self.load.end()
        self.compare()

    def start(self):
        began = time.time()
        self.server.start()
        listening = time.time()
        self.uptime.begin(began, listening)
        self.slowest_start = max(self.slowest_start, listening - began)
        self.counts["starts"] += 1

    def kill(self, may_have_ended=()):
        """It must not have ended by itself before, but with these."""
        self.server.kill()
        self.uptime.end(time.time())
        self.counts["kills"] += 1
        status = self.server.process.process.returncode
        if status != -signal.SIGKILL and status not in may_have_ended:
            self.wrong.append(f"it ended by itself with {status}")

    def stop(self):
        status = self.server.terminate()
        self.uptime.end(time.time())
        self.counts["stops"] += 1
        if status != 0:
            self.wrong.append(f"a stop in order ended with {status}")
        live = stopped_fingerprint(self.traces)
        if replayed_fingerprint(self.data) != live:
            self.wrong.append(f"a replay gives another state than the live one, {live}")

    def settle(self):
        """Nothing new is asked for; what was planned for these seconds comes due, and ends."""
        self.load.close()
        planned = time.monotonic() + AHEAD_SECONDS_MAX
        with contextlib.closing(self.server.client()) as client:
            eventually(lambda: time.monotonic() > planned, AHEAD_SECONDS_MAX + 1)
            eventually(lambda: self.load.is_quiet() and is_settled(client), 300)

    # ---- What is shown after each start

    def look(self):
        """Compares what was acknowledged until now with the events that the server shows."""
        end, position = len(self.book.asks), self.book.position
        shown = self.read_events()
        if shown < position:
            self.wrong.append(f"position {shown} is shown, and {position} was acknowledged")
        for ask in self.book.asks[self.compared:end]:
            if ask.is_done and not ask.is_replay and (what := lost(ask, self.shown)):
                self.wrong.append(f"{ask} was acknowledged, and after a start {what}")
        self.compared = end

    def read_events(self):
        """Those that have not been shown yet; answers the position that the server has."""
        after = self.shown.all[-1]["position"] if self.shown.all else 0
        with contextlib.closing(Client(self.server.port, self.load.token)) as client:
            while True:
                page = client.get(f"/v1/events?limit=200&after={after}")
                if page.status != 200:
                    raise AssertionError(f"events after {after}: {page}")
                for event in page.json["result"]:
                    self.shown.add(event)
                if not page.json["next_cursor"]:
                    return int(page.headers["slipway-position"])
                after = page.json["next_cursor"]

    # ---- What is there in the end

    def compare(self):
        for event in Record(self.data).events:
            self.dumped.add(event)
        digests = {event["position"]: event["digest"] for event in self.dumped.all}
        for event in self.shown.all:
            if digests.get(event["position"]) != event["digest"]:
                self.wrong.append(f"position {event['position']} was shown with {event['digest']}")
        self.check_traces(self.traces.read_text())
        self.wrong += self.book.wrong
        if not any(ask.is_done for ask in self.book.asks):
            self.wrong.append("nothing was acknowledged: it shows nothing")
        if not self.load.target.deliveries:
            self.wrong.append("nothing was delivered: it shows nothing")
        self.wrong += check_answers(self.book, self.dumped)
        self.wrong += check_decisions(self.book, self.dumped, self.load.target.deliveries)
        wrong, self.slowest_decision = check_punctuality(self.dumped, self.uptime)
        self.wrong += wrong

    def check_traces(self, text):
        # Their keys are files: made before the event of a credential is, and destroyed after.
        if "credentials cannot be read" in text:
            self.wrong.append("the key of a credential was lost: see the traces")
        self.counts["starts from a snapshot"] = text.count("starting from the snapshot")
        if self.counts["starts"] >= STARTS_SURE and not self.counts["starts from a snapshot"]:
            self.wrong.append(f"none of {self.counts['starts']} starts was from a snapshot")

    def tell(self):
        asks, load = self.book.asks, self.load
        kinds = collections.Counter(ask.kind for ask in asks if ask.is_done)
        moods = collections.Counter(one.mood for one in load.target.deliveries)
        decisions = sum(
            len(one.get("DeploymentDue", ())) for one in self.dumped.by_object.values())
        print(", ".join(f"{count} {what}" for what, count in self.counts.items()))
        print("acknowledged: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
        print(
            f"{sum(kinds.values())} acknowledged changes, "
            f"{sum(ask.is_replay for ask in asks)} of them repeated; "
            f"{sum(ask.status is None for ask in asks)} tries without an answer; "
            f"{len(self.dumped.all)} events, {decisions} dispatch decisions"
        )
        print(
            f"{len(load.target.deliveries)} deliveries ("
            + ", ".join(f"{count} {mood}" for mood, count in moods.items())
            + f"); at most {load.most_under_way} requests under way, "
            f"the latest left {load.lateness_max:.2f} s late"
        )
        print(
            f"slowest start {self.slowest_start:.2f} s, "
            f"slowest decision {self.slowest_decision:.2f} s"
        )


def is_settled(client):
    """Whether all that came due has been sent, and has ended or waits for a report."""
    for status in ("due", "running"):
        page = client.get(f"/v1/deployments?status={status}&limit=1")
        if page.status != 200 or page.json["result"]:
            return False
    return True


def torture(kind, description, count, rate, *more):
    """The main program of a test: `count` is the name of what it does how often, and how often;
    `rate` is how many requests a second; `more` are names and defaults of options."""
    parser = argparse.ArgumentParser(description=description.splitlines()[0])
    name, default = count
    parser.add_argument(f"--{name}", dest="times", type=int, default=default)
    for option, value in more:
        parser.add_argument(f"--{option}", default=value)
    parser.add_argument("--rate", type=float, default=rate, help="requests a second")
    parser.add_argument("--seed", type=int, default=1, help="the same by default")
    parser.add_argument("--keep", metavar="DIRECTORY", help="leaves traces and data")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory, contextlib.ExitStack() as stack:
        if options.keep:
            directory = options.keep
            pathlib.Path(directory).mkdir()
        one = kind(options, pathlib.Path(directory), stack)
        try:
            one.run()
            one.tell()
        except BaseException:
            one.wrong.append("it did not come to its end")
            raise
        finally:
            if one.wrong:
                print("".join(one.traces.read_text().splitlines(True)[-TRACES_SHOWN:]))
    seconds = time.monotonic() - began
    print(f"{options.times} {name} in {seconds:.0f} s: {len(one.wrong)} errors")
    for error in one.wrong[:ERRORS_SHOWN]:
        print("  " + error[:400])
    sys.exit(1 if one.wrong else 0)
