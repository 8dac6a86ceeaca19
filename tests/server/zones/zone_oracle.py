"""Writes what Python's zoneinfo says about wall clocks, for zone_oracle_test.cpp to compare.

    PYTHONTZPATH=DIRECTORY python3 zone_oracle.py DIRECTORY OUTPUT

For each zone and alias of DIRECTORY/tzdata.zi a line "zone NAME", and after it a line for each wall
clock:

    KIND WALL COMPATIBLE EARLIER LATER EARLIER_OFFSET LATER_OFFSET

KIND is = for a wall clock that occurs once, 2 for twice and 0 for never. All times are seconds
since 1970; WALL as if it were UTC.
"""

import pathlib
import sys
import zoneinfo
from datetime import datetime, timedelta, timezone

EPOCH = datetime(1970, 1, 1)
SECOND = timedelta(seconds=1)
TRANSITION_YEARS = (2026, 2038)  # every transition in these is asked about
SAMPLE_YEARS = [*range(1970, 2026), 2038, 2060, 2100, 2500, 9999]
SAMPLE_DAYS = [(1, 1, 0, 0), (1, 15, 12, 0), (3, 31, 2, 30), (7, 15, 12, 0), (12, 31, 23, 59)]


def seconds(wall):
    return (wall - EPOCH) // SECOND


def offset_of_wall(zone, wall, fold):
    return wall.replace(tzinfo=zone, fold=fold).utcoffset() // SECOND


def offset_at(zone, instant):
    utc = EPOCH + timedelta(seconds=instant)
    return utc.replace(tzinfo=timezone.utc).astimezone(zone).utcoffset() // SECOND


def transitions(zone):
    """Each instant in TRANSITION_YEARS at which the offset changes, to the second."""
    at, end = (seconds(datetime(year, 1, 1)) for year in TRANSITION_YEARS)
    offset = offset_at(zone, at)
    while at < end:
        step = at + 86400
        after = offset_at(zone, step)
        if after != offset:
            low, high = at, step
            while high - low > 1:
                middle = (low + high) // 2
                if offset_at(zone, middle) == offset:
                    low = middle
                else:
                    high = middle
            yield high, offset, after
        at, offset = step, after


def wall_clocks(zone):
    for year in SAMPLE_YEARS:
        for sample in SAMPLE_DAYS:
            yield seconds(datetime(year, *sample))
    for at, before, after in transitions(zone):
        low, high = sorted((at + before, at + after))
        middle = (low + high) // 2
        for edge in (low, high):
            yield from (edge - 1, edge, edge + 1)
        yield from (middle, middle - 1, low - 86400, high + 86400)


def answer(zone, wall):
    moment = EPOCH + timedelta(seconds=wall)
    # With fold=0 Python takes the offset before a transition, in gaps and overlaps alike.
    before, after = (offset_of_wall(zone, moment, fold) for fold in (0, 1))
    compatible = wall - before
    earlier, later = sorted((wall - before, wall - after))
    kind = "=" if before == after else "2" if before > after else "0"
    if kind == "0":
        offsets = offset_at(zone, earlier), offset_at(zone, later)
    else:
        offsets = before, after
    return kind, wall, compatible, earlier, later, *offsets


def names(directory):
    for line in (directory / "tzdata.zi").read_text().splitlines():
        words = line.split()
        if words[0] == "Z":
            yield words[1]
        elif words[0] == "L":
            yield words[2]


def main():
    directory, output = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    if zoneinfo.TZPATH != (str(directory),):
        sys.exit(f"zoneinfo reads {zoneinfo.TZPATH}, expected {directory}: set PYTHONTZPATH")
    with output.open("w") as out:
        for name in names(directory):
            # Factory is no place: it says that no zone was chosen.
            if name == "Factory" or not (directory / name).exists():
                continue
            zone = zoneinfo.ZoneInfo(name)
            print("zone", name, file=out)
            for wall in wall_clocks(zone):
                print(*answer(zone, wall), file=out)


main()
