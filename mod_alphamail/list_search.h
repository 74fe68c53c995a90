// SPDX-License-Identifier: GPL-3.0-or-later
// Of which search a list or a message is, as addresses say it: ?q=WORDS&in=FOLDER&below=1&search=ID. The words alone
// are enough: the ID, which the webcache gave, only names what it still knows.
#ifndef MOD_ALPHAMAIL_LIST_SEARCH_H
#define MOD_ALPHAMAIL_LIST_SEARCH_H

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace alphamail {

class Fields;

struct ListSearch {
  std::string query;      ///< as typed; "" = the list is of no search
  std::string folder;     ///< an address; "" = all
  bool below = false;     ///< and those below it
  std::uint64_t id = 0;   ///< 0 = none is known

  static ListSearch of(const Fields& query);
  bool any() const { return !query.empty(); }
  std::vector<std::pair<std::string, std::string>> fields() const;
};

}  // namespace alphamail

#endif
