// SPDX-License-Identifier: GPL-3.0-or-later
// What a list of messages can be sorted by.
#ifndef WEBCACHE_SORT_KEY_H
#define WEBCACHE_SORT_KEY_H

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/protocol_generated.h"

namespace alphamail {

/// An order as it is asked for. The locale counts where texts are compared.
struct ListOrder {
  wire::SortKey key = wire::SortKey::Arrived;
  bool descending = true;
  std::string locale;

  bool by_text() const {
    return key == wire::SortKey::From || key == wire::SortKey::To || key == wire::SortKey::Subject;
  }
  bool by_date() const { return key == wire::SortKey::Arrived || key == wire::SortKey::Sent; }
  bool is_default() const { return key == wire::SortKey::Arrived && descending; }
};

/// @param locale  as a client gave it; what cannot be one counts as ""
ListOrder list_order(wire::SortKey key, bool descending, std::string_view locale);

struct Choice;  // chosen_rows.h

/// A page of a list; pages count from 1, past the end is the last.
struct ListPage {
  std::size_t page = 1;
  std::size_t rows = 50;
  ListOrder order;
  std::shared_ptr<const Choice> choice = {};  ///< what the list shows; null: all, and nothing is counted
};

}  // namespace alphamail

#endif
