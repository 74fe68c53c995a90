// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/list_search.h"

#include "mod_alphamail/mail_action.h"
#include "mod_alphamail/request.h"

namespace alphamail {

ListSearch ListSearch::of(const Fields& query) {
  ListSearch search;
  search.query = query.get("q");
  if (search.query.empty()) return search;
  search.folder = query.get("in");
  search.below = !search.folder.empty() && query.get("below") == "1";
  search.id = read_report_word(query.get("search"));
  return search;
}

std::vector<std::pair<std::string, std::string>> ListSearch::fields() const {
  std::vector<std::pair<std::string, std::string>> all;
  if (!any()) return all;
  all.emplace_back("q", query);
  if (!folder.empty()) all.emplace_back("in", folder);
  if (below) all.emplace_back("below", "1");
  if (id != 0) all.emplace_back("search", report_word(id));
  return all;
}

}  // namespace alphamail
