// SPDX-License-Identifier: GPL-3.0-or-later
// The plain form that says what a query says (search_query.h), for those who do not know its words.
#ifndef COMMON_SEARCH_FORM_H
#define COMMON_SEARCH_FORM_H

#include <string>

#include "common/search_query.h"

namespace alphamail {

/// The fields, as typed.
struct SearchForm {
  std::string words;              ///< a query itself: what no other field can say is there
  std::string from, to, subject, body;
  std::string since, before;      ///< dates as queries have them; "" = any time
  std::string in;                 ///< a folder's address, "any", or ""
  bool attachment = false, unread = false, starred = false;

  bool operator==(const SearchForm&) const = default;
};

std::string query_of(const SearchForm& form);
/// The way back: query_of() of it has the same clauses, perhaps in another order.
SearchForm form_of(const SearchQuery& query);

}  // namespace alphamail

#endif
