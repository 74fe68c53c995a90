// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/etpan_session.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "common/secret.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"

namespace alphamail {
namespace {

constexpr std::size_t kBufferBytes = 4096;  // of libetpan's two; a command fits, a response need not

bool is_plain_word(std::string_view word) {
  return !word.empty() && word.size() <= 64 && std::all_of(word.begin(), word.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '+' ||
           c == '=' || c == '.' || c == '_';
  });
}

/// "* CAPABILITY" with those words that are words.
std::string capability_line(std::string_view words) {
  std::string line = "* CAPABILITY";
  for (int count = 0; !words.empty() && count < 200; ++count) {
    const std::string_view word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(words.size(), word.size() + 1));
    if (is_plain_word(word) && !(count == 0 && same_word(word, "CAPABILITY"))) line.append(" ").append(word);
  }
  return line + "\r\n";
}

}  // namespace

/// What libetpan holds as its mailstream_low. Its callbacks are C: nothing may throw through them.
class EtpanSession::Driver {
 public:
  explicit Driver(ImapWire& wire) : wire_(wire) {}
  ~Driver() { wipe(outgoing_.data(), outgoing_.capacity()); }

  mailstream_low_driver* table() { return &table_; }

  void begin(Deadline deadline) {
    deadline_ = deadline;
    tag_.clear();
    outgoing_.clear();
    incoming_.clear();
    exists_line_.clear();
    capability_line_.clear();
    uid_validity_ = uid_next_ = 0;
    error_.reset();
    finished_ = false;
    highest_modseq = 0;
    read_only = false;
    permanent = {};
  }
  /// For the greeting, which libetpan wants to read itself.
  void feed(std::string_view bytes) { incoming_.append(bytes); }
  const std::optional<Error>& error() const { return error_; }
  bool finished() const { return finished_; }

  /// Sends what libetpan has written, and waits for "+".
  Result<bool> await_continuation() {
    if (auto sent = send(); !sent) return sent.error();
    return wire_.await_continuation(tag_, *deadline_, [this](const auto& r, const auto& u) { return pass(r, u); });
  }

  std::uint64_t highest_modseq = 0;  ///< of the SELECT under way: libetpan has it in an extension
  bool read_only = false;
  PermanentFlags permanent;

 private:
  Result<void> send();
  Result<void> pass(const ImapResponse& response, const Untagged& about);
  Result<void> pump();
  Result<void> conclude();

  ssize_t read(char* into, std::size_t size);
  static Driver& of(mailstream_low* low) { return *static_cast<Driver*>(low->data); }
  static ssize_t on_read(mailstream_low* low, void* into, std::size_t size) noexcept;
  static ssize_t on_write(mailstream_low* low, const void* from, std::size_t size) noexcept;
  static mailstream_low_driver table_;

  ImapWire& wire_;
  std::optional<Deadline> deadline_;
  std::string tag_;        ///< of the command under way, as libetpan wrote it
  std::string outgoing_;
  std::string incoming_;
  std::string exists_line_, capability_line_;
  std::uint64_t uid_validity_ = 0, uid_next_ = 0;
  bool finished_ = false;
  std::optional<Error> error_;
};

mailstream_low_driver EtpanSession::Driver::table_ = {
    .mailstream_read = on_read,
    .mailstream_write = on_write,
    .mailstream_close = [](mailstream_low*) { return 0; },  // the stream is the wire's
    .mailstream_get_fd = [](mailstream_low* low) { return of(low).wire_.stream().fd(); },
    .mailstream_free = [](mailstream_low* low) { std::free(low); },
    .mailstream_cancel = [](mailstream_low*) {},
    .mailstream_get_cancel = [](mailstream_low*) -> struct mailstream_cancel* { return nullptr; },
    .mailstream_get_certificate_chain = [](mailstream_low*) -> carray* { return nullptr; },
    .mailstream_setup_idle = [](mailstream_low*) { return -1; },
    .mailstream_unsetup_idle = [](mailstream_low*) { return -1; },
    .mailstream_interrupt_idle = [](mailstream_low*) { return -1; },
};

/// libetpan flushes when its buffer is full too; all of it leaves at once when an answer is wanted.
Result<void> EtpanSession::Driver::send() {
  if (outgoing_.empty()) return {};
  const bool first = tag_.empty();
  if (first) tag_ = outgoing_.substr(0, outgoing_.find(' '));
  auto sent = first ? wire_.send(outgoing_, *deadline_) : wire_.send_more(outgoing_, *deadline_);
  wipe(outgoing_.data(), outgoing_.size());
  outgoing_.clear();
  return sent;
}

/// The guard: of the untagged responses only these reach libetpan, the last of each, in our words.
Result<void> EtpanSession::Driver::pass(const ImapResponse& response, const Untagged& about) {
  if (about.kind == Untagged::Kind::kExists) {
    exists_line_ = "* " + std::to_string(about.number) + " EXISTS\r\n";
  } else if (about.kind == Untagged::Kind::kCapability) {
    capability_line_ = capability_line(response.text);
  } else if (about.kind == Untagged::Kind::kStatus) {
    StatusText status;
    if (parse_status_text(response, status) != Parsed::kGood || status.kind != StatusText::Kind::kOk) return {};
    if (same_word(status.code, "UIDVALIDITY")) uid_validity_ = number_in(status.args, UINT32_MAX);
    if (same_word(status.code, "UIDNEXT")) uid_next_ = number_in(status.args, UINT32_MAX);
    if (same_word(status.code, "HIGHESTMODSEQ")) highest_modseq = number_in(status.args, INT64_MAX);
    if (same_word(status.code, "PERMANENTFLAGS")) permanent = parse_permanent_flags(status.args);
  }
  return {};
}

Result<void> EtpanSession::Driver::conclude() {
  const StatusText& status = wire_.status();
  finished_ = true;
  read_only = same_word(status.code, "READ-ONLY");
  incoming_ = capability_line_ + exists_line_;
  if (uid_validity_ != 0) incoming_ += "* OK [UIDVALIDITY " + std::to_string(uid_validity_) + "] ok\r\n";
  if (uid_next_ != 0) incoming_ += "* OK [UIDNEXT " + std::to_string(uid_next_) + "] ok\r\n";
  const char* word = status.kind == StatusText::Kind::kOk   ? "OK"
                     : status.kind == StatusText::Kind::kNo ? "NO"
                                                            : "BAD";
  incoming_ += tag_ + ' ' + word + " done\r\n";
  return {};
}

/// Reads until there is something for libetpan: the whole answer to its command.
Result<void> EtpanSession::Driver::pump() {
  if (auto sent = send(); !sent) return sent;
  if (finished_) return protocol_error("has ended, libetpan wants more");
  auto status = wire_.finish(tag_, *deadline_, [this](const auto& r, const auto& u) { return pass(r, u); });
  if (!status) return status.error();
  return conclude();
}

ssize_t EtpanSession::Driver::read(char* into, std::size_t size) {
  if (incoming_.empty()) {
    if (auto pumped = pump(); !pumped) {
      error_ = pumped.error();
      return -1;
    }
  }
  const std::size_t count = std::min(size, incoming_.size());
  std::memcpy(into, incoming_.data(), count);
  incoming_.erase(0, count);
  return static_cast<ssize_t>(count);
}

ssize_t EtpanSession::Driver::on_read(mailstream_low* low, void* into, std::size_t size) noexcept {
  try {
    return of(low).read(static_cast<char*>(into), size);
  } catch (const std::exception& e) {
    of(low).wire_.die();
    return -1;
  }
}

ssize_t EtpanSession::Driver::on_write(mailstream_low* low, const void* from, std::size_t size) noexcept {
  try {
    std::string& out = of(low).outgoing_;
    if (out.capacity() - out.size() < size) {  // grown by hand: a password may be in it
      std::string larger;
      larger.reserve(2 * (out.size() + size));
      larger = out;
      out.swap(larger);
      wipe(larger.data(), larger.capacity());
    }
    out.append(static_cast<const char*>(from), size);
    return static_cast<ssize_t>(size);
  } catch (const std::exception& e) {
    of(low).wire_.die();
    return -1;
  }
}

EtpanSession::EtpanSession(ImapWire& wire, std::unique_ptr<Driver> driver)
    : wire_(wire), driver_(std::move(driver)) {}

Result<std::unique_ptr<EtpanSession>> EtpanSession::start(ImapWire& wire) {
  std::unique_ptr<EtpanSession> self(new EtpanSession(wire, std::make_unique<Driver>(wire)));
  const Error no_memory{Code::kInternal, "libetpan has no memory"};
  self->session_.reset(mailimap_new(0, nullptr));
  if (!self->session_) return no_memory;
  mailstream_low* low = mailstream_low_new(self->driver_.get(), self->driver_->table());
  if (low == nullptr) return no_memory;
  mailstream* stream = mailstream_new(low, kBufferBytes);
  if (stream == nullptr) {
    mailstream_low_free(low);
    return no_memory;
  }
  self->driver_->feed("* OK ready\r\n");
  const int code = mailimap_connect(self->session_.get(), stream);  // owns the stream from here on
  if (code != MAILIMAP_NO_ERROR_NON_AUTHENTICATED) return etpan_error(code);
  return self;
}

EtpanSession::~EtpanSession() {
  // mailimap_free would send LOGOUT and wait for its answer.
  if (session_ && session_->imap_stream != nullptr) {
    wipe(session_->imap_stream->write_buffer, session_->imap_stream->buffer_max_size);
    mailstream_close(session_->imap_stream);
    session_->imap_stream = nullptr;
  }
}

/// The wire's word counts: libetpan saw only what the guard wrote. Where the two differ, the guard is wrong.
Result<StatusText> EtpanSession::outcome(int code) {
  if (driver_->error()) return *driver_->error();
  if (!driver_->finished()) {
    wire_.die();
    return code == MAILIMAP_NO_ERROR ? Error{Code::kInternal, "libetpan did not read the answer"} : etpan_error(code);
  }
  const bool refused = wire_.status().kind != StatusText::Kind::kOk;
  if (!refused && code != MAILIMAP_NO_ERROR) {
    wire_.die();
    return etpan_error(code);
  }
  return wire_.status();
}

Result<StatusText> EtpanSession::capability(Deadline deadline) {
  driver_->begin(deadline);
  mailimap_capability_data* raw = nullptr;
  const int code = mailimap_capability(session_.get(), &raw);
  const EtpanCapabilities owned(raw);
  return outcome(code);
}

Result<StatusText> EtpanSession::start_tls(Deadline deadline) {
  driver_->begin(deadline);
  return outcome(mailimap_starttls(session_.get()));
}

Result<StatusText> EtpanSession::noop(Deadline deadline) {
  driver_->begin(deadline);
  return outcome(mailimap_noop(session_.get()));
}

Result<StatusText> EtpanSession::mark_seen(Uid uid, Deadline deadline) {
  driver_->begin(deadline);
  const EtpanSet set(mailimap_set_new_single(static_cast<std::uint32_t>(uid)));
  EtpanFlags flags(mailimap_flag_list_new_empty());
  if (!set || !flags) return Error{Code::kInternal, "libetpan has no memory"};
  mailimap_flag* seen = mailimap_flag_new_seen();
  if (seen == nullptr || mailimap_flag_list_add(flags.get(), seen) != MAILIMAP_NO_ERROR) {
    if (seen != nullptr) mailimap_flag_free(seen);
    return Error{Code::kInternal, "libetpan has no memory"};
  }
  const EtpanStoreFlags store(mailimap_store_att_flags_new_add_flags_silent(flags.release()));
  if (!store) return Error{Code::kInternal, "libetpan has no memory"};
  return outcome(mailimap_uid_store(session_.get(), set.get(), store.get()));
}

Result<StatusText> EtpanSession::run(ImapCommand& command, Deadline deadline) {
  if (!command.valid()) return Error{Code::kInvalid, "a name holds NUL, CR or LF"};
  driver_->begin(deadline);
  mailstream* stream = session_->imap_stream;
  if (mailimap_send_current_tag(session_.get()) != MAILIMAP_NO_ERROR) return outcome(MAILIMAP_ERROR_STREAM);
  const auto pieces = command.pieces(wire_.capabilities());
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string_view text = pieces[i].text;
    if (i > 0) {
      const auto go_on = driver_->await_continuation();
      if (!go_on) return go_on.error();
      if (!*go_on) return wire_.status();
    }
    const bool written = mailstream_write(stream, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (!written || mailstream_flush(stream) == -1) return outcome(MAILIMAP_ERROR_STREAM);
  }
  if (mailimap_read_line(session_.get()) == nullptr) return outcome(MAILIMAP_ERROR_STREAM);
  mailimap_response* raw = nullptr;
  const int code = mailimap_parse_response(session_.get(), &raw);
  const EtpanResponse owned(raw);
  return outcome(code);
}

Result<StatusText> EtpanSession::log_in(ImapCommand& command, Deadline deadline) {
  auto status = run(command, deadline);
  // libetpan forgets the length of its write buffer and not the bytes.
  wipe(session_->imap_stream->write_buffer, session_->imap_stream->buffer_max_size);
  if (status && status->kind == StatusText::Kind::kOk) now_logged_in();
  return status;
}

Result<StatusText> EtpanSession::select(ImapCommand& command, Selected& out, Deadline deadline) {
  if (session_->imap_selection_info != nullptr) mailimap_selection_info_free(session_->imap_selection_info);
  session_->imap_selection_info = mailimap_selection_info_new();
  if (session_->imap_selection_info == nullptr) return Error{Code::kInternal, "libetpan has no memory"};
  auto status = run(command, deadline);
  if (!status) return status;
  const bool selected = status->kind == StatusText::Kind::kOk;
  session_->imap_state = selected ? MAILIMAP_STATE_SELECTED : MAILIMAP_STATE_AUTHENTICATED;
  const mailimap_selection_info& info = *session_->imap_selection_info;
  out = Selected{};
  out.uid_validity = info.sel_uidvalidity;
  out.uid_next = info.sel_uidnext;
  out.exists = info.sel_exists;
  out.highest_modseq = driver_->highest_modseq;
  out.read_only = driver_->read_only;
  out.permanent = driver_->permanent;
  return status;
}

void EtpanSession::log_out(Deadline deadline) {
  if (wire_.dead()) return;
  driver_->begin(deadline);
  mailimap_logout(session_.get());  // closes its stream whatever the server says
  wire_.die();
}

}  // namespace alphamail
