#!/bin/bash -eu
# Copyright 2026 The rcufarm authors
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.
#
################################################################################
# Builds the fuzz targets and what belongs beside them, for OSS-Fuzz and ClusterFuzzLite (docker/oss-fuzz/README.md). Takes
# from the environment: CC CXX CFLAGS CXXFLAGS LIB_FUZZING_ENGINE SANITIZER FUZZING_ENGINE ARCHITECTURE SRC WORK OUT; and, if it is
# set, RCUFARM_ADOPT: the folder of an adopted allocator's rcufarm.toml, from $SRC on.
# Reads $SRC/rcufarm; writes to $WORK and $OUT.
set -eu
: "${CC:?}" "${CXX:?}" "${CFLAGS?}" "${CXXFLAGS?}" "${LIB_FUZZING_ENGINE?}" "${SRC:?}" "${WORK:?}" "${OUT:?}"
: "${SANITIZER:?}" "${FUZZING_ENGINE:?}" "${ARCHITECTURE:=x86_64}"

refuse() { echo "build.sh: $*" >&2; exit 1; }
case $SANITIZER in
  memory) refuse "SANITIZER=memory is not supported: liburcu is not instrumented, and its atomics are inline assembly" ;;
esac
case $ARCHITECTURE in
  x86_64 | aarch64) ;;
  *) refuse "ARCHITECTURE=$ARCHITECTURE is not supported; x86_64 and aarch64 are" ;;
esac

source=$SRC/rcufarm
here=$source/docker/oss-fuzz
# Threads count in one map, and an engine that is told of a race in its own counters is told nothing.
if [ "$FUZZING_ENGINE-$SANITIZER" = afl-thread ]; then export AFL_LLVM_THREADSAFE_INST=1; fi

# An adopted allocator, by its name: fuzz_sim-NAME.
adopt=$source/fuzz/targets/adopt.py
adopted=""
# One OS thread: ThreadSanitizer has nothing to see in the simulator.
if [ -n "${RCUFARM_ADOPT-}" ] && [ "$SANITIZER" != thread ]; then
  case $FUZZING_ENGINE in
    libfuzzer | afl) ;;
    *) refuse "RCUFARM_ADOPT with FUZZING_ENGINE=$FUZZING_ENGINE is not supported: libfuzzer and afl are told of its edges" ;;
  esac
  folder=$(cd "$SRC" && realpath -m "$RCUFARM_ADOPT")
  adopted=$("$adopt" name "$folder") || refuse "RCUFARM_ADOPT=$RCUFARM_ADOPT cannot be adopted; why stands above"
  debian=$("$adopt" debian "$folder")
  [ -z "$debian" ] || [ -d "$source/build/adopt/sources/$debian" ] ||
    refuse "RCUFARM_ADOPT=$RCUFARM_ADOPT wants Debian's sources of $debian. Unpack them to rcufarm/build/adopt/sources/$debian"
fi

# Build type None: CMake adds no flags to those that were given.
cmake -S "$here" -B "$WORK/rcufarm" -G Ninja -D CMAKE_BUILD_TYPE=None -D CMAKE_UNITY_BUILD=ON \
  -D CMAKE_UNITY_BUILD_BATCH_SIZE=6 -D "RCUFARM_ADOPTED=${adopted:+$adopted=$WORK/adopted}"
targets=(fuzz_native)
[ "$SANITIZER" = thread ] || targets+=(fuzz_sim)
if [ -n "$adopted" ]; then
  # Its sources by clang itself: the machine looks at each access, and no sanitizer does.
  clang="clang-19"
  command -v "$clang" >/dev/null || clang=clang
  cmake --build "$WORK/rcufarm" ${JOBS:+--parallel "$JOBS"} --target rcufarm_hooks
  "$adopt" build "$folder" --out "$WORK/adopted" --hooks "$(find "$WORK/rcufarm" -name librcufarm_hooks.a)" --engine "$FUZZING_ENGINE" \
    --clang "$clang" || refuse "RCUFARM_ADOPT=$RCUFARM_ADOPT cannot be built; why stands above"
  targets+=("fuzz_sim-$adopted")
fi
cmake --build "$WORK/rcufarm" ${JOBS:+--parallel "$JOBS"} --target "${targets[@]/#/oss_}"

for target in "${targets[@]}"; do
  cp "$WORK/rcufarm/$target" "$OUT/"
  for ending in options labels; do cp "$here/targets/${target%%-*}.$ending" "$OUT/$target.$ending"; done
  cp "$source/corpus/dictionary/bytes.dict" "$OUT/$target.dict"
  # Names in order and no times: the same tree gives the same file.
  rm -f "$OUT/${target}_seed_corpus.zip"
  (cd "$source/corpus/seeds" && find . -type f | LC_ALL=C sort | zip -q -X -D -@ "$OUT/${target}_seed_corpus.zip")
done

# beside TARGET PATTERN: libraries that the base image need not have.
beside() {
  mkdir -p "$OUT/lib"
  ldd "$WORK/rcufarm/$1" | awk -v pattern="$2" '$1 ~ pattern { print $3 }' | xargs cp -L -t "$OUT/lib"
}
[ "$SANITIZER" != thread ] || beside fuzz_native 'liburcu|libstdc'
[ -z "$adopted" ] || beside "fuzz_sim-$adopted" '^lib(dw|elf|z|bz2|lzma|zstd)[.]so'
