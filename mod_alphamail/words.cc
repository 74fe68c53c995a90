// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/words.h"

#include <dirent.h>
#include <strings.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <exception>
#include <fstream>
#include <iterator>

#include <boost/locale/gnu_gettext.hpp>
#include <boost/locale/message.hpp>
#include <unicode/locid.h>
#include <unicode/stringoptions.h>

namespace alphamail {

namespace {

using Catalogue = boost::locale::message_format<char>;

/// The longest catalogue that is read; ours have some 20 KB.
constexpr std::size_t kMaxCatalogue = 4 << 20;

Result<std::locale> read_catalogue(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (!in.is_open() || bytes.empty() || bytes.size() > kMaxCatalogue) {
    return Error{Code::kInvalid, file + ": cannot be read"};
  }
  boost::locale::gnu_gettext::messages_info info;
  info.language = "any";
  info.encoding = "UTF-8";
  info.domains.emplace_back("alphamail");
  info.paths.emplace_back("");
  info.callback = [&](const std::string&, const std::string&) { return bytes; };
  try {
    auto* facet = boost::locale::gnu_gettext::create_messages_facet<char>(info);
    if (facet == nullptr) return Error{Code::kInvalid, file + ": not a catalogue"};
    return std::locale(std::locale::classic(), facet);
  } catch (const std::exception& e) {
    return Error{Code::kInvalid, file + ": " + e.what()};
  }
}

std::string own_name(const icu::Locale& locale) {
  icu::UnicodeString name;
  locale.getDisplayName(locale, name);
  // "English (United Kingdom)" is simply English; other regions keep theirs.
  if (std::string_view(locale.getName()) == "en_GB") name = icu::UnicodeString("English");
  if (std::string_view(locale.getName()) == "en_US") name = icu::UnicodeString("English (US)");
  std::string utf8;
  name.toTitle(nullptr, locale, U_TITLECASE_NO_LOWERCASE).toUTF8String(utf8);
  return utf8;
}

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// The weight of "de;q=0.8" in thousandths; 1000 where none is given, 0 where it is malformed.
int weight_of(std::string_view parameters) {
  const auto q = parameters.find("q=");
  if (q == std::string_view::npos) return 1000;
  const std::string_view digits = trimmed(parameters.substr(q + 2));
  if (digits.empty() || (digits[0] != '0' && digits[0] != '1')) return 0;
  int weight = (digits[0] - '0') * 1000;
  if (digits.size() < 2 || digits[1] != '.') return weight;
  int unit = 100;
  for (const char c : digits.substr(2, 3)) {
    if (c < '0' || c > '9') return 0;
    weight += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(weight, 1000);
}

}  // namespace

Language::Language(std::string code, const std::string& icu_locale, std::locale messages,
                   std::size_t index)
    : code_(std::move(code)),
      name_(own_name(icu::Locale(icu_locale.c_str()))),
      right_to_left_(icu::Locale(icu_locale.c_str()).isRightToLeft()),
      index_(index),
      formats_(icu_locale),
      messages_(std::move(messages)),
      catalogue_(std::has_facet<Catalogue>(messages_) ? &std::use_facet<Catalogue>(messages_)
                                                      : nullptr) {}

const char* Language::tr(const char* english) const {
  if (catalogue_ == nullptr) return english;
  const char* found = static_cast<const Catalogue*>(catalogue_)->get(0, nullptr, english);
  return found ? found : english;
}

const char* Language::trc(const char* context, const char* english) const {
  if (catalogue_ == nullptr) return english;
  const char* found = static_cast<const Catalogue*>(catalogue_)->get(0, context, english);
  return found ? found : english;
}

const char* Language::trn(const char* one, const char* many, std::uint64_t n) const {
  const char* const english = n == 1 ? one : many;
  if (catalogue_ == nullptr) return english;
  // Catalogues count in int; beyond it only the last digits decide on a form in any language.
  constexpr std::uint64_t kCycle = 1'000'000;
  const int counted = n <= INT_MAX ? static_cast<int>(n) : static_cast<int>(n % kCycle + kCycle);
  const char* found = static_cast<const Catalogue*>(catalogue_)->get(0, nullptr, one, counted);
  return found ? found : english;
}

std::string fill(std::string_view pattern, std::initializer_list<std::string_view> texts) {
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const bool placeholder = pattern[i] == '{' && i + 2 < pattern.size() && pattern[i + 2] == '}' &&
                             pattern[i + 1] >= '1' && pattern[i + 1] <= '9';
    const std::size_t which = placeholder ? static_cast<std::size_t>(pattern[i + 1] - '1') : 0;
    if (!placeholder || which >= texts.size()) {
      out += pattern[i];
      continue;
    }
    out += texts.begin()[which];
    i += 2;
  }
  return out;
}

Result<void> Words::add(const std::string& code, const std::string& icu_locale,
                        const std::string& file) {
  std::locale messages = std::locale::classic();
  if (!file.empty()) {
    Result<std::locale> read = read_catalogue(file);
    if (!read) return read.error();
    messages = *read;
  }
  languages_.emplace_back(new Language(code, icu_locale, messages, languages_.size()));
  return {};
}

Result<std::unique_ptr<Words>> Words::load(const std::string& dir) {
  std::unique_ptr<Words> words(new Words);
  if (auto added = words->add("en", "en_GB", ""); !added) return added.error();
  if (auto added = words->add("en-US", "en_US", ""); !added) return added.error();

  std::vector<std::string> codes;
  if (DIR* const folder = opendir(dir.c_str())) {
    while (const dirent* entry = readdir(folder)) {
      const std::string_view name = entry->d_name;
      if (name.size() > 3 && name.ends_with(".mo")) codes.emplace_back(name.substr(0, name.size() - 3));
    }
    closedir(folder);
  } else {
    return Error{Code::kInvalid, dir + ": cannot be read"};
  }
  std::sort(codes.begin(), codes.end());
  for (const std::string& code : codes) {
    const std::string icu_locale = icu::Locale::createCanonical(code.c_str()).getName();
    if (auto added = words->add(code, icu_locale, dir + "/" + code + ".mo"); !added) {
      return added.error();
    }
  }
  return words;
}

const Language* Words::find(std::string_view code) const {
  for (const auto& language : languages_) {
    if (same(language->code(), code)) return language.get();
  }
  return nullptr;
}

const Language* Words::preferred(std::string_view accept) const {
  constexpr int kMaxRanges = 20;
  const Language* best = nullptr;
  int best_weight = 0;
  for (int ranges = 0; !accept.empty() && ranges < kMaxRanges; ++ranges) {
    const auto comma = accept.find(',');
    const std::string_view range = accept.substr(0, comma);
    accept = comma == std::string_view::npos ? std::string_view{} : accept.substr(comma + 1);

    const auto semicolon = range.find(';');
    const std::string_view tag = trimmed(range.substr(0, semicolon));
    const int weight =
        semicolon == std::string_view::npos ? 1000 : weight_of(range.substr(semicolon + 1));
    if (weight <= best_weight) continue;  // of equals the first counts
    const Language* match = find(tag);
    if (match == nullptr) match = find(tag.substr(0, tag.find('-')));
    if (match == nullptr) continue;
    best = match;
    best_weight = weight;
  }
  return best;
}

const Language& Words::choose(std::string_view chosen, std::string_view accept_language,
                              std::string_view site_default) const {
  const Language* found = chosen.empty() ? nullptr : find(chosen);
  if (found == nullptr) found = preferred(accept_language);
  if (found == nullptr) found = find(site_default);
  return found ? *found : *languages_.front();
}

}  // namespace alphamail
