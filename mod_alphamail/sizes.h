// SPDX-License-Identifier: GPL-3.0-or-later
// Numbers of bytes in words: "214 KB", "4.6 MB". Decimal units, as disks and browsers count.
#ifndef MOD_ALPHAMAIL_SIZES_H
#define MOD_ALPHAMAIL_SIZES_H

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "mod_alphamail/page_buffer.h"
#include "mod_alphamail/words.h"

namespace alphamail {

/// Looks the words up once, for the many sizes of a page.
class Sizes {
 public:
  explicit Sizes(const Language& language);
  /// Below 1000 bytes "1 KB": in a list nobody cares.
  void append(std::uint64_t bytes, std::string& out) const;
  /// The same into a page, escaped.
  void write(std::uint64_t bytes, PageBuffer& out) const;
  std::string of(std::uint64_t bytes) const;

 private:
  struct Unit {
    std::string_view before, after;  // what stands around the number
  };
  struct Rounded {
    std::size_t unit;
    std::uint64_t number;  // of units, or of their tenths
    bool tenths;
  };
  Rounded round(std::uint64_t bytes) const;
  const Language& language_;
  std::array<Unit, 3> units_;  // KB, MB, GB
};

}  // namespace alphamail

#endif
