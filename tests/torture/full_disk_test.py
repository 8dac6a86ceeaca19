"""Fills the disk of a loaded server, again and again: what it said is there, also with no room.

    full_disk_test.py --times 100 --seed 7

The data is on a small disk in memory. Sometimes it is filled into the reserve: then new work is
refused with 503, while what is due is still decided and sent, and cancels and reports of targets
are recorded; from half of the reserve on what is due waits, too. Sometimes it is filled to the
last byte: then nothing is acknowledged that is not there, the process ends with its own status,
and a start on the full disk succeeds or is refused, and harms nothing. Held is all that
kill_test.py holds.
"""

import contextlib
import subprocess
import time
from datetime import datetime, timedelta, timezone

from book import LAG_SECONDS_MAX
from disks import FillableDisk, in_own_namespace
from dumps import uuid_of
from processes import STATUS_OUTCOME_UNKNOWN, Client, eventually
from skips import skip
from torture import SNAPSHOTS, Torture, torture

DISK_MIB = 512
RESERVE_MIB = 128  # the least that a server takes, and the default
FAR = {"year": 2090, "month": 1, "day": 1, "hour": 1, "minute": 1, "timezone": "UTC"}
LOW_SECONDS = 1.0  # for as long the disk stays nearly full, and for as long all but full
DUE_SECONDS = 5  # from planning what comes due on a disk that is nearly full
TIMES_SURE = 9  # among as many there is one of each kind


class FullDisks(Torture):
    server_options = ("--drain-seconds", "2", *SNAPSHOTS)

    def __init__(self, options, directory, stack):
        try:
            self.disk = FillableDisk(directory / "disk", DISK_MIB)
        except subprocess.CalledProcessError as error:
            skip(f"no file system in memory may be mounted: {error.stderr.strip()}")
        stack.callback(self.disk.close)
        super().__init__(options, directory, stack, self.disk.place / "data")
        self.load.unsettled.add(500)  # a key of a credential found no room

    def live(self):
        for number in range(self.options.times):
            self.look()
            time.sleep(self.chance.uniform(0.2, 0.8))
            if number % 3 == 0:
                self.nearly_fill()
            else:
                self.fill()
        if self.options.times >= TIMES_SURE:
            for what in ("completes with little room", "ends of its own"):
                if not self.counts[what]:
                    self.wrong.append(f"no {what}: the load or the chance is too small")
        # A dump works on a copy.
        self.disk.enlarge(3 * DISK_MIB)

    # ---- Into the reserve

    def nearly_fill(self):
        with contextlib.closing(Client(self.server.port, self.load.token)) as client:
            client.headers = {"X-Request-Id": "setup"}
            planned = {"app": self.load.first_apps[0], **FAR}
            answer = client.post("/v1/scheduled_deployments", planned)
            self.expect(answer, 201, "planned with room")
            path = f"/v1/scheduled_deployments/{answer.json['result']['id']}"
            due = datetime.now(timezone.utc) + timedelta(seconds=DUE_SECONDS)
            soon = {"app": planned["app"], "at": due.strftime("%Y-%m-%dT%H:%M:%S"), "timezone": "UTC"}
            soon = client.post("/v1/scheduled_deployments", soon)
            self.expect(soon, 201, "planned to come due")
            self.disk.fill((RESERVE_MIB << 20) * 7 // 8)
            eventually(lambda: disk_of(client) == "low")
            began = len(self.book.asks)
            refused = client.post("/v1/scheduled_deployments", planned)
            self.expect(refused, 503, "planned on a disk that is nearly full")
            if "retry-after" not in refused.headers or refused.json["code"] != "disk_low":
                self.wrong.append(f"the refusal does not say why, or until when: {refused}")
            self.expect(client.post(f"{path}/cancel", {}), 200, "cancelled on it")
            self.expect(client.get(path), 200, "read on it")
            self.is_sent(client, soon.json["result"]["id"])
            time.sleep(LOW_SECONDS)
            self.all_but_fill()
            for ask in self.book.asks[began:]:
                if ask.is_done and ask.kind in ("cancel", "complete"):
                    self.counts[f"{ask.kind}s with little room"] += 1
            self.disk.free()
            eventually(lambda: client.post("/v1/scheduled_deployments", planned).status == 201)
            self.uptime.begin(time.time(), time.time())
        self.counts["times nearly full"] += 1

    def is_sent(self, client, schedule):
        """What came due while the disk is nearly full goes out all the same."""
        def sent():
            return any(uuid_of(one.deployment) == uuid_of(schedule)
                       for one in list(self.load.target.deliveries))

        eventually(sent)
        if disk_of(client) != "low":
            self.wrong.append("the disk had room again: it shows nothing")
        self.counts["sent with little room"] += 1

    def all_but_fill(self):
        self.uptime.end(time.time())  # nothing new is dispatched until there is room
        self.disk.fill((RESERVE_MIB << 20) // 4)
        time.sleep(LOW_SECONDS)

    def expect(self, answer, status, what):
        if answer.status != status:
            self.wrong.append(f"{what}: {answer}, expected {status}")

    # ---- To the last byte

    def fill(self):
        process = self.server.process.process
        self.uptime.end(time.time())
        self.disk.fill(self.chance.choice((0, 0, 4_096, 65_536)))
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        if process.poll() is None:
            # Nothing that it had to write needed more room.
            self.kill(may_have_ended=(STATUS_OUTCOME_UNKNOWN,))
        else:
            process.stdout.close()
            self.counts["ends of its own"] += 1
            if process.returncode != STATUS_OUTCOME_UNKNOWN:
                self.wrong.append(f"it ended with {process.returncode} on a full disk")
        self.counts["times full"] += 1
        if self.chance.random() < 0.5:
            self.start_without_room()
        self.disk.free()
        self.start()

    def start_without_room(self):
        process = subprocess.Popen(
            self.server.command(), stdout=subprocess.DEVNULL, stderr=self.server.stderr)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(2)
        self.counts["starts without room"] += 1
        if process.poll() is None:
            process.kill()
            process.wait()
        elif process.returncode not in (1, STATUS_OUTCOME_UNKNOWN):
            self.wrong.append(f"a start on a full disk ended with {process.returncode}")


def disk_of(client):
    """What the server says of its disk."""
    return client.get("/readyz").json["result"].get("disk")


if __name__ == "__main__":
    in_own_namespace(as_any_user=True)
    torture(FullDisks, __doc__, ("times", 30), 60)
