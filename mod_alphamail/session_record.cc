// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a session's record in the shared cache.
#include <algorithm>
#include <cstddef>
#include <cstring>

#include "common/setting_table.h"
#include "mod_alphamail/session_cache.h"

namespace alphamail {
namespace {

constexpr char kVersion = 8;
constexpr std::size_t kMarkBytes = 16;
constexpr std::size_t kMostText = 4096;

void put_number(std::string& out, std::uint64_t number, int bytes = 8) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
}

void put_text(std::string& out, std::string_view text) {
  text = text.substr(0, kMostText);
  put_number(out, text.size(), 2);
  out += text;
}

/// What differs from the site's defaults, as the store has it: a name and a value each.
void put_settings(std::string& out, const Settings& settings, const SettingRules& rules) {
  std::string chosen;
  std::uint64_t count = 0;
  for (const Setting& setting : setting_table()) {
    const std::string value = setting.get(settings);
    if (value == setting.get(rules.defaults)) continue;
    put_text(chosen, setting.name);
    put_text(chosen, value);
    ++count;
  }
  put_number(out, count, 2);
  out += chosen;
}

/// Takes values off the front; once something is missing, all that follows is empty and good() false.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}
  std::uint64_t number(std::size_t bytes = 8) {
    const std::string_view raw = take(bytes);
    std::uint64_t value = 0;
    for (std::size_t i = raw.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(raw[i]);
    return value;
  }
  std::string text() { return std::string(take(number(2))); }
  bool good() const { return good_; }
  bool at_end() const { return good_ && rest_.empty(); }

 private:
  std::string_view take(std::size_t bytes) {
    good_ = good_ && bytes <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

std::string_view mark_of(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), kMarkBytes};
}

}  // namespace

std::string spell_record(const SessionRecord& record, const Key& key, const SettingRules& rules) {
  std::string out(1, kVersion);
  put_text(out, record.user);
  put_text(out, record.domain);
  put_text(out, {reinterpret_cast<const char*>(record.sealed_password.data()),
                 record.sealed_password.size()});
  put_text(out, {reinterpret_cast<const char*>(record.sealed_account_key.data()),
                 record.sealed_account_key.size()});
  put_number(out, static_cast<std::uint64_t>(record.started));
  put_number(out, static_cast<std::uint64_t>(record.last_used));
  put_number(out, record.idle_limit);
  put_text(out, record.browser_class);
  put_number(out, record.identities.size());
  for (const std::string& address : record.identities) put_text(out, address);
  put_settings(out, record.settings, rules);
  put_text(out, record.labels);
  const Digest digest = hmac_sha256(key, as_bytes(out));
  out += mark_of(digest);
  return out;
}

std::optional<SessionRecord> read_record(std::string_view spelled, const Key& key, const SettingRules& rules) {
  if (spelled.size() < 1 + kMarkBytes || spelled.front() != kVersion) return {};
  const std::string_view content = spelled.substr(0, spelled.size() - kMarkBytes);
  const Digest digest = hmac_sha256(key, as_bytes(content));
  if (!equal_constant_time(as_bytes(spelled.substr(content.size())), as_bytes(mark_of(digest)))) {
    return {};
  }
  Reader in(content.substr(1));
  SessionRecord record;
  record.user = in.text();
  record.domain = in.text();
  const std::string sealed = in.text();
  record.sealed_password.assign(as_bytes(sealed).begin(), as_bytes(sealed).end());
  const std::string key_of_account = in.text();
  record.sealed_account_key.assign(as_bytes(key_of_account).begin(),
                                   as_bytes(key_of_account).end());
  record.started = static_cast<std::int64_t>(in.number());
  record.last_used = static_cast<std::int64_t>(in.number());
  record.idle_limit = static_cast<std::uint32_t>(in.number());
  record.browser_class = in.text();
  for (std::uint64_t n = in.number(); n > 0 && in.good(); --n) record.identities.push_back(in.text());
  record.settings = rules.defaults;
  for (std::uint64_t left = in.number(2); left > 0 && in.good(); --left) {
    const std::string name = in.text();
    rules.apply(record.settings, name, in.text());
  }
  record.labels = in.text();
  if (!in.at_end()) return {};
  return record;
}

}  // namespace alphamail
