// SPDX-License-Identifier: GPL-3.0-or-later
// Walks the fields of a raw header block (RFC 5322 section 2.2), whatever its line ends are and
// however broken its lines. Bounded by security.md L2.
#ifndef MOD_ALPHAMAIL_HEADER_FIELDS_H
#define MOD_ALPHAMAIL_HEADER_FIELDS_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace alphamail {

inline constexpr std::size_t kHeaderLines = 2000;
inline constexpr std::size_t kHeaderBytes = 1 << 20;

/// One field; the views look into the block.
struct HeaderField {
  std::string name;          ///< lower case
  std::string_view written;  ///< the name as it was written
  std::string_view value;    ///< behind the colon; may hold line ends
};

class HeaderFields {
 public:
  /// The block must outlive the fields.
  explicit HeaderFields(std::string_view block);
  /// @return false at the end of the header
  bool next(HeaderField& field);
  /// A limit was met before the end.
  bool cut() const { return cut_; }

 private:
  std::string_view take_field();
  std::size_t end_of_line(std::size_t from) const;
  std::size_t after_line_end(std::size_t end) const;

  std::string_view left_;
  std::size_t lines_ = 0;
  bool cut_ = false;
};

/// RFC 5322 folding undone as bytes: the structure of a value is read before it is decoded.
std::string unfolded(std::string_view value);

/// A field as people read it: the name as written, the value decoded and on one line.
struct ReadableField {
  std::string name;
  std::string value;
};
/// All fields in the order of the block; those past the limits are left out.
std::vector<ReadableField> all_fields(std::string_view block);

}  // namespace alphamail

#endif
