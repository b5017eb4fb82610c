#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# Copyright (C) 2026 The patchcore-gst authors
"""Keeps the property tables of docs/elements/ equal to what the elements say of themselves.

Usage: property_tables_test.py [--write]

Compares, or with --write replaces, the table below the heading "## Properties" of each page. Also
checks that every property says something about itself.
"""
import os
import pathlib
import re
import sys

import gi

gi.require_version("Gst", "1.0")
from gi.repository import GLib, GObject, Gst  # noqa: E402

ELEMENTS = ("patchcoretrain", "patchcoredetect", "patchcoreoverlay", "patchcorepublish")
HEADING = "## Properties\n\n"
PAGES = pathlib.Path(__file__).resolve().parents[2] / "docs" / "elements"


def number(value):
    limits = {GLib.MAXINT: "largest", GLib.MAXUINT: "largest", 2**63 - 1: "largest",
              2**64 - 1: "largest"}
    if isinstance(value, float):
        return "largest" if value > 1e300 else f"{value:g}"
    return limits.get(value, str(value))


def describe_type(spec):
    if isinstance(spec, GObject.ParamSpecEnum) or hasattr(spec, "enum_class"):
        values = spec.enum_class.__enum_values__.values()
        return "one of " + ", ".join(f"`{value.value_nick}`" for value in values)
    if hasattr(spec, "flags_class"):
        values = spec.flags_class.__flags_values__.values()
        return "flags " + ", ".join(f"`{value.first_value_nick}`" for value in values)
    name = spec.value_type.name.removeprefix("g").replace("GstStructure", "structure")
    if hasattr(spec, "minimum"):
        return f"{name}, {number(spec.minimum)} to {number(spec.maximum)}"
    return {"chararray": "string", "boolean": "boolean"}.get(name, name)


def describe_default(spec, element):
    if not spec.flags & GObject.ParamFlags.WRITABLE:
        return "read-only"
    value = element.get_property(spec.name)
    if value is None or value == "":
        return "none"
    if hasattr(value, "value_nick"):
        return f"`{value.value_nick}`"
    if hasattr(value, "value_nicks"):
        return "`" + "+".join(nick for nick in value.value_nicks if nick != "none") + "`"
    return f"`{str(value).lower() if isinstance(value, bool) else number(value)}`"


def table(name):
    element = Gst.ElementFactory.make(name)
    assert element, f"no element {name}: is GST_PLUGIN_PATH set?"
    own = [spec for spec in GObject.list_properties(element) if spec.owner_type == element.__gtype__]
    rows = ["| property | type | default | meaning |", "|---|---|---|---|"]
    for spec in own:
        assert spec.blurb and len(spec.blurb) > 10, f"{name}: {spec.name} says nothing of itself"
        meaning = spec.blurb.replace("|", "\\|")
        rows.append(f"| `{spec.name}` | {describe_type(spec)} | {describe_default(spec, element)} "
                    f"| {meaning} |")
    return "\n".join(rows) + "\n"


def main(write):
    Gst.init(None)
    stale = []
    for name in ELEMENTS:
        page = PAGES / f"{name}.md"
        text = page.read_text()
        assert HEADING in text, f"{page} has no heading 'Properties'"
        before, rest = text.split(HEADING, 1)
        after = re.sub(r"\A(\|[^\n]*\n)*", "", rest)
        fresh = before + HEADING + table(name) + after
        if fresh != text:
            stale.append(str(page))
            if write:
                page.write_text(fresh)
    if stale and not write:
        sys.exit(f"not what the elements say: {', '.join(stale)}; run {os.path.basename(__file__)} "
                 "--write")


if __name__ == "__main__":
    main("--write" in sys.argv[1:])
