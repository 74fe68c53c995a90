// SPDX-License-Identifier: GPL-3.0-or-later
// Range requests (RFC 9110 section 14) for what is stored as it is served.
#ifndef MOD_ALPHAMAIL_BYTE_RANGE_H
#define MOD_ALPHAMAIL_BYTE_RANGE_H

#include <cstdint>
#include <string>
#include <string_view>

namespace alphamail {

struct ByteRange {
  enum class Kind : std::uint8_t {
    kWhole,          ///< none was asked for, or one that may be ignored: answer with everything
    kPart,           ///< answer 206 with the bytes first to last
    kUnsatisfiable   ///< answer 416
  };
  Kind kind = Kind::kWhole;
  std::uint64_t first = 0;
  std::uint64_t last = 0;  ///< inclusive

  std::uint64_t length() const { return last - first + 1; }
};

/// @param range     the header's value, "" where there is none; a list of several ranges is ignored, as
///                  RFC 9110 section 14.2 allows
/// @param if_range  the same of If-Range: another entity tag than `etag` means the whole
ByteRange read_range(std::string_view range, std::string_view if_range, std::string_view etag,
                     std::uint64_t size);

/// "bytes 0-99/1000", or, where it cannot be satisfied, an asterisk before the slash.
std::string content_range(const ByteRange& range, std::uint64_t size);

}  // namespace alphamail

#endif
