// SPDX-License-Identifier: GPL-3.0-or-later
// What the address of a message says besides which one it is: which message inside it, and how it is to
// be shown. Each view has an address of its own, and keeps its place in the list.
#ifndef MOD_ALPHAMAIL_MESSAGE_QUERY_H
#define MOD_ALPHAMAIL_MESSAGE_QUERY_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "common/result.h"
#include "mod_alphamail/list_sort.h"
#include "mod_alphamail/request.h"

namespace alphamail {

struct MessageQuery {
  enum class Version : std::uint8_t { kUsual, kHtml, kText };

  std::string inner;         ///< ?inner=2.1: only the message inside that part; "" = the whole one
  std::string charset;       ///< ?charset=koi8-r: one of charset_choices(), or ""
  bool raw = false;          ///< ?show=raw: every line and space as it was written
  Version version = Version::kUsual;  ///< ?show=html|text, of texts that are both; kUsual is the user's setting
  bool remote = false;       ///< ?remote=1: with pictures from elsewhere, this once
  bool all_headers = false;  ///< ?headers=all

  /// @return kInvalid where inner is no section; what else nobody knows is as if it was not there
  static Result<MessageQuery> of(const Fields& query);
  /// What an address ends with: "", "?sort=from&show=raw".
  std::string text(const ListSort& sort) const;
  /// Of ?show=; "" where that is not said.
  std::string_view show_word() const;
};

/// A charset that readers may choose.
struct CharsetChoice {
  std::string_view name;   ///< of the address
  std::string_view label;  ///< what people know it by
};
std::span<const CharsetChoice> charset_choices();

}  // namespace alphamail

#endif
