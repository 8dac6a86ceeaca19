"""Limits of time for tests that must pass on a busy machine, too.

A limit has two values. The suite uses the generous one: it finds a server that hangs or starves
somebody, whatever else the machine does. The strict one is a figure, and holds on a quiet machine
only: bench/run_siege.py sets SLIPWAY_STRICT_TIMES for it.
"""

import os

IS_STRICT = "SLIPWAY_STRICT_TIMES" in os.environ


def limit(strict, generous):
    return strict if IS_STRICT else generous
