// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/letter.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/characters.h"
#include "common/utf8.h"
#include "mod_alphamail/message_text.h"

namespace alphamail {
namespace {

/// Text parts of a page, and bytes of text; what is beyond is offered as a download.
constexpr std::size_t kMaxTexts = 20;
constexpr std::size_t kMaxTextBytes = 1 << 20;
constexpr std::size_t kMaxReports = 10;
constexpr std::size_t kBeginning = 1024;
constexpr std::size_t kMessageBeginning = 8 << 10;
constexpr std::size_t kInnerHeader = 256 << 10;  // as the daemon keeps of the message's own

Missing missing_by(const Error& error) {
  if (error.code == Code::kTimeout) return Missing::kTime;
  return error.code == Code::kChanged || error.code == Code::kNotFound ? Missing::kGone : Missing::kUnreachable;
}

/// A header whose raw 8-bit text is of a charset that the reader has chosen.
std::string header_in(std::string_view block, const std::string& charset) {
  return charset.empty() || charset.starts_with("utf-16") || is_ascii(block) || is_utf8(block)
             ? std::string(block)
             : to_utf8_as(block, charset);
}

}  // namespace

Result<std::vector<Letter>> LetterReader::read(std::string_view inner) {
  if (how_.judged) read_beginnings();
  MessageContent content = read_content(source_.view, beginnings_);
  if (inner.empty()) {
    const auto& block = *source_.view.header();
    open("", {reinterpret_cast<const char*>(block.data()), block.size()}, std::move(content), 0);
  } else {
    const InnerMessage* found = find_inner(content, inner);
    if (found == nullptr) return Error{Code::kNotFound, "no such message inside"};
    open_inner(*found, 0);
  }
  return std::move(letters_);
}

void LetterReader::open(std::string section, std::string_view block, MessageContent content, std::size_t depth) {
  const std::size_t mine = letters_.size();
  Letter& letter = letters_.emplace_back();
  letter.section = std::move(section);
  letter.depth = depth;
  const std::string readable = header_in(block, how_.text.charset);
  letter.header = read_header(readable);
  if (how_.all_fields) letter.fields = all_fields(readable);
  letter.content = std::move(content);
  read_texts(letter);
  read_reports(letter);
  const std::vector<InnerMessage> inside = std::move(letter.content.messages);
  for (const InnerMessage& one : inside) {
    if (depth >= kDepth || letters_.size() >= kLetters) break;
    open_inner(one, depth + 1);
  }
  letters_[mine].content.messages.clear();
}

void LetterReader::open_inner(const InnerMessage& inner, std::size_t depth) {
  open(inner.section, inner_header(inner.section), inner.content, depth);
}

std::string LetterReader::inner_header(std::string_view section) {
  bool whole = false;
  std::string bytes;
  // Most headers are short; only for others is more asked for.
  for (const std::size_t limit : {kMessageBeginning, kInnerHeader}) {
    Result<std::string> got = read_decoded(section, limit);
    if (!got) break;
    bytes = std::move(*got);
    const std::string_view block = header_block(bytes, whole);
    if (whole || bytes.size() < limit) return std::string(block);
  }
  return std::string(header_block(bytes, whole));
}

void LetterReader::read_texts(Letter& letter) {
  for (const TextPart& part : letter.content.texts) {
    if (texts_ == kMaxTexts || text_bytes_ >= kMaxTextBytes) {
      letter.texts.push_back({part, {{}, true, {}, {}}, {}});
      break;
    }
    if (const auto versions = html_versions(source_.view, part); !versions.empty()) {
      letter.html = true;
      if (how_.html) {
        const Result<bool> cut = how_.html(versions, !letter.section.empty());
        if (!cut) {
          letter.missing = missing_by(cut.error());
          break;
        }
        ++texts_;
        ReadText& text = letter.texts.emplace_back(ReadText{part, {}, {}});
        text.shown.cut = *cut;
        for (const TextPart& version : versions) text.frames.push_back(version.section);
        continue;
      }
    }
    Result<ShownText> text = read_text_part(source_.webcache, source_.caller, source_.folder, source_.view, part,
                                            kMaxTextBytes - text_bytes_, how_.text);
    if (!text) {
      // The head is worth showing without its text.
      letter.missing = missing_by(text.error());
      break;
    }
    ++texts_;
    text_bytes_ += text->raw.size();
    for (const TextBlock& shown : text->blocks) text_bytes_ += shown.text.size();
    for (std::size_t i = 0; i < text->files.size(); ++i) {
      const UuFile& file = text->files[i];
      Attachment attachment;
      attachment.section = part.section;
      attachment.uu = i + 1;
      attachment.name = file.name;
      attachment.judged = judge_file("", file.name, file.beginning);
      attachment.type = attachment.judged.type.empty() ? "application/octet-stream" : attachment.judged.type;
      attachment.icon = icon_for(attachment.type, attachment.name);
      attachment.size = file.size;
      letter.content.attachments.push_back(std::move(attachment));
    }
    letter.texts.push_back({part, std::move(*text), {}});
  }
}

void LetterReader::read_reports(Letter& letter) {
  for (const std::string& section : letter.content.reports) {
    if (letter.reports.size() >= kMaxReports) break;
    const Result<std::string> bytes = read_decoded(section, DeliveryReport::kReadBytes);
    if (bytes) letter.reports.push_back(read_delivery_report(*bytes));
  }
}

/// One that cannot be had leaves the others: then they are judged by label and name.
void LetterReader::read_beginnings() {
  for (const std::string& section : worth_beginning(source_.view)) {
    const wire::Part* part = find_part(source_.view, section);
    const bool message = part != nullptr && part->type()->string_view() == "message";
    Result<std::string> bytes = read_raw(section, message ? kMessageBeginning : kBeginning);
    if (!bytes) return;
    beginnings_.emplace(section, std::move(*bytes));
  }
}

Result<std::string> LetterReader::read_raw(std::string_view section, std::size_t limit) {
  auto reply = source_.webcache.part(source_.caller, source_.folder, source_.view.uid(),
                                     source_.view.uid_validity(), section, limit);
  if (!reply) return reply.error();
  std::string raw;
  std::array<std::byte, 16384> piece;
  while (true) {
    const Result<std::size_t> got = reply->call().read(piece, source_.webcache.deadline());
    if (!got) return got.error();
    if (*got == 0) return raw;
    raw.append(reinterpret_cast<const char*>(piece.data()), *got);
  }
}

Result<std::string> LetterReader::read_decoded(std::string_view section, std::size_t limit) {
  const auto known = beginnings_.find(section);
  const wire::Part* part = find_part(source_.view, section);
  const std::uint64_t wanted = part != nullptr ? std::min<std::uint64_t>(part->size(), limit) : limit;
  if (known != beginnings_.end() && known->second.size() >= wanted)
    return decode_transfer(known->second, encoding_of(section));
  Result<std::string> raw = read_raw(section, limit);
  if (!raw) return raw.error();
  return decode_transfer(*raw, encoding_of(section));
}

std::string LetterReader::encoding_of(std::string_view section) const {
  const wire::Part* part = find_part(source_.view, section);
  return part != nullptr && part->encoding() != nullptr ? lower(part->encoding()->string_view()) : std::string();
}

}  // namespace alphamail
