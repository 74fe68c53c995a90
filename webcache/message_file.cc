// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/message_file.h"

#include <algorithm>
#include <span>
#include <utility>

#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr char kMessage = 'm';
constexpr std::uint64_t kVersion = 1;
// A header of 256 KB with 2000 parts of a mail made to be a burden; such is read from the server.
constexpr std::uint64_t kMostBytes = 1 << 20;

std::string spelled(const std::string& folder, std::uint32_t uid_validity, Uid uid) {
  return folder + '\n' + std::to_string(uid_validity) + '\n' +
         std::to_string(static_cast<std::uint32_t>(uid));
}

// One list for writing and for reading.
template <typename Opened, typename Io>
void each_fact(Opened& opened, Io& io) {
  io(opened.row.internal_date);
  io(opened.row.size);
  io(opened.header_cut);
  io(opened.header);
  io(opened.row.parts);
}

}  // namespace

void keep_message(const AccountFiles& files, const std::string& folder,
                  const OpenedMessage& message) {
  const ImapConnection::Opened& opened = message.opened;
  if (message.uid_validity == 0 || message.bytes > kMostBytes) return;
  FieldsOut out;
  out(kVersion);
  each_fact(opened, out);
  out(opened.texts.size());
  for (const auto& [section, bytes] : opened.texts) {
    out(section);
    out(bytes);
  }
  auto writer = files.begin(kMessage, spelled(folder, message.uid_validity, opened.row.uid));
  if (!writer || !writer->write(as_bytes(out.bytes))) return;
  const std::uint64_t written = writer->written();
  // Not worth waiting for the disk: one that is torn does not open and is fetched again.
  if (writer->commit(SealedWriter::Last::kSometime)) files.note_written(written);
}

std::optional<OpenedMessage> read_message(const AccountFiles& files, const std::string& folder,
                                          std::uint32_t uid_validity, Uid uid) {
  if (uid_validity == 0) return std::nullopt;
  const std::string name = spelled(folder, uid_validity, uid);
  auto file = files.open(kMessage, name, false);
  if (!file) return std::nullopt;
  OpenedMessage message;
  message.uid_validity = uid_validity;
  std::string bytes(static_cast<std::size_t>(std::min(file->size(), 2 * kMostBytes)), '\0');
  FieldsIn in(bytes);
  std::uint64_t version = 0, texts = 0;
  if (file->read(0, std::as_writable_bytes(std::span(bytes)))) {
    in(version);
    if (version == kVersion) each_fact(message.opened, in);
    in(texts);
    for (; in.good() && texts > 0; --texts) {
      auto& [section, text] = message.opened.texts.emplace_back();
      in(section);
      in(text);
    }
  }
  if (version != kVersion || !in.at_end()) {
    files.remove(kMessage, name);
    return std::nullopt;
  }
  message.opened.row.uid = uid;
  return message;
}

}  // namespace alphamail
