"""What becomes of authority that was given: tokens of a user are revoked, streams end with them, and what an
admin looks at is on record."""

import base64
import hashlib
import hmac
import json
import time
import unittest

from api_world import ApiTest, app_fields, events_of
from event_stream_test import Stream

LEAVER = "user_01h455vb4pex5vsknk084sn02q"
OTHER = "user_01h455vb4pex5vsknk084sn02r"
UNDATED = "user_01h455vb4pex5vsknk084sn02v"
ISSUER = "user_01h455vb4pex5vsknk084sn02w"
ADMIN = "user_01h455vb4pex5vsknk084sn02s"
SECOND_ADMIN = "user_01h455vb4pex5vsknk084sn02t"


def signed(server, **claims):
    """A token with a good signature that says just `claims`."""
    secret = (server.data / "jwt_secret").read_bytes()
    parts = [{"alg": "HS256", "typ": "JWT"}, {"exp": int(time.time()) + 3600, **claims}]
    text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts)
    signature = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return text + "." + base64.urlsafe_b64encode(signature).rstrip(b"=").decode()


class Authority(ApiTest):
    def client_with(self, token):
        client = self.world.server.client(token)
        self.addCleanup(client.close)
        return client

    def minted(self, user, *options):
        return self.world.server.token("--user", user, *options)

    def revoke(self, user, client=None, **body):
        return (client or self.client).post(f"/v1/admin/users/{user}/revoke_tokens", body)

    def joined(self, user, role="deployer"):
        path = f"/v1/teams/{self.world.team}/members"
        self.assertIn(self.client.post(path, {"user": user, "role": role}).status, (201, 409))
        return f"{path}/{user}"


class Revocation(Authority):
    def test_ends_every_token_that_the_user_has_and_none_that_is_made_later(self):
        self.joined(LEAVER)
        self.joined(OTHER)
        old = [self.minted(LEAVER), self.minted(LEAVER, "--team", self.world.team), self.minted(LEAVER, "--admin")]
        bystander = self.client_with(self.minted(OTHER))
        for token in old:
            self.assertEqual(self.client_with(token).get("/v1/apps").status, 200)
        answer = self.revoke(LEAVER, reason="left the company")
        self.assertEqual(answer.status, 200, answer)
        self.assertEqual(answer.json["result"]["user"], LEAVER)
        for token in old:
            refused = self.client_with(token).get("/v1/apps")
            self.assertEqual((refused.status, refused.json["code"]), (401, "unauthorized"))
            self.assertIn("revoked", refused.json["detail"])
            self.assertIn('error="invalid_token"', refused.headers["www-authenticate"])
        self.assertEqual(bystander.get("/v1/apps").status, 200)
        self.assertEqual(self.client_with(self.minted(LEAVER)).get("/v1/apps").status, 200)

    def test_is_an_event_of_the_server_and_survives_a_restart(self):
        token = self.minted(LEAVER)
        self.assertEqual(self.revoke(LEAVER, reason="stolen laptop").status, 200)
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        self.client.port = self.world.server.port
        self.assertEqual(self.client_with(token).get("/v1/apps").status, 401)
        lines = self.client.get("/v1/admin/log").text.splitlines()
        last = [one for one in map(json.loads, lines) if one["type"] == "UserTokensRevoked"][-1]
        self.assertEqual((last["stream"], last["team"]), ("server", None))
        self.assertEqual((last["data"]["user"], last["data"]["note"]), (LEAVER, "stolen laptop"))

    def test_takes_tokens_that_do_not_say_when_they_were_issued(self):
        self.joined(UNDATED)
        undated = signed(self.world.server, sub=UNDATED)
        early = signed(self.world.server, sub=UNDATED, iat=int(time.time()) - 60)
        later = signed(self.world.server, sub=UNDATED, iat=int(time.time()) + 60)
        for token in (undated, early, later):
            self.assertEqual(self.client_with(token).get("/v1/apps").status, 200)
        self.assertEqual(self.revoke(UNDATED).status, 200)
        for token, status in ((undated, 401), (early, 401), (later, 200)):
            self.assertEqual(self.client_with(token).get("/v1/apps").status, status)

    def test_takes_the_admin_from_a_member_who_was_removed(self):
        path = self.joined(ADMIN)
        admin = self.client_with(self.minted(ADMIN, "--admin"))
        self.assertEqual(admin.get("/v1/admin/dispatch").status, 200)
        self.assertEqual(self.client.request("DELETE", path).status, 200)
        self.assertEqual(admin.get("/v1/admin/dispatch").status, 200, "the claim is the token's")
        self.assertEqual(self.revoke(ADMIN).status, 200)
        for method, target in (("GET", "/v1/admin/dispatch"), ("GET", "/v1/admin/log"), ("GET", "/metrics"),
                               ("GET", "/v1/teams"), ("POST", f"/v1/teams/{self.world.team}/members")):
            with self.subTest(target):
                self.assertEqual(admin.request(method, target, {} if method == "POST" else None).status, 401)

    def test_ends_streams_that_are_open(self):
        self.joined(LEAVER)
        leaver = self.client_with(self.minted(LEAVER))
        head = events_of(self.client)[-1]["position"]
        stream = Stream(leaver, f"?after={head}")
        self.addCleanup(stream.close)
        self.world.app(name="seen-by-the-leaver")
        self.assertEqual(stream.next()["type"], "AppCreated")
        self.assertEqual(self.revoke(LEAVER).status, 200)
        self.assertIsNone(stream.next(), "it ends, though no event of the team comes")

    def test_leaves_the_api_tokens_of_the_team(self):
        self.joined(ISSUER, "owner")
        made = self.client_with(self.minted(ISSUER)).post("/v1/tokens", {"name": "ci", "role": "viewer"})
        self.assertEqual(self.revoke(ISSUER).status, 200)
        self.assertEqual(self.client_with(made.json["result"]["secret"]).get("/v1/apps").status, 200)

    def test_is_for_admins_and_says_what_is_wrong(self):
        owner = self.client_with(self.minted(OTHER))
        self.assertEqual(self.revoke(LEAVER, owner).status, 403)
        self.assertEqual(self.revoke("user_1").json["code"], "user_not_found")
        refused = self.revoke(LEAVER, reason=7, why="x")
        self.assertEqual([one["pointer"] for one in refused.json["errors"]], ["/reason", "/why"])


class ReadByAdmin(Authority):
    def setUp(self):
        self.owner = self.client_with(self.minted(OTHER))
        made = self.owner.post("/v1/teams", {"name": "private"})
        self.assertEqual(made.status, 201, made)
        self.team = made.json["result"]["id"]
        self.path = f"/v1/teams/{self.team}"

    def reads(self):
        owner = self.client_with(self.minted(OTHER, "--team", self.team))
        return [(one["data"]["admin"], one["team"]) for one in events_of(owner) if one["type"] == "TeamReadByAdmin"]

    def test_is_on_record_once_an_hour_for_each_admin(self):
        admins = [self.client_with(self.minted(user, "--admin")) for user in (ADMIN, SECOND_ADMIN)]
        for admin in (*admins, *admins):
            self.assertEqual(admin.get(self.path).status, 200)
        self.assertEqual(self.reads(), [(ADMIN, self.team), (SECOND_ADMIN, self.team)])
        self.assertEqual(admins[0].request("HEAD", self.path).status, 200)
        self.assertEqual(len(self.reads()), 2)

    def test_is_not_of_members_nor_of_who_may_not(self):
        self.assertEqual(self.owner.get(self.path).status, 200)
        stranger = self.client_with(self.minted(LEAVER))
        self.assertEqual(stranger.get(self.path).status, 404)
        admin = self.client_with(self.minted(ADMIN, "--admin"))
        for path in ("/v1/admin/dispatch", "/metrics", "/healthz", "/readyz", "/v1/teams"):
            self.assertEqual(admin.get(path).status, 200, path)
        self.assertEqual(admin.get("/v1/apps", headers={"Slipway-Team": self.team}).status, 403)
        self.assertEqual(self.reads(), [])

    def test_is_on_record_too_where_a_change_changes_nothing(self):
        admin = self.client_with(self.minted(ADMIN, "--admin"))
        same = admin.patch(f"{self.path}/members/{OTHER}", {"role": "owner"})
        self.assertEqual(same.status, 200)
        self.assertIn("members", same.json["result"])
        self.assertEqual(self.reads(), [(ADMIN, self.team)])

    def test_shows_the_version_that_the_record_made(self):
        admin = self.client_with(self.minted(ADMIN, "--admin"))
        read = admin.get(self.path)
        self.assertEqual(read.headers["etag"], self.owner.get(self.path).headers["etag"])


if __name__ == "__main__":
    unittest.main()
