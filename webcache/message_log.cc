// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/message_log.h"

#include <cstring>
#include <span>
#include <utility>

#include "webcache/heap_bytes.h"
#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr char kMessages = 'm';
constexpr std::uint64_t kVersion = 1;
// A header of 256 KB with 2000 parts of a mail made to be a burden; such is read from the server.
constexpr std::size_t kMostMessage = 1 << 20;

std::string half_name(std::size_t n) {
  return n == 0 ? "messages 0" : "messages 1";
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

std::string written(const ImapConnection::Opened& opened) {
  FieldsOut out;
  out(kVersion);
  each_fact(opened, out);
  out(opened.texts.size());
  for (const auto& [section, bytes] : opened.texts) {
    out(section);
    out(bytes);
  }
  return std::move(out.bytes);
}

std::optional<ImapConnection::Opened> opened_of(std::string_view bytes) {
  ImapConnection::Opened opened;
  FieldsIn in(bytes);
  std::uint64_t version = 0, texts = 0;
  in(version);
  if (version != kVersion) return std::nullopt;
  each_fact(opened, in);
  in(texts);
  for (; in.good() && texts > 0; --texts) {
    auto& [section, text] = opened.texts.emplace_back();
    in(section);
    in(text);
  }
  if (!in.at_end()) return std::nullopt;
  return opened;
}

}  // namespace

// Says nothing to whoever sees it on disk, and is the same after a restart.
std::uint64_t MessageLog::label_of(const std::string& folder, std::uint32_t uid_validity,
                                   Uid uid) const {
  const Key derived = derive_key(files_->key().bytes(),
                                 "alphamail message label v1 " + folder + '\n' +
                                     std::to_string(uid_validity) + '\n' +
                                     std::to_string(static_cast<std::uint32_t>(uid)));
  std::uint64_t label = 0;
  std::memcpy(&label, derived.data(), sizeof label);
  return label;
}

void MessageLog::drop_half(std::size_t n) {
  halves_[n] = {};
  files_->remove(kMessages, half_name(n));
}

void MessageLog::open_half(std::size_t n) {
  Half& half = halves_[n] = {};
  auto file = files_->open(kMessages, half_name(n), true);
  if (!file) return;
  const auto records = file->list_log();
  if (!records) return drop_half(n);
  half.file.emplace(std::move(*file));
  for (const SealedFile::LogRecord& record : *records) half.records[record.label] = record;
}

void MessageLog::open() {
  // Deleted meanwhile, by an admin or for the cache's limit: what is known of it is of no use.
  for (Half& half : halves_) {
    if (half.file && !half.file->linked()) half = {};
  }
  if (std::exchange(open_, true)) return;
  for (std::size_t n = 0; n < halves_.size(); ++n) open_half(n);
  // The other one is full, so the smaller one is the one that was being written.
  const auto bytes = [&](const Half& half) { return half.file ? half.file->log_bytes() : 0; };
  writing_ = bytes(halves_[0]) <= bytes(halves_[1]) ? 0 : 1;
  if (!halves_[writing_].file && halves_[1 - writing_].file) writing_ = 1 - writing_;
  count_bytes();
}

bool MessageLog::begin_half(std::size_t n) {
  halves_[n] = {};
  auto writer = files_->begin(kMessages, half_name(n));
  if (!writer || !writer->commit(SealedWriter::Last::kSometime)) return false;
  open_half(n);
  return halves_[n].file.has_value();
}

// Not worth waiting for the disk: a record that is torn does not open, and is fetched again.
void MessageLog::keep(const std::string& folder, const OpenedMessage& message) {
  if (message.uid_validity == 0 || message.bytes > kMostMessage) return;
  const std::string bytes = written(message.opened);
  const std::uint64_t label = label_of(folder, message.uid_validity, message.opened.row.uid);
  const std::lock_guard lock(mutex_);
  open();
  const Half& now = halves_[writing_];
  if (now.file && now.file->log_bytes() + bytes.size() > most_bytes_) {
    writing_ = 1 - writing_;
    drop_half(writing_);
  }
  if (!halves_[writing_].file && !begin_half(writing_)) return;
  Half& half = halves_[writing_];
  if (half.records.contains(label)) return;
  const auto put = half.file->append(as_bytes(bytes), label);
  if (!put) return;
  half.records[label] = *put;
  count_bytes();
  files_->note_written(bytes.size());
}

std::optional<OpenedMessage> MessageLog::read(const std::string& folder,
                                              std::uint32_t uid_validity, Uid uid) {
  if (uid_validity == 0) return std::nullopt;
  const std::uint64_t label = label_of(folder, uid_validity, uid);
  std::vector<std::byte> bytes;
  const std::lock_guard lock(mutex_);
  open();
  for (const std::size_t n : {writing_, 1 - writing_}) {
    Half& half = halves_[n];
    const auto found = half.records.find(label);
    if (found == half.records.end()) continue;
    const auto got = half.file->read_record(found->second, bytes);
    auto opened = got ? opened_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()})
                      : std::nullopt;
    if (!opened) {
      // Damaged: nothing else of this file is believed either.
      drop_half(n);
      continue;
    }
    OpenedMessage message;
    message.uid_validity = uid_validity;
    message.opened = std::move(*opened);
    message.opened.row.uid = uid;
    return message;
  }
  return std::nullopt;
}

void MessageLog::rest() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !open_) return;
  open_ = false;
  for (Half& half : halves_) half = {};
  count_bytes();
}

void MessageLog::count_bytes() {
  std::size_t sum = shared_block<MessageLog>();
  for (const Half& half : halves_) {
    sum += half.records.size() *
           hash_node<std::pair<const std::uint64_t, SealedFile::LogRecord>>();
    if (half.file) sum += half.file->heap();
  }
  bytes_ = sum;
}

}  // namespace alphamail
