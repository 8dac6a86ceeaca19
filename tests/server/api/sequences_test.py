"""Whatever is asked, in whatever order: the server answers, says what it did, and does what it says.

A random generator makes sequences of requests of every operation in server/api/openapi.yaml, by users and
tokens of several teams and roles, with values that fit and values that do not. Held, after each request:

* an answer comes, and it is none of 5xx, and it is one that the description has;
* what was refused, and what only reads, has changed nothing;
* what was changed is seen by the next read;
* what is repeated with its Idempotency-Key is answered the same, and changes nothing.

And at the end: a replay of the log comes to the very state that the server had, and a server that starts
again answers every read with the same bytes.

The seeds are the same in each run. A failure prints its seed, and SLIPWAY_SEED=… runs any one. SLIPWAY_REQUESTS=…
says how long each sequence is.
"""

import collections
import http.client
import json
import os
import random
import re
import tempfile
import unittest
import urllib.parse

from api_world import DESCRIPTION, NOWHERE, World, asked, parameter_of
from processes import Client, eventually, run_program
from samples import OF_TYPES, TEXTS, Samples

SEEDS = [1, 2, 3, 4]  # one that finds something stays here
REQUESTS = int(os.environ.get("SLIPWAY_REQUESTS", "1500"))
SHOWN = 20  # requests, with a failure

ZONES = ("America/New_York", "Europe/Berlin", "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "europe/london")
KINDS = {"app": "AppId", "sched": "ScheduleId", "dep": "DeploymentId", "team": "TeamId", "user": "UserId",
         "tok": "token", "inv": "invitation", "cred": "CredentialId"}
AN_ID = re.compile(r"\b(%s)_[0-7][0-9a-hjkmnp-tv-z]{25}\b" % "|".join(KINDS))
A_SECRET = re.compile(r"\b(slp|inv)_[A-Za-z0-9_-]{43}\b")

# Where what an answer shows is read again, by the name of the answer in the description: a path, with
# the id that the answer bears. Lists show only what is there.
READ_AT = {
    "App": "/v1/apps/{id}", "AppCreated": "/v1/apps/{id}",
    "ScheduledDeployment": "/v1/scheduled_deployments/{id}",
    "ScheduledDeploymentCreated": "/v1/scheduled_deployments/{id}",
    "Deployment": "/v1/deployments/{id}", "DeploymentCreated": "/v1/deployments/{id}",
    "Team": "/v1/teams/{id}", "TeamCreated": "/v1/teams/{id}", "JoinedTeam": "/v1/teams/{id}",
    "SigningSecret": "/v1/apps/{app}/signing_secret",
    "Dispatch": "/v1/admin/dispatch",
    "Credential": "/v1/credentials/{id}", "CredentialStored": "/v1/credentials/{id}",
}
LISTED_AT = {"TokenMade": "/v1/tokens", "InvitationMade": "/v1/invitations"}
NOT_LISTED_AT = {"Revoked": ("/v1/tokens", "/v1/invitations"), "CredentialDeleted": ("/v1/credentials",)}
NOTHING_TO_READ = {"ScheduledDeploymentPreview", "BackupStarted"}
# What only the log tells afterwards.
IN_THE_LOG = {"RevokedTokens"}
# Members of an answer to a change that are about the change: a read does not have them.
OF_THE_CHANGE = {"held_along", "released_along"}

# Events of who looked at something, and changed nothing.
LOOKED_AT = {"DataExported", "TeamReadByAdmin"}

# Taking the log or the state out is itself an event. What a running server says of itself is no state.
RECORDED = {"stream_log", "stream_dump", "start_backup"}
OF_THE_PROCESS = {"get_metrics", "get_backup", "stream_events", *RECORDED}

# How often an operation is asked for, if not as often as another: what others need, and what seldom succeeds.
OFTEN = {
    "create_app": 4, "revise_app": 3, "rotate_signing_secret": 2, "get_signing_secret": 2,
    "create_schedule": 8, "preview_schedule": 2, "get_schedule": 2, "revise_schedule": 4, "cancel_schedule": 2,
    "cancel_schedule_by_delete": 2, "hold_schedule": 6, "release_schedule": 3, "run_schedule_now": 3,
    "request_deployment": 3, "get_deployment": 2, "complete_deployment": 4, "abort_deployment": 2,
    "add_member": 2, "change_member_role": 3, "remove_member": 1.5,
    "issue_token": 2, "invite_member": 3, "accept_invitation": 2, "revoke_invitation": 3,
    "archive_app": 0.7, "create_team": 0.5, "set_dispatch": 0.7, "stream_log": 0.3,
    "stream_dump": 0.3, "start_backup": 0.3, "store_credential": 4, "get_credential": 3,
    "get_openapi": 0.2, "get_docs": 0.2, "get_docs_file": 0.2,
}


# What an operation that was done makes possible, which is seldom hit upon by chance: another, and its path.
MAKES_POSSIBLE = {
    "create_app": ("archive_app", "/v1/apps/{id}"),
    "hold_schedule": ("release_schedule", "/v1/scheduled_deployments/{id}/release"),
    "request_deployment": ("abort_deployment", "/v1/deployments/{id}/abort"),
    "issue_token": ("revoke_token", "/v1/tokens/{id}"),
    "store_credential": ("rotate_credential", "/v1/credentials/{id}/rotate"),
    "rotate_credential": ("shred_credential", "/v1/credentials/{id}"),
    "invite_member": ("revoke_invitation", "/v1/invitations/{id}"),
}


class Actor:
    """Who asks: a user or an API token. `team` is the one it means, for a user who is in several."""

    def __init__(self, client, team, says_team=False):
        self.client = client
        self.team = team
        self.headers = {"Slipway-Team": team} if says_team else {}


class Request:
    def __init__(self, actor, operation, target, body, headers):
        self.actor = actor
        self.operation = operation
        self.target = target
        self.body = body
        self.headers = headers

    def sent(self):
        return asked(self.actor.client, self.operation, self.target, self.body, self.headers)

    def __str__(self):
        return f"{self.operation.method} {self.target[:300]} {self.headers} {str(self.body)[:900]}"


class Sequence:
    """A server, those who ask it, what they have seen of it, and what they ask next."""

    def __init__(self, seed, stderr):
        self.random = random.Random(seed)
        self.stderr = stderr
        self.backups = tempfile.TemporaryDirectory()
        self.world = World("--backup-directory", self.backups.name, stderr=stderr)
        self.shown = collections.deque(maxlen=SHOWN)
        self.answered = collections.Counter()
        self.seen = collections.defaultdict(lambda: collections.defaultdict(list))  # by team, then kind
        self.secrets = []
        self.cursors = ["x"]
        self.tags = collections.defaultdict(list)
        self.possible = collections.defaultdict(list)
        self.targets = []
        self.keyed = []
        self.keys = 0
        self.names = 0
        self.position = 0
        self.samples = Samples(DESCRIPTION, self.known(), self.random)
        self.weights = [OFTEN.get(one.name, 1) for one in DESCRIPTION.operations]
        self.actors = self.make_actors()
        self.first = len(self.actors)

    def close(self):
        for actor in [*self.actors, *self.targets]:
            actor.client.close()
        self.world.close()
        self.backups.cleanup()

    # Who asks.

    def make_actors(self):
        admin = self.world.admin
        actors = [Actor(admin, self.world.team, says_team=True)]
        user = iter(f"user_01h455vb4pex5vsknk084sn{index:03d}" for index in range(100))
        both = next(user)
        for name in ("red", "blue"):
            owner = self.world.client_of(next(user))
            team = owner.post("/v1/teams", {"name": name}).json["result"]["id"]
            actors.append(Actor(owner, team, says_team=True))
            for role in ("owner", "deployer", "viewer"):
                one = next(user)
                self.must_add(team, one, role)
                actors.append(Actor(self.world.client_of(one), team))
            self.must_add(team, both, "deployer")
            actors.append(Actor(self.world.client_of(both), team, says_team=True))
            for role in ("owner", "deployer"):
                made = owner.post("/v1/tokens", {"name": role, "role": role}).json["result"]
                actors.append(Actor(Client(self.world.server.port, made["secret"]), team))
        actors.append(Actor(self.world.client_of(next(user)), "nobody's"))
        for actor in actors:
            self.look(actor, actor.client.get("/v1/teams").text)
        self.position = self.log_position()
        return actors

    def must_add(self, team, user, role):
        answer = self.world.admin.post(f"/v1/teams/{team}/members", {"user": user, "role": role})
        assert answer.status == 201, answer

    def look(self, actor, text):
        """Remembers the ids and secrets that somebody was shown."""
        for found in AN_ID.finditer(text):
            ids = self.seen[actor.team][KINDS[found.group(1)]]
            if found.group(0) not in ids:
                ids.append(found.group(0))
        for found in A_SECRET.finditer(text):
            if found.group(1) == "inv":
                self.secrets.append(found.group(0))
            elif len(self.actors) < 40:
                self.actors.append(Actor(Client(self.world.server.port, found.group(0)), actor.team))

    # What they ask.

    def chance(self, share):
        return self.random.random() < share

    def known(self):
        pick = self.random
        kinds = {kind: (lambda kind=kind: self.an_id(kind)) for kind in NOWHERE}
        return {
            **kinds,
            "Name": self.a_name,
            "/email": lambda: pick.choice(("", "ada@example.org")),
            "/secret": lambda: pick.choice(self.secrets or ["inv_" + "A" * 43]),
            "TargetUrl": lambda: pick.choice((*[self.world.accepting()] * 2, "http://127.0.0.1:9/x")),
            "Origin": lambda: pick.choice((self.world.accepting().rpartition("/")[0], "https://deploy.example.com")),
            "TimeZone": lambda: pick.choice(ZONES),
            "Year": lambda: pick.randint(2030, 2090), "Day": lambda: pick.randint(1, 29),
            "At": lambda: f"20{pick.randint(30, 90)}-{pick.randint(1, 12):02}-{pick.randint(1, 29):02}T"
                          f"{pick.randint(0, 23):02}:{pick.randint(0, 59):02}[{pick.choice(ZONES)}]",
            "Dependency": lambda: self.a_dependency(0),
            "SchedulePatch": self.a_patch_of_a_schedule,
        }

    def an_id(self, kind):
        own = self.seen[self.actor.team][kind]
        if own and self.chance(0.85):
            # The newer, the likelier: of the old ones many have ended.
            return own[-1 - min(int(self.random.expovariate(0.15)), len(own) - 1)]
        others = [id for ids in self.seen.values() for id in ids[kind]]
        return self.random.choice(others or [NOWHERE[kind]]) if self.chance(0.8) else NOWHERE[kind]

    def a_name(self):
        self.names += 1
        return self.random.choice((f"name-{self.names}", f"name-{self.names}", "taken", f"ñ {self.names} 日本"))

    def a_dependency(self, depth):
        kind = self.random.random()
        if kind < 0.5 or depth > 3:
            return self.an_id("AppId")
        if kind < 0.85:
            node = {"app": self.an_id("AppId"), "lead_minutes": self.random.choice((0, 15, 60, 10_080))}
            return {**node, "dependency": self.a_dependency(depth + 1)} if self.chance(0.5) else node
        return [self.a_dependency(depth + 1) for _ in range(self.random.randint(0, 3))]

    def a_patch_of_a_schedule(self):
        schema = DESCRIPTION.document["components"]["schemas"]["SchedulePatch"]
        patch = self.samples.of_object(schema, 0)
        clock = ("year", "month", "day", "hour", "minute", "timezone")
        for name in clock if self.chance(0.5) else ("at",):
            patch.pop(name, None)
        return patch

    def next(self):
        operation = self.random.choices(DESCRIPTION.operations, self.weights)[0]
        # Those who were there first may do the most, and keep it the longest.
        self.actor = self.random.choice(self.actors[:self.first] if self.chance(0.6) else self.actors)
        if (operation.path.startswith("/v1/admin") or operation.name == "get_metrics") and self.chance(0.6):
            self.actor = self.actors[0]
        if self.keyed and self.chance(0.02):
            return self.random.choice(self.keyed)[0]
        path = operation.path
        for one in operation.parameters:
            if one["in"] == "path":
                value = self.of_parameter(one)
                if operation.name == "revoke_user_tokens":
                    value = NOWHERE["UserId"]  # those who ask go on asking
                path = path.replace(f"{{{one['name']}}}", urllib.parse.quote(str(value), safe=""))
        if operation.name == "complete_deployment" and self.chance(0.4):
            path = self.called_back() or path
        if self.possible[operation.name] and self.chance(0.5):
            self.actor, path = self.possible[operation.name].pop()
        query = [(one["name"], self.of_parameter(one)) for one in operation.parameters
                 if one["in"] == "query" and self.chance(0.2)]
        # (A probe or a file is what it is, whatever is asked of it.)
        if operation.stated.get("security") is None and self.chance(0.01):
            query.append(("colour", "red"))
        target = path + ("?" + urllib.parse.urlencode(query) if query else "")
        return Request(self.actor, operation, target, self.a_body(operation), self.some_headers(operation, path))

    def called_back(self):
        """The path that a target was told to call, which the actor becomes."""
        deliveries = self.world.receiver.deliveries() if self.world.receiver else []
        if not deliveries:
            return None
        data = self.random.choice(deliveries)["body"]["data"]
        self.actor = Actor(Client(self.world.server.port, data["callback_token"]), self.actor.team)
        self.targets.append(self.actor)
        return f"/v1/deployments/{data['deployment']['id']}/complete"

    def of_parameter(self, one):
        kind, name = parameter_of(one), one["name"]
        if self.chance(0.04):
            return self.random.choice(("", "x", "-1", "null", *TEXTS, "9" * 30))
        if kind in NOWHERE:
            return self.an_id(kind)
        if name == "stream":
            return self.an_id(self.random.choice(list(NOWHERE)))
        if name == "cursor":
            return self.random.choice(self.cursors)
        if name == "file":
            return self.random.choice(("docs.css", "docs.js", "no.css"))
        if name == "after":
            return self.random.randint(0, self.position + 2)
        if one["schema"].get("format") == "date-time":
            return f"20{self.random.randint(20, 90)}-01-02T03:04:05Z"
        value = self.samples.of(one["schema"])
        return str(value).lower() if isinstance(value, bool) else value

    def some_headers(self, operation, path):
        headers = dict(self.actor.headers) if self.chance(0.97) else {}
        for one in operation.parameters:
            if one["in"] != "header":
                continue
            name, tags = one["name"], self.tags[path] or ['"1"']
            if name == "Idempotency-Key" and self.chance(0.3):
                self.keys += self.chance(0.9)
                headers[name] = f"key-{self.keys}"
            elif name in ("If-Match", "If-None-Match") and self.chance(0.15):
                headers[name] = self.random.choice((tags[-1], tags[-1], tags[0], "*", '"0"', f'W/{tags[-1]}', "x"))
            elif name == "X-Request-Id" and self.chance(0.1):
                headers[name] = self.random.choice(("mine", "x" * 128, "a b"))
            elif name == "traceparent" and self.chance(0.05):
                headers[name] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            elif name == "Slipway-Min-Position" and self.chance(0.05):
                headers[name] = str(self.random.randint(0, self.position))
            elif name == "Last-Event-ID" and self.chance(0.5):
                headers[name] = str(self.random.randint(0, self.position))
            elif name == "Slipway-Team" and self.chance(0.02):
                headers[name] = self.an_id("TeamId")
        return headers

    def a_body(self, operation):
        if operation.body is None:
            return None
        if not operation.body.get("required") and self.chance(0.2):
            return None
        schema = operation.body["content"]["application/json"]["schema"]
        body = self.samples.of(schema)
        for _ in range(self.random.choice((0, 0, 0, 0, 0, 1, 1, 2))):
            body = self.mutated(body)
        text = json.dumps(body, ensure_ascii=self.chance(0.5))
        return self.spoilt(text) if self.chance(0.03) else text.encode()

    def mutated(self, value):
        """`value`, changed in some place."""
        if isinstance(value, (dict, list)) and value and self.chance(0.8):
            names = list(value) if isinstance(value, dict) else list(range(len(value)))
            name = self.random.choice(names)
            value = dict(value) if isinstance(value, dict) else list(value)
            how = self.random.random()
            if how < 0.6:
                value[name] = self.mutated(value[name])
            elif how < 0.75:
                del value[name]
            elif isinstance(value, list):
                value.append(value[name])
            else:
                value[self.random.choice(("colour", "", "id", "a/b", str(name).upper()))] = value[name]
            return value
        return self.random.choice((
            *OF_TYPES.values(), *TEXTS, 0, -1, 1 << 31, 1 << 63, -(1 << 63), 1e300, "x" * 3_000, "\u0000", "a\nb",
            self.an_id("AppId"), [value], {"a": value}, [[]] * 40))

    def spoilt(self, text):
        text = text.encode()
        cut = self.random.randrange(len(text) + 1)
        return self.random.choice((text[:cut], text[:cut] + b"\xff" + text[cut:], text + text, b"[" + text,
                                   text.replace(b"{", b'{"note": 1, "note": 2, ', 1), text.replace(b":", b"=", 1)))

    # What is held.

    def step(self):
        request = self.next()
        answer = request.sent()
        self.shown.append(f"{request}\n    -> {answer.status} {answer.text[:500]}")
        name = request.operation.name
        self.answered[name, answer.status // 100] += 1
        assert answer.status < 500, "it is an error of the server"
        if answer.status < 300:
            self.look(request.actor, answer.text)
            if name in MAKES_POSSIBLE:
                other, path = MAKES_POSSIBLE[name]
                self.possible[other].append((request.actor, path.format(id=answer.json["result"]["id"])))
        if "etag" in answer.headers:
            self.tags[request.target.partition("?")[0]].append(answer.headers["etag"])
        before = self.position
        self.position = self.log_position()
        reads = request.operation.method == "GET" and name not in RECORDED
        if reads or answer.status >= 300:
            assert not self.users_changed_since(before), "something was changed"
        if reads and answer.status == 200 and '"next_cursor":"' in answer.text:
            self.cursors.append(answer.json["next_cursor"])
        if "idempotency-replayed" in answer.headers:
            assert not self.users_changed_since(before), "it was done twice"
        elif not reads and answer.status < 300 and name not in RECORDED:
            self.must_be_seen(request, answer, before)
            self.must_be_answered_again(request, answer, before)

    def users_changed_since(self, before):
        """Whether anybody but the server's own timer and executors changed something since."""
        if self.position == before:
            return False
        text = self.world.admin.get(f"/v1/admin/log?after={before}").text
        events = [json.loads(line) for line in text.splitlines()]
        self.position = events[-1]["position"]
        return any(one["actor"]["kind"] in ("user", "target") and one["type"] not in LOOKED_AT for one in events)

    def must_be_seen(self, request, answer, before):
        named = request.operation.responses[str(answer.status)]["$ref"].rpartition("/")[2]
        result = answer.json["result"]
        reader = request.actor
        if isinstance(result, dict):
            result = {name: value for name, value in result.items() if name not in OF_THE_CHANGE}
        if named in LISTED_AT:
            listed = self.read(reader, LISTED_AT[named])
            assert listed is None or result["id"] in listed.text, "what was made is not listed"
        elif named in NOT_LISTED_AT:
            for path in NOT_LISTED_AT[named]:
                listed = self.read(reader, path)
                assert listed is None or result["id"] not in listed.text, "what was revoked is still listed"
        elif named in READ_AT:
            read = self.read(reader, READ_AT[named].format(**result))
            if read is None:
                return
            assert int(read.headers["slipway-position"]) >= int(answer.headers["slipway-position"]), "it is older"
            if read.headers.get("etag") == answer.headers.get("etag"):
                assert read.json["result"] == result, f"what is read is another: {read}"
            else:
                assert read.json["result"]["version"] >= result["version"], f"what is read is older: {read}"
                assert not self.users_changed_since(self.position), "something else was changed"
        elif named in IN_THE_LOG:
            assert self.users_changed_since(before), "it is not on record"
        else:
            assert named in NOTHING_TO_READ, f"say in READ_AT where a {named} is read"
            assert not self.users_changed_since(before), "something was changed"

    def read(self, reader, path):
        """The answer to a read; None if the reader may not: its role or token has gone since."""
        if reader not in self.actors:
            return None  # a callback token reads nothing
        answer = reader.client.get(path, headers=reader.headers)
        if answer.status in (401, 403):
            return None
        # Who has left a team sees it no longer.
        if answer.status == 404 and path.startswith("/v1/teams/"):
            return None
        assert answer.status == 200, f"what was changed cannot be read: {path} {answer}"
        return answer

    def must_be_answered_again(self, request, answer, before):
        if "Idempotency-Key" not in request.headers or not self.users_changed_since(before):
            return  # what did nothing is not remembered
        here = self.position
        again = request.sent()
        self.shown.append(f"again, {request}\n    -> {again.status} {again.text[:500]}")
        if again.status in (401, 403):
            return  # it took the role or token from itself
        assert (again.status, again.text) == (answer.status, answer.text), "it was answered differently"
        assert again.headers.get("idempotency-replayed") == "true", "it was done twice"
        self.position = self.log_position()
        assert not self.users_changed_since(here), "it was done twice"
        self.keyed.append((request, answer, self.teams_of(request.actor)))

    def teams_of(self, actor):
        """The teams that it is in, if it may ask: who names none means another once they are others."""
        answer = actor.client.get("/v1/teams")
        return [team["id"] for team in answer.json["result"]] if answer.status == 200 else None

    # How it ends.

    def settle(self):
        """Gives up what is under way. Answers who sees the teams whole."""
        self.world.admin.request("PUT", "/v1/admin/dispatch", {"state": "held"})
        readers = []
        for number, team in enumerate(sorted(team for team in self.seen if team.startswith("team_"))):
            user = f"user_01h455vb4pex5vsknk084sz{number:03d}"
            self.must_add(team, user, "owner")
            readers.append(Actor(self.world.client_of(user), team))
        for reader in readers:
            for status in ("due", "running", "unknown"):
                for one in self.pages(reader, f"/v1/deployments?status={status}&limit=200"):
                    answer = reader.client.post(f"/v1/deployments/{one['id']}/abort", {})
                    assert answer.status in (200, 409), answer
        return readers

    def pages(self, reader, path):
        cursor = ""
        while cursor is not None:
            page = reader.client.get(path + (f"&cursor={cursor}" if cursor else "")).json
            yield from page["result"]
            cursor = page["next_cursor"]

    def everything(self, readers):
        """What every read of every object answers, but for the ids of requests."""
        found = {"position": self.log_position()}
        for operation in DESCRIPTION.operations:
            if operation.method != "GET" or operation.name in OF_THE_PROCESS:
                continue
            paths = [operation.path]
            for one in operation.parameters:
                if one["in"] == "path":
                    kind = parameter_of(one)
                    seen = {id for ids in self.seen.values() for id in ids[kind]}
                    ids = seen if kind in NOWHERE else {"docs.css"}
                    paths = [path.replace(f"{{{one['name']}}}", id) for path in paths for id in sorted(ids)]
            for path in paths:
                for reader in [*readers, self.actors[0]]:
                    answer = reader.client.get(path, headers=reader.headers)
                    text = re.sub(r'"request_id":"[^"]*"}$', "", answer.text)  # of this request
                    found[path, reader.team] = answer.status, answer.headers.get("etag"), text
        return found

    def must_be_the_same_after_a_restart(self):
        readers = self.settle()
        Client.witness = None  # what is read here was looked at before
        try:
            # The timer may still have something to say, such as that a dependency did not end in time.
            eventually(lambda: self.is_the_same_after_a_restart(readers), seconds=120)
        finally:
            Client.witness = DESCRIPTION.check
        for request, answer, teams in self.keyed[-20:]:
            request.actor.client.close()
            if self.teams_of(request.actor) != teams:
                continue
            again = request.sent()
            same = (again.status, again.text) == (answer.status, answer.text)
            assert same or again.status in (401, 403), f"{request} was answered differently: {again}"
        for reader in readers:
            reader.client.close()

    def is_the_same_after_a_restart(self, readers):
        """False if the log went on meanwhile, and nothing is known."""
        before = self.everything(readers)
        position = self.log_position()
        assert self.world.server.terminate() == 0, "it did not stop"
        for actor in [*readers, *self.actors]:
            actor.client.close()
        stopped = self.must_be_replayed()
        self.world.server.start()
        after = self.everything(readers)
        if not before["position"] == position == stopped == self.log_position():
            return False
        different = [path for path in before if after[path] != before[path]]
        assert not different, f"{different[0]}: {before[different[0]]} became {after[different[0]]}"
        return True

    def log_position(self):
        return self.world.admin.get("/readyz").json["result"]["position"]

    def must_be_replayed(self):
        self.stderr.seek(0)
        position, fingerprint = re.findall(r"stopped at position (\d+), fingerprint (\w+)", self.stderr.read())[-1]
        told = run_program("slipway-replay", self.world.server.data)
        replayed = dict(re.findall(r"^(\w+) +(\w+)", told, re.MULTILINE))
        assert (replayed["position"], replayed["fingerprint"]) == (position, fingerprint), told
        return int(position)


class Sequences(unittest.TestCase):
    def run_seed(self, seed):
        with tempfile.TemporaryFile("w+") as stderr:
            sequence = Sequence(seed, stderr)
            try:
                for _ in range(REQUESTS):
                    sequence.step()
                sequence.must_be_the_same_after_a_restart()
            except (AssertionError, OSError, http.client.HTTPException, KeyError, ValueError) as error:
                shown = "\n".join(sequence.shown)
                self.fail(f"{type(error).__name__}: {error}\n\nThe last requests:\n{shown}\n\n"
                          f"SLIPWAY_SEED={seed} runs it again.")
            finally:
                sequence.close()
        return sequence.answered

    def test_every_kind_of_object_is_known(self):
        for operation in DESCRIPTION.operations:
            for one in operation.parameters:
                if one["in"] == "path" and one["name"] != "file":
                    self.assertIn(parameter_of(one), KINDS.values(), f"{operation.name}: add its prefix to KINDS")
        self.assertEqual(set(KINDS.values()), set(NOWHERE))

    def test_the_server_keeps_its_word(self):
        seeds = SEEDS
        if "SLIPWAY_SEED" in os.environ:
            seeds = [int(os.environ["SLIPWAY_SEED"])]
        answered = collections.Counter()
        for seed in seeds:
            with self.subTest(seed=seed):
                answered += self.run_seed(seed)
        if "SLIPWAY_SEED" in os.environ:
            return
        never = sorted(one.name for one in DESCRIPTION.operations if not answered[one.name, 2])
        self.assertEqual(never, [], "these were never done: the generator does not know what they need")
        print(f"{sum(answered.values())} requests of seeds {seeds}")


if __name__ == "__main__":
    unittest.main()
