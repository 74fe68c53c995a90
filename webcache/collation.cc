// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/collation.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <vector>

#include <unicode/coll.h>
#include <unicode/locid.h>
#include <unicode/unistr.h>

namespace alphamail {

struct Collation::Icu {
  std::unique_ptr<icu::Collator> collator;  // null where ICU has no data at all: then bytes decide
};

Collation::Collation(const std::string& locale) : locale_(locale), icu_(std::make_unique<Icu>()) {
  UErrorCode status = U_ZERO_ERROR;
  icu_->collator.reset(
      icu::Collator::createInstance(icu::Locale::createCanonical(locale.c_str()), status));
  // Nothing is tailored for it, or it is no locale: then by the root's rules, not by those of where the daemon runs.
  if (status == U_USING_DEFAULT_WARNING || U_FAILURE(status)) {
    status = U_ZERO_ERROR;
    icu_->collator.reset(icu::Collator::createInstance(icu::Locale::getRoot(), status));
  }
  if (U_SUCCESS(status) && icu_->collator) {
    icu_->collator->setAttribute(UCOL_STRENGTH, UCOL_SECONDARY, status);
  }
  if (U_FAILURE(status)) icu_->collator.reset();
}

Collation::~Collation() = default;

std::shared_ptr<const Collation> Collation::of(const std::string& locale) {
  static std::mutex mutex;
  static std::map<std::string, std::weak_ptr<const Collation>> known;
  const std::lock_guard lock(mutex);
  if (auto held = known[locale].lock()) return held;
  std::erase_if(known, [](const auto& entry) { return entry.second.expired(); });
  std::shared_ptr<const Collation> made(new Collation(locale));
  known[locale] = made;
  return made;
}

int Collation::compare(std::string_view a, std::string_view b) const {
  if (!icu_->collator) return a.compare(b);
  UErrorCode status = U_ZERO_ERROR;
  const UCollationResult result = icu_->collator->compareUTF8(
      icu::StringPiece(a.data(), static_cast<int32_t>(a.size())),
      icu::StringPiece(b.data(), static_cast<int32_t>(b.size())), status);
  return U_SUCCESS(status) ? static_cast<int>(result) : a.compare(b);
}

void Collation::append_key(std::string_view text, std::string& keys) const {
  if (!icu_->collator) {
    keys.append(text);
    return;
  }
  const auto wide = icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
  const std::size_t at = keys.size();
  constexpr std::size_t kUsual = 256;
  keys.resize(at + kUsual);
  const auto into = [&] { return reinterpret_cast<std::uint8_t*>(keys.data() + at); };
  const int32_t need = icu_->collator->getSortKey(wide, into(), static_cast<int32_t>(kUsual));
  if (need > static_cast<int32_t>(kUsual)) {
    keys.resize(at + static_cast<std::size_t>(need));
    icu_->collator->getSortKey(wide, into(), need);
  }
  // Without the NUL at its end.
  keys.resize(at + static_cast<std::size_t>(std::max<int32_t>(need - 1, 0)));
}

}  // namespace alphamail
