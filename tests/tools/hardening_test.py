"""The programs that ship are hardened: read from the built files with readelf."""

import os
import re
import subprocess
import unittest

import skips
from processes import PROGRAMS

NAMES = ("slipway-server", "slipway", "slipway-replay", "slipway-dump")


def readelf(name, *options):
    command = ["readelf", "--wide", *options, str(PROGRAMS / name)]
    return subprocess.run(command, capture_output=True, text=True, check=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


class Programs(unittest.TestCase):
    def symbols(self, name):
        """The names that it takes from shared libraries."""
        return set(re.findall(r" UND ([^@\s]+)", readelf(name, "--dyn-syms")))

    def test_are_position_independent(self):
        for name in NAMES:
            with self.subTest(name):
                self.assertRegex(readelf(name, "--file-header"), r"Type: +DYN ")
                self.assertRegex(readelf(name, "--dynamic"), r"\(FLAGS_1\) .*\bPIE\b")

    def test_bind_every_symbol_at_start_and_then_protect_the_table(self):
        for name in NAMES:
            with self.subTest(name):
                self.assertRegex(readelf(name, "--dynamic"), r"\(FLAGS_1\) .*\bNOW\b")
                self.assertRegex(readelf(name, "--program-headers"), r"\n +GNU_RELRO ")

    def test_have_no_executable_stack(self):
        for name in NAMES:
            with self.subTest(name):
                stack = re.search(r"\n +GNU_STACK +(?:0x\w+ +){5}([RWE ]{3})",
                                  readelf(name, "--program-headers"))
                self.assertIsNotNone(stack, "no GNU_STACK: the kernel may make the stack executable")
                self.assertEqual(stack[1].replace(" ", ""), "RW")

    def test_have_no_segment_that_is_writable_and_executable(self):
        for name in NAMES:
            with self.subTest(name):
                loads = re.findall(r"\n +LOAD +(?:0x\w+ +){5}([RWE ]{3})",
                                   readelf(name, "--program-headers"))
                self.assertTrue(loads)
                self.assertEqual([flags for flags in loads if "W" in flags and "E" in flags], [])

    def test_check_their_stack_their_buffers_and_their_containers(self):
        for name in NAMES:
            with self.subTest(name):
                symbols = self.symbols(name)
                self.assertIn("__stack_chk_fail", symbols)
                checked = [one for one in symbols if re.fullmatch(r"__(mem|str|v?f?printf|v?sn?printf|"
                                                                  r"read|recv|poll|fd)\w*_chk", one)]
                self.assertNotEqual(checked, [], "no call is checked by _FORTIFY_SOURCE")
                self.assertTrue(any("__glibcxx_assert_fail" in one for one in symbols),
                                "indexes of containers are not checked (_GLIBCXX_ASSERTIONS)")


if __name__ == "__main__":
    if os.environ.get("SLIPWAY_HARDENED", "ON") != "ON":
        skips.skip("this build is not hardened: it has sanitizers, or is not optimized")
    skips.main()
