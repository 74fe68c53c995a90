# SPDX-License-Identifier: GPL-3.0-or-later
# The build below build/: made once, then only what changed.

jobs=$(nproc 2>/dev/null || echo 2)

# Output goes to a log that is shown when the step fails; a first build says where to look.
quietly() {
  local doing=$1 log=$build/bootstrap.log
  shift
  if ! "$@" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "$doing failed; all of its output is in $log"
  fi
}

# build_all [CONFIGURE OPTION...]: with what is there already, but anew where it was not made with the first of them.
build_all() {
  local given flags=("CXXFLAGS=${CXXFLAGS:--O2 -g1}")
  for given in "$@"; do
    case $given in CXXFLAGS=*) flags=() ;; esac
  done
  mkdir -p "$build"
  if [ ! -e configure ]; then
    say "making configure"
    quietly autoreconf autoreconf -fi
  fi
  if [ ! -e "$build/config.status" ]; then
    say "configuring"
    # Names and lines are what stacks need of -g; all of it takes a quarter of the time.
    quietly configure in_build "$top/configure" "${flags[@]}" "$@"
  elif [ $# -gt 0 ] && ! grep -qe "$1" <("$build/config.status" --config); then
    say "configuring anew, with $*"
    quietly configure in_build "$top/configure" "${flags[@]}" "$@"
    quietly 'make clean' make -s -C "$build" clean
    rm -f "$build/.built"
  fi
  if is_built; then return; fi
  say "building with $jobs processes (its output is in ${build#"$top"/}/bootstrap.log)"
  : >"$build/.building"
  quietly make make -C "$build" -j"$jobs" all
  mv -f "$build/.building" "$build/.built"
}

# Whether nothing has changed since the last build began: quicker to see than for make.
is_built() {
  [ -e "$build/.built" ] && [ -e "$build/webcache/webcache" ] &&
    [ -e "$build/mod_alphamail/.libs/mod_alphamail.so" ] &&
    [ -z "$(find configure Makefile.in Makefile.am configure.ac m4 common webcache mod_alphamail \
      templates conf tools doc t \( -type f -o -type d \) -newer "$build/.built" \
      -not -path '*/__pycache__*' -print -quit)" ]
}

in_build() { (cd "$build" && "$@"); }

# The test programs, so that running the tests is only that.
build_tests() {
  say "building the tests"
  # What they test is built by now; of themselves nothing needs to be quick.
  quietly 'building the tests' make -C "$build" -j"$jobs" check-programs
}

build_bench() {
  say "building the measuring programs"
  quietly 'building the measuring programs' make -C "$build" -j"$jobs" bench-programs
}
