// SPDX-License-Identifier: GPL-3.0-or-later
// How texts sort in a language (Unicode Technical Standard 10, by ICU): accents count, case does
// not.
#ifndef WEBCACHE_COLLATION_H
#define WEBCACHE_COLLATION_H

#include <memory>
#include <string>
#include <string_view>

namespace alphamail {

/// Any number of threads may compare at once.
class Collation {
 public:
  /// @param locale  "de", "sv-SE"; what ICU does not know sorts as it does everywhere. The same
  ///                object for the same locale while somebody holds it
  static std::shared_ptr<const Collation> of(const std::string& locale);
  ~Collation();

  /// Of valid UTF-8; < 0, 0, > 0.
  int compare(std::string_view a, std::string_view b) const;
  /// Appends bytes that compare as the texts do.
  void append_key(std::string_view text, std::string& keys) const;
  const std::string& locale() const { return locale_; }

 private:
  explicit Collation(const std::string& locale);
  struct Icu;
  const std::string locale_;
  const std::unique_ptr<Icu> icu_;
};

}  // namespace alphamail

#endif
