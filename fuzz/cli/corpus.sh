# shellcheck shell=bash
# ./farm corpus: the inputs that are kept. Read by `farm`, whose functions it uses; writes corpus/ and build/ only.

# What an engine reads of an input of fuzz_sim (--input-bytes in `farm`).
seed_bytes_max=768

# seed_line SEED WHY: its row in corpus/seeds.md, made from its text form.
seed_line() {
  build/release/bin/replay_native "$1" --print | awk -v seed="$(basename "$1")" -v why="$2" '
    /^cpus/ { cpus = $2 }
    /^task/ { ++tasks }
    /^program/ { ++kinds[$3] }
    /^cache/ { caches = caches (caches ? ", " : "") (/classes/ ? "classes" : /percpu/ ? "percpu " $NF : $NF) }
    /^(slab_fails|cgroup)/ { fails = "; memory fails" }
    /^ / { ++ops[$1]; ++total }
    END {
      split("destroy raw_free synchronize alloc_flags fail_next migrate irq_off", rare)
      for (i = 1; i in rare; ++i) if (rare[i] in ops) some = some (some ? ", " : ", among them ") rare[i]
      printf "| `%s` | %s: %d %s, %d %s%s%s; caches: %s%s; %d operations%s |\n", seed, why, cpus, cpus == 1 ? "CPU" : "CPUs",
        tasks, tasks == 1 ? "task" : "tasks", kinds["irq"] ? ", irqs" : "", kinds["nmi"] ? ", nmis" : "", caches, fails, total, some
    }'
}

# take WHY INPUT...: inputs become seeds.
take() {
  local why=$1 input seed
  shift
  for input in "$@"; do
    seed=corpus/seeds/found-$(sha1sum "$input" | cut -c1-8)
    cp "$input" "$seed"
    seed_line "$seed" "$why" | tee -a corpus/seeds.md
  done
}

# folders_named FOLDER...: their absolute paths into the array `folders`; relative ones are relative to where the user stands.
folders_named() {
  local folder
  folders=()
  for folder in "$@"; do
    case "$folder" in
      -*) die "unknown flag '$folder'. corpus wants folders of inputs" ;;
      /*) ;;
      *) folder=$OLDPWD/$folder ;;
    esac
    [ -d "$folder" ] || die "$folder is no folder"
    folders+=("$folder")
  done
}

# pick BASE FROM LIST: "how many pairs, which input" of those in FROM that reach pairs which BASE does not, few of them, to LIST.
pick() {
  build/release/bin/corpus_reach "$1" --pick "$2" >"$3" ||
    die "an input finds something or cannot be read, as said above. A finding belongs into corpus/regressions, and not among seeds"
}

# add_edges BASE FROM: copies those in FROM that reach edges which BASE does not, few of them, to BASE.
add_edges() {
  RCUFARM_FEEDBACK=edges build/fuzz/bin/fuzz_sim -set_cover_merge=1 -use_counters=0 -artifact_prefix="$1-" "$1" "$2" \
    >"$1.log" 2>&1 || die "libFuzzer's merge failed: $1.log"
}

# merge FOLDER...: the few inputs that reach a pair of store and load which the seeds do not, and then those that reach an edge.
corpus_merge() {
  local folders folder from=build/corpus-merge line all large
  [ $# -gt 0 ] || die "merge wants folders of inputs: ./farm corpus merge FOLDER..."
  folders_named "$@"
  rm -rf "$from"
  mkdir -p "$from/all" "$from/edges"
  for folder in "${folders[@]}"; do
    find "$folder" -type f -size "-$((seed_bytes_max + 1))c" -exec cp --backup=numbered -t "$from/all" {} + ||
      die "cannot copy all of $folder, as said above. Take away what cannot be read, or make it readable"
  done
  all=$(find "$from/all" -type f | wc -l)
  large=$(($(find "${folders[@]}" -type f | wc -l) - all))
  [ "$all" -gt 0 ] || die "no file of at most $seed_bytes_max bytes in $*"
  { build release corpus_reach replay_native && build fuzz fuzz_sim; } || die "the build failed; its message stands above"
  say "$all inputs ($large are larger than $seed_bytes_max bytes and left out): new reads-from pairs"
  pick corpus/seeds "$from/all" "$from/pairs.txt"
  while read -r line; do take "+${line%% *} reads-from pairs" "${line#* }"; done <"$from/pairs.txt"
  say "new edges"
  # The seeds are there already; what is needed beyond them is added.
  cp corpus/seeds/* "$from/edges"
  add_edges "$from/edges" "$from/all"
  for line in "$from"/edges/*; do
    [ -f "corpus/seeds/$(basename "$line")" ] || take "new edges" "$line"
  done
}

# The seeds that have no text and add nothing to the others are removed, and their lines.
corpus_prune() {
  local kept=build/corpus-prune seed name
  rm -rf "$kept"
  mkdir -p "$kept/named" "$kept/found" "$kept/needed"
  for seed in corpus/seeds/*; do
    if [ -f "corpus/text/$(basename "$seed").txt" ]; then cp "$seed" "$kept/named"; else cp "$seed" "$kept/found"; fi
  done
  { build release corpus_reach && build fuzz fuzz_sim; } || die "the build failed; its message stands above"
  pick "$kept/named" "$kept/found" "$kept/pairs.txt"
  cp "$kept"/named/* "$kept/needed"
  cut -d' ' -f2- "$kept/pairs.txt" | xargs -r cp -t "$kept/needed"
  add_edges "$kept/needed" "$kept/found"
  sha1sum "$kept"/needed/* | cut -c1-40 >"$kept/needed.txt"
  for seed in "$kept"/found/*; do
    [ -f "$seed" ] || continue  # there are none
    ! grep -qF "$(sha1sum <"$seed" | cut -c1-40)" "$kept/needed.txt" || continue
    name=$(basename "$seed")
    echo "removed: $name adds nothing"
    rm "corpus/seeds/$name"
    sed -i "/^| \`$name\` |/d" corpus/seeds.md
  done
  echo "$(find corpus/seeds -type f | wc -l) seeds"
}

# What each seed adds, and what all of them reach.
corpus_stats() {
  build release corpus_reach || die "the build failed; its message stands above"
  build/release/bin/corpus_reach corpus/seeds --each
  printf '\n%d seeds (%d bytes), %d of them with a text; %d regressions\n' "$(find corpus/seeds -type f | wc -l)" \
    "$(cat corpus/seeds/* | wc -c)" "$(find corpus/text -name '*.txt' | wc -l)" \
    "$(find corpus/regressions -type f ! -name README.md | wc -l)"
}

# Findings whose schedule a change of the allocator has moved, searched again.
corpus_renew() {
  local finding
  build release rcufarm rcufarm-defects || die "the build failed; its message stands above"
  for finding in corpus/regressions/[0-9]*.finding; do
    fuzz/targets/finding_check.py build/release/bin/rcufarm "$finding" ||
      fuzz/targets/finding_check.py --renew build/release/bin/rcufarm "$finding"
  done
  # In its first form for ever: one that is written in a later form is no substitute.
  build/release/bin/rcufarm asm corpus/regressions/04-*.finding -o build/format-1-bytes.finding
  [ "$(head -c 4 build/format-1-bytes.finding)" = $'rcF\001' ] ||
    die "rcufarm writes a later form than the first: corpus/regressions/format-1-bytes.finding stays as it is, and 04 keeps its schedule"
  mv build/format-1-bytes.finding corpus/regressions/format-1-bytes.finding
}

# The fuzz targets built as OSS-Fuzz builds them for coverage: coverage_build FOLDER. SRC is a link to this tree.
coverage_build() {
  local flags="-O1 -fno-omit-frame-pointer -gline-tables-only -fprofile-instr-generate -fcoverage-mapping -pthread"
  mkdir -p "$1/src" "$1/work" "$1/out"
  ln -sfn "$PWD" "$1/src/rcufarm"
  # Threads count, too, and none of it may be lost.
  flags+=" -fprofile-update=atomic"
  # shellcheck disable=SC2154  # `farm` says how many
  env CC=clang-19 CXX=clang++-19 CFLAGS="$flags" CXXFLAGS="$flags" LIB_FUZZING_ENGINE=-fsanitize=fuzzer SANITIZER=coverage \
    FUZZING_ENGINE=libfuzzer ARCHITECTURE=x86_64 SRC="$PWD/$1/src" WORK="$PWD/$1/work" OUT="$PWD/$1/out" JOBS="$jobs" \
    docker/oss-fuzz/build.sh
}

# coverage [FOLDER...]: what the seeds and the folders' inputs reach in the allocator; fails if that leaves a
# function of alloc/mem out.
corpus_coverage() {
  local work=build/corpus-coverage target folders
  folders_named "$@"
  local inputs=(corpus/seeds "${folders[@]}")
  say "building the fuzz targets with coverage"
  { logged corpus-coverage coverage_build "$work" && build release corpus_reach; } || die "the build failed; its message stands above"
  rm -rf "$work/raw" "$work/html"
  mkdir -p "$work/raw"
  for target in fuzz_native fuzz_sim; do
    logged "corpus-$target" env LLVM_PROFILE_FILE="$work/raw/$target.profraw" "$work/out/$target" -runs=0 -max_len=4096 \
      -artifact_prefix="$work/" "${inputs[@]}" || die "$target does not run through. What it died of is kept in $work/"
  done
  llvm-profdata-19 merge -o "$work/all.profdata" "$work"/raw/*.profraw
  local both=("$work/out/fuzz_native" -object "$work/out/fuzz_sim" -instr-profile "$work/all.profdata")
  llvm-cov-19 show "${both[@]}" -format=html -output-dir "$work/html" -show-branches=count -Xdemangler c++filt \
    -ignore-filename-regex '/usr/|fuzz/targets/|fuzz/scenario/'
  for target in fuzz_native fuzz_sim; do
    llvm-cov-19 export "$work/out/$target" -instr-profile "$work/all.profdata" -skip-expansions >"$work/$target.json"
  done
  say "reads-from pairs and states"
  build/release/bin/corpus_reach "${inputs[@]}" || die "an input finds something or cannot be read, as said above"
  say "alloc/mem (all of it, line by line: $work/html/index.html)"
  fuzz/targets/coverage_check.py "$work/fuzz_native.json" "$work/fuzz_sim.json"
}

# corpus merge FOLDER... | prune | coverage [FOLDER...] | stats | renew
verb_corpus() {
  local what=${1-}
  case "$what" in
    merge | coverage) ;;
    prune | stats | renew) [ $# -eq 1 ] || die "corpus $what takes nothing else" ;;
    *) die "corpus wants one of: merge FOLDER..., prune, coverage [FOLDER...], stats, renew" ;;
  esac
  shift
  [ "$what" != coverage ] || packages+=(zip)
  verb_setup
  "corpus_$what" "$@"
}
