// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/body_search.h"

#include <algorithm>

#include "common/characters.h"
#include "common/mime_text.h"
#include "common/text_fold.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

// Shorter stretches of letters are in nearly every text.
constexpr std::size_t kWorthAsking = 3;

// Words of one phrase that the server is asked for; the others are left to reading.
constexpr std::size_t kMostWords = 4;

// Of one text; what is beyond it nobody has searched.
constexpr std::size_t kTextBytes = 1024 * 1024;

constexpr std::size_t kMostParts = 20;

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0) words.push_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

// What HTML writes in another way, and what other letters fold to.
bool breaks(char c) {
  return static_cast<unsigned char>(c) >= 0x80 || c == '&' || c == '<' || c == '>' || c == '"' ||
         c == '\'' || c == '-';
}

// The longest stretch of ASCII that stands in every text that has the word.
std::string_view plain_stretch(std::string_view word) {
  std::string_view longest;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    const bool end = i == word.size() || breaks(word[i]);
    // "ss" may be "ß" there.
    const bool sharp = !end && i > begin && word[i] == 's' && word[i - 1] == 's';
    if (!end && !sharp) continue;
    const std::size_t until = sharp ? i - 1 : i;
    if (until > begin && until - begin > longest.size()) longest = word.substr(begin, until - begin);
    begin = sharp ? i : i + 1;
  }
  return longest;
}

using Any = std::vector<SearchKey>;

void add(Any& any, std::string text) {
  SearchKey key{SearchKey::Kind::kBody, std::move(text)};
  if (!key.text.empty() && std::find(any.begin(), any.end(), key) == any.end())
    any.push_back(std::move(key));
}

bool all_ascii_letters(std::string_view word) {
  return std::none_of(word.begin(), word.end(), breaks);
}

std::string with_sharp_s(std::string_view word) {
  std::string out;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool two = word[i] == 's' && i + 1 < word.size() && word[i + 1] == 's';
    out += two ? std::string_view("ß") : word.substr(i, 1);
    i += two ? 1 : 0;
  }
  return out;
}

std::size_t count_of(std::string_view text, std::string_view what) {
  std::size_t n = 0;
  for (std::size_t at = text.find(what); at != text.npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

// Without an "s" at its ends that may be half of an "ß" there.
std::string_view without_edges(std::string_view word) {
  const auto single = [&word](std::size_t at, std::size_t beside) {
    return word[at] == 's' && word[beside] != 's';
  };
  if (word.size() > 1 && single(word.size() - 1, word.size() - 2)) word.remove_suffix(1);
  if (word.size() > 1 && single(0, 1)) word.remove_prefix(1);
  return word;
}

std::string escaped(std::string_view word) {
  std::string out;
  for (const char c : word) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// HTML's ways of writing letters: by number, or by a name that begins with the plain letter.
void add_html(Any& any, std::string_view word) {
  add(any, "&#");
  const std::string bare = folded(word);
  if (!is_ascii(bare)) return;
  std::size_t i = 0;
  for (std::string_view rest = word; !rest.empty() && i < bare.size(); ++i) {
    const Utf8Char c = first_utf8(rest);
    if (c.length == 0) break;
    if (c.length > 1) add(any, std::string("&") + bare[i]);
    rest.remove_prefix(c.length);
  }
}

// A word as a server is to look for it; empty where it cannot be.
Any keys_of(std::string_view word, std::string_view typed, bool utf8) {
  Any any;
  const std::string_view bare = without_edges(word);
  const std::size_t sharp = count_of(bare, "ss");
  const bool letters = all_ascii_letters(word);
  const bool enough = bare.size() == word.size() || bare.size() >= kWorthAsking;
  if (letters && enough && (sharp == 0 || (utf8 && sharp == 1))) {
    add(any, std::string(bare));
    if (sharp > 0) add(any, with_sharp_s(bare));
    return any;
  }
  if (const std::string_view plain = plain_stretch(bare); plain.size() >= kWorthAsking) {
    add(any, std::string(plain));
    return any;
  }
  if (!utf8) return any;
  // As it is written, as it was typed (Greek ends a word with another letter), and with each "ß" that it may have.
  add(any, std::string(word));
  add(any, std::string(typed));
  add(any, with_sharp_s(word));
  if (bare.data() != word.data()) add(any, "ß" + std::string(word.substr(1)));
  const bool ends = bare.data() + bare.size() != word.data() + word.size();
  if (ends) add(any, std::string(word.substr(0, word.size() - 1)) + "ß");
  add(any, escaped(word));
  if (!letters) add_html(any, word);
  return any;
}

}  // namespace

BodyWords::BodyWords(std::string_view text)
    : folded_(folded_with_accents(text)), typed_(text) {
  if (!folded_.empty() && folded_.front() == ' ') folded_.erase(0, 1);
  if (!folded_.empty() && folded_.back() == ' ') folded_.pop_back();
}

bool BodyWords::in(std::string_view text) const {
  return text.find(folded_) != std::string_view::npos;
}

SearchProgram BodyWords::keys(bool utf8) const {
  SearchProgram program;
  std::vector<std::string_view> words = words_of(folded_);
  const std::string_view typed = words.size() == 1 ? std::string_view(typed_) : std::string_view();
  std::stable_sort(words.begin(), words.end(),
                   [](auto a, auto b) { return a.size() > b.size(); });
  for (const std::string_view word : words) {
    Any any = keys_of(word, typed, utf8);
    if (any.empty()) continue;
    program.all.push_back(std::move(any));
    if (program.all.size() == kMostWords) break;
  }
  return program;
}

std::vector<const PartInfo*> searched_parts(const std::vector<PartInfo>& parts) {
  std::vector<const PartInfo*> texts;
  for (const PartInfo& part : parts) {
    if (part.type != "text" || part.disposition == "attachment" || part.section.empty() ||
        part.size == 0) {
      continue;
    }
    texts.push_back(&part);
    if (texts.size() == kMostParts) break;
  }
  return texts;
}

std::string_view charset_of(const PartInfo& part) {
  for (const Parameter& parameter : part.parameters) {
    if (parameter.name == "charset") return parameter.value;
  }
  return {};
}

std::string searched_text(std::string_view raw, const PartInfo& part) {
  std::string text = to_utf8(decode_transfer(raw, part.encoding), charset_of(part));
  if (part.subtype == "html") text = html_to_text(text, kTextBytes);
  return folded_with_accents(text);
}

}  // namespace alphamail
