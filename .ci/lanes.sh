# shellcheck shell=bash disable=SC2154
# ./farm test: lanes, which of them can see a change, and the books of what passed. Read by `farm`, whose functions it uses.

passed=0
failed=0
failures=()
table=""

fail() {
  failed=$((failed + 1))
  failures+=("$lane/$1")
}

# check NAME COMMAND...: one check, passed or failed by its exit code, which it hands on.
check() {
  local name=$1
  shift
  if "$@"; then passed=$((passed + 1)); else fail "$name"; return 1; fi
}

# ctest_lane FOLDER [FLAG...]: every case of its tests, counted from ctest's own report.
ctest_lane() {
  local report=build/logs/$lane-$1-tests.xml status=0 name failed_before=$failed
  rm -f "$report"
  logged "$lane-$1-tests" tests "$@" --output-junit "$PWD/$report" || status=$?
  if [ -s "$report" ]; then
    passed=$((passed + $(grep -c '<testcase .*status="run"' "$report")))
    while read -r name; do fail "$name"; done < <(
      sed -n '/<testcase .*status="run"/d; s/.*<testcase name="\([^"]*\)".*/\1/p' "$report")
  fi
  # A ctest that fails without a failed case has lost its tests.
  [ "$status" -eq 0 ] || [ "$failed" -gt "$failed_before" ] || fail ctest
}

format_is_right() { sources h cpp c | xargs clang-format-14 --dry-run --Werror; }

# The allocator, by the clang 14 build's compile commands. (The whole tree takes longer than all other lanes together.)
tidy_is_quiet() {
  logged clang14-configure cmake --preset clang14 || return 1
  # What clang-tidy counts of other people's headers goes to stderr.
  sed -n "s,^ *\"file\": \"$PWD/\(.*\)\".*,\1,p" build/clang14/compile_commands.json |
    grep -E '^alloc/(mem/|bpf_)' | grep -v -e _test -e '\.c$' | sort -u |
    xargs -P "$jobs" -n 1 clang-tidy-14 --quiet -p build/clang14 2>build/logs/tidy.log
}

scripts_are_right() {
  shellcheck -x farm .ci/lanes.sh findings/fetch findings/*.sh docker/bare/room docker/part docker/test docker/healthy docker/oss-fuzz/build.sh docker/kubernetes/check stress/tests/postgres dashboards/check fuzz/targets/*_check fuzz/cli/interrupted fuzz/cli/verbs_check .ci/run .ci/style .ci/consumer/check
}

# An engine that finds nothing may be blind: with the sanitizer's canary planted, a session finds it.
session_finds_canary() {
  local status=0
  build/release/bin/fuzz_session --libfuzzer build/fuzz/bin/fuzz_native_canary --replay build/fuzz/bin/replay_native_canary \
    --seeds corpus/seeds --slots 1 --seconds 10 --work build/session/canary || status=$?
  [ "$status" -eq 1 ]  # 0: nothing found; 2: it could not run
}

# fuzz_lane SUFFIX SECONDS: both engines' targets under one sanitizer, built and let loose.
fuzz_lane() {
  check build build_fuzzers "$1" || return 0
  check session session "$1" "$2" "build/session/$lane$1"
  # ThreadSanitizer has nothing to see where there is one thread.
  [ "$1" = -tsan ] || check sim-session sim_session "$1" "$2" "build/session/$lane$1-sim"
  [ -n "$1" ] || check canary logged canary session_finds_canary
}

# The image and its compose files. Where no engine can be had nothing is tested, and nothing is counted as passed.
docker_lane() {
  local status=0
  docker/test || status=$?
  if [ "$status" -eq 77 ]; then say "docker was NOT tested; why stands above"; else check docker [ "$status" -eq 0 ] || :; fi
}

# Dashboards, rules and status page, with a real farm. Where npm cannot be reached nothing is counted as passed.
dashboards_lane() {
  local status=0
  check build build release || return 0
  logged dashboards dashboards/check --farm build/release/bin/rcufarm-farm || status=$?
  if [ "$status" -eq 2 ]; then say "dashboards were NOT tested; why stands above"; else check dashboards [ "$status" -eq 0 ] || :; fi
  status=0
  logged kubernetes docker/kubernetes/check || status=$?
  if [ "$status" -eq 2 ]; then say "Kubernetes was NOT tested; why stands above"; else check kubernetes [ "$status" -eq 0 ] || :; fi
}

# What only the farm's own lane runs: it wants the engines.
farms_own='^stress(_store)?_test/|^stress/'

# What shows something by its many runs, and runs no line in the last that it has not run in the first: for the optimised build alone.
by_number='^litmus_models_test/(Explore.*TwelveProcesses|Enumeration.*Interleavings)$|^litmus_machine_test/|/Smoke\.TwoTasksAndDestroy'
by_number+='|/Determinism\.FirstAndLastOfAMillion|/Defect\.Is(Minimised|DrawnIn)|/Harmless\.IsNotAccused/(sc|tso|c11)|/Explore\.AskedWhereWordsAreShared'
by_number+='|^scenario_test/(Bytes|Text)\.Random|/Commute|/Correct\.IsNotAccused/(random|pct|pos|surw)'

# farm_test NAME VARIABLE=VALUE...: a farm and what another lane has built; one of stress/tests, or a class of it.
farm_test() (
  export RCUFARM_BIN=$PWD/build/release/bin PYTHONDONTWRITEBYTECODE=1 "${@:2}"
  cd stress/tests && python3 -m unittest -v "$1"
)

run_lane() {
  case "$lane" in
    tsan | engines) check start tsan_can_start || return 0 ;;
  esac
  case "$lane" in
    lint)
      check format format_is_right
      check tidy tidy_is_quiet
      check scripts scripts_are_right
      check style .ci/style
      check changed changed_is_seen ;;
    release) if check build build release; then ctest_lane release -E "$farms_own"; fi ;;
    fuzz) fuzz_lane "" 15 ;;
    # They wait for farms more than they run.
    farm) if check build build release && check engines build_fuzzers ""; then ctest_lane release -R "$farms_own" --parallel $((3 * jobs)); fi ;;
    dashboards) dashboards_lane ;;
    compilers)
      check clang14 build clang14
      if check debug build debug; then ctest_lane debug; fi ;;
    engines)
      fuzz_lane -ubsan 15
      fuzz_lane -tsan 60 ;;
    docker)
      docker_lane
      check oss-fuzz docker/oss-fuzz/check ;;
    adopt) adopt_lane ;;
    linux)
      litmus_lane
      linux_lane ;;
    asan) if check build build asan; then ctest_lane asan -E "$by_number"; fi ;;
    # A scenario is read and written by one thread, and a session has one.
    tsan) if check build build tsan; then ctest_lane tsan -E '^(scenario|session)_test/'; fi ;;
    *) fail steps ;;  # a lane with a name and nothing to run has not passed
  esac
}

# lanes_of FILE: the usual lanes that can see a change of it. What nobody here knows is seen by all.
lanes_of() {
  case "$1" in
    # Documents that a test reads: printed tables, runbooks.
    fuzz/scenario/README.md) echo lint release ;;
    dashboards/*) echo lint dashboards ;;
    *.md | *.svg | LICENSE | findings/*) echo lint ;;
    alloc/bench/*) echo lint release asan ;;
    alloc/*) echo lint release asan tsan fuzz ;;
    fuzz/linux/* | fuzz/litmus/* | fuzz/judge/*) echo lint release asan ;;
    fuzz/targets/adopt* | fuzz/targets/examples/* | fuzz/targets/include/*) echo lint ;;
    fuzz/session/*) echo lint release fuzz farm ;;
    fuzz/machine/* | fuzz/cli/* | fuzz/report/* | fuzz/harness/sim/*) echo lint release asan fuzz farm ;;
    fuzz/*) echo lint release asan tsan fuzz farm ;;
    corpus/*) echo lint release asan fuzz ;;
    stress/*) echo lint release farm dashboards ;;
    docker/kubernetes/*) echo lint dashboards ;;
    docker/nginx.conf) echo lint farm ;;
    docker/* | .clusterfuzzlite/* | .github/*) echo lint ;;
    *) echo "${usual_lanes[*]}" ;;
  esac
}

# A document is seen by lint, a folder of code by who runs it, and what nobody knows by everybody.
changed_is_seen() {
  [ "$(lanes_for README.md alloc/README.md | xargs)" = lint ] &&
    [ "$(lanes_for fuzz/scenario/README.md dashboards/runbooks.md | xargs)" = "lint release dashboards" ] &&
    [ "$(lanes_for stress/main.cpp dashboards/check | xargs)" = "lint release farm dashboards" ] &&
    [ "$(lanes_for alloc/mem/refill.cpp | xargs)" = "lint release asan tsan fuzz" ] &&
    [ "$(lanes_for README.md CMakeLists.txt | xargs)" = "${usual_lanes[*]}" ]
}

# What differs from a revision, a file a line: changed_since REV.
changed_since() {
  git rev-parse --quiet --verify "$1^{commit}" >/dev/null || die "--changed wants a revision of this repository, not '$1'"
  git diff --name-only "$1" -- && git ls-files --others --exclude-standard
}

# In the order of the usual lanes: lanes_for FILE...
lanes_for() {
  local seen=" " file lane
  for file in "$@"; do seen+="$(lanes_of "$file") "; done
  for lane in "${usual_lanes[@]}"; do [[ "$seen" != *" $lane "* ]] || echo "$lane"; done
}

verb_test() {
  local chosen=() files=() since differs lane started p f
  while [ $# -gt 0 ]; do
    case "$1" in
      --lane)
        [[ " ${usual_lanes[*]} ${more_lanes[*]} " == *" ${2-} "* && -n "${2-}" ]] ||
          die "unknown lane '${2-}'. Allowed: ${usual_lanes[*]} ${more_lanes[*]}"
        chosen+=("$2") ;;
      --changed)
        since=${2-HEAD}
        differs=$(changed_since "$since") || exit 2
        [ -n "$differs" ] || { echo "nothing differs from $since: no lane can see anything"; return 0; }
        mapfile -t files <<<"$differs"
        mapfile -t chosen < <(lanes_for "${files[@]}")
        [ $# -gt 1 ] || set -- "$@" "" ;;
      *) die "unknown flag '$1'. Allowed: --lane NAME, --changed [REV]" ;;
    esac
    shift 2
  done
  [ ${#chosen[@]} -gt 0 ] || chosen=("${usual_lanes[@]}")
  say "lanes: ${chosen[*]}"
  case " ${chosen[*]} " in
    *" dashboards "*)
      packages+=("${dashboards_packages[@]}")
      # A node from elsewhere has an npm, with which Debian's conflicts.
      command -v npm >/dev/null || packages+=(nodejs npm) ;;
  esac
  [[ " ${chosen[*]} " != *" linux "* ]] || packages+=("${kernel_packages[@]}" linux-source-6.12 linux-source-6.1)
  [[ " ${chosen[*]} " != *" adopt "* ]] || packages+=("${adopt_packages[@]}")
  [[ " ${chosen[*]} " != *" docker "* ]] || packages+=("${docker_packages[@]}" "${oss_fuzz_packages[@]}")
  verb_setup
  for lane in "${chosen[@]}"; do
    say "lane $lane"
    started=$SECONDS p=$passed f=$failed
    # A failed check is in the books already.
    run_lane || :
    table+=$(printf '%-12s %6d %6d %7d' "$lane" $((passed - p)) $((failed - f)) $((SECONDS - started)))$'\n'
  done
  printf '\n%-12s %6s %6s %7s\n%s' lane passed failed seconds "$table"
  [ "$failed" -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  [ "$failed" -eq 0 ]
}
