"""What holds for every route: idempotency keys, versions, positions, what is remembered of a request."""

import concurrent.futures
import http.client
import json
import socket
import time
import unittest

from api_world import (DESCRIPTION, ApiTest, World, app_fields, asked, events_of, one_of_each, schedule_fields,
                       target_of)
from processes import Receiver, eventually

NO_APP = "app_01h455vb4pex5vsknk084sn02q"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def pipelined(port, token, requests):
    """Status and headers of the answers to requests that are sent at once on one connection."""
    text = "".join(f"{method} {target} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
                   "Content-Length: 0\r\n\r\n" for method, target in requests)
    answers = []
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(text.encode())
        with connection.makefile("rb") as stream:
            for _ in requests:
                status = int(stream.readline().split()[1])
                headers = {}
                while line := stream.readline().strip():
                    name, _, value = line.decode().partition(": ")
                    headers[name.lower()] = value
                stream.read(int(headers["content-length"]))
                answers.append((status, headers))
    return answers


class Conventions(ApiTest):
    def names(self, prefix):
        apps = self.client.get("/v1/apps?limit=200").json["result"]
        return [app["name"] for app in apps if app["name"].startswith(prefix)]

    def position(self):
        return self.client.get("/readyz").json["result"]["position"]


class IdempotencyKeys(Conventions):
    def post(self, path, body, key, client=None):
        return (client or self.client).post(path, body, headers={"Idempotency-Key": key})

    def test_the_same_request_gets_the_first_answer_again(self):
        first = self.post("/v1/apps", app_fields("once"), "k1")
        again = self.post("/v1/apps", app_fields("once"), "k1")
        self.assertEqual((first.status, again.status), (201, 201))
        self.assertEqual(again.text, first.text)
        for name in ("location", "etag"):
            self.assertEqual(again.headers[name], first.headers[name])
        self.assertNotIn("idempotency-replayed", first.headers)
        self.assertEqual(again.headers["idempotency-replayed"], "true")
        self.assertEqual(self.names("once"), ["once"])

    def test_that_are_empty_are_no_keys_and_not_none(self):
        answer = self.post("/v1/apps", app_fields("no-key"), "")
        self.assertEqual((answer.status, answer.json["code"]), (422, "invalid_idempotency_key"))
        self.assertEqual(self.names("no-key"), [])

    def test_the_first_answer_stays_though_the_object_changes(self):
        first = self.post("/v1/apps", app_fields("then"), "k2")
        path = first.headers["location"]
        self.assertEqual(self.client.patch(path, {"description": "other"}).status, 200)
        self.assertEqual(self.post("/v1/apps", app_fields("then"), "k2").text, first.text)

    def large_tree(self, name, size):
        """A schedule and its `size` dependencies, with some 50 kB of labels each."""
        apps = [self.world.app(name=f"{name}-{i}")["id"] for i in range(size + 1)]
        root = self.world.scheduled(apps[0], dependency=[{"app": app} for app in apps[1:]])
        labels = {f"{i:02}" + "\U0001F6A2" * 190: "\U0001F6A2" * 200 for i in range(32)}
        for one in (root, *root["dependency"]):
            path = f"/v1/scheduled_deployments/{one['id']}"
            self.assertEqual(self.client.patch(path, {"labels": labels}).status, 200)
        return f"/v1/scheduled_deployments/{root['id']}"

    def test_a_repeated_change_of_a_large_tree_shows_it_as_it_is_then(self):
        path = self.large_tree("large", 6)
        first = self.post(path + "/hold", {"reason": "first"}, "large-1")
        self.assertEqual(first.status, 200)
        self.assertGreater(len(first.text.encode()), 256 * 1024)
        self.assertEqual(len(first.json["result"]["held_along"]), 6)
        shown = self.client.get(path)
        self.assertEqual(shown.json["result"]["version"], first.json["result"]["version"])
        before = self.position()
        again = self.post(path + "/hold", {"reason": "first"}, "large-1")
        self.assertEqual((again.status, again.headers["idempotency-replayed"]), (200, "true"))
        self.assertEqual(again.text, shown.text)
        self.assertEqual(again.headers["etag"], shown.headers["etag"])
        self.assertEqual(self.post(path + "/release", {}, "large-2").status, 200)
        again = self.post(path + "/hold", {"reason": "first"}, "large-1")
        self.assertEqual(again.json["result"]["status"], "scheduled")
        self.assertGreater(self.position(), before)

    def test_a_small_tree_is_shown_as_it_was(self):
        path = self.large_tree("small", 2)
        first = self.post(path + "/hold", {"reason": "first"}, "small-1")
        self.assertEqual(self.post(path + "/release", {}, "small-2").status, 200)
        self.assertEqual(self.post(path + "/hold", {"reason": "first"}, "small-1").text, first.text)

    def test_a_clone_with_a_key_makes_one_copy(self):
        path = "/v1/apps?source=" + self.world.app(name="source")["id"]
        for _ in range(3):
            self.assertEqual(self.post(path, None, "k3").status, 201)
        self.assertEqual(self.names("source"), ["source", "source-clone"])
        self.assertEqual(self.post(path, None, "k4").status, 201)
        self.assertEqual(self.names("source")[2:], ["source-clone-2"])

    def test_another_request_with_the_same_key_is_refused(self):
        self.assertEqual(self.post("/v1/apps", app_fields("mine"), "k5").status, 201)
        for path, body in (("/v1/apps", app_fields("other")), ("/v1/teams", app_fields("mine")),
                           ("/v1/apps?source=", app_fields("mine"))):
            answer = self.post(path, body, "k5")
            self.assertEqual(answer.status, 422)
            self.assertEqual(answer.json["code"], "idempotency_key_reused")
        self.assertEqual(self.names("other"), [])

    def test_a_request_is_the_same_however_its_json_is_written(self):
        app = self.world.app(name="written")["id"]
        deployment = {"app": app, "retry": {"max_attempts": 3, "backoff_seconds": 20}, "note": "é/😀"}
        schedule = {"app": app, "at": "2029-02-10T03:00", "timezone": "UTC", "labels": {"a": "1", "b": "2"}}
        for number, (path, first, others) in enumerate((
            ("/v1/scheduled_deployments", json.dumps(schedule), (
                json.dumps(dict(reversed(schedule.items()))),
                json.dumps(schedule, indent=3, sort_keys=True),
                json.dumps(schedule).replace("timezone", "\\u0074imezone").replace("03:00", "03\\u003A00"),
                "\r\n\t " + json.dumps(schedule, separators=(",", ":")) + " \n",
            )),
            ("/v1/deployments", json.dumps(deployment), (
                json.dumps(deployment, ensure_ascii=False).replace("/", "\\/"),
                json.dumps(deployment).replace("20", "2e1").replace(": 3", ": 3.0"),
                json.dumps(deployment, sort_keys=True).replace("20", "20.000"),
            )),
        )):
            made = self.post(path, first, f"written-{number}")
            self.assertEqual(made.status, 201, made)
            for other in others:
                with self.subTest(other):
                    again = self.post(path, other.encode(), f"written-{number}")
                    self.assertEqual((again.status, again.text), (201, made.text))
                    self.assertEqual(again.headers["idempotency-replayed"], "true")
            for other in (first.replace("2029", "2030").replace("20}", "21}"), first[:-1] + ', "note": null}'):
                answer = self.post(path, other, f"written-{number}")
                if '"note": "' not in other:
                    self.assertEqual((answer.status, answer.json["code"]), (422, "idempotency_key_reused"), other)

    def test_no_body_and_an_empty_object_are_one_request(self):
        app = self.world.app(name="hollow")["id"]
        path = f"/v1/scheduled_deployments/{self.world.scheduled(app)['id']}/hold"
        first = self.post(path, None, "hollow")
        self.assertEqual(first.status, 200)
        self.assertEqual(self.post(path, " {}", "hollow").text, first.text)

    def test_the_order_of_parameters_is_no_difference(self):
        source = self.world.app(name="ordered")["id"]
        first = self.post(f"/v1/apps?source={source}", {}, "ordered")
        coded = source.replace("a", "%61")
        again = self.post(f"/v1/apps?&sourc%65={coded}&", {}, "ordered")
        self.assertEqual((again.status, again.text), (201, first.text))

    def test_it_survives_a_kill(self):
        first = self.post("/v1/apps", app_fields("kept"), "k6")
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        again = self.post("/v1/apps", app_fields("kept"), "k6")
        self.assertEqual((again.status, again.text), (201, first.text))
        self.assertEqual(again.headers["idempotency-replayed"], "true")

    def test_what_was_refused_may_be_asked_again(self):
        body = schedule_fields(NO_APP)
        self.assertEqual(self.post("/v1/scheduled_deployments", body, "k7").status, 422)
        body["app"] = self.world.app(name="late")["id"]
        self.assertEqual(self.post("/v1/scheduled_deployments", body, "k7").status, 201)

    def test_every_change_takes_one(self):
        app = self.world.app(name="changed")["id"]
        one = self.world.scheduled(app)["id"]
        path = f"/v1/scheduled_deployments/{one}"
        for method, target, body in (("PATCH", path, {"note": "x"}), ("POST", path + "/hold", {"reason": "x"}),
                                     ("POST", path + "/release", {}), ("DELETE", path, None),
                                     ("POST", f"/v1/apps/{app}/signing_secret/rotate", None)):
            with self.subTest(method=method, target=target):
                key = {"Idempotency-Key": f"{method} {target}".replace(" ", "_")}
                first = self.client.request(method, target, body, headers=key)
                self.assertEqual(first.status, 200, first)
                before = self.position()
                again = self.client.request(method, target, body, headers=key)
                self.assertEqual((again.status, again.text), (200, first.text))
                self.assertEqual(self.position(), before)

    def test_a_key_is_its_users_own(self):
        user = "user_01h455vb4pex5vsknk084sn02t"
        members = f"/v1/teams/{self.world.team}/members"
        self.assertEqual(self.client.post(members, {"user": user, "role": "deployer"}).status, 201)
        other = self.world.client_of(user)
        self.addCleanup(other.close)
        self.assertEqual(self.post("/v1/apps", app_fields("alice"), "k8").status, 201)
        self.assertEqual(self.post("/v1/apps", app_fields("bob"), "k8", other).status, 201)

    def test_at_the_same_time_one_is_made(self):
        def create(_):
            client = self.world.server.client()
            try:
                return self.post("/v1/apps?source=" + source, None, "k9", client).text
            finally:
                client.close()

        source = self.world.app(name="race")["id"]
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = set(pool.map(create, range(32)))
        self.assertEqual(len(answers), 1)
        self.assertEqual(self.names("race"), ["race", "race-clone"])

    def test_no_key_is_none_and_a_bad_one_is_refused(self):
        before = self.position()
        for key in ("x" * 256, "a b", "ä".encode().decode("latin-1")):
            answer = self.post("/v1/apps", app_fields("never"), key)
            self.assertEqual((answer.status, answer.json["code"]), (422, "invalid_idempotency_key"))
        self.assertEqual(self.position(), before)

    def test_its_digest_is_on_record_and_the_key_is_not(self):
        app = self.post("/v1/apps", app_fields("recorded"), "a-key-of-mine").json["result"]["id"]
        event = events_of(self.client, app)[0]
        self.assertRegex(event["idempotency_key_digest"], "^[0-9a-f]{64}$")
        self.assertNotIn("a-key-of-mine", str(event))


class Versions(Conventions):
    def setUp(self):
        self.app = self.world.app(name=f"app-{self.id().rsplit('.', 1)[1]}")
        self.path = "/v1/apps/" + self.app["id"]

    def test_an_object_carries_its_version_as_a_strong_etag(self):
        answer = self.client.get(self.path)
        self.assertEqual(answer.headers["etag"], f'"{answer.json["result"]["version"]}"')
        one = self.client.get("/v1/scheduled_deployments/" + self.world.scheduled(self.app["id"])["id"])
        self.assertRegex(one.headers["etag"], f'^"{one.json["result"]["version"]}-[0-9a-f]{{8}}"$')

    def test_what_a_reader_has_is_not_sent_again(self):
        tag = self.client.get(self.path).headers["etag"]
        for known in (tag, "*", f'"x", {tag}', f"W/{tag}", f'W/"a,b" ,, {tag},', f'"x",W/{tag}'):
            answer = self.client.get(self.path, headers={"If-None-Match": known})
            self.assertEqual((answer.status, answer.text), (304, ""), known)
            self.assertEqual(answer.headers["etag"], tag)
        for other in ('"x"', tag.strip('"'), f"w/{tag}", f"x{tag}", f"{tag}x", f'"x" {tag}', tag[:-1], f"*, {tag}",
                      '"*"', '""', "W/"):
            self.assertEqual(self.client.get(self.path, headers={"If-None-Match": other}).status, 200, other)
        self.client.patch(self.path, {"description": "new"})
        self.assertEqual(self.client.get(self.path, headers={"If-None-Match": tag}).status, 200)

    def test_what_a_reader_wants_is_sent_and_nothing_else(self):
        one = "/v1/scheduled_deployments/" + self.world.scheduled(self.app["id"])["id"]
        for path in (self.path, one, "/docs", "/openapi.json"):
            tag = self.client.get(path).headers["etag"]
            for wanted in (tag, "*", f'"x", {tag}'):
                self.assertEqual(self.client.get(path, headers={"If-Match": wanted}).status, 200, wanted)
                both = {"If-Match": wanted, "If-None-Match": tag}
                self.assertEqual(self.client.get(path, headers=both).status, 304)
            for other in ('"x"', f"W/{tag}", f"w/{tag}", tag.strip('"')):
                for method in ("GET", "HEAD"):
                    answer = self.client.request(method, path, headers={"If-Match": other, "If-None-Match": tag})
                    self.assertEqual(answer.status, 412, other)
                    self.assertNotIn("etag", answer.headers)
        missing = {"If-Match": "*"}
        self.assertEqual(self.client.get(f"/v1/apps/{NO_APP}", headers=missing).status, 404)
        self.assertEqual(self.client.patch(f"/v1/apps/{NO_APP}", {}, headers=missing).status, 404)

    def test_a_change_to_a_version_that_is_known_is_refused(self):
        """If-None-Match is for reads; a change heeds it too (RFC 9110, 13.1.2)."""
        tag = self.client.get(self.path).headers["etag"]
        for known in (tag, "*", f"W/{tag}"):
            answer = self.client.patch(self.path, {"description": "new"}, headers={"If-None-Match": known})
            self.assertEqual((answer.status, answer.json["code"]), (412, "stale_version"))
        answer = self.client.patch(self.path, {"description": "new"}, headers={"If-None-Match": '"77"'})
        self.assertEqual(answer.status, 200)

    def test_a_schedule_is_sent_again_when_its_dependency_changed(self):
        database = self.world.app(name="db-" + self.app["name"])["id"]
        one = self.world.scheduled(self.app["id"], dependency=database)
        path = "/v1/scheduled_deployments/" + one["id"]
        tag = self.client.get(path).headers["etag"]
        hold = f"/v1/scheduled_deployments/{one['dependency']['id']}/hold"
        self.assertEqual(self.client.post(hold, {"reason": "wait"}).status, 200)
        self.assertEqual(self.client.get(path, headers={"If-None-Match": tag}).status, 200)

    def test_a_change_to_another_version_is_refused(self):
        tag = self.client.get(self.path).headers["etag"]
        self.assertEqual(self.client.patch(self.path, {"description": "first"}).status, 200)
        for method, path, body in (("PATCH", self.path, {"description": "second"}), ("DELETE", self.path, None),
                                   ("POST", self.path + "/signing_secret/rotate", None)):
            answer = self.client.request(method, path, body, headers={"If-Match": tag})
            self.assertEqual((answer.status, answer.json["code"]), (412, "stale_version"), path)
        self.assertEqual(self.client.get(self.path).json["result"]["description"], "first")

    def test_a_change_to_the_version_that_is_there_is_made(self):
        one = self.world.scheduled(self.app["id"])
        path = "/v1/scheduled_deployments/" + one["id"]
        tag = self.client.get(path).headers["etag"]
        self.assertEqual(self.client.patch(path, {"note": "a"}, headers={"If-Match": tag}).status, 200)
        answer = self.client.post(path + "/hold", {"reason": "b"}, headers={"If-Match": tag})
        self.assertEqual(answer.status, 412)
        for good in ('"2"', '"1", "2"', "*"):
            self.assertEqual(self.client.patch(path, {"note": "c"}, headers={"If-Match": good}).status, 200)
            self.client.patch(path, {"note": "a"})
            path = "/v1/scheduled_deployments/" + self.world.scheduled(self.app["id"])["id"]
            self.client.patch(path, {"note": "a"})
        for bad in ('W/"2"', 'w/"2"', 'x"2"', '"2"x', '"1" "2"', '"2', '*, "2"'):
            answer = self.client.patch(path, {"note": "d"}, headers={"If-Match": bad})
            self.assertEqual(answer.status, 412, bad)

    def test_another_teams_version_is_not_told(self):
        other = self.world.client_of("user_01h455vb4pex5vsknk084sn02q")
        self.addCleanup(other.close)
        other.post("/v1/teams", {"name": "rivals"})
        one = self.world.scheduled(self.app["id"])["id"]
        for path in (self.path, f"/v1/scheduled_deployments/{one}"):
            answer = other.patch(path, {"note": "x"}, headers={"If-Match": '"77"'})
            self.assertEqual(answer.status, 404)


class Positions(Conventions):
    def test_every_answer_says_what_it_reflects(self):
        before = int(self.client.get("/v1/apps").headers["slipway-position"])
        answer = self.client.post("/v1/apps", app_fields("positioned"))
        self.assertEqual(int(answer.headers["slipway-position"]), before + 1)

    def test_a_reader_waits_for_no_more_than_what_it_knows_of(self):
        here = self.client.get("/v1/apps").headers["slipway-position"]
        answer = self.client.get("/v1/apps", headers={"Slipway-Min-Position": here})
        self.assertEqual(answer.status, 200)

    def test_a_reader_waits_for_what_is_to_come(self):
        here = int(self.client.get("/v1/apps").headers["slipway-position"])
        other = self.world.server.client()
        self.addCleanup(other.close)
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(other.get, "/v1/apps?name=awaited",
                                  headers={"Slipway-Min-Position": str(here + 1)})
            self.world.app(name="awaited")
            self.assertEqual(len(waiting.result().json["result"]), 1)

    def test_what_does_not_come_is_not_waited_for_long(self):
        answer = self.client.get("/v1/apps", headers={"Slipway-Min-Position": "999999"})
        self.assertEqual((answer.status, answer.json["code"]), (503, "not_caught_up"))
        self.assertIn("retry-after", answer.headers)

    def test_what_is_no_position_is_refused(self):
        for bad in ("-1", "1x", "99999999999999999999"):
            with self.subTest(bad):
                answer = self.client.get("/v1/apps", headers={"Slipway-Min-Position": bad})
                self.assertEqual(answer.status, 400)


class Heads(Conventions):
    """HEAD is answered as GET would be, without the body and without what GET does."""

    VARYING = {"connection", "slipway-position", "x-request-id"}

    def head(self, target, *more):
        """The status, the headers, and what comes behind them until the server closes."""
        lines = [f"HEAD {target} HTTP/1.1", "Host: a", "Connection: close",
                 f"Authorization: Bearer {self.client.token}", *more]
        with socket.create_connection(("127.0.0.1", self.world.server.port), timeout=120) as connection:
            connection.sendall("\r\n".join([*lines, "", ""]).encode())
            with connection.makefile("rb") as stream:
                status = int(stream.readline().split()[1])
                headers = http.client.parse_headers(stream)
                return status, {name.lower(): value for name, value in headers.items()}, stream.read()

    def test_of_everything_that_can_be_read(self):
        ids = {**one_of_each(self.client, self.world.accepting(), "headed"), "file": "docs.css"}
        for operation in DESCRIPTION.operations:
            if operation.method == "GET":
                with self.subTest(operation.name):
                    target = target_of(operation, ids)
                    before = self.position()
                    status, headers, rest = self.head(target)
                    self.assertEqual(rest, b"")
                    self.assertEqual(self.position(), before, "something was changed")
                    answer = asked(self.client, operation, target)
                    self.assertEqual(status, answer.status)
                    # Of a list nothing is read, so nobody knows how long it would be (RFC 9110, 9.3.2).
                    is_list = answer.text.startswith('{"result":[')
                    self.assertEqual("content-length" in headers, not is_list and "content-length" in answer.headers)
                    varying = self.VARYING | ({"content-length"} if is_list or target == "/metrics" else set())
                    self.assertEqual(without(headers, varying), without(answer.headers, varying))

    def test_of_a_list_leaves_the_connection_for_the_next_request(self):
        for target in ("/v1/apps", "/v1/events", "/v1/scheduled_deployments", "/v1/tokens"):
            self.assertEqual(self.client.request("HEAD", target).status, 200)
            self.assertEqual(self.client.get("/healthz").status, 200)

    def test_of_what_is_refused(self):
        for target, more, status in (("/v1/apps/x", (), 404), ("/v1/apps?colour=red", (), 422),
                                     ("/v1/apps", ("Accept: text/html",), 406), ("/" + "x" * 10_000, (), 414),
                                     ("/healthz", ("Content-Length: 99999999",), 413), ("*", (), 400),
                                     ("/healthz", ("X: " + "x" * 20_000,), 431)):
            with self.subTest(status):
                found, headers, rest = self.head(target, *more)
                self.assertEqual((found, rest), (status, b""))
                self.assertEqual(headers["content-type"], "application/problem+json")


def without(headers, names):
    return {name: value for name, value in headers.items() if name not in names}


class Limits(unittest.TestCase):
    def test_a_hasty_token_is_told_to_wait_and_others_are_not(self):
        world = World("--rate-limit-token", "3", "--rate-limit-team", "50")
        self.addCleanup(world.close)
        answers = [world.admin.get("/v1/apps") for _ in range(12)]
        refused = [answer for answer in answers if answer.status == 429]
        self.assertGreaterEqual(len(refused), 4)
        self.assertLessEqual(len(answers) - len(refused), 6)  # 3, and those of the time that it takes
        self.assertEqual(refused[0].json["code"], "rate_limited")
        for name in ("retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"):
            self.assertRegex(refused[0].headers[name], r"^\d+$")
        self.assertEqual(answers[0].headers["ratelimit-limit"], "3")
        other = world.server.client(world.server.token("--days", "2"))
        self.addCleanup(other.close)
        self.assertEqual(other.get("/v1/apps").status, 200)
        self.assertEqual(world.admin.get("/healthz").status, 200)

    def test_what_an_answer_says_is_left_is_what_passes(self):
        for options in (("--rate-limit-token", "5"), ("--rate-limit-team", "5"),
                        ("--rate-limit-token", "5", "--rate-limit-team", "9"),
                        ("--rate-limit-token", "9", "--rate-limit-team", "5")):
            with self.subTest(options):
                world = World(*options)
                self.addCleanup(world.close)
                self.count_down(world)

    def count_down(self, world):
        secret = eventually(lambda: world.admin.post("/v1/tokens", {"name": "a", "role": "viewer"}).json.get("result"))
        viewer = world.server.client(secret["secret"])
        self.addCleanup(viewer.close)
        kinds = (("GET", "/v1/apps", 200), ("POST", "/v1/apps", 403), ("GET", "/v1/apps?colour=red", 422),
                 ("GET", f"/v1/apps/{NO_APP}", 404))
        began = time.monotonic()
        # At once, so that little fills up between two of them.
        answers = pipelined(world.server.port, viewer.token, [kind[:2] for kind in kinds * 25])
        filled = 1 + 5 * (time.monotonic() - began)
        passed = [answer for answer in answers if answer[0] != 429]
        self.assertLessEqual(len(passed), 5 + filled)
        self.assertLess(len(passed), len(answers))
        left = None
        for number, (status, headers) in enumerate(answers):
            self.assertIn(status, (429, kinds[number % len(kinds)][2]))
            now = int(headers["ratelimit-remaining"])
            self.assertEqual(headers["ratelimit-limit"], "5")
            self.assertLess(now, 5)
            if status == 429:
                self.assertEqual(now, 0)
                self.assertIn(left, (0, None), "one was left, and was refused")
                self.assertEqual(headers["retry-after"], headers["ratelimit-reset"])
            elif left is not None:
                self.assertGreaterEqual(now, left - 1, "one was taken twice")
            left = now

    def test_a_stream_says_what_is_left(self):
        world = World("--rate-limit-token", "5")
        self.addCleanup(world.close)
        stream = next(one for one in DESCRIPTION.operations if one.name == "stream_events")
        answer = asked(world.admin, stream, "/v1/events/stream")
        self.assertEqual((answer.status, answer.headers["ratelimit-limit"]), (200, "5"))
        self.assertIn(answer.headers["ratelimit-remaining"], "01234")

    def test_who_may_not_do_it_is_counted_too(self):
        world = World("--rate-limit-token", "3")
        self.addCleanup(world.close)
        secret = world.admin.post("/v1/tokens", {"name": "a", "role": "viewer"}).json["result"]["secret"]
        viewer, nobody = world.server.client(secret), world.server.client("x")
        for client in (viewer, nobody):
            self.addCleanup(client.close)
        answers = [viewer.post("/v1/apps", app_fields()) for _ in range(12)]
        self.assertEqual({answer.status for answer in answers}, {403, 429})
        for answer in answers:
            self.assertEqual(answer.headers["ratelimit-limit"], "3")
        # Whom a bad token would be counted for is not known.
        answers = [nobody.get("/v1/apps") for _ in range(12)]
        self.assertEqual({answer.status for answer in answers}, {401})

    def test_a_token_is_one_however_it_is_spelled(self):
        world = World("--rate-limit-token", "3")
        self.addCleanup(world.close)
        spelled = [f"{scheme} {world.admin.token}" for scheme in ("Bearer", "bearer", "BEARER ")] * 4
        statuses = [world.admin.get("/v1/apps", headers={"Authorization": one}).status for one in spelled]
        self.assertIn(429, statuses)

    def test_there_are_none_unless_they_are_set(self):
        world = World()
        self.addCleanup(world.close)
        answers = [world.admin.get("/v1/apps") for _ in range(50)]
        self.assertTrue(all(answer.status == 200 for answer in answers))
        self.assertNotIn("ratelimit-limit", answers[0].headers)


class Requests(Conventions):
    def test_the_id_of_a_request_is_taken_over_answered_and_recorded(self):
        answer = self.client.post("/v1/apps", app_fields("named"), headers={"X-Request-Id": "req-7"})
        self.assertEqual(answer.headers["x-request-id"], "req-7")
        self.assertEqual(events_of(self.client, answer.json["result"]["id"])[0]["request_id"], "req-7")

    def test_the_trace_of_a_request_is_recorded_and_passed_on(self):
        record = f"{self.world.directory.name}/traced.jsonl"
        with Receiver(record) as receiver:
            app = self.world.app(name="traced", url=receiver.url)["id"]
            answer = self.client.post("/v1/deployments", {"app": app}, headers={"traceparent": TRACE})
            deployment = answer.json["result"]["id"]
            self.assertEqual(events_of(self.client, deployment)[0]["traceparent"], TRACE)
            delivery = eventually(receiver.deliveries)[0]
        self.assertEqual(delivery["traceparent"], TRACE)

    def test_a_trace_that_is_none_is_left_out(self):
        for bad in ("00-xyz", TRACE.upper(), "ff" + TRACE[2:]):
            app = self.client.post("/v1/apps", app_fields(f"untraced-{len(self.names('untraced'))}"),
                                   headers={"traceparent": bad}).json["result"]["id"]
            self.assertNotIn("traceparent", events_of(self.client, app)[0])


if __name__ == "__main__":
    unittest.main()
