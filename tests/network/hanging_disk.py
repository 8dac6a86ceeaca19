"""A disk that hangs: the thread of a server that writes to it is stopped, and the others go on."""

import contextlib
import ctypes
import os
import pathlib
import threading
import unittest

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17  # of ptrace(2)
ANY_THREAD = 0x40000000  # __WALL of waitpid(2)

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def ptrace(request, thread):
    if libc.ptrace(request, thread, None, None) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def thread_named(process, name):
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        if (task / "comm").read_text().strip() == name:
            return int(task.name)
    raise LookupError(f"process {process} has no thread named {name}")


class HangingDisk:
    """While it is entered, a thread of `server` that writes to the disk stands still: the commit thread, unless `thread`
    names another."""

    def __init__(self, server, thread="commit"):
        self.writer = thread_named(server.process.process.pid, thread)
        self.stands = threading.Event()
        self.over = threading.Event()
        self.error = None
        # Only the thread that stopped it may let it go.
        self.thread = threading.Thread(target=self.stop, daemon=True)

    def stop(self):
        try:
            ptrace(SEIZE, self.writer)
            ptrace(INTERRUPT, self.writer)
            os.waitpid(self.writer, ANY_THREAD)
        except OSError as error:
            self.error = error
        self.stands.set()
        self.over.wait()
        with contextlib.suppress(OSError):  # the server has ended
            ptrace(DETACH, self.writer)

    def __enter__(self):
        """Skips the test where no process may stop another's thread."""
        self.thread.start()
        self.stands.wait()
        if self.error:
            self.over.set()
            raise unittest.SkipTest(f"no thread can be stopped here: {self.error}")
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
