# SPDX-License-Identifier: GPL-3.0-or-later
# Servers that conflict with others, or that start themselves when installed: downloaded by apt,
# unpacked below build/peers/root and run from there (tools/servers/). Their libraries are ordinary
# packages and are installed as such.

mail_peers=(dovecot-core dovecot-imapd dovecot-lmtpd exim4-base exim4-daemon-light)
check_peers=(
  postgresql-15 postgresql-client-15
  cyrus-common cyrus-imapd sasl2-bin
  courier-base courier-imap courier-authlib courier-authdaemon courier-authlib-userdb
)
# Measured beside AlphaMail by ./bootstrap bench: Roundcube, its PHP libraries, and PHP itself.
bench_peers=(
  roundcube-core roundcube-sqlite3 php-pear php-auth-sasl php-mail-mime php-net-socket php-net-smtp php-net-sieve
  php-masterminds-html5 php-guzzlehttp-guzzle php-guzzlehttp-promises php-guzzlehttp-psr7 php-psr-http-message
  php-psr-http-factory php-psr-http-client php-getallheaders php-symfony-deprecation-contracts
  php8.2-fpm php8.2-common php8.2-opcache php8.2-intl php8.2-mbstring php8.2-xml php8.2-sqlite3
)

unpack_peers() {
  local peers=$build/peers package wanted=() deb
  mkdir -p "$peers/debs" "$peers/root"
  for package in "$@"; do
    [ -e "$peers/root/.$package" ] || wanted+=("$package")
  done
  build_preload "$peers"
  [ ${#wanted[@]} -gt 0 ] || return 0
  refresh_lists "${wanted[@]}"
  local libraries
  mapfile -t libraries < <(libraries_of "${wanted[@]}")
  install_packages "${libraries[@]}"
  say "unpacking ${wanted[*]} below build/peers"
  rm -f "$peers"/debs/*.deb
  (cd "$peers/debs" && apt-get download -qq "${wanted[@]}" 2>"$peers/debs/log") ||
    { cat "$peers/debs/log" >&2; die "apt could not download ${wanted[*]}"; }
  for deb in "$peers"/debs/*.deb; do
    dpkg-deb -x "$deb" "$peers/root"
  done
  rm -f "$peers"/debs/*.deb
  for package in "${wanted[@]}"; do : >"$peers/root/.$package"; done
  # exim4 comes setuid root: ours is a program like any other.
  find "$peers/root" -type f -perm /6000 -exec chmod ug-s {} +
  chmod -R a+rX "$peers/root"
}

# The library that lets unpacked programs find their own files (tools/servers/peer_paths.c).
build_preload() {
  local source=$top/tools/servers/peer_paths.c library=$1/peer_paths.so
  [ "$library" -nt "$source" ] && return
  ${CC:-gcc} -O2 -Wall -Wextra -fPIC -shared -fvisibility=hidden -o "$library.new" "$source" -ldl ||
    die "cannot compile tools/servers/peer_paths.c"
  chmod 755 "$library.new"
  mv -f "$library.new" "$library"
}

# apache2-dev depends on debhelper, and that on man-db, which brings a timer. Where man-db is there
# already it is simply installed; else its headers are unpacked like a peer, and a small apxs says
# where they are.
httpd_headers() {
  local root=$build/peers/root apxs=$build/peers/apxs
  if is_installed apache2-dev || ! command -v apt-get >/dev/null; then return; fi
  if is_installed man-db; then install_packages apache2-dev; return; fi
  unpack_peers apache2-dev
  cat >"$apxs" <<END
#!/bin/sh
# apxs -q NAME, for httpd's headers below $root
case \$2 in
  INCLUDEDIR) echo "$root/usr/include/apache2" ;;
  LIBEXECDIR) echo /usr/lib/apache2/modules ;;
  SBINDIR) echo /usr/sbin ;;
  *) sed -n "s/^\$2 *= *//p" "$root/usr/share/apache2/build/config_vars.mk" ;;
esac
END
  chmod 755 "$apxs"
  export APXS=$apxs
}
