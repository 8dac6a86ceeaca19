"""What slipway-dump says of a data directory."""

import json

from processes import run_program


def events_of(data):
    return [json.loads(line) for line in run_program("slipway-dump", data).splitlines()]


def uuid_of(any_id):
    """A scheduled deployment and its deployment are one stream under two prefixes."""
    return any_id.rsplit("_", 1)[-1]
