#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Prints what is wrong with `dmkit help --json`: help-json.py DMKIT SCHEMA. Needs python3-jsonschema."""

import copy
import json
import subprocess
import sys

import jsonschema

dmkit, schema_file = sys.argv[1:]
schema = json.load(open(schema_file))
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
wrong = []


def run(*words):
    return subprocess.run([dmkit, *words], capture_output=True, text=True, check=True).stdout


def deepest(error):
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


def read(*topic):
    document = json.loads(run("help", "--json", *topic))
    # Of each object that none of the kinds fits, what is nearest to the cause.
    for error in map(deepest, validator.iter_errors(document)):
        wrong.append("help --json %s: %s: %s" % (" ".join(topic), error.json_path, error.message[:300]))
    return document


def same(what, have, want):
    if have != want:
        wrong.append("%s: %s, expected %s" % (what, have, want))


def of_kind(kind):
    return [item for item in everything if item["kind"] == kind]


everything = read()
def parted(line):
    """The name, which has one word or two, then the options."""
    words = line.split(" ")
    options = [word for word in words if word.startswith("--")]
    return [" ".join(words[: len(words) - len(options)])] + options


commands = [parted(line) for line in run("help", "--commands").splitlines()]
same("commands", [c["name"] for c in of_kind("command")], [c[0] for c in commands[1:]])
names = run("help", "targets").split()
same("targets", [t["name"] for t in of_kind("target")], names)
same("help --json targets", read("targets"), of_kind("target"))
same("help --json messages", read("messages"), of_kind("message"))
same("help --json dmsetup", read("dmsetup"), of_kind("dmsetup"))
of_all = [o.rstrip("=") for o in commands[0][1:]]
same("options of all", ["--" + o["name"] for o in of_kind("option")], of_all)
for command, line in zip(of_kind("command"), commands[1:]):
    # `help targets` is the list of targets.
    if command["name"] != "targets":
        same("help --json " + command["name"], read(*command["name"].split(" ")), [command])
    own = ["--" + o["name"] + ("=" if "value" in o else "") for o in command["options"]]
    same("options of " + command["name"], [o for o in own if o.rstrip("=") not in of_all], line[1:])
for target in of_kind("target"):
    same("help --json " + target["name"], read(target["name"]), [target])
    keys = [k for key in target["keys"] if not key["layout"] for k in key.get("given_by", [key["name"]])]
    same("keys of " + target["name"], sorted(set(keys)), sorted(set(run("help", "--keys", target["name"]).replace("=", "").split())))
of_image = [c for c in of_kind("command") if c["name"].startswith("image ")]
same("help --json image", read("image"), of_image)
same("commands of images", len(of_image), 7)
same("targets with a status", len([t for t in of_kind("target") if t["status"]]) > 10, True)
same("targets with messages", len([t for t in of_kind("target") if t["messages"]]) > 5, True)

# The schema is one that can say no.
for breaking in ("name", "kind", "keys"):
    broken = copy.deepcopy(of_kind("target")[:1])
    del broken[0][breaking]
    same("without " + breaking, validator.is_valid(broken), False)
broken = copy.deepcopy(of_kind("target")[:1])
broken[0]["keys"][0]["more"] = 1
same("with more", validator.is_valid(broken), False)
same("of nothing", validator.is_valid([]), False)

print("\n".join(wrong), end="\n" if wrong else "")
sys.exit(bool(wrong))
