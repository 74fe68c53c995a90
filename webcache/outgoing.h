// SPDX-License-Identifier: GPL-3.0-or-later
// What is known of a message that is to be sent: what was asked, how it stands, and the journal of its file
// (spool_file.h) that says so after a crash.
//
//     order      what Send asked                                  not sent yet; may be sent
//     at end     all but the end of the message was sent          may have arrived, unless a status follows
//     appending  where its copy will be                           may be there: looked for before another APPEND
//     filed      the copy is there
//     status     how it stands from here on
//
// Each note is on the disk before what it tells of begins. The last word counts; what a crash cut off was not
// begun. So after a crash a message whose last note is the order is sent (again): the server has not seen its end,
// and drops what it has (RFC 5321 section 4.1.1.4). One whose last note is 'at end' is uncertain.
#ifndef WEBCACHE_OUTGOING_H
#define WEBCACHE_OUTGOING_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "webcache/account.h"
#include "webcache/message_bytes.h"
#include "webcache/smtp_connection.h"

namespace alphamail {

using OutgoingState = wire::OutgoingState;

struct SendOrder {
  std::string from;
  std::vector<std::string> recipients;
  std::int64_t asked = 0;       ///< seconds since 1970 UTC
  std::int64_t held_until = 0;  ///< the same; 0 = not held
  bool keep_copy = true;
  std::string sent_folder;      ///< an address; "" = the one for sent mail
  wire::Mark mark = wire::Mark::Answered;
  std::vector<Account::Shown> marked;
  std::optional<Account::Shown> draft;
  MessageFacts facts;
};

struct OutgoingStatus {
  OutgoingState state = OutgoingState::Sending;
  std::optional<Error> error;
  std::uint16_t reply = 0;
  std::vector<SmtpRefused> refused;
  std::optional<Account::Shown> draft;  ///< of Drafted
};

/// Whether nothing goes on by itself: who waits for an outcome has it.
inline bool is_settled(OutgoingState state) {
  return state != OutgoingState::Held && state != OutgoingState::Sending;
}

std::string order_note(const SendOrder& order);
std::string at_end_note();
std::string appending_note(const Account::Place& place);
std::string filed_note();
std::string status_note(const OutgoingStatus& status);

/// All notes of a journal, read.
struct OutgoingJournal {
  std::optional<SendOrder> order;
  OutgoingStatus status;                    ///< Uncertain where it ends with 'at end'
  std::optional<Account::Place> appending;  ///< the last one
  bool filed = false;
};
/// What cannot be read of it is left out.
OutgoingJournal read_journal(const std::vector<std::string>& notes);

/// As ids and notes say it to web children.
struct OutgoingEntry {
  std::uint64_t id_high = 0, id_low = 0;
  std::string note;
  std::uint64_t size = 0;
  std::int64_t since = 0, held_until = 0;
  std::string from;
  std::vector<std::string> recipients;  ///< the first of them
  std::size_t recipient_count = 0;
  OutgoingStatus status;
};

}  // namespace alphamail

#endif
