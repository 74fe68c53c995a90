// SPDX-License-Identifier: GPL-3.0-or-later
// How fast the parser of FETCH is, out of memory: rows as Dovecot sends them for an index.
//
//   imap_parser_bench [ROWS]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

#include "t/unit/imap_text.h"
#include "webcache/imap_parser.h"

namespace {

std::string row(unsigned n) {
  const std::string i = std::to_string(n);
  const std::string from = "((\"Anna Example " + i + "\" NIL \"anna.example\" \"cs.example.edu\"))";
  return "* " + i + " FETCH (UID " + i + " FLAGS (\\Seen \\Answered $Forwarded) INTERNALDATE \"02-Nov-2026 17:28:25 +0100\" "
         "RFC822.SIZE 4" + i + " MODSEQ (12345) ENVELOPE (\"Mon, 02 Nov 2026 17:28:20 +0100 (CET)\" "
         "\"Re: [list] The subject of message number " + i + "\" " + from + " " + from + " " + from +
         " ((NIL NIL \"list\" \"lists.example.org\")(\"Bea\" NIL \"bea\" \"example.org\")) NIL NIL \"<prev" + i +
         "@mail.example.org>\" \"<this" + i + "@mail.example.org>\") BODYSTRUCTURE ((\"text\" \"plain\" (\"charset\" "
         "\"utf-8\") NIL NIL \"quoted-printable\" 1234 40 NIL NIL NIL NIL)(\"text\" \"html\" (\"charset\" \"utf-8\") NIL NIL "
         "\"quoted-printable\" 5678 90 NIL NIL NIL NIL) \"alternative\" (\"boundary\" \"=_b" + i + "\") NIL NIL NIL))\r\n";
}

}  // namespace

int main(int argc, char** argv) {
  using namespace alphamail;
  const unsigned rows = argc > 1 ? static_cast<unsigned>(std::atoi(argv[1])) : 100000;
  std::string text;
  for (unsigned n = 1; n <= rows; ++n) text += row(n);
  for (int time = 0; time < 5; ++time) {
    MemorySource source(text, 16384);  // a TLS record
    ImapReader reader(source);
    FetchResponse fetched;
    std::size_t good = 0, sum = 0;
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t cpu = std::clock();
    while (const auto response = reader.next(Deadline::in(Millis{60000}))) {
      good += parse_fetch(*response, fetched) == Parsed::kGood;
      sum += fetched.row.subject.size() + fetched.row.parts.size();
    }
    const double used = static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    std::printf("%zu rows of %zu bytes: %.2f us CPU each, %.0f MB/s (%.2f s wall, check %zu)\n", good, text.size() / rows,
                used * 1e6 / static_cast<double>(good), static_cast<double>(text.size()) / used / 1e6, seconds, sum);
  }
  return 0;
}
