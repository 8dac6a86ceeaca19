#!/usr/bin/env python3
"""Holds the form of the commit messages of a branch; CONTRIBUTING.md, "Commits", has the rule.

    commit_messages.py [BASE]    of the commits since BASE; by default, since main was left

Prints each message of another form with its faults, and then ends with 1. Merges are passed over,
and so are the commits from before the rule. Where there is neither BASE nor origin/main, there is
nothing to compare with.
"""

import re
import subprocess
import sys

TITLE = re.compile(r"[a-z0-9][^:]*: \S")
UNFINISHED = re.compile(r"\b(wip|work in progress|fixup|squash|amend)\b", re.IGNORECASE)
TRAILER = re.compile(r"[A-Z][A-Za-z-]+: \S")


def faults(message):
    """What is wrong with the form of one message, a sentence each."""
    title, *rest = message.rstrip().split("\n")
    found = []
    if not TITLE.match(title):
        found.append('the title is not "area: what changes"')
    if ";" in title:
        found.append("the title joins two changes with a semicolon: make two commits")
    if UNFINISHED.search(title):
        found.append("the title says that the work is not finished: finish it, then commit")
    if rest and rest[0].strip():
        found.append("the line after the title is not empty")
    if not any(line.strip() and not TRAILER.match(line) for line in rest):
        found.append("there is no body: say why the change is made")
    return found


def git(*arguments):
    return subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)


def main(arguments):
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("commit_messages: BASE is the only argument", file=sys.stderr)
        return 2
    base = arguments[0] if arguments else git("merge-base", "HEAD", "origin/main").stdout.strip()
    if not base:
        print("no origin/main to compare with")
        return 0
    rule = git("log", "-1", "--diff-filter=A", "--format=^%H", "--", __file__).stdout.split()
    log = git("log", "--no-merges", "--format=%h%n%B%x00", f"{base}..HEAD", *rule)
    if log.returncode != 0:
        print(f"commit_messages: {log.stderr.strip()}", file=sys.stderr)
        return 2
    messages = [entry.strip("\n").split("\n", 1) for entry in log.stdout.split("\0") if entry.strip()]
    bad = 0
    for commit, message in messages:
        found = faults(message)
        if not found:
            continue
        bad += 1
        print("\n    ".join([f"{commit} {message.splitlines()[0]}", *found]))
    print(f"{len(messages)} messages read" + (f", {bad} of another form: see CONTRIBUTING.md, Commits" if bad else ""))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
