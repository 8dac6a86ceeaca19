"""An open-loop load: requests leave at their own pace, whatever became of those before them.

They leave over as many connections as it takes, also in the instants in which the server dies and
comes back. What got no answer is asked again under its Idempotency-Key until something answers. The
seed and the number of a request say what it asks; which object it asks it of depends on what was
acknowledged until then. Every try has a request id of its own, and the log says which of them did
what: see book.py.
"""

import asyncio
import collections
import contextlib
import json
import os
import random
import signal
import threading
from datetime import datetime, timedelta, timezone

from book import Ask
from fickle_target import FickleTarget

ANSWER_SECONDS_MAX = 2.0  # then nobody answered, and it is asked again
REPEATS = 0.05  # so many of what was answered are asked again all the same
KEYED = 0.8  # so many have an Idempotency-Key; the others are never asked again
AHEAD_SECONDS_MAX = 8  # but for those planned for a day that never comes
RECENT = 400  # changes are of one of as many
CONNECTIONS_KEPT = 32
LOOP_SECONDS_MAX = 30  # until the load's thread has a turn for what it is told
CREDENTIALS_MAX = 100  # a team may have twice as many

# How often each is asked for, of 100.
KINDS = {
    "schedule": 38, "cancel": 18, "deploy": 8, "reschedule": 8, "hold": 7, "release": 6,
    "run_now": 5, "create": 3, "clone": 3, "store": 2, "rotate": 1, "shred": 1,
}
# What is no success, and yet an answer. 404 is none: what was acknowledged is there.
REFUSALS = {
    "schedule": {422}, "reschedule": {409, 422}, "cancel": {409}, "hold": {409}, "release": {409},
    "run_now": {409}, "shred": {409, 429}, "store": {429}, "rotate": {404, 409, 429},
    "complete": {401, 403, 404, 409},
}


class Load(threading.Thread):
    """Started with the setting-up done; `rate` requests a second on the average."""

    def __init__(self, book, rate, seed):
        super().__init__(daemon=True)
        self.book = book
        self.rate = rate
        self.seed = seed
        self.port = None
        self.token = None
        self.loop = asyncio.new_event_loop()
        self.target = FickleTarget(self)
        self.unsettled = {503}  # answers that settle nothing: it is asked again
        self.open = True  # no new requests once it is not
        self.count = 0
        self.idle = []
        self.under_way = 0
        self.most_under_way = 0
        self.lateness_max = 0.0  # of a departure: this machine's, not the server's
        self.deadly = None  # (pid, answers to wait for): who is killed by an answer
        self.tasks = set()
        self.schedules = collections.deque(maxlen=RECENT)  # (id, due)
        self.first_apps = []
        self.later_apps = collections.deque(maxlen=20)
        self.credentials = collections.deque()
        self.loop.run_until_complete(self.target.listen())

    def aim(self, server, apps):
        """Says where to send, and which apps there are from the beginning."""
        self.port = server.port
        self.token = server.token("--days", "2")
        self.first_apps = apps

    @property
    def apps(self):
        return [*self.first_apps, *self.later_apps]

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def begin(self):
        self.loop.set_exception_handler(self.see_exception)
        self.start()
        self.loop.call_soon_threadsafe(self.spawn, self.depart())

    def close(self):
        """Asks for nothing new; what has no answer yet is asked for still."""
        self.open = False

    def end(self):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.join(10)

    def is_quiet(self):
        return self.under_way == 0 and not self.tasks

    def kill_at_answer(self, pid, count):
        self.set_deadly((pid, count))

    def spare(self):
        """No answer kills any more, once this returns."""
        self.set_deadly(None)

    def set_deadly(self, deadly):
        async def in_the_loop():
            self.deadly = deadly

        asyncio.run_coroutine_threadsafe(in_the_loop(), self.loop).result(LOOP_SECONDS_MAX)

    # ---- Departures

    def spawn(self, coroutine):
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.see_end)

    def see_end(self, task):
        """A load of which a part has died shows nothing."""
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            self.book.wrong.append(f"the load: {task.exception()!r} in {task.get_coro().__qualname__}")

    def see_exception(self, loop, context):
        if "exception" in context:
            self.book.wrong.append(f"the load: {context['exception']!r}: {context['message']}")
        loop.default_exception_handler(context)

    async def depart(self):
        chance = random.Random(f"{self.seed}/departures")
        at = self.loop.time()
        while self.open:
            # What this machine could not send in a second is not made up for at once.
            at = max(at + chance.expovariate(self.rate / 2.9), self.loop.time() - 1.0)
            await asyncio.sleep(max(0.0, at - self.loop.time()))
            self.lateness_max = max(self.lateness_max, self.loop.time() - at)
            # One in ten departures is a crowd.
            for _ in range(20 if chance.random() < 0.1 else 1):
                self.count += 1
                self.spawn(self.settle(self.count))

    async def settle(self, number):
        chance = random.Random(f"{self.seed}/{number}")
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        if kind == "store" and len(self.credentials) > CREDENTIALS_MAX:
            kind = "shred"
        key = f"{self.seed}-{number}" if chance.random() < KEYED else None
        repeated = chance.random() < REPEATS
        made = getattr(self, kind)(chance, number)
        if made is None:
            return
        method, path, body, of = made
        tries = 0
        while True:
            tries += 1
            ask = Ask(number, tries, kind, method, path, body, key, of)
            await self.send(ask, self.token)
            answered = self.is_settled(ask)
            if not key or answered and not repeated:
                break
            repeated = repeated and not answered
            await asyncio.sleep(chance.uniform(0.05, 0.5) * min(tries, 10))
        if ask.is_done:
            self.learn(ask)

    def learn(self, ask):
        result = ask.json["result"]
        if ask.kind in ("schedule", "reschedule"):
            self.schedules.append((result["id"], datetime.fromisoformat(result["due_at"])))
        elif ask.kind in ("create", "clone"):
            self.later_apps.append(result["id"])
        elif ask.kind == "store":
            self.credentials.append(result["id"])

    # ---- What is asked: method, path, body, and the object

    def time_of(self, chance):
        """To come in some seconds, now and then in a day."""
        soon, later = chance.uniform(1, AHEAD_SECONDS_MAX), chance.uniform(1e5, 1e6)
        ahead = soon if chance.random() < 0.85 else later
        due = datetime.now(timezone.utc) + timedelta(seconds=ahead)
        return {"at": due.strftime("%Y-%m-%dT%H:%M:%S"), "timezone": "UTC"}

    def schedule(self, chance, number):
        app, other = chance.sample(self.apps, 2)
        body = {"app": app, "note": f"ask {number}", **self.time_of(chance)}
        body["retry"] = {"max_attempts": 4, "backoff_seconds": 1, "max_backoff_seconds": 2}
        body["misfire"] = {
            "grace_seconds": chance.choice((1, 1, 60)),
            "then": chance.choice(("hold", "skip", "run")),
        }
        body["on_dependency_failure"] = chance.choice(("hold", "skip", "proceed"))
        if chance.random() < 0.15:
            body["dependency"] = {"app": other, "lead_minutes": 1}
        return "POST", "/v1/scheduled_deployments", body, None

    def picked(self, chance, soon=False):
        """One of the schedules; with `soon` rather one that comes due right now."""
        now = datetime.now(timezone.utc)
        near = [one for one, due in self.schedules if abs((due - now).total_seconds()) < 0.3]
        wants_near, at = chance.random() < 0.5, chance.random()
        known = near if soon and wants_near and near else [one for one, _ in self.schedules]
        return known[int(at * len(known))] if known else None

    def change(self, chance, action, body, soon=False):
        one = self.picked(chance, soon)
        return one and ("POST", f"/v1/scheduled_deployments/{one}/{action}", body, one)

    def cancel(self, chance, number):
        return self.change(chance, "cancel", {"reason": f"ask {number}"}, soon=True)

    def hold(self, chance, number):
        return self.change(chance, "hold", {"reason": f"ask {number}"}, soon=True)

    def release(self, chance, number):
        return self.change(chance, "release", {"reason": f"ask {number}"})

    def run_now(self, chance, _number):
        return self.change(chance, "run_now", {})

    def reschedule(self, chance, number):
        one = self.picked(chance)
        body = {"note": f"ask {number}", **self.time_of(chance)}
        return one and ("PATCH", f"/v1/scheduled_deployments/{one}", body, one)

    def deploy(self, chance, number):
        body = {"app": chance.choice(self.apps), "note": f"ask {number}"}
        body["retry"] = {"max_attempts": 4, "backoff_seconds": 1, "max_backoff_seconds": 2}
        return "POST", "/v1/deployments", body, None

    def create(self, _chance, number):
        return "POST", "/v1/apps", app_fields(f"app-{number}", self.target.url), None

    def clone(self, chance, number):
        path = f"/v1/apps?source={chance.choice(self.apps)}"
        return "POST", path, {"name": f"clone-{number}"}, None

    def store(self, _chance, number):
        body = {"name": f"cred-{number}", "kind": "bearer", "secret": f"secret-{number}"}
        return "POST", "/v1/credentials", {**body, "origin": self.target.origin}, None

    def rotate(self, chance, number):
        if not self.credentials:
            return None
        one = chance.choice(self.credentials)
        return "POST", f"/v1/credentials/{one}/rotate", {"secret": f"secret-{number}"}, one

    def shred(self, _chance, _number):
        if not self.credentials:
            return None
        one = self.credentials.popleft()
        return "DELETE", f"/v1/credentials/{one}", None, one

    async def report(self, number, deployment, url, token, outcome):
        """What a target does that answered 202: tells the end until it is heard."""
        path = "/" + url.split("/", 3)[3]
        for tries in range(1, 1_000):
            body = {"outcome": outcome}
            ask = Ask(number, tries, "complete", "POST", path, body, None, deployment)
            await self.send(ask, token)
            if self.is_settled(ask):
                return
            await asyncio.sleep(0.2)

    # ---- One request

    async def send(self, ask, token):
        ask.seen = self.book.position
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        connection = self.idle.pop() if self.idle else None
        try:
            kept = await asyncio.wait_for(self.exchange(ask, token, connection), ANSWER_SECONDS_MAX)
            if kept is not None and len(self.idle) < CONNECTIONS_KEPT:
                self.idle.append(kept)
            elif kept is not None:
                kept[1].close()
        except (OSError, EOFError, ValueError, IndexError, asyncio.TimeoutError) as error:
            ask.text = repr(error)  # nobody answered
        finally:
            self.under_way -= 1
            self.book.add(ask)

    async def exchange(self, ask, token, connection):
        """The connection, if it may be used again. Whatever happens else ends it."""
        reader, writer = connection or await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(written(ask, token))
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            ask.answered(int(lines[0].split()[1]), headers, body)
        except BaseException:
            writer.transport.abort()
            raise
        self.shoot(ask)
        self.look_at(ask)
        if headers.get("connection") == "close":
            writer.close()
            return None
        return reader, writer

    def is_settled(self, ask):
        return ask.status is not None and ask.status not in self.unsettled

    def shoot(self, ask):
        if self.deadly is None or not ask.is_done:
            return
        pid, count = self.deadly
        self.deadly = (pid, count - 1) if count > 1 else None
        if count <= 1:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def look_at(self, ask):
        if ask.is_done:
            return
        if self.is_settled(ask) and ask.status not in REFUSALS.get(ask.kind, ()):
            self.book.wrong.append(f"{ask} was answered with {ask.status} {ask.text[:300]}")


def written(ask, token):
    body = json.dumps(ask.body).encode() if ask.body is not None else b""
    head = [
        f"{ask.method} {ask.path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {token}",
        f"X-Request-Id: {ask.request_id}", f"Content-Length: {len(body)}",
    ]
    if body:
        head.append("Content-Type: application/json")
    if ask.key:
        head.append(f"Idempotency-Key: {ask.key}")
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def app_fields(name, url, **more):
    target = {"kind": "webhook", "url": url, "timeout_seconds": 1, **more}
    return {
        "name": name,
        "environment": "staging",
        "infrastructure": {"provider": "other"},
        "target": target,
    }


def first_apps(client, target):
    """Apps to begin with, as ids; one of them shows its target a credential."""
    fields = {"name": "first", "kind": "bearer", "secret": target.secret, "origin": target.origin}
    credential = client.post("/v1/credentials", fields).json["result"]["id"]
    more = [{}, {}, {}, {"credential": credential}]
    made = [
        client.post("/v1/apps", app_fields(f"first-{number}", target.url, **one))
        for number, one in enumerate(more)
    ]
    return [one.json["result"]["id"] for one in made]
