"""What cannot be called is refused when it is named, and not when it is due."""

import unittest

from api_world import ApiTest, World, app_fields

PRIVATE = [
    "https://169.254.169.254/x", "https://10.0.0.1/", "https://127.0.0.1/", "https://[::1]/", "https://[fd00::1]/x",
    "https://[::ffff:10.0.0.1]/", "https://192.168.0.1:8443/x", "https://0.0.0.0/",
]
NOWHERE = [
    "https://[::1", "https://.../x", "https://-a/x", "https://a%2eb/x", "https://a..b/", "https://0x7f000001/",
    "https://2130706433/", "https://0177.0.0.1/", "https://127.1/", "https://[fe80::1%25eth0]/x", "https://256.1.1.1/",
    "https://1\u30020\u30020\u30021/",
]


class Targets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World(plain=False)
        cls.client = cls.world.admin

    @classmethod
    def tearDownClass(cls):
        cls.world.close()

    def refused(self, answer, url):
        self.assertEqual(answer.status, 422, url)
        self.assertEqual([error["pointer"] for error in answer.json["errors"]], ["/target/url"], answer)

    def test_on_addresses_that_are_not_public_are_refused_by_every_call_that_names_one(self):
        app = self.world.app(name="public", url="https://deploy.example.com/x")["id"]
        for url in PRIVATE + NOWHERE:
            with self.subTest(url):
                target = {"target": {"kind": "webhook", "url": url}}
                self.refused(self.client.post("/v1/apps", app_fields("private", url)), url)
                self.refused(self.client.patch(f"/v1/apps/{app}", target), url)
                self.refused(self.client.post(f"/v1/apps?source={app}", target), url)

    def test_on_public_addresses_and_with_schemes_in_any_case_are_accepted(self):
        for number, url in enumerate(["https://8.8.8.8/x", "https://[2606:4700::1111]/x", "HTTPS://Deploy.Example.com/x"]):
            app = self.world.app(name=f"good-{number}", url=url)
            self.assertEqual(app["target"]["url"], url)

    def test_in_the_clear_are_refused_in_any_case(self):
        self.refused(self.client.post("/v1/apps", app_fields("clear", "HTTP://deploy.example.com/x")), "HTTP")


class PrivateTargets(ApiTest):
    def test_are_accepted_where_the_settings_allow_them(self):
        for number, url in enumerate(PRIVATE):
            self.assertEqual(self.world.app(name=f"private-{number}", url=url)["target"]["url"], url)

    def test_that_cannot_be_called_are_refused_all_the_same(self):
        for url in NOWHERE:
            with self.subTest(url):
                answer = self.client.post("/v1/apps", app_fields("nowhere", url))
                self.assertEqual((answer.status, answer.json["errors"][0]["pointer"]), (422, "/target/url"))


if __name__ == "__main__":
    unittest.main()
