#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the Python files that follow from the operations and their structs.

usage: generate.py TABLE FOLDER [--check]

TABLE is what nexpo_python_table prints; FOLDER is that of the package. --check writes nothing and fails when a file is
not what it would be.
"""

import argparse
import json
import pathlib
import re
import sys
import textwrap

WIDTH = 118
HEADER = """# SPDX-License-Identifier: Apache-2.0
# Written by bindings/python/generate/generate.py; not for editing.
"""
NO_OUTPUT = "Empty"
# What Python gets to see besides the structs of operations, and where it stands.
EXTRA_STRUCTS = {"Health": "backend", "AuditReport": "backend", "Config": "config"}


def camel(words):
    return "".join(word.capitalize() for word in words.split("_"))


def paragraphs(*texts):
    return [line for text in texts if text for line in textwrap.wrap(text, WIDTH - 8)]


def sentence(text):
    return text if text.endswith(".") else text + "."


def is_page(fields):
    return [field["name"] for field in fields] == ["items", "next"]


class Table:
    def __init__(self, data):
        self.operations = data["operations"]
        self.structs = data["structs"]
        self.enums = data["enums"]
        words = [tuple(enum) for enum in self.enums.values()]
        if len(set(words)) != len(words):
            sys.exit("two enumerations have the same words: the extension could not tell them apart")
        self.services = {}
        for operation in self.operations:
            service, method = operation["name"].split(".")
            self.services.setdefault(service, []).append({**operation, "method": method})

    def pages(self):
        return {name: fields[0]["type"]["element"]["struct"] for name, fields in self.structs.items() if is_page(fields)}

    def outputs(self):
        """The structs that Python gets to see, those inside of others first."""
        pages = self.pages()
        found = []

        def visit(name):
            if name in found or name == NO_OUTPUT:
                return
            for field in self.structs[name]:
                inner = field["type"]
                while inner:
                    if "struct" in inner:
                        visit(inner["struct"])
                    inner = inner.get("element")
            if name not in pages:
                found.append(name)

        for operation in self.operations:
            visit(operation["output"])
        for name in EXTRA_STRUCTS:
            visit(name)
        for operation in self.operations:  # structs inside of inputs
            for field in self.structs[operation["input"]]:
                inner = field["type"]
                while inner:
                    if "struct" in inner:
                        visit(inner["struct"])
                    inner = inner.get("element")
        return found


    def owners(self):
        """Which file of `_types` each struct and enumeration stands in: that of the first service with it."""
        owners = {}

        def visit(name, owner):
            for field in self.structs[name]:
                inner = field["type"]
                while inner:
                    if "enum" in inner:
                        owners.setdefault(inner["enum"], owner)
                    if "struct" in inner and inner["struct"] not in owners:
                        visit(inner["struct"], owner)
                    inner = inner.get("element")
            owners.setdefault(name, owner)

        for operation in self.operations:
            service = operation["name"].split(".")[0]
            visit(operation["output"], service)
            visit(operation["input"], service)
        for name, owner in EXTRA_STRUCTS.items():
            visit(name, owner)
        return owners

    def public_types(self):
        return [*self.enums, *[f"{name}Like" for name in self.enums], *self.outputs()]

    def module_of(self, name):
        owners = self.owners()
        return owners[name] if name in owners else owners[name.removesuffix("Like")]


SCALARS = {
    "boolean": "bool",
    "integer": "int",
    "number": "float",
    "decimal": "Decimal",
    "text": "str",
    "bytes": "bytes",
    "timestamp": "datetime",
}


def output_type(kind):
    name = kind["kind"]
    if name in SCALARS:
        return SCALARS[name]
    if name == "json":
        return "Any"
    if name == "enumeration":
        return kind["enum"]
    if name == "object":
        return kind["struct"]
    if name == "list":
        return f"list[{output_type(kind['element'])}]"
    if name == "map":
        return f"dict[str, {output_type(kind['element'])}]"
    if name == "optional":
        inner = output_type(kind["element"])
        return inner if inner == "Any" else f"{inner} | None"
    sys.exit(f"no Python type for {kind}")


def input_type(kind):
    name = kind["kind"]
    if name in SCALARS:
        return SCALARS[name]
    if name == "json":
        return "JsonValue"
    if name == "enumeration":
        return kind["enum"] + "Like"
    if name == "object":
        return f"{kind['struct']} | Mapping[str, Any]"
    if name == "list":
        return f"Sequence[{input_type(kind['element'])}]"
    if name == "map":
        return f"Mapping[str, {input_type(kind['element'])}]"
    if name == "variant":
        return "Mapping[str, Any]"
    if name == "optional":
        inner = input_type(kind["element"])
        return inner if inner == "JsonValue" else f"{inner} | None"
    if name == "patch":
        return f"{input_type(kind['element'])} | None | Unset"
    sys.exit(f"no Python type for {kind}")


def default(field, sequences="()"):
    kind = field["type"]
    value = field.get("default")
    if kind["kind"] == "patch":
        return "UNSET"
    if kind["kind"] in ("optional", "json") and value is None:
        return "None"
    if kind["kind"] == "enumeration":
        return f"{kind['enum']}.{value.upper()}"
    if kind["kind"] in ("boolean", "integer", "number", "text"):
        return repr(value) if kind["kind"] != "text" else json.dumps(value, ensure_ascii=False)
    if kind["kind"] == "list" and value == []:
        return sequences
    return "UNSET"


def docstring(lines, indent):
    pad = " " * indent
    if len(lines) == 1 and len(lines[0]) + indent + 6 <= WIDTH + 2:
        return [f'{pad}"""{lines[0]}"""']
    return [f'{pad}"""{lines[0]}', *[(pad + line).rstrip() for line in lines[1:]], f'{pad}"""']


def enumeration(table, name):
    words = table.enums[name]
    yield f"class {name}(StrEnum):"
    yield f'    """The words of `{name}`."""'
    yield ""
    for word in words:
        yield f'    {word.upper()} = "{word}"'
    yield ""
    yield ""
    yield from wrapped(f"{name}Like: TypeAlias = {name} | Literal[", words_of(words), "]")
    yield f'"""A `{name}`, or its word."""'
    yield ""
    yield ""


def words_of(words):
    return [f'"{word}"' for word in words]


def wrapped(head, items, tail):
    """A bracket on one line, or an item a line where that is too long."""
    line = f"{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH + 2:
        return [line]
    return [head, *[f"    {item}," for item in items], tail]


def used_by(table, name):
    pages = {page for page, item in table.pages().items() if item == name}
    answers = [f"`{op['name']}`" for op in table.operations if op["output"] == name or op["output"] in pages]
    if not answers:
        return None
    return "What " + ", ".join(answers) + (" answers." if len(answers) == 1 else " answer.")


def dataclass(table, name):
    fields = table.structs[name]
    settings = name.endswith("Config")
    secrets = [field["name"] for field in fields if field["secret"]]
    yield f"class {name}(Struct):"
    about = used_by(table, name) or ("Settings; each may be left out." if settings else f"A `{name}`.")
    lines = paragraphs(about)
    yield from docstring(lines, 4)
    yield ""
    if secrets:
        yield f"    _secrets = frozenset({{{', '.join(map(repr_quoted, secrets))}}})"
        yield ""
    for field in fields:
        kind = field["type"]
        line = f"    {field['name']}: "
        if settings:
            if kind["kind"] == "object":
                line += f"{kind['struct']} = {kind['struct']}()"
            elif kind["kind"] == "list":
                line += f"{input_type(kind)} = ()"
            else:
                line += f"{input_type(kind)} = {default(field)}"
        else:
            line += output_type(kind)
        yield line
        if field["doc"]:
            yield from docstring(paragraphs(field["doc"]), 4)
    yield ""
    yield ""


def repr_quoted(text):
    return json.dumps(text)


def types_files(table):
    owners = table.owners()
    public = set(table.public_types())
    for module in dict.fromkeys(owners.values()):
        names = [name for name in [*table.enums, *table.outputs()] if owners[name] == module]
        if not names:
            continue
        body = []
        for name in names:
            body += enumeration(table, name) if name in table.enums else dataclass(table, name)
        while not body[-1]:
            body.pop()
        own = [name for name in public if table.module_of(name) == module]
        yield f"_types/{module}", assemble(table, about_types(module), body, [("nexpo._struct", ["Struct"])], own)
    yield "_types/__init__", registry(table)


def about_types(module):
    return {"backend": "What a backend says of itself.", "config": "The settings."}.get(
        module, f"What the operations `{module}.…` take and answer.")


def registry(table):
    modules = {}
    for name in sorted(table.public_types()):
        modules.setdefault(table.module_of(name), []).append(name)
    yield from [HEADER, '"""What operations take and answer, and the settings."""', "",
                "from __future__ import annotations", "", "from enum import StrEnum", "from typing import Any, Final", "",
                "from nexpo._struct import Page"]
    for module, names in sorted(modules.items()):
        yield from wrapped_import(f"nexpo._types.{module}", names)
    yield from ["", "__all__ = [", *[f'    "{name}",' for name in sorted(table.public_types())], "]", ""]
    yield from ["# What the extension makes objects of.", "STRUCTS: Final[dict[str, type[Any]]] = {"]
    yield from [f'    "{name}": {name},' for name in table.outputs()]
    yield from [f'    "{name}": Page,' for name in table.pages()]
    yield from ["}", "ENUMS: Final[dict[tuple[str, ...], type[StrEnum]]] = {"]
    for name, words in table.enums.items():
        yield from [f"    {line}" for line in wrapped("(", words_of(words), f"): {name},")]
    yield "}"


def wrapped_import(module, names):
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH + 2:
        return [line]
    return [f"from {module} import (", *[f"    {name}," for name in names], ")"]


def constant(operation):
    return operation["name"].replace(".", "_").upper()


def parameters(table, operation):
    """Required ones first is not needed: all are by keyword."""
    for field in table.structs[operation["input"]]:
        text = f"{field['name']}: {input_type(field['type'])}"
        yield text if field["required"] and field["type"]["kind"] != "patch" else f"{text} = {default(field)}"


def arguments(table, operation):
    return [field["name"] for field in table.structs[operation["input"]]]


def error_class(code):
    return camel(code)


def method_doc(table, operation):
    lines = paragraphs(sentence(operation["summary"]))
    if operation["description"]:
        lines += ["", *paragraphs(operation["description"])]
    documented = [field for field in table.structs[operation["input"]] if field["doc"]]
    if documented:
        lines += ["", "Args:"]
        for field in documented:
            text = textwrap.wrap(f"{field['name']}: {field['doc']}", WIDTH - 16)
            lines += ["    " + text[0], *["        " + line for line in text[1:]]]
    if operation["reasons"]:
        lines += ["", "Raises:"]
        raised = {}
        for code, reason in operation["reasons"]:
            raised.setdefault(error_class(code), []).append(f"`{reason}`")
        for name, reasons in raised.items():
            lines.append(f"    {name}: {', '.join(reasons)}.")
    return lines


def signature(head, given, answer):
    inside = ", ".join(["self", *(["*"] if given else []), *given])
    line = f"    {head}({inside}) -> {answer}:"
    if len(line) <= WIDTH + 2:
        return [line]
    return [f"    {head}(", "        self,", "        *,", *[f"        {one}," for one in given], f"    ) -> {answer}:"]


def tuple_of(names):
    return f"({names[0]},)" if len(names) == 1 else f"({', '.join(names)})"


def answer_of(table, operation):
    if operation["output"] == NO_OUTPUT:
        return "None"
    pages = table.pages()
    return f"Page[{pages[operation['output']]}]" if operation["output"] in pages else operation["output"]


def is_listing(table, operation):
    return operation["output"] in table.pages() and "cursor" in arguments(table, operation)


def sync_method(table, operation):
    given = list(parameters(table, operation))
    names = arguments(table, operation)
    values = ", ".join([constant(operation), *names])
    if operation["kind"] == "stream":
        yield from signature(f"def {operation['method']}", given, "Subscription")
        yield from docstring(method_doc(table, operation), 8)
        yield f"        return Subscription(self._api.subscribe({', '.join(names)}))"
    elif is_listing(table, operation):
        item = table.pages()[operation["output"]]
        yield from signature(f"def {operation['method']}", given, f"Listing[{item}]")
        yield from docstring(method_doc(table, operation), 8)
        yield f"        return Listing(self._call, {constant(operation)}, {names.index('cursor')}, {tuple_of(names)})"
    else:
        yield from signature(f"def {operation['method']}", given, answer_of(table, operation))
        yield from docstring(method_doc(table, operation), 8)
        yield f"        return self._call({values})"
    yield ""


def async_method(table, operation):
    given = list(parameters(table, operation))
    names = arguments(table, operation)
    values = ", ".join([constant(operation), *names])
    if operation["kind"] == "stream":
        yield from signature(f"def {operation['method']}", given, "AsyncSubscription")
        yield from docstring(method_doc(table, operation), 8)
        yield f"        return AsyncSubscription(self._api, {', '.join(names)})"
    elif is_listing(table, operation):
        item = table.pages()[operation["output"]]
        yield from signature(f"def {operation['method']}", given, f"AsyncListing[{item}]")
        yield from docstring(method_doc(table, operation), 8)
        yield (
            f"        return AsyncListing(self._start, {constant(operation)}, {names.index('cursor')}, "
            f"{tuple_of(names)})"
        )
    else:
        yield from signature(f"async def {operation['method']}", given, answer_of(table, operation))
        yield from docstring(method_doc(table, operation), 8)
        yield f"        return await self._start({values})"
    yield ""


def imports_of(body, names, module):
    words = set(re.findall(r"\w+", body))
    used = sorted(name for name in names if name in words)
    return wrapped_import(module, used) if used else []


def services_files(table):
    for service, operations in table.services.items():
        body = []
        for operation in operations:
            if operation["kind"] != "stream":
                body.append(f"{constant(operation)}: Final[Operation[{answer_of(table, operation)}]] = "
                            f'Operation("{operation["name"]}")')
        body += ["", ""] if body else []
        body += [f"class {camel(service)}:"]
        body += [f'    """`{service}` of the caller\'s organization. Safe to share between threads; calls block."""', ""]
        body += ['    __slots__ = ("_api", "_call")', ""]
        body += ["    def __init__(self, api: _core.Api) -> None:", "        self._api = api",
                 "        self._call = api.call", ""]
        for operation in operations:
            body += sync_method(table, operation)
        body.pop()
        yield f"_services/{service}", assemble(table, f"The operations `{service}.…`, as methods.", body, [
            ("nexpo", ["_core"]), ("nexpo._core", ["Operation"]), ("nexpo._events", ["Subscription"]),
            ("nexpo._listing", ["Listing"])], [camel(service)])
    body = ["class Api(ApiBase):"]
    body += ['    """The backend as one caller sees it. Cheap, and safe to share between threads; calls block."""', ""]
    body += [f"    {line}" for line in wrapped("__slots__ = (", words_of(table.services), ")")] + [""]
    body += ["    def __init__(self, core: _core.Api) -> None:", "        super().__init__(core)"]
    for service in table.services:
        body += [f"        self.{service} = {camel(service)}(core)"]
    yield "_services/__init__", assemble(table, "All operations, as methods.", body, [
        ("nexpo", ["_core"]), ("nexpo._api", ["ApiBase"]),
        *[(f"nexpo._services.{service}", [camel(service)]) for service in table.services]],
        ["Api", *map(camel, table.services)])


def aio_files(table):
    for service, operations in table.services.items():
        body = [f"class Async{camel(service)}:"]
        body += [f'    """`{service}` of the caller\'s organization, for asyncio."""', ""]
        body += ['    __slots__ = ("_api", "_start")', ""]
        body += ["    def __init__(self, api: _core.Api) -> None:", "        self._api = api",
                 "        self._start = api.start", ""]
        for operation in operations:
            body += async_method(table, operation)
        body.pop()
        constants = [constant(operation) for operation in operations if operation["kind"] != "stream"]
        yield f"_aio/{service}", assemble(table, f"The operations `{service}.…`, as coroutines.", body, [
            ("nexpo", ["_core"]), ("nexpo._events", ["AsyncSubscription"]), ("nexpo._listing", ["AsyncListing"]),
            (f"nexpo._services.{service}", constants)], [f"Async{camel(service)}"])
    body = ["class AsyncApi:"]
    body += ['    """The backend as one caller sees it, for asyncio: calls do not block the event loop."""', ""]
    body += [f"    {line}" for line in wrapped("__slots__ = (", words_of(table.services), ")")] + [""]
    body += ["    def __init__(self, core: _core.Api) -> None:"]
    for service in table.services:
        body += [f"        self.{service} = Async{camel(service)}(core)"]
    yield "_aio/__init__", assemble(table, "All operations, as coroutines.", body, [
        ("nexpo", ["_core"]),
        *[(f"nexpo._aio.{service}", [f"Async{camel(service)}"]) for service in table.services]],
        ["AsyncApi", *[f"Async{camel(service)}" for service in table.services]])


def assemble(table, about, body, imports, public):
    text = "\n".join(body)
    head = [HEADER, f'"""{about}"""', "", "from __future__ import annotations", ""]
    standard = imports_of(text, ["Mapping", "Sequence"], "collections.abc")
    standard += imports_of(text, ["datetime"], "datetime")
    standard += imports_of(text, ["Decimal"], "decimal")
    standard += imports_of(text, ["StrEnum"], "enum")
    standard += imports_of(text, ["Any", "ClassVar", "Final", "Literal", "TypeAlias"], "typing")
    head += [*standard, ""] if standard else []
    modules = dict(imports)
    modules.setdefault("nexpo._struct", []).extend(["JsonValue", "Page"])
    modules.setdefault("nexpo._unset", []).extend(["UNSET", "Unset"])
    defined = set(re.findall(r"^(?:class )?(\w+)[:(]", text, re.MULTILINE))
    for name in table.public_types():
        if name not in defined:
            modules.setdefault(f"nexpo._types.{table.module_of(name)}", []).append(name)
    own = [line for module, names in sorted(modules.items()) for line in imports_of(text, names, module)]
    head += [*own, ""] if own else []
    head += [*wrapped("__all__ = [", words_of(sorted(public)), "]"), ""]
    if not re.match(r"[A-Z_]+: Final", body[0]):
        head += [""]
    return [*head, *body]


def open_file(table):
    """`open`, with every setting as a keyword."""
    given = []
    for field in table.structs["Config"]:
        if field["name"] == "database":
            continue
        kind = input_type(field["type"])
        if field["type"]["kind"] == "object":
            given.append(f"{field['name']}: {kind} | Unset = UNSET")
        else:
            given.append(f"{field['name']}: {kind} | Unset = UNSET")
    lines = ["Open a backend.", "",
             "The database is made, or brought up to date, and the threads of the settings are started. Close it, or use it",
             "in a `with` statement.", "", "Args:",
             "    database: `sqlite:<file>` or `postgresql://user:password@host:port/database`, or a whole `Config`."]
    for field in table.structs["Config"]:
        if field["name"] == "database" or not field["doc"]:
            continue
        text = textwrap.wrap(f"{field['name']}: {field['doc']}", WIDTH - 12)
        lines += ["    " + text[0], *["        " + line for line in text[1:]]]
    lines += ["", "Raises:", "    InvalidArgument: a setting; `violations` name it.",
              "    FailedPrecondition: `database_newer`, `sealing_key_wrong`.",
              "    Unavailable: the database cannot be opened."]
    body = ["def open(", "    database: str | Config,", "    *,", *[f"    {one}," for one in given],
            "    **extras: Any,", ") -> Backend:", *docstring(lines, 4), "    settings = {"]
    body += [f'        "{field["name"]}": {field["name"]},' for field in table.structs["Config"] if field["name"] != "database"]
    body += ["    }", "    return open_backend(database, settings, extras)"]
    return assemble(table, "Opening a backend.", body, [("nexpo._backend", ["Backend", "open_backend"])], ["open"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("table", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    table = Table(json.loads(options.table.read_text(encoding="utf-8")))
    files = dict([*types_files(table), *services_files(table), *aio_files(table), ("_open", open_file(table))])
    texts = {options.folder / f"{name}.py": "\n".join(lines) + "\n" for name, lines in files.items()}
    there = {path for folder in ("_types", "_services", "_aio") for path in (options.folder / folder).glob("*.py")}
    stale = {path for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text}
    stale |= there - texts.keys()
    if not options.check:
        for path in there - texts.keys():
            path.unlink()
        for path in stale & texts.keys():
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        return 0
    for path in sorted(stale):
        print(f"{path} does not follow from the operations: bindings/python/generate/run writes it anew", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
