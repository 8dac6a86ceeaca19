"""Credentials of targets: shown to the target that they are for, and to nobody else, ever again."""

import base64
import contextlib
import http.server
import json
import threading
import unittest

from api_world import ApiTest, World, app_fields, events_of
from processes import eventually, run_program

SECRET = "correct-horse-battery-staple"
SECOND = "another-horse-battery-staple"
PASSWORD = "päss wörd of the pipeline"


class Target:
    """A webhook target that keeps the headers it was shown, and answers with all of them."""

    def __init__(self, status=200):
        seen = self.seen = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["Content-Length"]))
                seen.append(dict(self.headers))
                told = [base64.b64decode(value.split()[1]).decode()
                        for value in self.headers.values() if value.startswith("Basic ")]
                body = json.dumps([dict(self.headers), told]).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.url = f"{self.origin}/deploy"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Credentials(ApiTest):
    def target(self, status=200):
        target = Target(status)
        self.addCleanup(target.close)
        return target

    def keys(self):
        return {path.name for path in (self.world.server.data / "credential_keys").iterdir()}

    def stored(self, name, origin, **more):
        fields = {"name": name, "kind": "bearer", "origin": origin, "secret": SECRET, **more}
        answer = self.client.post("/v1/credentials", fields)
        self.assertEqual(answer.status, 201, answer)
        return answer.json["result"]

    def app_with(self, credential, target, name):
        fields = app_fields(name, target.url)
        fields["target"]["credential"] = credential["id"]
        return self.world.app(name=name, target=fields["target"])

    def deployed(self, app):
        """Runs it, and returns the deployment once it has ended."""
        made = self.client.post("/v1/deployments", {"app": app["id"], "retry": {"max_attempts": 1}})
        self.assertEqual(made.status, 201, made)
        path = f"/v1/deployments/{made.json['result']['id']}"

        def ended():
            found = self.client.get(path).json["result"]
            return found if found["status"] in ("succeeded", "failed") else None

        return eventually(ended)

    def refused(self, answer, status, code, pointer=None):
        self.assertEqual((answer.status, answer.json["code"]), (status, code), answer)
        if pointer is not None:
            self.assertEqual([error["pointer"] for error in answer.json["errors"]], [pointer])


class Showing(Credentials):
    def test_a_target_is_shown_the_credential_of_each_kind(self):
        target = self.target()
        kinds = {
            "bearer": ({}, "Authorization", f"Bearer {SECRET}"),
            "basic": (
                {"username": "ci", "secret": PASSWORD},
                "Authorization",
                "Basic " + base64.b64encode(f"ci:{PASSWORD}".encode()).decode(),
            ),
            "header": ({"header": "X-Api-Key"}, "X-Api-Key", SECRET),
        }
        for kind, (more, header, value) in kinds.items():
            credential = self.stored(f"as {kind}", target.origin, kind=kind, **more)
            run = self.deployed(self.app_with(credential, target, f"as-{kind}"))
            self.assertEqual(run["status"], "succeeded")
            self.assertEqual(target.seen[-1][header], value)

    def test_after_a_rotation_it_is_shown_the_new_one_also_after_a_restart(self):
        target = self.target()
        credential = self.stored("rotated", target.origin)
        app = self.app_with(credential, target, "rotated")
        path = f"/v1/credentials/{credential['id']}"
        rotated = self.client.post(f"{path}/rotate", {"secret": SECOND})
        self.assertEqual((rotated.status, rotated.json["result"]["version"]), (200, 2), rotated)
        self.deployed(app)
        self.assertEqual(target.seen[-1]["Authorization"], f"Bearer {SECOND}")
        self.world.server.kill()
        self.client.close()
        self.world.server.start()
        self.deployed(app)
        self.assertEqual(target.seen[-1]["Authorization"], f"Bearer {SECOND}")

    def test_without_its_credential_nothing_is_sent(self):
        target = self.target()
        credential = self.stored("deleted", target.origin)
        app = self.app_with(credential, target, "deleted")
        path = f"/v1/credentials/{credential['id']}"
        self.refused(self.client.request("DELETE", path), 409, "credential_in_use")
        self.assertEqual(self.client.request("DELETE", f"{path}?force=true").status, 200)
        run = self.deployed(app)
        self.assertEqual(run["status"], "failed")
        self.assertEqual(run["attempts"][0]["cause"], "credential_missing")
        self.assertEqual(target.seen, [])
        self.refused(self.client.get(path), 404, "credential_not_found")


class Binding(Credentials):
    def test_an_app_elsewhere_cannot_name_it(self):
        credential = self.stored("bound", "https://Deploy.Example:443")
        self.assertEqual(credential["origin"], "https://deploy.example")
        for url in ("https://evil.example/", "https://deploy.example:444/", "http://deploy.example/"):
            fields = app_fields("elsewhere", url)
            fields["target"]["credential"] = credential["id"]
            answer = self.client.post("/v1/apps", fields)
            self.refused(answer, 422, "invalid_field", "/target/credential")

    def test_an_app_that_moves_elsewhere_leaves_it(self):
        target = self.target()
        app = self.app_with(self.stored("stays", target.origin), target, "moves")
        path = f"/v1/apps/{app['id']}"
        moved = {"target": {"url": "https://elsewhere.example/"}}
        self.refused(self.client.patch(path, moved), 422, "invalid_field", "/target/credential")
        moved["target"]["credential"] = None
        answer = self.client.patch(path, moved)
        self.assertEqual(answer.status, 200, answer)
        self.assertIsNone(answer.json["result"]["target"]["credential"])

    def test_a_clone_has_it_only_if_it_is_named(self):
        target = self.target()
        credential = self.stored("cloned", target.origin)
        app = self.app_with(credential, target, "original")
        plain = self.client.post(f"/v1/apps?source={app['id']}", {}).json["result"]
        self.assertIsNone(plain["target"]["credential"])
        self.assertEqual(plain["target"]["url"], app["target"]["url"])
        named = {"target": {"credential": credential["id"]}}
        again = self.client.post(f"/v1/apps?source={app['id']}", named).json["result"]
        self.assertEqual(again["target"], app["target"])

    def test_another_teams_does_not_exist(self):
        target = self.target()
        credential = self.stored("ours", target.origin)
        stranger = self.world.client_of("user_01h455vb4pex5vsknk084sn09q")
        self.addCleanup(stranger.close)
        self.assertEqual(stranger.post("/v1/teams", {"name": "strangers"}).status, 201)
        path = f"/v1/credentials/{credential['id']}"
        self.refused(stranger.get(path), 404, "credential_not_found")
        self.refused(stranger.post(f"{path}/rotate", {"secret": SECOND}), 404, "credential_not_found")
        self.refused(stranger.request("DELETE", path), 404, "credential_not_found")
        self.assertEqual(stranger.get("/v1/credentials").json["result"], [])
        fields = app_fields("thief", target.url)
        fields["target"]["credential"] = credential["id"]
        answer = stranger.post("/v1/apps", fields)
        self.refused(answer, 422, "unknown_credential", "/target/credential")

    def test_owners_write_and_others_read_that_it_is_there(self):
        credential = self.stored("read", "https://deploy.example")
        made = self.client.post("/v1/tokens", {"name": "pipeline", "role": "deployer"})
        deployer = self.world.server.client(made.json["result"]["secret"])
        self.addCleanup(deployer.close)
        path = f"/v1/credentials/{credential['id']}"
        self.assertEqual(deployer.get(path).json["result"], credential)
        for answer in (
            deployer.post("/v1/credentials", {}),
            deployer.post(f"{path}/rotate", {"secret": SECOND}),
            deployer.request("DELETE", path),
        ):
            self.refused(answer, 403, "forbidden")


class Requests(Credentials):
    def test_every_bad_field_is_named_and_no_secret_is_told(self):
        secret = "short"
        cases = [
            ({}, ["/kind", "/name", "/origin", "/secret"]),
            ({"secret": secret}, ["/secret"]),
            ({"secret": "ends-with-a-newline\n"}, ["/secret"]),
            ({"secret": " begins-with-a-space"}, ["/secret"]),
            ({"secret": "näme-of-a-pet"}, ["/secret"]),
            ({"secret": 12345678}, ["/secret"]),
            ({"secret": "x" * 4097}, ["/secret"]),
            ({"kind": "magic"}, ["/kind"]),
            ({"username": "ci"}, ["/username"]),
            ({"kind": "basic"}, ["/username"]),
            ({"kind": "basic", "username": "a:b"}, ["/username"]),
            ({"kind": "header"}, ["/header"]),
            ({"kind": "header", "header": "Content-Length"}, ["/header"]),
            ({"kind": "header", "header": "X-Key\r\nX-Other"}, ["/header"]),
            ({"origin": "deploy.example"}, ["/origin"]),
            ({"origin": "https://deploy.example/path"}, ["/origin"]),
            ({"origin": "https://user:word@deploy.example"}, ["/origin"]),
            ({"name": ""}, ["/name"]),
            ({"password": SECRET}, ["/password"]),
        ]
        good = {
            "name": "bad",
            "kind": "bearer",
            "origin": "https://deploy.example",
            "secret": SECRET,
        }
        head = self.client.get("/v1/audit/head").json["result"]
        keys = self.keys()
        for fields, pointers in cases:
            with self.subTest(fields=fields):
                answer = self.client.post("/v1/credentials", {**good, **fields} if fields else {})
                self.assertEqual(answer.status, 422, answer)
                named = sorted(error["pointer"] for error in answer.json["errors"])
                self.assertEqual(named, pointers)
                self.assertNotIn(SECRET, answer.text)
        self.assertEqual(self.client.get("/v1/audit/head").json["result"], head)
        self.assertEqual(self.keys(), keys)

    def test_a_secret_that_is_a_number_is_not_repeated(self):
        credential = self.stored("digits", "https://deploy.example")
        for path in ("/v1/credentials", f"/v1/credentials/{credential['id']}/rotate"):
            answer = self.client.post(path, {"secret": 918273645546372819})
            self.assertEqual(answer.status, 422)
            self.assertNotIn("918273", answer.text)

    def test_json_that_is_broken_behind_a_secret_does_not_tell_it(self):
        for body in (f'{{"secret": "{SECRET}" oops}}', f'{{"secret": "{SECRET}\x01"}}'):
            answer = self.client.post("/v1/credentials", body)
            self.refused(answer, 400, "malformed_json")
            self.assertNotIn(SECRET, answer.text)

    def test_are_listed_versioned_and_named_once(self):
        credential = self.stored("versioned", "https://deploy.example")
        self.assertIn(credential, self.client.get("/v1/credentials").json["result"])
        path = f"/v1/credentials/{credential['id']}"
        again = self.client.get(path, headers={"If-None-Match": '"1"'})
        self.assertEqual(again.status, 304)
        stale = self.client.post(f"{path}/rotate", {"secret": SECOND}, headers={"If-Match": '"7"'})
        self.refused(stale, 412, "stale_version")
        stale = self.client.request("DELETE", path, headers={"If-Match": '"7"'})
        self.refused(stale, 412, "stale_version")
        fields = {"name": "versioned", "kind": "bearer", "origin": "https://x.example", "secret": SECRET}
        self.refused(self.client.post("/v1/credentials", fields), 409, "credential_name_taken")

    def test_with_a_key_are_stored_once(self):
        fields = {"name": "once", "kind": "bearer", "origin": "https://x.example", "secret": SECRET}
        key = {"Idempotency-Key": "credential-1"}
        first = self.client.post("/v1/credentials", fields, headers=key)
        again = self.client.post("/v1/credentials", fields, headers=key)
        self.assertEqual((first.status, first.text), (201, again.text))
        fields["secret"] = SECOND
        other = self.client.post("/v1/credentials", fields, headers=key)
        self.refused(other, 422, "idempotency_key_reused")


class Secrecy(Credentials):
    """Whatever is written, answered or traced: no byte of it tells a secret."""

    @classmethod
    def setUpClass(cls):
        cls.traces = cls.enterClassContext(contextlib.ExitStack())
        cls.world = World()
        cls.world.admin.close()
        cls.world.server.kill()
        cls.trace_file = cls.world.server.data.parent / "traces"
        cls.world.server.stderr = cls.trace_file.open("wb")
        cls.traces.callback(cls.world.server.stderr.close)
        cls.world.server.start()
        cls.client = cls.world.admin = cls.world.server.client()

    def forms(self):
        for secret in (SECRET, SECOND, PASSWORD):
            yield secret.encode()
            yield base64.b64encode(secret.encode())
            yield base64.urlsafe_b64encode(secret.encode()).rstrip(b"=")
        yield base64.b64encode(f"ci:{PASSWORD}".encode())

    def assert_tells_nothing(self, what, data):
        for form in self.forms():
            self.assertNotIn(form, data, what)

    def everything(self):
        """All that was written and all that can be asked for: (what, bytes)."""
        data = self.world.server.data
        for path in data.parent.rglob("*"):
            if path.is_file():
                yield path, path.read_bytes()
        for path in ("/v1/credentials", "/v1/apps", "/v1/deployments", "/v1/admin/log"):
            yield path, self.client.get(path).text.encode()
        yield "events", json.dumps(events_of(self.client)).encode()
        for program, options in (("slipway-replay", ["--state"]), ("slipway-dump", []), ("slipway-dump", ["--state"])):
            yield program, run_program(program, data, *options).encode()

    def test_no_byte_tells_a_secret(self):
        target = self.target(status=401)
        bearer = self.stored("bearer", target.origin)
        basic = self.stored("basic", target.origin, kind="basic", username="ci", secret=PASSWORD)
        for credential in (bearer, basic):
            app = self.app_with(credential, target, f"with-{credential['name']}")
            run = self.deployed(app)
            self.assertEqual(run["attempts"][0]["detail"], "withheld: it told the credential")
            self.client.post(f"/v1/apps?source={app['id']}", {})
        rotate = f"/v1/credentials/{bearer['id']}/rotate"
        key = {"Idempotency-Key": "rotation"}
        self.assertEqual(self.client.post(rotate, {"secret": SECOND}, headers=key).status, 200)
        self.assertEqual(self.client.post(rotate, {"secret": SECOND}, headers=key).status, 200)
        for what, data in self.everything():
            self.assert_tells_nothing(what, data)

    def test_what_is_deleted_or_rotated_away_leaves_no_key(self):
        def sealed(credential):
            stored = events_of(self.client)
            named = [one["data"] for one in stored if one["data"].get("credential") == credential]
            return [one["secret"]["key"] for one in named if "secret" in one]

        before = self.keys()
        credential = self.stored("shredded", "https://deploy.example")["id"]
        path = f"/v1/credentials/{credential}"
        self.assertEqual(self.keys() - before, set(sealed(credential)))
        self.assertEqual(self.client.post(f"{path}/rotate", {"secret": SECOND}).status, 200)
        first, second = sealed(credential)
        self.assertEqual(self.keys() - before, {second})
        self.assertNotEqual(first, second)
        self.assertEqual(self.client.request("DELETE", path).status, 200)
        self.assertEqual(self.keys(), before)

    def test_what_a_target_reports_of_it_is_withheld(self):
        target = self.target(status=202)
        app = self.app_with(self.stored("reported", target.origin), target, "reported")
        made = self.client.post("/v1/deployments", {"app": app["id"]}).json["result"]["id"]
        eventually(lambda: target.seen)
        path = f"/v1/deployments/{made}"
        eventually(lambda: self.client.get(path).json["result"]["completion_deadline"])
        report = {"outcome": "failed", "detail": f"who is {SECRET}?"}
        self.assertEqual(self.client.post(f"{path}/complete", report).status, 200)
        self.assertNotIn(SECRET, str(events_of(self.client, made)))

    def test_a_deletion_that_was_cut_off_is_finished_at_the_next_start(self):
        credential = self.stored("deleted in part", "https://deploy.example")["id"]
        directory = self.world.server.data / "credential_keys"
        old = {path.name: path.read_bytes() for path in directory.iterdir()}
        self.assertEqual(self.client.request("DELETE", f"/v1/credentials/{credential}").status, 200)
        gone = set(old) - self.keys()
        self.assertEqual(len(gone), 1)
        self.world.server.kill()
        self.client.close()
        for name in gone:
            (directory / name).write_bytes(old[name])
            (directory / name).chmod(0o600)
        self.world.server.start()
        self.assertEqual(gone & self.keys(), set())

    def test_a_rotation_that_was_cut_off_is_finished_at_the_next_start(self):
        credential = self.stored("cut off", "https://deploy.example")["id"]
        directory = self.world.server.data / "credential_keys"
        old = {path.name: path.read_bytes() for path in directory.iterdir()}
        self.client.post(f"/v1/credentials/{credential}/rotate", {"secret": SECOND})
        rotated_away = set(old) - {path.name for path in directory.iterdir()}
        self.assertEqual(len(rotated_away), 1)
        self.world.server.kill()
        self.client.close()
        for name in rotated_away:
            (directory / name).write_bytes(old[name])
            (directory / name).chmod(0o600)
        self.world.server.start()
        self.assertEqual(rotated_away & {path.name for path in directory.iterdir()}, set())


if __name__ == "__main__":
    unittest.main()
