"""What slipway-dump says of a data directory."""

import json

from processes import run_program


def events_of(data):
    return [json.loads(line) for line in run_program("slipway-dump", data).splitlines()]


def without_head(line):
    """An event of a dump without what its first line says of the log, which grows."""
    event = json.loads(line)
    event.pop("log", None)
    return event


def uuid_of(any_id):
    """A scheduled deployment and its deployment are one stream under two prefixes."""
    return any_id.rsplit("_", 1)[-1]
