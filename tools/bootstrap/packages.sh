# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's packages: which are needed, and how the missing ones are installed without removing a
# package or starting a service.

demo_packages=(
  build-essential autoconf automake libtool pkg-config gettext
  apache2-bin apache2-dev libetpan-dev libctemplate-dev libboost-dev libboost-locale-dev
  libflatbuffers-dev flatbuffers-compiler libicu-dev libssl-dev libmagic-dev
  libaprutil1-dbd-sqlite3 libaprutil1-dbd-pgsql
  brotli gzip openssl python3 sqlite3 util-linux
)
check_packages=(
  libgtest-dev curl wrk w3m chromium fonts-noto-core fonts-noto-cjk
)
bench_packages=(wrk curl)
# What other systems call them (Red Hat Enterprise Linux 9 with EPEL and CRB).
rhel_packages=(
  gcc-c++ make autoconf automake libtool pkgconf gettext httpd httpd-devel mod_ssl libetpan-devel
  ctemplate-devel boost-devel flatbuffers-devel flatbuffers-compiler libicu-devel openssl-devel
  file-devel apr-util-sqlite apr-util-pgsql brotli openssl python3 sqlite util-linux
  dovecot exim
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The libraries that packages of servers need, by their Depends; the servers are unpacked only.
libraries_of() {
  apt-cache show --no-all-versions "$@" 2>/dev/null | sed -n 's/^\(Pre-\)\?Depends: //p' |
    tr ',' '\n' | sed 's/|.*//; s/(.*//; s/:any//; s/ //g' | grep -E '^lib' |
    grep -vx 'libpam-runtime' | sort -u
}

# apt's lists may be absent (a new container) or too old to name what we need.
refresh_lists() {
  apt-cache show --no-all-versions "$@" >/dev/null 2>&1 && return
  say "refreshing apt's lists of packages"
  as_root apt-get update -qq || die "apt-get update failed; is there a network?"
}

# Runs a command as root; without a way to become root, prints it and stops.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
    sudo "$@"
  else
    say "this needs root, and there is no sudo here. Please run as root:"
    printf '  %s\n' "$*"
    exit 1
  fi
}

other_system() {
  say "this is no Debian system: please install these packages (Debian's names):"
  printf '  %s\n' "$*"
  say "on Red Hat Enterprise Linux 9 and its relatives, with EPEL and CRB (not tried):"
  printf '  dnf install %s\n' "${rhel_packages[*]}"
  say "then: autoreconf -fi && mkdir -p build && cd build && ../configure && make"
  exit 1
}

# Refuses what removes a package or brings a service that would be started.
check_simulation() {
  local plan removed deb services
  plan=$(apt-get -s install --no-install-recommends -o Debug::NoLocking=1 "$@" 2>&1) ||
    { printf '%s\n' "$plan" >&2; die "apt cannot install what is missing"; }
  removed=$(printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
  [ -z "$removed" ] || die "refused: installing $* would remove $removed"
  as_root apt-get install -qq -y --no-install-recommends --download-only "$@" >/dev/null ||
    die "apt could not download what is missing"
  for deb in $(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\).*/\1/p'); do
    is_installed "$deb" && continue   # an upgrade brings no new service
    deb=$(printf '%s\n' /var/cache/apt/archives/"$deb"_*.deb | tail -n 1)
    [ -e "$deb" ] || continue
    services=$(dpkg-deb -c "$deb" | awk '{print $6}' |
      grep -E '^\./((usr/)?lib/systemd/system/[^/]*\.(service|socket|timer)|etc/init\.d/.)' || true)
    [ -z "$services" ] || die "refused: ${deb##*/} brings a service: "$services
  done
}

# install_packages NAME...: those that are missing, if any.
install_packages() {
  local package missing=()
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    [ -e "$build/Makefile" ] && return
    other_system "$@"
  fi
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  refresh_lists "${missing[@]}"
  say "installing ${missing[*]}"
  check_simulation "${missing[@]}"
  as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get install -qq -y \
    --no-install-recommends "${missing[@]}" >/dev/null || die "apt-get install failed"
}
