"""More connections than the server has descriptors for: the log gets its files and targets their
calls all the same, who is connected is served, and there is room again when they have gone."""

import collections
import contextlib
import http.client
import resource
import time
import unittest

import attackers
from attackers import Attack
from dumps import events_of, uuid_of
from processes import eventually
from siege import LARGE_LABELS, Siege

DESCRIPTORS = 512
CONNECTIONS = 400  # of each of two attackers, who have no more descriptors either
WRITES = 600  # the log fills a file with them, and needs another
GRAB_PAUSE_SECONDS = 0.1


def grab(port, token, seconds, count):
    """Connections that come and stay, in place of each that was closed another one."""
    connections = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for number in range(count - len(connections)):
            with contextlib.suppress(OSError):
                connection = attackers.connect(port, number)
                connection.setblocking(False)
                connections.append(connection)
        connections = [one for one in connections if not is_over(one)]
        time.sleep(GRAB_PAUSE_SECONDS)
    return {"held": len(connections)}


def is_over(connection):
    try:
        return connection.recv(1024) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


class Descriptors(unittest.TestCase):
    def test_are_left_to_the_log_and_to_targets(self):
        resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
        with Siege() as siege:
            client = siege.client
            with Attack(grab, siege.port, "", 600, CONNECTIONS), \
                    Attack(grab, siege.port, "", 600, CONNECTIONS):
                self.wait_until_none_is_taken(siege)
                made = []
                for _ in range(WRITES):
                    made.append(siege.schedule_far_away(labels=LARGE_LABELS))
                deployment = client.post("/v1/deployments", {"app": siege.app}).json["result"]["id"]
                path = f"/v1/deployments/{deployment}"
                eventually(lambda: client.get(path).json["result"]["status"] == "succeeded")
            with contextlib.closing(siege.server.client(siege.token)) as late:
                eventually(lambda: self.is_served(late))
            siege.traces.seek(0)
            self.assertNotIn(" error ", siege.traces.read(), "something could not be written")
            known = {uuid_of(event["stream"]) for event in events_of(siege.data)}
            self.assertEqual([one for one in made if uuid_of(one) not in known], [])

    def wait_until_none_is_taken(self, siege):
        """The number of connections has come to where it stays."""
        seen = collections.deque(maxlen=5)

        def stands():
            seen.append(siege.level("slipway_http_connections"))
            return len(seen) == 5 and len(set(seen)) == 1 and seen[0] > DESCRIPTORS / 8

        eventually(stands, pause=2 * GRAB_PAUSE_SECONDS)

    def is_served(self, client):
        try:
            return client.get("/healthz").status == 200
        except (OSError, http.client.HTTPException):
            return False


if __name__ == "__main__":
    unittest.main()
