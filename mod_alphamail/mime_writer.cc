// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/mime_writer.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <optional>

#include "common/characters.h"
#include "common/seal.h"
#include "mod_alphamail/content_encoder.h"
#include "mod_alphamail/flowed_text.h"
#include "mod_alphamail/header_writer.h"

namespace alphamail {
namespace {

std::string random_word() {
  std::array<std::byte, 16> bytes;
  random_bytes(bytes);
  std::string word;
  for (const std::byte b : bytes) {
    constexpr char kHex[] = "0123456789abcdef";
    word += kHex[std::to_integer<unsigned>(b) >> 4];
    word += kHex[std::to_integer<unsigned>(b) & 15];
  }
  return word;
}

std::vector<std::string> in_brackets(const std::vector<std::string>& ids) {
  std::vector<std::string> out;
  for (const std::string& id : ids) out.push_back("<" + id + ">");
  return out;
}

/// A declared type that one part may have, lower case; a composite type is none (RFC 2045 section 6.4).
std::string checked_type(std::string_view declared) {
  const std::string type = lower(declared.substr(0, declared.find(';')));
  const std::size_t slash = type.find('/');
  const bool good = slash != std::string::npos && slash > 0 && slash + 1 < type.size() && type.size() <= 127 &&
                    std::all_of(type.begin(), type.end(), [](char c) {
                      return is_letter(c) || is_digit(c) || std::string_view("/+-._").find(c) != std::string_view::npos;
                    }) &&
                    std::count(type.begin(), type.end(), '/') == 1;
  const bool composite = type.starts_with("multipart/") || type.starts_with("message/");
  return good && !composite ? type : "application/octet-stream";
}

Result<void> put(const PieceSink& sink, HeaderWriter&& header, std::string_view behind) {
  auto fields = std::move(header).finish();
  if (!fields) return fields.error();
  fields->append(behind);
  return sink(*fields);
}

Result<void> write_text(HeaderWriter&& header, std::string_view typed, const PieceSink& sink) {
  const std::string lines = flowed_lines(typed);
  const Encoding encoding = encoding_for_text(lines);
  header.plain("Content-Type", is_ascii(lines) ? "text/plain; charset=us-ascii; format=flowed"
                                               : "text/plain; charset=utf-8; format=flowed");
  header.plain("Content-Transfer-Encoding", name_of(encoding));
  if (const auto done = put(sink, std::move(header), "\r\n"); !done) return done;
  ContentEncoder encoder(encoding, sink);
  if (const auto done = encoder.add(lines); !done) return done;
  return encoder.finish();
}

/// RFC 2046 section 5.2.1 lets message/rfc822 be encoded in no way: one that is not 7-bit goes as a file.
Result<bool> is_seven_bit(const PieceSource& read) {
  SevenBitCheck check;
  const auto done = read([&](std::string_view piece) -> Result<void> {
    check.add(piece);
    return {};
  });
  if (!done) return done.error();
  return check.good();
}

Result<void> write_part(const OutgoingPart& part, const PieceSink& sink) {
  bool whole = part.message;
  if (whole) {
    const auto seven = is_seven_bit(part.read);
    if (!seven) return seven.error();
    whole = *seven;
  }
  HeaderWriter header;
  header.plain("Content-Type", whole ? "message/rfc822" : checked_type(part.type));
  header.plain("Content-Transfer-Encoding", name_of(whole ? Encoding::kSevenBit : Encoding::kBase64));
  header.with_parameter("Content-Disposition", "attachment", "filename", part.name);
  if (const auto done = put(sink, std::move(header), "\r\n"); !done) return done;
  ContentEncoder encoder(whole ? Encoding::kSevenBit : Encoding::kBase64, sink);
  const auto read = part.read([&](std::string_view piece) { return encoder.add(piece); });
  if (!read) return read;
  return encoder.finish();
}

void put_head(HeaderWriter& header, const OutgoingMessage& message) {
  header.plain("Date", mail_date(message.date, message.offset));
  header.addresses("From", {message.from});
  header.addresses("Reply-To", message.reply_to);
  header.addresses("To", message.to);
  header.addresses("Cc", message.cc);
  if (message.keep_bcc) header.addresses("Bcc", message.bcc);
  header.unstructured("Subject", message.subject);
  header.plain("Message-ID", "<" + message.message_id + ">");
  header.tokens("In-Reply-To", in_brackets(message.in_reply_to));
  header.tokens("References", in_brackets(message.references));
  for (const auto& [name, value] : message.notes) header.plain(name, value);
  header.plain("User-Agent", "AlphaMail");
  header.plain("MIME-Version", "1.0");
}

}  // namespace

std::string new_message_id(std::string_view host) { return random_word() + "@" + std::string(host); }

std::string mail_date(std::int64_t seconds, std::int32_t offset) {
  using namespace std::chrono;
  const sys_seconds local{std::chrono::seconds{seconds + offset}};
  const auto day = floor<days>(local);
  const year_month_day date(day);
  const hh_mm_ss time(local - day);
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const int minutes = (offset < 0 ? -offset : offset) / 60;
  char text[64];
  std::snprintf(text, sizeof text, "%s, %u %s %d %02d:%02d:%02d %c%02d%02d",
                kDays[weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()), offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
  return text;
}

Result<void> write_message(const OutgoingMessage& message, const PieceSink& sink) {
  HeaderWriter header;
  put_head(header, message);
  if (message.parts.empty()) return write_text(std::move(header), message.text, sink);
  // "=_" stands in no base64 and no quoted-printable; 128 random bits in nothing else.
  const std::string boundary = "=_" + random_word();
  header.plain("Content-Type", "multipart/mixed; boundary=\"" + boundary + "\"");
  if (const auto done = put(sink, std::move(header), "\r\n"); !done) return done;
  if (const auto done = sink("--" + boundary + "\r\n"); !done) return done;
  if (const auto done = write_text(HeaderWriter(), message.text, sink); !done) return done;
  for (const OutgoingPart& part : message.parts) {
    if (const auto done = sink("\r\n--" + boundary + "\r\n"); !done) return done;
    if (const auto done = write_part(part, sink); !done) return done;
  }
  return sink("\r\n--" + boundary + "--\r\n");
}

std::uint64_t size_on_the_wire(std::uint64_t text_bytes, const std::vector<std::uint64_t>& parts) {
  constexpr std::uint64_t kHead = 1000;  // a header, and that of a part with its boundary
  std::uint64_t size = kHead + text_bytes + text_bytes / 16;
  for (const std::uint64_t bytes : parts) size += 400 + (bytes + 56) / 57 * 78;
  return size;
}

bool needs_smtputf8(const OutgoingMessage& message) {
  const auto odd = [](const Address& a) { return !is_ascii(a.mailbox); };
  const auto any = [&](const std::vector<Address>& list) { return std::any_of(list.begin(), list.end(), odd); };
  return odd(message.from) || any(message.reply_to) || any(message.to) || any(message.cc) || any(message.bcc);
}

}  // namespace alphamail
