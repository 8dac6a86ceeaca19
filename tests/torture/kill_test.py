"""Kills the server under load, again and again, and compares what it holds with what it said.

    kill_test.py --kills 1000 --seed 7

The load is open: requests leave at their own pace, over the deaths too. Some deaths come with the
very answer that acknowledges a change, some in the middle of a start or of an ordered stop. Now and
then the server is paused for longer than its deadlines, stays away for longer than a schedule may
be late, or stops in order.

Held, after each start: what was acknowledged since the last one is there, one by one, and no event
that was ever shown is another. Held in the end: every change that was acknowledged is in the log
and as it was asked; what was refused is not; a key was done once; each schedule has at most one
dispatch decision, by its policy and soon after a start (LAG_SECONDS_MAX); one that was cancelled none; a target
sees one webhook-id a deployment, and only attempts that the log has; each ordered stop left a log
that replays to the fingerprint of the state as it had grown live.
"""

import collections
import contextlib
import signal
import subprocess
import time

from load import first_apps
from processes import PROGRAMS, Server
from torture import Torture, torture

# How a life of the server ends, of 100.
ENDS = {
    "kill": 28, "kill_at_answer": 36, "kill_while_starting": 12, "kill_while_stopping": 6,
    "pause": 6, "outage": 4, "stop": 8,
}


class Kills(Torture):
    def live(self):
        kill_first_starts(self.directory, max(4, self.options.times // 20), self.chance)
        while self.counts["kills"] < self.options.times:
            self.look()
            end = self.chance.choices(list(ENDS), list(ENDS.values()))[0]
            time.sleep(self.chance.uniform(0.02, 0.7))
            getattr(self, end)()
            self.start()
            if self.counts["starts"] % 50 == 0:
                print(f"{self.counts['kills']} kills, {self.book.position} events", flush=True)

    # ---- Ends

    def kill_at_answer(self):
        """The answer has just come: what it acknowledges is there already, or never."""
        self.load.kill_at_answer(self.server.process.process.pid, self.chance.randint(1, 5))
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.server.process.process.wait(1)
            self.counts["kills at an answer"] += 1
        self.load.spare()
        self.kill()

    def kill_while_starting(self):
        self.kill()
        for _ in range(self.chance.randint(1, 3)):
            process = subprocess.Popen(
                self.server.command(), stdout=subprocess.DEVNULL, stderr=self.server.stderr)
            time.sleep(self.chance.uniform(0.0, 1.5 * self.slowest_start) ** 1.5)
            process.kill()
            process.wait()
            self.counts["kills"] += 1
            self.counts["kills while starting"] += 1

    def kill_while_stopping(self):
        self.server.process.process.terminate()
        time.sleep(self.chance.uniform(0.0, 0.2))
        self.kill(may_have_ended=(0,))
        self.counts["kills while stopping"] += 1

    def pause(self):
        self.server.process.process.send_signal(signal.SIGSTOP)
        self.uptime.end(time.time())
        self.counts["pauses"] += 1
        time.sleep(self.chance.uniform(1.2, 2.6))
        if self.chance.random() < 0.5:
            self.server.process.process.send_signal(signal.SIGCONT)
            self.uptime.begin(time.time(), time.time())
            time.sleep(self.chance.uniform(0.0, 1.5))
        self.kill()

    def outage(self):
        self.kill()
        self.counts["outages"] += 1
        time.sleep(self.chance.uniform(1.2, 2.6))


def kill_first_starts(directory, count, chance):
    """What was killed while it made its data directory starts all the same."""
    for number in range(count):
        data = directory / f"first-{number}"
        command = [PROGRAMS / "slipway-server", "run", "--create", "--listen", "127.0.0.1:0",
                   "--data", data]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.0, 0.15))
        process.kill()
        process.wait()
        with Server(data, stderr=subprocess.DEVNULL) as server:
            first_apps(server.client(), collections.namedtuple("Target", "url origin secret")(
                "http://127.0.0.1:9/", "http://127.0.0.1:9", "never told"))


if __name__ == "__main__":
    torture(Kills, __doc__, ("kills", 100), 60)
