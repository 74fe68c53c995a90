// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/part_cache.h"

#include <utility>

#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr char kPart = 'p';
constexpr std::uint32_t kLongestHead = 1 << 20;

std::string head_of(const PartInfo* info) {
  FieldsOut head;
  if (info) head(*info);
  return std::move(head.bytes);
}

}  // namespace

std::string PartName::spelled() const {
  return folder + '\n' + std::to_string(uid_validity) + '\n' +
         std::to_string(static_cast<std::uint32_t>(uid)) + '\n' + section;
}

// ---- CachedPart ----

std::optional<CachedPart> CachedPart::open(std::shared_ptr<const AccountFiles> files,
                                           const PartName& name) {
  if (!files || name.uid_validity == 0) return std::nullopt;
  std::string spelled = name.spelled();
  auto file = files->open(kPart, spelled, false);
  if (!file) return std::nullopt;
  CachedPart part(std::move(files), std::move(spelled), std::move(*file));
  if (!part.read_head()) {
    part.files_->remove(kPart, part.spelled_);
    return std::nullopt;
  }
  return part;
}

bool CachedPart::read_head() {
  std::uint32_t length = 0;
  if (!file_.read(0, std::as_writable_bytes(std::span(&length, 1)))) return false;
  if (length > kLongestHead) return false;
  std::string head(length, '\0');
  if (!file_.read(sizeof length, std::as_writable_bytes(std::span(head)))) return false;
  begin_ = sizeof length + length;
  if (head.empty()) return true;
  FieldsIn fields(head);
  fields(info_.emplace());
  return fields.at_end();
}

Result<void> CachedPart::read(std::uint64_t at, std::span<std::byte> into) {
  const auto got = file_.read(begin_ + at, into);
  if (!got && got.error().code == Code::kInvalid) files_->remove(kPart, spelled_);
  return got;
}

// ---- PartKeeper ----

PartKeeper::PartKeeper(std::shared_ptr<const AccountFiles> files, const PartName& name,
                       const PartInfo* info, std::uint64_t size)
    : files_(std::move(files)) {
  const std::string head = head_of(info);
  if (!files_ || name.uid_validity == 0 || size > kMostBytes || head.size() > kLongestHead) return;
  auto writer = files_->begin(kPart, name.spelled());
  if (!writer) return;
  writer_.emplace(std::move(*writer));
  const auto length = static_cast<std::uint32_t>(head.size());
  add({reinterpret_cast<const char*>(&length), sizeof length});
  add(head);
}

void PartKeeper::add(std::string_view bytes) {
  if (writer_ && !writer_->write(as_bytes(bytes))) writer_.reset();
}

void PartKeeper::keep() {
  if (!writer_) return;
  const std::uint64_t written = writer_->written();
  // Not worth waiting for the disk: one that is torn does not open and is fetched again.
  if (writer_->commit(SealedWriter::Last::kSometime)) files_->note_written(written);
  writer_.reset();
}

}  // namespace alphamail
