# SPDX-License-Identifier: GPL-3.0-or-later
# What configure.ac needs beyond autoconf: a table of what is missing, and flags tried one by one.

# ALPHAMAIL_LACKS(WHAT, NEEDED, FOUND, DEBIAN PACKAGE, RHEL PACKAGE)
# Remembers a row; ALPHAMAIL_REPORT prints them all.
AC_DEFUN([ALPHAMAIL_LACKS], [{
alphamail_rows="$alphamail_rows`printf '  %-28s %-8s %-12s %-24s %s' "$1" "$2" "$3" "$4" "$5"`
"
alphamail_debian="$alphamail_debian $4"
alphamail_rhel="$alphamail_rhel $5"
}])

# ALPHAMAIL_NEED_MODULE(VARIABLE, MODULE, VERSION, WHAT, DEBIAN, RHEL)
# A library that pkg-config knows: sets VARIABLE_CFLAGS (as system headers) and VARIABLE_LIBS.
AC_DEFUN([ALPHAMAIL_NEED_MODULE], [
PKG_CHECK_MODULES([$1], [$2 >= $3], [ALPHAMAIL_SYSTEM_HEADERS([$1_CFLAGS])], [
  alphamail_found=
  test -z "$PKG_CONFIG" || alphamail_found=`$PKG_CONFIG --modversion $2 2>/dev/null | head -n 1`
  ALPHAMAIL_LACKS([$4], [$3], [${alphamail_found:-nothing}], [$5], [$6])
])
])

# ALPHAMAIL_NEED_PROGRAM(VARIABLE, NAMES, WHAT, DEBIAN, RHEL)
AC_DEFUN([ALPHAMAIL_NEED_PROGRAM], [
AC_PATH_PROGS([$1], [$2], [], [$PATH:/usr/sbin:/usr/local/sbin])
AS_IF([test -z "[$]$1"], [ALPHAMAIL_LACKS([$3], [any], [nothing], [$4], [$5])])
])

# ALPHAMAIL_SYSTEM_HEADERS(VARIABLE): our warnings are not for other people's headers.
AC_DEFUN([ALPHAMAIL_SYSTEM_HEADERS], [
$1=`printf '%s\n' "[$]$1" | sed -e 's/-I *\//-isystem \//g'`
])

# ALPHAMAIL_REPORT: stops where a row was remembered, with everything that is to be installed.
AC_DEFUN([ALPHAMAIL_REPORT], [
if test -n "$alphamail_rows"; then
  alphamail_debian=`printf '%s\n' $alphamail_debian | LC_ALL=C sort -u | tr '\n' ' '`
  alphamail_rhel=`printf '%s\n' $alphamail_rhel | LC_ALL=C sort -u | tr '\n' ' '`
  {
    printf '\nconfigure: missing or too old:\n\n'
    printf '  %-28s %-8s %-12s %-24s %s\n' WHAT NEEDED FOUND 'DEBIAN PACKAGE' 'RHEL PACKAGE (EPEL, CRB)'
    printf '%s\n' "$alphamail_rows"
    printf 'Debian:  apt-get install --no-install-recommends %s\n' "$alphamail_debian"
    printf 'RHEL:    dnf install %s\n\n' "$alphamail_rhel"
  } >&2
  AC_MSG_ERROR([install what the table names, then run configure again])
fi
])

# ALPHAMAIL_TRY_CXXFLAG(VARIABLE, FLAG): appends the flag where the compiler takes it silently.
AC_DEFUN([ALPHAMAIL_TRY_CXXFLAG], [
AC_MSG_CHECKING([whether $CXX takes $2])
alphamail_saved=$CXXFLAGS
CXXFLAGS="$CXXFLAGS -Werror $2"
AC_COMPILE_IFELSE([AC_LANG_PROGRAM([], [])],
  [$1="[$]$1 $2"
   AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])])
CXXFLAGS=$alphamail_saved
])

# ALPHAMAIL_TRY_LDFLAG(VARIABLE, FLAG)
AC_DEFUN([ALPHAMAIL_TRY_LDFLAG], [
AC_MSG_CHECKING([whether the linker takes $2])
alphamail_saved=$LDFLAGS
LDFLAGS="$LDFLAGS $2"
AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
  [$1="[$]$1 $2"
   AC_MSG_RESULT([yes])],
  [AC_MSG_RESULT([no])])
LDFLAGS=$alphamail_saved
])
