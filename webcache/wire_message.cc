// SPDX-License-Identifier: GPL-3.0-or-later
// Replies with a message, and with one of its parts.
#include <algorithm>

#include "webcache/chosen_rows.h"
#include "webcache/reply_builder.h"
#include "webcache/row_maker.h"
#include "webcache/search.h"

namespace alphamail {

using namespace replies;

namespace {

// Of a message whose index may not be there: what it had when it was opened, then.
Table<String> labels_of(FlatBufferBuilder& fbb, const FolderView& view, const FetchedRow& fetched) {
  const auto id = view.index ? view.index->id_of(fetched.uid) : std::nullopt;
  if (!id) return fetched.keywords.empty() ? Table<String>() : fbb.CreateVectorOfStrings(fetched.keywords);
  std::vector<std::uint16_t> labels;
  for (const RowLabel& label : view.index->labels(*id)) labels.push_back(label.label);
  return label_names(fbb, *view.index, labels);
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
  const auto labels = labels_of(fbb, view, fetched);
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

}  // namespace alphamail
