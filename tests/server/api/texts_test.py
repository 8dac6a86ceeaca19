"""How long texts may be, in characters, and which characters they may not have."""

import unittest

from api_world import ApiTest, schedule_fields

HIDDEN = ["\u0080", "\u009b", "\u061c", "\u200b", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069", "\ufeff",
          "\x1b", "\x7f", "\u2028"]
IN_NOTES = ["\x1b", "\x00", "\x7f", "\u0080", "\u009b", "\u202a", "\u202e", "\u2066", "\u2069", "\r"]


class Texts(ApiTest):
    def setUp(self):
        if not hasattr(type(self), "app"):
            type(self).app = self.world.app()["id"]
            type(self).other = self.world.client_of("user_01h455vb4pex5vsknk084sn02q")

    def calls(self):
        """Each text: where it stands, the most characters, whether it is a note, and a call with it."""
        post = self.client.post
        plan = lambda **more: post("/v1/scheduled_deployments/preview", schedule_fields(self.app, **more))  # noqa: E731
        revise = lambda **more: self.client.patch(f"/v1/apps/{self.app}", more)  # noqa: E731
        yield "/note", 2_000, True, lambda text: plan(note=text)
        yield "/description", 2_000, True, lambda text: revise(description=text)
        yield "/name", 200, False, lambda text: revise(name=text)
        yield "/environment", 200, False, lambda text: revise(environment=text)
        yield "/labels/tier", 200, False, lambda text: plan(labels={"tier": text})
        yield "/name", 200, False, lambda text: self.other.post("/v1/teams", {"name": text})
        yield "/name", 200, False, lambda text: post("/v1/tokens", {"name": text, "role": "viewer"})

        def held(text):
            plan = self.world.scheduled(self.app)["id"]
            return post(f"/v1/scheduled_deployments/{plan}/hold", {"reason": text})

        yield "/reason", 2_000, True, held

    def test_are_as_long_as_they_have_characters(self):
        for pointer, most, _, call in self.calls():
            for letter in ("x", "\u00e9", "\u20ac", "\U0001f680"):
                with self.subTest(pointer, letter=letter):
                    answer = call(letter * most)
                    self.assertIn(answer.status, (200, 201), answer)
                    answer = call(letter * (most + 1))
                    self.assertEqual(answer.status, 422, answer)
                    [error] = answer.json["errors"]
                    self.assertEqual(error["pointer"], pointer)
                    self.assertIn(f"{most + 1} characters", error["detail"])

    def test_have_nothing_that_steers_what_others_see(self):
        for pointer, _, is_note, call in self.calls():
            for hidden in IN_NOTES if is_note else HIDDEN + ["\n", "\t"]:
                with self.subTest(pointer, hidden=ascii(hidden)):
                    answer = call(f"a{hidden}b")
                    self.assertEqual(answer.status, 422, answer)
                    self.assertEqual(answer.json["errors"][0]["pointer"], pointer)
                    self.assertIn(f"U+{ord(hidden):04X}", answer.json["errors"][0]["detail"])

    def test_of_several_lines_may_be_notes(self):
        answer = self.client.post("/v1/scheduled_deployments", schedule_fields(self.app, note="a\n\tb \u200d \u200b"))
        self.assertEqual(answer.status, 201)
        self.assertEqual(answer.json["result"]["note"], "a\n\tb \u200d \u200b")
        # On a terminal it is harmless in the answer, too.
        self.assertIn("\\u200b", answer.text)
        self.assertNotIn("\u200b", answer.text)


if __name__ == "__main__":
    unittest.main()
