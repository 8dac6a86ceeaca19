"""/openapi.json is the description, and /docs a page that shows it and loads nothing from elsewhere."""

import gzip
import html.parser
import http.client
import json
import os
import pathlib
import subprocess
import unittest
import urllib.parse

from api_world import DESCRIPTION, ApiTest, World, one_of_each
from openapi import ROOT, Description
from processes import PROGRAMS, Client

# What tools/setup.sh fetches, byte for byte.
RENDERER = ROOT / "server/assets/node_modules/swagger-ui-dist"


class Links(html.parser.HTMLParser):
    """What a page loads, and the elements that would have script or style of their own."""

    def __init__(self, text):
        super().__init__()
        self.loaded = []
        self.inline = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag in ("script", "link", "img", "iframe"):
            self.loaded.append(attrs.get("src") or attrs.get("href") or "")
        if (tag == "script" and "src" not in attrs) or tag == "style":
            self.inline.append(tag)
        self.inline += [name for name in attrs if name == "style" or name.startswith("on")]


class Docs(ApiTest):
    def setUp(self):
        # Nobody's token is needed.
        self.client = Client(self.world.server.port)
        self.addCleanup(self.client.close)

    def raw(self, path, **headers):
        """Status, headers and bytes: what Client takes for text may be gzip."""
        connection = http.client.HTTPConnection("127.0.0.1", self.world.server.port, timeout=120)
        self.addCleanup(connection.close)
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        connection.request("GET", path, headers=sent)
        response = connection.getresponse()
        named = {name.lower(): text for name, text in response.getheaders()}
        return response.status, named, response.read()

    def page(self):
        return Links(self.client.get("/docs").text)

    def files(self):
        loaded = ["/" + link for link in self.page().loaded if link != "data:,"]
        return ["/openapi.json", "/docs", *loaded]

    def test_the_description_is_the_one_in_the_sources(self):
        answer = self.client.get("/openapi.json")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        self.assertEqual(answer.json, Description.of_the_server().document)

    def test_the_page_loads_what_is_here_and_nothing_else(self):
        page = self.page()
        self.assertGreaterEqual(len(page.loaded), 4)
        self.assertEqual(page.inline, [])
        types = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8"}
        for link in page.loaded:
            if link == "data:,":
                continue
            with self.subTest(link):
                self.assertRegex(link, r"^docs/[\w.-]+$")
                answer = self.client.get("/" + link)
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.headers["content-type"], types[link.rsplit(".", 1)[1]])

    def test_the_renderer_is_as_it_was_fetched(self):
        for name in ("swagger-ui-bundle.js", "swagger-ui.css", "LICENSE.txt", "NOTICE.txt"):
            source = RENDERER / (name if (RENDERER / name).exists() else name.removesuffix(".txt"))
            self.assertEqual(self.raw(f"/docs/{name}")[2], source.read_bytes())

    def test_no_file_may_do_more_than_it_must(self):
        for path in self.files():
            with self.subTest(path):
                headers = self.client.get(path).headers
                rules = headers["content-security-policy"].split(";")
                policy = dict(rule.strip().split(" ", 1) for rule in rules)
                self.assertEqual(policy.pop("img-src"), "'self' data:")
                self.assertEqual(policy.pop("default-src"), "'none'")
                self.assertLessEqual(set(policy.values()), {"'self'", "'none'"})
                self.assertLessEqual({"base-uri", "form-action", "frame-ancestors"}, set(policy))
                self.assertEqual(headers["x-content-type-options"], "nosniff")
                self.assertEqual(headers["referrer-policy"], "no-referrer")
                self.assertEqual(headers["cache-control"], "no-cache")

    def test_what_a_reader_has_is_not_sent_again(self):
        for path in self.files():
            with self.subTest(path):
                tag = self.client.get(path).headers["etag"]
                again = self.client.get(path, headers={"If-None-Match": tag})
                self.assertEqual((again.status, again.text, again.headers["etag"]), (304, "", tag))
                self.assertEqual(again.headers["cache-control"], "no-cache")
                other = self.client.get(path, headers={"If-None-Match": '"other"'})
                self.assertEqual(other.status, 200)

    def test_gzip_is_sent_to_those_who_accept_it(self):
        for path in self.files():
            with self.subTest(path):
                _, plain_headers, plain = self.raw(path, Accept_Encoding="identity")
                self.assertNotIn("content-encoding", plain_headers)
                for accepted in ("gzip", "br;q=1.0, gzip;q=0.8", "deflate , gzip"):
                    _, headers, packed = self.raw(path, Accept_Encoding=accepted)
                    if "content-encoding" in headers:
                        self.assertEqual(gzip.decompress(packed), plain)
                        self.assertLess(len(packed), len(plain))
                        self.assertNotEqual(headers["etag"], plain_headers["etag"])
                    self.assertEqual(headers["vary"], "Accept-Encoding")
                for refused in ("br", "gzip;q=0", "gzip; q=0.000", "xgzip", "gzippy", ""):
                    self.assertNotIn("content-encoding", self.raw(path, Accept_Encoding=refused)[1])
        self.assertEqual(self.raw("/openapi.json", Accept_Encoding="gzip")[1]["content-encoding"], "gzip")

    def test_a_browser_is_answered_whatever_it_accepts(self):
        for path in self.files():
            for accepted in ("text/html,application/xhtml+xml;q=0.9", "text/css", "image/avif"):
                answer = self.client.get(path, headers={"Accept": accepted})
                self.assertEqual(answer.status, 200)

    def test_a_head_is_answered_without_the_bytes(self):
        answer = self.client.request("HEAD", "/docs/docs.js")
        self.assertEqual((answer.status, answer.text), (200, ""))
        self.assertGreater(int(answer.headers["content-length"]), 100)

    def test_there_is_nothing_else(self):
        for path in ("/docs/", "/docs/x", "/docs/docs.html", "/docs/../openapi.json",
                     "/openapi.yaml", "/docs/docs.js/x"):
            with self.subTest(path):
                self.assertEqual(self.client.get(path).status, 404)
        self.assertEqual(self.client.post("/docs").status, 405)


class TryItOut(unittest.TestCase):
    """The page in a browser, as somebody finds it who opens it for the first time."""

    # Each list, and the command that shows the same.
    LISTS = {"list_apps": ("apps", "list"), "list_schedules": ("schedules", "list"),
             "list_deployments": ("deployments", "list"), "list_teams": ("teams", "list"),
             "list_tokens": ("tokens", "list"), "list_invitations": ("invitations", "list"),
             "list_credentials": ("credentials", "list"), "list_events": ("events", "list")}

    def setUp(self):
        self.world = World()
        self.addCleanup(self.world.close)
        self.client = self.world.admin

    def execute(self, *operations):
        """What was sent and came back as each operation was executed as it stood there."""
        command = ["node", pathlib.Path(__file__).parent / "browser/docs.mjs", f"{self.world.server.url}/docs",
                   self.client.token, *operations]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)["exchanges"]

    def listed(self, *words):
        """What the command line client shows."""
        environment = {**os.environ, "SLIPWAY_URL": self.world.server.url, "SLIPWAY_TOKEN": self.client.token,
                       "HOME": self.world.directory.name}
        done = subprocess.run([PROGRAMS / "slipway", *words, "--json"], capture_output=True, text=True,
                              env=environment, timeout=60)
        self.assertEqual(done.returncode, 0, (words, done))
        return json.loads(done.stdout)["result"]

    def test_a_list_shows_what_there_is(self):
        one_of_each(self.client, self.world.accepting(), name="shown")
        gets = [one.name for one in DESCRIPTION.operations if one.name.startswith("list_")]
        self.assertEqual(set(gets), set(self.LISTS))
        for exchange in self.execute(*gets):
            with self.subTest(exchange["name"]):
                self.assertEqual(exchange["status"], 200, exchange)
                shown = json.loads(exchange["body"])["result"]
                self.assertTrue(shown)
                ids = [one.get("id", one.get("position")) for one in shown]
                listed = [one.get("id", one.get("position")) for one in self.listed(*self.LISTS[exchange["name"]])]
                self.assertEqual(ids, listed)
                # Nothing is asked for that nobody typed, but for what means the same as nothing.
                operation = next(one for one in DESCRIPTION.operations if one.name == exchange["name"])
                defaults = {one["name"]: DESCRIPTION.followed(one["schema"]).get("default")
                            for one in operation.parameters}
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(exchange["url"]).query))
                for name, text in query.items():
                    self.assertEqual(json.dumps(defaults[name]).strip('"'), text, exchange["url"])
                known = {one["name"].lower() for one in operation.parameters if one["in"] == "header"}
                self.assertEqual(known & set(exchange["sent"]), set())

    def test_a_change_that_is_tried_twice_has_two_keys(self):
        exchanges = self.execute("create_team", "create_team", "preview_schedule", "create_app", "create_app")
        keys = [exchange["sent"]["idempotency-key"] for exchange in exchanges]
        self.assertEqual(len(set(keys)), len(keys))
        for key in keys:
            self.assertRegex(key, r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
        codes = [json.loads(exchange["body"]).get("code") for exchange in exchanges]
        self.assertEqual([exchange["status"] for exchange in exchanges[:2]], [201, 201])
        self.assertNotIn("idempotency_key_reused", codes)


if __name__ == "__main__":
    unittest.main()
