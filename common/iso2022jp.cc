// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/iso2022jp.h"

#include <array>
#include <cstddef>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

enum class Set { kAscii, kRoman, kKana, kJis208, kJis212, kLatin, kOther };

struct Escape {
  std::string_view bytes;  ///< after ESC
  Set set;
};
// ISO-2022-JP-2's Chinese and Korean sets and its ISO 8859 halves are named so that they are
// skipped in step; nobody sends them.
constexpr std::array kEscapes = {
    Escape{"(B", Set::kAscii},   Escape{"(J", Set::kRoman},   Escape{"(H", Set::kRoman},
    Escape{"(I", Set::kKana},    Escape{"$@", Set::kJis208},  Escape{"$B", Set::kJis208},
    Escape{"$(B", Set::kJis208}, Escape{"$(@", Set::kJis208}, Escape{"$(D", Set::kJis212},
    Escape{"$(O", Set::kJis208}, Escape{"$(Q", Set::kJis208}, Escape{"$A", Set::kOther},
    Escape{"$(C", Set::kOther},  Escape{".A", Set::kLatin},   Escape{".F", Set::kLatin},
    Escape{"&@", Set::kLatin},
};

const Escape* escape_at(std::string_view bytes, std::size_t at) {
  for (const Escape& escape : kEscapes)
    if (bytes.substr(at + 1, escape.bytes.size()) == escape.bytes) return &escape;
  return nullptr;
}

bool in_set(char c) {
  return c >= 0x21 && c <= 0x7E;
}

/// JIS row and cell to Shift_JIS.
void append_shift_jis(std::string& out, unsigned row, unsigned cell) {
  const unsigned lead = ((row - 0x21) >> 1) + 0x81;
  const unsigned trail = row % 2 == 1 ? cell + (cell >= 0x60 ? 0x20 : 0x1F) : cell + 0x7E;
  out.push_back(static_cast<char>(lead > 0x9F ? lead + 0x40 : lead));
  out.push_back(static_cast<char>(trail));
}

/// Bytes of one set up to the next escape, re-encoded for a converter that knows them all.
struct Run {
  std::string bytes;
  const char* charset = "windows-31j";
};

void append_run(std::string& out, Run& run) {
  if (!run.bytes.empty()) out += to_utf8(run.bytes, run.charset);
  run.bytes.clear();
}

}  // namespace

bool looks_like_iso2022jp(std::string_view bytes) {
  for (std::size_t at = bytes.find('\x1B'); at != std::string_view::npos;
       at = bytes.find('\x1B', at + 1)) {
    const Escape* escape = escape_at(bytes, at);
    if (escape != nullptr &&
        (escape->set == Set::kJis208 || escape->set == Set::kJis212 || escape->set == Set::kKana))
      return true;
  }
  return false;
}

std::string decode_iso2022jp(std::string_view bytes) {
  std::string out;
  Set set = Set::kAscii;
  Run run;
  std::size_t at = 0;
  while (at < bytes.size()) {
    const char c = bytes[at];
    if (c == '\x1B') {
      append_run(out, run);
      const Escape* escape = escape_at(bytes, at);
      at += 1 + (escape != nullptr ? escape->bytes.size() : 0);
      if (escape != nullptr && escape->set != Set::kLatin) set = escape->set;
      run.charset = set == Set::kJis212 ? "euc-jp" : "windows-31j";
      continue;
    }
    if (c == '\n' || c == '\r') set = Set::kAscii;  // each line begins anew (RFC 1468)
    const auto byte = static_cast<unsigned char>(c);
    const bool pair = at + 1 < bytes.size() && in_set(c) && in_set(bytes[at + 1]);
    if (set == Set::kJis208 && pair) {
      append_shift_jis(run.bytes, byte, static_cast<unsigned char>(bytes[at + 1]));
      at += 2;
    } else if (set == Set::kJis212 && pair) {
      run.bytes +=
          {'\x8F', static_cast<char>(byte | 0x80), static_cast<char>(bytes[at + 1] | 0x80)};
      at += 2;
    } else if (set == Set::kKana && c >= 0x21 && c <= 0x5F) {
      run.bytes.push_back(static_cast<char>(byte | 0x80));
      ++at;
    } else {
      append_run(out, run);
      const bool fits = set == Set::kAscii || set == Set::kRoman || !in_set(c);
      append_character(out, fits && byte < 0x80 ? byte : kReplacement);
      ++at;
    }
  }
  append_run(out, run);
  return out;
}

}  // namespace alphamail
