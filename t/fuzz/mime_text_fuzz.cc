// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzz target (libFuzzer) over all of common/mime_text.h and the reader of messages. The first byte
// chooses what the rest goes through; what comes out must be text and obey its limits.
//   make fuzz-build && t/fuzz/mime_text_fuzz -max_total_time=60 CORPUS_FOLDER
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "common/characters.h"
#include "common/utf8.h"
#include "mod_alphamail/byte_range.h"
#include "mod_alphamail/delivery_report.h"
#include "mod_alphamail/header_fields.h"
#include "mod_alphamail/mime_reader.h"
#include "mod_alphamail/name_deceit.h"
#include "mod_alphamail/sender_trust.h"
#include "t/unit/mime_split.h"

namespace {

using namespace alphamail;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_text(std::string_view text, bool line_ends) {
  check(is_utf8(text));
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    check(!is_control(c.value) ||
          (line_ends && (c.value == '\n' || c.value == '\r' || c.value == '\t')));
    at += c.length;
  }
}

void fuzz_charset(std::string_view name, std::string_view bytes) {
  check_text(to_utf8(bytes, name), true);
}

void fuzz_header(std::string_view bytes) {
  check_text(decode_header(bytes), false);
  parse_date(bytes);
  for (const Address& a : parse_addresses(bytes)) {
    check_text(a.name, false);
    check_text(a.mailbox, false);
  }
}

/// Lines "name=value".
void fuzz_parameters(std::string_view bytes) {
  std::vector<std::pair<std::string, std::string>> raw;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    const std::string_view line = bytes.substr(0, end);
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
    const std::size_t equals = std::min(line.find('='), line.size());
    raw.emplace_back(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
  }
  for (const auto& [name, value] : decode_parameters(raw)) check_text(value, false);
}

/// Whole and in pieces must be the same.
void fuzz_transfer(std::string_view bytes, std::size_t piece) {
  for (const std::string_view encoding : {"base64", "quoted-printable"}) {
    TransferDecoder decoder(encoding);
    std::string out;
    for (std::size_t at = 0; at < bytes.size(); at += piece)
      decoder.decode(bytes.substr(at, piece), out);
    decoder.finish(out);
    check(out == decode_transfer(bytes, encoding));
    check(out.size() <= bytes.size());
  }
}

void fuzz_html(std::string_view bytes, std::size_t limit) {
  const std::string text = html_to_text(bytes, limit);
  check(text.size() <= limit);
  check_text(text, true);
  check_text(snippet_of(text, limit / 4), false);
  check_text(snippet_of(valid_utf8(bytes), 50), false);
}

void fuzz_file_name(std::string_view bytes) {
  const std::string name = clean_file_name(bytes);
  check_text(name, false);
  check(name.size() <= 255 && clean_file_name(name) == name);
  for (const char c : content_disposition(bytes)) check(c >= ' ' && c < 0x7F);
}

void fuzz_message(std::string_view bytes) {
  const MimeSplit split(bytes);
  const MessageViewBuffer view(split.parts, split.header);
  const MessageHeader header = read_header(split.header);
  check_text(header.subject, false);
  check_text(download_of_source(header).name, false);
  const MessageContent content = read_content(*view);
  for (const TextPart& part : content.texts) {
    TextReader reader(part, 2000);
    const auto body = split.bodies.find(part.section);
    if (body != split.bodies.end()) reader.add(body->second);
    for (const TextBlock& block : reader.finish().blocks) {
      check_text(block.text, true);
      check(block.text.find_first_of("\r\t") == std::string::npos);
    }
  }
  for (const Attachment& a : content.attachments)
    check(!a.name.empty() && clean_file_name(a.name) == a.name);
}

/// Whatever the pieces, text and file are the same, and files are as large as they say.
void fuzz_uuencode(std::string_view bytes, std::size_t piece) {
  std::string text, file, text_whole, file_whole;
  UuFilter filter(0), whole(0);
  for (std::size_t at = 0; at < bytes.size(); at += piece) filter.add(bytes.substr(at, piece), text, file);
  filter.finish(text, file);
  whole.add(bytes, text_whole, file_whole);
  whole.finish(text_whole, file_whole);
  check(text == text_whole && file == file_whole && filter.files().size() == whole.files().size());
  check(text.size() + file.size() <= bytes.size());
  if (!filter.files().empty()) check(filter.files()[0].size == file.size());
  for (const UuFile& one : filter.files()) check(!one.name.empty() && clean_file_name(one.name) == one.name);
}

void fuzz_trust(std::string_view bytes) {
  const std::vector<std::string> ours = {"mx.example.edu"};
  const SenderTrust trust = read_sender_trust(bytes, ours);
  check(trust.checked || (!trust.vouched() && !trust.doubted()));
  check(!trust.vouched() || !trust.domain.empty());
  for (const Address& address : parse_addresses(bytes.substr(0, 2000), 10)) {
    deceits_of(address, ours);
    const Address shown = shown_address(address);
    check_text(shown.name, false);
    check_text(shown.mailbox, false);
  }
}

void fuzz_reports(std::string_view bytes) {
  for (const DeliveryReport::Recipient& one : read_delivery_report(bytes).recipients) {
    check_text(one.address, false);
    check_text(one.status, false);
    check_text(one.reason, false);
  }
  for (const ReadableField& field : all_fields(bytes)) check_text(field.value, false);
  const ByteRange range = read_range(bytes, "", "", 1000);
  if (range.kind == ByteRange::Kind::kPart) check(range.first <= range.last && range.last < 1000);
  judge_file("image/png", "x.png", bytes);
}

/// Flowed text and its unformatted form.
void fuzz_flowed(std::string_view bytes, bool raw) {
  TextPart part;
  part.flowed = true;
  part.delete_space = !raw;
  TextReader reader(part, 3000, {raw ? "koi8-r" : "", raw});
  reader.add(bytes);
  const ShownText shown = reader.finish();
  check(shown.raw.size() <= 3001);
  check_text(shown.raw, true);
  for (const TextBlock& block : shown.blocks) {
    check_text(block.text, true);
    check(block.quote <= kQuoteDepth);
  }
}

constexpr std::string_view kCharsets[] = {"",       "utf-8",        "iso-2022-jp", "shift_jis",
                                          "euc-jp", "euc-kr",       "gb18030",     "big5",
                                          "koi8-r", "windows-1256", "iso-8859-15", "us-ascii",
                                          "utf-7",  "hz-gb-2312",   "iso-2022-kr", "utf-16"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t parameter = data[0] >> 3;  // also where the selector is larger than 7
  switch (data[0] % 16) {
    case 0:
      fuzz_charset(kCharsets[parameter % 16], bytes);
      break;
    case 1:
      fuzz_header(bytes);
      break;
    case 2:
      fuzz_parameters(bytes);
      break;
    case 3:
      fuzz_transfer(bytes, parameter + 1);
      break;
    case 4:
      fuzz_html(bytes, parameter * 20);
      break;
    case 5:
      fuzz_file_name(bytes);
      break;
    case 6:
      fuzz_message(bytes);
      break;
    case 8:
      fuzz_uuencode(bytes, parameter + 1);
      break;
    case 9:
      fuzz_trust(bytes);
      break;
    case 10:
      fuzz_reports(bytes);
      break;
    case 11:
    case 12:
      fuzz_flowed(bytes, data[0] % 2 == 0);
      break;
    default:
      fuzz_charset(bytes.substr(0, parameter), bytes.substr(std::min(parameter, bytes.size())));
      break;
  }
  return 0;
}
