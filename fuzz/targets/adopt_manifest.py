"""What an adopted allocator says of itself: rcufarm.toml, read and checked.

Job: the Manifest, and the C file that carries it into the program. Wrong manifests end the process: exit code 2 with a sentence.
"""
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
MANIFEST = "rcufarm.toml"
# Where source packages of Debian are unpacked (adopt.sh).
SOURCES = HERE.parent.parent / "build" / "adopt" / "sources"

CONTRACT = {
    "null": {"any": False, "only-without-memory": True},
    "races": {"accused": True, "ignored": False},
    "volatile": {"atomic": True, "plain": False},
    "plain": {"atomic": True, "plain": False},
    "memory": {"may-fail": True, "is-there": False},
    "deferred": {"anywhere": True, "outside-sections": False},
    "model": {"c11": "sc c11", "kernel": "sc kernel", "tso": "sc tso"},
}
DEFAULTS = {"null": "any", "races": "accused", "volatile": "atomic", "plain": "plain", "memory": "may-fail", "deferred": "anywhere",
            "model": "c11"}


def die(text):
    print(f"adopt: {text}", file=sys.stderr)
    sys.exit(2)


def run(command, **more):
    return subprocess.run([str(part) for part in command], text=True, capture_output=True, check=False, **more)


class Manifest:
    """rcufarm.toml, checked."""

    def __init__(self, folder):
        self.folder = Path(folder).resolve()
        self.path = self.folder / MANIFEST
        if not self.path.is_file():
            die(f"there is no {MANIFEST} in {folder}. `./farm adopt new NAME` writes one to begin with")
        try:
            read = tomllib.loads(self.path.read_text())
        except tomllib.TOMLDecodeError as error:
            die(f"{self.path}: {error}")
        known = {"name", "debian", "sources", "include", "flags", "assembly", "operations", "contract"}
        self.refuse_unknown(read, known, "")
        self.name = self.text(read, "name", self.folder.name)
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", self.name):
            die(f"{self.path}: name = \"{self.name}\": small letters, digits and - only, a letter first")
        if self.name.startswith(("linux", "defect", "farm", "hooked")) or self.name in ("sim", "native"):
            die(f"{self.path}: name = \"{self.name}\": programs of the project are called so; take another")
        self.debian = self.text(read, "debian", "")
        if self.debian and not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", self.debian):
            die(f"{self.path}: debian = \"{self.debian}\" is no name of a source package")
        os.environ["DEBIAN"] = str(SOURCES / self.debian) if self.debian else "$DEBIAN"
        self.sources = self.texts(read, "sources")
        if not self.sources:
            die(f"{self.path}: sources = [] names no file. Give the allocator's sources and your adapter")
        self.include = self.texts(read, "include", ["."])
        self.flags = self.texts(read, "flags", [])
        self.assembly = self.texts(read, "assembly", [])
        operations = read.get("operations", {})
        self.refuse_unknown(operations, {"sizes"}, "operations.")
        self.sizes = operations.get("sizes", [16, 64])
        if not isinstance(self.sizes, list) or not self.sizes or not all(
                isinstance(size, int) and 0 < size < 65536 for size in self.sizes):
            die(f"{self.path}: operations.sizes wants a list of bytes, each from 1 to 65535")
        contract = read.get("contract", {})
        self.refuse_unknown(contract, set(CONTRACT) | {"link_bytes"}, "contract.")
        self.contract = {}
        for key, values in CONTRACT.items():
            said = contract.get(key, DEFAULTS[key])
            if said not in values:
                die(f"{self.path}: contract.{key} = \"{said}\" is unknown. Allowed: {', '.join(values)}")
            self.contract[key] = values[said]
        # What orders there is the machine's, and C++'s races are not what its code goes by.
        if contract.get("model") in ("kernel", "tso") and "races" not in contract:
            self.contract["races"] = False
        self.link_bytes = contract.get("link_bytes", 16)
        if not isinstance(self.link_bytes, int) or self.link_bytes < 0:
            die(f"{self.path}: contract.link_bytes wants a number of bytes")

    def refuse_unknown(self, table, known, prefix):
        for key in table:
            if key not in known:
                die(f"{self.path}: {prefix}{key} is unknown. Allowed: {', '.join(sorted(known))}")

    def text(self, table, key, default):
        value = table.get(key, default)
        if not isinstance(value, str):
            die(f"{self.path}: {key} wants a text")
        return value

    def texts(self, table, key, default=None):
        value = table.get(key, default)
        if value is None:
            die(f"{self.path}: {key} is missing")
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            die(f"{self.path}: {key} wants a list of texts")
        return [os.path.expandvars(one) for one in value]

    def resolve(self, path):
        return path if os.path.isabs(path) else str(self.folder / path)

    def compile_flags(self, source):
        language = ["-std=gnu11"] if source.endswith(".c") else ["-std=gnu++20"]
        includes = [f"-I{self.resolve(one)}" for one in self.include]
        return language + includes + [f"-I{HERE}", f"-I{HERE / 'include'}"] + self.flags


def truth(value):
    return "true" if value else "false"


def write_manifest(manifest, out, has_fences, starts_threads):
    sizes = ", ".join(str(size) for size in manifest.sizes)
    text = f"""#include "targets/adopted/manifest.h"
static const size_t sizes[] = {{{sizes}}};
const struct rcufarm_manifest rcufarm_manifest = {{
    .name = "{manifest.name}",
    .sizes = sizes,
    .sizes_count = {len(manifest.sizes)},
    .link_bytes = {manifest.link_bytes},
    .model = "{manifest.contract['model'].split()[1]}",
    .serves_while_memory = {truth(manifest.contract['null'])},
    .accuses_races = {truth(manifest.contract['races'])},
    .volatile_is_atomic = {truth(manifest.contract['volatile'])},
    .plain_is_atomic = {truth(manifest.contract['plain'])},
    .has_fences = {truth(has_fences)},
    .starts_threads = {truth(starts_threads)},
    .memory_fails = {truth(manifest.contract['memory'])},
    .defers_in_sections = {truth(manifest.contract['deferred'])},
}};
"""
    write_if_new(out / "manifest.c", text)


def write_if_new(path, text):
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
