// SPDX-License-Identifier: GPL-3.0-or-later
// What decoding costs a row of a folder, and a page of a message.
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>

#include "common/mime_text.h"

namespace {

using namespace alphamail;

/// Calls `body` for about 0.2 s; prints the time a call and the bytes a second.
template <typename Body>
void measure(const char* name, std::size_t bytes, Body body) {
  // Of this process's own time, so that a busy machine tells the same.
  const auto now = [] { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; };
  std::size_t calls = 0, sum = 0;
  const double start = now();
  double seconds = 0;
  while (seconds < 0.2) {
    for (int i = 0; i < 16; ++i) sum += body();
    calls += 16;
    seconds = now() - start;
  }
  const double each = seconds / static_cast<double>(calls);
  std::printf("%-44s %10.0f ns %8.0f MB/s  %zu\n", name, each * 1e9,
              static_cast<double>(bytes) / each / 1e6, sum / calls);
}

void headers() {
  struct {
    const char* name;
    std::string_view raw;
  } const cases[] = {
      {"decode_header, plain ASCII",
       "Minutes of the faculty meeting, and the agenda of next week's one"},
      {"decode_header, one UTF-8 word", "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_dem_Rechenzentrum?="},
      {"decode_header, one ISO-2022-JP word", "=?ISO-2022-JP?B?GyRCMnE1RCROJCpDTiRpJDsbKEI=?="},
      {"decode_header, one GB18030 word", "=?GB18030?B?xOO6ww==?="},
      {"decode_header, raw UTF-8",
       "Gr\xC3\xBC\xC3\x9F"
       "e aus dem Rechenzentrum"},
      {"decode_header, raw 8-bit, unlabelled",
       "\xE4\xCF\xC2\xD2\xD9\xCA \xC4\xC5\xCE\xD8, \xD5\xD7\xC1\xD6\xC1\xC5\xCD\xD9\xC5"},
  };
  for (const auto& one : cases)
    measure(one.name, one.raw.size(), [&] { return decode_header(one.raw).size(); });
}

void bodies() {
  std::string html, text, quoted;
  while (html.size() < 100000)
    html +=
        "<tr><td style=\"font-size: 12px\"><p>Some words of a <b>newsletter</b> &amp; more "
        "of them</p></td></tr>\n";
  while (text.size() < 100000) text += "Some words of a letter, and some more of them.\n";
  while (quoted.size() < 100000) quoted += "Sch=C3=B6ne Gr=C3=BC=C3=9Fe aus dem =\nHaus\n";
  const std::string base64(100000, 'A');
  measure("html_to_text, 100 kB newsletter", html.size(),
          [&] { return html_to_text(html, 1 << 20).size(); });
  measure("snippet_of, 100 kB text", text.size(), [&] { return snippet_of(text, 120).size(); });
  measure("to_utf8, 100 kB UTF-8", text.size(), [&] { return to_utf8(text, "utf-8").size(); });
  measure("to_utf8, 100 kB ISO-8859-1", text.size(),
          [&] { return to_utf8(text + "\xE9", "iso-8859-1").size(); });
  measure("decode_transfer, base64", base64.size(),
          [&] { return decode_transfer(base64, "base64").size(); });
  measure("decode_transfer, quoted-printable", quoted.size(),
          [&] { return decode_transfer(quoted, "quoted-printable").size(); });
  measure("parse_date", 31, [] { return parse_date("Sun, 22 Nov 2026 04:40:32 +0000") ? 1u : 0u; });
  measure("parse_addresses, one", 36,
          [] { return parse_addresses("\"Joe Q. Public\" <joe.q@example.com>").size(); });
}

}  // namespace

int main() {
  headers();
  bodies();
}
