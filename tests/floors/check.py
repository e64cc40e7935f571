#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks how the source tree is put together. `check.py` runs every rule, `check.py RULE` one, `check.py --list` names them.

The floors, from the top: a file includes only from its own folder or from floors below.
"""

import collections
import pathlib
import re
import sys

SERVICES = ["auth", "user", "kpi", "advisor", "notification", "report", "sync", "payment"]
FLOORS = [
    ["hosts", "bindings", "examples"],
    ["src/gateway"],
    ["src/backend"],
    [f"src/{service}" for service in SERVICES],
    ["src/drivers", "src/testing"],
    ["src/work", "src/files"],
    ["src/operation"],
    ["src/store", "src/net", "src/crypto"],
    ["src/describe", "src/telemetry"],
    ["src/base"],
    ["include/nexpo"],
]
HEIGHT = {folder: len(FLOORS) - index for index, floor in enumerate(FLOORS) for folder in floor}

# Headers that cost seconds or tie us to a vendor: where they may be included, and in how many files at most. A count may
# shrink freely; to raise one, say why in the commit.
HEAVY = {
    r"boost/(asio|beast)": {"hosts": 10, "examples": 1},
    r"boost/json": {"src/base": 1},
    r"SQLiteCpp/|sqlite3\.h": {"src/store": 5},
    r"libpq-fe\.h": {"src/store": 5},
    r"openssl/": {"src/crypto": 5, "src/net": 1, "src/drivers": 2, "hosts": 3},
    r"curl/": {"src/net": 2},
    r"hiredis/": {"src/drivers": 1},
    r"nats/": {"src/drivers": 1},
    r"amqp(_\w+)?\.h": {"src/drivers": 1},
    r"argon2\.h": {"src/crypto": 1},
    r"zlib\.h": {"src/base": 1},
    r"toml\+\+/": {"hosts": 1},
    r"(pybind11/|Python\.h)": {},  # in bindings/python, which is not looked at
    r"grpcpp/": {"hosts": 4},
    r"google/protobuf/": {"hosts": 3},
}
# C and POSIX headers that need no room.
SYSTEM = re.compile(
    r"(sys|netinet|arpa|linux)/\w+\.h|(fcntl|unistd|signal|poll|pthread|sched|netdb|time|errno|string|stdlib|spawn|cxxabi|termios)\.h")

# Where nobody would tell us of the event.
WAITS = {
    "src/store/sqlite/sqlite_connection.cpp",  # another process lets go of the database's lock
}

# What takes back what a vendor's library does to the signals of the process.
RESTORES_SIGNALS = {"src/drivers/queue/nats_connection.cpp"}

MAX_LINES = 600
SUFFIXES = {".hpp", ".cpp", ".h", ".c"}


class Source:
    """One C++ file."""

    def __init__(self, root, path):
        self.path = path.relative_to(root).as_posix()
        self.text = path.read_text(encoding="utf-8")
        self.lines = self.text.splitlines()
        self.folder = next((f for f in HEIGHT if self.path.startswith(f + "/")), None)
        self.code = re.sub(r"//[^\n]*|/\*.*?\*/", "", self.text, flags=re.DOTALL)
        self.includes = re.findall(r'^\s*#\s*include\s*([<"][^>"]+)[>"]', self.text, re.MULTILINE)

    @property
    def unit(self):
        """The smallest folder that a file may include from freely: a room, a host, an example's own files."""
        parts = self.path.split("/")
        depth = {"src/drivers": 3, "hosts": 2, "bindings": 2, "examples": 1}.get(self.folder)
        return "/".join(parts[:depth]) if depth else self.folder


def near(root, source, include):
    """The file that a quoted include finds beside the source, in its unit or among the hosts, as a path in the tree."""
    bases = [(root / source.path).parent, root / source.unit]
    for base in bases + ([root / "hosts"] if source.folder == "hosts" else []):
        path = (base / include[1:]).resolve()
        if include[0] == '"' and path.is_file() and path.is_relative_to(root.resolve()):
            return path.relative_to(root.resolve()).as_posix()
    return None


def target_of(root, source, include):
    """The floor's folder that an include leads to, or None when it leads out of the tree."""
    parts = include[1:].split("/")
    if parts[0] == "nexpo":
        return "include/nexpo"
    if f"src/{parts[0]}" in HEIGHT and len(parts) > 1:
        return f"src/{parts[0]}"
    if include[0] == "<":
        return None
    path = near(root, source, include)
    return next((folder for folder in HEIGHT if path and path.startswith(folder + "/")), path or "nowhere")


def sources(root, *folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield Source(root, path)


def library_and_doors(root):
    return sources(root, "include", "src", "hosts", "bindings", "examples")


def downward(root):
    """Includes go to the own folder or to floors below; so no service sees another's files."""
    for source in library_and_doors(root):
        if source.folder is None:
            if not source.path.startswith("src/cmake/"):
                yield f"{source.path}: stands on no floor"
            continue
        for include in source.includes:
            target = target_of(root, source, include)
            if target in (None, source.folder):
                continue
            if target not in HEIGHT:
                yield f"{source.path}: {include[1:]} leads to {target}"
            elif HEIGHT[target] >= HEIGHT[source.folder]:
                yield f"{source.path}: {source.folder} must not include {include[1:]}"


def doors(root):
    """Hosts, bindings and examples include public headers and their own only; hosts share hosts/settings and hosts/common."""
    for source in sources(root, "hosts", "bindings", "examples"):
        for include in source.includes:
            own = (near(root, source, include) or "").startswith((source.unit + "/", "hosts/settings/", "hosts/common/"))
            if not own and target_of(root, source, include) not in (None, "include/nexpo"):
                yield f"{source.path}: {include[1:]} is not public"


def public(root):
    """Public headers include Nexpo and the C++ standard library; those for tests may include GoogleTest."""
    for source in sources(root, "include"):
        for include in source.includes:
            name = include[1:]
            testing = source.path.startswith("include/nexpo/testing/") and re.match(r"g(test|mock)/", name)
            standard = include[0] == "<" and re.fullmatch(r"[a-z_]+", name)
            if not (name.startswith("nexpo/") or standard or testing):
                yield f"{source.path}: must not include {name}"


def heavy(root):
    """Heavy headers only in their rooms, in no more files than are counted here; others need a line here first."""
    users = {pattern: collections.defaultdict(set) for pattern in HEAVY}
    for source in sources(root, "src", "hosts", "examples"):
        for include in source.includes:
            name = include[1:]
            pattern = next((p for p in HEAVY if re.match(p, name)), None)
            if pattern:
                users[pattern][source.folder].add(source.path)
            elif include[0] == "<" and re.search(r"[/.]", name) and not name.startswith("nexpo/"):
                if not SYSTEM.fullmatch(name):
                    yield f"{source.path}: {name} has no room in HEAVY"
    for pattern, folders in users.items():
        for folder, paths in folders.items():
            limit = HEAVY[pattern].get(folder, 0)
            if len(paths) > limit:
                yield f"{folder}: {len(paths)} files include {pattern}, {limit} may: {', '.join(sorted(paths))}"


def scopes(root):
    """Only auth, work and backend look across organizations, and the store while it migrates."""
    for source in sources(root, "src", "hosts", "examples"):
        if source.folder not in ("src/auth", "src/work", "src/backend", "src/store"):
            if re.search(r"\bScope::installation\s*\(", source.code):
                yield f"{source.path}: takes Scope::installation()"


def manners(root):
    """The library reads no environment, prints nothing and handles no signals."""
    for source in sources(root, "src", "include"):
        for word in re.findall(
                r"\b(?:secure_)?getenv\b|\bstd::c(?:out|err|log|in)\b|\bf?printf\s*\(|\bputs\s*\(|\bsigaction\s*\(|"
                r"\bstd::signal\s*\(|\babort\s*\(|\b_?exit\s*\(", source.code):
            if "sigaction" in word and source.path in RESTORES_SIGNALS:
                continue
            yield f"{source.path}: uses {word.strip('( ')}"


def waiting(root):
    """Nothing waits for a fixed time."""
    for source in sources(root, "src", "include", "hosts", "examples", "tests"):
        if source.path not in WAITS and re.search(r"\b(?:this_thread::sleep_(?:for|until)|usleep|nanosleep)\b", source.code):
            yield f"{source.path}: sleeps; wait for the event instead"


def size(root):
    """No file is longer than it can be read in one sitting."""
    for folder in ("include", "src", "hosts", "bindings", "examples", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in SUFFIXES | {".py", ".cmake", ".sql", ".sh"} or path.name in ("CMakeLists.txt", "run"):
                lines = len(path.read_text(encoding="utf-8").splitlines())
                if lines > MAX_LINES:
                    yield f"{path.relative_to(root)}: {lines} lines, {MAX_LINES} may be"


def form(root):
    """Each C++ file names its licence in the first line; each header has #pragma once; public ones open v1 spelled out."""
    for source in sources(root, "include", "src", "hosts", "bindings", "examples", "tests"):
        if not source.lines or source.lines[0] != "// SPDX-License-Identifier: Apache-2.0":
            yield f"{source.path}: the first line does not name the licence"
        if source.path.endswith(".hpp") and "#pragma once" not in source.lines:
            yield f"{source.path}: no #pragma once"
        if source.path.startswith("include/") and re.search(r"^namespace nexpo\b(?!::inline v1)", source.code, re.MULTILINE):
            yield f"{source.path}: opens namespace nexpo without inline v1"


def listed(root):
    """Every source stands in a CMakeLists.txt of its folder or of one above, every public header in include/'s."""
    for source in sources(root, "include", "src", "hosts", "tests/unit", "tests/integration", "tests/parity", "tests/golden",
                          "tests/fuzz"):
        is_public = source.path.startswith("include/")
        if not is_public and not source.path.endswith(".cpp"):
            continue
        path = root / source.path
        for folder in path.parents:
            if folder == root:
                yield f"{source.path}: no CMakeLists.txt lists it"
                break
            lists = folder / "CMakeLists.txt"
            name = re.escape(path.relative_to(folder).as_posix())
            if lists.exists() and re.search(rf"(?<![\w/.-]){name}(?![\w/-])", lists.read_text(encoding="utf-8")):
                break


RULES = {rule.__name__: rule for rule in (downward, doors, public, heavy, scopes, manners, waiting, size, form, listed)}


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(RULES))
        return 0
    root = pathlib.Path(__file__).resolve().parents[2]
    problems = [problem for name in arguments or RULES for problem in RULES[name](root)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
