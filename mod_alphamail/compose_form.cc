// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_form.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "common/characters.h"
#include "common/seal.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/urls.h"

namespace alphamail {
namespace {

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t n = std::min(text.find(at), text.size());
    if (n > 0) words.push_back(text.substr(0, n));
    text.remove_prefix(std::min(text.size(), n + 1));
  }
  return words;
}

template <typename Number>
bool read_number(std::string_view text, Number& out, int base = 10) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return failure == std::errc() && end == text.data() + text.size();
}

std::string hex(std::uint64_t number, std::size_t digits) {
  std::string out(digits, '0');
  constexpr char kHex[] = "0123456789abcdef";
  for (std::size_t i = digits; i-- > 0; number >>= 4) out[i] = kHex[number & 15];
  return out;
}

std::optional<std::string> decoded(std::string_view word) {
  auto text = percent_decode(word);
  if (!text || !is_utf8_text(*text)) return std::nullopt;
  return text;
}

bool is_message_id(std::string_view id) {
  return !id.empty() && id.size() <= 900 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~' && c != '<' && c != '>'; });
}

bool is_section(std::string_view text) {
  return !text.empty() && text.size() <= 200 &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
}

/// The first and the latest: RFC 5322 section 3.6.4 lets the middle go where there are too many.
std::vector<std::string> ids_in(std::string_view text) {
  std::vector<std::string> ids;
  for (const std::string_view id : split(text, ' ')) {
    if (is_message_id(id)) ids.emplace_back(id);
  }
  if (ids.size() > ComposeForm::kIds) {
    ids.erase(ids.begin() + 1, ids.end() - (ComposeForm::kIds - 1));
  }
  return ids;
}

void take(ComposeForm& form, const std::string& name, const std::string& value) {
  if (name == "from") form.from = value;
  if (name == "to") form.to = value;
  if (name == "cc") form.cc = value;
  if (name == "bcc") form.bcc = value;
  if (name == "subject") form.subject = value;
  if (name == "body") {
    form.body = value;
    std::erase(form.body, '\r');  // browsers send CRLF
  }
  if (name == "writer") form.writer = value;
  if (name == "how") form.forward = value == "forward";
  if (name == "irt" && is_message_id(value)) form.in_reply_to = value;
  if (name == "refs") form.references = ids_in(value);
  if (name == "many") read_number(value, form.many);
  if (name == "back") form.back = safe_return_path(value);
  if (name == "draft") form.draft = KnownMessage::of(value);
  if (name == "key") {
    if (const auto id = read_spool_word(value)) form.key = *id;
  }
  if (name == "text") {
    const auto words = split(value, ' ');
    if (words.size() == 2 && read_number(words[1], form.text_version)) form.text = read_spool_word(words[0]);
  }
  if (name == "att" && form.attachments.size() < ComposeForm::kAttachments) {
    if (auto attachment = ComposeAttachment::of(value)) form.attachments.push_back(std::move(*attachment));
  }
  if (name == "about" && form.about.size() < ComposeForm::kAbout) {
    if (auto message = KnownMessage::of(value)) form.about.push_back(std::move(*message));
  }
}

}  // namespace

std::string KnownMessage::word() const {
  return percent_encode(folder) + ":" + std::to_string(uid_validity) + ":" + std::to_string(uid) + ":" +
         hex(identity, 8);
}

std::optional<KnownMessage> KnownMessage::of(std::string_view word) {
  const auto parts = split(word, ':');
  KnownMessage known;
  if (parts.size() != 4 || !read_number(parts[1], known.uid_validity) || !read_number(parts[2], known.uid) ||
      !read_number(parts[3], known.identity, 16) || known.uid == 0) {
    return std::nullopt;
  }
  auto folder = decoded(parts[0]);
  if (!folder || folder->empty() || folder->size() > 2000) return std::nullopt;
  known.folder = std::move(*folder);
  return known;
}

KnownMessage KnownMessage::of(const wire::Shown& shown) {
  return {shown.folder()->str(), shown.uid_validity(), shown.uid(), shown.identity()};
}

std::string ComposeAttachment::word() const {
  const std::string end = std::to_string(size) + " " + percent_encode(type) + " " + percent_encode(name);
  switch (from) {
    case From::kSpool: return "s " + spool_word(id) + " " + end;
    case From::kPart: return "p " + message.word() + " " + section + " " + end;
    case From::kMessage: return "m " + message.word() + " " + end;
  }
  return "";
}

std::optional<ComposeAttachment> ComposeAttachment::of(std::string_view word) {
  const auto words = split(word, ' ');
  if (words.size() < 5) return std::nullopt;
  ComposeAttachment a;
  std::size_t at = 2;
  if (words[0] == "s") {
    const auto id = read_spool_word(words[1]);
    if (!id) return std::nullopt;
    a.id = *id;
  } else {
    auto message = KnownMessage::of(words[1]);
    if (!message || (words[0] != "p" && words[0] != "m")) return std::nullopt;
    a.message = std::move(*message);
    a.from = words[0] == "p" ? From::kPart : From::kMessage;
  }
  if (a.from == From::kPart) {
    if (!is_section(words[2])) return std::nullopt;
    a.section = words[2];
    at = 3;
  }
  if (words.size() != at + 3 || !read_number(words[at], a.size)) return std::nullopt;
  const auto type = decoded(words[at + 1]), name = decoded(words[at + 2]);
  if (!type || !name) return std::nullopt;
  a.type = *type;
  a.name = clean_file_name(*name);
  if (a.name.empty()) a.name = "file";
  return a;
}

ComposeForm ComposeForm::of(const Fields& fields) {
  ComposeForm form;
  for (const auto& [name, value] : fields.all) take(form, name, value);
  if (form.key.high() == 0 && form.key.low() == 0) form.key = new_spool_id();
  return form;
}

std::optional<ComposeForm> ComposeForm::sent(const Fields& fields) {
  if (!fields.has("kept")) return of(fields);
  const auto kept = Fields::parse(fields.get("kept"), Fields::kMostOfTicked);
  if (!kept) return std::nullopt;
  return of(*kept);
}

std::vector<std::pair<std::string, std::string>> ComposeForm::fields(bool all) const {
  std::vector<std::pair<std::string, std::string>> out;
  const auto put = [&](const char* name, std::string value) {
    if (!value.empty()) out.emplace_back(name, std::move(value));
  };
  put("key", spool_word(key));
  if (all) {
    put("from", from);
    put("to", to);
    put("cc", cc);
    put("bcc", bcc);
    put("subject", subject);
    put("body", body);
  }
  for (const ComposeAttachment& a : attachments) put("att", a.word());
  for (const KnownMessage& m : about) put("about", m.word());
  if (!about.empty()) put("how", forward ? "forward" : "reply");
  put("irt", in_reply_to);
  std::string refs;
  for (const std::string& id : references) refs += (refs.empty() ? "" : " ") + id;
  put("refs", std::move(refs));
  if (draft) put("draft", draft->word());
  if (text) put("text", spool_word(*text) + " " + std::to_string(text_version));
  if (many > 0) put("many", std::to_string(many));
  put("back", back);
  put("writer", writer);
  return out;
}

std::string ComposeForm::spelled() const {
  std::string out;
  for (const auto& [name, value] : fields(true)) {
    out.append(out.empty() ? "" : "&").append(name).append("=").append(percent_encode(value));
  }
  return out;
}

std::uint64_t ComposeForm::attached_bytes() const {
  std::uint64_t bytes = 0;
  for (const ComposeAttachment& a : attachments) bytes += a.size;
  return bytes;
}

std::string spool_word(const wire::SpoolId& id) { return hex(id.high(), 16) + hex(id.low(), 16); }

std::optional<wire::SpoolId> read_spool_word(std::string_view word) {
  std::uint64_t high = 0, low = 0;
  if (word.size() != 32 || !read_number(word.substr(0, 16), high, 16) || !read_number(word.substr(16), low, 16) ||
      (high == 0 && low == 0)) {
    return std::nullopt;
  }
  return wire::SpoolId(high, low);
}

wire::SpoolId new_spool_id() {
  std::array<std::uint64_t, 2> numbers;
  random_bytes(std::as_writable_bytes(std::span(numbers)));
  return {numbers[0] | 1, numbers[1]};
}

}  // namespace alphamail
