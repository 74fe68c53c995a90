// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/wire.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <limits>

#include "config.h"
#include "webcache/chosen_rows.h"
#include "webcache/row_maker.h"
#include "webcache/search.h"
#include "webcache/wire_rows.h"

namespace alphamail {
namespace {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

template <typename T>
using Offsets = std::vector<Offset<T>>;

// A reply while it is built. All fields are written, also those that hold their default: so there
// is one vtable a type, which is what makes FlatBuffers slow otherwise.
FlatBufferBuilder& builder() {
  thread_local FlatBufferBuilder fbb(64 * 1024);
  if (fbb.GetSize() > 1024 * 1024)
    fbb = FlatBufferBuilder(64 * 1024);  // a giant one was built here
  fbb.Clear();
  fbb.ForceDefaults(true);
  return fbb;
}

// The length that goes before a reply is put before it in the builder's own memory.
template <typename T>
ReplyBytes finish(FlatBufferBuilder& fbb, Offset<T> answer) {
  fbb.Finish(wire::CreateReply(fbb, wire::AnswerTraits<T>::enum_value, answer.Union()));
  const std::uint32_t size = fbb.GetSize();
  std::uint8_t length[4];
  for (unsigned i = 0; i < 4; ++i) length[i] = static_cast<std::uint8_t>(size >> (8 * i));
  fbb.PushBytes(length, sizeof length);
  return std::as_bytes(std::span(fbb.GetCurrentBufferPointer(), fbb.GetSize()));
}

Offset<String> text(FlatBufferBuilder& fbb, std::string_view s) {
  return fbb.CreateString(s.data(), s.size());
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

using FolderTable = Offset<flatbuffers::Vector<Offset<wire::Folder>>>;

FolderTable write_folders(FlatBufferBuilder& fbb, const FoldersView& view) {
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

// The tree, the first thing in a reply: offsets in it are relative, so that its bytes can be kept and
// copied as they are. They are made once for each state of the counts.
FolderTable folders(FlatBufferBuilder& fbb, const FoldersView& view) {
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
  return FolderTable(kept.offset);
}

using Names = Offset<flatbuffers::Vector<Offset<String>>>;

// Nothing where there are none, as mostly.
Names label_names(FlatBufferBuilder& fbb, const FolderIndex& index,
                  std::span<const std::uint16_t> labels) {
  if (labels.empty()) return {};
  Offsets<String> names;
  for (const std::uint16_t label : labels) names.push_back(text(fbb, index.label_name(label)));
  return fbb.CreateVector(names);
}

// Of a message whose index may not be there: what it had when it was opened, then.
Names label_names(FlatBufferBuilder& fbb, const FolderView& view, const FetchedRow& fetched) {
  const auto id = view.index ? view.index->id_of(fetched.uid) : std::nullopt;
  if (!id) return fetched.keywords.empty() ? Names() : fbb.CreateVectorOfStrings(fetched.keywords);
  std::vector<std::uint16_t> labels;
  for (const RowLabel& label : view.index->labels(*id)) labels.push_back(label.label);
  return label_names(fbb, *view.index, labels);
}

// A tree with more folders than this does not stand beside each page.
constexpr std::size_t kMostBeside = 1000;
constexpr std::size_t kNeighbours = 100;  // on either side of the folder that is shown
constexpr std::size_t kAtTheTop = 300;

// Of a large tree what stands beside a page: the folders with a role, what is around the folder that is shown, and
// the first ones at the top. ListFolders has them all.
FolderTable folders_beside(FlatBufferBuilder& fbb, const FolderView& view) {
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

using QuotaTable = Offset<flatbuffers::Vector<Offset<wire::Quota>>>;

QuotaTable write_quotas(FlatBufferBuilder& fbb, const std::vector<QuotaUse>& from) {
  Offsets<wire::Quota> all;
  for (const QuotaUse& one : from) {
    const auto root = text(fbb, one.root);
    const auto resource = text(fbb, one.resource);
    all.push_back(wire::CreateQuota(fbb, root, resource, one.used, one.limit));
  }
  return fbb.CreateVector(all);
}

// Nothing where none are known.
QuotaTable quotas(FlatBufferBuilder& fbb, const FoldersView& view) {
  return view.quotas ? write_quotas(fbb, *view.quotas) : QuotaTable();
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

// Nothing where there are none, as nearly always.
Offset<flatbuffers::Vector<Offset<wire::Report>>> reports(FlatBufferBuilder& fbb,
                                                          const Reports& from) {
  if (from.empty()) return {};
  Offsets<wire::Report> all;
  for (const ActionReport& r : from) all.push_back(report(fbb, r));
  return fbb.CreateVector(all);
}

// The page of the list, or `uids`.
ReplyBytes page_reply(const FolderView& view, const ListPage& wanted,
                      const std::span<const Uid>* uids, const Reports& to_tell) {
  FlatBufferBuilder& fbb = builder();
  const FolderIndex& index = *view.index;
  const std::size_t rows = wanted.rows;
  const auto order = uids ? std::nullopt : index.listed(wanted.order);
  const bool by_arrival = !uids && (!order || wanted.order.is_default());
  // What is not known yet stands in no order but that of arrival, where it is at the end.
  const bool preparing = order && !by_arrival && !index.complete();
  const Choice* const choice = wanted.choice.get();
  const auto chosen = !choice || choice->is_all() ? nullptr : choose(index, *choice, folder_names(view.entry()));
  const std::size_t listed = chosen ? chosen->count : index.size();
  const std::size_t pages = preparing || chosen ? std::max<std::size_t>((listed + rows - 1) / rows, 1)
                                                : index.pages(rows);
  const std::size_t page = std::clamp<std::size_t>(wanted.page, 1, pages);
  const auto tree = folders_beside(fbb, view);
  RowWriter writer(fbb, fbb.CreateString(""));
  thread_local Offsets<wire::Row> all;
  thread_local std::vector<RowId> ids;
  all.clear();
  ids.clear();
  if (chosen) {
    const ListedRows all_listed = order ? *order : index.listed();
    ChosenList(all_listed, *chosen).read((page - 1) * rows, page * rows, ids);
  } else if (uids) {
    for (const Uid uid : *uids) {
      if (const auto id = index.id_of(uid)) ids.push_back(*id);
    }
  } else {
    (order ? *order : index.listed()).read((page - 1) * rows, page * rows, ids);
  }
  index.prefetch(ids);
  for (const RowId id : ids) all.push_back(writer.write(index.shown(id)));
  const auto all_rows = fbb.CreateVector(all);
  const FolderCount& count = (*view.folders.counts)[view.number];
  const auto shown = folder(fbb, view.entry(), count);
  const auto told = reports(fbb, to_tell);
  const auto labels = label_names(fbb, index, writer.labels());
  const auto u32 = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  const auto used = quotas(fbb, view.folders);
  const bool sorted = uids || order;
  Offset<flatbuffers::Vector<std::uint32_t>> by_filter, by_moment;
  if (choice) {
    const auto counts = count_filters(index, *choice, folder_names(view.entry()));
    by_filter = fbb.CreateVector(counts->filters.data(), counts->filters.size());
    by_moment = fbb.CreateVector(counts->since);
  }
  return finish(fbb, wire::CreateFolderPage(
                         fbb, tree, shown, index.uid_validity(), index.read_only(), u32(page),
                         u32(pages), static_cast<std::uint16_t>(rows), u32(index.total()),
                         index.complete() ? index.unread() : count.unread, u32(index.size()),
                         index.checked(), all_rows,
                         sorted ? wanted.order.key : wire::SortKey::Arrived,
                         sorted ? wanted.order.descending : true, preparing, told,
                         view.standing, labels, u32(index.uid_next()),
                         u32(chosen ? chosen->count : index.total()), by_filter, used,
                         view.folders.outbox.waiting, view.folders.outbox.failed, by_moment));
}

Offset<flatbuffers::Vector<Offset<wire::Parameter>>> parameters(
    FlatBufferBuilder& fbb, const std::vector<Parameter>& from) {
  Offsets<wire::Parameter> all;
  for (const Parameter& p : from) {
    const auto name = text(fbb, p.name);
    const auto value = text(fbb, p.value);
    all.push_back(wire::CreateParameter(fbb, name, value));
  }
  return fbb.CreateVector(all);
}

Offset<wire::Part> part(FlatBufferBuilder& fbb, const PartInfo& p) {
  const auto section = text(fbb, p.section);
  const auto type = text(fbb, p.type);
  const auto subtype = text(fbb, p.subtype);
  const auto params = parameters(fbb, p.parameters);
  const auto encoding = text(fbb, p.encoding);
  const auto content_id = text(fbb, p.content_id);
  const auto description = text(fbb, p.description);
  const auto disposition = text(fbb, p.disposition);
  const auto disposition_params = parameters(fbb, p.disposition_parameters);
  return wire::CreatePart(fbb, section, p.depth, type, subtype, params, encoding, content_id,
                          description, disposition, disposition_params, p.size);
}

}  // namespace

ReplyBytes reply_failure(const Error& error) {
  FlatBufferBuilder& fbb = builder();
  const auto detail = text(fbb, server_words(error));
  return finish(fbb, wire::CreateFailure(fbb, static_cast<std::uint8_t>(error.code), detail,
                                         error.retry_after));
}

ReplyBytes reply_done() {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, wire::CreateDone(fbb));
}

ReplyBytes reply_logged_in(std::string_view address, std::string_view host) {
  FlatBufferBuilder& fbb = builder();
  const auto who = text(fbb, address);
  const auto where = text(fbb, host);
  return finish(fbb, wire::CreateLoggedIn(fbb, who, where));
}

ReplyBytes reply_kept_key(std::span<const std::byte> sealed) {
  FlatBufferBuilder& fbb = builder();
  const auto bytes =
      fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(sealed.data()), sealed.size());
  return finish(fbb, wire::CreateKeptKey(fbb, bytes));
}

ReplyBytes reply_folders(const FoldersView& view) {
  FlatBufferBuilder& fbb = builder();
  const auto tree = folders(fbb, view);
  const auto used = quotas(fbb, view);
  return finish(fbb, wire::CreateFolderList(fbb, tree, used, view.outbox.waiting, view.outbox.failed));
}

ReplyBytes reply_quotas(const FoldersView& view) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, wire::CreateQuotaList(
                         fbb, write_quotas(fbb, view.quotas ? *view.quotas : std::vector<QuotaUse>())));
}

ReplyBytes reply_uids(const Account::FolderUids& found, std::size_t most) {
  FlatBufferBuilder& fbb = builder();
  std::uint32_t* into = nullptr;
  const std::size_t count = std::min(most, found.uids.size());
  const auto all = fbb.CreateUninitializedVector(count, &into);
  std::transform(found.uids.begin(), found.uids.begin() + static_cast<std::ptrdiff_t>(count), into,
                 [](Uid uid) { return static_cast<std::uint32_t>(uid); });
  return finish(fbb, wire::CreateUidList(fbb, found.uid_validity, all, count < found.uids.size()));
}

ReplyBytes reply_largest(const Account::Largest& found) {
  FlatBufferBuilder& fbb = builder();
  RowWriter writer(fbb, fbb.CreateString(""));
  std::vector<std::size_t> used;  // places in the tree, in the order of the reply
  Offsets<wire::FoundRow> rows;
  for (const Account::Large& one : found.messages) {
    const auto id = one.index->id_of(one.uid);
    if (!id) continue;
    auto place = std::find(used.begin(), used.end(), one.folder);
    if (place == used.end()) place = used.insert(used.end(), one.folder);
    const auto row = writer.write(one.index->shown(*id));
    rows.push_back(wire::CreateFoundRow(fbb, row, static_cast<std::uint32_t>(place - used.begin()),
                                        one.index->uid_validity()));
  }
  Offsets<wire::Folder> all;
  for (const std::size_t n : used) {
    all.push_back(folder(fbb, found.folders.tree->entries()[n], (*found.folders.counts)[n]));
  }
  const auto row_table = fbb.CreateVector(rows);
  const auto folder_table = fbb.CreateVector(all);
  return finish(fbb, wire::CreateLargest(fbb, row_table, folder_table,
                                         static_cast<std::uint32_t>(found.unknown)));
}

ReplyBytes reply_state(const FolderView& view) {
  FlatBufferBuilder& fbb = builder();
  const FolderCount& count = (*view.folders.counts)[view.number];
  const bool known = view.index && view.index->complete();
  std::uint64_t version = view.folders.written ? view.folders.written->version() : 0;
  version = combined(version, view.index ? view.index->version() : 0);
  version = combined(version, static_cast<std::uint64_t>(view.standing));
  version = combined(version, std::uint64_t{view.folders.outbox.waiting} << 32 | view.folders.outbox.failed);
  return finish(fbb, wire::CreateFolderState(
                         fbb, version, known ? view.index->unread() : count.unread,
                         known ? static_cast<std::uint32_t>(view.index->total()) : count.total));
}

ReplyBytes reply_page(const FolderView& view, const ListPage& page, const Reports& to_tell) {
  return page_reply(view, page, nullptr, to_tell);
}

ReplyBytes reply_page_of(const FolderView& view, const ListPage& page, std::span<const Uid> uids,
                         const Reports& to_tell) {
  return page_reply(view, page, &uids, to_tell);
}

ReplyBytes reply_search(const Search& search, const FoundPage& found, const ListPage& list,
                        const Reports& to_tell) {
  FlatBufferBuilder& fbb = builder();
  const auto tree = folders(fbb, found.folders);
  RowWriter writer(fbb, fbb.CreateString(""));
  std::vector<std::string> names;
  std::vector<RowLabel> mine;
  const auto place_of = [&names](std::string_view name) {
    const auto known = std::find(names.begin(), names.end(), name);
    const auto place = static_cast<std::uint16_t>(known - names.begin());
    if (known == names.end()) names.emplace_back(name);
    return place;
  };
  Offsets<wire::FoundRow> all;
  for (const FoundPage::Row& one : found.rows) {
    const auto id = one.index ? one.index->id_of(one.hit.uid) : std::nullopt;
    ShownRow unknown{};
    unknown.uid = static_cast<std::uint32_t>(one.hit.uid);
    unknown.identity = one.hit.identity;
    unknown.arrived = one.hit.arrived;
    unknown.sent = std::numeric_limits<std::int64_t>::min();
    ShownRow shown = id ? one.index->shown(*id) : unknown;
    mine.clear();
    // Each folder counts its labels by itself.
    for (const RowLabel& label : shown.labels) mine.push_back({0, place_of(one.index->label_name(label.label))});
    shown.labels = mine;
    const auto row = writer.write(shown);
    all.push_back(wire::CreateFoundRow(fbb, row, static_cast<std::uint32_t>(one.folder), one.uid_validity));
  }
  const auto rows = fbb.CreateVector(all);
  Offsets<String> labels;
  for (const std::uint16_t place : writer.labels()) labels.push_back(text(fbb, names[place]));
  const auto label_list = labels.empty() ? Names() : fbb.CreateVector(labels);
  const auto query = text(fbb, search.ask().query);
  const auto where = text(fbb, search.ask().folder);
  Error why;
  why.detail = found.status.detail;
  const auto detail = text(fbb, server_words(why));
  const auto told = reports(fbb, to_tell);
  const auto u32 = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  const std::size_t pages = std::max<std::size_t>((found.found + list.rows - 1) / list.rows, 1);
  wire::SearchPageBuilder page(fbb);
  page.add_folders(tree);
  page.add_search(search.id());
  page.add_query(query);
  page.add_folder(where);
  page.add_below(search.ask().below);
  page.add_rows(rows);
  if (!label_list.IsNull()) page.add_labels(label_list);
  page.add_page(u32(found.page));
  page.add_pages(u32(pages));
  page.add_rows_a_page(static_cast<std::uint16_t>(list.rows));
  page.add_found(u32(found.found));
  page.add_sort(list.order.key);
  page.add_descending(list.order.descending);
  page.add_progress(found.status.progress);
  page.add_folders_all(found.status.folders_all);
  page.add_folders_done(found.status.folders_done);
  page.add_folders_failed(found.status.folders_failed);
  page.add_detail(detail);
  page.add_asks_server(search.query().needs_server());
  page.add_cut(found.status.cut);
  if (!told.IsNull()) page.add_reports(told);
  page.add_standing(found.standing);
  page.add_outbox_waiting(found.folders.outbox.waiting);
  page.add_outbox_failed(found.folders.outbox.failed);
  return finish(fbb, page.Finish());
}

ReplyBytes reply_report(const ActionReport& r) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, report(fbb, r));
}

namespace {

// Those of a message's texts that have room, from the first on.
Offset<flatbuffers::Vector<Offset<wire::PartText>>> texts(FlatBufferBuilder& fbb,
                                                          const ImapConnection::Opened& opened,
                                                          std::size_t room) {
  Offsets<wire::PartText> all;
  for (const auto& [section, bytes] : opened.texts) {
    if (bytes.size() > room) break;
    room -= bytes.size();
    const auto name = text(fbb, section);
    const auto raw =
        fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    all.push_back(wire::CreatePartText(fbb, name, raw));
  }
  return fbb.CreateVector(all);
}

}  // namespace

ReplyBytes reply_message(const FolderView& view, const OpenedMessage& message, std::uint16_t flags,
                         const ListPage& list, std::size_t text_bytes, const Reports& to_tell,
                         const FoundPlace* found) {
  FlatBufferBuilder& fbb = builder();
  const auto tree = folders_beside(fbb, view);
  const FetchedRow& fetched = message.opened.row;
  std::size_t position = std::max<std::uint32_t>(message.seq_from_top, 1);
  std::size_t total = message.seq_from_top;
  std::uint32_t newer = message.newer, older = message.older;
  std::uint32_t identity = identity_of(fetched);
  if (view.index) {
    const FolderIndex& index = *view.index;
    total = index.total();
    if (const auto id = index.id_of(fetched.uid)) identity = index.identity(*id);
    // While the index has holes its order says less there than the sequence number did.
    const auto sorted = index.complete() ? index.listed(list.order) : std::nullopt;
    const ListedRows order = sorted ? *sorted : index.listed();
    const auto at = order.position_of(fetched.uid);
    const Choice* const choice = list.choice.get();
    if (at && choice && !choice->is_all()) {
      const auto chosen = choose(index, *choice, folder_names(view.entry()));
      const ChosenList::Place place = ChosenList(order, *chosen).around(*at);
      position = place.before + 1;
      total = chosen->count;
      newer = place.newer ? index.row(*place.newer).uid : 0;
      older = place.older ? index.row(*place.older).uid : 0;
    } else if (at && *at < index.covered()) {
      position = *at + 1;
      newer = *at > 0 ? index.row(order.at(*at - 1)).uid : 0;
      if (*at + 1 < index.covered()) older = index.row(order.at(*at + 1)).uid;
      if (*at + 1 == index.size()) older = 0;
    }
  }
  Offset<String> newer_folder, older_folder;
  if (found) {
    position = found->position;
    total = found->total;
    newer = static_cast<std::uint32_t>(found->newer);
    older = static_cast<std::uint32_t>(found->older);
    if (newer != 0) newer_folder = text(fbb, found->newer_folder);
    if (older != 0) older_folder = text(fbb, found->older_folder);
  }
  const auto header =
      fbb.CreateVector(reinterpret_cast<const std::uint8_t*>(message.opened.header.data()),
                       message.opened.header.size());
  Offsets<wire::Part> all;
  for (const PartInfo& p : fetched.parts) all.push_back(part(fbb, p));
  const auto parts = fbb.CreateVector(all);
  const auto inlined = texts(fbb, message.opened, text_bytes);
  const auto told = reports(fbb, to_tell);
  const auto labels = label_names(fbb, view, fetched);
  const auto shown = folder(fbb, view.entry(), (*view.folders.counts)[view.number]);
  const auto used = quotas(fbb, view.folders);
  return finish(fbb, wire::CreateMessageView(
                         fbb, tree, shown, static_cast<std::uint32_t>(fetched.uid),
                         message.uid_validity, flags, fetched.internal_date, fetched.size,
                         static_cast<std::uint32_t>(position), static_cast<std::uint32_t>(total),
                         newer, older, static_cast<std::uint32_t>((position - 1) / list.rows + 1),
                         header, message.opened.header_cut, parts, inlined, identity,
                         told, view.standing, view.index ? view.index->checked() : 0, labels, used, newer_folder,
                         older_folder,
                         view.folders.outbox.waiting, view.folders.outbox.failed));
}

ReplyBytes reply_part(const PartInfo* about, std::uint64_t size) {
  FlatBufferBuilder& fbb = builder();
  const Offset<wire::Part> described = about ? part(fbb, *about) : Offset<wire::Part>();
  return finish(fbb, wire::CreatePartHead(fbb, described, size));
}

namespace {

wire::SpoolId wire_id(SpoolId id) {
  return {id.high, id.low};
}

Offset<wire::Spooled> spooled(FlatBufferBuilder& fbb, const SpooledFile& file) {
  const wire::SpoolId id = wire_id(file.id);
  const auto note = text(fbb, file.head.note);
  return wire::CreateSpooled(fbb, &id, file.head.kind, file.head.version, file.size, file.finished,
                             file.head.saved, note);
}

Offset<wire::Shown> shown(FlatBufferBuilder& fbb, const Account::Shown& message) {
  const auto folder_address = text(fbb, message.folder);
  return wire::CreateShown(fbb, folder_address, message.uid_validity,
                           static_cast<std::uint32_t>(message.uid), message.identity);
}

Offset<wire::OutboxEntry> outbox_entry(FlatBufferBuilder& fbb, const OutgoingEntry& entry) {
  const wire::SpoolId id(entry.id_high, entry.id_low);
  const OutgoingStatus& status = entry.status;
  Offsets<String> recipients;
  for (const std::string& one : entry.recipients) recipients.push_back(text(fbb, one));
  Offsets<wire::Refused> refused;
  for (const SmtpRefused& one : status.refused) {
    const auto address = text(fbb, one.address);
    refused.push_back(wire::CreateRefused(fbb, address, one.reply, text(fbb, one.words)));
  }
  const auto note = text(fbb, entry.note);
  const auto from = text(fbb, entry.from);
  const auto to = fbb.CreateVector(recipients);
  const auto detail = text(fbb, status.error ? server_words(*status.error) : std::string());
  const auto no = fbb.CreateVector(refused);
  const auto draft = status.draft ? shown(fbb, *status.draft) : Offset<wire::Shown>();
  return wire::CreateOutboxEntry(
      fbb, &id, status.state, note, entry.size, entry.since, entry.held_until, from, to,
      static_cast<std::uint32_t>(entry.recipient_count),
      status.error ? static_cast<std::uint8_t>(status.error->code) : std::uint8_t{0}, status.reply,
      detail, no, draft);
}

}  // namespace

ReplyBytes reply_spooled(const SpooledFile& file) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, spooled(fbb, file));
}

ReplyBytes reply_spool_listing(const std::vector<SpooledFile>& files, std::uint64_t bytes,
                               std::uint64_t limit) {
  FlatBufferBuilder& fbb = builder();
  Offsets<wire::Spooled> all;
  for (const SpooledFile& file : files) all.push_back(spooled(fbb, file));
  const auto list = fbb.CreateVector(all);
  return finish(fbb, wire::CreateSpoolListing(fbb, list, bytes, limit));
}

ReplyBytes reply_draft_saved(const Account::Shown& draft) {
  FlatBufferBuilder& fbb = builder();
  const auto where = shown(fbb, draft);
  return finish(fbb, wire::CreateDraftSaved(fbb, where));
}

ReplyBytes reply_outbox_entry(const OutgoingEntry& entry) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, outbox_entry(fbb, entry));
}

ReplyBytes reply_outbox(const std::vector<OutgoingEntry>& entries) {
  FlatBufferBuilder& fbb = builder();
  Offsets<wire::OutboxEntry> all;
  for (const OutgoingEntry& entry : entries) all.push_back(outbox_entry(fbb, entry));
  const auto list = fbb.CreateVector(all);
  return finish(fbb, wire::CreateOutbox(fbb, list));
}

ReplyBytes reply_status(const Counters& counters, const QuestionTimes& times, std::int64_t started,
                        std::string_view last_end) {
  FlatBufferBuilder& fbb = builder();
  Offsets<wire::Counter> all;
  for (std::size_t i = 0; i < kCounters.size(); ++i) {
    const auto name = text(fbb, kCounters[i].name);
    const auto unit = text(fbb, kCounters[i].unit);
    std::string words(kCounters[i].meaning);
    if (static_cast<Count>(i) == Count::restarts && !last_end.empty()) {
      words.append(", the last of them ").append(last_end);
    }
    const auto meaning = text(fbb, words);
    all.push_back(
        wire::CreateCounter(fbb, name, counters.get(static_cast<Count>(i)), unit, meaning));
  }
  const auto list = fbb.CreateVector(all);
  Offsets<wire::Timing> timings;
  times.each([&](const QuestionTimes::Summary& s) {
    const auto kind = text(fbb, wire::EnumNameQuestion(s.kind));
    timings.push_back(wire::CreateTiming(fbb, kind, s.cached, s.messages_up_to, s.count, s.total_us,
                                         s.server_us, s.p50_us, s.p99_us, s.longest_us));
  });
  const auto timing_list = fbb.CreateVector(timings);
  const auto version = text(fbb, PACKAGE_VERSION);
  return finish(fbb, wire::CreateStatusReport(fbb, version, started, list, timing_list));
}

}  // namespace alphamail
