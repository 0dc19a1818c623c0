"""Building one mutant: only what its change reaches is compiled, and linked with the rest of a finished build.

Job: take the compiler's and the linker's commands from a build folder (Ninja) in which `rcufarm` is built, and repeat them
for a mutant in a slot of its own. Owns its slot's folder; one thread for each slot.

Every line of the allocator's sources gets the number 1 (#line): places in the source are part of the program, and a
mutant that differs from the original in line numbers alone is to give the same objects.
"""

import hashlib
import re
import shlex
import shutil
import subprocess
from pathlib import Path

COMPILE_SECONDS_MAX = 300


class BuildFailed(Exception):
    """The build folder, or the allocator as it is, is not as it should be."""


def commands_of(build):
    said = subprocess.run(["ninja", "-C", str(build), "-t", "commands", "rcufarm"], capture_output=True, text=True)
    if said.returncode != 0:
        raise BuildFailed(f"{build} is no Ninja build of rcufarm: {said.stderr or said.stdout}")
    return [line for line in said.stdout.splitlines() if not line.startswith("ninja: Entering")]


def engine_of(build):
    """A hash of what searches: every library of the build but the allocator's, and the program's own objects."""
    digest = hashlib.sha256()
    names = re.findall(r"lib/librcufarm_\w+\.a", commands_of(build)[-1])
    for name in sorted(name for name in set(names) if "sim_alloc" not in name):
        digest.update((build / name).read_bytes())
    return digest.hexdigest()[:12]


def numbered_alike(text):
    lines = text.split("\n")
    continued = [False] + [line.endswith("\\") for line in lines[:-1]]
    return "\n".join(line if after else f"#line 1\n{line}" for line, after in zip(lines, continued))


def reaches(sources, file):
    """The .cpp files of alloc/mem that include `file`, itself included; `adapter` stands for the harness's adapter."""
    includes = {name: set(re.findall(r'#include "mem/([\w.]+)"', text)) for name, text in sources.items()}
    reached = {file}
    while True:
        more = {name for name, wanted in includes.items() if name not in reached and wanted & reached}
        if not more:
            break
        reached |= more
    return {name for name in reached if name.endswith(".cpp")} | ({"adapter"} if reached & {"mem_alloc.h"} else set())


class Slot:
    def __init__(self, build, root, alloc, sources, folder):
        self.build, self.root, self.sources, self.folder = build, root, sources, folder
        self.alloc = folder / "alloc"
        shutil.rmtree(folder, ignore_errors=True)
        (self.alloc / "mem").mkdir(parents=True)
        shutil.copytree(alloc / "kernel", self.alloc / "kernel")
        self.read_commands()
        for name in sources:
            self.write(name, sources[name])
        self.original = {}
        for name in sorted(self.compiles):
            said, data = self.compile(name)
            if data is None:
                raise BuildFailed(f"alloc/mem does not compile as it is: {said}")
            self.original[name] = data
            self.object(name, "original").write_bytes(data)

    def read_commands(self):
        lines = commands_of(self.build)
        self.compiles = {}
        for line in lines:
            source = re.search(r" -c (\S+/alloc/mem/(\w+\.cpp)|\S+/(mem_adapter\.cpp))$", line)
            if source:
                self.compiles[source.group(2) or "adapter"] = self.compile_command(line)
        missing = {name for name in self.sources if name.endswith(".cpp")} - self.compiles.keys()
        if missing or "adapter" not in self.compiles:
            raise BuildFailed(f"{self.build} does not compile {missing or 'the adapter'}: build rcufarm there first")
        # ": && g++ … -o bin/rcufarm … && :", from which the two libraries with the allocator in them are left out.
        link = shlex.split(lines[-1].split("&&")[1])
        self.link = [word for word in link if not re.search(r"librcufarm_sim_(alloc|harness)\.a$", word)]

    def compile_command(self, line):
        words = shlex.split(line)
        if "ccache" in words[0]:
            words = words[1:]
        for flag in ("-MT", "-MF", "-o", "-c"):
            at = words.index(flag)
            del words[at:at + 2]
        words = [word for word in words if word not in ("-MD", "-Werror")]
        return [f"-I{self.alloc}" if word == f"-I{self.root}/alloc" else word for word in words] + ["-w"]

    def write(self, name, text):
        (self.alloc / "mem" / name).write_text(numbered_alike(text))

    def object(self, name, which):
        return self.folder / f"{name}.{which}.o"

    def compile(self, name):
        """What the compiler said, and the object's bytes or None."""
        source = self.root / "fuzz/harness/sim/mem_adapter.cpp" if name == "adapter" else self.alloc / "mem" / name
        out = self.object(name, "now")
        out.unlink(missing_ok=True)
        try:
            said = subprocess.run(self.compiles[name] + ["-c", str(source), "-o", str(out)], cwd=self.build,
                                  capture_output=True, text=True, timeout=COMPILE_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            return "the compiler takes too long", None
        return said.stderr, out.read_bytes() if said.returncode == 0 else None

    def make(self, mutant, program):
        """Builds `program`: "built", or "no-compile" or "same-object", with what the compiler said."""
        self.write(mutant.file, mutant.text)
        try:
            return self.make_written(mutant, program)
        finally:
            self.write(mutant.file, self.sources[mutant.file])

    def make_written(self, mutant, program):
        reached = reaches(self.sources, mutant.file)
        same = True
        for name in sorted(reached):
            said, data = self.compile(name)
            if data is None:
                return "no-compile", said.strip().splitlines()[0] if said.strip() else ""
            same = same and data == self.original[name]
            self.object(name, "mutant").write_bytes(data)
        if same:
            return "same-object", ""
        objects = [str(self.object(name, "mutant" if name in reached else "original")) for name in sorted(self.compiles)]
        command = list(self.link)
        at = command.index("-o")
        command[at + 1] = str(program)
        command[at:at] = objects
        said = subprocess.run(command, cwd=self.build, capture_output=True, text=True)
        return ("built", "") if said.returncode == 0 else ("no-compile", said.stderr.strip()[:200])
