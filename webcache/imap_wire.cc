// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_wire.h"

#include <algorithm>

#include "common/secret.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostCopied = 20000;  // UIDs of one answer; a command names fewer

}  // namespace

ImapWire::ImapWire(std::unique_ptr<TlsStream> stream)
    : stream_(std::move(stream)), source_(*stream_), reader_(source_) {}

Error ImapWire::fatal(Error error) {
  dead_ = true;
  return error;
}

std::string ImapWire::next_tag() { return "A" + std::to_string(commands_ + 1); }

bool ImapWire::take_news_of_capabilities() { return std::exchange(capabilities_news_, false); }

void ImapWire::forget_capabilities() {
  capabilities_ = Capabilities{};
  capabilities_news_ = false;
}

void ImapWire::forget_exists() {
  exists_ = 0;
  exists_said_ = false;
  news_ = News{};
}

bool ImapWire::room_for_news(std::size_t more) {
  if (news_.lost || news_.changes.size() + news_.gone.size() + news_.keywords + more > imap_limits::kNews) {
    note_lost();
    return false;
  }
  return true;
}

void ImapWire::note_lost() {
  news_ = News{};
  news_.lost = true;
}

void ImapWire::note_flags(const FetchedRow& row) {
  // Keywords count by what they take: kNews of them at their longest would be a gigabyte.
  const std::size_t weight = 1 + row.keywords.size();
  if (!room_for_news(weight)) return;
  news_.changes.push_back({Change::Kind::kFlags, row.seq, row.uid, row.flags, row.keywords});
  news_.keywords += row.keywords.size();
}

/// Flags that another client changed, told in the middle of something else.
void ImapWire::note_fetch(const ImapResponse& response) {
  FetchResponse fetched;
  if (!response.overlong && parse_fetch(response, fetched) == Parsed::kGood && (fetched.has & FetchResponse::kFlags)) {
    note_flags(fetched.row);
  }
}

Result<ImapResponse> ImapWire::next(Deadline deadline) {
  if (dead_) return Error{Code::kUnreachable, "the connection has ended"};
  auto response = reader_.next(deadline);
  if (!response) return fatal(response.error());
  return response;
}

void ImapWire::learn(std::string_view code, std::string_view args) {
  if (same_word(code, "COPYUID")) {
    copied_ = parse_copied(args, kMostCopied).value_or(Copied{});
    return;
  }
  if (!same_word(code, "CAPABILITY")) return;
  capabilities_ = parse_capabilities(args);
  capabilities_news_ = true;
}

/// Copies the line, since the reader's memory is given back between commands.
Result<void> ImapWire::keep_status(const ImapResponse& response) {
  status_line_.assign(response.text);
  ImapResponse kept = response;
  kept.text = status_line_;
  if (parse_status_text(kept, status_) != Parsed::kGood) return fatal(protocol_error("has no status"));
  learn(status_.code, status_.args);
  return {};
}

Result<StatusText::Kind> ImapWire::greeting(Deadline deadline) {
  const auto response = next(deadline);
  if (!response) return response.error();
  if (response->kind != ImapResponse::Kind::kUntagged) return fatal(protocol_error("is no greeting"));
  if (auto kept = keep_status(*response); !kept) return kept.error();
  switch (status_.kind) {
    case StatusText::Kind::kOk:
    case StatusText::Kind::kPreauth:
      return status_.kind;
    case StatusText::Kind::kBye:
      return fatal(Error{Code::kServerSaid, presentable(status_.words)});
    default:
      return fatal(protocol_error("is no greeting"));
  }
}

Result<void> ImapWire::untagged(const ImapResponse& response, const Sink& sink) {
  if (++untagged_ > imap_limits::kUntagged) return fatal(protocol_error("has no end"));
  Untagged about;
  const Parsed parsed = parse_untagged(response, about);
  if (parsed == Parsed::kBroken) return fatal(protocol_error("is not IMAP"));
  if (parsed == Parsed::kOdd) return {};
  switch (about.kind) {
    case Untagged::Kind::kExists:
      exists_ = about.number;
      exists_said_ = true;
      break;
    case Untagged::Kind::kExpunge:
      if (about.number <= exists_) --exists_;
      if (room_for_news(1)) news_.changes.push_back({Change::Kind::kGone, about.number, Uid{}, 0, {}});
      break;
    case Untagged::Kind::kVanished: {
      Vanished gone;
      if (parse_vanished(response, gone) == Parsed::kBroken) return fatal(protocol_error("is not IMAP"));
      if (room_for_news(gone.ranges.size())) {
        news_.gone.insert(news_.gone.end(), gone.ranges.begin(), gone.ranges.end());
      }
      if (!gone.earlier) exists_ -= static_cast<std::uint32_t>(std::min<std::uint64_t>(gone.count, exists_));
      break;
    }
    case Untagged::Kind::kCapability:
      learn("CAPABILITY", response.text);
      break;
    case Untagged::Kind::kEnabled:
      qresync_ |= parse_capabilities(response.text).qresync;
      break;
    case Untagged::Kind::kFetch:
      if (!fetches_expected_) note_fetch(response);
      break;
    case Untagged::Kind::kStatus: {
      StatusText status;
      if (parse_status_text(response, status) != Parsed::kGood) return fatal(protocol_error("is not IMAP"));
      if (status.kind == StatusText::Kind::kBye) return fatal(said_goodbye(status));
      learn(status.code, status.args);
      break;
    }
    default:
      break;
  }
  if (!sink) return {};
  auto taken = sink(response, about);
  if (!taken && taken.error().code == Code::kProtocol) dead_ = true;
  return taken;
}

/// One response. @return true if it was the tagged one
Result<bool> ImapWire::step(std::string_view tag, Deadline deadline, const Sink& sink, bool* continuation) {
  const auto response = next(deadline);
  if (!response) return response.error();
  return take(*response, tag, sink, continuation);
}

Result<bool> ImapWire::take(const ImapResponse& response, std::string_view tag, const Sink& sink,
                            bool* continuation) {
  switch (response.kind) {
    case ImapResponse::Kind::kContinuation:
      if (++untagged_ > imap_limits::kUntagged) return fatal(protocol_error("has no end"));
      *continuation = true;
      return false;
    case ImapResponse::Kind::kUntagged:
      if (auto done = untagged(response, sink); !done) return fatal(done.error());
      return false;
    case ImapResponse::Kind::kTagged:
      break;
  }
  if (!ahead_tags_.empty() && response.tag == ahead_tags_.front()) {
    if (idling_) {
      // The server has ended IDLE by itself: there is nothing to be DONE any more.
      idling_ = false;
      ahead_.clear();
    } else if (!ahead_.empty()) {
      return fatal(protocol_error("has a tag that was not asked"));
    }
    ahead_tags_.erase(ahead_tags_.begin());
    return false;
  }
  if (tag.empty() || response.tag != tag) return fatal(protocol_error("has a tag that was not asked"));
  if (auto kept = keep_status(response); !kept) return kept.error();
  if (status_.kind == StatusText::Kind::kBye || status_.kind == StatusText::Kind::kPreauth) {
    return fatal(protocol_error("has no status"));
  }
  return true;
}

Result<void> ImapWire::send(std::string_view bytes, Deadline deadline) {
  if (dead_) return Error{Code::kUnreachable, "the connection has ended"};
  ++commands_;
  untagged_ = 0;
  idling_ = false;
  if (ahead_.empty()) return send_more(bytes, deadline);
  std::string both = std::exchange(ahead_, std::string());
  both.reserve(both.size() + bytes.size());  // once, since a password may be in it
  both += bytes;
  auto sent = send_more(both, deadline);
  wipe(both.data(), both.size());
  return sent;
}

void ImapWire::send_ahead(std::string tag, std::string_view bytes) {
  ++commands_;
  ahead_ += bytes;
  ahead_tags_.push_back(std::move(tag));
}

Result<void> ImapWire::idle(Deadline deadline) {
  const std::string tag = next_tag();
  if (auto sent = send(tag + " IDLE\r\n", deadline); !sent) return sent;
  const auto go_on = await_continuation(tag, deadline, nullptr);
  if (!go_on) return go_on.error();
  if (!*go_on) return server_said(status_);
  ahead_ += "DONE\r\n";
  ahead_tags_.push_back(tag);
  idling_ = true;
  return {};
}

Result<void> ImapWire::listen() {
  untagged_ = 0;
  while (!dead_ && has_unread()) {
    auto response = reader_.poll();
    if (!response) return fatal(response.error());
    if (!*response) break;
    bool ignored = false;
    if (auto taken = take(**response, "", nullptr, &ignored); !taken) return taken.error();
  }
  // Without a BYE: whoever waits for it to be readable would be told so for ever.
  if (!dead_ && stream_->ended()) return fatal(Error{Code::kUnreachable, "the server closed the connection"});
  if (dead_) return Error{Code::kUnreachable, "the connection has ended"};
  return {};
}

Result<void> ImapWire::send_more(std::string_view bytes, Deadline deadline) {
  auto sent = stream_->write(bytes, deadline);
  if (!sent) return fatal(sent.error());
  return {};
}

Result<StatusText> ImapWire::finish(std::string_view tag, Deadline deadline, const Sink& sink) {
  for (;;) {
    bool ignored = false;
    const auto done = step(tag, deadline, sink, &ignored);
    if (!done) return done.error();
    if (*done) return status_;
  }
}

Result<bool> ImapWire::await_continuation(std::string_view tag, Deadline deadline, const Sink& sink) {
  for (;;) {
    bool go_ahead = false;
    const auto done = step(tag, deadline, sink, &go_ahead);
    if (!done) return done.error();
    if (*done) return false;
    if (go_ahead) return true;
  }
}

Result<StatusText> ImapWire::run(ImapCommand& command, Deadline deadline, const Sink& sink) {
  if (!command.valid()) return Error{Code::kInvalid, "a name holds NUL, CR or LF"};
  const std::string tag = next_tag();
  const auto pieces = command.pieces(capabilities_);
  std::string first = tag + ' ';
  first += pieces.front().text;
  auto sent = send(first, deadline);
  wipe(first.data(), first.size());
  if (!sent) return sent.error();
  for (std::size_t i = 1; i < pieces.size(); ++i) {
    const auto go_on = await_continuation(tag, deadline, sink);
    if (!go_on) return go_on.error();
    if (!*go_on) return status_;
    if (auto more = send_more(pieces[i].text, deadline); !more) return more.error();
  }
  return finish(tag, deadline, sink);
}

}  // namespace alphamail
