// SPDX-License-Identifier: GPL-3.0-or-later
// Whom a message went to, as a folder index keeps it. Most messages have one recipient: their row names its
// text. The others' row names a list, a string of the same store, so that lists of the same people are kept once:
//
//   bits 0-6: how many are of To; bit 7: there are more than are kept | the texts' references, To first, then Cc
#ifndef WEBCACHE_RECIPIENT_LIST_H
#define WEBCACHE_RECIPIENT_LIST_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "webcache/text_store.h"

namespace alphamail {

/// One of them; the views live as long as the snapshot.
struct Recipient {
  std::string_view name, address;
  bool cc = false;
};

class RecipientList {
 public:
  static constexpr std::size_t kMost = 30;       ///< recipients of a message
  static constexpr std::size_t kMostBytes = 2000;  ///< of their texts, together

  /// None; one of To; a list as above, which has to outlive this.
  RecipientList() = default;
  explicit RecipientList(TextRef only) : only_(only) {}
  explicit RecipientList(std::string_view list) : list_(list) {}

  std::size_t size() const { return list_.empty() ? (only_ == kEmptyText ? 0 : 1) : (list_.size() - 1) / sizeof(TextRef); }
  std::size_t to() const { return list_.empty() ? size() : std::min(head() & kTo, size()); }  ///< how many are of To
  bool more() const { return !list_.empty() && (head() & kMore) != 0; }
  /// "name NUL address", To before Cc.
  TextRef text(std::size_t n) const {
    if (list_.empty()) return only_;
    TextRef ref;
    std::memcpy(&ref, list_.data() + 1 + n * sizeof ref, sizeof ref);
    return ref;
  }
  TextRef first_to() const { return to() == 0 ? kEmptyText : text(0); }

  static std::string written(std::span<const TextRef> texts, std::size_t to, bool more) {
    std::string list(1, static_cast<char>(to | (more ? kMore : 0)));
    list.append(reinterpret_cast<const char*>(texts.data()), texts.size_bytes());
    return list;
  }

 private:
  static constexpr std::size_t kTo = 0x7F, kMore = 0x80;
  std::size_t head() const { return static_cast<unsigned char>(list_.front()); }

  TextRef only_ = kEmptyText;
  std::string_view list_;
};

}  // namespace alphamail

#endif
