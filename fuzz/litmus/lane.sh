# shellcheck shell=bash
# The lane litmus: the kernel's own tests of its memory model. Read by `farm`, whose functions it uses; writes under
# build/kernel only.

# The kernel's own litmus tests: all of them are read, and none disagrees with its Result.
litmus_lane() {
  local folder=build/kernel/litmus-tests
  check build build release rcufarm || return 0
  rm -rf "$folder"
  mkdir -p "$folder"
  if ! tar -xmf /usr/src/linux-source-6.12.tar.xz -C "$folder" --strip-components=4 \
      linux-source-6.12/tools/memory-model/litmus-tests; then
    fail extract
    return 0
  fi
  check kernel-tests kernel_litmus "$folder" || :
}

# kernel_litmus FOLDER: every test of the folder has a verdict, and it is the right one.
kernel_litmus() {
  local said tests
  tests=$(find "$1" -name '*.litmus' | wc -l)
  said=$(build/release/bin/rcufarm litmus --json "$1") || { printf '%s\n' "$said"; return 1; }
  printf '%s' "$said" | python3 -c '
import json, sys
tests = json.load(sys.stdin)["tests"]
words = [t["verdict"] for t in tests]
print(len(words), {w: words.count(w) for w in sorted(set(words))})
sys.exit(0 if len(words) == int(sys.argv[1]) > 0 and set(words) <= {"agrees", "stronger"} else 1)' "$tests"
}
