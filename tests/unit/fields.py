#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The structs of dmkit-targets.h as data, for targets/test-fields.c: `tests/unit/fields.py HEADER`.

Of each its fields, with place, size and kind, as the header has them and not as the library's rows
say, which are what is tested; and the inline functions that take them, by the target's name.
"""

import pathlib
import re
import sys

# Lists whose count is not n_NAME; "OF.COUNT": it stands in the struct that this one is an item of.
COUNTS = {"dmk_mirror_status.devices": "n_legs", "dmk_striped_status.devices": "n_legs",
          "dmk_raid.data_devices": "n_devices", "dmk_raid.metadata_devices": "n_metadata",
          "dmk_multipath_path.args": "dmk_multipath_group.n_path_args",
          "dmk_multipath_path_status.info": "dmk_multipath_group_status.n_info"}
MEMBER = re.compile(r"(?:const )?(?:struct )?(\w+) (\*const \*|\*)?(\w+)(?:\[(\d+)\])?$")
KINDS = {"char": "TEXT", "uint32_t": "NUMBER", "uint64_t": "NUMBER", "int32_t": "SIGNED"}


def print_structure(bodies, name, done):
    if name in done:
        return
    done.add(name)
    rows = []
    for member in (" ".join(member.split()) for member in bodies[name].split(";") if member.strip()):
        if member == "void *owned":
            continue
        kind, stars, field, n = MEMBER.match(member).groups()
        if kind not in KINDS:
            print_structure(bodies, kind, done)
        is_list = stars == ("*const *" if kind == "char" else "*")
        row = [f'.name = "{field}"', f".kind = {KINDS.get(kind, 'STRUCT')}",
               f".offset = offsetof(struct {name}, {field})",
               f".size = sizeof({'*' if is_list or n else ''}((struct {name} *)NULL)->{field})"]
        if is_list:
            outside, _, count = COUNTS.get(f"{name}.{field}", f"n_{field}").rpartition(".")
            row += [".is_list = true", f".outside = {'true' if outside else 'false'}",
                    f".count_offset = offsetof(struct {outside or name}, {count})"]
        if n:
            row.append(f".n = {n}")
        if kind not in KINDS:
            row.append(f".of = &{kind}")
        rows.append(f"\t\t{{ {', '.join(row)} }},\n")
    print(f"static const struct structure {name} = {{\n\tsizeof(struct {name}), (const struct field[]){{\n"
          f"{''.join(rows)}\t\t{{ 0 }} }} }};")


def main():
    header = re.sub(r"/\*.*?\*/", "", pathlib.Path(sys.argv[1]).read_text(), flags=re.S)
    bodies = dict(re.findall(r"^struct (dmk_\w+) \{(.*?)^\};", header, re.M | re.S))
    found = {kind: re.findall(rf"^DMK_{kind.upper()}_FUNCTIONS?\((\w+), ", header, re.M)
             for kind in ("table", "status", "message")}
    # Those that are not made by the macros.
    found["table"].append("snapshot_merge")
    found["status"].append("snapshot_merge")
    found["message"].append("core")
    done, entries = set(), []
    for name in sorted(set(sum(found.values(), []))):
        entry = [f'.type = "{name.replace("_", "-")}"']
        for kind, names in found.items():
            if name not in names:
                continue
            struct = "dmk_" + name.replace("_merge", "") + ("" if kind == "table" else "_" + kind)
            print_structure(bodies, struct, done)
            if kind == "message":
                print(f"static int message_{name}(const void *value, char **text, struct dmk_error *err)\n{{\n"
                      f"\treturn dmk_{name}_format_message(value, text, err);\n}}")
            else:
                print(f"static int {kind}_{name}(const char *text, void *value, struct dmk_error *err)\n{{\n"
                      f"\treturn dmk_{name}_parse_{kind}(text, value, err);\n}}")
            entry.append(f".{kind} = {{ {kind}_{name}, &{struct} }}")
        if name in found["table"]:
            print(f"static int add_{name}(struct dmk_table *table, uint64_t length, const void *value)\n{{\n"
                  f"\treturn dmk_table_add_{name}(table, DMK_NEXT, length, value);\n}}")
            entry.append(f".add = add_{name}")
        entries.append(f"\t{{ {', '.join(entry)} }},\n")
    print(f"static const struct typed all_typed[] = {{\n{''.join(entries)}}};")


main()
