// SPDX-License-Identifier: GPL-3.0-or-later
// What the replies of wire.h are put together from: for wire*.cc alone. A reply is built in the thread's own memory,
// from its end to its beginning.
#ifndef WEBCACHE_REPLY_BUILDER_H
#define WEBCACHE_REPLY_BUILDER_H

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "webcache/folder_index.h"
#include "webcache/wire.h"

namespace alphamail::replies {

using flatbuffers::FlatBufferBuilder;
using flatbuffers::Offset;
using flatbuffers::String;

template <typename T>
using Offsets = std::vector<Offset<T>>;
template <typename T>
using Table = Offset<flatbuffers::Vector<Offset<T>>>;

/// A reply while it is built; the one before is gone. All fields are written, also those that hold their default: so
/// there is one vtable a type, which is what makes FlatBuffers slow otherwise.
FlatBufferBuilder& builder();

/// The reply is done: in the builder's own memory, with the length before it that goes before a reply.
ReplyBytes with_length(FlatBufferBuilder& fbb);
template <typename T>
ReplyBytes finish(FlatBufferBuilder& fbb, Offset<T> answer) {
  fbb.Finish(wire::CreateReply(fbb, wire::AnswerTraits<T>::enum_value, answer.Union()));
  return with_length(fbb);
}

inline Offset<String> text(FlatBufferBuilder& fbb, std::string_view s) { return fbb.CreateString(s.data(), s.size()); }

/// An error's detail, bounded, as UTF-8 without controls.
std::string server_words(const Error& error);

Offset<wire::Folder> folder(FlatBufferBuilder& fbb, const FolderEntry& entry, const FolderCount& count);
/// The tree, the first thing in a reply: offsets in it are relative, so that its bytes can be kept and copied as they
/// are. They are made once for each state of the counts.
Table<wire::Folder> folders(FlatBufferBuilder& fbb, const FoldersView& view);
/// Of a large tree what stands beside a page: the folders with a role, what is around the folder that is shown, and
/// the first ones at the top. ListFolders has them all.
Table<wire::Folder> folders_beside(FlatBufferBuilder& fbb, const FolderView& view);

/// Nothing where there are none, as mostly.
Table<String> label_names(FlatBufferBuilder& fbb, const FolderIndex& index, std::span<const std::uint16_t> labels);
Table<wire::Quota> quotas(FlatBufferBuilder& fbb, const std::vector<QuotaUse>& from);
/// Nothing where none are known.
Table<wire::Quota> quotas(FlatBufferBuilder& fbb, const FoldersView& view);
Offset<wire::Report> report(FlatBufferBuilder& fbb, const ActionReport& r);
/// Nothing where there are none, as nearly always.
Table<wire::Report> reports(FlatBufferBuilder& fbb, const Reports& from);

}  // namespace alphamail::replies

#endif
