// SPDX-License-Identifier: GPL-3.0-or-later
// Replies that list messages: of a folder, of a search, the largest of all.
#include <algorithm>
#include <limits>

#include "webcache/chosen_rows.h"
#include "webcache/reply_builder.h"
#include "webcache/search.h"
#include "webcache/wire_rows.h"

namespace alphamail {

using namespace replies;

namespace {

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

}  // namespace

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
  const auto label_list = labels.empty() ? Table<String>() : fbb.CreateVector(labels);
  const auto query = text(fbb, search.ask().query);
  const auto where = text(fbb, search.ask().folder);
  Error why;
  why.detail = found.status.detail;
  const auto detail = text(fbb, server_words(why));
  const auto told = reports(fbb, to_tell);
  const auto u32 = [](std::size_t n) { return static_cast<std::uint32_t>(n); };
  const std::size_t pages = std::max<std::size_t>((found.found + list.rows - 1) / list.rows, 1);
  const auto used = quotas(fbb, found.folders);
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
  if (!used.IsNull()) page.add_quotas(used);
  page.add_standing(found.standing);
  page.add_outbox_waiting(found.folders.outbox.waiting);
  page.add_outbox_failed(found.folders.outbox.failed);
  return finish(fbb, page.Finish());
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

}  // namespace alphamail
