#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the header of all names that the templates use. A dictionary in C++ can therefore name only
# what a template shows, and a misspelling on that side does not compile; on the other side
# templates.cc refuses to load a name that is not in the list, and t/unit/view_test asks for every one.
set -e
echo '// Made by templates/make_names.sh from templates/*.tpl.'
echo '#ifndef MOD_ALPHAMAIL_NAMES_H'
echo '#define MOD_ALPHAMAIL_NAMES_H'
echo '#include <cstdint>'
echo '#include <string_view>'
echo 'namespace alphamail {'
names=$(cat "$@" | grep -o '{{[#/]\{0,1\}[A-Z][A-Z0-9_]*' | sed 's/^{{[#/]*//' | LC_ALL=C sort -u)
echo 'enum class Name : std::uint16_t {'
for n in $names; do echo "  $n,"; done
echo '};'
echo 'inline constexpr std::string_view kNames[] = {'
for n in $names; do echo "  \"$n\","; done
echo '};'
echo '}  // namespace alphamail'
echo '#endif'
