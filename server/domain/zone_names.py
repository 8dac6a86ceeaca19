"""Writes the table of zone_names.h as C++: names that the zone database does not have, and the IANA zones that
they stand for. Of one name the first source counts: our own list, CLDR's Windows ids, cities, countries.

    zone_names.py zone_names.txt windowsZones.xml ZONEINFO INTO"""

import pathlib
import sys
import xml.etree.ElementTree


def our_names(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, zones = line.split("=")
            yield name.strip(), zones.split()


def windows_names(path):
    for zone in xml.etree.ElementTree.parse(path).iter("mapZone"):
        if zone.get("territory") == "001":
            yield zone.get("other"), zone.get("type").split()


def rows(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")


def places(zoneinfo):
    countries = {}
    for country, _, zone, *_ in rows(zoneinfo / "zone.tab"):
        countries.setdefault(country, []).append(zone)
        yield zone.rsplit("/", 1)[-1], [zone]
    for country, name, *_ in rows(zoneinfo / "iso3166.tab"):
        if country in countries:
            yield country, countries[country]
            yield name, countries[country]


def main():
    ours, windows, zoneinfo, into = (pathlib.Path(argument) for argument in sys.argv[1:])
    table = {}
    for source in (our_names(ours), windows_names(windows), places(zoneinfo)):
        for name, zones in source:
            table.setdefault(name.lower().replace("_", " "), zones)
    lines = [f'    {{"{name}", "{" ".join(zones)}"}},' for name, zones in
             sorted(table.items(), key=lambda entry: entry[0].encode())]
    into.write_text("// Made by zone_names.py.\n"
                    '#include "server/domain/zone_names_table.h"\n\nnamespace slipway {\n\n'
                    "const ZoneName kZoneNames[] = {\n" + "\n".join(lines) + "\n};\n"
                    "const std::size_t kZoneNamesCount = sizeof kZoneNames / sizeof kZoneNames[0];\n\n"
                    "}  // namespace slipway\n", encoding="utf-8")


main()
