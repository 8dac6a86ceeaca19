"""Writes a YAML file as JSON: yaml_to_json.py FROM TO."""

import json
import pathlib
import sys

import yaml


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    document = yaml.safe_load(source.read_text(encoding="utf-8"))
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    target.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
