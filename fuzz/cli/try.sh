# shellcheck shell=bash
# ./farm try: a patch that somebody posted. Read by `farm`, whose functions it uses; writes under build/try only.

# shellcheck source=fuzz/cli/prove.sh
. fuzz/cli/prove.sh

# files_named PLAIN: what the patch names, a line each.
files_named() {
  sed -nE 's/\r$//; s/^(---|\+\+\+) ([^\t]+).*/\2/p' "$1" | grep -vx /dev/null | sed 's,^[ab]/,,' | sort -u || :
}

# patch_is_for_alloc PATCH PLAIN: ends with what to do where PLAIN, made of PATCH, is no patch, or one for the kernel.
patch_is_for_alloc() {
  local files target file flags
  files=$(files_named "$2")
  [ -n "$files" ] || die "$1 is no patch: no line of it begins with +++. Give what git diff or git format-patch wrote, or a saved mail"
  # A name that alloc/ has as well is that of the tree, if the patch says so.
  if ! grep -q '^alloc/' <<<"$files"; then
    while read -r file; do
      [ ! -e "$file" ] || die "$1 is for $file, and try is for alloc/. Make it of that: git diff -- alloc"
    done <<<"$files"
  fi
  for target in memalloc objpool percpu_freelist; do
    flags=""
    [ "$target" = memalloc ] || flags="--target $target "
    while read -r file; do
      ! grep -qE "(^|/)${file//./\\.}\$" <<<"$files" ||
        die "$1 changes the kernel's $file, and try is for alloc/. Try it by: ./farm kernel ${flags}--patch $(printf %q "$1") --source PATH/TO/linux (no tree at hand: --source 6.12)"
    done < <(kernel_take_target "$target" && printf '%s\n' "${kernel_files[@]}")
  done
}

# patched_copy PATCH FOLDER: FOLDER/alloc is alloc/ with the patch, or the posted series, applied. Paths in it may begin with
# a/alloc/, alloc/, a/mem/ or mem/ (and the like for the allocator's other folders).
patched_copy() {
  local patch=$1 folder=$2 place strip said="" hunk applied=""
  rm -rf "$folder"
  mkdir -p "$folder"
  fuzz/linux/series.py --plain "$1" "$folder/plain.patch" || die "nothing was tried: the patch is not applied"
  patch=$PWD/$folder/plain.patch
  patch_is_for_alloc "$1" "$patch"
  for place in . alloc; do
    for strip in 1 0; do
      # Fresh times, so that what the last try had patched is built again. A copy for each: a series may change a line twice.
      rm -rf "$folder/alloc"
      cp -r alloc "$folder/alloc"
      rm -rf "$folder/alloc/bench"
      # --force: neither ask, nor take a patch that looks reversed backwards.
      if said+=$(patch --force --no-backup-if-mismatch -p"$strip" -d "$folder/$place" -i "$patch" 2>&1); then
        ! diff -rq -x bench alloc "$folder/alloc" >/dev/null || die "$1 changes nothing under alloc/"
        return 0
      fi
      said+=$'\n'
      rm -rf "$folder/alloc"
      cp -r alloc "$folder/alloc"
      ! patch --force --reverse --dry-run -p"$strip" -d "$folder/$place" -i "$patch" >/dev/null 2>&1 || applied=yes
    done
  done
  [ -z "$applied" ] || die "$1 is in alloc/ already. Take it out first, since try searches both: git stash -- alloc, or git apply -R $(printf %q "$1")"
  # The first that fits nowhere, of the files that there are.
  hunk=$(awk '/^patching file / { file = $3 } /^Hunk .* FAILED/ { sub(/\.$/, ""); print file ": " $0; exit }' <<<"$said")
  [ -n "$hunk" ] || grep -q 'malformed\|garbage\|unexpectedly ends' <<<"$said" ||
    die "$1 is for files that alloc/ does not have ($(files_named "$patch" | xargs)). Make it in this tree: git diff -- alloc"
  [ -n "$hunk" ] || hunk=$(grep -m 1 'malformed\|garbage\|unexpectedly ends' <<<"$said")
  die "$1 does not apply to alloc/ as it is here ($hunk). Make it anew in this tree: git diff -- alloc"
}

# memory_model NAME: prints it, if there is one of that name.
memory_model() {
  case "$1" in
    sc | tso | c11 | kernel) echo "$1" ;;
    *) die "--model wants sc, tso, c11 or kernel, not '$1'" ;;
  esac
}

# try PATCH [--seconds N] [--model NAME]
verb_try() {
  local patch="" limit=60 folder=build/try patched=0 plain=0 finding model=sc
  while [ $# -gt 0 ]; do
    case "$1" in --seconds | --model) [ $# -ge 2 ] || die "$1 wants a value" ;; esac
    case "$1" in
      --seconds) limit=$(seconds 60 --seconds "$2"); shift 2 ;;
      --model) model=$(memory_model "$2"); shift 2 ;;
      -*) die "unknown flag '$1'. Allowed: --seconds N, --model NAME" ;;
      *) [ -z "$patch" ] || die "try takes one patch, and was given $patch and $1"; patch=$1; shift ;;
    esac
  done
  [ -n "$patch" ] || die "try wants a patch: ./farm try my.patch [--seconds N] [--model NAME]"
  case "$patch" in /*) ;; *) patch=$OLDPWD/$patch ;; esac
  [ ! -d "$patch" ] || die "$patch is a folder, and try wants a patch: git diff -- alloc >my.patch"
  [ -e "$patch" ] || die "there is no $patch"
  [[ -f "$patch" && -r "$patch" ]] || die "cannot read $patch"
  [ -s "$patch" ] || die "$patch is empty. Make it in this tree: git diff -- alloc (of what is committed: git diff HEAD~ -- alloc)"
  packages+=(git)  # which reads mails
  verb_setup
  alone try "$folder"
  patched_copy "$patch" "$folder/source"

  say "building the allocator with and without $patch"
  logged try-configure cmake --preset release -B "$folder/cmake" -D "RCUFARM_TRY_ALLOC=$PWD/$folder/source/alloc" \
    -D RCUFARM_TESTS=OFF -D RCUFARM_WERROR=OFF || die "cmake failed; its message stands above"
  logged try-build cmake --build "$folder/cmake" --parallel "$jobs" --target rcufarm ||
    die "the allocator as it is does not build; the compiler's message stands above"
  logged try-patched cmake --build "$folder/cmake" --parallel "$jobs" --target rcufarm-try ||
    die "with $patch the allocator does not compile; the compiler's message stands above"

  rm -rf "$folder/findings"
  say "with the patch, under the memory model $model, for at most $limit seconds"
  "$folder/cmake/bin/rcufarm-try" explore --model "$model" --seconds "$limit" --findings "$folder/findings" || patched=$?
  say "without the patch, under the memory model $model, for at most $limit seconds"
  "$folder/cmake/bin/rcufarm" explore --model "$model" --seconds "$limit" --findings "$folder/findings" || plain=$?
  [[ $patched -le 1 && $plain -le 1 ]] || die "the search itself failed; its message stands above"

  say "verdict"
  case $patched$plain in
    00) echo "Nothing found, with the patch or without it, under the memory model $model. That is no proof: what was searched stands above."
        [ "$model" != sc ] || echo "What weaker machines do is searched by: --model tso, c11 or kernel" ;;
    01) echo "Something is found without the patch, and nothing with it: it mends that, or hides it." ;;
    11) echo "Something is found with the patch and without it. Compare the signatures above." ;;
    10) echo "The patch is wrong: it shows what follows, and without it nothing is found."
        for finding in "$folder"/findings/try-*.finding; do
          printf '%s (under %s): %q replay %q --diagram\n' "$(sed -n 's/^signature //p' "$finding")" "$model" "$PWD/$folder/cmake/bin/rcufarm-try" "$PWD/$finding"
        done
        echo "How to read its diagram: fuzz/linux/REVIEWERS.md."
        echo "Kept until the next ./farm try, with the program that replays it." ;;
  esac
  return "$patched"
}
