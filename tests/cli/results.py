#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Validates what the tests have kept of `dmkit ... --json`, each document by its command and options.

    results.py DMKIT FOLDER [every]

FOLDER is as keep.sh fills it. With `every`, a command without a document is a failure. What stands in keys and values
of a target is checked against what DMKIT's own `help --json` says of it. Needs python3-jsonschema.
"""

import collections
import copy
import json
import os
import re
import subprocess
import sys

import jsonschema

# It prints lines, whatever it is asked.
WITHOUT_JSON = {"complete", "with"}
# Theirs are those of the suite stacks.
OF_STACKS = {"plan", "apply", "down", "stacks", "gc"}
# These print text, with --json too.
TEXT_OPTIONS = {"--help", "-h", "--keys", "--commands", "--manual"}
U64 = {"type": "integer", "minimum": 0, "maximum": 2**64 - 1}
STRING = {"type": "string"}
HEX = {"type": "string", "pattern": "^([0-9a-f]{2})+$"}

dmkit, folder = sys.argv[1:3]
here = os.path.dirname(os.path.abspath(__file__))
wrong = []


def load(name):
    with open(os.path.join(here, "../../cli", name)) as stream:
        schema = json.load(stream)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def merged():
    """Both files as one, so that no validator has to look for the other."""
    results, errors = load("results-schema.json"), load("error-schema.json")
    both = {**errors["$defs"], **results["$defs"]}
    for name in errors["$defs"].keys() & results["$defs"].keys():
        if errors["$defs"][name] != results["$defs"][name]:
            wrong.append("%s is not the same in both files" % name)
    both["help"] = {}
    return json.loads(json.dumps(both).replace("error-schema.json#", "#"))


definitions = merged()
validators = {
    name: jsonschema.Draft202012Validator({"$ref": "#/$defs/" + name, "$defs": definitions}) for name in definitions
}
validators["help"] = jsonschema.Draft202012Validator(load("help-schema.json"))


def helped():
    text = subprocess.run([dmkit, "help", "--json"], capture_output=True, check=True).stdout
    everything = json.loads(text)
    commands = {item["name"]: item["options"] for item in everything if item["kind"] == "command"}
    options = [o for item in everything if item["kind"] == "command" for o in item["options"]]
    options += [item for item in everything if item["kind"] == "option"]
    takes_value = {"--" + o["name"] for o in options if "value" in o} | {"-o"}
    return commands, takes_value, {item["name"]: item for item in everything if item["kind"] == "target"}


commands, takes_value, targets = helped()


# --- a target's own ---


def closed(properties, required=()):
    strings = [name for name, schema in properties.items() if schema.get("type") == "string"]
    properties = {**properties, **{name + "_hex": HEX for name in strings}}
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(required)}


def record(fields):
    properties = {}
    for name, mark in re.findall(r"([a-z_]+)([#*]?)", fields):
        properties[name] = {"": STRING, "#": {"type": ["integer", "string"]}, "*": {"type": "array", "items": STRING}}[mark]
    return closed(properties)


def value(key):
    """The schema of a key's value by its kind, as `help --json` has it."""
    kind, unit = key["kind"], key.get("unit", "blocks")
    if kind == "choice":
        return {"type": "boolean"} if sorted(key["allowed"]) == ["no", "yes"] else {"enum": key["allowed"]}
    if kind == "record":
        return record(key["fields"])
    if kind == "device-offset":
        return closed({"device": STRING, "offset_sectors": U64}, ["device", "offset_sectors"])
    if kind == "ratio":
        names = ["used_" + unit, "total_" + unit]
        return closed(dict.fromkeys(names, U64), names)
    if kind == "flag":
        return {"type": "boolean"}
    if kind == "signed":
        return {"type": "integer"}
    return U64 if kind in ("number", "sectors", "bytes", "blocks", "ms") else STRING


def typed(keys):
    properties, required = {}, []
    for key in keys:
        if key["layout"] or key["name"] == "size":
            continue
        if key["kind"] == "health":
            words = [word.partition("=")[2] for word in key["allowed"]]
            properties["legs"] = {"type": "array", "items": closed({"device": STRING, "health": {"enum": words}}, ["health"])}
            continue
        schema = value(key)
        properties[key["json"]] = {"type": "array", "minItems": 1, "items": schema} if key["repeated"] else schema
        if key["required"]:
            required.append(key["json"])
    return jsonschema.Draft202012Validator(closed(properties, required))


own = {(name, "keys"): typed(target["keys"]) for name, target in targets.items()}
own.update({(name, "values"): typed(target["status"]) for name, target in targets.items()})


def segments(document):
    """Of table, status and monitor: the objects that have a target's own, and which."""
    for item in document if isinstance(document, list) else [document]:
        for segment in item.get("segments", []):
            for which in "keys", "values":
                if which in segment:
                    yield segment["type"], which, segment[which]


# --- a document ---


def deepest(error):
    while error.context:
        error = max(error.context, key=lambda e: len(e.absolute_path))
    return error


def told(error):
    error = deepest(error)
    return "%s: %s" % (error.json_path, error.message[:300])


def problems(name, document):
    found = [told(error) for error in validators[name].iter_errors(document)]
    if not found and name in ("table", "status", "monitor"):
        for target, which, values in segments(document):
            seen[target, which] += 1
            if (target, which) not in own:
                found.append("%s of %s, which help --json has not" % (which, target))
            else:
                found += ["%s of %s: %s" % (which, target, told(e)) for e in own[target, which].iter_errors(values)]
    return found


def command_of(words):
    """The first word that is neither an option nor an option's value."""
    words = iter(words)
    for word in words:
        if word == "--":
            return next(words, None)
        if not word.startswith("-"):
            return word
        if word in takes_value:
            next(words, None)
    return None


def form_of(command, words):
    """The name of the definition."""
    has = {word.partition("=")[0] for word in words}
    columns = has & {"-o", "--columns"}
    if "--dry-run" in has and command != "doctor":
        return "dry-run"
    if command == "list":
        return "list-columns" if columns | has & {"-l", "--long"} else "infos" if "--state" in has else "list"
    if command == "tree":
        return "tree-columns" if columns else "tree-inverse" if "--inverse" in has else "tree"
    if command == "remove" and "--cancel-deferred" in has:
        return "infos"
    return command


def parse(text):
    return json.loads(text.decode("utf-8"))


def read(path):
    with open(path, "rb") as stream:
        n, rest = stream.read().split(b"\0", 1)
    *words, status, out, err = rest.split(b"\0", int(n) + 2)
    return [word.decode("utf-8", "replace") for word in words], int(status), out, err


def take_output(command, words, status, out):
    form = form_of(command, words)
    documents = out.splitlines() if command == "monitor" else [out] if out else []
    if not documents and status == 0 and command != "monitor":
        yield "nothing on standard output"
    for text in documents:
        document = parse(text)
        found = problems(form, document)
        yield from found
        counts[command] += 1
        if not found and document:
            samples.setdefault(form, document)


def take_errors(err):
    for line in err.splitlines():
        if line.startswith(b"dmkit: trace: "):
            continue
        document = parse(line)
        kind = "note" if "note" in document else "error"
        yield from problems(kind, document)
        counts[kind] += 1
        samples.setdefault(kind, document)


def take(path):
    words, status, out, err = read(path)
    command = command_of(words)
    try:
        if not TEXT_OPTIONS & set(words) and command not in WITHOUT_JSON:
            yield from take_output(command, words, status, out)
        yield from take_errors(err)
    except (ValueError, KeyError) as error:
        yield "%r in %r" % (error, (out + err)[:300])


def objects(value, key=None):
    """Not those in a target's own, whose names are the target's."""
    if isinstance(value, dict):
        yield value
    if key in ("keys", "values"):
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    for key, item in items:
        yield from objects(item, key)


def can_say_no(form, document):
    """With a key more in any of its objects, or one of its own less, it is none any more."""
    document = copy.deepcopy(document)
    for item in objects(document):
        # The names in it are targets'; and help has a schema, and a test, of its own.
        if form in ("help", "doctor") and "handshake" not in item and "findings" not in item:
            continue
        item["Another Key"] = 1
        if validators[form].is_valid(document):
            yield "is valid with a key more in %s" % json.dumps(item)[:200]
        del item["Another Key"]
    for item in document if isinstance(document, list) else [document]:
        if form in ("list-columns", "tree-columns", "help"):
            break # all of them are as it was asked
        for key in list(item):
            if key in ("path", "why", "deps", "above", "regions", "areas", "region_id") or key.endswith("_hex"):
                continue
            kept = item.pop(key)
            if validators[form].is_valid(document):
                yield "is valid without %s" % key
            item[key] = kept


counts, seen, samples = collections.Counter(), collections.Counter(), {}
failures = len(wrong)
for line in wrong:
    print("not ok - schema: " + line)
for name in sorted(os.listdir(folder)):
    found = list(take(os.path.join(folder, name)))
    if found:
        failures += 1
        print("not ok - JSON: dmkit %s\n# %s" % (" ".join(read(os.path.join(folder, name))[0]), "\n# ".join(found[:10])))
for form, document in sorted(samples.items()):
    found = list(can_say_no(form, document))
    failures += bool(found)
    print("%sok - the schema of %s can say no%s" % ("not " if found else "", form, "".join("\n# " + f for f in found)))
if sys.argv[3:] == ["every"]:
    for command in [*commands, "error"]:
        if command not in WITHOUT_JSON | OF_STACKS and not counts[command]:
            failures += 1
            print("not ok - JSON: no document of %s" % command)
for command, count in sorted(counts.items()):
    print("ok - JSON: %s is as its schema says: %d documents" % (command, count))
print("# %d JSON documents of %d commands, errors and notes; %d segments of %d targets" % (
    sum(counts.values()), len(counts), sum(seen.values()), len({target for target, which in seen})))
sys.exit(failures > 0)
