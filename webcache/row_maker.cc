// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/row_maker.h"

#include <algorithm>
#include <utility>

#include "common/characters.h"
#include "common/mime_text.h"

namespace alphamail {
namespace {

// An address field that does not decode to more than people look at.
constexpr std::size_t kLongestField = 4096;

std::string cleaned(std::string text) {
  return is_printable_ascii(text) ? std::move(text) : clean_text(text);
}

std::string header(std::string_view raw) {
  return cleaned(decode_header(raw.substr(0, kLongestField)));
}

std::string address(std::string_view mailbox, std::string_view host) {
  std::string both(mailbox.substr(0, kLongestField));
  if (!host.empty()) both.append("@").append(host.substr(0, kLongestField));
  return cleaned(std::move(both));
}

std::string_view parameter(const std::vector<Parameter>& parameters, std::string_view name) {
  for (const Parameter& p : parameters) {
    if (p.name == name) return p.value;
  }
  return {};
}

std::string decoded(const std::vector<Parameter>& parameters, std::string_view name) {
  std::vector<std::pair<std::string, std::string>> raw;
  for (const Parameter& p : parameters) raw.emplace_back(p.name, p.value);
  for (auto& [key, value] : decode_parameters(raw)) {
    if (key == name) return clean_text(value);
  }
  return {};
}

bool multipart(const PartInfo& part) {
  return part.type == "multipart";
}
bool holds_message(const PartInfo& part) {
  return part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
}

std::string file_name(const PartInfo& part) {
  std::string name = decoded(part.disposition_parameters, "filename");
  if (name.empty()) name = decoded(part.parameters, "name");
  return name;
}

// What people would call an attachment: said to be one, a forwarded message, or something with a
// name that is not shown inside the text. Signatures are none.
bool is_attachment(const PartInfo& part) {
  if (multipart(part)) return false;
  if (part.type == "application" &&
      (part.subtype == "pgp-signature" || part.subtype == "pkcs7-signature" ||
       part.subtype == "x-pkcs7-signature")) {
    return false;
  }
  if (part.disposition == "attachment" || holds_message(part)) return true;
  if (part.disposition == "inline" && (part.type == "image" || part.type == "text")) return false;
  const bool named = !part.disposition_parameters.empty() ||
                     !parameter(part.parameters, "name").empty() ||
                     !parameter(part.parameters, "name*").empty() ||
                     !parameter(part.parameters, "name*0*").empty();
  if (part.type == "text") return named && part.disposition == "attachment";
  if (part.type == "image" && !part.content_id.empty()) return false;  // belongs to the HTML
  return named || part.type == "application" || part.type == "audio" || part.type == "video";
}

// Calls `look` for each part of the message itself, not for those inside a forwarded one, until it
// gives false.
template <typename Look>
void each_own_part(const std::vector<PartInfo>& parts, Look&& look) {
  int inside = -1;  // depth of the forwarded message that is being skipped
  for (const PartInfo& part : parts) {
    if (inside >= 0 && part.depth > inside) continue;
    inside = holds_message(part) ? part.depth : -1;
    if (!look(part)) return;
  }
}

const PartInfo* find_text(const std::vector<PartInfo>& parts) {
  const PartInfo* plain = nullptr;
  const PartInfo* html = nullptr;
  each_own_part(parts, [&](const PartInfo& part) {
    if (part.type != "text" || part.disposition == "attachment") return true;
    if (part.subtype == "html") {
      if (!html) html = &part;
    } else if (!plain && part.size > 0) {
      plain = &part;
    }
    return !plain;
  });
  const PartInfo* part = plain ? plain : html;
  return !part || part->section.empty() ? nullptr : part;
}

std::optional<TextPart> text_part(const std::vector<PartInfo>& parts) {
  const PartInfo* part = find_text(parts);
  if (!part) return std::nullopt;
  return TextPart{part->section, std::string(parameter(part->parameters, "charset").substr(0, 64)),
                  part->encoding.substr(0, 32), part->subtype == "html"};
}

}  // namespace

std::string clean_text(std::string_view text) {
  std::string out = valid_utf8(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto c = static_cast<unsigned char>(out[i]);
    if (c < 0x20 || c == 0x7F) out[i] = ' ';
    // U+0080 to U+009F are C2 80 to C2 9F: two bytes become two spaces.
    if (c == 0xC2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xA0) {
      out[i] = out[i + 1] = ' ';
    }
  }
  return out;
}

NewRow make_row(const FetchedRow& fetched) {
  constexpr auto kAttachment = static_cast<std::uint16_t>(wire::Flag::HasAttachment);
  NewRow row;
  row.uid = fetched.uid;
  row.arrived = fetched.internal_date;
  row.sent = parse_date(fetched.date);
  row.size = fetched.size;
  row.flags = static_cast<std::uint16_t>(fetched.flags & ~kAttachment);
  row.from = header(fetched.from_name);
  row.from_address = address(fetched.from_mailbox, fetched.from_host);
  row.recipients.reserve(fetched.recipients.size());
  for (const FetchedRecipient& to : fetched.recipients)
    row.recipients.push_back({header(to.name), address(to.mailbox, to.host), to.cc});
  row.more_recipients = fetched.more_recipients;
  row.keywords = fetched.keywords;
  row.subject = header(fetched.subject);
  each_own_part(fetched.parts, [&](const PartInfo& part) {
    if (!is_attachment(part)) return true;
    row.flags = static_cast<std::uint16_t>(row.flags | kAttachment);
    row.attachment = file_name(part);
    return row.attachment.empty();
  });
  row.text_part = text_part(fetched.parts);
  row.id = message_hash(fetched.message_id);
  row.references = reference_hashes(fetched.in_reply_to, fetched.references);
  return row;
}

// Beside the text itself, what lists and mailers append to it as parts of their own.
std::vector<const PartInfo*> likely_texts(const std::vector<PartInfo>& parts) {
  constexpr std::size_t kMost = 4;
  std::vector<const PartInfo*> texts;
  const PartInfo* first = find_text(parts);
  if (!first) return texts;
  texts.push_back(first);
  each_own_part(parts, [&](const PartInfo& part) {
    const bool text = part.type == "text" && part.subtype == "plain" && part.size > 0 &&
                      part.disposition != "attachment" && !part.section.empty();
    if (text && &part != first) texts.push_back(&part);
    return texts.size() < kMost;
  });
  return texts;
}

std::uint32_t identity_of(const FetchedRow& fetched) {
  return message_identity(message_hash(fetched.message_id), row_seconds(fetched.internal_date),
                          row_bytes(fetched.size));
}

std::string make_snippet(std::string_view raw, const TextPart& part) {
  std::string text = to_utf8(decode_transfer(raw, part.encoding), part.charset);
  if (part.html) text = html_to_text(text, 4096);
  return clean_text(snippet_of(text, kSnippetCharacters));
}

std::string make_snippet(std::string_view preview) {
  return clean_text(snippet_of(valid_utf8(preview), kSnippetCharacters));
}

}  // namespace alphamail
