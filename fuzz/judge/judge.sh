# shellcheck shell=bash
# ./farm bench fuzzers|sim|peers: builds what is measured, and runs it. Read by `farm`, whose functions it uses.

# judge_build ENGINE PRESET: that engine's targets with each planted defect, in a folder of their own.
judge_build() {
  logged "judge-$1-configure" cmake --preset "$2" -B "build/judge/$1" -D RCUFARM_DEFECTS=ON -D RCUFARM_SANITIZE=none &&
    logged "judge-$1-build" cmake --build "build/judge/$1" --parallel "$jobs" --target rcufarm-fuzz-defects
}

bench_fuzzers() {
  script_flags fuzz/judge/judge.py "$@"
  say "building the fuzz targets with planted defects"
  { build release rcufarm rcufarm-defects corpus_reach rcufarm_afl_sim_mutator && judge_build libfuzzer fuzz && judge_build afl afl; } ||
    die "the build failed; its message stands above"
  fuzz/judge/judge.py "$@"
}

bench_sim() {
  script_flags fuzz/cli/speed.py "$@"
  case " $* " in
    *" --beside"*) build release rcufarm sim_speed ;;
    *) build release rcufarm sim_speed input_speed rcufarm_afl_sim_mutator && build asan-alone rcufarm && build fuzz-plain && build afl-plain ;;
  esac || die "the build failed; its message stands above"
  fuzz/cli/speed.py "$@"
}

bench_peers() {
  script_flags fuzz/judge/peers.py "$@"
  build release peers_ours || die "the build failed; its message stands above"
  fuzz/judge/peers.py "$@"
}
