// SPDX-License-Identifier: GPL-3.0-or-later
// What IMAP said of a message, as bytes in a sealed file: texts as length and bytes, numbers and
// lengths as 64 bits.
#ifndef WEBCACHE_STORED_FIELDS_H
#define WEBCACHE_STORED_FIELDS_H

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "webcache/imap_types.h"

namespace alphamail {

/// Appends values.
class FieldsOut {
 public:
  std::string bytes;

  void operator()(std::uint64_t number) {
    char raw[sizeof number];
    std::memcpy(raw, &number, sizeof number);
    bytes.append(raw, sizeof raw);
  }
  void operator()(const std::string& text) {
    (*this)(text.size());
    bytes += text;
  }
  void operator()(const Parameter& parameter) {
    (*this)(parameter.name);
    (*this)(parameter.value);
  }
  void operator()(const PartInfo& part);
  template <typename T>
  void operator()(const std::vector<T>& values) {
    (*this)(values.size());
    for (const T& value : values) (*this)(value);
  }
};

/// Takes values off the front; once something is missing, good() is false.
class FieldsIn {
 public:
  explicit FieldsIn(std::string_view bytes) : rest_(bytes) {}
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

  void operator()(std::uint64_t& number) {
    number = 0;
    if (const auto raw = some(sizeof number); good_)
      std::memcpy(&number, raw.data(), sizeof number);
  }
  template <typename Number>
  requires std::is_integral_v<Number>
  void operator()(Number& number) {
    std::uint64_t wide;
    (*this)(wide);
    number = static_cast<Number>(wide);
  }
  void operator()(std::string& text) {
    std::uint64_t size;
    (*this)(size);
    text = some(size);
  }
  void operator()(Parameter& parameter) {
    (*this)(parameter.name);
    (*this)(parameter.value);
  }
  void operator()(PartInfo& part);
  template <typename T>
  void operator()(std::vector<T>& values) {
    std::uint64_t count;
    (*this)(count);
    while (good_ && count-- > 0) (*this)(values.emplace_back());
  }

 private:
  std::string_view some(std::uint64_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

/// One list for writing and for reading.
template <typename Part, typename Visit>
void each_field(Part& part, Visit&& visit) {
  visit(part.section);
  visit(part.depth);
  visit(part.type);
  visit(part.subtype);
  visit(part.parameters);
  visit(part.encoding);
  visit(part.content_id);
  visit(part.description);
  visit(part.disposition);
  visit(part.disposition_parameters);
  visit(part.size);
}

inline void FieldsOut::operator()(const PartInfo& part) {
  each_field(part, *this);
}
inline void FieldsIn::operator()(PartInfo& part) {
  each_field(part, *this);
}

}  // namespace alphamail

#endif
