// SPDX-License-Identifier: GPL-3.0-or-later
#include "common/search_form.h"

#include <array>
#include <string_view>

namespace alphamail {
namespace {

using Kind = Term::Kind;

struct TextField {
  std::string SearchForm::*text;
  Kind kind;
};
constexpr std::array kTexts{
    TextField{&SearchForm::from, Kind::kFrom},       TextField{&SearchForm::to, Kind::kTo},
    TextField{&SearchForm::subject, Kind::kSubject}, TextField{&SearchForm::body, Kind::kBody},
    TextField{&SearchForm::since, Kind::kSince},     TextField{&SearchForm::before, Kind::kBefore},
    TextField{&SearchForm::in, Kind::kIn},
};

struct TickField {
  bool SearchForm::*ticked;
  Kind kind;
};
constexpr std::array kTicks{
    TickField{&SearchForm::attachment, Kind::kAttachment},
    TickField{&SearchForm::unread, Kind::kUnread},
    TickField{&SearchForm::starred, Kind::kStarred},
};

bool is_person(Kind kind) {
  return kind == Kind::kFrom || kind == Kind::kTo;
}

// @return false where no field has room for it
bool put(const Term& term, SearchForm& form) {
  if (term.negated) return false;
  for (const TickField& field : kTicks) {
    if (field.kind == term.kind) return form.*field.ticked = true;
  }
  for (const TextField& field : kTexts) {
    std::string& text = form.*field.text;
    if (field.kind != term.kind || !text.empty()) continue;
    // In a field "me" is the user; somebody of that name is looked for by the words.
    if (is_person(term.kind) && !term.me && SearchQuery::is_me(term.text)) return false;
    text = term.me ? "me" : term.text;
    return true;
  }
  return false;
}

}  // namespace

std::string query_of(const SearchForm& form) {
  std::string out;
  const auto add = [&out](Term term) { out.append(out.empty() ? "" : " ").append(SearchQuery::spelled(term)); };
  for (const TextField& field : kTexts) {
    const std::string text = SearchQuery::phrase(form.*field.text);
    if (text.empty()) continue;
    Term term;
    term.kind = field.kind;
    term.me = is_person(term.kind) && SearchQuery::is_me(text);
    term.text = term.me ? "" : text;
    add(std::move(term));
  }
  for (const TickField& field : kTicks) {
    Term term;
    term.kind = field.kind;
    if (form.*field.ticked) add(std::move(term));
  }
  // Last: of two terms of a kind the first is the field's when it is read again.
  const std::string words = SearchQuery::parse(form.words, {}).spelled();
  if (!words.empty()) out.append(out.empty() ? "" : " ").append(words);
  return out;
}

SearchForm form_of(const SearchQuery& query) {
  SearchForm form;
  for (const Clause& clause : query.clauses()) {
    if (clause.any.size() == 1 && put(clause.any.front(), form)) continue;
    if (!form.words.empty()) form.words += ' ';
    form.words += SearchQuery::spelled(clause);
  }
  return form;
}

}  // namespace alphamail
