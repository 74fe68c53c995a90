// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/message_id.h"

#include <algorithm>
#include <optional>

namespace alphamail {
namespace {

constexpr std::size_t kLongestId = 1000;  // a line's length (RFC 5322); what is longer is no id
constexpr std::size_t kMostIds = 1000;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// MurmurHash3's finalizer.
std::uint64_t mixed(std::uint64_t h) {
  h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDU;
  h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53U;
  return h ^ (h >> 33);
}

// FNV-1a, mixed, since its low bits alone are poor. Blanks are left out: folding puts them into long
// ids.
MessageHash hash(std::string_view id) {
  std::uint64_t h = 0xCBF29CE484222325U;
  for (const char c : id) {
    if (is_blank(c)) continue;
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  }
  h = mixed(h);
  MessageHash out;
  for (unsigned i = 0; i < 3; ++i) out.bits[i] = static_cast<std::uint16_t>(h >> (16 * i));
  if (out.none()) out.bits[0] = 1;
  return out;
}

// The next "<...>" of `text`, which is cut behind it.
std::optional<std::string_view> next_id(std::string_view& text) {
  while (true) {
    const std::size_t open = text.find('<');
    if (open == std::string_view::npos) return {};
    const std::size_t close = text.find('>', open);
    if (close == std::string_view::npos) return {};
    // Of "<a <b>" the inner one is whole.
    const std::size_t last_open = text.rfind('<', close);
    const std::string_view id = text.substr(last_open + 1, close - last_open - 1);
    text.remove_prefix(close + 1);
    if (!trimmed(id).empty() && id.size() <= kLongestId) return id;
  }
}

}  // namespace

MessageHash message_hash(std::string_view header) {
  std::string_view rest = header;
  if (const auto id = next_id(rest)) return hash(*id);
  const std::string_view bare = trimmed(header);
  return bare.empty() || bare.size() > kLongestId ? MessageHash{} : hash(bare);
}

std::uint32_t message_identity(const MessageHash& id, std::uint32_t arrived, std::uint32_t size) {
  std::uint64_t h = std::uint64_t{arrived} << 32 | size;
  for (const std::uint16_t bits : id.bits) h = mixed(h) ^ bits;
  return static_cast<std::uint32_t>(mixed(h));
}

std::vector<MessageHash> reference_hashes(std::string_view in_reply_to,
                                          std::string_view references) {
  std::vector<MessageHash> all;
  while (all.size() < kMostIds) {
    const auto id = next_id(references);
    if (!id) break;
    all.push_back(hash(*id));
  }
  // In-Reply-To may name several; the first is the one that was answered.
  if (const auto parent = next_id(in_reply_to)) {
    const MessageHash answered = hash(*parent);
    std::erase(all, answered);
    all.push_back(answered);
  }
  constexpr std::size_t kNearest = 2;
  if (all.size() > 1 + kNearest) all.erase(all.begin() + 1, all.end() - kNearest);
  return all;
}

}  // namespace alphamail
