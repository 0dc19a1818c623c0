# shellcheck shell=bash
# ./farm kernel: the kernel's own kernel/bpf/memalloc.c, or another file that has an adapter here (--target), with a patch or
# without. Read by `farm`, whose functions it uses; writes under build/kernel only.

kernel_packages=(xz-utils git)
# The target, and its file and header.
kernel_target=linux
kernel_files=(kernel/bpf/memalloc.c include/linux/bpf_mem_alloc.h)
# Of the build: --asan and the lane have another.
kernel_preset=release
kernel_folder=build/kernel/cmake

# kernel_take_target NAME
kernel_take_target() {
  kernel_target=$1
  case "$1" in
    memalloc | linux) kernel_target=linux kernel_files=(kernel/bpf/memalloc.c include/linux/bpf_mem_alloc.h) ;;
    objpool) kernel_files=(lib/objpool.c include/linux/objpool.h) ;;
    percpu_freelist) kernel_files=(kernel/bpf/percpu_freelist.c kernel/bpf/percpu_freelist.h) ;;
    *) die "--target wants memalloc, objpool or percpu_freelist, not '$1'" ;;
  esac
}

# kernel_sources: the versions that Debian has, as far as this machine knows.
kernel_sources() { apt-cache pkgnames linux-source- 2>/dev/null | sed -n 's/^linux-source-\([0-9.]*\)$/\1/p' | sort -V | xargs; }

# kernel_install VERSION: what the verb needs, and Debian's source package; ends with those that can be had where that cannot.
kernel_install() {
  local known
  packages+=("linux-source-$1")
  known=$(kernel_sources)
  # With no lists of packages nobody knows before apt-get has fetched them.
  if [[ -e /usr/src/linux-source-$1.tar.xz || -z "$known" || " $known " == *" $1 "* ]]; then
    (verb_setup) && return 0
    known=$(kernel_sources)
  fi
  die "there is no linux-source-$1 to be had. --source wants a tree of the kernel, or a version that Debian has here: ${known:-6.1 6.12}"
}

# kernel_tree SOURCE: prints the folder of a tree. SOURCE is one, or a version that Debian has: 6.12, 6.1.
kernel_tree() {
  local source=$1 archive folder members
  if [[ "$source" =~ ^[0-9]+\.[0-9]+$ && ! -e "$OLDPWD/$source" ]]; then
    archive=/usr/src/linux-source-$source.tar.xz
    folder=build/kernel/linux-source-$source
    if [ ! -e "$folder/${kernel_files[0]}" ] || [ "$archive" -nt "$folder/${kernel_files[0]}" ]; then
      mkdir -p build/kernel
      # The file's neighbours too: where a header is missing, they say which one it is.
      members=("linux-source-$source/kernel/bpf" "linux-source-$source/include/linux")
      case "${kernel_files[0]}" in kernel/bpf/*) ;; *) members+=("linux-source-$source/${kernel_files[0]}") ;; esac
      tar -xmf "$archive" -C build/kernel "${members[@]}" >&2 || die "Debian's $source has no ${kernel_files[0]}. Give another tree: --source"
    fi
    source=$folder
  fi
  case "$source" in /* | build/*) ;; *) source=$OLDPWD/$source ;; esac
  for folder in "${kernel_files[@]}"; do
    [ -f "$source/$folder" ] || die "there is no $folder in $source. --source wants a tree of the kernel, or 6.12 or 6.1"
  done
  (cd "$source" && pwd)
}

# kernel_configure TREES FLAG...: both the verb and its tests build here.
kernel_configure() {
  local trees=$1
  shift
  logged kernel-configure cmake --preset "$kernel_preset" -B "$kernel_folder" -D "RCUFARM_LINUX_TREES=$trees" \
    -D RCUFARM_BENCH=OFF -D RCUFARM_DEFECTS=OFF -D RCUFARM_STRESS=OFF "$@"
}

# linux_lane: both trees build unmodified, run and are silent as far as they should be; planted defects are found; a file that
# needs what the shim lacks is told so.
linux_lane() {
  check build kernel_tests || return 0
  check tests logged linux-tests ctest --test-dir build/kernel/cmake --no-tests=error --output-on-failure --parallel "$jobs" \
    -R '^linux' || :
  check missing kernel_missing_is_told || :
  check history kernel_history_tests || :
  check patches kernel_patch_tests || :
  check asan kernel_asan_tests || :
  check again kernel_second_run_builds_nothing || :
  check renamed kernel_rename_is_no_mistake || :
  check interrupted fuzz/cli/interrupted 'under the model tso' kernel --source 6.12 --seconds 60 || :
}

kernel_history_tests() {
  rm -rf build/kernel/history-test
  kernel_configure "" -D RCUFARM_TESTS=OFF -D RCUFARM_LINUX_DEFECTS=OFF -D RCUFARM_LINUX_OPTIONS= -D RCUFARM_LINUX_PATCH= &&
    logged linux-history fuzz/linux/history_test.py "$(kernel_tree 6.12)" build/kernel/cmake
}

# A patch of the file in the farm's queue, from its submission to the answer.
kernel_patch_tests() {
  local tree
  tree=$(kernel_tree 6.12) && build release rcufarm-farm rcufarm rcufarm-defect-04 &&
    kernel_configure "" -D RCUFARM_TESTS=OFF -D RCUFARM_LINUX_DEFECTS=OFF -D RCUFARM_LINUX_OPTIONS= -D RCUFARM_LINUX_PATCH= &&
    logged linux-patches farm_test patch_test.KernelPatchTest RCUFARM_LINUX_TREE="$tree" RCUFARM_LINUX_BUILD="$PWD/$kernel_folder"
}

kernel_tests() {
  local new old
  new=$(kernel_tree 6.12) && old=$(kernel_tree 6.1) && (kernel_take_target objpool && kernel_tree 6.12) >/dev/null &&
    kernel_configure "linux=$new;linux-6.1=$old;objpool=$new;percpu_freelist=$new" -D RCUFARM_TESTS=ON -D RCUFARM_LINUX_DEFECTS=ON -D RCUFARM_LINUX_OPTIONS= \
      -D RCUFARM_LINUX_PATCH= \
      -D RCUFARM_WERROR=ON &&
    logged linux-build cmake --build build/kernel/cmake --parallel "$jobs" \
      --target linux_test linux-6.1_test linux_differential_test linux_command_test rcufarm-linux-defects \
      rcufarm-objpool rcufarm-percpu_freelist
}

# AddressSanitizer sees in the file what the compiler announces to nobody.
kernel_asan_tests() {
  local new kernel_preset=asan kernel_folder=build/kernel/asan
  new=$(kernel_tree 6.12) &&
    kernel_configure "linux=$new" -D RCUFARM_TESTS=ON -D RCUFARM_LINUX_DEFECTS=ON -D RCUFARM_LINUX_OPTIONS= \
      -D RCUFARM_LINUX_PATCH= -D RCUFARM_WERROR=ON &&
    logged linux-asan-build cmake --build "$kernel_folder" --parallel "$jobs" --target rcufarm-linux-defects &&
    logged linux-asan-tests ctest --test-dir "$kernel_folder" --no-tests=error --output-on-failure -R '^linux/'
}

# A header and a call that no kernel has, put into copies: both are named, with the place to add them.
kernel_missing_is_told() {
  kernel_tells '1i #include <linux/not_there.h>' '<linux/not_there.h> is missing. Add it: fuzz/linux/include/linux/not_there.h' &&
    kernel_tells 's/local_inc_return(/local_inc_return_twice(/' 'memalloc.c:[0-9]*: local_inc_return_twice is missing'
}

# Of the same tree nothing is built twice, with what was taken from its headers and without.
kernel_second_run_builds_nothing() {
  local tree=build/kernel/copy-helped said status
  kernel_copy "$(kernel_tree 6.12)" "" "$tree"
  printf 'static inline int of_the_tree(void) { return 0; }\n' >"$tree/include/linux/of_the_tree.h"
  printf 'int asks_for_it(void);\nint asks_for_it(void) { return of_the_tree(); }\n' >>"$tree/${kernel_files[0]}"
  for _ in first second; do
    status=0
    said=$(./farm kernel --source "$tree" --seconds 1 2>&1) || status=$?
    [ "$status" -le 1 ] && grep -q "of_the_tree is taken from the tree's own linux/of_the_tree.h" <<<"$said" || { printf '%s\n' "$said"; return 1; }
  done
  grep -q 'no work to do' build/logs/kernel-build.log || { cat build/logs/kernel-build.log; return 1; }
}

# What 6.12 shows under the kernel's model it shows under another name with a patch that renames a function: that is no mistake of the patch.
kernel_rename_is_no_mistake() {
  local tree patch=$PWD/build/kernel/renamed.patch said status=0
  tree=$(kernel_tree 6.12)
  sed 's/\bfree_mem_alloc_no_barrier\b/free_caches_at_once/' "$tree/${kernel_files[0]}" |
    diff -u --label "a/${kernel_files[0]}" --label "b/${kernel_files[0]}" "$tree/${kernel_files[0]}" - >"$patch" || :
  said=$(./farm kernel --source 6.12 --patch "$patch" --model kernel --seconds 9 2>&1) || status=$?
  [ "$status" -eq 1 ] && grep -q 'Without the patch there is .callback-on-freed-cache: free_mem_alloc_no_barrier.' <<<"$said" &&
    ! grep -q 'The patch is wrong' <<<"$said" || { printf '%s\n' "$said"; return 1; }
}

# kernel_tells SED EXPECTED
kernel_tells() {
  local broken=build/kernel/copy-broken said status=0
  kernel_copy "$(kernel_tree 6.12)" "" "$broken"
  sed -i -e "$1" "$broken/${kernel_files[0]}"
  said=$(./farm kernel --source "$broken" --seconds 1 2>&1) || status=$?
  [ "$status" -eq 2 ] && grep -q "$2" <<<"$said" || { printf '%s\n' "$said"; return 1; }
}

# kernel_copy TREE PATCH FOLDER [VERSION]: FOLDER has the allocator's files, with the patch or the posted series applied. What is there
# already stays as it is, so that nothing is built that was built before.
kernel_copy() {
  local tree=$1 patch=$2 folder=$3 fresh=$3.fresh file
  rm -rf "$fresh"
  for file in "${kernel_files[@]}"; do
    install -D -m 644 "$tree/$file" "$fresh/$file"
  done
  ln -sfn "$tree" "$fresh/origin"
  [ -z "$patch" ] || fuzz/linux/series.py --files "${kernel_files[0]},${kernel_files[1]}" "$patch" "$fresh" ${4:+"$4"} || die "nothing was tried: the patch is not applied"
  # What was taken for a build that failed is worth nothing.
  if [ -e "$folder/built" ] && diff -rq --exclude=taken.h --exclude=built --exclude=origin "$fresh" "$folder" >/dev/null; then
    rm "$folder/built"
    ln -sfn "$tree" "$folder/origin"
    rm -rf "$fresh"
    return
  fi
  : >"$fresh/taken.h"
  # A file that is as it was keeps its time.
  (cd "$fresh" && find . -type f) | while read -r file; do
    ! cmp -s "$fresh/$file" "$folder/$file" || touch -r "$folder/$file" "$fresh/$file"
  done
  rm -rf "$folder"
  mv "$fresh" "$folder"
}

# kernel_build TREE TARGET...: into $kernel_folder, whose settings are made by now. Inline functions that the tree's own headers
# have are taken from there, as often as that gets on. The verb's own `patch`, `config` and `options` hold.
kernel_build() {
  local tree=$1 log=build/logs/kernel-build.log
  shift
  mkdir -p build/logs
  until cmake --build "$kernel_folder" --parallel "$jobs" --target "$@" -- -k 0 2>&1 |
    if [ -t 1 ]; then tee "$log"; else kept "$log"; fi; do
    fuzz/linux/helpers.py "$log" build/kernel/source "${options[@]}" || {
      fuzz/linux/missing.py "$log" "$tree" || tail -n 20 "$log"
      [ -z "$patch" ] || grep '^FAILED: ' "$log" | grep -qv -e "$kernel_target-base" ||
        die "the tree's file does not build as it is, without the patch; why stands above, and the compiler's own words in $log"
      die "the kernel's file does not build; why stands above, and the compiler's own words in $log"
    }
    [ -z "$patch" ] || fuzz/linux/helpers.py "$log" build/kernel/base "${options[@]}" >/dev/null || :
  done
}

# kernel_explore PROGRAM FOLDER MODEL SECONDS FLAG...: its findings go below FOLDER, but for those that lie there already. A third
# of the time is for making them small.
kernel_explore() {
  local program=$1 folder=build/kernel/findings/$2 model=$3 limit=$4 status=0
  shift 4
  "$kernel_folder/bin/$program" explore --model "$model" --keep-going --seconds "$(((limit * 2 + 2) / 3))" \
    --minimize-seconds "$(((limit + 2) / 3))" --findings "$folder/$model" --known "$folder" "$@" || status=$?
  [ "$status" -le 1 ] || die "the search itself failed; its message stands above"
  return "$status"
}

# kernel_search PROGRAM FOLDER MODEL=SECONDS...: one model after the other, the strongest first.
kernel_search() {
  local program=$1 folder=$2 share found=0
  shift 2
  for share in "$@"; do
    say "$program under the model ${share%=*}, for at most ${share#*=} seconds"
    kernel_explore "$program" "$folder" "${share%=*}" "${share#*=}" || found=1
  done
  return "$found"
}

# kernel_search_near PROGRAM SECONDS: what the program with the patch showed, and a search without it did not: is it there near the schedule
# that showed it? A rare mistake of the file itself is not to be held against the patch.
kernel_search_near() {
  local program=$1 limit=$2 folder=build/kernel/findings/without file near share status
  mapfile -t near < <(fuzz/linux/verdict.py list build/kernel/findings/found --but "$folder")
  [ ${#near[@]} -gt 0 ] || return 0
  share=$((limit / ${#near[@]}))
  [ "$share" -ge 1 ] || share=1
  for file in "${near[@]}"; do
    [ "$limit" -gt 0 ] || return 0
    limit=$((limit - share)) status=0
    say "$program near ${file##*/}, for at most $share seconds"
    "$kernel_folder/bin/$program" explore --near "$file" --seconds "$share" --minimize-seconds 1 --brief \
      --findings "$folder/$(basename "$(dirname "$file")")" || status=$?
    [ "$status" -le 1 ] || die "the search itself failed; its message stands above"
  done
}

# kernel_engines TREE SECONDS: both fuzz engines, under AddressSanitizer, instead of the explorer.
kernel_engines() {
  local tree=$1 limit=$2 engine status=0 kernel_folder
  export AFL_QUIET=1
  build release fuzz_session rcufarm_afl_sim_mutator || die "the build failed; its message stands above"
  for engine in fuzz afl; do
    say "building $engine"
    kernel_folder=build/kernel/$engine
    logged "kernel-$engine-configure" cmake --preset "$engine" -B "$kernel_folder" -D "RCUFARM_LINUX_TREES=$kernel_target=$PWD/build/kernel/source" \
      -D "RCUFARM_LINUX_OPTIONS=${config// /;}" -D RCUFARM_WERROR=OFF || die "cmake failed; its message stands above"
    kernel_build "$tree" "fuzz_sim-$kernel_target" "replay_sim-$kernel_target"
  done
  say "fuzzing for $limit seconds"
  build/release/bin/fuzz_session --libfuzzer "build/kernel/fuzz/bin/fuzz_sim-$kernel_target" --afl "build/kernel/afl/bin/fuzz_sim-$kernel_target" \
    --afl-mutator build/release/lib/librcufarm_afl_sim_mutator.so --seeds corpus/seeds --seconds "$limit" \
    --work build/session/kernel --input-bytes 768 || status=$?
  return "$status"
}

# kernel_history VERB FLAG...: history or bisect, over the commits of somebody's repository.
kernel_history() {
  local verb=$1 flags=() status=0
  shift
  packages+=("${kernel_packages[@]}")
  # Paths are the caller's; ours are this folder's.
  while [ $# -gt 0 ]; do
    case "$1" in
      --repo | --output)
        [ $# -ge 2 ] || die "$1 wants a path"
        case "$2" in /* | *://*) flags+=("$1" "$2") ;; *) flags+=("$1" "$OLDPWD/$2") ;; esac
        shift 2 ;;
      *.finding) flags+=("$(cd "$OLDPWD" && realpath -m "$1")"); shift ;;
      *) flags+=("$1"); shift ;;
    esac
  done
  verb_setup
  script_flags fuzz/linux/history.py "$verb" "${flags[@]}"
  alone kernel build/kernel
  kernel_configure "" -D RCUFARM_LINUX_OPTIONS= -D RCUFARM_LINUX_PATCH= -D RCUFARM_LINUX_DEFECTS=OFF -D RCUFARM_TESTS=OFF \
    -D RCUFARM_WERROR=OFF || die "cmake failed; its message stands above"
  fuzz/linux/history.py "$verb" --build "$kernel_folder" "${flags[@]}" || status=$?
  return "$status"
}

# kernel_review --diff MAIL --repo PATH FLAG...: the patch that a review quotes, put back onto its file, and explored.
kernel_review() {
  local diff="" repo="" flags=()
  while [ $# -gt 0 ]; do
    case "$1" in --diff | --repo) [ $# -ge 2 ] || die "$1 wants a path" ;; esac
    case "$1" in
      --diff) diff=$(cd "$OLDPWD" && realpath -m "$2"); shift 2 ;;
      --repo) repo=$(cd "$OLDPWD" && realpath -m "$2"); shift 2 ;;
      *) flags+=("$1"); shift ;;
    esac
  done
  [[ -n "$diff" && -n "$repo" ]] || die "kernel review wants a mail and a repository: ./farm kernel review --diff review.eml --repo PATH/TO/linux"
  alone kernel build/kernel
  say "$diff"
  rm -rf build/kernel/review
  fuzz/linux/review.py --diff "$diff" --repo "$repo" build/kernel/review || die "nothing was tried: the patch is not put back"
  verb_kernel --source "$PWD/build/kernel/review" "${flags[@]}"
}

# kernel --source TREE [--target memalloc|objpool|percpu_freelist] [--patch FILE [--patch-version N]] [--seconds N] [--model NAME] [--order] [--config "CONFIG_X=1 ..."]
# [--engines | --asan]
verb_kernel() {
  local source="" patch="" version="" limit=60 config="" model="" order="" tree found=0 base=() engines="" shares share again=() options program
  local kernel_preset=$kernel_preset kernel_folder=$kernel_folder
  case "${1-}" in
    history | bisect) kernel_history "$@"; return ;;
    review) shift; kernel_review "$@"; return ;;
  esac
  while [ $# -gt 0 ]; do
    case "$1" in
      --engines) engines=yes; shift; continue ;;
      --order) order=yes; shift; continue ;;
      --asan) kernel_preset=asan kernel_folder=build/kernel/asan; shift; continue ;;
      --source | --target | --patch | --patch-version | --seconds | --config | --model) [ $# -ge 2 ] || die "$1 wants a value" ;;
    esac
    case "$1" in
      --source) source=$2 ;;
      --target) kernel_take_target "$2" ;;
      --patch) patch=$2 ;;
      --patch-version) version=${2#v}; [[ "$version" =~ ^[1-9][0-9]*$ ]] || die "--patch-version wants the number of a posted version, not '$2'" ;;
      --seconds) limit=$(seconds 60 --seconds "$2") ;;
      --model) model=$(memory_model "$2") ;;
      --config) config=$2 ;;
      *) die "unknown flag '$1'. Allowed: --source TREE, --target NAME, --patch FILE, --patch-version N, --seconds N, --model NAME, --order, --config 'CONFIG_X=1 ...', --engines, --asan" ;;
    esac
    shift 2
  done
  [ -n "$source" ] || die "kernel wants a tree: ./farm kernel --source PATH/TO/linux [--patch my.patch] [--seconds N] (no tree at hand: --source 6.12)"
  if [ -n "$patch" ]; then
    case "$patch" in /*) ;; *) patch=$OLDPWD/$patch ;; esac
    [ ! -d "$patch" ] || die "$patch is a folder, and --patch wants a file: one patch, or a series as an mbox (cat $patch/*.patch >series.mbox)"
    [ -e "$patch" ] || die "there is no $patch"
    [[ -f "$patch" && -r "$patch" ]] || die "cannot read $patch"
  fi
  # What needs no other run's end is told before it.
  if [[ ! "$source" =~ ^[0-9]+\.[0-9]+$ || -e "$OLDPWD/$source" ]]; then kernel_tree "$source" >/dev/null; fi
  packages+=("${kernel_packages[@]}")
  if [[ "$source" =~ ^[0-9]+\.[0-9]+$ && ! -e "$OLDPWD/$source" ]]; then kernel_install "$source"; else verb_setup; fi
  alone kernel build/kernel
  tree=$(kernel_tree "$source")
  [ -z "$patch" ] || say "$patch"
  kernel_copy "$tree" "$patch" build/kernel/source "$version"
  [ -z "$patch" ] || kernel_copy "$tree" "" build/kernel/base
  config=$(fuzz/linux/options.py "$kernel_target" build/kernel/source "$config") || die "nothing was tried: --config is not as it should be"
  read -ra options <<<"$config"
  if [ "$kernel_target" = linux ]; then
    say "what holds for this version"
    fuzz/linux/rules.py build/kernel/source "${options[@]}" >/dev/null || die "its rules cannot be told; the message stands above"
  fi
  # What an earlier build took from the tree's headers; there may be nothing.
  fuzz/linux/helpers.py --again build/kernel/source "${options[@]}" || :
  [ -z "$patch" ] || fuzz/linux/helpers.py --again build/kernel/base "${options[@]}" >/dev/null || :
  program=rcufarm-$kernel_target
  if [ -n "$engines" ]; then
    kernel_engines "$tree" "$limit" || found=$?
    return "$found"
  fi
  [ -z "$patch" ] || base=("$program-base")

  say "building $tree/${kernel_files[0]}${patch:+ with $patch}"
  kernel_configure "$kernel_target=$PWD/build/kernel/source${patch:+;$kernel_target-base=$PWD/build/kernel/base}" \
    -D "RCUFARM_LINUX_OPTIONS=${config// /;}" -D "RCUFARM_LINUX_PATCH=$patch" -D RCUFARM_LINUX_DEFECTS=OFF \
    -D RCUFARM_TESTS=OFF -D RCUFARM_WERROR=OFF ||
    die "cmake failed; its message stands above"
  kernel_build "$tree" "$program" "${base[@]}"
  touch build/kernel/source/built ${patch:+build/kernel/base/built}
  # rcufarm --target NAME is a program beside rcufarm.
  mkdir -p build/release/bin
  ln -sfn "$PWD/$kernel_folder/bin/$program" "build/release/bin/$program"
  rm -rf build/kernel/findings

  # Most of the time for what every machine can do.
  [ -z "$order" ] || { order=$(((limit + 4) / 5)); limit=$((limit - order)); }
  shares=("sc=$(((limit + 1) / 2))" "tso=$(((limit + 3) / 4))" "kernel=$(((limit + 3) / 4))")
  [ -z "$model" ] || shares=("$model=$limit")
  kernel_search "$program" found "${shares[@]}" || found=1
  if [[ $found -eq 1 && -n "$patch" ]]; then
    for share in "${shares[@]}"; do
      ! compgen -G "build/kernel/findings/found/${share%=*}/*.finding" >/dev/null || again+=("$share")
    done
    kernel_search "$program-base" without "${again[@]}" || :
    kernel_search_near "$program-base" "$(((limit + 3) / 4))"
  fi
  if [ -n "$order" ]; then
    say "missing order, for at most $order seconds"
    kernel_explore "$program" order sc "$order" --order yes --brief || :
  fi
  say "verdict"
  fuzz/linux/verdict.py tell build/kernel/findings/found "${shares[@]%=*}" \
    ${patch:+--without build/kernel/findings/without --base build/kernel/base --source build/kernel/source}
  return "$found"
}
