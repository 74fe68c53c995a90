// SPDX-License-Identifier: GPL-3.0-or-later
// How a list is sorted, as addresses say it: ?sort=date|from|to|subject|size|flags&order=asc|desc; and, with it, what
// of the folder the list shows (list_filter.h), since all links of a list keep both.
#ifndef MOD_ALPHAMAIL_LIST_SORT_H
#define MOD_ALPHAMAIL_LIST_SORT_H

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "mod_alphamail/list_filter.h"
#include "mod_alphamail/list_search.h"
#include "mod_alphamail/request.h"
#include "common/settings.h"
#include "mod_alphamail/webcache_client.h"
#include "mod_alphamail/words.h"

namespace alphamail {

struct ListSort {
  wire::SortKey key = wire::SortKey::Arrived;
  bool descending = true;
  std::string locale;  ///< in whose way texts sort
  /// What an address means that says nothing of it: the user's setting.
  wire::SortKey usual_key = wire::SortKey::Arrived;
  bool usual_descending = true;
  ListFilter filter = {};
  ListSearch search = {};

  /// What a query asks for: nothing is what the user has chosen for all lists. Without an order, that in
  /// which people look for such a thing first, or the user's for the user's.
  /// @return kInvalid for what is no order
  static Result<ListSort> of(const Fields& query, const Settings& settings,
                             const Language& language);

  bool by_date() const { return key == wire::SortKey::Arrived || key == wire::SortKey::Sent; }
  WantedOrder wanted() const { return {.key = key, .descending = descending, .locale = locale, .search = search.id}; }
  /// The word of the address: "date".
  std::string_view word() const { return word_of(key); }
  static std::string_view word_of(wire::SortKey key);
  /// Newest, largest, starred first; texts from A.
  static bool usually_descending(wire::SortKey key);
  /// Which way round `key` is where an address names only it.
  bool descending_at_first(wire::SortKey key) const;
  /// What an address has to say: the word for ?sort= and that for ?order=; "" where it need not.
  std::string_view sort_field() const;
  std::string_view order_field() const;

  /// What an address of this list ends with: "", "?sort=from", "?page=2&sort=from&order=desc".
  std::string query(std::uint32_t page = 1) const;
  /// The same but for the page, for the hidden fields of a form.
  std::vector<std::pair<std::string, std::string>> fields() const;
  /// The address of the list: a folder's, or a search's where it is of one.
  std::string url(std::string_view mount, std::string_view folder, std::uint32_t page = 1) const;
  /// What links to the neighbours are called: "Newer", "Previous".
  const char* before(const Language& language) const;
  const char* behind(const Language& language) const;
  /// In words, for the list's caption: "newest first".
  const char* words(const Language& language) const;
};

}  // namespace alphamail

#endif
