// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/sender_trust.h"

#include <libpsl.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "common/characters.h"
#include "common/mime_text.h"
#include "mod_alphamail/header_fields.h"

namespace alphamail {
namespace {

using Outcome = SenderTrust::Outcome;

constexpr std::size_t kResults = 100;       // of one field; an honest server writes a handful
constexpr std::size_t kProperties = 50;     // of one result
constexpr std::size_t kValueBytes = 16384;  // of one field
constexpr int kCommentDepth = 20;

struct Property {
  std::string name;  ///< "header.d", lower case
  std::string value;
};

/// One "method=result reason=... ptype.property=value ..." (RFC 8601 section 2.2).
struct MethodResult {
  std::string method, result;  ///< lower case
  std::vector<Property> properties;

  std::string_view property(std::string_view name) const {
    for (const Property& one : properties)
      if (one.name == name) return one.value;
    return {};
  }
};

/// Words, quoted strings and single marks of a field; comments and white space are between them.
class Tokens {
 public:
  explicit Tokens(std::string_view text) : left_(text.substr(0, kValueBytes)) {}

  /// The next word, or one of ; = as itself; nothing at the end.
  std::optional<std::string> next() {
    skip_space();
    if (left_.empty()) return std::nullopt;
    const char c = left_.front();
    if (c == ';' || c == '=') {
      left_.remove_prefix(1);
      return std::string(1, c);
    }
    return c == '"' ? quoted() : word();
  }
  /// True where the next token is the mark; it is taken.
  bool accept(char mark) {
    skip_space();
    if (left_.empty() || left_.front() != mark) return false;
    left_.remove_prefix(1);
    return true;
  }

 private:
  void skip_space() {
    int depth = 0;
    while (!left_.empty()) {
      const char c = left_.front();
      if (c == '\\' && depth > 0)
        left_.remove_prefix(1);
      else if (c == '(')
        ++depth;
      else if (c == ')' && depth > 0)
        --depth;
      else if (depth == 0 && !is_space(c))
        return;
      if (depth > kCommentDepth) left_ = {};
      if (!left_.empty()) left_.remove_prefix(1);
    }
  }
  std::string quoted() {
    std::string out;
    left_.remove_prefix(1);
    while (!left_.empty() && left_.front() != '"') {
      if (left_.front() == '\\' && left_.size() > 1) left_.remove_prefix(1);
      out.push_back(left_.front());
      left_.remove_prefix(1);
    }
    if (!left_.empty()) left_.remove_prefix(1);
    return out;
  }
  std::string word() {
    const auto end = std::find_if(left_.begin(), left_.end(), [](char c) {
      return is_space(c) || c == ';' || c == '=' || c == '(' || c == '"';
    });
    std::size_t length = static_cast<std::size_t>(end - left_.begin());
    if (length == 0) length = 1;  // a stray parenthesis
    const std::string out(left_.substr(0, length));
    left_.remove_prefix(length);
    return out;
  }

  std::string_view left_;
};

/// @return false where the field is not by one of `ids`; what is malformed ends the list
bool read_results(std::string_view value, std::span<const std::string> ids, std::string& server,
                  std::vector<MethodResult>& results) {
  const std::string text = unfolded(value);
  Tokens tokens(text);
  const auto id = tokens.next();
  if (!id || std::find(ids.begin(), ids.end(), lower(*id)) == ids.end()) return false;
  server = lower(*id);
  auto token = tokens.next();
  if (token && *token != ";") token = tokens.next();  // a version
  while (token && *token == ";" && results.size() < kResults) {
    const auto method = tokens.next();
    if (!method || !tokens.accept('=')) break;  // "none", too
    const auto result = tokens.next();
    if (!result || *result == ";") break;
    MethodResult one;
    one.method = lower(*method);
    one.method.erase(std::min(one.method.find('/'), one.method.size()));
    one.result = lower(*result);
    while ((token = tokens.next()) && *token != ";") {
      if (!tokens.accept('=')) continue;
      const auto property = tokens.next();
      if (!property) break;
      if (*property == ";") {  // an empty value
        token = property;
        break;
      }
      if (one.properties.size() < kProperties) one.properties.push_back({lower(*token), *property});
    }
    results.push_back(std::move(one));
  }
  return true;
}

Outcome outcome_of(std::string_view result) {
  if (result == "pass") return Outcome::kPass;
  if (result == "fail" || result == "hardfail" || result == "policy") return Outcome::kFail;
  return Outcome::kNone;  // neutral, softfail, temperror and whatever comes
}

/// What follows the last '@', lower case; a bare domain is itself.
std::string domain_of(std::string_view address) {
  std::string domain = lower(trim(address.substr(address.rfind('@') + 1)));
  while (domain.ends_with('.') || domain.ends_with('>')) domain.pop_back();
  return domain;
}

void put(SenderTrust& trust, const MethodResult& one) {
  const Outcome outcome = outcome_of(one.result);
  const auto aligned = [&](std::string_view domain) {
    return !trust.domain.empty() && same_organization(domain_of(domain), trust.domain);
  };
  if (one.method == "dmarc") {
    const std::string_view from = one.property("header.from");
    if (trust.dmarc == Outcome::kNone && (from.empty() || domain_of(from) == trust.domain))
      trust.dmarc = outcome;
  } else if (one.method == "dkim") {
    std::string_view signer = one.property("header.d");
    if (signer.empty()) signer = one.property("header.i");
    if (signer.empty()) return;
    if (!aligned(signer)) {
      if (outcome == Outcome::kPass && trust.signer.empty()) trust.signer = domain_of(signer);
    } else if (trust.dkim != Outcome::kPass && outcome != Outcome::kNone) {
      trust.dkim = outcome;  // one right signature is enough (RFC 6376 section 4.2)
    }
  } else if (one.method == "spf") {
    std::string_view sender = one.property("smtp.mailfrom");
    if (sender.empty()) sender = one.property("smtp.helo");
    if (trust.spf == Outcome::kNone && aligned(sender)) trust.spf = outcome;
  }
}

}  // namespace

bool same_organization(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return false;
  if (a == b) return true;
  const std::string first(a), second(b);
  const char* x = psl_registrable_domain(psl_builtin(), first.c_str());
  const char* y = psl_registrable_domain(psl_builtin(), second.c_str());
  return x != nullptr && y != nullptr && std::string_view(x) == y;
}

SenderTrust read_sender_trust(std::string_view block, std::span<const std::string> authserv_ids) {
  SenderTrust trust;
  std::vector<MethodResult> results;
  std::vector<Address> from;
  int froms = 0;
  bool over = false;
  HeaderFields fields(block);
  for (HeaderField field; fields.next(field);) {
    if (field.name == "from") {
      ++froms;
      from = parse_addresses(unfolded(field.value), 2);
    } else if (field.name == "received") {
      over = over || trust.checked;
    } else if (field.name == "authentication-results" && !over) {
      std::string server;
      if (read_results(field.value, authserv_ids, server, results) && !trust.checked) {
        trust.checked = true;
        trust.server = server;
      }
    }
  }
  if (froms == 1 && from.size() == 1 && from[0].mailbox.find('@') != std::string::npos)
    trust.domain = domain_of(from[0].mailbox);
  for (const MethodResult& one : results) put(trust, one);
  return trust;
}

}  // namespace alphamail
