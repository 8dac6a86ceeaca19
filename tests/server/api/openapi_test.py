"""The API's description is OpenAPI 3.1, whole and tidy, and says what the sources say."""

import json
import pathlib
import re
import subprocess
import unittest

import jsonschema

from openapi import METHODS, Description
from processes import PROGRAMS, Answer

HERE = pathlib.Path(__file__).parent
API = Description.of_the_server()
SCHEMAS = API.document["components"]["schemas"]
SERVER = json.loads(subprocess.run([PROGRAMS / "slipway-server", "describe"], capture_output=True, check=True).stdout)
ROUTES = SERVER["routes"]

# What any path may answer is told in words: no operation has it.
OF_NO_OPERATION = {
    "responses/MethodNotAllowed", "responses/TargetTooLong", "responses/ExpectationFailed",
    "responses/HeadersTooLarge"
}


def walk(value, pointer="#"):
    """All objects of the document, with their pointers."""
    if isinstance(value, dict):
        yield pointer, value
        for name, inner in value.items():
            yield from walk(inner, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from walk(inner, f"{pointer}/{i}")


def schemas():
    """All schemas that the document names, and those inside them."""
    for pointer, found in walk(API.document):
        named = re.fullmatch(r"#/components/schemas/[^/]+", pointer)
        if named or pointer.endswith("/schema"):
            yield pointer, found


class Document(unittest.TestCase):
    def test_is_openapi_3_1(self):
        schema = json.loads((HERE / "openapi_3_1_schema.json").read_text(encoding="utf-8"))
        errors = jsonschema.Draft202012Validator(schema).iter_errors(API.document)
        self.assertEqual([f"{list(error.path)}: {error.message}" for error in errors], [])

    def test_has_good_schemas(self):
        for pointer, schema in schemas():
            with self.subTest(pointer):
                jsonschema.Draft202012Validator.check_schema(schema)

    def test_refers_to_what_is_there_and_uses_what_it_has(self):
        used = set()
        for pointer, found in walk(API.document):
            if "$ref" in found:
                with self.subTest(pointer):
                    API.resolver.resolve(found["$ref"])
                used.add(found["$ref"].removeprefix("#/components/"))
        defined = {
            f"{kind}/{name}"
            for kind, members in API.document["components"].items()
            for name in members if kind != "securitySchemes"
        }
        self.assertEqual(defined - used - OF_NO_OPERATION, set())

    def test_says_nothing_beside_a_reference(self):
        """Generators of clients drop it; `allOf` they know. What only tells may stand there."""
        telling = {"$ref", "description", "default"}
        for pointer, found in walk(API.document):
            if "$ref" in found:
                with self.subTest(pointer):
                    self.assertLessEqual(set(found), telling)

    def test_has_examples_that_fit(self):
        count = 0
        for pointer, found in walk(API.document):
            if "schema" in found and not pointer.endswith("/properties"):
                examples = [found["example"]] if "example" in found else []
                examples += [one["value"] for one in found.get("examples", {}).values()]
                schema = found["schema"]
            elif isinstance(found.get("examples"), list):
                examples, schema = found["examples"], found
            else:
                continue
            for example in examples:
                count += 1
                with self.subTest(pointer):
                    self.assertIsNone(API.error_of(schema, example))
        self.assertGreater(count, 30)

    def test_prefills_no_parameter_that_may_be_left_out(self):
        # The page fills a form with examples: a list would be filtered by them.
        for operation in API.operations:
            for one in operation.parameters:
                if not one.get("required"):
                    with self.subTest(operation=operation.name, parameter=one["name"]):
                        self.assertFalse({"example", "examples"} & set(one))

    def test_has_defaults_that_fit(self):
        for pointer, found in walk(API.document):
            if "default" in found and not pointer.endswith("/properties"):
                with self.subTest(pointer):
                    self.assertIsNone(API.error_of(found, found["default"]))

    def test_closes_every_object(self):
        for pointer, found in walk(API.document):
            if isinstance(found.get("properties"), dict) and "type" in found:
                with self.subTest(pointer):
                    self.assertIs(found.get("additionalProperties"), False)
                    self.assertLessEqual(set(found.get("required", [])), set(found["properties"]))


class Operations(unittest.TestCase):
    def test_are_told_in_words_and_have_their_refusals(self):
        for one in API.operations:
            with self.subTest(one.name):
                for field in ("summary", "description", "tags"):
                    self.assertTrue(one.stated.get(field), field)
                self.assertTrue(any(status.startswith("4") for status in one.responses))
                self.assertTrue(any(status.startswith("2") for status in one.responses))
                for parameter in one.parameters:
                    self.assertTrue(parameter.get("description"), parameter["name"])

    def test_say_all_that_their_kind_has(self):
        for one in API.operations:
            with self.subTest(one.name):
                headers = {found["name"] for found in one.parameters if found["in"] == "header"}
                self.assertEqual("Idempotency-Key" in headers, one.method != "GET")
                self.assertEqual("304" in one.responses, "If-None-Match" in headers)
                self.assertEqual("412" in one.responses, "If-Match" in headers)
                self.assertEqual("401" in one.responses, one.stated.get("security") != [])
                in_path = {found["name"] for found in one.parameters if found["in"] == "path"}
                self.assertEqual(in_path, set(re.findall(r"\{(\w+)\}", one.path)))
                if one.body:
                    self.assertLessEqual({"400", "413", "415", "422"}, set(one.responses))

    def test_are_the_routes_of_the_server(self):
        described = {(one.method, one.path) for one in API.operations}
        self.assertEqual(described, {(route["method"], route["path"]) for route in ROUTES})
        self.assertEqual(len(API.operations), len(ROUTES))

    def test_are_named_for_their_handlers(self):
        names = {(one.method, one.path): one.name for one in API.operations}
        handlers = [route["operation"] for route in ROUTES]
        for route in ROUTES:
            handler = route["operation"]
            with self.subTest(handler):
                # A handler with several routes has one operation of its name; the others add to it.
                form = handler if handlers.count(handler) == 1 else rf"{handler}(_by_\w+)?"
                self.assertRegex(names[route["method"], route["path"]], f"^{form}$")
        webhooks = [item[method]["operationId"] for item in API.document["webhooks"].values()
                    for method in METHODS if method in item]
        every = [*names.values(), *webhooks]
        self.assertEqual(len(every), len(set(every)))

    def test_ask_for_a_token_where_the_server_does(self):
        always = API.document["security"]
        asks = {(one.method, one.path): one.stated.get("security", always) for one in API.operations}
        for route in ROUTES:
            with self.subTest(route["operation"]):
                stated = asks[route["method"], route["path"]]
                without = stated == [] or {} in stated or {"callback_token": []} in stated
                self.assertEqual(without, route["public"] or route["callback"])


class Words(unittest.TestCase):
    def test_of_problems_are_those_of_the_server(self):
        codes = set(SERVER["problem_codes"])
        self.assertEqual(codes, set(SCHEMAS["Code"]["enum"]))
        told = set()
        for response in API.document["components"]["responses"].values():
            content = response.get("content", {}).get("application/problem+json")
            told |= set(content["schema"]["properties"]["code"]["enum"]) if content else set()
        self.assertEqual(codes, told)

    def test_of_events_are_those_of_the_log(self):
        types = SERVER["event_types"]
        self.assertEqual(SCHEMAS["EventType"]["enum"], types)
        cases = [one["properties"]["type"]["const"] for one in SCHEMAS["Event"]["oneOf"]]
        self.assertEqual(cases, types)

    def test_of_reasons_are_all_that_a_status_can_have(self):
        known = {"dependency_pending"}
        for name in ("HoldReason", "EndReason", "AttemptCause"):
            known |= set(SERVER["words"][name])
        listed = SCHEMAS["StatusReason"]["enum"]
        self.assertEqual(set(listed), known - {"none"})
        self.assertEqual(len(listed), len(set(listed)))

    def test_of_closed_lists_are_those_of_the_vocabulary(self):
        for schema, name in (
            ("Status", "ScheduleStatus"),
            ("Disambiguation", "Disambiguation"),
            ("Resolution", "Resolution"),
            ("OnDependencyFailure", "DependencyFailurePolicy"),
            ("MisfireAction", "MisfireAction"),
            ("HoldReason", "HoldReason"),
            ("DispatchCause", "DispatchReason"),
            ("AttemptCause", "AttemptCause"),
            ("Role", "Role"),
            ("Provider", "Provider"),
            ("TargetKind", "TargetKind"),
        ):
            with self.subTest(name):
                self.assertEqual(SCHEMAS[schema]["enum"], SERVER["words"][name])


class Witness(unittest.TestCase):
    """What holds the answers of the other tests against the description sees what is wrong."""

    HEADERS = {"content-type": "application/json", "x-request-id": "r", "slipway-position": "1"}

    def check(self, text, status=200, method="GET", path="/healthz", body=None, sent=(), **headers):
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {**self.HEADERS, **more}
        API.check(method, path, dict(sent), body, Answer(status, named, text))

    def test_lets_pass_what_is_described(self):
        self.check('{"result": {"status": "alive"}}')

    def test_stops_what_is_not(self):
        alive = '{"result": {"status": "alive"}}'
        for name, answer in {
            "another field": {"text": '{"result": {"status": "alive", "mood": "good"}}'},
            "a field less": {"text": '{"result": {}}'},
            "another value": {"text": '{"result": {"status": "asleep"}}'},
            "another status": {"text": alive, "status": 202},
            "another type": {"text": alive, "content_type": "text/plain"},
            "another header": {"text": alive, "x_mood": "good"},
            "a bad header": {"text": alive, "slipway_position": "-"},
            "another parameter": {"text": alive, "path": "/healthz?mood=good"},
            "a body": {"text": alive, "body": "{}"},
            "a route that is none": {"text": alive, "path": "/mood"},
        }.items():
            with self.subTest(name), self.assertRaisesRegex(AssertionError, "get_health|/mood"):
                self.check(**answer)

    def test_says_what_is_wrong_with_the_one_that_was_meant_of_many(self):
        event = SCHEMAS["Event"]["examples"][0]
        wrong = {**event, "data": {**event["data"], "name": 3}}
        self.assertRegex(API.error_of(SCHEMAS["Event"], wrong), "^/data/name: 3 ")

    def test_stops_a_request_that_is_not_described_and_was_accepted(self):
        team = json.dumps({"result": SCHEMAS["Team"]["examples"][0]})
        answer = {"text": team, "status": 201, "method": "POST", "path": "/v1/teams", "etag": '"1"',
                  "location": "/v1/teams/x"}
        sent = {"content-type": "application/json"}
        self.check(body='{"name": "a"}', sent=sent, **answer)
        for body in ('{"name": ""}', '{"name": "a", "mood": "good"}', "{}", "[]", None):
            with self.subTest(body), self.assertRaisesRegex(AssertionError, "create_team"):
                self.check(body=body, sent=sent, **answer)


if __name__ == "__main__":
    unittest.main()
