// SPDX-License-Identifier: GPL-3.0-or-later
// What lists and messages show of labels: small chips that lead to all messages of that label, and the choice of one
// that is to be added or removed.
#ifndef MOD_ALPHAMAIL_LABEL_VIEW_H
#define MOD_ALPHAMAIL_LABEL_VIEW_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/labels.h"
#include "mod_alphamail/view.h"

namespace alphamail {

using KeywordVector = flatbuffers::Vector<flatbuffers::Offset<flatbuffers::String>>;

/// The labels of one reply: a chip for each of its keywords.
class LabelChips {
 public:
  /// @param keywords  of the reply; null where there are none
  LabelChips(const Labels& labels, const KeywordVector* keywords, std::string_view mount);

  /// Of a row: those of its labels that are shown.
  void choose(const flatbuffers::Vector<std::uint8_t>* places, std::vector<std::uint8_t>& out) const;
  /// LABEL_NAME, LABEL_COLOUR and LABEL_URL of the n-th keyword; "" for other names.
  std::string_view value(Name name, std::size_t n) const;
  /// Fills in LABEL for a message that has all of them, or for a row.
  void add_all(Values& page) const;
  void add(Values& row, const flatbuffers::Vector<std::uint8_t>* places) const;

 private:
  void add_chip(Values& page, std::size_t n) const;
  struct Chip {
    bool shown;
    std::string name, colour, url;
  };
  std::vector<Chip> chips_;
};

/// Fills in LABEL_CHOICE: the user's labels, and those of the reply's that other programs have set.
void add_label_choices(Values& page, const Labels& labels, const KeywordVector* keywords);

}  // namespace alphamail

#endif
