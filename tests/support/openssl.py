"""The openssl program, as tests make keys and certificates with it."""

import subprocess


def openssl(*arguments, data=None):
    """What it prints, in bytes."""
    command = ["openssl", *map(str, arguments)]
    done = subprocess.run(command, input=data, capture_output=True)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.decode()}")
    return done.stdout
