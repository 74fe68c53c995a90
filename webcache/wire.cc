// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/wire.h"

#include <algorithm>

#include "config.h"
#include "webcache/reply_builder.h"

namespace alphamail {

using namespace replies;

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
                         fbb, quotas(fbb, view.quotas ? *view.quotas : std::vector<QuotaUse>())));
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

ReplyBytes reply_report(const ActionReport& r) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, report(fbb, r));
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
