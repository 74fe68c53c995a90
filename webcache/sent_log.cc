// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/sent_log.h"

#include <unistd.h>

#include <string_view>
#include <utility>

#include "common/seal.h"
#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr std::string_view kName = "sent";

// Records that are older than an hour are written anew without once there are as many as this beside the others.
constexpr std::uint64_t kMostOld = 500;

// Another node has the file for as long as it takes to read and to write a record.
constexpr int kTries = 50;
constexpr useconds_t kBetweenTries = 2000;

std::string record_of(const SendLimits::Sent& one) {
  FieldsOut out;
  out(static_cast<std::uint64_t>(one.when));
  out(std::uint64_t{one.recipients});
  return out.bytes;
}

}  // namespace

SentLog::SentLog(std::string path, std::shared_ptr<AccountFiles> files, FileSystem& system)
    : path_(std::move(path)), files_(std::move(files)), system_(system) {}

std::optional<SealedFile> SentLog::begin_anew() const {
  auto writer = SealedWriter::begin(system_, files_->key(), path_, kName);
  if (!writer || !writer->commit(SealedWriter::Last::kSometime)) return std::nullopt;
  auto made = SealedFile::open(system_, files_->key(), path_, kName, true);
  return made ? std::optional(std::move(*made)) : std::nullopt;
}

std::optional<SealedFile> SentLog::open() const {
  auto file = SealedFile::open(system_, files_->key(), path_, kName, true);
  if (file) return std::move(*file);
  // kInvalid: of a key that nobody has any more.
  const Code why = file.error().code;
  return why == Code::kNotFound || why == Code::kInvalid ? begin_anew() : std::nullopt;
}

std::optional<SealedFile> SentLog::open_locked() const {
  for (int left = kTries; left > 0; --left) {
    auto file = open();
    if (!file || file->try_lock()) return file;
    ::usleep(kBetweenTries);
  }
  return std::nullopt;
}

void SentLog::read(SealedFile& file, std::int64_t now) {
  if (file.continue_log(read_to_)) return;
  sent_.clear();
  (void)file.read_log([&](std::span<const std::byte> record) {
    FieldsIn in({reinterpret_cast<const char*>(record.data()), record.size()});
    std::uint64_t when = 0, recipients = 0;
    in(when);
    in(recipients);
    if (!in.at_end()) return false;
    const auto one = static_cast<std::int64_t>(when);
    // One that is still to come was written by a clock that has been set back since.
    if (one <= now && now - one < SendLimits::kHour) sent_.push_back({one, static_cast<std::uint32_t>(recipients)});
    return true;
  });
}

void SentLog::forget(std::int64_t now) {
  while (!sent_.empty() && (now < sent_.front().when || now - sent_.front().when >= SendLimits::kHour)) sent_.pop_front();
}

Result<void> SentLog::claim(const SendLimits& limits, std::uint32_t recipients, std::int64_t now) {
  auto file = open_locked();
  if (file) read(*file, now);
  forget(now);
  if (const auto allowed = limits.allow(sent_, recipients, now); !allowed) {
    if (file) read_to_ = file->log_place();
    return allowed;
  }
  if (file && file->log_place().records > sent_.size() + kMostOld) {
    auto fresh = begin_anew();
    if (fresh && fresh->try_lock()) {
      fresh->end_log_at(fresh->log_begin());
      for (const SendLimits::Sent& one : sent_) (void)fresh->append(as_bytes(record_of(one)));
      file = std::move(fresh);
    }
  }
  sent_.push_back({now, recipients});
  if (file) {
    (void)file->append(as_bytes(record_of(sent_.back())));
    read_to_ = file->log_place();
  }
  return {};
}

}  // namespace alphamail
