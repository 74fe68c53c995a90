// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/wire_rows.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace alphamail {

using flatbuffers::Offset;
using flatbuffers::String;
using flatbuffers::uoffset_t;
using flatbuffers::voffset_t;
using wire::Row;

static_assert(std::endian::native == std::endian::little,
              "values are copied as they lie in memory");

// A byte each: a folder has no more labels than that.
std::string_view RowWriter::places_of(std::span<const RowLabel> labels) {
  static_assert(RowLabel::kMost <= 256);
  label_places_.clear();
  for (const RowLabel& label : labels) {
    const auto known = std::find(labels_.begin(), labels_.end(), label.label);
    label_places_ += static_cast<char>(known - labels_.begin());
    if (known == labels_.end()) labels_.push_back(label.label);
  }
  return label_places_;
}

Offset<Row> RowWriter::write_first(const ShownRow& r) {
  const auto text = [&](std::string_view s) {
    return s.empty() ? empty_ : fbb_.CreateString(s.data(), s.size());
  };
  const auto from = text(r.from);
  const auto from_address = text(r.from_address);
  const auto subject = r.prefix.empty() ? text(r.subject)
                                        : text(std::string(r.prefix).append(r.subject));
  const auto snippet = text(r.snippet);
  const auto attachment = text(r.attachment);
  // A string is a vector of bytes with a NUL behind it, so that the empty one serves for both.
  const auto labels = flatbuffers::Offset<flatbuffers::Vector<std::uint8_t>>(text(places_of(r.labels)).o);
  const auto made = wire::CreateRow(fbb_, r.uid, r.flags, r.arrived, r.sent, r.size, from,
                                    from_address, subject, snippet, attachment, r.identity, labels);
  const std::uint8_t* table = fbb_.GetCurrentBufferPointer() + (fbb_.GetSize() - made.o);
  const auto to_vtable = flatbuffers::ReadScalar<flatbuffers::soffset_t>(table);
  vtable_ = made.o + static_cast<uoffset_t>(to_vtable);
  const std::uint8_t* vtable = table - to_vtable;
  const auto vtable_bytes = flatbuffers::ReadScalar<voffset_t>(vtable);
  table_bytes_ = flatbuffers::ReadScalar<voffset_t>(vtable + sizeof(voffset_t));
  alignment_ = made.o % 8;
  assert(vtable_bytes / 2U <= std::size(places_));
  std::memcpy(places_, vtable, vtable_bytes);
  return made;
}

template <typename T>
void RowWriter::put(voffset_t field, T value) {
  std::memcpy(block_.data() + places_[field / 2], &value, sizeof value);
}

void RowWriter::put_text(voffset_t field, std::string_view text, std::string_view before) {
  const std::size_t place = places_[field / 2];
  const std::size_t size = before.size() + text.size();
  if (size == 0) {
    to_empty_[empties_++] = place;  // where the block will lie is known at its end
    return;
  }
  const std::size_t at = block_.size();
  const auto length = static_cast<uoffset_t>(size);
  const auto offset = static_cast<uoffset_t>(at - place);
  std::memcpy(block_.data() + place, &offset, sizeof offset);
  block_.resize((at + sizeof length + size + 1 + 3) &
                ~std::size_t{3});  // the NUL and padding
  std::memcpy(block_.data() + at, &length, sizeof length);
  char* into = block_.data() + at + sizeof length;
  if (!before.empty()) std::memcpy(into, before.data(), before.size());
  if (!text.empty()) std::memcpy(into + before.size(), text.data(), text.size());
}

Offset<Row> RowWriter::write(const ShownRow& r) {
  if (vtable_ == 0) return write_first(r);
  block_.assign((table_bytes_ + 3) & ~std::size_t{3}, '\0');
  empties_ = 0;
  put(Row::VT_UID, r.uid);
  put(Row::VT_IDENTITY, r.identity);
  put(Row::VT_FLAGS, r.flags);
  put(Row::VT_ARRIVED, r.arrived);
  put(Row::VT_SENT, r.sent);
  put(Row::VT_SIZE, r.size);
  put_text(Row::VT_FROM, r.from);
  put_text(Row::VT_FROM_ADDRESS, r.from_address);
  put_text(Row::VT_SUBJECT, r.subject, r.prefix);
  put_text(Row::VT_SNIPPET, r.snippet);
  put_text(Row::VT_ATTACHMENT, r.attachment);
  put_text(Row::VT_LABELS, places_of(r.labels));
  // The table begins where the block does, and must lie at the same place modulo 8 as the first
  // one.
  fbb_.Align(4);
  if ((fbb_.GetSize() + block_.size()) % 8 != alignment_) block_.append(4, '\0');
  const auto position = static_cast<uoffset_t>(fbb_.GetSize() + block_.size());
  const auto to_vtable = static_cast<flatbuffers::soffset_t>(vtable_ - position);
  std::memcpy(block_.data(), &to_vtable, sizeof to_vtable);
  for (std::size_t i = 0; i < empties_; ++i) {
    const auto offset = static_cast<uoffset_t>(position - to_empty_[i] - empty_.o);
    std::memcpy(block_.data() + to_empty_[i], &offset, sizeof offset);
  }
  fbb_.PushBytes(reinterpret_cast<const std::uint8_t*>(block_.data()), block_.size());
  return Offset<Row>(position);
}

}  // namespace alphamail
