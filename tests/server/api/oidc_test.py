"""Tokens of an OpenID Connect issuer: which are good, while it makes new keys, and while it is down.

The issuer is an HTTP server in this process, and the `openssl` program makes its keys and signs.
"""

import base64
import http.server
import json
import pathlib
import tempfile
import threading
import time
import unittest

from openssl import openssl
from processes import Server, eventually, run_program

AUDIENCE = "slipway-test"


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Key:
    """A private key in a file, of which the public half is a JWK."""

    def __init__(self, directory, kid, algorithm):
        self.kid = kid
        self.algorithm = algorithm
        self.file = pathlib.Path(directory) / f"{kid}.pem"
        kind = {"RS256": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                "ES256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                "EdDSA": ["ED25519"]}[algorithm]
        openssl("genpkey", "-algorithm", *kind, "-out", self.file)

    def jwk(self):
        der = openssl("pkey", "-in", self.file, "-pubout", "-outform", "DER")
        named = {"kid": self.kid, "use": "sig"}
        if self.algorithm == "EdDSA":
            return {**named, "kty": "OKP", "crv": "Ed25519", "x": base64url(der[-32:])}
        if self.algorithm == "ES256":
            return {**named, "kty": "EC", "crv": "P-256",
                    "x": base64url(der[-64:-32]), "y": base64url(der[-32:])}
        text = openssl("rsa", "-in", self.file, "-modulus", "-noout").decode()
        modulus = bytes.fromhex(text.strip().partition("=")[2])
        return {**named, "kty": "RSA", "n": base64url(modulus), "e": "AQAB"}

    def signature(self, text):
        if self.algorithm == "EdDSA":
            with tempfile.NamedTemporaryFile() as file:
                file.write(text)
                file.flush()
                return openssl("pkeyutl", "-sign", "-rawin", "-inkey", self.file, "-in", file.name)
        signature = openssl("dgst", "-sha256", "-sign", self.file, data=text)
        return raw_of_der(signature) if self.algorithm == "ES256" else signature

    def token(self, issuer, header=None, **claims):
        """A good token of the issuer's, but for what is said."""
        header = header or {"alg": self.algorithm, "kid": self.kid, "typ": "JWT"}
        payload = {"iss": issuer.url, "aud": AUDIENCE, "sub": "joe", "exp": time.time() + 3600}
        parts = [header, {**payload, **claims}]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return text + "." + base64url(self.signature(text.encode()))


def raw_of_der(der):
    """SEQUENCE of two INTEGERs, as 64 bytes."""
    numbers, rest = [], der[2:]
    for _ in range(2):
        numbers.append(int.from_bytes(rest[2:2 + rest[1]], "big"))
        rest = rest[2 + rest[1]:]
    return b"".join(number.to_bytes(32, "big") for number in numbers)


class Issuer:
    """Publishes `keys`, or answers nothing of use while it is `down`."""

    def __init__(self):
        self.keys = []
        self.down = False
        self.open = threading.Event()  # keys are answered while it is set
        self.open.set()
        self.fetches = 0
        issuer = self

        class Answering(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if issuer.down:
                    return self.send_error(503)
                if self.path == "/.well-known/openid-configuration":
                    return self.answer({"issuer": issuer.url, "jwks_uri": issuer.url + "/keys"})
                issuer.fetches += 1
                issuer.open.wait(30)
                return self.answer({"keys": [key.jwk() for key in issuer.keys]})

            def answer(self, json_body):
                body = json.dumps(json_body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.open.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Oidc(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory()
        self.addCleanup(self.directory.cleanup)
        self.issuer = Issuer()
        self.addCleanup(self.issuer.close)

    def key(self, kid, algorithm="ES256"):
        return Key(self.directory.name, kid, algorithm)

    def start(self):
        self.server = Server(
            f"{self.directory.name}/data", "--oidc-issuer", self.issuer.url, "--oidc-audience",
            AUDIENCE, "--oidc-admin-claim", "groups=slipway-admins", "--allow-http-issuer")
        self.addCleanup(self.server.__exit__)

    def get(self, token, path="/v1/teams"):
        client = self.server.client(token)
        try:
            return client.get(path)
        finally:
            client.close()

    def accepted(self, token):
        return self.get(token).status == 200

    def test_which_tokens_are_good(self):
        keys = [self.key("r", "RS256"), self.key("e"), self.key("d", "EdDSA")]
        self.issuer.keys = keys
        self.start()
        eventually(lambda: self.accepted(keys[0].token(self.issuer)))
        for key in keys:
            self.assertEqual(self.get(key.token(self.issuer)).status, 200, key.algorithm)
        self.assertEqual(self.get(self.server.token()).status, 200, "ours are good as ever")
        key = keys[1]
        for name, claims in (
            ("audience", {"aud": "another"}),
            ("issuer", {"iss": self.issuer.url + "/"}),
            ("end", {"exp": time.time() - 61}),
            ("beginning", {"nbf": time.time() + 600}),
            ("subject", {"sub": None}),
        ):
            answer = self.get(key.token(self.issuer, **claims))
            self.assertEqual(answer.status, 401, name)
            self.assertNotIn("retry-after", answer.headers)
        for header in ({"alg": "none"}, {"alg": "HS256", "kid": "e"}, {"alg": "RS256", "kid": "e"},
                       {"alg": "ES256", "kid": "r"}, {"alg": "ES256"}):
            self.assertEqual(self.get(key.token(self.issuer, header=header)).status, 401, header)

    def test_an_admin_by_claim(self):
        key = self.key("e")
        self.issuer.keys = [key]
        self.start()
        eventually(lambda: self.accepted(key.token(self.issuer)))
        for claims, status in (({}, 403), ({"admin": True}, 403), ({"groups": ["staff"]}, 403),
                               ({"groups": ["staff", "slipway-admins"]}, 200)):
            answer = self.get(key.token(self.issuer, **claims), "/v1/admin/dispatch")
            self.assertEqual(answer.status, status, claims)

    def test_new_keys_are_learnt_and_old_ones_forgotten(self):
        old, new = self.key("old"), self.key("new", "EdDSA")
        self.issuer.keys = [old]
        self.start()
        good = old.token(self.issuer)
        eventually(lambda: self.accepted(good))
        self.issuer.keys = [new]
        self.assertTrue(self.accepted(good), "nobody has asked for new keys yet")
        fresh = new.token(self.issuer)
        seen = set()

        def is_learnt():
            answer = self.get(fresh)
            seen.add(answer.status)
            if answer.status == 503:
                self.assertEqual(answer.json["code"], "key_not_known")
                self.assertEqual(answer.headers["retry-after"], "10")
            return answer.status == 200

        eventually(is_learnt, 60)
        self.assertLessEqual(seen, {200, 503}, "a good token is never called a bad one")
        self.assertEqual(self.get(good).status, 401, "it was good, and its key is gone")
        self.assertLessEqual(self.issuer.fetches, 3)

    def first_answer(self, token):
        """What a request is answered that comes before any keys do; they come right after it."""
        self.issuer.open.clear()
        self.start()
        answers = []
        asking = threading.Thread(target=lambda: answers.append(self.get(token)))
        asking.start()
        eventually(lambda: self.issuer.fetches == 1)
        self.issuer.open.set()
        asking.join()
        return answers[0]

    def test_a_request_waits_for_keys_that_come_in_a_moment(self):
        key = self.key("e")
        self.issuer.keys = [key]
        self.assertEqual(self.first_answer(key.token(self.issuer)).status, 200)

    def test_a_key_that_the_issuer_does_not_publish_is_a_bad_one(self):
        self.issuer.keys = [self.key("e")]
        answer = self.first_answer(self.key("other").token(self.issuer))
        self.assertEqual(answer.status, 401)
        self.assertIn("does not publish", answer.json["detail"])

    def test_made_up_keys_do_not_hammer_the_issuer(self):
        key, other = self.key("e"), self.key("other")
        self.issuer.keys = [key]
        self.start()
        eventually(lambda: self.accepted(key.token(self.issuer)))
        fetches = self.issuer.fetches
        tokens = [other.token(self.issuer, header={"alg": "ES256", "kid": f"made-up-{i}"}) for i in range(8)]
        answers = []
        threads = [threading.Thread(target=lambda: answers.extend(self.get(one) for one in tokens[:2]))
                   for _ in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(len(answers), 200)
        self.assertLessEqual({answer.status for answer in answers}, {401, 503})
        self.assertLessEqual(self.issuer.fetches, fetches + 2)
        self.assertTrue(self.accepted(key.token(self.issuer, jti="another")))

    def test_an_issuer_that_is_spelled_otherwise_is_named(self):
        key = self.key("e")
        self.issuer.keys = [key]
        self.start()
        for found in (self.issuer.url + "/", self.issuer.url.upper(), "https://elsewhere.example"):
            answer = self.get(key.token(self.issuer, iss=found))
            self.assertEqual(answer.status, 401)
            self.assertIn(f'iss is "{found}"; "{self.issuer.url}" is expected', answer.json["detail"])

    def test_its_keys_stay_while_it_is_down(self):
        key, other = self.key("e"), self.key("other")
        self.issuer.keys = [key]
        self.start()
        eventually(lambda: self.accepted(key.token(self.issuer)))
        self.issuer.down = True
        self.assertEqual(self.get(other.token(self.issuer)).status, 503, "and it is asked in vain")
        self.assertTrue(self.accepted(key.token(self.issuer, jti="another")))
        self.server.terminate()
        self.server.start()
        self.assertEqual(self.get(key.token(self.issuer)).status, 503, "no keys are known")
        self.assertEqual(self.get(self.server.token()).status, 200)
        self.issuer.down = False
        eventually(lambda: self.accepted(key.token(self.issuer)), 60)

    def test_settings_that_cannot_be_meant(self):
        place = ["run", "--data", f"{self.directory.name}/refused", "--listen", "127.0.0.1:0"]
        audience = ["--oidc-audience", AUDIENCE]
        for options, word in (
            (["--oidc-issuer", "https://issuer.example"], "--oidc-audience"),
            (audience, "--oidc-issuer"),
            (["--oidc-issuer", self.issuer.url, *audience], "https://"),
            (["--oidc-issuer", "https://issuer.example", *audience, "--oidc-admin-claim", "admin"],
             "NAME=VALUE"),
        ):
            done = run_program("slipway-server", *place, *options, check=False)
            self.assertNotEqual(done.returncode, 0, options)
            self.assertIn(word, done.stderr + done.stdout)
        self.assertEqual(self.issuer.fetches, 0)


if __name__ == "__main__":
    unittest.main()
