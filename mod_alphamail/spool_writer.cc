// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/spool_writer.h"

#include <algorithm>
#include <thread>

#include "mod_alphamail/spool_pieces.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {
namespace {

constexpr std::size_t kPiece = WebcacheClient::kSpoolPiece;

constexpr std::size_t kMostOnTheirWay = 3;

// What a daemon that took over may lack: protocol.fbs, SpoolAppend.
constexpr std::size_t kMayBeLost = 256 * 1024 + (kMostOnTheirWay + 1) * kPiece;
constexpr std::size_t kMostKept = kMayBeLost + 16 * kPiece;  // so that little is moved in memory

// How long a webcache that is not there is waited for in the middle of a file: its supervisor starts another.
constexpr Millis kRestart{2000};
constexpr Millis kBetweenLooks{25};

/// Asks, and asks again while there is no webcache. All these questions may be asked twice.
template <typename Ask>
auto ask_until_there(Deadline deadline, const Ask& ask) {
  const Deadline until = deadline.sooner(Deadline::in(kRestart));
  for (;;) {
    auto answer = ask();
    if (answer || answer.error().code != Code::kNoWebcache || until.passed()) return answer;
    std::this_thread::sleep_for(kBetweenLooks);
  }
}

}  // namespace

Result<SpoolWriter> SpoolWriter::begin(WebcacheClient& webcache, const Caller& caller,
                                       wire::SpoolKind kind, std::optional<wire::SpoolId> id,
                                       const Options& options) {
  const auto begun =
      webcache.spool_begin(caller, kind, id, options.replaces, options.size, options.note);
  if (!begun) return begun.error();
  SpoolWriter writer(webcache, caller, kind);
  writer.id_ = *(*begun)->id();
  writer.version_ = (*begun)->version();
  writer.exists_ = (*begun)->finished();
  writer.lane_ = options.lane;
  return writer;
}

Result<void> SpoolWriter::write(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t some = std::min(bytes.size(), kPiece);
    kept_.insert(kept_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(some));
    bytes = bytes.subspan(some);
    while (written() - sent_ >= kPiece) {
      const auto sent = lane_ ? post_piece() : send_some(kPiece);
      if (!sent) return sent;
    }
    forget_old();
  }
  return {};
}

void SpoolWriter::forget_old() {
  if (kept_.size() <= kMostKept) return;
  const std::size_t go = kept_.size() - kMayBeLost;
  kept_.erase(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(go));
  kept_from_ += go;
}

std::span<const std::byte> SpoolWriter::next_piece() const {
  const auto rest = std::span(kept_).subspan(static_cast<std::size_t>(sent_ - kept_from_));
  return rest.first(std::min(rest.size(), kPiece));
}

// Sends one, and waits for the first on its way where there are enough of them.
Result<void> SpoolWriter::post_piece() {
  while (on_their_way_.size() >= kMostOnTheirWay) {
    if (!take_answer()) return send_again();
  }
  const auto piece = next_piece();
  auto call = post_spool_piece(*lane_, webcache_->deadline(), *caller_, kind_, id_, version_, sent_, piece);
  if (!call) return send_again();
  sent_ += piece.size();
  on_their_way_.push_back({std::move(*call), sent_});
  return {};
}

// Of the first piece on its way. A lane does not keep their order: one that came too early is counted by the answer to
// one before it, which was read before. False where the daemon lacks something, or has failed.
bool SpoolWriter::take_answer() {
  OnItsWay first = std::move(on_their_way_.front());
  on_their_way_.pop_front();
  const auto size = spool_piece_answer(first.call, webcache_->deadline());
  if (!size || *size > written()) return false;
  has_ = std::max(has_, *size);
  return has_ >= first.end;
}

Result<void> SpoolWriter::wait_for_all() {
  while (!on_their_way_.empty()) {
    if (!take_answer()) return send_again();
  }
  return {};
}

// One after the other, from what the daemon is known to have.
Result<void> SpoolWriter::send_again() {
  on_their_way_.clear();
  sent_ = std::max(has_, kept_from_);
  return send_some(kPiece);
}

// Whole pieces, while so many bytes are left to be sent.
Result<void> SpoolWriter::send_some(std::size_t at_least) {
  while (written() - sent_ >= at_least && written() > sent_) {
    const auto some = next_piece();
    const auto got = ask_until_there(webcache_->deadline(), [&] {
      return webcache_->spool_append(*caller_, kind_, id_, version_, sent_, some);
    });
    if (!got) return got.error();
    const std::uint64_t has = (*got)->size();
    if (has < kept_from_ || has > written())
      return Error{Code::kChanged, "the webcache has lost more of it than is kept", 0};
    sent_ = has_ = has;
  }
  return {};
}

Result<std::uint64_t> SpoolWriter::finish() {
  if (const auto all = wait_for_all(); !all) return all.error();
  // Once more where a daemon died between the last piece and this: it says what it lacks.
  for (int turn = 0;; ++turn) {
    if (const auto sent = send_some(1); !sent) return sent.error();
    const auto done = ask_until_there(webcache_->deadline(), [&] {
      return webcache_->spool_finish(*caller_, kind_, id_, version_, written());
    });
    if (done && (*done)->finished()) return written();
    if (!done) return done.error();
    if (turn == 3 || (*done)->size() < kept_from_ || (*done)->size() > written())
      return Error{Code::kChanged, "the webcache has lost more of it than is kept", 0};
    sent_ = has_ = (*done)->size();
  }
}

}  // namespace alphamail
