// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/labels.h"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>

#include "common/characters.h"
#include "common/label_name.h"
#include "common/search_query.h"
#include "common/text_fold.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/store.h"

namespace alphamail {
namespace {

bool same_keyword(std::string_view a, std::string_view b) { return equal_ignoring_case(a, b); }

/// Thunderbird's, in its colours.
std::vector<Label> usual_labels(const Language& l) {
  return {{"$label1", "red", l.tr("Important")},
          {"$label2", "orange", l.trc("label", "Work")},
          {"$label3", "green", l.tr("Personal")},
          {"$label4", "blue", l.tr("To do")},
          {"$label5", "purple", l.tr("Later")}};
}

Store::Step put_step(const Session& session, const Label& label, std::int64_t place) {
  return {Sql::kLabelPut,
          {session.user, session.domain, label.keyword, std::to_string(place), label.colour, label.name}};
}

/// What stands before a change where the user had chosen none so far: the row without a keyword says that they have.
std::vector<Store::Step> first_choice(const Session& session, std::string_view had, const Language& language) {
  std::vector<Store::Step> steps;
  if (!had.empty()) return steps;
  steps.push_back(put_step(session, Label{}, 0));
  std::int64_t place = 0;
  for (const Label& label : usual_labels(language)) steps.push_back(put_step(session, label, ++place));
  return steps;
}

}  // namespace

const std::vector<std::string_view>& label_colours() {
  static const std::vector<std::string_view> kColours = {"red",  "orange", "yellow", "green",
                                                         "teal", "blue",   "purple", "grey"};
  return kColours;
}

std::string_view label_colour(std::string_view word) {
  const auto& all = label_colours();
  const auto found = std::find(all.begin(), all.end(), word);
  return found == all.end() ? all.back() : *found;
}

std::string colour_name(std::string_view word, const Language& l) {
  if (word == "red") return l.tr("Red");
  if (word == "orange") return l.tr("Orange");
  if (word == "yellow") return l.tr("Yellow");
  if (word == "green") return l.tr("Green");
  if (word == "teal") return l.tr("Teal");
  if (word == "blue") return l.tr("Blue");
  if (word == "purple") return l.tr("Purple");
  return l.tr("Grey");
}

// A line each: keyword TAB colour TAB name.
Labels::Labels(std::string_view spelled, const Language& language) {
  if (spelled.empty()) {
    all_ = usual_labels(language);
    return;
  }
  while (!spelled.empty()) {
    std::string_view line = spelled.substr(0, spelled.find('\n'));
    spelled.remove_prefix(std::min(spelled.size(), line.size() + 1));
    const std::size_t colour = line.find('\t');
    const std::size_t name = colour == std::string_view::npos ? colour : line.find('\t', colour + 1);
    if (name == std::string_view::npos || colour == 0) continue;
    all_.push_back({std::string(line.substr(0, colour)),
                    std::string(label_colour(line.substr(colour + 1, name - colour - 1))),
                    std::string(line.substr(name + 1))});
  }
}

const Label* Labels::find(std::string_view keyword) const {
  const auto found = std::find_if(all_.begin(), all_.end(),
                                  [&](const Label& label) { return same_keyword(label.keyword, keyword); });
  return found == all_.end() ? nullptr : &*found;
}

std::string Labels::name_of(std::string_view keyword) const {
  const Label* label = find(keyword);
  return label ? label->name : name_of_keyword(keyword);
}

bool Labels::shows(std::string_view keyword) const { return find(keyword) || !is_silent_keyword(keyword); }

std::string Labels::keyword_of(std::string_view name) const {
  const std::string wanted = folded(name);
  for (const Label& label : all_) {
    if (folded(label.name) == wanted) return label.keyword;
  }
  // A keyword as it stands also names itself.
  const std::string keyword = keyword_of_label(name);
  return find(name) || is_silent_keyword(name) || keyword.empty() ? std::string(name) : keyword;
}

std::string Labels::with_keywords(std::string_view typed, const SearchQuery& query) const {
  bool changed = false;
  const SearchQuery exchanged = query.with_labels([&](const std::string& name) {
    std::string keyword = keyword_of(name);
    changed = changed || keyword != name;
    return keyword;
  });
  return changed ? exchanged.spelled() : std::string(typed);
}

Result<std::string> load_labels(Store& store, std::string_view user, std::string_view domain, Deadline deadline) {
  const auto rows = store.select({Sql::kLabelsSelect, {std::string(user), std::string(domain)}}, deadline);
  if (!rows) return rows.error().while_doing("reading the labels");
  std::string spelled;
  for (const Store::Row& row : *rows) spelled.append(row[0]).append("\t").append(row[1]).append("\t").append(row[2]).append("\n");
  return spelled;
}

Result<void> save_label(Store& store, const Session& session, std::string_view had, const Language& language,
                        const Label& label, Deadline deadline) {
  std::vector<Store::Step> steps = first_choice(session, had, language);
  // A new one goes behind all others; one that is there stays in its place (store_schema.cc).
  steps.push_back(put_step(session, label, std::time(nullptr)));
  const auto written = store.write(steps, deadline);
  if (!written) return written.error().while_doing("keeping a label");
  return {};
}

Result<void> delete_label(Store& store, const Session& session, std::string_view had, const Language& language,
                          std::string_view keyword, Deadline deadline) {
  std::vector<Store::Step> steps = first_choice(session, had, language);
  steps.push_back({Sql::kLabelDelete, {session.user, session.domain, std::string(keyword)}});
  const auto gone = store.write(steps, deadline);
  if (!gone) return gone.error().while_doing("removing a label");
  return {};
}

}  // namespace alphamail
