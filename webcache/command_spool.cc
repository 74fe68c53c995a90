// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about files of the spool. The disk is a worker's: one strand an account. But for the next bytes of an
// upload, which are taken into memory at once, and written by a worker behind the answer.
#include <algorithm>
#include <utility>
#include <vector>

#include "webcache/commands.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostAtOnce = 16 * 1024;
constexpr std::size_t kWaitingQuestions = 64;  // about the spool of one account

bool is_kind(wire::SpoolKind kind) {
  return kind <= wire::SpoolKind::MAX;
}

// Runs `work` on the strand of the account's outbox; what it gives answers the question.
// @param reply  makes the reply of a result that is good
template <typename Work, typename Make>
void ask_spool(Server& server, Asked asked, const std::shared_ptr<Outbox>& outbox, Work work,
               Make reply) {
  const auto pending = server.pend(std::move(asked.question), asked.deadline);
  const bool posted = server.workers().post(
      outbox->strand(), Workers::When::kNow,
      [pending, outbox, work = std::move(work), reply] {
        const auto done = work(outbox->spool());
        pending->answer([&] { return done ? reply(*done) : reply_failure(done.error()); });
      },
      kWaitingQuestions);
  if (posted) return;
  server.counters().add(Count::questions_refused);
  pending->fail(Error{Code::kBusy, "too many questions at once", 2});
}

// The outbox of whoever asks, where the question is one: else it is answered.
std::shared_ptr<Outbox> checked(Server& server, Asked& asked, wire::SpoolKind kind) {
  const auto account = account_of(server, asked);
  if (!account) return nullptr;
  if (!is_kind(kind)) {
    answer_failure(server, std::move(asked), Error{Code::kInvalid, "no such kind of file", 0});
    return nullptr;
  }
  return outbox_of(server, *account, asked);
}

constexpr SpoolPlace place_of(wire::SpoolKind kind) {
  return kind == wire::SpoolKind::Upload ? SpoolPlace::kUpload
         : kind == wire::SpoolKind::Text ? SpoolPlace::kText
                                         : SpoolPlace::kMessage;
}

// Has a worker write what was taken into memory. Where there are too many jobs, whoever sends the next bytes waits.
void write_behind(Server& server, const std::shared_ptr<Outbox>& outbox, std::uint64_t version) {
  (void)server.workers().post(outbox->strand(), Workers::When::kNow, [&server, outbox, version] {
    if (outbox->spool().write_out(version)) write_behind(server, outbox, version);
  });
}

struct Reading {
  std::shared_ptr<Outbox> outbox;
  wire::SpoolKind kind;
  SpoolId id;
  std::uint64_t offset, limit;
  Deadline deadline;
};

Result<SpoolFile> open_for(const Reading& ask) {
  auto file = ask.outbox->spool().open(place_of(ask.kind), ask.id);
  if (!file && ask.kind == wire::SpoolKind::Message)
    file = ask.outbox->spool().open(SpoolPlace::kOutbox, ask.id);
  return file;
}

void stream_file(Server& server, LaneQuestion question, const Reading& ask) {
  question.note().waited = true;
  auto file = open_for(ask);
  Result<void> good = file ? Result<void>() : Result<void>(file.error());
  std::optional<SpoolFile::Reader> reader;
  if (good) good = reader.emplace(*file).seek(ask.offset);
  if (!good) return server.deliver(std::move(question), reply_failure(good.error()), ask.deadline);
  const SpooledFile told{ask.id, file->head(), file->size(), true};
  auto put = question.write(reply_spooled(told), ask.deadline);
  for (std::uint64_t left = ask.limit; put && left > 0;) {
    const auto some = reader->next();
    if (!some) return;  // let go of unfinished: the reader sees that it was cut
    if (some->empty()) break;
    const std::string_view taken = some->substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(some->size(), left)));
    put = question.write(as_bytes(taken), ask.deadline);
    left -= taken.size();
  }
  if (!put) return;
  server.count_time(question);
  question.finish();
}

}  // namespace

void answer_spool_begin(Server& server, Asked asked, const wire::SpoolBegin& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  ask_spool(
      server, std::move(asked), outbox,
      [kind = ask.kind(), id = spool_id(ask.id()), replaces = ask.replaces(), size = ask.size(),
       note = ask.note() ? ask.note()->str() : std::string()](Spool& spool) {
        return spool.begin(kind, id, replaces, size, note);
      },
      reply_spooled);
}

void answer_spool_append(Server& server, Asked asked, const wire::SpoolAppend& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  const auto bytes = std::as_bytes(std::span(ask.bytes()->data(), ask.bytes()->size()));
  const SpoolId id = spool_id(ask.id());
  if (!id || bytes.size() > kMostAtOnce)
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "not a piece", 0});
  server.counters().add(Count::spool_bytes, bytes.size());
  if (const auto taken = outbox->spool().append_at_once(id, ask.version(), ask.offset(), bytes)) {
    if (taken->write) write_behind(server, outbox, ask.version());
    return server.deliver(std::move(asked.question), reply_spooled(taken->told), asked.deadline);
  }
  ask_spool(
      server, std::move(asked), outbox,
      [kind = ask.kind(), id, version = ask.version(), offset = ask.offset(),
       copy = std::vector<std::byte>(bytes.begin(), bytes.end())](Spool& spool) {
        return spool.append(kind, id, version, offset, copy);
      },
      reply_spooled);
}

void answer_spool_finish(Server& server, Asked asked, const wire::SpoolFinish& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  ask_spool(
      server, std::move(asked), outbox,
      [kind = ask.kind(), id = spool_id(ask.id()), version = ask.version(), size = ask.size()](
          Spool& spool) { return spool.finish(kind, id, version, size); },
      reply_spooled);
}

void answer_spool_list(Server& server, Asked asked, const wire::SpoolList& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  struct Listing {
    std::vector<SpooledFile> files;
    std::uint64_t bytes, limit;
  };
  ask_spool(
      server, std::move(asked), outbox,
      [kind = ask.kind()](Spool& spool) -> Result<Listing> {
        return Listing{spool.list(kind), spool.bytes(), spool.limits().account};
      },
      [](const Listing& all) { return reply_spool_listing(all.files, all.bytes, all.limit); });
}

void answer_spool_delete(Server& server, Asked asked, const wire::SpoolDelete& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  ask_spool(
      server, std::move(asked), outbox,
      [kind = ask.kind(), id = spool_id(ask.id())](Spool& spool) -> Result<bool> {
        if (const auto gone = spool.remove(kind, id); !gone) return gone.error();
        return true;
      },
      [](bool) { return reply_done(); });
}

void answer_spool_read(Server& server, Asked asked, const wire::SpoolRead& ask) {
  const auto outbox = checked(server, asked, ask.kind());
  if (!outbox) return;
  const Reading reading{outbox,          ask.kind(), spool_id(ask.id()), ask.offset(),
                        ask.limit() == 0 ? UINT64_MAX : ask.limit(), asked.deadline};
  auto question = std::make_shared<LaneQuestion>(std::move(asked.question));
  const bool posted = server.streams().post(
      server.streams().strand("spool"), Workers::When::kNow,
      [&server, question, reading] { stream_file(server, std::move(*question), reading); });
  if (posted) return;
  server.deliver(std::move(*question), reply_failure(Error{Code::kBusy, "too many downloads", 5}),
                 reading.deadline);
}

}  // namespace alphamail
