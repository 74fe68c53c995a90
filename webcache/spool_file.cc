// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/spool_file.h"

#include <algorithm>
#include <utility>

#include "common/seal.h"
#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr std::size_t kFullRecord = kSpoolRecord + 1;

// The disk begins with what there is while the rest is still coming, so that little is left to wait for at the end.
constexpr std::uint64_t kWriteback = std::uint64_t{1} << 20;

Error damaged() {
  return {Code::kInvalid, "a file of the spool does not open", 0};
}

std::string_view text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

SpoolBlock::SpoolBlock() {
  text_.push_back(std::byte{'D'});
}

std::size_t SpoolBlock::add(std::span<const std::byte> bytes) {
  const std::size_t some = std::min(bytes.size(), kFullRecord - text_.size());
  if (text_.size() + some > text_.capacity()) text_.reserve(text_.size() + some > 4096 ? kFullRecord : 4096);
  text_.insert(text_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(some));
  return some;
}

void SpoolBlock::clear() {
  text_.resize(1);
}

Result<SpoolFile> SpoolFile::create(FileSystem& system, const Secret& key, const std::string& path,
                                    std::string_view name, Head head) {
  auto writer = SealedWriter::begin(system, key, path, name);
  if (!writer) return writer.error();
  if (const auto made = writer->commit(SealedWriter::Last::kSometime); !made) return made.error();
  auto sealed = SealedFile::open(system, key, path, name, true);
  if (!sealed) return sealed.error();
  SpoolFile file(std::move(*sealed));
  file.file_.end_log_at(file.file_.log_begin());
  FieldsOut out;
  out(static_cast<std::uint64_t>(head.kind));
  out(head.version);
  out(static_cast<std::uint64_t>(head.saved));
  out(head.note);
  out(head.replaces);
  if (const auto put = file.put('H', as_bytes(out.bytes)); !put) return put.error();
  file.head_ = std::move(head);
  file.content_ = file.file_.log_place();
  return file;
}

Result<SpoolFile> SpoolFile::open(FileSystem& system, const Secret& key, const std::string& path,
                                  std::string_view name, bool writable, bool check) {
  auto sealed = SealedFile::open(system, key, path, name, writable);
  if (!sealed) return sealed.error();
  SpoolFile file(std::move(*sealed));
  if (const auto looked = file.look_through(check); !looked) return looked.error();
  return file;
}

Result<void> SpoolFile::look_through(bool check) {
  SealedFile::LogPlace place = file_.log_begin();
  std::vector<std::byte> text;
  const auto first = file_.read_next(place, text);
  if (!first) return first.error();
  if (!*first || text.empty() || text.front() != std::byte{'H'}) return damaged();
  FieldsIn head(text_of(text).substr(1));
  std::uint8_t kind = 0;
  head(kind);
  head(head_.version);
  head(head_.saved);
  head(head_.note);
  head(head_.replaces);
  if (!head.at_end() || kind > static_cast<std::uint8_t>(wire::SpoolKind::MAX)) return damaged();
  head_.kind = static_cast<wire::SpoolKind>(kind);
  content_ = place;
  for (;;) {
    const auto length = file_.length_at(place);
    if (!length) return length.error();
    if (!*length) break;
    if (**length == kFullRecord && !check) {
      size_ += kSpoolRecord;
      SealedFile::skip(place, **length);
      continue;
    }
    SealedFile::LogPlace next = place;
    const auto got = file_.read_next(next, text);
    if (!got) return got.error();
    if (!*got || text.empty()) break;
    const std::string_view rest = text_of(text).substr(1);
    const char type = static_cast<char>(text.front());
    if (type == 'D' && finished_) return damaged();
    // A short piece is the last one: what ended before its end came is taken up where it was whole.
    if (type == 'D' && rest.size() < kSpoolRecord) {
      const auto after = file_.length_at(next);
      if (!after) return after.error();
      if (!*after) break;
    }
    if (type == 'D') size_ += rest.size();
    if (type == 'E') {
      FieldsIn end(rest);
      std::uint64_t size = 0;
      end(size);
      if (!end.at_end() || size != size_) return damaged();
      finished_ = true;
    }
    if (type == 'J') journal_.emplace_back(rest);
    place = next;
  }
  file_.end_log_at(place);
  return {};
}

Result<void> SpoolFile::put(char kind, std::span<const std::byte> text) {
  std::vector<std::byte> record;
  record.reserve(text.size() + 1);
  record.push_back(static_cast<std::byte>(kind));
  record.insert(record.end(), text.begin(), text.end());
  if (const auto put = file_.append(record); !put) return put.error();
  return {};
}

Result<void> SpoolFile::append(const SpoolBlock& full) {
  if (!full.full() || finished_) return Error{Code::kInvalid, "not a block of a file that is being written", 0};
  if (const auto put_there = file_.append(full.record(), 0, sealed_); !put_there) return put_there.error();
  size_ += kSpoolRecord;
  if (size_ - begun_ < kWriteback) return {};
  file_.begin_sync();
  begun_ = size_;
  return {};
}

Result<void> SpoolFile::finish(const SpoolBlock& rest, SealedWriter::Last last) {
  if (finished_) return {};
  const SealedFile::LogPlace before = file_.log_place();
  FieldsOut out;
  out(size_ + rest.size());
  Result<void> done;
  if (!rest.empty()) {
    if (const auto put_there = file_.append(rest.record()); !put_there) done = put_there.error();
  }
  if (done) done = put('E', as_bytes(out.bytes));
  if (done && last == SealedWriter::Last::kNow) done = file_.sync();
  if (!done) {
    file_.end_log_at(before);
    return done;
  }
  size_ += rest.size();
  finished_ = true;
  sealed_ = {};
  return {};
}

Result<void> SpoolFile::note(std::string_view text) {
  if (text.size() + 1 == kFullRecord) return Error{Code::kTooLarge, "a note of the journal", 0};
  const SealedFile::LogPlace before = file_.log_place();
  Result<void> done = put('J', as_bytes(text));
  if (done) done = file_.sync();
  if (!done) {
    file_.end_log_at(before);
    return done;
  }
  journal_.emplace_back(text);
  return {};
}

SpoolFile::Reader::Reader(SpoolFile& file) : file_(file), place_(file.content_) {}

Result<void> SpoolFile::Reader::seek(std::uint64_t offset) {
  if (offset > file_.size_) return Error{Code::kInvalid, "past the end of the file", 0};
  place_ = file_.content_;
  at_ = offset / kSpoolRecord * kSpoolRecord;
  skip_ = static_cast<std::size_t>(offset - at_);
  for (std::uint64_t passed = 0; passed < at_; passed += kSpoolRecord)
    SealedFile::skip(place_, kFullRecord);
  return {};
}

Result<std::string_view> SpoolFile::Reader::next() {
  if (at_ >= file_.size_) return std::string_view();
  const auto got = file_.file_.read_next(place_, text_);
  if (!got) return got.error();
  if (!*got || text_.size() < 2 || text_.front() != std::byte{'D'}) return damaged();
  at_ += text_.size() - 1;
  return text_of(text_).substr(1 + std::exchange(skip_, 0));
}

}  // namespace alphamail
