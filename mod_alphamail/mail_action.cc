// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/mail_action.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace alphamail {
namespace {

using wire::Action;

struct Word {
  std::string_view word;
  Action action;
};
constexpr Word kWords[] = {
    {"read", Action::Read},     {"unread", Action::Unread}, {"star", Action::Star},
    {"unstar", Action::Unstar}, {"delete", Action::Delete}, {"purge", Action::Purge},
    {"move", Action::Move},     {"copy", Action::Copy},     {"archive", Action::Archive},
    {"junk", Action::Junk},     {"notjunk", Action::NotJunk},    {"label", Action::Label},
    {"unlabel", Action::Unlabel},
};
constexpr char kHex[] = "0123456789abcdef";

std::optional<std::uint64_t> read_hex(std::string_view text, std::size_t digits) {
  std::uint64_t n = 0;
  if (text.size() != digits) return {};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n, 16);
  if (failure != std::errc() || end != text.data() + text.size()) return {};
  return n;
}

char* write_hex(std::uint64_t n, unsigned digits, char* out) {
  for (unsigned shift = digits * 4; shift > 0; shift -= 4) *out++ = kHex[n >> (shift - 4) & 15];
  return out;
}

}  // namespace

char* write_mark(std::uint32_t uid, std::uint32_t identity, char* out) {
  char* at = std::to_chars(out, out + 10, uid).ptr;
  *at++ = '-';
  return write_hex(identity, 8, at);
}

std::string mark_of(std::uint32_t uid, std::uint32_t identity) {
  char mark[kMarkBytes];
  return {mark, write_mark(uid, identity, mark)};
}

std::optional<wire::Marked> read_mark(std::string_view mark) {
  const std::size_t dash = mark.find('-');
  if (dash == std::string_view::npos) return {};
  std::uint32_t uid = 0;
  const auto [end, failure] = std::from_chars(mark.data(), mark.data() + dash, uid);
  const auto identity = read_hex(mark.substr(dash + 1), 8);
  if (failure != std::errc() || end != mark.data() + dash || uid == 0 || !identity) return {};
  return wire::Marked(uid, static_cast<std::uint32_t>(*identity));
}

std::string report_word(std::uint64_t id) {
  char word[16];
  write_hex(id, 16, word);
  return {word, sizeof word};
}

std::uint64_t read_report_word(std::string_view word) { return read_hex(word, 16).value_or(0); }

Result<MailAction> MailAction::of(const Fields& form) {
  MailAction asked;
  std::string_view word = form.get("do");
  std::string_view only;  // the row whose star was pressed
  for (const std::string_view star : {"star", "unstar"}) {
    if (!word.empty() || !form.has(star)) continue;
    word = star;
    only = form.get(star);
  }
  const auto* known = std::find_if(std::begin(kWords), std::end(kWords),
                                   [word](const Word& w) { return w.word == word; });
  if (known == std::end(kWords)) return Error{Code::kInvalid, "no such action on messages"};
  asked.action = known->action;
  if (asked.wants_target()) asked.target = form.get("to");
  if (asked.wants_label()) asked.label = form.get("label");
  asked.uid_validity = form.number("v", 1, 0xFFFFFFFF, 0);
  for (const auto& [name, value] : form.all) {
    if (only.empty() ? name != "m" : name != word) continue;
    const auto mark = read_mark(value);
    if (!mark) return Error{Code::kInvalid, "what was ticked is no message"};
    if (asked.messages.size() == kMost) return Error{Code::kTooLarge, "too many messages at once"};
    asked.messages.push_back(*mark);
  }
  if (only.empty() && form.get("all") == "1" &&
      asked.messages.size() == form.number("rows", 0, kMost, 0)) {
    asked.below = form.number("below", 1, 0xFFFFFFFF, 0);
    asked.count = form.number("count", 0, 0xFFFFFFFF, 0);
    if (!asked.all()) return Error{Code::kInvalid, "the form does not say how much all is"};
    asked.messages.clear();
  }
  if ((!asked.messages.empty() || asked.all()) && asked.uid_validity == 0) {
    return Error{Code::kInvalid, "the form does not say of which folder it is"};
  }
  return asked;
}

}  // namespace alphamail
