// SPDX-License-Identifier: GPL-3.0-or-later
// IMAP responses out of memory, for the tests, the fuzzer and the benchmark of the parser.
#ifndef T_UNIT_IMAP_TEXT_H
#define T_UNIT_IMAP_TEXT_H

#include <algorithm>
#include <cstring>
#include <span>
#include <string_view>

#include "webcache/imap_reader.h"

namespace alphamail {

/// Gives a text away in pieces of at most `step` bytes; its end is a closed connection.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view text, std::size_t step = SIZE_MAX) : text_(text), step_(step) {}

  Result<std::size_t> read(std::span<char> into, Deadline) override {
    const std::size_t count = std::min({into.size(), text_.size(), step_});
    if (count == 0) return Error{Code::kUnreachable, "the end"};
    std::memcpy(into.data(), text_.data(), count);
    text_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view text_;
  std::size_t step_;
};

}  // namespace alphamail

#endif
