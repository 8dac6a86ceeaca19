"""Below a path, behind a reverse proxy, every link that the server makes leads back to it."""

import contextlib
import http.client
import http.server
import json
import pathlib
import subprocess
import tempfile
import threading
import unittest
import urllib.parse

from api_world import app_fields, schedule_fields
from processes import PROGRAMS, Receiver, Server, eventually

PREFIX = "/slipway"


class Proxy:
    """Forwards what lies below PREFIX to a server, without it, as nginx does with
    `location /slipway/ { proxy_pass http://server/; }`. All else is 404 without a word of ours."""

    def __enter__(self):
        proxy = self

        class Forward(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self):
                if not self.path.startswith(PREFIX + "/"):
                    self.send_error(404, "not ours")
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                upstream = http.client.HTTPConnection("127.0.0.1", proxy.upstream, timeout=30)
                upstream.request(self.command, self.path[len(PREFIX):], body, dict(self.headers))
                response = upstream.getresponse()
                self.send_response(response.status)
                for name, value in response.getheaders():
                    if name.lower() not in ("connection", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Connection", "close")
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # who reads may go
                    while piece := response.read1():
                        self.wfile.write(piece)
                        self.wfile.flush()
                upstream.close()
                self.close_connection = True

            do_GET = do_POST = do_PATCH = do_DELETE = do_HEAD = forward

            def log_message(self, *_):
                pass

        self.upstream = None
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Forward)
        self.server.daemon_threads = True
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}{PREFIX}"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def ask(self, method, url, token, body=None, team=None):
        """Status, headers and text of an answer to a whole URL."""
        parts = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        if team is not None:
            headers["Slipway-Team"] = team
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        found = response.status, response.headers, response.read().decode()
        connection.close()
        return found


class BelowAPath(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory()
        cls.proxy = Proxy().__enter__()
        cls.receiver = Receiver(f"{cls.directory.name}/deliveries.jsonl", "--answer", "202")
        # A slash at the end is none too many.
        cls.server = Server(f"{cls.directory.name}/data", "--public-url", cls.proxy.url + "/")
        cls.proxy.upstream = cls.server.port
        cls.token = cls.server.token()
        cls.team = cls.server.client().get("/v1/teams").json["result"][0]["id"]

    @classmethod
    def tearDownClass(cls):
        cls.server.kill()
        cls.receiver.__exit__()
        cls.proxy.__exit__()
        cls.directory.cleanup()

    def ask(self, method, url, body=None):
        return self.proxy.ask(method, url, self.token, body, self.team)

    def made(self, path, body):
        """Follows the Location of a new object, which is answered."""
        status, headers, text = self.ask("POST", self.proxy.url + path, body)
        self.assertEqual(status, 201, text)
        place = urllib.parse.urljoin(self.proxy.url + path, headers["Location"])
        self.assertTrue(place.startswith(f"{self.proxy.url}{path.partition('?')[0]}/"), place)
        status, _, found = self.ask("GET", place)
        self.assertEqual(status, 200, place)
        made = json.loads(text)["result"]
        self.assertEqual(json.loads(found)["result"]["id"], made["id"])
        return made

    def test_a_new_object_is_where_its_location_says(self):
        app = self.made("/v1/apps", app_fields("first", self.receiver.url))["id"]
        self.made(f"/v1/apps?source={app}", {"name": "second"})
        self.made("/v1/scheduled_deployments", schedule_fields(app))
        self.made("/v1/teams", {"name": "another"})
        self.made("/v1/credentials", {"name": "c", "kind": "bearer", "secret": "correct-horse",
                                      "origin": "https://example.com"})

    def test_a_target_reports_through_the_proxy(self):
        app = self.made("/v1/apps", app_fields("reports", self.receiver.url))["id"]
        run = self.made("/v1/deployments", {"app": app})["id"]
        callback = eventually(lambda: next((one["body"]["data"] for one in self.receiver.deliveries()
                                            if run in json.dumps(one)), None))
        self.assertEqual(callback["callback_url"], f"{self.proxy.url}/v1/deployments/{run}/complete")
        status, _, text = self.proxy.ask("POST", callback["callback_url"], callback["callback_token"],
                                         {"outcome": "succeeded"})
        self.assertEqual(status, 200, text)

    def test_the_description_names_the_place_of_the_api(self):
        status, headers, text = self.ask("GET", self.proxy.url + "/openapi.json")
        self.assertEqual(status, 200)
        servers = json.loads(text)["servers"]
        base = urllib.parse.urljoin(self.proxy.url + "/openapi.json", servers[0]["url"])
        self.assertEqual(base, self.proxy.url)
        self.assertEqual(self.ask("GET", base + "/v1/apps")[0], 200)
        # Another description has another tag.
        at_root = Server(f"{self.directory.name}/root")
        self.addCleanup(at_root.kill)
        plain = at_root.client().get("/openapi.json")
        self.assertEqual(plain.json["servers"], [{"url": "/"}])
        self.assertNotEqual(plain.headers["etag"], headers["ETag"])

    def test_the_page_finds_its_files(self):
        _, _, page = self.ask("GET", self.proxy.url + "/docs")
        for link in ("docs/swagger-ui.css", "docs/swagger-ui-bundle.js", "docs/docs.js", "openapi.json"):
            self.assertIn(f'"{link}"', page)
            self.assertEqual(self.ask("GET", urllib.parse.urljoin(self.proxy.url + "/docs", link))[0], 200)

    def test_no_refusal_has_a_link_that_leads_elsewhere(self):
        for method, path, status in (("GET", "/v1/apps/x", 404), ("DELETE", "/v1/apps", 405),
                                     ("GET", "/v1/nothing", 404), ("POST", "/v1/apps?colour=red", 422)):
            found, headers, text = self.ask(method, self.proxy.url + path, {})
            self.assertEqual(found, status)
            self.assertIsNone(headers.get("Location"))
            self.assertTrue(json.loads(text)["type"].startswith("urn:slipway:problem:"))

    def test_a_stream_comes_through(self):
        parts = urllib.parse.urlsplit(self.proxy.url)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        self.addCleanup(connection.close)
        headers = {"Authorization": f"Bearer {self.token}", "Slipway-Team": self.team}
        connection.request("GET", f"{PREFIX}/v1/events/stream?after=0", headers=headers)
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        lines = iter(response.readline, b"")
        self.assertTrue(next(line for line in lines if line.startswith(b"data: ")))


class Settings(unittest.TestCase):
    def test_what_is_no_public_url_ends_the_start(self):
        for url in ("ops.example.com", "ftp://ops.example.com", "https://", "https:///slipway",
                    "https://user@ops.example.com", "https://ops.example.com?x=1", "https://ops.example.com/a#b",
                    "https://ops.example.com/a?b", "https://ops.example.com/a//b", "https://ops.example.com/../a",
                    "https://ops.example.com/a%2Fb", "https://ops.example.com/a b", "https://ops.example.com/a\\b",
                    'https://ops.example.com/a"b', "https://ops.example.com:99999999/"):
            with self.subTest(url), tempfile.TemporaryDirectory() as directory:
                command = [PROGRAMS / "slipway-server", "run", "--data", f"{directory}/data", "--listen",
                           "127.0.0.1:0", "--public-url", url]
                done = subprocess.run(command, capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 64, done)
                self.assertIn("https://ops.example.com/slipway", done.stderr)
                self.assertFalse(pathlib.Path(f"{directory}/data").exists())


if __name__ == "__main__":
    unittest.main()
