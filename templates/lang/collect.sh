#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Collects everything that people read, from templates ([[words]], [[context|words]]) and from C++
# (tr, trc, trn of words.h), into one gettext template on standard output.
# usage: collect.sh SOURCE_FOLDER
set -e
cd "$1"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The templates become lines of C that xgettext understands; constants ([[@name]]) are no words.
for file in templates/*.tpl; do
  grep -o '\[\[[^]@][^]]*\]\]' "$file" | sed -e 's/^\[\[//' -e 's/\]\]$//' -e 's/[\\"]/\\&/g' \
    -e 's/^\([^|]*\)|\(.*\)$/trc("\1", "\2");/' -e '/^trc("/!s/^.*$/tr("&");/' \
    > "$work/$(basename "$file").cc"
done
xgettext --from-code=UTF-8 --language=C++ --keyword=tr --keyword=trc:1c,2 --keyword=trn:1,2 \
  --add-comments=words: --no-location --sort-output --package-name=AlphaMail \
  --output=- mod_alphamail/*.cc common/setting_table.cc "$work"/*.cc
