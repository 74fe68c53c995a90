// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_error.h"

#include "common/characters.h"
#include "webcache/etpan.h"
#include "webcache/imap_cursor.h"

namespace alphamail {

namespace {

// Servers of mailboxes that are one file (mbox) say it in words alone: UW's imapd, Dovecot, Cyrus.
bool speaks_of_lock(const StatusText& status) {
  const std::string words = lower(status.words);
  for (const char* of_lock : {"mailbox is locked", "mailbox lock", "waiting for lock", "lock mailbox",
                              "open by another process", "mailbox in use", "mailbox is in use"}) {
    if (words.find(of_lock) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

Error server_said(const StatusText& status) {
  Code code = same_word(status.code, "NONEXISTENT") ? Code::kNotFound : Code::kServerSaid;
  if (same_word(status.code, "INUSE") || (status.code.empty() && speaks_of_lock(status))) code = Code::kInUse;
  const std::string words = presentable(status.words);
  return {code, words.empty() ? "the server refused without a reason" : words};
}

namespace {

/// Codes of RFC 5530 by which a server says that it is in trouble itself, or wants to be asked later.
bool server_in_trouble(const StatusText& status) {
  for (const std::string_view trouble : {"UNAVAILABLE", "SERVERBUG", "LIMIT", "INUSE", "CONTACTADMIN"}) {
    if (same_word(status.code, trouble)) return true;
  }
  return false;
}

}  // namespace

Error select_refused(const StatusText& status) {
  Error error = server_said(status);
  if (error.code == Code::kInUse) return error;
  if (status.kind == StatusText::Kind::kNo && !server_in_trouble(status) && !same_word(status.code, "NOPERM")) {
    error.code = Code::kNotFound;
  }
  return error;
}

Error login_refused(const StatusText& status) {
  Error error = server_said(status);
  if (server_in_trouble(status)) {
    error.code = Code::kServerSaid;
    return error;
  }
  error.code = status.kind == StatusText::Kind::kBad ? Code::kServerSaid : Code::kBadCredentials;
  return error;
}

Error said_goodbye(const StatusText& status) {
  const Code code = same_word(status.code, "INUSE") || speaks_of_lock(status) ? Code::kInUse : Code::kUnreachable;
  return {code, "the server closed the connection: " + presentable(status.words)};
}

Error etpan_error(int code) {
  switch (code) {
    case MAILIMAP_ERROR_STREAM:
      return {Code::kUnreachable, "the connection failed"};
    case MAILIMAP_ERROR_MEMORY:
      return {Code::kInternal, "libetpan has no memory"};
    case MAILIMAP_ERROR_BAD_STATE:
      return {Code::kInternal, "libetpan was asked out of turn"};
    default:
      return {Code::kProtocol, "the server's answer was not understood (libetpan " + std::to_string(code) + ")"};
  }
}

Error protocol_error(std::string_view what) {
  return {Code::kProtocol, "the server's answer " + std::string(what)};
}

}  // namespace alphamail
