// SPDX-License-Identifier: GPL-3.0-or-later
// The languages of a site. Words are gettext catalogues (templates/lang/*.po, compiled to .mo), read
// when httpd reads its configuration; English is in the sources. Everything here is unchanged after
// that and used by all threads at once.
//
// Words in C++ are marked by the names of these functions, and `make alphamail.pot` collects them
// together with the [[words]] of the templates.
#ifndef MOD_ALPHAMAIL_WORDS_H
#define MOD_ALPHAMAIL_WORDS_H

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <locale>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "mod_alphamail/locale_format.h"
#include "mod_alphamail/time_zones.h"

namespace alphamail {

class Language {
 public:
  /// BCP 47: "de", "en-US".
  const std::string& code() const { return code_; }
  /// In its own words: "Deutsch".
  const std::string& name() const { return name_; }
  bool right_to_left() const { return right_to_left_; }
  /// Position in Words::languages().
  std::size_t index() const { return index_; }
  const Formats& formats() const { return formats_; }

  /// The words in this language, or as they are where the catalogue has none.
  const char* tr(const char* english) const;
  /// The same where a context tells two meanings apart.
  const char* trc(const char* context, const char* english) const;
  /// The plural form for n.
  const char* trn(const char* one, const char* many, std::uint64_t n) const;

 private:
  friend class Words;
  Language(std::string code, const std::string& icu_locale, std::locale messages, std::size_t index);

  std::string code_;
  std::string name_;
  bool right_to_left_;
  std::size_t index_;
  Formats formats_;
  std::locale messages_;   // owns the catalogue
  const void* catalogue_;  // boost::locale::message_format<char>, null for English
};

/// Puts the texts in place of {1}, {2} ... A placeholder without a text stays.
std::string fill(std::string_view pattern, std::initializer_list<std::string_view> texts);

class Words {
 public:
  /// English and every DIR/CODE.mo. A file that is no catalogue is an error.
  static Result<std::unique_ptr<Words>> load(const std::string& dir);

  const std::vector<std::unique_ptr<Language>>& languages() const { return languages_; }
  /// By its exact code (case ignored), or null.
  const Language* find(std::string_view code) const;
  /// The first that exists of: what the user chose, what the browser prefers (RFC 9110 section
  /// 12.5.4), the site's default, English.
  const Language& choose(std::string_view chosen, std::string_view accept_language,
                         std::string_view site_default) const;

  /// The zones of the site (they need no language, but the same owner).
  const TimeZones& zones() const { return zones_; }

 private:
  Words() = default;
  const Language* preferred(std::string_view accept_language) const;
  Result<void> add(const std::string& code, const std::string& icu_locale, const std::string& file);

  std::vector<std::unique_ptr<Language>> languages_;
  TimeZones zones_;
};

}  // namespace alphamail

#endif
