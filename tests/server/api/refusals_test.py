"""What the description does not allow is refused, on every route and in every place of every body: with
the status and the pointer of the contract, and nothing is changed.

The cases are made from server/api/openapi.yaml. A route that wants an object of a new kind is named by
the test that fails; `one_of_each` in api_world.py makes it one.
"""

import itertools
import json
import unittest
import urllib.parse

from api_world import (DESCRIPTION, NOWHERE, World, body_of, known_of, one_of_each, parameter_of, schema_of,
                       target_of)
from processes import Client, eventually
from samples import Samples, beyond, laid_over, misfits, places

# Takes the body as a patch of the app that it names, instead of a whole app.
CLONE = ("create_app", "?source=")
# Reading the log is itself an event.
RECORDED = ("stream_log", "stream_dump")


def setUpModule():
    global world, ids, known, in_state, stranger
    world = World()
    ids = one_of_each(world.admin, world.accepting(), "subject")
    in_state = in_other_states(ids)
    stranger = world.client_of("user_01h455vb4pex5vsknk084sn02x")
    invited = world.admin.post("/v1/invitations", {"role": "viewer"}).json["result"]
    others = [world.app(name=name)["id"] for name in ("database", "cache")]
    known = {
        **known_of(ids),
        "/secret": invited["secret"],
        "Dependency": {"app": others[0], "lead_minutes": 20, "dependency": others[1]},
    }


def in_other_states(ids):
    """Objects in which an operation finds nothing left to do, or the one that it needs, by the operation."""

    def done(path, body, kind):
        assert world.admin.post(path, body).status == 200, path
        return {**ids, kind: path.split("/")[-2]}

    def scheduled():
        return "/v1/scheduled_deployments/" + world.scheduled(ids["AppId"])["id"]

    def sent():
        path = world.admin.post("/v1/deployments", {"app": ids["AppId"]}).headers["location"]
        eventually(lambda: world.admin.get(path).json["result"]["completion_deadline"])
        return path

    held, cancelled = scheduled(), scheduled()
    aborted, completed = sent(), sent()
    return {
        "release_schedule": done(f"{held}/hold", {}, "ScheduleId"),
        "cancel_schedule": done(f"{cancelled}/cancel", {}, "ScheduleId"),
        "abort_deployment": done(f"{aborted}/abort", {}, "DeploymentId"),
        "complete_deployment": done(f"{completed}/complete", {"outcome": "succeeded"}, "DeploymentId"),
    }


def tearDownModule():
    stranger.close()
    world.close()


def bodies():
    """Each operation that takes a body, its targets, and a valid body with every member there can be."""
    for operation in DESCRIPTION.operations:
        if operation.body is None:
            continue
        schema = schema_of(operation)
        targets = dict.fromkeys(target_of(operation, found) for found in (ids, in_state.get(operation.name, ids)))
        forms = range(len(DESCRIPTION.followed(schema).get("oneOf", [None])))
        for target, form in itertools.product(targets, forms):
            yield operation, target, schema, body_of(operation, known, form)
        if operation.name == CLONE[0]:
            patch = {"$ref": "#/components/schemas/AppPatch"}
            target = target_of(operation, ids) + CLONE[1] + ids["AppId"]
            yield operation, target, patch, Samples(DESCRIPTION, known).of(patch)


def bad_values(place):
    """What may not stand there: what is wrong about it, the body, and what it is blamed on."""
    for wrong, value in misfits(place):
        yield wrong, value, place.pointer
    if (place.required or place.item) and "null" not in place.types:
        yield "is null", None, place.pointer
    if place.schema.get("additionalProperties") is False:
        for name, pointer in (("colour", "colour"), ("", ""), ("a/b~c", "a~1b~0c"), ("名", "名")):
            yield f"has {name!r}", {**place.value, name: 1}, f"{place.pointer}/{pointer}"


class Refusals(unittest.TestCase):
    def setUp(self):
        self.before = self.position()

    def tearDown(self):
        self.assertEqual(self.position(), self.before, "something was changed")

    def ask(self, operation, target, body, **more):
        client = stranger if operation.name == "accept_invitation" else world.admin
        return client.request(operation.method, target, json.dumps(body), **more)

    def position(self):
        return world.admin.get("/readyz").json["result"]["position"]

    def refused(self, answer, status, pointer=None):
        self.assertEqual(answer.status, status, answer)
        if pointer is not None:
            blamed = [error["pointer"] for error in answer.json["errors"]]
            self.assertIn(pointer, blamed, answer)
            self.assertTrue(all(one.startswith(pointer) for one in blamed), answer)


class Bodies(Refusals):
    def test_a_value_that_does_not_fit_is_blamed_wherever_it_stands(self):
        count = 0
        for operation, target, schema, body in bodies():
            for place in places(DESCRIPTION, schema, body):
                for wrong, value, pointer in bad_values(place):
                    with self.subTest(f"{operation.name} {target}: {place.pointer} {wrong}"):
                        sent = laid_over(body, place.pointer, value)
                        self.refused(self.ask(operation, target, sent), 422, pointer)
                        count += 1
        self.assertGreater(count, 1_500)

    def test_what_must_be_there_is_missed(self):
        for operation, target, schema, body in bodies():
            for place in places(DESCRIPTION, schema, body):
                if place.required:
                    with self.subTest(f"{operation.name} {target}: without {place.pointer}"):
                        sent = laid_over(body, place.pointer, remove=True)
                        self.refused(self.ask(operation, target, sent), 422, place.pointer)


NOT_JSON = (
    b"{", b"nul", b"{'a': 1}", b'{"a": 1,}', b'{"a": NaN}', b'{"a": "\xff"}', b'{"a": 1, "a": 2}', b"{} {}",
    b"[" * 100_000, b'{"a": "\x01"}', b'{"a": "\\ud800"}', b"\x00", b"\xff\xfe{\x00}\x00", b'{"a": 1e99999}',
)
OF_NO_ONE = ("x", "%00", "%2e%2e", "..", "%20", "%ff", "app_", "app_" + "x" * 26, "x" * 4_000, "user_01h455vb4pex5vsknk084sn0zI")


def targets():
    """Each operation with its target."""
    for operation in DESCRIPTION.operations:
        yield operation, target_of(operation, {**ids, "file": "docs.css"})


def with_body():
    """Each operation that takes a body, its target and a valid body."""
    done = set()
    for operation, target, _, body in bodies():
        if operation.name not in done:
            done.add(operation.name)
            yield operation, target, body


def text_of(operation):
    """A valid body as text; None if it takes none."""
    return next((json.dumps(body) for one, _, body in with_body() if one is operation), None)


def takes(operation, name):
    return any(one["name"] == name for one in operation.parameters)


def is_json(operation):
    """Whether it answers JSON. (What is a file is what it is, whatever is accepted.)"""
    done = next(answer for status, answer in operation.responses.items() if status.startswith("2"))
    content = DESCRIPTION.followed(done).get("content", {})
    return "application/json" in content and operation.path != "/openapi.json"


def bad_texts(schema):
    """Texts of a query that do not fit the schema of its parameter."""
    schema = DESCRIPTION.followed(schema)
    kind = schema.get("type")
    if kind == "integer":
        yield from ("x", "", "1.5", "-1", "0x1", "1e3", "99999999999999999999", " 1", "+1")
        yield from (str(value) for wrong, value in beyond(schema, None) if wrong != "empty")
    elif kind == "boolean":
        yield from ("x", "", "1", "TRUE", "yes")
    elif "enum" in schema:
        yield from (value for _, value in beyond(schema, None))
    elif schema.get("format") == "date-time":
        yield from ("x", "", "yesterday", "2027-02-30T00:00:00Z", "2027-02-10", "2027-02-10T00:00:00", "1")
    elif "pattern" in schema:
        yield from (value for _, value in beyond(schema, None))


class Routes(Refusals):
    def test_nobody_is_let_in_without_a_token_or_with_a_bad_one(self):
        for bearer in (None, "x", "slp_" + "A" * 43, world.admin.token[:-3] + "AAA"):
            client = Client(world.server.port, bearer)
            self.addCleanup(client.close)
            for operation, target in targets():
                security = operation.stated.get("security")
                if security != []:
                    with self.subTest(f"{operation.name} {bearer}"):
                        self.refused(client.request(operation.method, target), 401)

    def test_a_method_that_is_not_there_is_told_those_that_are(self):
        paths = sorted({target for _, target in targets()})
        for path, method in itertools.product(paths, ("GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "BREW")):
            if DESCRIPTION.operation_of(method, path) is None:
                with self.subTest(f"{method} {path}"):
                    answer = world.admin.request(method, path)
                    self.refused(answer, 405)
                    there = {one.method for one in DESCRIPTION.operations if one.pattern.fullmatch(path)}
                    there |= {"HEAD"} if "GET" in there else set()
                    self.assertEqual(set(answer.headers["allow"].split(", ")), there)

    def test_an_id_of_nothing_is_not_found(self):
        for operation, _ in targets():
            for one in operation.parameters:
                for given in OF_NO_ONE if one["in"] == "path" else ():
                    there = {**ids, "file": "docs.css", parameter_of(one): given}
                    target = target_of(operation, there)
                    with self.subTest(f"{operation.method} {target[:90]}"):
                        answer = world.admin.request(operation.method, target, text_of(operation))
                        # No target that holds a NUL, or that two may read differently, is read.
                        self.refused(answer, 400 if given in ("%00", "%2e%2e") else 404)

    def test_a_parameter_that_is_not_known_or_does_not_fit_is_blamed(self):
        for operation, target in targets():
            if operation.name in RECORDED or operation.stated.get("security") == [] or not is_json(operation):
                continue
            sent = text_of(operation)
            cases = [("colour", "red")]
            for one in operation.parameters:
                if one["in"] == "query":
                    cases += [(one["name"], text) for text in bad_texts(one["schema"])]
            for name, text in cases:
                with self.subTest(f"{operation.name} ?{name}={text}"):
                    query = urllib.parse.urlencode({name: text})
                    self.refused(world.admin.request(operation.method, f"{target}?{query}", sent), 422, f"?{name}")

    def test_a_cursor_that_was_not_given_is_blamed(self):
        for operation, target in targets():
            if takes(operation, "cursor"):
                for text in ("x", "", "%20", "1" * 300, "eyJhIjoxfQ", "-1"):
                    with self.subTest(f"{operation.name} {text}"):
                        self.refused(world.admin.get(f"{target}?cursor={text}"), 422, "?cursor")

    def test_a_parameter_is_said_once(self):
        for operation, target in targets():
            for one in operation.parameters:
                if one["in"] == "query" and operation.method == "GET":
                    with self.subTest(f"{operation.name} {one['name']}"):
                        twice = f"{target}?{one['name']}=1&{one['name']}=1"
                        self.refused(world.admin.get(twice), 422, f"?{one['name']}")

    def test_a_body_that_is_no_json_is_not_read(self):
        for operation, target, _ in with_body():
            for sent in NOT_JSON:
                with self.subTest(f"{operation.name} {sent[:20]}"):
                    self.refused(world.admin.request(operation.method, target, sent), 400)

    def test_a_body_of_another_type_or_too_large_is_not_read(self):
        for operation, target, body in with_body():
            stated = operation.body["content"]
            for media in ("text/plain", "application/x-www-form-urlencoded", "application/merge-patch+json",
                          "application/jsonx", "json", "application/json-patch+json"):
                if media not in stated:
                    with self.subTest(f"{operation.name} {media}"):
                        headers = {"Content-Type": media}
                        answer = world.admin.request(operation.method, target, json.dumps(body), headers=headers)
                        self.refused(answer, 415)
            with self.subTest(f"{operation.name} too large"):
                self.refused(world.admin.request(operation.method, target, " " * (1 << 20) + "{}"), 413)

    def test_an_empty_body_is_no_json_where_one_is_needed(self):
        for operation, target, _ in with_body():
            # An app is cloned without a body, and not made without one.
            if operation.body.get("required") or operation.name == "create_app":
                with self.subTest(operation.name):
                    answer = world.admin.request(operation.method, target)
                    self.refused(answer, 400)
                    self.assertEqual((answer.json["code"], answer.json["errors"]), ("malformed_json", []))

    def test_an_answer_that_is_not_accepted_is_not_made(self):
        for operation, target in targets():
            # A probe is answered whatever it accepts.
            if is_json(operation) and operation.path not in ("/healthz", "/readyz"):
                for accept in ("text/html", "image/*", "application/xml"):
                    with self.subTest(f"{operation.name} {accept}"):
                        answer = world.admin.request(operation.method, target, headers={"Accept": accept})
                        self.refused(answer, 406)

    def test_a_header_that_does_not_fit_is_refused(self):
        for name, values, status in (
            ("Idempotency-Key", ("x" * 256, "a b", "\x80", "a\tb"), 422),
            ("If-Match", ('"999"', '"x"', 'W/"1"', "1", '""'), 412),
            ("Slipway-Min-Position", ("x", "-1", "1.5", "99999999999999999999"), 400),
            ("Slipway-Team", (NOWHERE["TeamId"], "x", ids["AppId"]), 403),
        ):
            for operation, target in targets():
                sent = text_of(operation)
                for value in values if takes(operation, name) and operation.name not in RECORDED else ():
                    with self.subTest(f"{operation.name} {name}: {value[:20]}"):
                        headers = {name: value}
                        answer = world.admin.request(operation.method, target, sent, headers=headers)
                        self.refused(answer, status)


if __name__ == "__main__":
    unittest.main()
