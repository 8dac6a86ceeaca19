"""A path is read in one way, whoever reads it; and a probe is answered whatever it accepts."""

import http.client
import itertools
import json
import unittest

from api_world import World

ACCEPTS = ("text/plain", "*/*;q=0", "application/xml", "text/html, image/*;q=0.1", "application/json;q=0", "q", "")


def setUpModule():
    global world
    world = World()


def tearDownModule():
    world.close()


def raw(target, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", world.server.port, timeout=30)
    connection.request("GET", target, headers={"Authorization": f"Bearer {world.admin.token}", **headers})
    response = connection.getresponse()
    found = response.status, response.headers, response.read()
    connection.close()
    return found


class Paths(unittest.TestCase):
    def refused(self, target):
        status, headers, body = raw(target)
        self.assertIn(status, (400, 404), target)
        self.assertEqual(headers["content-type"], "application/problem+json")
        self.assertEqual(json.loads(body)["status"], status)

    def test_an_encoded_separator_is_no_separator(self):
        for path in ("/v1/admin/dispatch", "/v1/apps", "/docs/docs.js", "/healthz"):
            self.assertEqual(raw(path)[0], 200)
            for coded in ("%2F", "%2f", "%5C", "%5c", "%252F", "%25%32%46", "%252f", "%c0%af", "%e0%80%af",
                          "%u2215", "%00/", "/%00", "/%2e/", "/%2E%2e/x/", "%2F/", "/%2F", "\\", "//", "/./",
                          "/x/../", ";/", "/;/", "%3B/", "%20/", "%09/", "%0d%0a/"):
                for at in (index for index, c in enumerate(path) if c == "/"):
                    target = path[:at] + coded + path[at + 1:]
                    if target.startswith("/"):
                        with self.subTest(target):
                            self.refused(target)

    def test_an_encoded_letter_is_no_letter(self):
        for path in ("/v1/admin/dispatch", "/healthz", "/docs/docs.js"):
            for at, double in itertools.product(range(1, len(path)), (False, True)):
                if path[at] == "/":
                    continue
                code = f"%25{ord(path[at]):02x}" if double else f"%{ord(path[at]):02X}"
                with self.subTest(path[:at] + code + path[at + 1:]):
                    self.refused(path[:at] + code + path[at + 1:])

    def test_what_ends_a_path_elsewhere_does_not_end_it_here(self):
        for tail in ("%3Fx=1", "%23x", "%3Bx", ";x=1", "/", "%2F", "/.", "/..", "%00", "%0A", "%20", "%2500", "."):
            with self.subTest(tail):
                self.refused("/v1/apps" + tail)

    def test_a_query_may_encode_anything(self):
        self.assertEqual(raw("/v1/apps?environment=%2F%2e%2e%5c%25%61%3b%23")[0], 200)
        self.assertEqual(raw("/v1/apps?%6eame=a")[0], 200)


class Probes(unittest.TestCase):
    def test_a_probe_is_answered_whatever_it_accepts(self):
        for path, media in (("/healthz", "application/json"), ("/readyz", "application/json"),
                            ("/metrics", "text/plain")):
            for accept in ACCEPTS:
                with self.subTest(path=path, accept=accept):
                    status, headers, body = raw(path, Accept=accept)
                    self.assertEqual((status, headers.get_content_type()), (200, media))
                    self.assertTrue(body)


if __name__ == "__main__":
    unittest.main()
