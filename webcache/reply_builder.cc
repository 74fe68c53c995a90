// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/reply_builder.h"

#include <algorithm>
#include <cassert>

#include "webcache/row_maker.h"

namespace alphamail::replies {
namespace {

// A tree with more folders than this does not stand beside each page.
constexpr std::size_t kMostBeside = 1000;
constexpr std::size_t kNeighbours = 100;  // on either side of the folder that is shown
constexpr std::size_t kAtTheTop = 300;

Table<wire::Folder> write_folders(FlatBufferBuilder& fbb, const FoldersView& view) {
  thread_local Offsets<wire::Folder> all;
  all.clear();
  if (view.tree) {
    const auto& entries = view.tree->entries();
    for (std::size_t i = 0; i < entries.size(); ++i) {
      all.push_back(folder(fbb, entries[i], (*view.counts)[i]));
    }
  }
  return fbb.CreateVector(all);
}

}  // namespace

FlatBufferBuilder& builder() {
  thread_local FlatBufferBuilder fbb(64 * 1024);
  if (fbb.GetSize() > 1024 * 1024)
    fbb = FlatBufferBuilder(64 * 1024);  // a giant one was built here
  fbb.Clear();
  fbb.ForceDefaults(true);
  return fbb;
}

ReplyBytes with_length(FlatBufferBuilder& fbb) {
  const std::uint32_t size = fbb.GetSize();
  std::uint8_t length[4];
  for (unsigned i = 0; i < 4; ++i) length[i] = static_cast<std::uint8_t>(size >> (8 * i));
  fbb.PushBytes(length, sizeof length);
  return std::as_bytes(std::span(fbb.GetCurrentBufferPointer(), fbb.GetSize()));
}

std::string server_words(const Error& error) {
  constexpr std::size_t kLongest = 1000;  // a server's words may be long; a page shows a line
  return clean_text(std::string_view(error.detail).substr(0, kLongest));
}

Offset<wire::Folder> folder(FlatBufferBuilder& fbb, const FolderEntry& entry,
                            const FolderCount& count) {
  const auto address = text(fbb, entry.address);
  const auto name = text(fbb, entry.name);
  return wire::CreateFolder(fbb, address, name, entry.depth, entry.role, entry.selectable,
                            count.unread, count.total, count.counted, entry.subscribed, count.size,
                            entry.space, entry.can_change());
}

Table<wire::Folder> folders(FlatBufferBuilder& fbb, const FoldersView& view) {
  assert(fbb.GetSize() == 0);
  if (!view.written) return write_folders(fbb, view);
  const WrittenFolders::Bytes& kept = view.written->bytes([&view] {
    FlatBufferBuilder own;
    own.ForceDefaults(true);
    const auto made = write_folders(own, view);
    own.Align(WrittenFolders::kAlignment);
    const std::uint8_t* const begin = own.GetCurrentBufferPointer();
    return WrittenFolders::Bytes{{begin, begin + own.GetSize()}, made.o};
  });
  fbb.Align(WrittenFolders::kAlignment);
  fbb.PushBytes(kept.bytes.data(), kept.bytes.size());
  return Table<wire::Folder>(kept.offset);
}

Table<String> label_names(FlatBufferBuilder& fbb, const FolderIndex& index,
                  std::span<const std::uint16_t> labels) {
  if (labels.empty()) return {};
  Offsets<String> names;
  for (const std::uint16_t label : labels) names.push_back(text(fbb, index.label_name(label)));
  return fbb.CreateVector(names);
}

Table<wire::Folder> folders_beside(FlatBufferBuilder& fbb, const FolderView& view) {
  const auto& entries = view.folders.tree->entries();
  if (entries.size() <= kMostBeside) return folders(fbb, view.folders);
  const std::size_t here = view.number;
  std::vector<bool> shown(entries.size());
  const std::size_t first = here - std::min(here, kNeighbours);
  for (std::size_t i = first; i < std::min(here + kNeighbours, entries.size()); ++i) shown[i] = true;
  std::size_t at_top = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].role != wire::Role::None || (entries[i].depth == 0 && at_top++ < kAtTheTop)) shown[i] = true;
  }
  // All that is above one of them, from the last on.
  std::size_t above = 0;  // levels over the folder behind that are still to come
  for (std::size_t i = entries.size(); i-- > 0;) {
    if (shown[i] || entries[i].depth < above) {
      shown[i] = true;
      above = entries[i].depth;
    }
  }
  Offsets<wire::Folder> some;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (shown[i]) some.push_back(folder(fbb, entries[i], (*view.folders.counts)[i]));
  }
  return fbb.CreateVector(some);
}

Table<wire::Quota> quotas(FlatBufferBuilder& fbb, const std::vector<QuotaUse>& from) {
  Offsets<wire::Quota> all;
  for (const QuotaUse& one : from) {
    const auto root = text(fbb, one.root);
    const auto resource = text(fbb, one.resource);
    all.push_back(wire::CreateQuota(fbb, root, resource, one.used, one.limit));
  }
  return fbb.CreateVector(all);
}

Table<wire::Quota> quotas(FlatBufferBuilder& fbb, const FoldersView& view) {
  return view.quotas ? quotas(fbb, *view.quotas) : Table<wire::Quota>();
}

Offset<wire::Report> report(FlatBufferBuilder& fbb, const ActionReport& r) {
  const auto from = text(fbb, r.folder);
  const auto target = text(fbb, r.target);
  const auto detail = text(fbb, r.error ? server_words(*r.error) : std::string());
  const auto label = text(fbb, r.label);
  return wire::CreateReport(fbb, r.id, r.action, r.progress, r.undo, from, target, r.done, r.gone,
                            r.others, r.failed,
                            r.error ? static_cast<std::uint8_t>(r.error->code) : std::uint8_t{0},
                            detail, r.can_undo, r.total, label);
}

Table<wire::Report> reports(FlatBufferBuilder& fbb,
                                                          const Reports& from) {
  if (from.empty()) return {};
  Offsets<wire::Report> all;
  for (const ActionReport& r : from) all.push_back(report(fbb, r));
  return fbb.CreateVector(all);
}

}  // namespace alphamail::replies
