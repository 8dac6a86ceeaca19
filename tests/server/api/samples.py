"""Values that fit the schemas of the description, and values that do not.

Whoever wants some says what no schema can: which ids there are, and which wall clocks are to come.
"""

import copy
import re

# For each kind of JSON value, one that is of no other kind. (2.0 is an integer to JSON Schema.)
OF_TYPES = {
    "null": None, "boolean": True, "integer": 7, "number": 0.5, "string": "a", "array": [], "object": {}
}
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
# What people write, and what programs trip over.
TEXTS = ("x", "a b", "ä", "日本語", "\U0001f469\u200d\U0001f680", "\u202ex", "a'b\"c\\", "{}", "%00", "a/b~c", "<b>",
         "é" * 60, "z" * 200)


class Samples:
    """Values of schemas. `known` gives, by the name of a schema or by `/` and the name of a member, a
    value or a function of no arguments that answers one. With `random` they differ, and members that need not
    be there often are not; without, they are the same each time and every member is there, or with
    `least` only those that must be. Of an object that has several forms it is the `form`-th."""

    def __init__(self, description, known, random=None, least=False, form=None):
        self.description = description
        self.known = known
        self.random = random
        self.least = least
        self.form = form

    def of(self, schema, depth=0, member=None):
        name = schema.get("$ref", "").rpartition("/")[2]
        for word in (f"/{member}", name):
            if word in self.known:
                known = self.known[word]
                return known() if callable(known) else copy.deepcopy(known)
        if name:
            return self.of(self.description.followed(schema), depth)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.one_of(schema["enum"])
        for several in ("anyOf", "oneOf"):
            if several in schema and "properties" not in schema:
                return self.of(self.one_of(schema[several]), depth)
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        return getattr(self, f"of_{self.one_of(types)}")(schema, depth)

    def one_of(self, choices):
        return self.random.choice(choices) if self.random else choices[0]

    def of_null(self, _schema, _depth):
        return None

    def of_boolean(self, _schema, _depth):
        return self.one_of([True, False])

    def of_integer(self, schema, _depth):
        low, high = schema.get("minimum", 0), schema.get("maximum", 1_000)
        if not self.random:
            return low
        return self.random.choice((low, high, self.random.randint(low, high)))

    def of_string(self, schema, _depth):
        if "pattern" in schema:
            raise KeyError(f"no value is known for {schema['pattern']}: give its schema one in `known`")
        text = "sample"
        if self.random:
            text = self.random.choice((*TEXTS, "".join(self.random.choices(LETTERS, k=8))))
        return text[:schema.get("maxLength", 200)]

    def of_array(self, schema, depth):
        # A list that may be empty is, once it is deep: schemas may hold themselves.
        count = self.random.choice((0, 1, 2)) if self.random else 1
        count = max(count if depth < 6 else 0, schema.get("minItems", 0))
        return [self.of(schema["items"], depth + 1) for _ in range(count)]

    def of_object(self, schema, depth):
        value = {}
        form, other = {"required": []}, set()
        if "oneOf" in schema:  # one form of several, each of which has its own members
            form = self.one_of(schema["oneOf"]) if self.form is None else schema["oneOf"][self.form]
            other = {name for one in schema["oneOf"] for name in one["required"]} - set(form["required"])
        for name, one in schema.get("properties", {}).items():
            if name in other:
                continue
            needed = name in schema.get("required", ()) or name in form["required"]
            if not needed and (self.least or self.random and self.random.random() < 0.6):
                continue
            value[name] = self.of(one, depth + 1, name)
        more = schema.get("additionalProperties")
        if isinstance(more, dict) and not self.least:
            value["any"] = self.of(more, depth + 1)
        return value


class Place:
    """Where a value stands in a body: its pointer, its schema, the types that may stand there, whether it
    must be there and whether it is an item of a list."""

    def __init__(self, pointer, name, schema, value, types, required=False, item=False):
        self.pointer = pointer
        self.name = name  # of the schema
        self.schema = schema
        self.value = value
        self.types = types
        self.required = required
        self.item = item


def places(description, stated, value, pointer="", types=None, **more):
    """The places of `value`, of a schema, and of all that it holds."""
    schema = description.followed(stated)
    types = types or types_of(description, stated)
    for several in ("anyOf", "oneOf"):
        if several in schema and "properties" not in schema:
            stated = next((one for one in schema[several] if description.error_of(one, value) is None), {})
            return (yield from places(description, stated, value, pointer, types, **more))
    yield Place(pointer, stated.get("$ref", "").rpartition("/")[2], schema, value, types, **more)
    if isinstance(value, dict):
        for name, one in value.items():
            inner = schema.get("properties", {}).get(name, schema.get("additionalProperties"))
            required = name in schema.get("required", ())
            yield from places(description, inner, one, f"{pointer}/{name}", required=required)
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from places(description, schema["items"], one, f"{pointer}/{index}", item=True)


def laid_over(value, pointer, put=None, remove=False):
    """A copy of `value` with `put` at the pointer, or without what is there."""
    names = re.split("/", pointer)[1:]
    value = copy.deepcopy(value)
    if not names:
        return put
    inner = value
    for name in names[:-1]:
        inner = inner[int(name) if isinstance(inner, list) else name]
    last = int(names[-1]) if isinstance(inner, list) else names[-1]
    if remove:
        del inner[last]
    else:
        inner[last] = put
    return value


def types_of(description, stated):
    """The JSON types that a schema allows."""
    schema = description.followed(stated)
    found = set()
    for one in schema.get("anyOf", []):
        found |= types_of(description, one)
    types = schema.get("type", [])
    found |= {types} if isinstance(types, str) else set(types)
    return found | {"integer"} if "number" in found else found


def misfits(place):
    """Values that are next to those that may stand there, each with what is wrong about it. null is for
    others to judge: it may be as good as nothing."""
    for name, value in OF_TYPES.items():
        if name not in place.types and name != "null":
            yield f"is of type {name}", value
    yield from beyond(place.schema, place.value)


def beyond(schema, value):
    """Values of the right type, just beyond each limit of `schema`."""
    if "enum" in schema:
        yield "none of the words", "no-such-word"
        yield "a word in capitals", str(schema["enum"][0]).upper()
        yield "no word", ""
        return
    if "minimum" in schema:
        yield "too small", schema["minimum"] - 1
        yield "far too small", -(1 << 63)
    if "maximum" in schema:
        yield "too large", schema["maximum"] + 1
        yield "as large as wraps", (1 << 32) + schema["maximum"]
        yield "far too large", 1 << 64
    if "maxLength" in schema:
        yield "too long", "x" * (schema["maxLength"] + 1)
        yield "too long in other letters", "é" * (schema["maxLength"] + 1)
    if schema.get("minLength"):
        yield "empty", ""
    if "pattern" in schema:
        yield "of another pattern", "~"
        yield "empty", ""
    if "maxItems" in schema:
        yield "too many", value[:1] * (schema["maxItems"] + 1)
    if "maxProperties" in schema:
        yield "too many", {f"n{index}": "" for index in range(schema["maxProperties"] + 1)}
