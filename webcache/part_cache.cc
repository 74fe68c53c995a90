// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/part_cache.h"

#include <array>
#include <cstring>
#include <utility>
#include <vector>

namespace alphamail {
namespace {

constexpr char kPart = 'p';
constexpr std::uint32_t kLongestHead = 1 << 20;

// ---- the head: texts as 32-bit length and bytes, numbers as 64 bits ----

void put(std::string& out, std::uint64_t number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

void put(std::string& out, const std::string& text) {
  put(out, text.size());
  out += text;
}

void put(std::string& out, const std::vector<Parameter>& parameters) {
  put(out, parameters.size());
  for (const Parameter& parameter : parameters) {
    put(out, parameter.name);
    put(out, parameter.value);
  }
}

// Takes values off the front; once something is missing, good() is false.
class Head {
 public:
  explicit Head(std::string_view text) : rest_(text) {}
  bool at_end() const { return good_ && rest_.empty(); }

  void take(std::uint64_t& number) {
    number = 0;
    if (const auto bytes = some(sizeof number); good_)
      std::memcpy(&number, bytes.data(), sizeof number);
  }
  void take(std::uint8_t& number) {
    std::uint64_t wide;
    take(wide);
    number = static_cast<std::uint8_t>(wide);
  }
  void take(std::string& text) {
    std::uint64_t size;
    take(size);
    text = some(size);
  }
  void take(std::vector<Parameter>& parameters) {
    std::uint64_t count;
    take(count);
    while (good_ && count-- > 0) {
      Parameter& parameter = parameters.emplace_back();
      take(parameter.name);
      take(parameter.value);
    }
  }

 private:
  std::string_view some(std::uint64_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return {};
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  std::string_view rest_;
  bool good_ = true;
};

// One list for writing and for reading.
template <typename Part, typename Visit>
void each_field(Part& part, Visit&& visit) {
  visit(part.section);
  visit(part.depth);
  visit(part.type);
  visit(part.subtype);
  visit(part.parameters);
  visit(part.encoding);
  visit(part.content_id);
  visit(part.description);
  visit(part.disposition);
  visit(part.disposition_parameters);
  visit(part.size);
}

std::string head_of(const PartInfo* info) {
  std::string head;
  if (info) each_field(*info, [&](const auto& field) { put(head, field); });
  return head;
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
  Head fields(head);
  each_field(info_.emplace(), [&](auto& field) { fields.take(field); });
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
