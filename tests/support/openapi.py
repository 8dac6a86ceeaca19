"""Holds what a server answers against server/api/openapi.yaml.

An answer must be one that its operation documents: status, content type, headers and body. A
request that was accepted must be one too, so that the description is never stricter than the server.
What does not fit raises AssertionError, with the operation and the pointer.
"""

import json
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DESCRIPTION = ROOT / "server/api/openapi.yaml"
METHODS = ("get", "put", "post", "delete", "patch")

# Headers of HTTP itself, which are said of no operation.
HTTP_HEADERS = {
    "content-type", "content-length", "transfer-encoding", "connection", "cache-control", "x-content-type-options",
    "vary", "access-control-allow-origin", "access-control-expose-headers"
}
# What any path may answer, before it is known to be an operation or not.
ANYWHERE = {404: "NotFound", 405: "MethodNotAllowed", 414: "TargetTooLong", 417: "ExpectationFailed",
            431: "HeadersTooLarge"}


class Description:
    """An OpenAPI document, its references followed as they are met."""

    def __init__(self, document):
        self.document = document
        self.resolver = jsonschema.RefResolver("", document)
        self.operations = list(self._operations())

    @classmethod
    def of_the_server(cls):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return cls(yaml.load(DESCRIPTION.read_text(encoding="utf-8"), loader))

    def _operations(self):
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield Operation(self, method.upper(), path, item)

    def followed(self, found):
        """What `found` refers to, or itself."""
        while "$ref" in found:
            found = self.resolver.resolve(found["$ref"])[1]
        return found

    def error_of(self, schema, value):
        """The error that says most, as text with its pointer; None if `value` fits."""
        validator = jsonschema.Draft202012Validator(schema, resolver=self.resolver)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        if error is None:
            return None
        error = meant(error)
        pointer = "".join(f"/{part}" for part in error.absolute_path)
        return f"{pointer or 'the whole'}: {error.message[:500]}"

    def operation_of(self, method, path):
        """The operation that answers; a literal path goes before one with parameters."""
        answering = "GET" if method == "HEAD" else method
        fitting = [one for one in self.operations if one.fits(answering, path)]
        return min(fitting, key=lambda one: one.path.count("{"), default=None)

    def check(self, method, target, sent, body, answer):
        """Names of headers are in lower case; `body` is bytes, text or None."""
        path, _, query = target.partition("?")
        operation = self.operation_of(method, path)
        name = operation.name if operation else f"{method} {path}"
        try:
            documented = self._documented(operation, answer.status)
            self._check_headers(documented, answer)
            if method != "HEAD":
                self._check_body(documented, answer)
            if operation and 200 <= answer.status < 300:
                operation.check_query(query)
                operation.check_request(sent, body)
        except AssertionError as error:
            raise AssertionError(f"{name}, answer {answer.status}: {error}") from None

    def check_webhook(self, name, body):
        """`body` is what a target received, parsed."""
        stated = self.document["webhooks"][name]["post"]
        error = self.error_of(stated["requestBody"]["content"]["application/json"]["schema"], body)
        must(error is None, f"{stated['operationId']}: the body at {error}")

    def _documented(self, operation, status):
        responses = operation.responses if operation else {}
        if str(status) in responses:
            return self.followed(responses[str(status)])
        anywhere = status in ANYWHERE and (operation is None or status in (414, 417, 431))
        must(anywhere, "is not documented")
        return self.document["components"]["responses"][ANYWHERE[status]]

    def _check_headers(self, documented, answer):
        stated = documented.get("headers", {})
        headers = {name.lower(): self.followed(one) for name, one in stated.items()}
        for name, header in headers.items():
            if name not in answer.headers:
                must(not header.get("required"), f"the header {name} is missing")
                continue
            value = of_text(header["schema"], answer.headers[name])
            error = self.error_of(header["schema"], value)
            must(error is None, f"the header {name}: {error}")
        unknown = set(answer.headers) - set(headers) - HTTP_HEADERS
        must(not unknown, f"headers that are not documented: {sorted(unknown)}")

    def _check_body(self, documented, answer):
        content = documented.get("content")
        if not content:
            return must(answer.text == "", "a body that is not documented")
        found = media_type(answer.headers.get("content-type", ""))
        must(found in content, f"the content type is {found}; documented are {sorted(content)}")
        schema = content[found].get("schema", True)
        if found == "application/x-ndjson":
            bodies = [json.loads(line) for line in answer.text.splitlines()]
        else:
            bodies = [answer.json] if found.endswith("json") else []
        for body in bodies:
            error = self.error_of(schema, body)
            must(error is None, f"the body at {error}")


class Operation:
    """A method and a path of a Description."""

    def __init__(self, description, method, path, item):
        stated = item[method.lower()]
        self.description = description
        self.method = method
        self.path = path
        self.stated = stated
        self.name = stated["operationId"]
        self.responses = stated["responses"]
        parameters = [*item.get("parameters", []), *stated.get("parameters", [])]
        self.parameters = [description.followed(one) for one in parameters]
        self.body = description.followed(stated["requestBody"]) if "requestBody" in stated else None
        self.pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))

    def fits(self, method, path):
        return method == self.method and self.pattern.fullmatch(path) is not None

    def check_query(self, query):
        known = {one["name"]: one["schema"] for one in self.parameters if one["in"] == "query"}
        for name, text in urllib.parse.parse_qsl(query, keep_blank_values=True):
            must(name in known, f"the parameter {name} is not documented, and was accepted")
            schema = self.description.followed(known[name])
            error = self.description.error_of(schema, of_text(schema, text))
            must(error is None, f"the parameter {name} was accepted: {error}")

    def check_request(self, sent, body):
        if not body:
            required = (self.body or {}).get("required")
            return must(not required, "no body was accepted, which is required")
        must(self.body is not None, "a body was accepted, and none is documented")
        found = media_type(sent.get("content-type", ""))
        must(found in self.body["content"], f"a body of type {found} was accepted, and is undocumented")
        schema = self.body["content"][found]["schema"]
        value = json.loads(body)
        # null is as good as nothing, where it means nothing else.
        errors = [self.description.error_of(schema, one) for one in (value, without_nulls(value))]
        must(None in errors, f"a body was accepted which is not documented, at {errors[0]}")


def meant(error):
    """Where one of several schemas must fit, the error of the only one whose constants do."""
    errors = {}
    for one in error.context:
        errors.setdefault(one.relative_schema_path[0], []).append(one)
    fitting = [each for each in errors.values() if all(one.validator != "const" for one in each)]
    return meant(jsonschema.exceptions.best_match(fitting[0])) if len(fitting) == 1 else error


def must(holds, otherwise):
    if not holds:
        raise AssertionError(otherwise)


def media_type(header):
    return header.partition(";")[0].strip().lower()


def of_text(schema, text):
    """The value that a parameter or header stands for."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def without_nulls(value):
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [without_nulls(one) for one in value]
    return value
