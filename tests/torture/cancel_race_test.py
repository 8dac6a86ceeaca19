"""Races cancels against the instant at which what they cancel comes due.

    cancel_race_test.py --races 100000

In rounds: all of a round come due at one instant, and their cancels are sent so that half of them
are early. Held: what was answered with 200 never ran, and what was answered with 409 ran once;
there is no third answer.
"""

import argparse
import collections
import json
import pathlib
import socket
import sys
import tempfile
import threading
import time
from datetime import datetime, timedelta, timezone

from dumps import uuid_of
from processes import Server, eventually
from record import Record, new_app, replayed_fingerprint, stopped_fingerprint
from target import Target

ROUND = 2_500
CONNECTIONS = 16
CANCELS_PER_SECOND = 10_000  # about: how early the first round begins
CREATED_PER_SECOND = 250  # at least, on a busy machine
ROUNDS_MORE = 20  # at most, until cancels were early and late


class Pipe(threading.Thread):
    """One connection that sends all its requests at once, and then reads the answers in order."""

    def __init__(self, server, token, requests, at=None):
        super().__init__()
        head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json"
        self.bytes = b"".join(
            f"POST {path} HTTP/1.1\r\n{head}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()
            for path, body in requests
        )
        self.count = len(requests)
        self.at = at
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        self.answers = []

    def run(self):
        if self.at:
            time.sleep(max(0.0, self.at - time.time()))
        threading.Thread(target=self.socket.sendall, args=(self.bytes,), daemon=True).start()
        with self.socket, self.socket.makefile("rb") as stream:
            while len(self.answers) < self.count:
                status = int(stream.readline().split()[1])
                length = 0
                while (line := stream.readline().strip().lower()):
                    if line.startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                self.answers.append((status, stream.read(length)))


def sent_over(server, token, requests, at=None):
    """The answers to `requests`, in their order."""
    shares = [requests[i::CONNECTIONS] for i in range(CONNECTIONS)]
    pipes = [Pipe(server, token, share, at) for share in shares if share]
    for pipe in pipes:
        pipe.start()
    for pipe in pipes:
        pipe.join()
    answers = [None] * len(requests)
    for first, pipe in enumerate(pipes):
        if len(pipe.answers) != pipe.count:
            raise AssertionError(f"{len(pipe.answers)} answers to {pipe.count} requests")
        answers[first::CONNECTIONS] = pipe.answers
    return answers


def schedule_all(server, token, app, due, count):
    at = due.strftime("%Y-%m-%dT%H:%M:%S")
    body = json.dumps({"app": app, "at": at, "timezone": "UTC"})
    answers = sent_over(server, token, [("/v1/scheduled_deployments", body)] * count)
    refused = [answer for answer in answers if answer[0] != 201]
    if refused:
        raise AssertionError(f"{len(refused)} were not created, such as {refused[0]}")
    return [json.loads(text)["result"]["id"] for _, text in answers]


def check(statuses, record, deliveries):
    wrong = []
    delivered = {uuid_of(deployment) for _, deployment in deliveries}
    for one, status in statuses.items():
        due = record.count("DeploymentDue", one)
        seen = uuid_of(one) in delivered
        if status == 200 and (due or seen):
            wrong.append(f"{one} was cancelled, and has {due} decisions, delivered: {seen}")
        if status == 409 and (due != 1 or not seen):
            wrong.append(f"{one} was not cancelled, and has {due} decisions, delivered: {seen}")
        if status not in (200, 409):
            wrong.append(f"{one} was answered with {status}")
    return wrong


def race(server, token, app, count, lead, target):
    """One round: what each of `count` cancels was answered with, by schedule. The first leaves
    `lead` seconds before the instant."""
    # Time enough to create them all.
    due = (datetime.now(timezone.utc) + timedelta(seconds=3 + count / CREATED_PER_SECOND)).replace(microsecond=0)
    ids = schedule_all(server, token, app, due, count)
    cancels = [(f"/v1/scheduled_deployments/{one}/cancel", "{}") for one in ids]
    before = len({one for _, one in target.deliveries})
    answers = sent_over(server, token, cancels, due.timestamp() - lead)
    statuses = dict(zip(ids, (status for status, _ in answers)))
    late = sum(status == 409 for status in statuses.values())
    eventually(lambda: len({one for _, one in target.deliveries}) >= before + late, 120)
    return statuses


def goes_on(statuses, races):
    """Whether races are left, or all of them had the same winner."""
    if len(statuses) < races:
        return True
    return len(set(statuses.values())) == 1 and len(statuses) < races + ROUNDS_MORE * ROUND // 5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--races", type=int, default=20_000)
    options = parser.parse_args()
    target = Target()
    statuses = {}
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        traces = pathlib.Path(directory) / "traces"
        with traces.open("w") as stderr, Server(data, stderr=stderr) as server:
            token = server.token()
            app = new_app(server.client(token), "api", target.url)
            lead = ROUND / CANCELS_PER_SECOND / 2
            while goes_on(statuses, options.races):
                left = max(options.races - len(statuses), ROUND // 5)
                one = race(server, token, app, min(left, ROUND), lead, target)
                counts = collections.Counter(one.values())
                print(f"{dict(counts)}, begun {lead:.3f} s before", flush=True)
                # The next begins earlier if most were late, so that its middle meets the instant.
                lead *= 0.25 + 1.5 * counts[409] / len(one)
                statuses |= one
            status = server.terminate()
        errors = check(statuses, Record(data), target.deliveries)
        if status != 0:
            errors.append(f"the server ended with {status}")
        if replayed_fingerprint(data) != stopped_fingerprint(traces):
            errors.append("a replay gives another state than the live one")
    target.close()
    counts = collections.Counter(statuses.values())
    seconds = time.monotonic() - began
    print(f"{len(statuses)} races in {seconds:.0f} s: {dict(counts)}: {len(errors)} errors")
    if min(counts[200], counts[409]) == 0:
        errors.append("nothing raced: all cancels were early, or all were late")
    for error in errors[:50]:
        print("  " + error)
    sys.exit(1 if errors else 0)


if __name__ == "__main__":
    main()
