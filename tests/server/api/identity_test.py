"""Who may ask: API tokens and invitations, made once, shown once, and gone when they are revoked."""

import unittest

from api_world import ApiTest, app_fields, events_of

BOB = "user_01h455vb4pex5vsknk084sn02q"
EVE = "user_01h455vb4pex5vsknk084sn02r"


class Identity(ApiTest):
    def made(self, path, **fields):
        answer = self.client.post(path, fields)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["result"]

    def with_token(self, secret):
        client = self.world.server.client(secret)
        self.addCleanup(client.close)
        return client

    def user(self, user):
        client = self.world.client_of(user)
        self.addCleanup(client.close)
        return client

    def refused(self, answer, status, code):
        self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)


class ApiTokens(Identity):
    def test_act_for_their_team_in_their_role(self):
        app = self.world.app(name="owned")["id"]
        viewer = self.with_token(self.made("/v1/tokens", name="dashboard", role="viewer")["secret"])
        self.assertEqual(viewer.get(f"/v1/apps/{app}").status, 200)
        self.refused(viewer.post("/v1/apps", app_fields("no")), 403, "forbidden")
        deployer = self.with_token(self.made("/v1/tokens", name="pipeline", role="deployer")["secret"])
        self.assertEqual(deployer.post("/v1/apps", app_fields("by-pipeline")).status, 201)
        self.refused(deployer.get("/v1/tokens"), 403, "forbidden")
        self.refused(deployer.get("/v1/admin/dispatch"), 403, "forbidden")

    def test_are_named_in_what_they_did(self):
        token = self.made("/v1/tokens", name="audited", role="deployer")
        app = self.with_token(token["secret"]).post("/v1/apps", app_fields("audited")).json["result"]
        actor = events_of(self.client, app["id"])[0]["actor"]
        self.assertEqual((actor["kind"], actor["token"]), ("user", token["id"]))

    def test_are_shown_once_and_kept_nowhere(self):
        token = self.made("/v1/tokens", name="secret", role="viewer")
        self.assertRegex(token["secret"], "^slp_[A-Za-z0-9_-]{43}$")
        listed = next(one for one in self.client.get("/v1/tokens").json["result"] if one["id"] == token["id"])
        self.assertEqual(listed, {name: value for name, value in token.items() if name != "secret"})
        self.assertNotIn(token["secret"], str(events_of(self.client)))
        for path in self.world.server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(token["secret"].encode(), path.read_bytes(), path)

    def test_with_a_key_are_made_once_and_the_disk_does_not_know_them(self):
        body = {"name": "once", "role": "viewer"}
        key = {"Idempotency-Key": "token-1"}
        first = self.client.post("/v1/tokens", body, headers=key)
        again = self.client.post("/v1/tokens", body, headers=key)
        self.assertEqual((first.status, first.text), (201, again.text))
        for path in self.world.server.data.rglob("*"):
            if path.is_file():
                self.assertNotIn(first.json["result"]["secret"].encode(), path.read_bytes(), path)

    def test_survive_a_restart_and_not_their_revocation(self):
        token = self.made("/v1/tokens", name="revoked", role="viewer")
        client = self.with_token(token["secret"])
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        client = self.with_token(token["secret"])
        self.assertEqual(client.get("/v1/apps").status, 200)
        self.assertEqual(self.client.request("DELETE", f"/v1/tokens/{token['id']}").status, 200)
        self.refused(client.get("/v1/apps"), 401, "unauthorized")
        self.refused(self.client.request("DELETE", f"/v1/tokens/{token['id']}"), 404, "token_not_found")

    def test_of_another_team_cannot_be_seen_or_revoked(self):
        token = self.made("/v1/tokens", name="ours", role="viewer")
        eve = self.user(EVE)
        team = eve.post("/v1/teams", {"name": "rivals"}).json["result"]["id"]
        self.assertEqual(eve.get("/v1/tokens").json["result"], [])
        self.refused(eve.request("DELETE", f"/v1/tokens/{token['id']}"), 404, "token_not_found")
        client = self.with_token(token["secret"])
        self.refused(client.get("/v1/apps", headers={"Slipway-Team": team}), 403, "not_a_member")
        self.refused(client.get(f"/v1/teams/{team}"), 404, "team_not_found")

    def test_do_nothing_that_a_user_does_for_themselves(self):
        owner = self.with_token(self.made("/v1/tokens", name="owner", role="owner")["secret"])
        self.refused(owner.post("/v1/teams", {"name": "mine"}), 403, "forbidden")
        self.refused(owner.post("/v1/invitations/accept", {"secret": "inv_x"}), 403, "forbidden")
        self.assertEqual([team["id"] for team in owner.get("/v1/teams").json["result"]], [self.world.team])

    def test_name_every_bad_field(self):
        answer = self.client.post("/v1/tokens", {"name": " ", "role": "king", "expires_in_days": 0, "x": 1})
        self.assertEqual(answer.status, 422)
        self.assertCountEqual([error["pointer"] for error in answer.json["errors"]],
                              ["/name", "/role", "/expires_in_days", "/x"])
        answer = self.client.post("/v1/tokens", {"name": " ", "role": "viewer", "expires_in_days": 9_999})
        self.assertCountEqual([error["pointer"] for error in answer.json["errors"]],
                              ["/name", "/expires_in_days"])


class Invitations(Identity):
    def test_make_a_member_once(self):
        invitation = self.made("/v1/invitations", email="bob@example.org", role="deployer")
        bob = self.user(BOB)
        self.refused(bob.get("/v1/apps"), 403, "team_needed")
        answer = bob.post("/v1/invitations/accept", {"secret": invitation["secret"], "name": "Bob"})
        self.assertEqual(answer.status, 200, answer)
        member = next(one for one in answer.json["result"]["members"] if one["user"] == BOB)
        self.assertEqual((member["role"], member["name"]), ("deployer", "Bob"))
        self.assertEqual(bob.get("/v1/apps").status, 200)
        eve = self.user(EVE)
        again = eve.post("/v1/invitations/accept", {"secret": invitation["secret"]})
        self.refused(again, 404, "invitation_not_found")
        self.assertEqual(self.client.get("/v1/invitations").json["result"], [])

    def test_are_gone_when_they_are_revoked(self):
        invitation = self.made("/v1/invitations", role="viewer")
        listed = self.client.get("/v1/invitations").json["result"]
        self.assertEqual([one["id"] for one in listed], [invitation["id"]])
        self.assertNotIn("secret", listed[0])
        self.assertEqual(self.client.request("DELETE", f"/v1/invitations/{invitation['id']}").status, 200)
        answer = self.user(EVE).post("/v1/invitations/accept", {"secret": invitation["secret"]})
        self.refused(answer, 404, "invitation_not_found")

    def test_nobody_is_made_a_member_who_did_not_ask(self):
        mallory = self.user("user_01h455vb4pex5vsknk084sn02s")
        team = mallory.post("/v1/teams", {"name": "trap"}).json["result"]["id"]
        answer = mallory.post(f"/v1/teams/{team}/members", {"user": BOB, "role": "viewer"})
        self.refused(answer, 403, "forbidden")
        self.assertEqual(mallory.post(f"/v1/teams/{team}/members", {"name": "New", "role": "viewer"}).status, 201)

    def test_name_every_bad_field(self):
        answer = self.client.post("/v1/invitations", {"email": "no", "role": "viewer", "expires_in_days": 31})
        self.assertCountEqual([error["pointer"] for error in answer.json["errors"]],
                              ["/email", "/expires_in_days"])


if __name__ == "__main__":
    unittest.main()
