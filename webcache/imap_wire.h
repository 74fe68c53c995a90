// SPDX-License-Identifier: GPL-3.0-or-later
// One IMAP conversation: commands out, responses in, and what the server says unasked kept up to date.
//
// Everything passes here, whoever speaks: our own commands and libetpan's (etpan_session.h). Each
// untagged response is looked at once: EXISTS, EXPUNGE, VANISHED, CAPABILITY and BYE take their effect
// at whatever moment they come; the rest goes to the one who sent the command, or is left out.
#ifndef WEBCACHE_IMAP_WIRE_H
#define WEBCACHE_IMAP_WIRE_H

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "webcache/imap_command.h"
#include "webcache/imap_parser.h"
#include "webcache/imap_reader.h"
#include "webcache/imap_types.h"
#include "webcache/tls_stream.h"

namespace alphamail {

/// Used by one thread at a time. Any error but those a sink returns leaves it out of step: dead().
class ImapWire {
 public:
  /// Takes an untagged response that is of no use to the wire itself, or not only to it.
  using Sink = std::function<Result<void>(const ImapResponse&, const Untagged&)>;

  explicit ImapWire(std::unique_ptr<TlsStream> stream);

  /// The first response. @return kProtocol for what is no greeting, kServerSaid for BYE
  Result<StatusText::Kind> greeting(Deadline deadline);

  /// Sends one command, in one write where no literal must wait, and reads until its tagged response.
  /// The views of the status live until the next command.
  Result<StatusText> run(ImapCommand& command, Deadline deadline, const Sink& sink);
  /// The same in two steps, for a tag and bytes that somebody else has made.
  Result<void> send(std::string_view bytes, Deadline deadline);
  Result<void> send_more(std::string_view bytes, Deadline deadline);  ///< behind a "+"
  Result<StatusText> finish(std::string_view tag, Deadline deadline, const Sink& sink);
  /// A command whose answer nobody waits for: it leaves in one write with the next one, and its tagged
  /// answer is dropped. `bytes` end with CRLF.
  void send_ahead(std::string tag, std::string_view bytes);
  /// Begins IDLE (RFC 2177); the next command ends it, by DONE in the same write.
  /// @return kServerSaid where the server refuses
  Result<void> idle(Deadline deadline);
  bool idling() const { return idling_; }
  /// Takes what the server has said meanwhile, without waiting for more.
  Result<void> listen();

  /// Reads until "+": true. A tagged response instead: false, and status() says what it was.
  Result<bool> await_continuation(std::string_view tag, Deadline deadline, const Sink& sink);
  const StatusText& status() const { return status_; }
  std::string next_tag();

  TlsStream& stream() { return *stream_; }
  /// True if the server has sent anything that nobody has read.
  bool has_unread() const { return reader_.unread() > 0 || stream_->has_unread(); }
  bool dead() const { return dead_; }
  void die() { dead_ = true; }
  std::uint64_t commands() const { return commands_; }

  const Capabilities& capabilities() const { return capabilities_; }
  /// True once since the last call if the server has told its capabilities.
  bool take_news_of_capabilities();
  void forget_capabilities();

  /// What COPYUID has said since the last call, of whatever response: MOVE tells it before its end (RFC 6851
  /// section 4.3), COPY in its tagged answer.
  Copied take_copied() { return std::exchange(copied_, Copied{}); }

  bool qresync() const { return qresync_; }  ///< ENABLED for this connection

  /// What was said of the selected folder since the last call, but for what answered a FETCH.
  News take_news() { return std::exchange(news_, News{}); }
  bool has_news() const { return !news_.empty(); }
  void note_flags(const FetchedRow& row);
  void note_lost();
  /// A FETCH response is the sink's business from here on, or (false) news again.
  void expect_fetches(bool expected) { fetches_expected_ = expected; }

  std::uint32_t exists() const { return exists_; }
  bool exists_said() const { return exists_said_; }
  void forget_exists();

  /// Between commands: gives the read buffer back.
  void rest() { reader_.release(); }

 private:
  class Source final : public ByteSource {
   public:
    explicit Source(TlsStream& stream) : stream_(stream) {}
    Result<std::size_t> read(std::span<char> into, Deadline deadline) override {
      return stream_.read(into, deadline);
    }

   private:
    TlsStream& stream_;
  };

  Result<ImapResponse> next(Deadline deadline);
  Result<bool> take(const ImapResponse& response, std::string_view tag, const Sink& sink, bool* continuation);
  void note_fetch(const ImapResponse& response);
  bool room_for_news(std::size_t more);
  Result<bool> step(std::string_view tag, Deadline deadline, const Sink& sink, bool* continuation);
  Result<void> untagged(const ImapResponse& response, const Sink& sink);
  Result<void> keep_status(const ImapResponse& response);
  void learn(std::string_view code, std::string_view args);
  Error fatal(Error error);

  std::unique_ptr<TlsStream> stream_;
  Source source_;
  ImapReader reader_;
  Capabilities capabilities_;
  bool capabilities_news_ = false;
  std::uint32_t exists_ = 0;
  bool exists_said_ = false;
  News news_;
  bool fetches_expected_ = false;
  bool qresync_ = false;
  Copied copied_;
  std::string ahead_;                   ///< to be written before the next command
  std::vector<std::string> ahead_tags_; ///< whose answers are still to come, in this order
  bool idling_ = false;
  bool dead_ = false;
  std::uint64_t commands_ = 0;
  std::uint64_t untagged_ = 0;  ///< since the last command was sent
  std::string status_line_;     ///< what status_ points into
  StatusText status_;
};

}  // namespace alphamail

#endif
