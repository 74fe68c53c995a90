// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_fetch.h"

#include "webcache/imap_limits.h"

namespace alphamail {
namespace {

struct EnvelopeAddress {
  std::string& name;
  std::string& mailbox;
  std::string& host;
};

/// "(name adl mailbox host)". False where it only opens or closes a group (host NIL).
bool parse_address(ImapCursor& at, EnvelopeAddress& out) {
  at.expect('(');
  at.nstring(out.name);
  at.expect(' ');
  if (!at.accept_nil()) at.skip_string();
  at.expect(' ');
  at.nstring(out.mailbox);
  at.expect(' ');
  const bool group = at.accept_nil();
  if (!group) at.nstring(out.host);
  at.expect(')');
  return !group;
}

void skip_address_list(ImapCursor& at) {
  if (!at.accept_nil()) at.skip_value();
}

/// Those of a list that there is room for; of the others only that there are some.
void keep_recipients(ImapCursor& at, bool cc, FetchedRow& row) {
  if (at.accept_nil()) return;
  at.expect('(');
  while (!at.failed() && !at.accept(')')) {
    if (at.accept(' ')) continue;
    if (row.recipients.size() >= imap_limits::kRecipients) {
      row.more_recipients = true;
      at.skip_value();
      continue;
    }
    FetchedRecipient& one = row.recipients.emplace_back();
    one.cc = cc;
    EnvelopeAddress into{one.name, one.mailbox, one.host};
    if (!parse_address(at, into)) row.recipients.pop_back();
  }
}

/// The first address of a list; the others are skipped.
void first_address(ImapCursor& at, EnvelopeAddress out) {
  if (at.accept_nil()) return;
  at.expect('(');
  bool found = false;
  while (!at.failed() && !at.accept(')')) {
    if (at.accept(' ')) continue;  // some servers put spaces between addresses
    if (found) {
      at.skip_value();
      continue;
    }
    found = parse_address(at, out);
    if (!found) out.name.clear(), out.mailbox.clear();
  }
}

}  // namespace

void parse_envelope(ImapCursor& at, FetchedRow& row) {
  at.expect('(');
  at.nstring(row.date);
  at.expect(' ');
  at.nstring(row.subject);
  at.expect(' ');
  first_address(at, {row.from_name, row.from_mailbox, row.from_host});
  at.expect(' ');
  skip_address_list(at);  // Sender
  at.expect(' ');
  skip_address_list(at);  // Reply-To
  at.expect(' ');
  keep_recipients(at, false, row);
  at.expect(' ');
  keep_recipients(at, true, row);
  at.expect(' ');
  skip_address_list(at);  // Bcc
  at.expect(' ');
  at.nstring(row.in_reply_to);
  at.expect(' ');
  at.nstring(row.message_id);
  at.expect(')');
}

}  // namespace alphamail
