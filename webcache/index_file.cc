// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/index_file.h"

#include <algorithm>
#include <utility>

namespace alphamail {
namespace {

constexpr char kAll = 'i', kNewest = 'h';

// A log below this size is no reason for a new base, however small that is.
constexpr std::uint64_t kSmallLog = 256 * 1024;

Result<void> write_base(const AccountFiles& files, char kind, const std::string& folder,
                        const IndexState& state, SealedWriter::Last last) {
  auto writer = files.begin(kind, folder);
  if (!writer) return writer.error();
  const auto put = IndexCodec::write(
      state, [&](std::span<const std::byte> bytes) { return writer->write(bytes); });
  if (!put) return put;
  const std::uint64_t written = writer->written();
  if (const auto done = writer->commit(last); !done) return done;
  files.note_written(written);
  return {};
}

}  // namespace

Result<void> IndexFile::save(const IndexState& state) {
  const auto appended = append(state);
  if (!appended) return appended.error();
  if (*appended == Saved::kNothingNew) return {};
  if (*appended == Saved::kWantsBase) {
    if (const auto rewritten = rewrite(state); !rewritten) return rewritten;
  }
  shape_ = IndexCodec::shape_of(state);
  return write_newest(state);
}

Result<IndexFile::Saved> IndexFile::append(const IndexState& state) {
  if (!shape_) return Saved::kWantsBase;
  const auto change = IndexCodec::change(*shape_, state);
  if (!change || change->size() > kMostLogRecord) return Saved::kWantsBase;
  auto file = files_->open(kAll, folder_, true);
  if (!file || !file->continue_log(log_))
    return Saved::kWantsBase;  // deleted, or not ours any more
  if (change->empty()) return Saved::kNothingNew;
  const std::uint64_t most = std::max(file->base_bytes() / 4, kSmallLog);
  if (file->log_bytes() + change->size() > most) return Saved::kWantsBase;
  if (const auto put = file->append(*change); !put) return put.error();
  log_ = file->log_place();
  files_->note_written(change->size());
  return Saved::kAppended;
}

Result<void> IndexFile::rewrite(const IndexState& state) {
  shape_.reset();
  const auto put = write_base(*files_, kAll, folder_, state, SealedWriter::Last::kNow);
  if (!put) return put;
  const auto file = files_->open(kAll, folder_, false);
  if (!file) return file.error();
  log_ = file->log_place();
  return {};
}

Result<void> IndexFile::write_newest(const IndexState& state) {
  if (state.index->size() < kHeadFrom) {
    files_->remove(kNewest, folder_);
    return {};
  }
  const LoadedIndex head = IndexCodec::newest(state, kHeadRows);
  const IndexState newest =
      IndexCodec::state_of(*head.writer, head.writer->publish(), state.uid_next, state.modseq);
  // Not worth waiting for the disk: one that is torn does not open, and the whole index serves.
  return write_base(*files_, kNewest, folder_, newest, SealedWriter::Last::kSometime);
}

std::optional<LoadedIndex> IndexFile::read(char kind, std::uint32_t uid_validity, bool whole) {
  auto file = files_->open(kind, folder_, false);
  if (!file) return std::nullopt;
  std::uint64_t at = 0;
  std::vector<std::byte> buffer;  // a few chunks at a time: what is asked for comes in small pieces
  std::size_t used = 0;
  Result<void> trouble;
  const auto source = [&](std::span<std::byte> into) {
    while (!into.empty()) {
      if (used == buffer.size()) {
        buffer.resize(std::min<std::uint64_t>(4 * kSealedChunk, file->size() - at));
        used = 0;
        if (buffer.empty()) return false;
        trouble = file->read(at, buffer);
        if (!trouble) return false;
        at += buffer.size();
      }
      const std::size_t some = std::min(into.size(), buffer.size() - used);
      std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(used), some, into.begin());
      used += some;
      into = into.subspan(some);
    }
    return true;
  };
  IndexLoader loader;
  const bool good = loader.read(source);
  if (good && uid_validity != 0 && loader.uid_validity() != uid_validity) return std::nullopt;
  bool sane = good;
  if (good && whole) {
    trouble = file->read_log([&](std::span<const std::byte> change) {
      sane = loader.apply(change);
      return sane;
    });
  }
  auto loaded = sane && trouble ? loader.finish() : std::nullopt;
  if (!loaded) {
    // A disk that cannot be read now may be read later; what does not fit together will not.
    if (trouble || trouble.error().code == Code::kInvalid) files_->remove(kind, folder_);
    return std::nullopt;
  }
  if (whole) log_ = file->log_place();
  return loaded;
}

std::optional<LoadedIndex> IndexFile::load(std::uint32_t uid_validity) {
  return uid_validity == 0 ? std::nullopt : load_all(uid_validity);
}

std::optional<LoadedIndex> IndexFile::load_as_it_is() { return load_all(0); }

std::optional<LoadedIndex> IndexFile::load_all(std::uint32_t uid_validity) {
  shape_.reset();
  auto loaded = read(kAll, uid_validity, true);
  if (!loaded) return std::nullopt;
  shape_ = IndexCodec::shape_of(IndexCodec::state_of(*loaded->writer, loaded->writer->publish(),
                                                     loaded->uid_next, loaded->modseq));
  return loaded;
}

std::optional<LoadedIndex> IndexFile::load_newest(std::uint32_t uid_validity) {
  return read(kNewest, uid_validity, false);
}

void IndexFile::remove() {
  files_->remove(kAll, folder_);
  files_->remove(kNewest, folder_);
  shape_.reset();
}

}  // namespace alphamail
