"""What was asked and what was answered, and every way in which a log may disagree with it."""

import bisect
import collections
import json
from datetime import datetime

from deadlines import limit
from dumps import uuid_of

# The event by which a log holds what was asked; any of them.
EVENTS = {
    "schedule": {"DeploymentScheduled"},
    "reschedule": {"DeploymentRescheduled", "DeploymentTermsRevised"},
    "cancel": {"DeploymentCancelled"},
    "hold": {"DeploymentHeld"},
    "release": {"DeploymentReleased"},
    "run_now": {"DeploymentExpedited"},
    "deploy": {"DeploymentRequested"},
    "create": {"AppCreated"},
    "clone": {"AppCloned"},
    "store": {"CredentialStored"},
    "rotate": {"CredentialRotated"},
    "shred": {"CredentialShredded"},
    "complete": {"DeploymentSucceeded", "DeploymentFailed"},
}
# Asked for twice, they are answered alike, and change nothing any more.
IDEMPOTENT = {"cancel", "complete"}
ENDS = {"DeploymentSucceeded", "DeploymentFailed", "DeploymentAborted"}


class Ask:
    """One try of a request. `status` is nothing if nobody answered."""

    def __init__(self, number, tries, kind, method, path, body, key, of):
        self.number = number
        self.kind = kind
        self.method = method
        self.path = path
        self.body = body
        self.key = key
        self.of = of  # the object it is about, if that was there before
        self.request_id = f"{kind}-{number}-{tries}"
        self.seen = 0  # the last position that was acknowledged as it left
        self.status = None
        self.text = ""
        self.position = 0
        self.is_replay = False

    def answered(self, status, headers, text):
        self.status = status
        self.text = text.decode()
        self.position = int(headers.get("slipway-position", 0))
        self.is_replay = headers.get("idempotency-replayed") == "true"

    @property
    def is_done(self):
        return self.status is not None and self.status < 300

    @property
    def json(self):
        return json.loads(self.text)

    def __str__(self):
        return f"{self.request_id} ({self.method} {self.path})"


class Book:
    def __init__(self):
        self.asks = []
        self.position = 0  # the last that was acknowledged
        self.wrong = []

    def add(self, ask):
        self.asks.append(ask)
        if ask.status in (None, 503):
            return
        if ask.position < ask.seen:
            self.wrong.append(f"{ask} was answered at {ask.position}, after {ask.seen} was shown")
        self.position = max(self.position, ask.position)

    def count(self, what):
        return sum(1 for ask in self.asks if what(ask))


class Events:
    """Those of a log, as they are asked for."""

    def __init__(self):
        self.all = []
        self.by_request = collections.defaultdict(list)
        self.by_object = collections.defaultdict(lambda: collections.defaultdict(list))

    def add(self, event):
        self.all.append(event)
        if event["request_id"]:
            self.by_request[event["request_id"]].append(event)
        self.by_object[uuid_of(event["stream"])][event["type"]].append(event)

    def of(self, any_id, *types):
        found = self.by_object.get(uuid_of(any_id), {})
        return [event for one in types for event in found.get(one, ())]


def is_as_asked(ask, event):
    """Whether an event of its own says what was asked."""
    data, body = event["data"], ask.body
    if ask.kind == "schedule":
        return (data["app"], data["note"], data["time"]["wall_clock"]) == (
            body["app"], body["note"], body["at"])
    if ask.kind == "reschedule" and event["type"] == "DeploymentRescheduled":
        return data["time"]["wall_clock"] == body["at"]
    if ask.kind == "deploy":
        return (data["app"], data["note"]) == (body["app"], body["note"])
    if ask.kind in ("create", "clone"):
        return data["definition"]["name"] == body["name"]
    return True


def lost(ask, events):
    """What is missing of a change that was acknowledged; nothing, if all is there."""
    own = events.by_request.get(ask.request_id, ())
    own = [one for one in own if one["type"] in EVENTS[ask.kind]]
    of = ask.of
    if own:
        if own[-1]["position"] > ask.position:
            return f"is at {own[-1]['position']}, and was acknowledged at {ask.position}"
        if not is_as_asked(ask, own[0]):
            return f"is there as {own[0]}"
        if ask.kind in ("schedule", "deploy", "create", "clone"):
            shown = ask.json["result"]["id"]
            if uuid_of(own[0]["stream"]) != uuid_of(shown):
                return f"is there as {own[0]['stream']}, not as {shown}"
        return None
    if ask.kind in IDEMPOTENT:
        earlier = events.of(of, *EVENTS[ask.kind])
        return None if any(one["position"] <= ask.position for one in earlier) else "is not there"
    return "is not there"


def check_answers(book, events):
    """Each change that was acknowledged, one by one; and each that was refused or repeated."""
    wrong = []
    tries_of = collections.defaultdict(list)
    for ask in book.asks:
        if ask.key:
            tries_of[ask.key].append(ask)
        if ask.is_done and not ask.is_replay and (what := lost(ask, events)):
            wrong.append(f"{ask} was acknowledged with {ask.status}, and {what}")
        refused = ask.status is not None and not ask.is_done and "outcome_unknown" not in ask.text
        if refused and ask.request_id in events.by_request:
            wrong.append(f"{ask} was refused with {ask.status}, and is there")
    for key, tries in tries_of.items():
        done = [ask for ask in tries if ask.is_done]
        effects = [ask for ask in tries if ask.request_id in events.by_request]
        if len(effects) > 1:
            wrong.append(f"key {key} was done twice: {effects[0]} and {effects[1]}")
        if len({ask.text for ask in done}) > 1 and tries[0].kind not in IDEMPOTENT:
            wrong.append(f"key {key} was answered in two ways: {done[0].text} and {done[-1].text}")
        if done and not effects and tries[0].kind not in IDEMPOTENT:
            wrong.append(f"key {key} was acknowledged as {done[0]}, and is not there")
    known = {ask.request_id for ask in book.asks}
    for request_id, found in events.by_request.items():
        if found[0]["actor"]["kind"] in ("user", "target") and request_id not in known:
            if not request_id.startswith("setup"):
                wrong.append(f"nobody asked for {found[0]}")
    return wrong


def check_decisions(book, events, deliveries):
    """One dispatch decision a schedule, in time, and what targets saw of it."""
    wrong = []
    seen = collections.defaultdict(set)
    means = collections.defaultdict(set)
    tokens = collections.Counter()
    for one in deliveries:
        seen[uuid_of(one.deployment)].add(one.webhook_id)
        means[one.webhook_id].add(one.deployment)
        tokens[one.deployment, one.token] += 1
    for webhook_id, deployments in means.items():
        if len(deployments) > 1:
            wrong.append(f"{webhook_id} means {deployments}")
    for (deployment, token), count in tokens.items():
        started = [one["position"] for one in events.of(deployment, "AttemptStarted")]
        if token not in started:
            wrong.append(f"{deployment} was sent as attempt {token}, which the log does not have")
    for uuid, of_type in events.by_object.items():
        due = of_type.get("DeploymentDue", ())
        if len(due) > 1:
            wrong.append(f"{uuid} has {len(due)} dispatch decisions")
        over = [*of_type.get("DeploymentCancelled", ()), *of_type.get("DeploymentMissed", ()),
                *of_type.get("DeploymentSkipped", ())]
        if over and (due or uuid in seen):
            wrong.append(f"{uuid} is over by {over[0]['type']}, and was dispatched")
        if len(over) > 1:
            wrong.append(f"{uuid} is over {len(over)} times")
        if due and len(seen.get(uuid, ())) != 1:
            wrong.append(f"targets saw {seen.get(uuid)} of {uuid}")
        if sum(len(of_type.get(one, ())) for one in ENDS) > 1:
            wrong.append(f"{uuid} ended twice")
    for uuid in seen:
        if not events.of(uuid, "DeploymentDue"):
            wrong.append(f"targets saw {uuid}, which was never due")
    for one in deliveries:
        due = events.of(one.deployment, "DeploymentDue")
        if due and one.at + 0.002 < instant(due[0]["recorded_at"]):
            wrong.append(f"{one} was sent before it was decided")
    cancelled = {uuid_of(ask.of) for ask in book.asks if ask.kind == "cancel" and ask.is_done}
    for uuid in cancelled & set(seen):
        wrong.append(f"the cancel of {uuid} was acknowledged, and a target saw it")
    return wrong


def instant(text):
    return datetime.fromisoformat(text).timestamp()


class Uptime:
    """When the server was there: from its start, and from when it listened, until it ended."""

    def __init__(self):
        self.spans = []  # [started, listening, ended]

    def begin(self, started, listening):
        self.spans.append([started, listening, None])

    def end(self, at):
        if self.spans and self.spans[-1][2] is None:
            self.spans[-1][2] = at

    def lags(self, begin, end):
        """Of what was due from `begin` and decided at `end`: the longest wait in one life of the
        server, counted from its start, and the wait over all, counted from when each listened."""
        first = max(0, bisect.bisect(self.spans, begin, key=lambda span: span[0]) - 1)
        longest = total = 0.0
        for started, listening, ended in self.spans[first:]:
            if started >= end:
                break
            until = min(end, ended if ended is not None else end)
            longest = max(longest, until - max(begin, started))
            total += max(0.0, until - max(begin, listening))
        return longest, total


DECISIONS = {
    "DeploymentDue", "DeploymentHeld", "DeploymentMissed", "DeploymentSkipped",
    "DeploymentCancelled", "DependencyAwaited",
}
LAG_SECONDS_MAX = limit(5.0, 20.0)


class Life:
    """A schedule from its planning to its decision, as its events tell it."""

    def __init__(self, planned):
        self.due = instant(planned["data"]["time"]["due_at"])
        self.since = self.due
        self.policies = planned["data"]["policies"]
        self.is_scheduled = True
        self.is_untouched = True  # nobody released or expedited it

    def take(self, event):
        kind, at = event["type"], instant(event["recorded_at"])
        if kind == "DeploymentRescheduled":
            self.due = self.since = instant(event["data"]["time"]["due_at"])
        elif kind in ("DeploymentReleased", "DeploymentExpedited"):
            self.is_scheduled, self.is_untouched = True, False
            self.due = at if kind == "DeploymentExpedited" else self.due
            self.since = max(at, self.due)
        elif kind in DECISIONS:
            self.is_scheduled = False

    def misfit(self, event):
        """How the timer's decision breaks the policy; nothing if it keeps it."""
        if not (self.is_scheduled and self.is_untouched and event["actor"]["kind"] == "timer"):
            return None
        late = round((instant(event["recorded_at"]) - self.due) * 1000)
        if late < 0:
            return f"{event['stream']} was decided {-late} ms early"
        then = self.policies["misfire_then"]
        misfired = late > self.policies["misfire_grace_seconds"] * 1000 and then != "run"
        fired = event["type"] == "DeploymentMissed" or (
            event["type"] == "DeploymentHeld" and event["data"]["reason"] == "misfire")
        if misfired == fired:
            return None
        return f"{event['stream']} was late by {late} ms, is to {then}, and has {event['type']}"


def check_punctuality(events, uptime):
    """Nothing due is forgotten, and what was late is treated as it is to be. Answers what is wrong,
    and the seconds that the slowest decision took while the server was there."""
    wrong, slowest = [], 0.0
    ended = uptime.spans[-1][2]
    for of_type in events.by_object.values():
        if "DeploymentScheduled" not in of_type:
            continue
        stream = sorted((one for found in of_type.values() for one in found),
                        key=lambda event: event["position"])
        life = Life(stream[0])
        for event in [*stream[1:], None]:
            at = instant(event["recorded_at"]) if event else ended
            if life.is_scheduled and at > life.since:
                longest, total = uptime.lags(life.since, at)
                slowest = max(slowest, longest, total)
                if max(longest, total) > LAG_SECONDS_MAX:
                    name = stream[0]["stream"]
                    wrong.append(f"{name} was due, and nothing was decided for {longest:.1f} s")
            if event is None:
                break
            if event["type"] in DECISIONS and (what := life.misfit(event)):
                wrong.append(what)
            life.take(event)
    return wrong, slowest
