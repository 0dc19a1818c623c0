# shellcheck shell=bash
# ./farm kernel: the kernel's own kernel/bpf/memalloc.c, with a patch or without. Read by `farm`, whose functions it uses;
# writes under build/kernel only.

kernel_packages=(libdw-dev xz-utils)
kernel_files=(kernel/bpf/memalloc.c include/linux/bpf_mem_alloc.h)
# Of the build: --asan and the lane have another.
kernel_preset=release
kernel_folder=build/kernel/cmake

# kernel_tree SOURCE: prints the folder of a tree. SOURCE is one, or a version that Debian has: 6.12, 6.1.
kernel_tree() {
  local source=$1 archive folder
  if [[ "$source" =~ ^[0-9]+\.[0-9]+$ && ! -e "$OLDPWD/$source" ]]; then
    archive=/usr/src/linux-source-$source.tar.xz
    folder=build/kernel/linux-source-$source
    if [ ! -e "$folder/${kernel_files[0]}" ] || [ "$archive" -nt "$folder/${kernel_files[0]}" ]; then
      mkdir -p build/kernel
      # The file's neighbours too: where a header is missing, they say which one it is.
      tar -xmf "$archive" -C build/kernel "linux-source-$source/kernel/bpf" "linux-source-$source/include/linux" >&2
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
  check series logged linux-series fuzz/linux/series_test.py || :
  check rules logged linux-rules fuzz/linux/rules_test.py || :
  check asan kernel_asan_tests || :
}

kernel_tests() {
  local new old
  new=$(kernel_tree 6.12) && old=$(kernel_tree 6.1) &&
    kernel_configure "linux=$new;linux-6.1=$old" -D RCUFARM_TESTS=ON -D RCUFARM_LINUX_DEFECTS=ON -D RCUFARM_LINUX_OPTIONS= \
      -D RCUFARM_LINUX_PATCH= \
      -D RCUFARM_WERROR=ON &&
    logged linux-build cmake --build build/kernel/cmake --parallel "$jobs" \
      --target linux_test linux-6.1_test linux_differential_test linux_command_test rcufarm-linux-defects
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

# kernel_tells SED EXPECTED
kernel_tells() {
  local broken=build/kernel/copy-broken said status=0
  kernel_copy "$(kernel_tree 6.12)" "" "$broken"
  sed -i -e "$1" "$broken/${kernel_files[0]}"
  said=$(./farm kernel --source "$broken" --seconds 1 2>&1) || status=$?
  [ "$status" -eq 2 ] && grep -q "$2" <<<"$said" || { printf '%s\n' "$said"; return 1; }
}

# kernel_copy TREE PATCH FOLDER [VERSION]: FOLDER has the allocator's files, with the patch or the posted series applied.
kernel_copy() {
  local tree=$1 patch=$2 folder=$3 file
  rm -rf "$folder"
  for file in "${kernel_files[@]}"; do
    install -D -m 644 "$tree/$file" "$folder/$file"
  done
  ln -sfn "$tree" "$folder/origin"
  [ -z "$patch" ] || fuzz/linux/series.py "$patch" "$folder" ${4:+"$4"} || die "nothing was tried: the patch is not applied"
}

# kernel_missing LOG TREE: what the compiler did not know, each with its place and the shim's header to add it to.
kernel_missing() {
  local log=$1 tree=$2 place symbol header known=""
  sed -nE "s/^(.*\/kernel\/bpf\/[^:]*:[0-9]+):.*error: .*(undeclared function|undeclared identifier|unknown type name|incomplete type|undeclared library function)[^']*'(struct |union |enum )?([A-Za-z0-9_]+).*/\1 \4/p;
           s/^(.*:[0-9]+):.*error: '([a-z/_0-9]+\.h)' file not found.*/\1 \2/p" "$log" | sort -u |
    while read -r place symbol; do
      case "$symbol" in
        *.h) echo "  ${place#"$PWD"/}: the header <$symbol> is missing. Add it: fuzz/linux/include/$symbol" ;;
        *)
          header=$(cd "$tree/include" && grep -rlE "(define[[:space:]]+|[[:space:]*]|struct |union )$symbol\>" linux 2>/dev/null |
            awk '{ print length($0), $0 }' | sort -n | sed -n '1s/^[0-9]* //p') || header=""
          known=${header:-linux/the header of the kernel that declares it}
          echo "  ${place#"$PWD"/}: $symbol is missing. The kernel has it in $known. Add it: fuzz/linux/include/$known" ;;
      esac
    done
}

# kernel_build TREE TARGET...: into $kernel_folder, whose settings are made by now.
kernel_build() {
  local tree=$1
  shift
  if logged kernel-build cmake --build "$kernel_folder" --parallel "$jobs" --target "$@"; then return 0; fi
  # Once more, for the compiler's words: on a terminal nobody has kept them.
  cmake --build "$kernel_folder" --target "$@" >build/logs/kernel-missing.log 2>&1 || :
  echo "What the file needs and the shim does not have (fuzz/linux/README.md says how to add it):"
  kernel_missing build/logs/kernel-missing.log "$tree"
  die "the kernel's file does not build; the compiler's message stands above"
}

# kernel_explore PROGRAM FOLDER MODEL SECONDS FLAG...: its findings go below FOLDER.
kernel_explore() {
  local program=$1 folder=$2 model=$3 limit=$4 status=0
  shift 4
  # Under a weak model what the file as it is shows would hide all else.
  [ "$model" = sc ] || set -- --keep-going "$@"
  "$kernel_folder/bin/$program" explore --model "$model" --seconds "$limit" \
    --findings "build/kernel/findings/$folder/$model" "$@" || status=$?
  [ "$status" -le 1 ] || die "the search itself failed; its message stands above"
  return "$status"
}

# kernel_search PROGRAM FOLDER MODEL=SECONDS...: one model after the other, the strongest first. What every machine can do ends it.
kernel_search() {
  local program=$1 folder=$2 share found=0
  shift 2
  for share in "$@"; do
    say "$program under the model ${share%=*}, for at most ${share#*=} seconds"
    if ! kernel_explore "$program" "$folder" "${share%=*}" "${share#*=}"; then
      found=1
      [ "${share%=*}" != sc ] || break
    fi
  done
  return "$found"
}

# kernel_engines TREES OPTIONS SECONDS: both fuzz engines, under AddressSanitizer, instead of the explorer.
kernel_engines() {
  local trees=$1 options=$2 limit=$3 engine status=0
  build release fuzz_session rcufarm_afl_sim_mutator || die "the build failed; its message stands above"
  for engine in fuzz afl; do
    say "building $engine"
    logged "kernel-$engine-configure" cmake --preset "$engine" -B "build/kernel/$engine" -D "RCUFARM_LINUX_TREES=$trees" \
      -D "RCUFARM_LINUX_OPTIONS=$options" -D RCUFARM_WERROR=OFF || die "cmake failed; its message stands above"
    AFL_QUIET=1 logged "kernel-$engine-build" cmake --build "build/kernel/$engine" --parallel "$jobs" \
      --target fuzz_sim-linux replay_sim-linux || die "the build failed; its message stands above"
  done
  say "fuzzing for $limit seconds"
  build/release/bin/fuzz_session --libfuzzer build/kernel/fuzz/bin/fuzz_sim-linux --afl build/kernel/afl/bin/fuzz_sim-linux \
    --afl-mutator build/release/lib/librcufarm_afl_sim_mutator.so --seeds corpus/seeds --seconds "$limit" \
    --work build/session/kernel --input-bytes 768 || status=$?
  return "$status"
}

# kernel --source TREE [--patch FILE [--patch-version N]] [--seconds N] [--model NAME] [--order] [--config "CONFIG_X=1 ..."]
# [--engines | --asan]
verb_kernel() {
  local source="" patch="" version="" limit=60 config="" model="" order="" tree found=0 base=() engines="" shares share again=() rules
  local kernel_preset=$kernel_preset kernel_folder=$kernel_folder
  while [ $# -gt 0 ]; do
    case "$1" in
      --engines) engines=yes; shift; continue ;;
      --order) order=yes; shift; continue ;;
      --asan) kernel_preset=asan kernel_folder=build/kernel/asan; shift; continue ;;
      --source | --patch | --patch-version | --seconds | --config | --model) [ $# -ge 2 ] || die "$1 wants a value" ;;
    esac
    case "$1" in
      --source) source=$2 ;;
      --patch) patch=$2 ;;
      --patch-version) version=${2#v}; [[ "$version" =~ ^[1-9][0-9]*$ ]] || die "--patch-version wants the number of a posted version, not '$2'" ;;
      --seconds) limit=$(seconds 60 --seconds "$2") ;;
      --model) model=$(memory_model "$2") ;;
      --config) config=$2 ;;
      *) die "unknown flag '$1'. Allowed: --source TREE, --patch FILE, --patch-version N, --seconds N, --model NAME, --order, --config 'CONFIG_X=1 ...', --engines, --asan" ;;
    esac
    shift 2
  done
  [ -n "$source" ] || die "kernel wants a tree: ./farm kernel --source PATH/TO/linux [--patch my.patch] [--seconds N]"
  if [ -n "$patch" ]; then
    case "$patch" in /*) ;; *) patch=$OLDPWD/$patch ;; esac
    [[ -f "$patch" && -r "$patch" ]] || die "cannot read $patch"
  fi
  packages+=("${kernel_packages[@]}")
  [[ ! "$source" =~ ^[0-9]+\.[0-9]+$ || -e "$OLDPWD/$source" ]] || packages+=("linux-source-$source")
  verb_setup
  tree=$(kernel_tree "$source")
  [ -z "$patch" ] || say "$patch"
  kernel_copy "$tree" "$patch" build/kernel/source "$version"
  say "what holds for this version"
  read -ra rules <<<"$config"
  fuzz/linux/rules.py build/kernel/source "${rules[@]}" >/dev/null || die "its rules cannot be told; the message stands above"
  if [ -n "$engines" ]; then
    kernel_engines "linux=$PWD/build/kernel/source" "${config// /;}" "$limit" || found=$?
    return "$found"
  fi
  [ -z "$patch" ] || { kernel_copy "$tree" "" build/kernel/base; base=(rcufarm-linux-base); }

  say "building $tree/${kernel_files[0]}${patch:+ with $patch}"
  kernel_configure "linux=$PWD/build/kernel/source${patch:+;linux-base=$PWD/build/kernel/base}" \
    -D "RCUFARM_LINUX_OPTIONS=${config// /;}" -D "RCUFARM_LINUX_PATCH=$patch" -D RCUFARM_LINUX_DEFECTS=OFF \
    -D RCUFARM_TESTS=OFF -D RCUFARM_WERROR=OFF ||
    die "cmake failed; its message stands above"
  kernel_build "$tree" rcufarm-linux "${base[@]}"
  # rcufarm --target linux is a program beside rcufarm.
  mkdir -p build/release/bin
  ln -sfn "$PWD/$kernel_folder/bin/rcufarm-linux" build/release/bin/rcufarm-linux
  rm -rf build/kernel/findings

  # Most of the time for what every machine can do.
  shares=("sc=$(((limit + 1) / 2))" "tso=$(((limit + 3) / 4))" "kernel=$(((limit + 3) / 4))")
  [ -z "$model" ] || shares=("$model=$limit")
  kernel_search rcufarm-linux found "${shares[@]}" || found=1
  if [[ $found -eq 1 && -n "$patch" ]]; then
    for share in "${shares[@]}"; do
      [ -z "$(kernel_signatures "found/${share%=*}")" ] || again+=("$share")
    done
    kernel_search rcufarm-linux-base without "${again[@]}" || :
  fi
  if [ -n "$order" ]; then
    say "missing order, for at most $(((limit + 3) / 4)) seconds"
    kernel_explore rcufarm-linux order sc "$(((limit + 3) / 4))" --order yes --keep-going --brief || :
  fi
  kernel_verdict "$patch" "${shares[@]}"
  return "$found"
}

# kernel_signatures FOLDER: of its findings under all models.
kernel_signatures() {
  find "build/kernel/findings/$1" -name '*.finding' -exec sed -n 's/^signature //p' {} + 2>/dev/null | sort -u
}

# kernel_verdict PATCH MODEL=SECONDS...: each finding, with the strongest model that shows it.
kernel_verdict() {
  local patch=$1 signature file models found=0 both=0
  shift
  say "verdict"
  while read -r signature; do
    found=$((found + 1))
    echo "$signature"
    for file in build/kernel/findings/found/{sc,tso,kernel,c11}/*.finding; do
      grep -qxF "signature $signature" "$file" 2>/dev/null || continue
      sed -n '1s/^# /  /p' "$file"
      break
    done
    if [ -n "$patch" ] && kernel_signatures without | grep -qxF "$signature"; then
      both=$((both + 1))
      echo "  Found without the patch, too."
    fi
  done < <(kernel_signatures found)
  models=$(printf '%s, ' "${@%=*}")
  if [ "$found" -eq 0 ]; then
    echo "Nothing found under ${models%, }. That is no proof: what was searched stands above."
  elif [ -z "$patch" ]; then
    return 0
  elif [ "$both" -lt "$found" ]; then
    echo "The patch is wrong: of $found found, $((found - both)) not without it in the same time."
  else
    echo "The patch adds nothing to what is found without it."
  fi
}
