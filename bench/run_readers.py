#!/usr/bin/env python3
"""What 1,000 readers of the event stream cost those who write: creates a second with and without them, in turn.

    bench/run_readers.py            a minute
    bench/run_readers.py --brief    only whether all are answered, and shown what happens

The readers are one process that only counts what it reads: it takes part of the machine too, so
what is measured is more than the server's share.
"""

import argparse
import os
import selectors
import signal
import socket
import sys
import tempfile

from run_http import RAISED_QUOTAS, Load, Server, medians, prepared

READERS = 1_000


def read_all(port, token, count, out):
    """Opens `count` streams at the log's end and counts bytes until it is told to stop."""
    stopping = []
    signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))
    head = (f"GET /v1/events/stream?after=3 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\r\n").encode()
    selector = selectors.DefaultSelector()
    for _ in range(count):
        reader = socket.create_connection(("127.0.0.1", port))
        reader.sendall(head)
        reader.setblocking(False)
        selector.register(reader, selectors.EVENT_READ)
    os.write(out, b"open\n")
    buffer = bytearray(1 << 20)
    read = 0
    while not stopping:
        for key, _ in selector.select(0.2):
            read += key.fileobj.recv_into(buffer)
    os.write(out, f"{read}\n".encode())


class Readers:
    def __init__(self, port, token, count):
        self.inlet, out = os.pipe()
        self.child = os.fork()
        if self.child == 0:
            read_all(port, token, count, out)
            os._exit(0)
        os.close(out)
        os.read(self.inlet, 64)

    def stop(self):
        """How many bytes they read."""
        os.kill(self.child, signal.SIGTERM)
        read = int(os.read(self.inlet, 64))
        os.waitpid(self.child, 0)
        os.close(self.inlet)
        return read


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--brief", action="store_true")
    options = parser.parse_args()
    rounds, seconds, count = (1, 1, 50) if options.brief else (3, 5, READERS)
    alone, read_by, total = [], [], 0
    with tempfile.TemporaryDirectory() as directory, Server(f"{directory}/data", *RAISED_QUOTAS) as server:
        load = prepared(server)["create"]
        for _ in range(rounds):
            alone.append(load.run(server.port, 64, seconds))
            readers = Readers(server.port, load.token, count)
            read_by.append(load.run(server.port, 64, seconds))
            total += readers.stop()
    if total == 0:
        sys.exit("the readers were shown nothing")
    alone, read_by = medians(alone), medians(read_by)
    print(f"creates a second: {alone[0]:.0f} alone, {read_by[0]:.0f} with {count} readers: "
          f"{read_by[0] / alone[0]:.2f} of it; they read {total / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
