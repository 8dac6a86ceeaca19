"""What a server says of itself to Prometheus."""

import re

SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (\S+)')
LABEL = re.compile(r'([a-z_]+)="((?:[^"\\]|\\.)*)"')


class Scrape:
    """The metrics at one moment: samples by name and labels, and the type of each family."""

    def __init__(self, text):
        self.samples = {}
        self.types = {}
        for line in text.splitlines():
            if line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                assert name not in self.types, f"{name} twice"
                self.types[name] = kind
            elif not line.startswith("#"):
                name, labels, value = SAMPLE.fullmatch(line).groups()
                key = (name, frozenset(LABEL.findall(labels or "")))
                assert key not in self.samples, f"{line} twice"
                self.samples[key] = float(value)

    def value(self, name, **labels):
        """0 if it was never counted."""
        return self.samples.get((name, frozenset(labels.items())), 0.0)

    @property
    def names(self):
        return {name for name, _ in self.samples}


def scrape(client):
    answer = client.get("/metrics")
    assert answer.status == 200, answer
    return Scrape(answer.text)


def metric(client, name):
    """One that has no labels, and is always there: KeyError, if it is not."""
    return scrape(client).samples[name, frozenset()]
