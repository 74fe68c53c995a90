// SPDX-License-Identifier: GPL-3.0-or-later
// A user's labels: what they call the keywords of their messages, and in which colours they are shown. Who has
// chosen none has Thunderbird's five. They come along with the session (session_store.h), so that a page asks no
// database for them.
#ifndef MOD_ALPHAMAIL_LABELS_H
#define MOD_ALPHAMAIL_LABELS_H

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "mod_alphamail/words.h"

namespace alphamail {

class SearchQuery;
class Store;
class Session;

struct Label {
  static constexpr std::size_t kMost = 30;       ///< of one user
  static constexpr std::size_t kNameBytes = 60;  ///< of its name; all together fit into a session's record

  std::string keyword;  ///< label_name.h; "" = not kept yet
  std::string colour;   ///< a word of label_colours()
  std::string name;
};

/// The colours there are: words of classes in the style sheet.
const std::vector<std::string_view>& label_colours();
/// One of them; what is none is the last.
std::string_view label_colour(std::string_view word);
/// What people call it.
std::string colour_name(std::string_view word, const Language& language);

class Labels {
 public:
  /// @param spelled  Session::labels
  Labels(std::string_view spelled, const Language& language);

  const std::vector<Label>& all() const { return all_; }  ///< in the user's order
  /// Null for a keyword that the user has given no name.
  const Label* find(std::string_view keyword) const;
  /// Its name, else what the keyword itself says.
  std::string name_of(std::string_view keyword) const;
  /// Whether it is shown on messages: not what programs have set for themselves.
  bool shows(std::string_view keyword) const;
  /// The keyword of a name as people type it, in any case; what is no label's name is what it would be of a new one.
  std::string keyword_of(std::string_view name) const;
  /// A search as the webcache takes it, which knows keywords alone. @param typed  what `query` was read from
  std::string with_keywords(std::string_view typed, const SearchQuery& query) const;

 private:
  std::vector<Label> all_;
};

/// As Session::labels has them; "" where the user has chosen none.
Result<std::string> load_labels(Store& store, std::string_view user, std::string_view domain, Deadline deadline);

/// Keeps one; a new one behind all others. Where the user had chosen none, those that they were shown are kept with it.
/// @param had  what load_labels() has just said
Result<void> save_label(Store& store, const Session& session, std::string_view had, const Language& language,
                        const Label& label, Deadline deadline);
/// Messages keep the keyword.
Result<void> delete_label(Store& store, const Session& session, std::string_view had, const Language& language,
                          std::string_view keyword, Deadline deadline);

}  // namespace alphamail

#endif
