"""What a log says in the end, as the torture tests ask it."""

import collections
import re

from dumps import events_of, uuid_of
from processes import run_program


class Record:
    """The events of a data directory by type, and by object."""

    def __init__(self, data):
        self.events = events_of(data)
        positions = [event["position"] for event in self.events]
        if positions != list(range(1, len(positions) + 1)):
            raise AssertionError("the positions of the log have a hole")
        self.of = collections.defaultdict(lambda: collections.defaultdict(list))
        for event in self.events:
            self.of[event["type"]][uuid_of(event["stream"])].append(event)

    def count(self, kind, any_id):
        return len(self.of[kind].get(uuid_of(any_id), ()))


def stopped_fingerprint(traces):
    """The fingerprint that a server told as it stopped: of the state as it had grown live."""
    found = re.findall(r"stopped at position (\d+), fingerprint ([0-9a-f]+)", traces.read_text())
    if not found:
        raise AssertionError("the server did not say its fingerprint as it stopped")
    return found[-1][1]


def replayed_fingerprint(data):
    return run_program("slipway-replay", data, "--fingerprint").strip()


def new_app(client, name, url):
    answer = client.post(
        "/v1/apps",
        {
            "name": name,
            "environment": "staging",
            "infrastructure": {"provider": "other"},
            "target": {"kind": "webhook", "url": url},
        },
    )
    if answer.status != 201:
        raise AssertionError(f"{name} was not created: {answer}")
    return answer.json["result"]["id"]
