# shellcheck shell=bash
# ./farm prove: every execution of every small program, smallest first. Read by try.sh; uses functions of `farm` and of that.

# prove [--operations N] [--seconds N] [--target linux] [--model NAME] [--jobs N]
verb_prove() {
  local limit=600 operations=4 explorers=$jobs target=() model=()
  while [ $# -gt 0 ]; do
    case "$1" in
      --operations)
        [[ "${2-}" =~ ^[1-8]$ ]] || die "--operations wants a number from 1 to 8, not '${2-}'"
        operations=$2 ;;
      --seconds) limit=$(seconds 600 "${@:1:2}") ;;
      --target)
        [ "${2-}" = linux ] || die "--target wants linux, not '${2-}'"
        target=(--target linux) ;;
      --jobs)
        [[ "${2-}" =~ ^[1-9][0-9]?$ ]] || die "--jobs wants a number from 1 to 99, not '${2-}'"
        explorers=$2 ;;
      --model) model=(--model "$(memory_model "${2-}")") ;;
      *) die "unknown flag '$1'. Allowed: --operations N, --seconds N, --target linux, --model NAME, --jobs N" ;;
    esac
    shift 2
  done
  verb_setup
  logged prove-configure cmake --preset release || die "cmake failed; its message stands above"
  logged prove-build cmake --build build/release --parallel "$jobs" --target rcufarm ||
    die "the build failed; its message stands above"
  say "programs of up to $operations operations, for at most $limit seconds"
  build/release/bin/rcufarm "${target[@]}" prove --all "$operations" --seconds "$limit" "${model[@]}" \
    --jobs "$explorers" --findings build/prove/findings
}
