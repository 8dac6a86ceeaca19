"""What is malformed is refused with the status, code and pointer of the contract, and changes nothing."""

import base64
import hashlib
import hmac
import json
import re
import socket
import time
import unittest

from api_world import DESCRIPTION, World, app_fields, events_of, schedule_fields
from processes import Client

MISSING = object()
NO_APP = "app_01h455vb4pex5vsknk084sn02q"


def setUpModule():
    global world, app, other, schedule, credential
    world = World()
    app = world.app()["id"]
    other = world.app(name="before")["id"]
    schedule = world.scheduled(app)["id"]
    stored = world.admin.post("/v1/credentials", {"name": "a", "kind": "bearer", "secret": "a-secret",
                                                  "origin": "https://example.com"})
    credential = stored.json["result"]["id"]


def tearDownModule():
    world.close()


def without(fields, name):
    return {key: value for key, value in fields.items() if key != name}


def laid_over(fields, pointer, value):
    """`fields` with `value` at `pointer`, or without what is there."""
    names = pointer.strip("/").split("/")
    fields = json.loads(json.dumps(fields))
    inner = fields
    for name in names[:-1]:
        inner = inner.setdefault(name, {}) if isinstance(inner, dict) else inner[int(name)]
    if value is MISSING:
        inner.pop(names[-1], None)
    else:
        inner[names[-1]] = value
    return fields


# Each of these values, in a valid request, is refused there. (null is as good as nothing, where nothing
# is accepted.)
BAD_SCHEDULE = {
    "/app": [MISSING, None, 1, True, "", "app_", "x", NO_APP, NO_APP.upper(), [], {},
             "sched_01h455vb4pex5vsknk084sn02q", "app_zzzzzzzzzzzzzzzzzzzzzzzzzz", "app_../../etc"],
    "/year": [MISSING, None, "2029", 2029.5, 1969, 10000, -1, True, 4294969325, 1e300, [], {}],
    "/month": [MISSING, None, "2", 0, 13, -1, 2.5, True, 4294967298, []],
    "/day": [MISSING, None, "10", 0, 32, -1, 30, 29, False, 10.5],
    "/hour": [MISSING, None, "3", 24, -1, True, 3.5],
    "/minute": [MISSING, None, "0", 60, -1, True, 0.5],
    "/timezone": [MISSING, None, 1, "", "Mars/Olympus", "+05:00", "UTC+1", "../../etc/passwd",
                  "America/New_York\u0000", "America/" + "x" * 5000, [], "America", "EST5EDT4"],
    "/disambiguation": [1, "", "sometimes", "EARLIER", []],
    "/dependency": [1, True, "", "x", NO_APP, "sched_01h455vb4pex5vsknk084sn02q"],
    "/app_version": [1, "newest", ""],
    "/on_dependency_failure": [1, "ignore", ""],
    "/dependency_timeout_seconds": ["60", -1, 1.5, 1e12, True],
    "/misfire": [1, "hold", []],
    "/misfire/grace_seconds": ["60", -1, 1.5, 1e12],
    "/misfire/then": [1, "explode", ""],
    "/retry": [3, "3", []],
    "/retry/max_attempts": [0, -1, "3", 1.5, 1e12],
    "/retry/backoff_seconds": ["10", -1, 1e12],
    "/note": [1, "x" * 2001, []],
    "/labels": [1, "a", [], {"a": 1}, {"": "x"}],
    "/colour": ["red", None],
}
BAD_APP = {
    "/name": [MISSING, None, 1, "", " ", "x" * 300, [], "a\u0000b", "a\nb"],
    "/description": [1, []],
    "/environment": [1, []],
    "/labels": [1, [], {"a": 1}],
    "/infrastructure": [1, "aws", []],
    "/infrastructure/provider": [1, "azure", ""],
    "/infrastructure/containers": [1, {}, "x"],
    "/target": [MISSING, 1, "webhook", []],
    "/target/kind": [MISSING, 1, "email", ""],
    "/target/url": [MISSING, 1, "", "x", "ftp://example.com/", "http://", "file:///etc/passwd",
                    "https://user:word@example.com/", "https://example.com:99999/",
                    "https://exa mple.com/", "https://example.com/\r\nX: y", "javascript:alert(1)"],
    "/target/timeout_seconds": ["30", -1, 1e9, 1.5, 0],
    "/target/colour": ["red"],
    "/webhook": ["x"],
}
NOT_JSON = [
    b"", b"{", b"}", b"nul", b"{'app': 1}", b'{"a": 1,}', b'{"a": 01}', b'{"a": NaN}', b"\xff\xfe",
    b'{"a": "\xff"}', b'{"a": "\xc0\xaf"}', b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "b": 1}}',
    b"[" * 100_000, b'{"a":' * 5_000, b'{"a": "\x01"}', b'{"a": "\\ud800"}', b"{} {}", b'{"a" 1}',
    b"\x00", b'\xef\xbb\xbf{"a": 1', b'{"a": 1e99999}', b"/* */ {}",
]


class Malformed(unittest.TestCase):
    def setUp(self):
        self.before = len(events_of(world.admin))

    def tearDown(self):
        self.assertEqual(len(events_of(world.admin)), self.before, "something was changed")

    def refused(self, answer, status, code=None, pointer=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["content-type"], "application/problem+json", answer)
        problem = answer.json
        self.assertEqual(problem["status"], status)
        for name in ("type", "title", "detail", "code", "request_id"):
            self.assertTrue(problem[name], f"{name} of {answer}")
        if code:
            self.assertEqual(problem["code"], code, answer)
        if pointer:
            pointers = [error["pointer"] for error in problem["errors"]]
            self.assertTrue(any(one.startswith(pointer) for one in pointers), f"{pointer}: {answer}")
            self.assertTrue(all(error["detail"] for error in problem["errors"]), answer)

    def test_fields_of_a_schedule(self):
        for pointer, values in BAD_SCHEDULE.items():
            for value in values:
                with self.subTest(pointer=pointer, value=str(value)[:60]):
                    body = laid_over(schedule_fields(app), pointer, value)
                    answer = world.admin.post("/v1/scheduled_deployments", body)
                    self.refused(answer, 422, pointer=pointer)

    def test_fields_of_a_new_time(self):
        for pointer in ("/year", "/month", "/day", "/hour", "/minute", "/timezone", "/retry"):
            for value in BAD_SCHEDULE[pointer]:
                if value in (MISSING, None):
                    continue
                with self.subTest(pointer=pointer, value=str(value)[:60]):
                    path = f"/v1/scheduled_deployments/{schedule}"
                    self.refused(world.admin.patch(path, {pointer[1:]: value}), 422, pointer=pointer)

    def test_a_time_is_not_taken_away(self):
        path = f"/v1/scheduled_deployments/{schedule}"
        for name in ("year", "month", "day", "hour", "minute", "at", "timezone"):
            with self.subTest(name):
                self.refused(world.admin.patch(path, {name: None}), 422, pointer=f"/{name}")
        both = {"hour": 4, "timezone": None, "labels": {"": "x"}}
        answer = world.admin.patch(path, both)
        self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/timezone", "/labels/"])

    def test_fields_of_an_app(self):
        for pointer, values in BAD_APP.items():
            for value in values:
                with self.subTest(pointer=pointer, value=str(value)[:60]):
                    body = laid_over(app_fields("other"), pointer, value)
                    self.refused(world.admin.post("/v1/apps", body), 422, pointer=pointer)

    def test_every_bad_field_at_once(self):
        body = schedule_fields(app, month=13, minute="0", note=7, colour="red")
        answer = world.admin.post("/v1/scheduled_deployments", body)
        self.refused(answer, 422)
        pointers = {error["pointer"] for error in answer.json["errors"]}
        self.assertEqual(pointers, {"/month", "/minute", "/note", "/colour"})

    def test_what_cannot_be_read_hides_nothing_else(self):
        """Whether a field is of the wrong form or says what cannot be: each is named."""
        containers = [{"name": "", "image": "i"}, {"name": "b", "image": "i", "ports": ["x"]}]
        patch = f"/v1/scheduled_deployments/{schedule}"
        for method, path, body, pointers in (
            ("POST", "/v1/scheduled_deployments",
             schedule_fields(NO_APP, at="tomorrow", timezone="Mars/Base", retry={"max_attempts": 0},
                             dependency=[app, app, NO_APP, 7]),
             {"/at", "/timezone", "/app", "/retry/max_attempts", "/dependency/1", "/dependency/2",
              "/dependency/3"}),
            ("POST", "/v1/scheduled_deployments", schedule_fields(app, month=13, note="x" * 2001),
             {"/month", "/note"}),
            ("POST", "/v1/scheduled_deployments", schedule_fields(app, year=2001, colour="red"),
             {"/year", "/colour"}),
            ("POST", "/v1/scheduled_deployments",
             {"at": "2029-03-11T02:30", "timezone": "America/New_York", "disambiguation": "reject"},
             {"/app", "/at"}),
            ("PATCH", patch, {"at": "x", "timezone": "Mars/Base", "retry": {"max_attempts": 0}},
             {"/at", "/timezone", "/retry/max_attempts"}),
            ("PATCH", patch, {"hour": 24, "labels": {"a": 1, "": "b"}}, {"/hour", "/labels/a", "/labels/"}),
            ("POST", "/v1/apps",
             {"name": " ", "labels": {"a": 1}, "infrastructure": {"containers": containers}},
             {"/name", "/labels/a", "/target", "/infrastructure/containers/0/name",
              "/infrastructure/containers/1/ports/0"}),
            ("PATCH", f"/v1/apps/{app}", {"name": "", "target": {"url": 1}}, {"/name", "/target/url"}),
            ("POST", f"/v1/apps?source={app}", {"name": "a\n", "colour": 1}, {"/name", "/colour"}),
            ("POST", "/v1/deployments", {"app": NO_APP, "note": 1, "retry": {"max_attempts": 0}},
             {"/app", "/note", "/retry/max_attempts"}),
            ("POST", "/v1/teams", {"name": "", "colour": 1}, {"/name", "/colour"}),
            ("POST", f"/v1/teams/{world.team}/members", {"name": "a\n", "role": "x"}, {"/name", "/role"}),
            ("POST", "/v1/tokens", {"name": "a\n", "role": "x"}, {"/name", "/role"}),
            ("POST", f"{patch}/cancel", {"reason": "x" * 2001, "colour": 1}, {"/reason", "/colour"}),
        ):
            with self.subTest(method=method, path=path, pointers=pointers):
                answer = world.admin.request(method, path, body)
                self.refused(answer, 422)
                self.assertEqual({error["pointer"] for error in answer.json["errors"]}, pointers)

    def test_wall_clocks_as_text(self):
        for at in ("2029-02-30T03:00", "2029-13-01T03:00", "tomorrow", "2029-02-10", "2029-02-10T24:00",
                   "2029-02-10T03:00+01:00", "1969-02-10T03:00", "", 7, None,
                   "2029-02-10T03:00[Mars/Olympus]", "2029-02-10T03:00[", "2029-02-10 03:00 "):
            with self.subTest(at=at):
                body = schedule_fields(app, at=at)
                self.refused(world.admin.post("/v1/scheduled_deployments", body), 422)
        both = {**schedule_fields(app), "at": "2029-02-10T03:00"}
        answer = world.admin.post("/v1/scheduled_deployments", both)
        self.refused(answer, 422, pointer="/at")

    def test_times_that_cannot_be(self):
        gap = {"at": "2029-03-11T02:30", "disambiguation": "reject"}
        overlap = {"at": "2029-11-04T01:30", "disambiguation": "reject"}
        for more, code in (
            (gap, "nonexistent_local_time"),
            (overlap, "ambiguous_local_time"),
            ({"at": "2001-02-10T03:00"}, "due_in_past"),
        ):
            with self.subTest(more=more):
                body = schedule_fields(app, **more)
                answer = world.admin.post("/v1/scheduled_deployments", body)
                self.refused(answer, 422)
                codes = {error["code"] for error in answer.json["errors"]} | {answer.json["code"]}
                self.assertIn(code, codes, answer)

    def test_dependencies_that_cannot_be(self):
        deep = app
        for _ in range(40):
            deep = {"app": app, "dependency": deep}
        for dependency in (app, {"app": app}, [app], deep, {"app": app, "lead_minutes": -1},
                           {"app": app, "lead_minutes": "15"}, {"lead_minutes": 15}, [[]],
                           {"app": app, "colour": 1}):
            with self.subTest(dependency=str(dependency)[:60]):
                body = schedule_fields(app, dependency=dependency)
                answer = world.admin.post("/v1/scheduled_deployments", body)
                self.refused(answer, 422, pointer="/dependency")

    def test_a_dependency_that_stands_twice(self):
        for second, pointer in ((app, "/dependency/1"), ({"app": app}, "/dependency/1/app"),
                                ({"app": app, "lead_minutes": 15}, "/dependency/1/app")):
            with self.subTest(second=second):
                body = schedule_fields(other, dependency=[app, second])
                answer = world.admin.post("/v1/scheduled_deployments", body)
                self.refused(answer, 422, "duplicate_dependency")
                self.assertEqual([error["pointer"] for error in answer.json["errors"]], [pointer])

    def test_bodies_that_are_no_json(self):
        for body in NOT_JSON:
            for path in ("/v1/apps", "/v1/scheduled_deployments", "/v1/deployments"):
                with self.subTest(path=path, body=body[:40]):
                    answer = world.admin.request("POST", path, body)
                    self.assertIn(answer.status, (400, 422), answer)
                    self.refused(answer, answer.status)

    def test_bodies_that_are_no_object(self):
        for body in ("1", "null", "true", '"x"', "[]"):
            for method, path in (("POST", "/v1/apps"), ("POST", "/v1/scheduled_deployments"),
                                 ("PATCH", f"/v1/apps/{app}"), ("POST", "/v1/deployments")):
                with self.subTest(path=path, body=body):
                    self.refused(world.admin.request(method, path, body), 422)

    def test_many_errors_make_a_small_answer(self):
        for body in (schedule_fields(app, dependency=[1] * 15_000),
                     schedule_fields(app, dependency=[{"app": app, "x": 1}] * 5_000),
                     {**app_fields("m"), "infrastructure": {"containers": [1] * 15_000}},
                     {**app_fields("m"), "infrastructure": {"containers": [{"ports": ["x"] * 900}] * 20}}):
            path = "/v1/apps" if "target" in body else "/v1/scheduled_deployments"
            answer = world.admin.post(path, json.dumps(body, separators=(",", ":")))
            self.assertEqual(answer.status, 422)
            self.assertLess(len(answer.text), 30_000)

    def test_an_app_that_is_too_large_in_all(self):
        containers = [{"name": f"c{i}", "image": "i", "env": {"A": "x" * 8_000}} for i in range(9)]
        answer = world.admin.post("/v1/apps", {**app_fields("large"), "infrastructure": {"containers": containers}})
        self.refused(answer, 422, pointer="/infrastructure/containers")

    def test_bodies_of_another_type_or_size(self):
        headers = {"Content-Type": "text/plain"}
        self.refused(world.admin.post("/v1/apps", "{}", headers=headers), 415)
        headers = {"Accept": "text/html"}
        self.refused(world.admin.get("/v1/apps", headers=headers), 406)
        answer = world.admin.post("/v1/apps", app_fields("x", description="x" * (1 << 20)))
        self.refused(answer, 413)

    def test_bodies_of_very_many_values(self):
        headers = {"Content-Type": "application/json"}
        for value in ("1", "[]", "{}", '""', "null", "1.5", "true", '{"a":1}'):
            with self.subTest(value):
                answer = world.admin.post("/v1/apps", "[" + ",".join(25_000 * [value]) + "]", headers=headers)
                self.refused(answer, 400, "malformed_json")
                self.assertIn("20000 values", answer.json["detail"])

    def test_bodies_in_another_encoding_of_characters(self):
        for charset in ("utf-16", "UTF-16LE", "iso-8859-1", '"utf-16"', "utf-8x", ""):
            for kind in ("application/json; charset=", "application/json;note=a;Charset = "):
                with self.subTest(kind + charset):
                    answer = world.admin.post("/v1/apps", "{}", headers={"Content-Type": kind + charset})
                    self.refused(answer, 415, "unsupported_media_type")
        for charset in ("utf-8", "UTF-8", '"Utf-8"'):
            with self.subTest(charset):
                headers = {"Content-Type": f"application/json; charset={charset}"}
                self.assertEqual(world.admin.post("/v1/apps", "{}", headers=headers).status, 422)

    def test_answers_that_are_not_accepted(self):
        for accept in ("text/html", "application/problem+json", "application/jsonx", "application/json;q=0",
                       "*/*, application/json;q=0.0", 'text/html;note="application/json, */*"'):
            with self.subTest(accept):
                self.refused(world.admin.get("/v1/apps", headers={"Accept": accept}), 406, "not_acceptable")
        for accept in ("APPLICATION/json", "text/html, application/*;q=0.1", "application/json;charset=utf-8",
                       "text/html, *; q=.2, */*; q=.2", "", "json"):
            with self.subTest(accept):
                self.assertEqual(world.admin.get("/v1/apps", headers={"Accept": accept}).status, 200)
        # What went wrong is told in the one form that there is.
        headers = {"Accept": "application/json, application/problem+json;q=0"}
        self.refused(world.admin.get(f"/v1/apps/{NO_APP}", headers=headers), 404)

    def test_accept_on_several_lines(self):
        lines = "GET /healthz HTTP/1.1\r\nHost: a\r\nAccept: text/html\r\nAccept: application/json\r\n\r\n"
        self.assertEqual(statuses_of(lines.encode()), [200])

    def test_bodies_that_are_encoded(self):
        for encoding in ("gzip", "x-unknown", "identity, gzip", "gzip;q=0", "aes128gcm"):
            with self.subTest(encoding):
                headers = {"Content-Encoding": encoding}
                answer = world.admin.post("/v1/apps", app_fields("encoded"), headers=headers)
                self.refused(answer, 415, "unsupported_media_type")
                self.assertEqual(answer.headers["accept-encoding"], "identity")
        for encoding in ("identity", "Identity", "identity, identity", ""):
            with self.subTest(encoding):
                headers = {"Content-Encoding": encoding}
                self.refused(world.admin.post("/v1/apps", {}, headers=headers), 422)
        # What is wrong is its type: how it is encoded is fine.
        answer = world.admin.post("/v1/apps", "{}", headers={"Content-Type": "text/plain"})
        self.assertNotIn("accept-encoding", answer.headers)

    def test_ids_routes_and_methods(self):
        for path in ("/v1/apps/x", f"/v1/apps/{NO_APP}", f"/v1/apps/{schedule}", "/v1/apps/%20",
                     "/v1/scheduled_deployments/x", f"/v1/scheduled_deployments/{app}",
                     "/v1/deployments/x", "/v1/teams/x", "/v2/apps", "/v1", "/v1/apps/", "//v1/apps",
                     f"/v1/apps/{app}/unknown", "/v1/apps/../apps"):
            with self.subTest(path=path):
                self.refused(world.admin.get(path), 404)
        for method, path in (("DELETE", "/v1/apps"), ("PUT", f"/v1/apps/{app}"), ("POST", "/healthz"),
                             ("PATCH", "/v1/events"), ("GET", f"/v1/scheduled_deployments/{app}/hold")):
            with self.subTest(method=method, path=path):
                answer = world.admin.request(method, path)
                self.refused(answer, 405)
                self.assertTrue(answer.headers["allow"])
                self.assertGreater(int(answer.headers["slipway-position"]), 0)

    def test_what_is_not_supported_is_told_with_what_is(self):
        for method, path, allowed in (
            ("OPTIONS", "/v1/apps", {"GET", "HEAD", "POST"}),
            ("PUT", f"/v1/apps/{app}", {"GET", "HEAD", "PATCH", "DELETE"}),
            ("POST", "/healthz", {"GET", "HEAD"}),
            ("HEAD", f"/v1/scheduled_deployments/{schedule}/hold", {"POST"}),
        ):
            with self.subTest(method=method, path=path):
                answer = world.admin.request(method, path)
                self.assertEqual(answer.status, 405)
                self.assertEqual(set(answer.headers["allow"].split(", ")), allowed)
                if "HEAD" in allowed:
                    self.assertEqual(world.admin.request("HEAD", path).status, 200)

    def test_parameters_that_are_not_known(self):
        """Of every operation: a mistyped option is told, and nothing is done."""
        ids = {"app": app, "credential": credential, "id": schedule, "team": world.team}
        for one in DESCRIPTION.operations:
            with self.subTest(one.name):
                path = re.sub(r"{(\w+)}", lambda name: ids.get(name[1], "x"), one.path)
                body = {} if one.method in ("POST", "PUT", "PATCH") else None
                answer = world.admin.request(one.method, f"{path}?colour=red", body)
                self.refused(answer, 422, "invalid_field", "?colour")
                known = [found["name"] for found in one.parameters if found["in"] == "query"]
                accepted = answer.json["errors"][0]["detail"].partition("accepted: ")[2]
                self.assertCountEqual(accepted.split(", "), known or ["none"])

    def test_what_takes_no_fields_refuses_them(self):
        before = len(events_of(world.admin))
        for method, path in (
            ("POST", f"/v1/apps/{app}/signing_secret/rotate"),
            ("DELETE", f"/v1/apps/{app}"),
            ("POST", f"/v1/scheduled_deployments/{schedule}/run_now"),
        ):
            with self.subTest(method=method, path=path):
                answer = world.admin.request(method, path, {"when": "later"})
                self.refused(answer, 422, "invalid_field", "/when")
                self.refused(world.admin.request(method, path, "{"), 400, "malformed_json")
        self.assertEqual(len(events_of(world.admin)), before)

    def test_filters(self):
        for query in ("limit=0", "limit=201", "limit=x", "limit=1&limit=2", "status=asleep",
                      "cursor=x", "colour=red", "app=x", "from=yesterday", "to=1"):
            with self.subTest(query=query):
                path = f"/v1/scheduled_deployments?{query}"
                self.refused(world.admin.get(path), 422)
        self.refused(world.admin.post("/v1/apps?source=", app_fields("y")), 422)
        self.refused(world.admin.post(f"/v1/apps?source={NO_APP}", {}), 404)


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=")


def signed(header, claims, key=b"k"):
    text = part(header) + b"." + part(claims)
    digest = hmac.new(key, text, hashlib.sha256).digest()
    return (text + b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")).decode()


class Tokens(unittest.TestCase):
    def test_who_sends_none_is_told_to_and_no_more(self):
        client = Client(world.server.port)
        self.addCleanup(client.close)
        answer = client.get("/v1/apps")
        self.assertEqual(answer.status, 401)
        self.assertEqual(answer.headers["www-authenticate"], 'Bearer realm="slipway"')

    def test_that_are_not_ours(self):
        good = world.admin.token
        user = json.loads(base64.urlsafe_b64decode(good.split(".")[1] + "=="))["sub"]
        key = (world.server.data / "jwt_secret").read_bytes()
        later = int(time.time()) + 600
        claims = {"sub": user, "exp": later}
        tokens = {
            "none": "", "garbage": "x", "dots": "..", "cut": good[:-2], "longer": good + "A",
            "another key": signed({"alg": "HS256"}, claims),
            "alg none": signed({"alg": "none"}, claims, key),
            "unsigned": (part({"alg": "none"}) + b"." + part(claims) + b".").decode(),
            "alg HS512": signed({"alg": "HS512"}, claims, key),
            "no exp": signed({"alg": "HS256"}, {"sub": user}, key),
            "expired": signed({"alg": "HS256"}, {"sub": user, "exp": later - 1200}, key),
            "not yet": signed({"alg": "HS256"}, {**claims, "nbf": later}, key),
            "exp as text": signed({"alg": "HS256"}, {"sub": user, "exp": str(later)}, key),
            "no user": signed({"alg": "HS256"}, {"exp": later}, key),
            "critical": signed({"alg": "HS256", "crit": ["x"]}, claims, key),
        }
        for name, token in tokens.items():
            with self.subTest(name):
                client = world.server.client(token)
                client.token = token
                answer = client.get("/v1/apps")
                client.close()
                self.assertEqual(answer.status, 401, answer)
                self.assertIn("Bearer", answer.headers["www-authenticate"])
        for scheme in ("Basic eDp5", f"bearer{good}", f"Token {good}", f"Bearer\t{good}", "bearer", "bearer  "):
            with self.subTest(scheme):
                headers = {"Authorization": scheme}
                self.assertEqual(world.admin.get("/v1/apps", headers=headers).status, 401)
        for scheme in ("bearer", "BEARER", "Bearer  ", "bEARER   "):
            with self.subTest(scheme):
                headers = {"Authorization": f"{scheme} {good}"}
                self.assertEqual(world.admin.get("/v1/apps", headers=headers).status, 200)
        # What the test signs itself with the right key is taken: the table refuses the rest for its own reasons.
        client = world.server.client(signed({"alg": "HS256"}, claims, key))
        self.assertEqual(client.get("/v1/apps").status, 200)
        client.close()


def answers_to(text):
    """All that the server answers to these bytes, until it closes."""
    with socket.create_connection(("127.0.0.1", world.server.port), timeout=120) as connection:
        connection.sendall(text)
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as stream:
            return stream.read()


def statuses_of(text):
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d+) ", answers_to(text))]


class Shapes(unittest.TestCase):
    """Bytes that are no HTTP, or HTTP on which two readers could disagree."""

    def test_that_are_refused(self):
        auth = f"Authorization: Bearer {world.admin.token}\r\n".encode()
        shapes = {
            "garbage": b"\x16\x03\x01\x02\x00\x01\x00",
            "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
            "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "two lengths": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + auth
            + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            "length and chunks": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + auth
            + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "not chunked": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + auth
            + b"Transfer-Encoding: gzip\r\n\r\n{}",
            "chunked and more": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + auth
            + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
            "negative length": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "huge length": b"POST /v1/apps HTTP/1.1\r\nHost: a\r\n" + auth
            + b"Content-Length: 99999999999\r\n\r\n",
            "bare line feeds": b"GET /healthz HTTP/1.1\nHost: a\n\n",
            "space before colon": b"GET /healthz HTTP/1.1\r\nHost : a\r\n\r\n",
            "long headers": b"GET /healthz HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
            "long target": b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            "chunked on 1.0": b"POST /v1/apps HTTP/1.0\r\nHost: a\r\n" + auth
            + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        }
        for name, text in shapes.items():
            with self.subTest(name):
                statuses = statuses_of(text + b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
                self.assertLessEqual(len(statuses), 1, f"two answers: {statuses}")
                self.assertTrue(all(400 <= one < 500 for one in statuses), statuses)
        self.assertEqual(world.admin.get("/healthz").status, 200)

    def test_that_are_told_what_is_wrong(self):
        plain = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
        auth = f"Authorization: Bearer {world.admin.token}\r\n".encode()
        post = b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + auth
        chunked = post + b"Transfer-Encoding: chunked\r\n\r\n"
        large = b"10000\r\n" + b" " * 65_536 + b"\r\n"
        shapes = {
            "many headers": (plain + b"".join(b"X%d: 1\r\n" % i for i in range(5_000)) + b"\r\n", 431),
            "a long header": (plain + b"X: " + b"x" * 100_000 + b"\r\n\r\n", 431),
            "a long path": (b"GET /" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            "a long query": (b"GET /healthz?" + b"x" * 10_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", 414),
            "a length too large": (post + b"Content-Length: 1048577\r\n\r\n", 413),
            "chunks too large": (chunked + large * 17 + b"0\r\n\r\n", 413),
            "a header with a NUL": (plain + b"X: a\0b\r\n\r\n", 400),
            "a header without a name": (plain + b": b\r\n\r\n", 400),
            "a line that is no header": (plain + b"hello\r\n\r\n", 400),
            "a path that is none": (b"GET healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a URL of another scheme": (b"GET ftp://a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a URL of nobody": (b"GET http:///healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a URL of a user": (b"GET http://u:w@a/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a URL and no host": (b"GET http://a/healthz HTTP/1.1\r\n\r\n", 400),
            "no path at all": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a path with a space": (b"GET /health z HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a path that cannot be decoded": (b"GET /v1/%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "no version": (b"GET /healthz\r\n\r\n", 400),
            "another version": (b"GET /healthz HTTP/3.0\r\nHost: a\r\n\r\n", 400),
            "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
            "a tunnel": (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
            "a method in small letters": (b"get /healthz HTTP/1.1\r\nHost: a\r\n\r\n", 405),
            "a chunk of no size": (chunked + b"xyz\r\n{}\r\n0\r\n\r\n", 400),
            "a chunk of a negative size": (chunked + b"-2\r\n{}\r\n0\r\n\r\n", 400),
            "a chunk of a size that wraps": (chunked + b"f" * 18 + b"\r\n{}\r\n0\r\n\r\n", 400),
            "a length with a sign": (post + b"Content-Length: +2\r\n\r\n{}", 400),
            "a length in hex": (post + b"Content-Length: 0x2\r\n\r\n{}", 400),
            "no length": (post + b"Content-Length: \r\n\r\n{}", 400),
            "two tokens": (post + b"Authorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}", 400),
            "two types": (post + b"Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 400),
            "two keys": (post + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 2\r\n\r\n{}", 400),
            "chunked twice": (post + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n2\r\n{}\r\n0\r\n\r\n", 400),
        }
        before = len(events_of(world.admin))
        for name, (text, status) in shapes.items():
            with self.subTest(name):
                self.assertEqual(statuses_of(text), [status])
        # A body that breaks off is no request: there is nobody to answer.
        self.assertEqual(statuses_of(post + b"Content-Length: 10\r\n\r\n{}"), [])
        self.assertEqual(len(events_of(world.admin)), before)

    def test_that_come_one_after_another_are_answered_in_order(self):
        paths = [b"/healthz", b"/nothing", b"/readyz", b"/v1/apps", b"/healthz"]
        text = b"".join(b"GET " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n" for path in paths)
        self.assertEqual(statuses_of(text), [200, 404, 200, 401, 200])

    def test_that_wait_with_their_body_are_told_to_go_on(self):
        auth = f"Authorization: Bearer {world.admin.token}\r\n".encode()
        post = b"POST /v1/apps HTTP/1.%d\r\nHost: a\r\nContent-Type: application/json\r\nConnection: close\r\n" + auth
        body = json.dumps(app_fields("awaited", description="x" * 500_000)).encode()
        length = b"Content-Length: %d\r\n" % len(body)
        for expected, version, is_told in (
            (b"Expect: 100-continue\r\n", 1, True), (b"expect: 100-Continue , 100-continue\r\n", 1, True),
            (b"Expect: 100-continue\r\n", 0, False), (b"", 1, False),
        ):
            with self.subTest(expected=expected, version=version), \
                    socket.create_connection(("127.0.0.1", world.server.port), timeout=120) as connection, \
                    connection.makefile("rb") as stream:
                connection.sendall(post % version + length + expected + b"\r\n")
                if is_told:
                    self.assertEqual(stream.readline() + stream.readline(), b"HTTP/1.1 100 Continue\r\n\r\n")
                connection.sendall(body)
                # It was read whole: what is wrong is what it says.
                answer = stream.read()
                self.assertTrue(answer.startswith(b"HTTP/1.1 422 "), answer[:200])
                self.assertIn(b"/description", answer)

    def test_that_wait_with_their_body_are_told_to_keep_it(self):
        auth = f"Authorization: Bearer {world.admin.token}\r\n".encode()
        post = b"POST /v1/apps HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + auth
        small, large = b"Content-Length: 2\r\n", b"Content-Length: 1048577\r\n"
        for headers, status in ((large + b"Expect: 100-continue\r\n\r\n", 413),
                                (small + b"Expect: 200-ok\r\n\r\n", 417),
                                (small + b"Expect: 100-continue, x=y\r\n\r\n", 417),
                                (small + b"Expect: 100-continue\r\nExpect: x\r\n\r\n", 417),
                                (b"Expect: \xff\r\n\r\n", 417)):
            with self.subTest(headers):
                self.assertEqual(statuses_of(post + headers), [status])
        # Without a body there is nothing to wait for.
        plain = b"GET /healthz HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"
        self.assertEqual(statuses_of(plain), [200])
        answer = world.admin.get("/healthz", headers={"Expect": "more"})
        self.assertEqual((answer.status, answer.json["code"]), (417, "expectation_failed"))

    def test_that_name_us_are_answered_as_if_they_did_not(self):
        for target, status in ((b"http://a/healthz", 200), (b"HTTPS://other.example:9/healthz", 200),
                               (b"http://[::1]:80/healthz?colour=red", 422), (b"http://a/nothing", 404),
                               (b"http://a", 404), (b"http://a?x=1", 404), (b"http://a/v1/apps?limit=1", 401)):
            with self.subTest(target):
                self.assertEqual(statuses_of(b"GET " + target + b" HTTP/1.1\r\nHost: b\r\n\r\n"), [status])

    def test_that_come_byte_by_byte_are_answered(self):
        with socket.create_connection(("127.0.0.1", world.server.port), timeout=120) as connection:
            for byte in b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n":
                connection.sendall(bytes([byte]))
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200"))


if __name__ == "__main__":
    unittest.main()
