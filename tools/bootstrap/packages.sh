# SPDX-License-Identifier: GPL-3.0-or-later
# Debian's packages: which are needed, and how the missing ones are installed without removing a
# package or starting a service.

demo_packages=(
  build-essential autoconf automake libtool pkg-config gettext
  apache2-bin libapr1-dev libaprutil1-dev libetpan-dev libctemplate-dev libboost-dev libboost-locale-dev
  libflatbuffers-dev flatbuffers-compiler libicu-dev libssl-dev libmagic-dev libgumbo-dev
  libpsl-dev libarchive-dev
  libaprutil1-dbd-sqlite3 libaprutil1-dbd-pgsql
  brotli gzip openssl python3 sqlite3 util-linux
)
check_packages=(
  libgtest-dev curl wrk w3m python3-html5lib chromium fonts-noto-core fonts-noto-cjk
)
# For the pages in a browser: another source's node will do as well.
command -v node >/dev/null && command -v npm >/dev/null || check_packages+=(nodejs npm)
bench_packages=(wrk curl)
# What other systems call them (Red Hat Enterprise Linux 9 with EPEL and CRB).
rhel_packages=(
  gcc-c++ make autoconf automake libtool pkgconf gettext httpd httpd-devel mod_ssl libetpan-devel
  ctemplate-devel boost-devel flatbuffers-devel flatbuffers-compiler libicu-devel openssl-devel
  file-devel libpsl-devel libarchive-devel gumbo-parser-devel apr-util-sqlite apr-util-pgsql brotli openssl python3 sqlite util-linux
  dovecot exim
)

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# The libraries that packages of servers need, by their Depends; the servers are unpacked only. Scripts
# for browsers are none of them.
libraries_of() {
  apt-cache show --no-all-versions "$@" 2>/dev/null | sed -n 's/^\(Pre-\)\?Depends: //p' |
    tr ',' '\n' | sed 's/|.*//; s/(.*//; s/:any//; s/ //g' | grep -E '^lib' |
    grep -vxE 'libpam-runtime|libjs-.*' | sort -u
}

# apt's lists may be absent (a new container) or too old to name what we need.
refresh_lists() {
  apt-cache show --no-all-versions "$@" >/dev/null 2>&1 && return
  can_be_root || die "apt does not know $*; please run as root: apt-get update"
  say "refreshing apt's lists of packages"
  as_root apt-get update -qq || die "apt-get update failed; is there a network?"
}

can_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

other_system() {
  say "this is no Debian system: please install these packages (Debian's names):"
  printf '  %s\n' "$*"
  say "on Red Hat Enterprise Linux 9 and its relatives, with EPEL and CRB (not tried):"
  printf '  dnf install %s\n' "${rhel_packages[*]}"
  say "then: autoreconf -fi && mkdir -p build && cd build && ../configure && make"
  exit 1
}

# Where systemd keeps what it starts by itself, and the old init its links.
enabled_units() {
  find /etc/systemd/system /etc/rc?.d -type l 2>/dev/null | sort
}

# Refuses what removes a package, or brings a service to a machine where it would be started. In a
# container without systemd nothing starts; there the service is only kept from being enabled.
check_plan() {
  local plan removed package deb services
  plan=$(apt-get -s install --no-install-recommends -o Debug::NoLocking=1 "$@" 2>&1) ||
    { printf '%s\n' "$plan" >&2; die "apt cannot install what is missing"; }
  removed=$(printf '%s\n' "$plan" | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
  [ -z "$removed" ] || die "refused: installing $* would remove $removed"
  as_root apt-get install -qq -y --no-install-recommends --download-only "$@" >/dev/null ||
    die "apt could not download what is missing"
  [ -d /run/systemd/system ] || return 0
  for package in $(printf '%s\n' "$plan" | sed -n 's/^Inst \([^ ]*\).*/\1/p'); do
    is_installed "$package" && continue   # a newer version brings no new service
    deb=$(find /var/cache/apt/archives -name "${package}_*.deb" | tail -n 1)
    [ -n "$deb" ] || continue
    services=$(dpkg-deb -c "$deb" | awk '{print $6}' |
      grep -E '^\./((usr/)?lib/systemd/system/[^/]*\.(service|socket|timer)|etc/init\.d/.)' || true)
    [ -z "$services" ] || die "refused: the package $package brings a service: "$services
  done
}

# Keeps what was installed just now from being started one day: `before` is enabled_units of then.
disable_new_units() {
  local before=$1 unit
  enabled_units | grep -vxF -e "$before" -e '' | while read -r unit; do
    say "not enabled: ${unit##*/}"
    as_root rm -f "$unit"
  done || true
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
  if ! can_be_root; then
    say "some packages are missing, and there is neither root nor sudo here. Please run as root:"
    printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "${missing[*]}"
    exit 1
  fi
  refresh_lists "${missing[@]}"
  say "installing ${missing[*]}"
  check_plan "${missing[@]}"
  local before
  before=$(enabled_units)
  as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes NEEDRESTART_MODE=l apt-get install -qq -y \
    --no-install-recommends "${missing[@]}" >/dev/null || die "apt-get install failed"
  [ -d /run/systemd/system ] || disable_new_units "$before"
}
