// SPDX-License-Identifier: GPL-3.0-or-later
// What a search has found, with the words that narrow one and a plain form that says the same.
#ifndef MOD_ALPHAMAIL_SEARCH_VIEW_H
#define MOD_ALPHAMAIL_SEARCH_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>

#include "common/protocol_generated.h"
#include "common/search_query.h"
#include "mod_alphamail/action_view.h"
#include "mod_alphamail/frame.h"
#include "mod_alphamail/list_sort.h"

namespace alphamail {

struct SearchShown {
  const wire::SearchPage* page = nullptr;  ///< null: nothing was searched for (yet)
  const ListSort& sort;
  const SearchQuery& query;
  std::string notice;   ///< what is to be said beside the page's reports
  std::string refused;  ///< why there is no page
  Ticked ticked = Ticked::kNone;
};

/// Valid until this thread renders again.
std::string_view render_search(Frame& frame, const SearchShown& shown);

}  // namespace alphamail

#endif
