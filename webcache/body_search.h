// SPDX-License-Identifier: GPL-3.0-or-later
// Words in the texts of messages: what a server is asked for them, and whether a text has them.
//
// Servers differ in what they find: some search the tags of HTML, or take accents away, or stop at the end
// of a line; most cannot read "&uuml;". So a server is asked for what every one of them finds in all texts
// that have the words, and perhaps in others: a stretch of plain letters, each word of a phrase by
// itself. What a message really says is then looked up in its parts, decoded by us.
#ifndef WEBCACHE_BODY_SEARCH_H
#define WEBCACHE_BODY_SEARCH_H

#include <string>
#include <string_view>
#include <vector>

#include "webcache/imap_search.h"
#include "webcache/imap_types.h"

namespace alphamail {

class BodyWords {
 public:
  /// @param text  of a kWords or kBody term
  explicit BodyWords(std::string_view text);

  /// Whether a text that was folded with its accents (text_fold.h) has them.
  bool in(std::string_view folded) const;
  /// What finds all such texts. Nothing in it: only reading them does.
  /// @param utf8  the server takes words beyond ASCII
  SearchProgram keys(bool utf8) const;
  std::size_t length() const { return folded_.size(); }

 private:
  std::string folded_, typed_;
};

/// The parts of a message that are its text: plain and HTML, also those of a message inside it, but no
/// attachments.
std::vector<const PartInfo*> searched_parts(const std::vector<PartInfo>& parts);
/// As it says; "" where it says none.
std::string_view charset_of(const PartInfo& part);
/// A part as BodyWords looks at it. @param raw  as the server has it, perhaps not all of it
std::string searched_text(std::string_view raw, const PartInfo& part);

}  // namespace alphamail

#endif
