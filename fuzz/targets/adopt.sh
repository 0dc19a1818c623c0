# shellcheck shell=bash
# ./farm adopt: somebody's own allocator on the simulated machine, from its sources. Read by `farm`, whose functions it uses; writes
# under build/adopt only (`new`: the folder that is to be made).

adopt_packages=(dpkg-dev)
adopt_folder=build/adopt/cmake

# adopt_configure NAME=FOLDER FLAG...: the build of the program that this becomes.
adopt_configure() {
  logged adopt-configure cmake --preset release -B "$adopt_folder" -D "RCUFARM_ADOPTED=$1" -D RCUFARM_BENCH=OFF \
    -D RCUFARM_DEFECTS=OFF -D RCUFARM_STRESS=OFF -D RCUFARM_LINUX_TREES= "${@:2}"
}

# adopt_compile PATH FOLDER BUILD [FLAG...]: FOLDER gets the sources as the hooks of BUILD want them.
adopt_compile() {
  # Once for all: the hooks, which say what they meet.
  logged adopt-hooks cmake --build "$3" --parallel "$jobs" --target rcufarm_hooks || die "the build failed; its message stands above"
  fuzz/targets/adopt.py build "$1" --out "$2" --hooks "$3/lib/librcufarm_hooks.a" "${@:4}" || exit 2
}

# adopt_sources PATH: Debian's, if it wants them.
adopt_sources() {
  local debian
  mkdir -p build/logs
  debian=$(fuzz/targets/adopt.py debian "$1") || exit 2
  [ -z "$debian" ] || adopt_debian "$debian"
}

# adopt_debian PACKAGE: the sources of Debian's package, below build/adopt/sources. Its list of sources is its own: the machine's
# may have none.
adopt_debian() {
  local package=$1 work=$PWD/build/adopt/apt release
  [ ! -d "build/adopt/sources/$package" ] || return 0
  say "fetching Debian's sources of $package"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/$package" build/adopt/sources
  release=$(. /etc/os-release && echo "$VERSION_CODENAME")
  printf 'deb-src http://deb.debian.org/debian %s main\n' "$release" >"$work/sources.list"
  (
    cd "$work/$package"
    rm -rf ./*
    printf 'Dir::Etc::sourcelist "%s";\nDir::Etc::sourceparts "-";\nDir::State::lists "%s";\nDir::Cache "%s";\n' \
      "$work/sources.list" "$work/lists" "$work/cache" >"$work/apt.conf"
    export APT_CONFIG=$work/apt.conf
    apt-get -q update && apt-get -q source --download-only "$package" && dpkg-source --no-check -x ./*.dsc unpacked
  ) >"build/logs/adopt-$package.log" 2>&1 || { cat "build/logs/adopt-$package.log"; die "Debian's sources of $package cannot be had; why stands above"; }
  mv "$work/$package/unpacked" "build/adopt/sources/$package"
}

# adopt_build NAME PATH: build/adopt/cmake/bin/rcufarm-NAME.
adopt_build() {
  local name=$1 path=$2 made=$PWD/build/adopt/$1
  mkdir -p "$made"
  adopt_sources "$path"
  if ! grep -qx "RCUFARM_ADOPTED:STRING=$name=$made" "$adopt_folder/CMakeCache.txt" 2>/dev/null; then
    adopt_configure "$name=$made" -D RCUFARM_TESTS=OFF || die "cmake failed; its message stands above"
  fi
  adopt_compile "$path" "$made" "$adopt_folder"
  logged adopt-build cmake --build "$adopt_folder" --parallel "$jobs" --target "rcufarm-$name" ||
    die "the program does not link; the message stands above"
}

# adopt_engine NAME PATH fuzz|afl: build/adopt/ENGINE/bin/fuzz_sim-NAME and replay_sim-NAME. No sanitizer: the machine looks at each access.
adopt_engine() {
  local name=$1 path=$2 engine=$3 folder=build/adopt/$3 made=$PWD/build/adopt/$1/$3 called=afl
  [ "$engine" = afl ] || called=libfuzzer
  mkdir -p "$made"
  if ! grep -qx "RCUFARM_ADOPTED:STRING=$name=$made" "$folder/CMakeCache.txt" 2>/dev/null; then
    logged "adopt-$engine-configure" cmake --preset "$engine" -B "$folder" -D "RCUFARM_ADOPTED=$name=$made" -D RCUFARM_SANITIZE=none \
      -D CMAKE_BUILD_TYPE=Release -D RCUFARM_WERROR=OFF || die "cmake failed; its message stands above"
  fi
  AFL_QUIET=1 adopt_compile "$path" "$made" "$folder" --engine "$called"
  AFL_QUIET=1 logged "adopt-$engine-build" cmake --build "$folder" --parallel "$jobs" --target "fuzz_sim-$name" "replay_sim-$name" ||
    die "the fuzz target does not link; the message stands above"
}

# adopt_engines NAME PATH SECONDS: both fuzz engines on the simulator, instead of the explorer.
adopt_engines() {
  local name=$1 path=$2 status=0
  say "building $name for libFuzzer and AFL++"
  adopt_sources "$path"
  adopt_engine "$name" "$path" fuzz
  adopt_engine "$name" "$path" afl
  logged adopt-session cmake --build "$adopt_folder" --parallel "$jobs" --target fuzz_session rcufarm_afl_sim_mutator ||
    die "the build failed; its message stands above"
  say "fuzzing $name for $3 seconds"
  "$adopt_folder/bin/fuzz_session" --libfuzzer "build/adopt/fuzz/bin/fuzz_sim-$name" --afl "build/adopt/afl/bin/fuzz_sim-$name" \
    --afl-mutator "$adopt_folder/lib/librcufarm_afl_sim_mutator.so" --seeds corpus/seeds --seconds "$3" --work "build/adopt/session/$name" \
    --input-bytes 768 || status=$?
  return "$status"
}

# adopt_native NAME PATH SANITIZER SECONDS SEED: the same sources on real threads, for so many seconds.
adopt_native() {
  local name=$1 path=$2 sanitizer=$3 made=$PWD/build/adopt/$1 status=0 report
  if [ "$sanitizer" = tsan ]; then tsan_can_start || exit 2; fi
  say "building $name with ${sanitizer^^} for real threads"
  adopt_sources "$path"
  fuzz/targets/adopt.py native "$path" --out "$made" --sanitizer "$sanitizer" || exit 2
  report=build/adopt/findings/$name/native-$sanitizer.txt
  mkdir -p "${report%/*}"
  say "$name on real threads, for $4 seconds"
  "$made/native-$sanitizer" "$4" "$5" | tee "$report" || status=${PIPESTATUS[0]}
  case "$status" in
    0) say "nothing was found in $name on real threads. That is no proof; how much was run stands above" ;;
    1) say "$name is wrong on real threads: the report stands above, and in $report. Seldom the same way twice: --seed $5 has the same operations, not the same order" ;;
    *) die "the run itself failed; its message stands above" ;;
  esac
  return "$status"
}

# adopt PATH [--seconds N] [--model NAME] [--engines | --native asan|tsan] | adopt new PATH
verb_adopt() {
  local path="" limit=60 model="" sanitizer="" engines="" seed="" name program status=0 flags=() found=0 models=() one
  if [ "${1-}" = new ]; then
    [ $# -eq 2 ] || die "adopt new wants the name of a folder that is to be made: ./farm adopt new NAME"
    case "$2" in /*) path=$2 ;; *) path=$OLDPWD/$2 ;; esac
    fuzz/targets/adopt.py new "$path" || exit 2
    return 0
  fi
  while [ $# -gt 0 ]; do
    case "$1" in
      --seconds) [ $# -ge 2 ] || die "$1 wants a value"; limit=$(seconds 60 --seconds "$2"); shift 2 ;;
      --model) [ $# -ge 2 ] || die "$1 wants a value"; model=$(memory_model "$2"); shift 2 ;;
      --seed) [ $# -ge 2 ] || die "$1 wants a value"; seed=$2; shift 2 ;;
      --native)
        [ $# -ge 2 ] || die "$1 wants a value"
        case "$2" in asan | tsan) sanitizer=$2 ;; *) die "--native wants asan or tsan, not '$2'" ;; esac
        shift 2
        ;;
      --engines) engines=yes; shift ;;
      -*) die "unknown flag '$1'. Allowed: --seconds N, --model sc|tso|c11|kernel, --seed N, --engines, --native asan|tsan" ;;
      *) [ -z "$path" ] || die "adopt takes one folder, and was given $path and $1"; path=$1; shift ;;
    esac
  done
  [ -n "$path" ] || die "adopt wants the folder of your rcufarm.toml: ./farm adopt PATH [--seconds N], or ./farm adopt new NAME to begin with"
  case "$path" in /*) ;; *) path=$OLDPWD/$path ;; esac
  [ ! -f "$path" ] || die "$path is a file, and adopt wants the folder that it is in: ./farm adopt $(printf %q "$(dirname "$path")")"
  [ -d "$path" ] || die "there is no folder $path"
  [ -z "$sanitizer" ] || [ -z "$model" ] || die "--native runs on this machine, which has a memory model of its own: leave --model out"
  [ -z "$engines" ] || [ -z "$sanitizer$model$seed" ] || die "--engines goes with --seconds only: engines choose the model and their seeds"
  [[ -z "$seed" || "$seed" =~ ^[0-9]{1,19}$ ]] || die "--seed wants a whole number, not '$seed'"
  packages+=("${adopt_packages[@]}")
  name=$(fuzz/targets/adopt.py name "$path") || exit 2
  verb_setup
  alone adopt build/adopt
  if [ -n "$sanitizer" ]; then
    adopt_native "$name" "$path" "$sanitizer" "$limit" "${seed:-1}" || status=$?
    return "$status"
  fi
  [ -z "$seed" ] || flags=(--seed "$seed")
  say "building $name"
  adopt_build "$name" "$path"
  if [ -n "$engines" ]; then
    adopt_engines "$name" "$path" "$limit" || status=$?
    return "$status"
  fi
  program=$adopt_folder/bin/rcufarm-$name
  # rcufarm --target NAME is a program beside rcufarm.
  mkdir -p build/release/bin
  ln -sfn "$PWD/$program" "build/release/bin/rcufarm-$name"
  # Half of the time for what every machine can do, half for the memory model that the code is written for.
  if [ -n "$model" ]; then
    models=("$model=$limit")
  else
    for one in $(fuzz/targets/adopt.py models "$path"); do models+=("$one=$(((limit + 1) / 2))"); done
  fi
  rm -rf "build/adopt/findings/$name"
  for one in "${models[@]}"; do
    say "rcufarm-$name under the model ${one%=*}, for at most ${one#*=} seconds$([ "$found" -eq 0 ] || echo "; what is found by now is not told again")"
    status=0
    "$program" explore --model "${one%=*}" --keep-going --seconds "$(((${one#*=} * 2 + 2) / 3))" \
      --minimize-seconds "$(((${one#*=} + 2) / 3))" --findings "build/adopt/findings/$name/${one%=*}" \
      --known "build/adopt/findings/$name" "${flags[@]}" || status=$?
    case "$status" in 0) ;; 1) found=1 ;; *) die "the search itself failed; its message stands above" ;; esac
  done
  if [ "$found" -eq 0 ]; then
    say "nothing was found in $name. That is no proof; how much was searched stands above"
  else
    say "$name is wrong, or its manifest promises what it does not do: findings stand above, and in build/adopt/findings/$name"
  fi
  return "$found"
}

# adopt_lane: the hooks, what compilers call, and the verb itself, from the outside.
adopt_lane() {
  check build adopt_tests_build || return 0
  check hooks tests adopt/cmake -R '^hooks_test/' || :
  check calls logged adopt-calls fuzz/machine/hooks/calls.py --check "$adopt_folder/lib/librcufarm_hooks.a" || :
  check hooked logged adopt-hooked fuzz/targets/hooked/side_by_side.py --bin "$adopt_folder/bin" --trials 1 --turns 1 || :
  check verb logged adopt-verb fuzz/targets/adopt_test.py || :
  check patches adopt_patch_tests || :
  check farm adopt_farm_tests || :
}

# A patch for an adopted allocator in the farm's queue, from its submission to the answer.
adopt_patch_tests() {
  build release rcufarm-farm rcufarm rcufarm-defect-04 && adopt_configure "tutorial=$PWD/build/adopt/tutorial" -D RCUFARM_TESTS=OFF &&
    logged adopt-patches farm_test patch_test.AdoptedPatchTest RCUFARM_ADOPT_BUILD="$PWD/$adopt_folder"
}

# The tutorial with a planted mistake as kinds of workers: what ./farm adopt builds, the farm runs.
adopt_farm_tests() {
  local copy=$PWD/build/adopt/planted
  mkdir -p build/adopt && rm -rf "$copy" && cp -r fuzz/targets/examples/tutorial "$copy" && sed -i -f "$copy/bugs/3-no-grace-period.sed" "$copy/magazine.c" &&
    build release rcufarm-farm rcufarm rcufarm_afl_sim_mutator &&
    (adopt_build tutorial "$copy" && adopt_engine tutorial "$copy" fuzz && adopt_engine tutorial "$copy" afl) &&
    logged adopt-farm farm_test adopted_test RCUFARM_ADOPTED_BUILDS="$PWD/build/adopt"
}

adopt_tests_build() {
  mkdir -p build/adopt/tutorial build/logs
  hooked_build "tutorial=$PWD/build/adopt/tutorial" hooks_test rcufarm_hooks
}

# hooked_build NAME=FOLDER TARGET...: alloc/mem on the simulated port and through the hooks, with planted defects.
hooked_build() {
  adopt_configure "$1" -D RCUFARM_TESTS=ON -D RCUFARM_HOOKED=ON -D RCUFARM_DEFECTS=ON &&
    logged hooked-build cmake --build "$adopt_folder" --parallel "$jobs" --target rcufarm rcufarm-defects rcufarm-hooked-defects \
      outcomes outcomes-hooked "${@:2}"
}

bench_hooks() {
  script_flags fuzz/targets/hooked/side_by_side.py --bin "$adopt_folder/bin" "$@"
  packages+=("${adopt_packages[@]}")
  verb_setup
  mkdir -p build/logs
  hooked_build "" || die "the build failed; its message stands above"
  fuzz/targets/hooked/side_by_side.py --bin "$adopt_folder/bin" "$@"
}
