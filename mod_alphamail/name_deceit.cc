// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/name_deceit.h"

#include <libpsl.h>
#include <unicode/uidna.h>
#include <unicode/uspoof.h>

#include <algorithm>
#include <array>
#include <memory>

#include "common/characters.h"
#include "mod_alphamail/sender_trust.h"

namespace alphamail {
namespace {

using Kind = Deceit::Kind;

constexpr std::size_t kLongest = 1000;  // bytes of a name or domain that are judged
constexpr std::size_t kWords = 50;      // of a name

template <auto Free>
struct FreeWith {
  void operator()(auto* p) const noexcept { Free(p); }
};
using Spoof = std::unique_ptr<USpoofChecker, FreeWith<uspoof_close>>;
using Idna = std::unique_ptr<UIDNA, FreeWith<uidna_close>>;

/// This thread's checker: one script a word, but those that Japanese, Chinese and Korean mix.
USpoofChecker* checker() {
  thread_local Spoof spoof = [] {
    UErrorCode status = U_ZERO_ERROR;
    Spoof made(uspoof_open(&status));
    if (U_FAILURE(status)) return Spoof();
    uspoof_setRestrictionLevel(made.get(), USPOOF_HIGHLY_RESTRICTIVE);
    uspoof_setChecks(made.get(), USPOOF_RESTRICTION_LEVEL | USPOOF_INVISIBLE, &status);
    return U_SUCCESS(status) ? std::move(made) : Spoof();
  }();
  return spoof.get();
}

int32_t length_of(std::string_view text) { return static_cast<int32_t>(text.size()); }

bool mixes(std::string_view word) {
  USpoofChecker* spoof = checker();
  if (spoof == nullptr || is_ascii(word)) return false;
  UErrorCode status = U_ZERO_ERROR;
  const int32_t found = uspoof_checkUTF8(spoof, word.data(), length_of(word), nullptr, &status);
  return U_SUCCESS(status) && found != 0;
}

/// What a text looks like: equal for texts that look alike. "" where ICU cannot say.
std::string skeleton(std::string_view text) {
  USpoofChecker* spoof = checker();
  if (spoof == nullptr) return {};
  std::array<char, 4 * kLongest> buffer;
  UErrorCode status = U_ZERO_ERROR;
  const int32_t length = uspoof_getSkeletonUTF8(spoof, 0, text.data(), length_of(text), buffer.data(),
                                                static_cast<int32_t>(buffer.size()), &status);
  return U_SUCCESS(status) ? lower({buffer.data(), static_cast<std::size_t>(length)}) : std::string();
}

enum class Form { kUnicode, kAscii };

/// A domain with all labels in one form; as it was where it is no proper one.
std::string domain_in(Form form, std::string_view domain) {
  thread_local Idna idna = [] {
    UErrorCode status = U_ZERO_ERROR;
    return Idna(uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status));
  }();
  if (!idna) return std::string(domain);
  std::array<char, 4 * kLongest> buffer;
  UErrorCode status = U_ZERO_ERROR;
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const auto convert = form == Form::kUnicode ? uidna_nameToUnicodeUTF8 : uidna_nameToASCII_UTF8;
  const int32_t length = convert(idna.get(), domain.data(), length_of(domain), buffer.data(),
                                 static_cast<int32_t>(buffer.size()), &info, &status);
  if (U_FAILURE(status) || length <= 0) return std::string(domain);
  return std::string(buffer.data(), static_cast<std::size_t>(length));
}

/// Calls `visit` with each piece between any of the marks, as long as it returns false.
template <typename Visit>
bool any_piece(std::string_view text, std::string_view marks, Visit visit) {
  for (std::size_t count = 0; count < kWords && !text.empty(); ++count) {
    const std::size_t end = std::min(text.find_first_of(marks), text.size());
    if (end > 0 && visit(text.substr(0, end))) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

/// In Unicode. A label is misleading where it mixes scripts, or where all of it looks like plain
/// Latin and is not.
bool misleading_domain(std::string_view domain) {
  if (is_ascii(domain)) return false;
  return any_piece(domain, ".", [](std::string_view label) {
    return !is_ascii(label) && (mixes(label) || is_ascii(skeleton(label)));
  });
}

std::string_view domain_of(std::string_view mailbox) {
  const std::size_t sign = mailbox.rfind('@');
  return sign == std::string_view::npos ? std::string_view() : mailbox.substr(sign + 1);
}

bool turns_direction(char32_t c) {
  return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string without_turning(std::string_view text) {
  if (is_ascii(text)) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    if (!turns_direction(c.value)) out.append(text.substr(at, c.length));
    at += c.length;
  }
  return out;
}

/// '@' and the characters that are drawn like it, which Unicode folds into it.
std::size_t find_sign(std::string_view text, std::size_t& length) {
  std::size_t found = std::string_view::npos;
  for (const std::string_view sign : {"@", "\uFF20", "\uFE6B"}) {
    const std::size_t at = text.find(sign);
    if (at >= found) continue;
    found = at;
    length = sign.size();
  }
  return found;
}

/// The name is nothing but a domain ("paypal.com"), of others than who writes.
bool is_foreign_domain(std::string_view name, std::string_view own) {
  const std::string text = lower(trim(name));
  const std::size_t dot = text.rfind('.');
  if (dot == std::string::npos || dot < 3 || text.size() > kLongest ||
      text.find_first_of(" \t@/") != std::string::npos)
    return false;
  const std::string suffix = text.substr(dot + 1);
  // An initial or a file name has an ending, too, but no domain ends so.
  return psl_is_public_suffix2(psl_builtin(), suffix.c_str(), PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) !=
             0 &&
         !same_organization(text, lower(own));
}

/// The same for a domain, where letters are small or not as the sender likes: l, I and i are one.
std::string domain_look(std::string_view domain) {
  std::string look = skeleton(domain);
  std::replace(look.begin(), look.end(), 'i', 'l');
  return look;
}

/// The site's domain that `domain` can be taken for, or "".
std::string looks_like(std::string_view domain, std::span<const std::string> own_domains) {
  const std::string ours = lower(domain);
  for (const std::string& own : own_domains) {
    if (ours == own || ours.ends_with("." + own)) return {};
  }
  const std::string look = domain_look(domain);
  for (const std::string& own : own_domains) {
    // university.edu.example.com
    if (("." + ours).find("." + own + ".") != std::string::npos) return own;
    const std::string wanted = domain_look(own);
    if (look.empty() || wanted.empty()) continue;
    if (look == wanted || look.ends_with("." + wanted)) return own;
  }
  return {};
}

}  // namespace

bool passes_for_an_address(const Address& address) {
  if (address.name.empty()) return false;
  const std::string_view name = std::string_view(address.name).substr(0, kLongest);
  std::size_t length = 0;
  const std::size_t sign = find_sign(name, length);
  if (sign == std::string_view::npos) return is_foreign_domain(name, domain_of(address.mailbox));
  // Its own address as the name, in brackets or quotes or not, deceives nobody.
  std::string plain = lower(without_turning(name));
  std::string_view rest = plain;
  while (!rest.empty() && std::string_view("<>\"'() ").find(rest.front()) != std::string_view::npos)
    rest.remove_prefix(1);
  while (!rest.empty() && std::string_view("<>\"'() ").find(rest.back()) != std::string_view::npos)
    rest.remove_suffix(1);
  const std::string mailbox = lower(address.mailbox);
  if (rest == mailbox) return false;
  // "Anna Example <anna@example.org>" as the name, once more the same address.
  const std::size_t at = mailbox.empty() ? std::string::npos : plain.find(mailbox);
  if (at == std::string::npos) return true;
  plain.erase(at, mailbox.size());
  return find_sign(plain, length) != std::string_view::npos;
}

std::vector<Deceit> deceits_of(const Address& address, std::span<const std::string> own_domains) {
  std::vector<Deceit> found;
  const std::string_view name = std::string_view(address.name).substr(0, kLongest);
  if (passes_for_an_address(address)) found.push_back({Kind::kOtherAddress, std::string(name)});
  if (any_piece(name, " \t.,;:-_/()<>@\"'|", mixes)) found.push_back({Kind::kMixedName, {}});
  if (without_turning(name) != name || without_turning(address.mailbox) != address.mailbox)
    found.push_back({Kind::kTurned, {}});
  const std::string_view domain = domain_of(address.mailbox);
  if (domain.empty() || domain.size() > kLongest) return found;
  const std::string readable = domain_in(Form::kUnicode, without_turning(domain));
  if (misleading_domain(readable))
    found.push_back({Kind::kMixedDomain, domain_in(Form::kAscii, readable)});
  if (std::string own = looks_like(readable, own_domains); !own.empty())
    found.push_back({Kind::kOwnLookAlike, std::move(own)});
  return found;
}

Address shown_address(const Address& address) {
  if (is_ascii(address.name) && is_ascii(address.mailbox)) return address;
  Address shown{without_turning(address.name), without_turning(address.mailbox)};
  const std::string_view domain = domain_of(shown.mailbox);
  if (!domain.empty() && domain.size() <= kLongest && misleading_domain(domain)) {
    const std::string network = domain_in(Form::kAscii, domain);
    shown.mailbox.replace(shown.mailbox.size() - domain.size(), domain.size(), network);
  }
  return shown;
}

}  // namespace alphamail
