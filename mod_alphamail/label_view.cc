// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/label_view.h"

#include <utility>

#include "common/search_query.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

LabelChips::LabelChips(const Labels& labels, const KeywordVector* keywords, std::string_view mount) {
  if (!keywords) return;
  for (const auto* keyword : *keywords) {
    const std::string_view word = text_of(keyword);
    const Label* known = labels.find(word);
    std::string name = labels.name_of(word);
    Term term;
    term.kind = Term::Kind::kLabel;
    term.text = name;
    std::string url = std::string(mount) + "/search/?q=" + query_value(SearchQuery::spelled(term));
    chips_.push_back({labels.shows(word), std::move(name), known ? known->colour : std::string(label_colour("")),
                      std::move(url)});
  }
}

void LabelChips::choose(const flatbuffers::Vector<std::uint8_t>* places, std::vector<std::uint8_t>& out) const {
  out.clear();
  if (!places) return;
  for (const std::uint8_t place : *places) {
    if (place < chips_.size() && chips_[place].shown) out.push_back(place);
  }
}

std::string_view LabelChips::value(Name name, std::size_t n) const {
  const Chip& chip = chips_[n];
  switch (name) {
    case Name::LABEL_NAME: return chip.name;
    case Name::LABEL_COLOUR: return chip.colour;
    case Name::LABEL_URL: return chip.url;
    default: return {};
  }
}

void LabelChips::add_chip(Values& page, std::size_t n) const {
  Values& item = page.add(Name::LABEL);
  for (const Name name : {Name::LABEL_NAME, Name::LABEL_COLOUR, Name::LABEL_URL}) item.set(name, std::string(value(name, n)));
}

void LabelChips::add_all(Values& page) const {
  for (std::size_t n = 0; n < chips_.size(); ++n) {
    if (chips_[n].shown) add_chip(page, n);
  }
}

void LabelChips::add(Values& row, const flatbuffers::Vector<std::uint8_t>* places) const {
  std::vector<std::uint8_t> shown;
  choose(places, shown);
  for (const std::uint8_t n : shown) add_chip(row, n);
}

void add_label_choices(Values& page, const Labels& labels, const KeywordVector* keywords) {
  const auto add = [&page](std::string_view keyword, std::string name) {
    Values& item = page.add(Name::LABEL_CHOICE);
    item.set(Name::LABEL_KEYWORD, std::string(keyword));
    item.set(Name::LABEL_CHOICE_NAME, std::move(name));
  };
  for (const Label& label : labels.all()) add(label.keyword, label.name);
  if (!keywords) return;
  for (const auto* keyword : *keywords) {
    const std::string_view word = text_of(keyword);
    if (!labels.find(word) && labels.shows(word)) add(word, labels.name_of(word));
  }
}

}  // namespace alphamail
