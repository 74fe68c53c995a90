// SPDX-License-Identifier: GPL-3.0-or-later
// A form with files as browsers send it (multipart/form-data, RFC 7578), read as it comes: holds one part's
// header and a boundary's length of bytes, whatever the size of the form. Everything about it may be a lie.
#ifndef MOD_ALPHAMAIL_MULTIPART_READER_H
#define MOD_ALPHAMAIL_MULTIPART_READER_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/result.h"

namespace alphamail {

class MultipartReader {
 public:
  /// What a part says of itself; bytes as sent, checked by nobody.
  struct Head {
    std::string name;
    bool file = false;       ///< it has a file name, be it an empty one
    std::string file_name;   ///< without the path that old browsers send
    std::string type;        ///< Content-Type, "" where absent
  };
  /// Called in order: begin, data any number of times, end. An error ends the reading.
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual Result<void> begin(const Head& head) = 0;
    virtual Result<void> data(std::string_view bytes) = 0;
    virtual Result<void> end() = 0;
  };
  static constexpr std::size_t kHeadBytes = 16 << 10;   ///< of one part
  static constexpr std::size_t kParts = 2000;           ///< of one form; more is kInvalid

  /// The boundary of a Content-Type of a form, or "" where it is none (RFC 2046 section 5.1.1).
  static std::string boundary_of(std::string_view content_type);

  MultipartReader(std::string_view boundary, Handler& handler);
  /// @return kInvalid for what is no such form; the handler's own error
  Result<void> add(std::string_view bytes);
  /// Call once, at the end. kInvalid where the last boundary has not come: the form was cut off.
  Result<void> finish() const;

 private:
  enum class At : std::uint8_t { kPreamble, kBoundary, kHead, kBody, kEpilogue };
  Result<bool> step();
  Result<bool> read_body();
  Result<bool> read_head();

  const std::string delimiter_;   // CRLF "--" boundary
  Handler& handler_;
  std::string held_;              // what could not be decided yet
  At at_ = At::kPreamble;
  std::size_t parts_ = 0;
};

}  // namespace alphamail

#endif
