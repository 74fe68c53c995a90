// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/spool_writing.h"

#include <utility>

#include "webcache/clock.h"

namespace alphamail {

SpoolWriting::SpoolWriting(SpoolId id, SpoolFile file, std::string path, std::uint64_t limit)
    : id_(id),
      head_(file.head()),
      path_(std::move(path)),
      limit_(limit),
      used_(steady_seconds()),
      file_(std::move(file)),
      size_(file_.size()),
      closed_(file_.finished()),
      file_finished_(closed_) {}

void SpoolWriting::use() {
  used_ = steady_seconds();
}

SpooledFile SpoolWriting::told_locked() const {
  return {id_, head_, size_, file_finished_};
}

SpooledFile SpoolWriting::told() const {
  const std::lock_guard lock(memory_);
  return told_locked();
}

bool SpoolWriting::fits(std::size_t bytes) const {
  return full_.size() * kSpoolRecord + filling_.size() + bytes <= kMostBlocks * kSpoolRecord;
}

void SpoolWriting::add(std::span<const std::byte> bytes) {
  size_ += bytes.size();
  while (!bytes.empty()) {
    bytes = bytes.subspan(filling_.add(bytes));
    if (!filling_.full()) continue;
    full_.push_back(std::move(filling_));
    filling_ = SpoolBlock();
    if (spare_.empty()) continue;
    filling_ = std::move(spare_.back());
    spare_.pop_back();
  }
}

void SpoolWriting::add_early() {
  while (!early_.empty() && early_.begin()->first <= size_) {
    const auto& [offset, bytes] = *early_.begin();
    const std::uint64_t known = size_ - offset;
    if (known < bytes.size()) add(std::span(bytes).subspan(static_cast<std::size_t>(known)));
    early_.erase(early_.begin());
  }
}

std::optional<SpoolWriting::Taken> SpoolWriting::take(std::uint64_t offset, std::span<const std::byte> bytes) {
  const std::lock_guard lock(memory_);
  if (closed_ || offset > limit_ || bytes.size() > limit_ - offset) return std::nullopt;
  if (offset > size_) {
    if (early_.size() < kMostEarly) early_.insert_or_assign(offset, std::vector(bytes.begin(), bytes.end()));
    return Taken{told_locked(), false};
  }
  const std::uint64_t known = size_ - offset;
  if (known < bytes.size()) {
    const auto rest = bytes.subspan(static_cast<std::size_t>(known));
    if (!fits(rest.size())) return std::nullopt;
    add(rest);
    add_early();
  }
  const bool write = !full_.empty() && !asked_;
  asked_ = asked_ || write;
  return Taken{told_locked(), write};
}

Result<SpooledFile> SpoolWriting::append(std::uint64_t offset, std::span<const std::byte> bytes, const Check& check) {
  const std::lock_guard disk(disk_);
  bool room = false;
  {
    const std::lock_guard lock(memory_);
    if (closed_ || offset > size_ || size_ - offset >= bytes.size()) return told_locked();
    if (offset + bytes.size() > limit_) return Error{Code::kTooLarge, "", 0};
    room = fits(bytes.size());
  }
  if (!room) {
    if (const auto written = write_blocks(check); !written) return written.error();
  }
  bool full = false;
  {
    const std::lock_guard lock(memory_);
    asked_ = false;  // a job that was not to be had is asked for again
    const std::uint64_t known = size_ - offset;
    if (known < bytes.size()) add(bytes.subspan(static_cast<std::size_t>(known)));
    add_early();
    full = !full_.empty();
  }
  if (full) {
    if (const auto written = write_blocks(check); !written) return written.error();
  }
  return told();
}

// Nobody but this takes blocks away, and it alone has the file: the first one stays where it is meanwhile.
Result<void> SpoolWriting::write_blocks(const Check& check) {
  for (;;) {
    const SpoolBlock* block = nullptr;
    {
      const std::lock_guard lock(memory_);
      if (full_.empty()) return {};
      block = &full_.front();
    }
    if (const auto good = check(file_.size(), block->size()); !good) return good;
    if (const auto put = file_.append(*block); !put) return put;
    const std::lock_guard lock(memory_);
    if (spare_.size() < kMostSpare) {
      full_.front().clear();
      spare_.push_back(std::move(full_.front()));
    }
    full_.pop_front();
  }
}

Result<bool> SpoolWriting::write_out(const Check& check) {
  const std::lock_guard disk(disk_);
  const auto written = write_blocks(check);
  const std::lock_guard lock(memory_);
  asked_ = written && !full_.empty();
  if (!written) return written.error();
  return asked_;
}

Result<void> SpoolWriting::finish(const Check& check, SealedWriter::Last last) {
  const std::lock_guard disk(disk_);
  if (const auto written = write_blocks(check); !written) return written;
  {
    const std::lock_guard lock(memory_);
    if (!full_.empty()) return Error{Code::kInvalid, "bytes come while the file ends", 0};
    closed_ = true;  // from here on the rest is this thread's
  }
  const auto done = file_.finish(filling_, last);
  const std::lock_guard lock(memory_);
  closed_ = file_finished_ = done.has_value();
  if (!done) return done;
  filling_ = SpoolBlock();
  spare_ = {};
  early_.clear();
  return {};
}

}  // namespace alphamail
