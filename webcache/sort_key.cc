// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/sort_key.h"

#include <algorithm>

namespace alphamail {
namespace {

// BCP 47: letters, digits and hyphens. Extensions ("-u-co-phonebk") fit, prose does not.
bool is_locale(std::string_view text) {
  constexpr std::size_t kLongest = 35;
  return text.size() <= kLongest && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

}  // namespace

ListOrder list_order(wire::SortKey key, bool descending, std::string_view locale) {
  ListOrder order{key, descending, {}};
  if (order.by_text() && is_locale(locale)) order.locale = locale;
  return order;
}

}  // namespace alphamail
