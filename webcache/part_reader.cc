// SPDX-License-Identifier: GPL-3.0-or-later
// Streams a part from the mail server, or from disk where it was read before, into the lane, piece
// by piece: two pieces in memory, however large the part, which the next ones come into. A thread of its own waits for the reader,
// which may be slow; the account's strand is held only while a piece is fetched, so the user's
// other questions come in between.
#include <algorithm>
#include <chrono>
#include <future>
#include <utility>

#include "common/log.h"
#include "webcache/commands.h"
#include "webcache/part_cache.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kPiece = ImapConnection::kMostPiece;
constexpr std::uint32_t kCachedPiece = 256 * 1024;

struct PartAsk {
  std::shared_ptr<Account> account;
  std::string folder;
  Uid uid;
  std::uint32_t uid_validity;
  std::string section;
  std::uint64_t limit;  // UINT64_MAX = all
  Deadline deadline;
};

// Runs `fetch` on the account's strand. The result comes later; a job that was dropped (queue full,
// daemon stopping) gives kBusy.
template <typename Fetch, typename T = std::invoke_result_t<Fetch>>
std::future<T> on_strand(Server& server, const PartAsk& ask, Fetch fetch) {
  std::promise<T> promise;
  auto future = promise.get_future();
  server.workers().post(
      ask.account->strand(), Workers::When::kNow,
      [p = std::move(promise), f = std::move(fetch)]() mutable { p.set_value(f()); });
  return future;
}

template <typename T>
T wait_for(std::future<T>& future, Deadline deadline) {
  if (future.wait_until(deadline.when()) != std::future_status::ready) {
    return Error{Code::kTimeout, "the mail server did not answer in time", 0};
  }
  try {
    return future.get();
  } catch (const std::future_error&) {  // broken promise: the job never ran
    return Error{Code::kBusy, "too many questions at once", 2};
  }
}

/// @param piece  memory to be used again
std::future<Result<std::string>> fetch_piece(Server& server, const PartAsk& ask,
                                             std::uint64_t offset, std::string piece = {}) {
  const auto length =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(kPiece, ask.limit - offset));
  return on_strand(server, ask, [ask, offset, length, into = std::move(piece)]() mutable {
    return ask.account->read_piece(ask.folder, ask.uid, ask.uid_validity, ask.section, offset,
                                   length, std::move(into));
  });
}

void refuse(Server& server, LaneQuestion question, const PartAsk& ask, const Error& error) {
  if (error.code == Code::kNeedCredentials) server.counters().add(Count::credentials_wanted);
  server.deliver(std::move(question), reply_failure(error), ask.deadline);
}

const PartInfo* find_part(const OpenedMessage& message, const std::string& section) {
  const auto& parts = message.opened.row.parts;
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const PartInfo& part) { return part.section == section; });
  return found == parts.end() ? nullptr : &*found;
}

// The part on disk, if its message is still in the folder, as far as the index knows: what is gone
// at the server is gone here, too.
std::optional<CachedPart> find_cached(const PartAsk& ask) {
  const auto view = ask.account->view(ask.folder);
  if (!view || !view->index || !view->index->find(ask.uid)) return std::nullopt;
  const std::uint32_t uid_validity = view->index->uid_validity();
  if (ask.uid_validity != 0 && ask.uid_validity != uid_validity) return std::nullopt;
  return CachedPart::open(ask.account->files(), {ask.folder, uid_validity, ask.uid, ask.section});
}

void stream_cached(Server& server, LaneQuestion question, const PartAsk& ask, CachedPart part,
                   std::vector<std::byte> piece) {
  const std::uint64_t size = std::min(part.size(), ask.limit);
  const std::uint64_t said = part.info() ? part.info()->size : part.size();
  auto put = question.write(reply_part(part.info(), std::min(said, ask.limit)), ask.deadline);
  for (std::uint64_t at = 0; put && at < size;) {
    put = question.write(piece, ask.deadline);
    at += piece.size();
    server.counters().add(Count::part_bytes, piece.size());
    piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kCachedPiece, size - at)));
    if (put && !part.read(at, piece)) return;  // cut: the next time the server is asked
  }
  if (!put) return;  // the reader gave up
  server.counters().add(Count::parts_streamed);
  server.counters().add(Count::parts_from_disk);
  server.count_time(question);
  question.finish();
}

void stream_part(Server& server, LaneQuestion question, const PartAsk& ask) {
  if (auto cached = find_cached(ask)) {
    // As from the server: a first piece that cannot be read is no file cut at its beginning.
    std::vector<std::byte> piece(
        static_cast<std::size_t>(std::min<std::uint64_t>({kCachedPiece, cached->size(), ask.limit})));
    if (cached->read(0, piece))
      return stream_cached(server, std::move(question), ask, std::move(*cached), std::move(piece));
  }
  if (const auto unable = ask.account->unable()) {
    return refuse(server, std::move(question), ask, *unable);
  }
  question.note().waited = true;
  const Account::InUse in_use(ask.account);
  std::shared_ptr<const OpenedMessage> message = ask.account->opened(ask.folder, ask.uid);
  if (!message) {
    auto opened =
        on_strand(server, ask, [ask] { return ask.account->open_message(ask.folder, ask.uid); });
    auto result = wait_for(opened, ask.deadline);
    if (!result) return refuse(server, std::move(question), ask, result.error());
    message = std::move(*result);
  }
  if (ask.uid_validity != 0 && message->uid_validity != ask.uid_validity) {
    return refuse(server, std::move(question), ask,
                  Error{Code::kChanged, "the folder was made anew meanwhile", 0});
  }
  const PartInfo* part = ask.section.empty() ? nullptr : find_part(*message, ask.section);
  if (!ask.section.empty() && (!part || part->type == "multipart")) {
    return refuse(server, std::move(question), ask, Error{Code::kNotFound, "no such part", 0});
  }
  const std::uint64_t size = part ? part->size : message->opened.row.size;
  // The first piece comes before the head: a message that is gone is a failure, not an empty file.
  auto next = fetch_piece(server, ask, 0);
  auto piece = wait_for(next, ask.deadline);
  if (!piece) return refuse(server, std::move(question), ask, piece.error());
  auto put = question.write(reply_part(part, std::min(size, ask.limit)), ask.deadline);
  std::uint64_t sent = 0;
  std::string spare;
  PartKeeper keeper(ask.account->files(), {ask.folder, message->uid_validity, ask.uid, ask.section},
                    part, size);
  while (put && !piece->empty()) {
    const std::uint64_t after = sent + piece->size();
    // A short piece ends the part (RFC 3501 section 6.4.5), unless the server said there is more.
    const bool last = after >= ask.limit || (piece->size() < kPiece && after >= size);
    if (!last) next = fetch_piece(server, ask, after, std::move(spare));
    put = question.write(std::as_bytes(std::span(*piece)), ask.deadline);
    if (!put) break;
    keeper.add(*piece);
    sent = after;
    server.counters().add(Count::part_bytes, piece->size());
    if (last) break;
    spare = std::move(*piece);
    piece = wait_for(next, ask.deadline);
    if (!piece) {
      log(Severity::kWarning, 226,
          "part for " + ask.account->address() + " cut after " + std::to_string(sent) +
              " bytes: " + piece.error().detail);
      return;  // let go of unfinished: the reader sees that it was cut
    }
  }
  follow_later(server, ask.account);
  if (!put) return;  // the reader gave up
  server.counters().add(Count::parts_streamed);
  if (sent >= size && sent < ask.limit) keeper.keep();  // all of it, as far as anybody can tell
  server.count_time(question);
  question.finish();
}

}  // namespace

void answer_read_part(Server& server, Asked asked, const wire::ReadPart& read) {
  constexpr std::size_t kLongestSection = 256;
  PartAsk ask{nullptr,
              std::string(read.folder()->string_view()),
              Uid{read.uid()},
              read.uid_validity(),
              std::string(read.section()->string_view()),
              read.limit() == 0 ? UINT64_MAX : read.limit(),
              asked.deadline};
  ask.account = account_of(server, asked);
  if (!ask.account) return;
  if (!is_address(ask.folder) || ask.uid == Uid{} || ask.section.size() > kLongestSection) {
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "no such part", 0});
  }
  const auto strand = server.streams().strand(ask.account->server().host);
  auto question = std::make_shared<LaneQuestion>(std::move(asked.question));
  const bool posted = server.streams().post(strand, Workers::When::kNow, [&server, question, ask] {
    stream_part(server, std::move(*question), ask);
  });
  if (!posted)
    refuse(server, std::move(*question), ask, Error{Code::kBusy, "too many downloads", 5});
}

}  // namespace alphamail
