"""No refusal repeats more than 256 bytes of what it was sent, wherever that stood, and none is long."""

import http.client
import json
import unittest

from api_world import DESCRIPTION, World, body_of, known_of, one_of_each, schedule_fields, target_of

ECHO_BYTES_MAX = 256
ANSWER_BYTES_MAX = 4_096
# A refusal that names a hundred fields; nobody is told more of them at once.
LONG_ANSWER_BYTES_MAX = 100 * 1_024

MARK = "€"  # three bytes, so that a cut at a byte shows
BODY_TEXT = "a" + MARK * 330_000  # with what stands around it just under 1 MiB
TARGET_BYTES_MAX = 8 * 1_024 - 200
HEADER_BYTES_MAX = 15 * 1_024


def setUpModule():
    global world, ids
    world = World()
    ids = {**one_of_each(world.admin, world.accepting()), "file": "docs.js"}


def tearDownModule():
    world.close()


def raw(method, target, headers=None, body=None):
    """Status, headers as one text, and body of an answer, as bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=30)
    sent = {"Authorization": f"Bearer {world.admin.token}", "Content-Type": "application/json", **(headers or {})}
    connection.request(method, target, body=body, headers=sent)
    response = connection.getresponse()
    head = "\n".join(f"{name}: {value}" for name, value in response.getheaders())
    found = response.status, head, response.read()
    connection.close()
    return found


def places(value, at=()):
    """The path of every member and element of a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*at, name)
        yield from places(one, (*at, name))


def objects(value, at=()):
    if isinstance(value, dict):
        yield at
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield from objects(one, (*at, name))


def at(value, path):
    for name in path:
        value = value[name]
    return value


def copy(value):
    return json.loads(json.dumps(value))


class Echo(unittest.TestCase):
    def check(self, found, mark, bytes_max=ANSWER_BYTES_MAX):
        status, head, body = found
        self.assertGreaterEqual(status, 400)
        self.assertLess(status, 500, body[:500])
        self.assertLess(len(head) + len(body), bytes_max, body[:500])
        text = body.decode("utf-8")  # nothing is cut within a character
        self.assertNotIn("\ufffd", text)
        echoed = len(mark.encode()) * (text.count(mark) + head.count(mark))
        self.assertLessEqual(echoed, ECHO_BYTES_MAX, text[:1_000])

    def send(self, operation, body):
        text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
        self.check(raw(operation.method, target_of(operation, ids), body=text.encode()), MARK)

    def test_values_of_a_body(self):
        for operation in DESCRIPTION.operations:
            if operation.body is None:
                continue
            body = body_of(operation, known_of(ids))
            for path in places(body):
                with self.subTest(operation=operation.name, path=path):
                    changed = copy(body)
                    at(changed, path[:-1])[path[-1]] = BODY_TEXT
                    self.send(operation, changed)

    def test_names_of_members(self):
        for operation in DESCRIPTION.operations:
            if operation.body is None:
                continue
            body = body_of(operation, known_of(ids))
            for path in objects(body):
                with self.subTest(operation=operation.name, path=path):
                    changed = copy(body)
                    at(changed, path)[BODY_TEXT] = 1
                    self.send(operation, changed)
                    at(changed, path)[BODY_TEXT] = "\u202e"
                    self.send(operation, changed)

    def test_a_zone_behind_a_time(self):
        for operation in ("create_schedule", "preview_schedule"):
            one = next(each for each in DESCRIPTION.operations if each.name == operation)
            body = {"app": ids["AppId"], "at": f"2029-02-10T03:00[{BODY_TEXT}]"}
            self.send(one, body)
            self.send(one, {**body, "timezone": "Europe/Oslo"})
            self.send(one, {**body, "timezone": BODY_TEXT[1:]})

    def test_what_the_parser_refuses(self):
        create = next(each for each in DESCRIPTION.operations if each.name == "create_schedule")
        for text in (f'{{"{BODY_TEXT[:150_000]}": 1, "{BODY_TEXT[:150_000]}": 1}}', BODY_TEXT,
                     f'"{BODY_TEXT}"', f'["{BODY_TEXT}', f'{{"a": {"1" * 1_000_000}}}',
                     f'{{"year": {"1" * 300}}}', f'{{"year": 0.{"1" * 1_000_000}}}'):
            with self.subTest(text[:30]):
                self.send(create, text)

    def test_names_that_are_taken(self):
        for path, body in (("/v1/apps", {"target": {"kind": "webhook", "url": "https://example.com/"}}),
                           ("/v1/credentials", {"kind": "bearer", "origin": "https://example.com",
                                                "secret": "correct-horse"})):
            named = {**body, "name": "Q" * 200}
            self.assertEqual(world.admin.post(path, named).status, 201)
            self.check(raw("POST", path, body=json.dumps(named)), "Q")

    def test_values_and_names_of_a_query(self):
        text = "Q" * TARGET_BYTES_MAX
        for operation in DESCRIPTION.operations:
            target = target_of(operation, ids)
            with self.subTest(operation=operation.name):
                found = raw(operation.method, f"{target}?{text}=1")
                if not operation.path.startswith(("/v1", "/metrics")) and found[0] == 200:
                    continue
                self.check(found, "Q")
            for parameter in operation.parameters:
                # What a list may be filtered by is any text.
                free = operation.name == "list_apps" and parameter["name"] in ("name", "environment", "label")
                if parameter["in"] != "query" or free:
                    continue
                with self.subTest(operation=operation.name, parameter=parameter["name"]):
                    self.check(raw(operation.method, f"{target}?{parameter['name']}={text}"), "Q")

    def test_segments_of_a_path(self):
        text = "Q" * TARGET_BYTES_MAX
        targets = {f"/{text}", f"/v1/{text}", f"/v1/apps/{text}/{text[:9]}"}
        for operation in DESCRIPTION.operations:
            if "{" in operation.path:
                long = {**{kind: text[:TARGET_BYTES_MAX // 2] for kind in ids}}
                targets.add((operation.method, target_of(operation, long)))
        for one in sorted(targets, key=str):
            method, target = one if isinstance(one, tuple) else ("GET", one)
            with self.subTest(method=method, target=target[:60]):
                # Who is there as a member is told before what is missing.
                body = None if method in ("GET", "DELETE") else "{}"
                self.check(raw(method, target, body=body), "Q")

    def test_values_of_headers(self):
        text = "Q" * HEADER_BYTES_MAX
        app = f"/v1/apps/{ids['AppId']}"
        body = json.dumps(schedule_fields(ids["AppId"]))
        for method, target, headers in (
                ("PATCH", app, {"If-Match": f'"{text}"'}),
                ("PATCH", app, {"If-Match": text}),
                ("PATCH", app, {"If-None-Match": "*", "X-Filler": text}),
                ("POST", "/v1/scheduled_deployments", {"Content-Type": text}),
                ("POST", "/v1/scheduled_deployments", {"Content-Type": f"text/{text}"}),
                ("POST", "/v1/scheduled_deployments", {"Content-Encoding": text}),
                ("POST", "/v1/scheduled_deployments", {"Transfer-Encoding": text}),
                ("POST", "/v1/scheduled_deployments", {"Expect": text}),
                ("POST", "/v1/scheduled_deployments", {"Idempotency-Key": text}),
                ("GET", "/v1/apps", {"Authorization": text}),
                ("GET", "/v1/apps", {"Authorization": f"Bearer {text}"}),
                ("GET", "/v1/apps", {"Authorization": f"Bearer slp_{text}"}),
                ("GET", "/v1/apps", {"Slipway-Team": text}),
                ("GET", "/v1/apps", {"Slipway-Min-Position": text}),
                ("GET", "/v1/events/stream", {"Last-Event-ID": text}),
                ("GET", "/v1/nothing", {"X-Request-Id": text}),
                ("GET", "/v1/nothing", {"traceparent": text}),
                ("GET", "/v1/apps", {"Accept": f"text/{text}"}),
                ("GET", "/v1/apps", {"Host": f"a/{text}"}),
                (text, "/v1/apps", {}),
        ):
            with self.subTest(method=method[:9], headers=[f"{n}: {v[:20]}" for n, v in headers.items()]):
                sent = None if method == "GET" or len(method) > 9 else "{}" if method == "PATCH" else body
                self.check(raw(method, target, headers, sent), "Q")

    def test_many_faults_at_once_are_a_hundred(self):
        create = "/v1/scheduled_deployments"
        names = {f"{i}-{MARK * 300}": 1 for i in range(990)}
        for body in (names, {**schedule_fields(ids["AppId"]), "labels": names},
                     {**schedule_fields(ids["AppId"]), "labels": {name: "\u202e" for name in names}}):
            status, _, text = raw("POST", create, body=json.dumps(body, ensure_ascii=False).encode())
            self.assertEqual(status, 422)
            self.assertLessEqual(len(json.loads(text)["errors"]), 100)
            self.assertLess(len(text), LONG_ANSWER_BYTES_MAX)
        query = "&".join(f"p{i}" for i in range(1_000))
        status, _, text = raw("GET", f"/v1/apps?{query}")
        self.assertEqual((status, len(json.loads(text)["errors"])), (422, 100))


if __name__ == "__main__":
    unittest.main()
