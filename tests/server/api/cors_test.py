"""Pages of the origins that the settings name may use the API from a browser, and others may not."""

import http.client
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest

from api_world import DESCRIPTION, World, app_fields, one_of_each, target_of
from processes import PROGRAMS

ORIGIN = "https://ui.example.com"
OTHER = "http://localhost:3000"
BROWSER = pathlib.Path(__file__).parent / "browser"
REQUEST_HEADERS = {"authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "slipway-team",
                   "slipway-min-position", "traceparent", "x-request-id", "last-event-id"}
EXPOSED = {"etag", "location", "slipway-position", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset",
           "retry-after", "idempotency-replayed", "x-request-id"}


def names(text):
    return {name.strip().lower() for name in text.split(",")}


def raw(port, method, target, headers=None, body=None):
    """Status, and headers as a list: some stand twice. Of a stream that does not end it is the head."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, target, body=body, headers=headers or {})
    response = connection.getresponse()
    found = response.status, [(name.lower(), value) for name, value in response.getheaders()]
    connection.close()
    return found


def preflight(port, target, origin, method="POST", asked="authorization,idempotency-key"):
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": asked}
    status, found = raw(port, "OPTIONS", target, headers)
    return status, dict(found)


class Cors(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World("--cors-origin", ORIGIN, "--cors-origin", OTHER, "--rate-limit-token", "10000")
        cls.ids = {**one_of_each(cls.world.admin, cls.world.accepting()), "file": "docs.js"}
        cls.port = cls.world.server.port

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def test_every_route_answers_a_preflight(self):
        for operation in DESCRIPTION.operations:
            for origin in (ORIGIN, OTHER):
                with self.subTest(operation=operation.name, origin=origin):
                    status, headers = preflight(self.port, target_of(operation, self.ids), origin, operation.method)
                    self.assertEqual(status, 204)
                    self.assertEqual(headers["access-control-allow-origin"], origin)
                    self.assertEqual(headers["vary"], "Origin")
                    self.assertIn(operation.method.lower(), names(headers["access-control-allow-methods"]))
                    self.assertLessEqual(REQUEST_HEADERS, names(headers["access-control-allow-headers"]))
                    self.assertGreater(int(headers["access-control-max-age"]), 0)
                    self.assertNotIn("content-length", headers)
                    self.assertNotIn("access-control-allow-credentials", headers)

    def test_a_connection_goes_on_after_a_preflight(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("OPTIONS", "/v1/apps", headers={"Origin": ORIGIN,
                                                               "Access-Control-Request-Method": "GET"})
            response = connection.getresponse()
            self.assertEqual((response.status, response.read()), (204, b""))

    def test_another_origin_is_told_nothing(self):
        for origin in ("https://evil.example", "https://ui.example.com.evil.example", "https://ui.example.com:8443",
                       "http://ui.example.com", "HTTPS://UI.EXAMPLE.COM", "https://ui.example.com/", "null", "*",
                       "https://ui.example.co", ""):
            with self.subTest(origin):
                status, headers = preflight(self.port, "/v1/apps", origin)
                self.assertEqual(status, 405)
                self.assertEqual([name for name in headers if name.startswith("access-control")], [])
                self.assertEqual(headers["vary"], "Origin")
                _, found = raw(self.port, "GET", "/healthz", {"Origin": origin})
                self.assertEqual([name for name, _ in found if name.startswith("access-control")], [])
                self.assertIn(("vary", "Origin"), found)

    def test_two_origins_at_once_are_none(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        self.addCleanup(connection.close)
        connection.putrequest("GET", "/healthz")
        connection.putheader("Origin", ORIGIN)
        connection.putheader("Origin", "https://evil.example")
        connection.endheaders()
        self.assertIsNone(connection.getresponse().headers["access-control-allow-origin"])

    def test_options_without_a_question_is_no_preflight(self):
        status, headers = raw(self.port, "OPTIONS", "/v1/apps", {"Origin": ORIGIN})
        self.assertEqual(status, 405)
        self.assertIn(("access-control-allow-origin", ORIGIN), headers)
        self.assertEqual(preflight(self.port, "/v1/nothing", ORIGIN)[0], 404)

    def test_every_answer_may_be_read(self):
        token = {"Authorization": f"Bearer {self.world.admin.token}"}
        body = json.dumps(app_fields("cors"))
        typed = {**token, "Content-Type": "application/json", "Idempotency-Key": "cors"}
        for method, target, headers, sent, expected in (
                ("GET", "/healthz", {}, None, 200), ("GET", "/v1/apps", token, None, 200),
                ("HEAD", "/v1/apps", token, None, 200), ("POST", "/v1/apps", typed, body, 201),
                ("POST", "/v1/apps", typed, body, 201), ("POST", "/v1/apps", token, body, 415),
                ("GET", "/v1/apps", {}, None, 401), ("GET", "/v1/apps", {**token, "Slipway-Team": "x"}, None, 403),
                ("GET", "/v1/apps/x", token, None, 404), ("PUT", "/v1/apps", token, None, 405),
                ("GET", "/v1/apps", {**token, "Accept": "text/html"}, None, 406),
                ("POST", "/v1/apps", {**typed, "Idempotency-Key": "b"}, "{", 400),
                ("POST", "/v1/apps", {**typed, "Idempotency-Key": "c"}, "{}", 422),
                ("POST", "/v1/apps", {**typed, "Idempotency-Key": "d"}, b" " * (2 << 20), 413),
                ("GET", "/v1/apps?" + "x" * 9_000, token, None, 414),
                ("GET", "/v1/apps", {**token, "Expect": "x"}, None, 417),
                ("GET", "/v1%2Fapps", token, None, 400),
                ("GET", f"/v1/apps/{self.ids['AppId']}", {**token, "If-None-Match": '"1"'}, None, 304),
                ("GET", "/v1/events/stream", token, None, 200), ("GET", "/docs", {}, None, 200),
                ("GET", "/openapi.json", {}, None, 200), ("GET", "/v1/admin/log", token, None, 200),
        ):
            with self.subTest(method=method, target=target[:40], expected=expected):
                status, found = raw(self.port, method, target, {**headers, "Origin": ORIGIN}, sent)
                self.assertEqual(status, expected)
                self.assertEqual(dict(found)["access-control-allow-origin"], ORIGIN)
                self.assertIn(("vary", "Origin"), found)
                self.assertLessEqual(EXPOSED, names(dict(found)["access-control-expose-headers"]))
                self.assertNotIn("access-control-allow-credentials", dict(found))

    def test_a_browser_shows_the_answers_to_pages_that_are_named_only(self):
        for origin_is_named in (True, False):
            with self.subTest(origin_is_named), Page() as page:
                options = ("--cors-origin", page.origin) if origin_is_named else ("--cors-origin", ORIGIN)
                world = World(*options)
                self.addCleanup(world.close)
                self.ask_from(page, world, origin_is_named)

    def ask_from(self, page, world, is_named):
        url = world.server.url
        token = {"Authorization": f"Bearer {world.admin.token}"}
        change = {**token, "Content-Type": "application/json", "Idempotency-Key": "from-a-page"}
        made = {"method": "POST", "headers": change, "body": json.dumps(app_fields("from-a-page"))}
        requests = [
            [f"{url}/v1/apps", made], [f"{url}/v1/apps", made],
            [f"{url}/v1/apps", {"headers": token}],
            [f"{url}/v1/apps", {}],
            [f"{url}/v1/events/stream", {"headers": {**token, "Last-Event-ID": "0"}}],
            [f"{url}/v1/teams/{world.team}", {"method": "PUT", "headers": token}],
        ]
        done = subprocess.run(["node", BROWSER / "fetch.mjs", page.origin + "/", json.dumps(requests)],
                              capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        answers = json.loads(done.stdout)["answers"]
        if not is_named:
            self.assertEqual([set(answer) for answer in answers], [{"error"}] * len(requests))
            self.assertEqual(world.admin.get("/v1/apps").json["result"], [])
            return
        statuses = [answer.get("status") for answer in answers]
        # PUT is no method of a team: the preflight does not allow it.
        self.assertEqual(statuses, [201, 201, 200, 401, 200, None], answers)
        self.assertEqual(answers[1]["headers"]["idempotency-replayed"], "true")
        self.assertEqual(answers[0]["headers"]["etag"], '"1"')
        self.assertTrue(answers[0]["headers"]["location"].startswith("/v1/apps/app_"))
        self.assertEqual(len(json.loads(answers[2]["text"])["result"]), 1)
        self.assertEqual(json.loads(answers[3]["text"])["code"], "unauthorized")
        self.assertIn("www-authenticate", answers[3]["headers"])
        self.assertTrue(answers[4]["text"])


class Page:
    """A page of another origin: an empty one, on a port of its own."""

    def __enter__(self):
        class Empty(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(b"<!DOCTYPE html><title>a page</title>")

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Empty)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Settings(unittest.TestCase):
    def test_none_is_said_where_none_is_set(self):
        world = World()
        self.addCleanup(world.close)
        self.assertEqual(preflight(world.server.port, "/v1/apps", ORIGIN)[0], 405)
        for target in ("/healthz", "/v1/apps", "/v1/nothing"):
            found = raw(world.server.port, "GET", target, {"Origin": ORIGIN})[1]
            self.assertEqual([name for name, _ in found if name == "vary" or name.startswith("access")], [])

    def test_what_is_no_origin_ends_the_start(self):
        for origin in ("*", "null", "ui.example.com", "https://ui.example.com/", "https://ui.example.com/x",
                       "https://UI.example.com", "https://ui.example.com:443", "http://ui.example.com:80",
                       "https://user@ui.example.com", "ftp://ui.example.com", "https://", "https://*.example.com ",
                       "https://ui.example.com?x", ""):
            with self.subTest(origin), tempfile.TemporaryDirectory() as directory:
                command = [PROGRAMS / "slipway-server", "run", "--data", f"{directory}/data", "--listen",
                           "127.0.0.1:0", "--cors-origin", origin]
                done = subprocess.run(command, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 64, done)
                self.assertIn("https://ui.example.com", done.stderr)
                self.assertFalse(pathlib.Path(f"{directory}/data").exists())


if __name__ == "__main__":
    unittest.main()
