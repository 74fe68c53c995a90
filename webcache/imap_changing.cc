// SPDX-License-Identifier: GPL-3.0-or-later
// The commands that change a mailbox: STORE, COPY, MOVE, EXPUNGE. Those that change the
// tree of folders: imap_folders.cc.
#include <algorithm>
#include <utility>

#include "webcache/imap_connection_impl.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"
#include "webcache/keyword.h"

namespace alphamail {
namespace {

Error nothing_to_change() {
  return {Code::kInvalid, "no messages are named", 0};
}

bool is_sound(std::span<const Uid> uids) {
  return !uids.empty() && ImapConnection::in_one_command(uids) == uids.size();
}

std::size_t digits(Uid uid) {
  std::size_t n = 1;
  for (auto left = static_cast<std::uint32_t>(uid); left >= 10; left /= 10) ++n;
  return n;
}

const char* name_of(wire::Flag flag) {
  switch (flag) {
    case wire::Flag::Seen: return "(\\Seen)";
    case wire::Flag::Answered: return "(\\Answered)";
    case wire::Flag::Forwarded: return "($Forwarded)";
    case wire::Flag::Flagged: return "(\\Flagged)";
    case wire::Flag::Deleted: return "(\\Deleted)";
    case wire::Flag::Junk: return "($Junk)";
    case wire::Flag::NotJunk: return "($NotJunk)";
    default: return nullptr;
  }
}

}  // namespace

Result<StatusText> ImapConnection::Impl::run(ImapCommand& command, Deadline deadline) {
  const auto libetpan = session();
  if (!libetpan) return libetpan.error();
  auto status = (*libetpan)->run(command, deadline);
  wire.rest();
  return status;
}

// As ImapCommand::set() writes them.
std::size_t ImapConnection::in_one_command(std::span<const Uid> uids) {
  std::size_t bytes = 0, i = 0;
  while (i < uids.size()) {
    std::size_t last = i;
    while (last + 1 < uids.size() && static_cast<std::uint64_t>(uids[last + 1]) ==
                                         static_cast<std::uint64_t>(uids[last]) + 1) {
      ++last;
    }
    bytes += 1 + digits(uids[i]) + (last > i ? 1 + digits(uids[last]) : 0);
    if (bytes > kSetBytes) break;
    i = last + 1;
  }
  return i;
}

Result<std::vector<Uid>> ImapConnection::find_uids(Uid first, Uid last, std::string_view that,
                                                   Deadline deadline) {
  Found found{.first = 1, .last = imap_limits::kMessages};
  if (exists() == 0 || first > last) return std::move(found.uids);
  ImapCommand command("UID SEARCH");
  command.words("UID").range(static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last));
  if (!that.empty()) command.words(that);
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    if (about.kind != Untagged::Kind::kFound) return {};
    return parse_found(response, found) == Parsed::kGood ? Result<void>()
                                                         : protocol_error("to SEARCH is not IMAP");
  };
  if (auto done = impl_->check(impl_->wire.run(command, deadline, sink)); !done) return done.error();
  std::erase_if(found.uids, [&](Uid uid) { return uid < first || uid > last; });
  std::sort(found.uids.begin(), found.uids.end());
  found.uids.erase(std::unique(found.uids.begin(), found.uids.end()), found.uids.end());
  return std::move(found.uids);
}

Result<void> ImapConnection::store(UidRange all, wire::Flag flag, bool set, Deadline deadline) {
  const char* name = name_of(flag);
  if (all.first == 0 || all.first > all.last || name == nullptr) return nothing_to_change();
  ImapCommand command("UID STORE");
  command.range(all.first, all.last).words(set ? "+FLAGS.SILENT" : "-FLAGS.SILENT").words(name);
  return impl_->check(impl_->run(command, deadline));
}

Result<void> ImapConnection::store(std::span<const Uid> uids, wire::Flag flag, bool set,
                                   Deadline deadline) {
  const char* name = name_of(flag);
  if (!is_sound(uids) || name == nullptr) return nothing_to_change();
  ImapCommand command("UID STORE");
  command.set(uids).words(set ? "+FLAGS.SILENT" : "-FLAGS.SILENT").words(name);
  return impl_->check(impl_->run(command, deadline));
}

Result<void> ImapConnection::store_keyword(std::span<const Uid> uids, std::string_view keyword, bool set,
                                           Deadline deadline) {
  if (!is_sound(uids) || !is_keyword(keyword)) return nothing_to_change();
  ImapCommand command("UID STORE");
  command.set(uids).words(set ? "+FLAGS.SILENT" : "-FLAGS.SILENT").words("(" + std::string(keyword) + ")");
  return impl_->check(impl_->run(command, deadline));
}

Result<Copied> ImapConnection::Impl::transfer(const char* words, std::span<const Uid> uids,
                                              std::string_view mailbox, Deadline deadline) {
  if (!is_sound(uids)) return nothing_to_change();
  ImapCommand command(words);
  command.set(uids).astring(mailbox);
  if (!command.valid()) return Error{Code::kNotFound, "no folder can have this name", 0};
  wire.take_copied();
  auto status = run(command, deadline);
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) {
    if (Copied some = wire.take_copied(); !some.from.empty()) {
      some.stopped = server_said(*status);
      // Dovecot moves a thousand at a time, and stops where it finds that others removed some.
      if (same_word(status->code, "EXPUNGEISSUED")) some.stopped->code = Code::kChanged;
      return some;
    }
  }
  if (status->kind != StatusText::Kind::kOk && same_word(status->code, "TRYCREATE"))
    return Error{Code::kNotFound, presentable(status->words), 0};
  // Some of them have just been removed by somebody else, and nothing was done (RFC 5530).
  if (status->kind != StatusText::Kind::kOk && same_word(status->code, "EXPUNGEISSUED"))
    return Error{Code::kChanged, presentable(status->words), 0};
  if (status->kind != StatusText::Kind::kOk) return server_said(*status);
  return wire.take_copied();
}

Result<Copied> ImapConnection::copy(std::span<const Uid> uids, std::string_view mailbox,
                                    Deadline deadline) {
  return impl_->transfer("UID COPY", uids, mailbox, deadline);
}

Result<Copied> ImapConnection::move(std::span<const Uid> uids, std::string_view mailbox,
                                    Deadline deadline) {
  if (!capabilities().move) return Error{Code::kInvalid, "the server cannot move", 0};
  return impl_->transfer("UID MOVE", uids, mailbox, deadline);
}

/// Those that another client means to expunge.
Result<std::vector<Uid>> ImapConnection::Impl::deleted_but(std::span<const Uid> uids,
                                                           Deadline deadline) {
  Found found{.first = 1, .last = imap_limits::kMessages};
  ImapCommand command("UID SEARCH");
  command.words("DELETED");
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    if (about.kind != Untagged::Kind::kFound) return {};
    return parse_found(response, found) == Parsed::kGood ? Result<void>()
                                                         : protocol_error("to SEARCH is not IMAP");
  };
  if (auto done = check(wire.run(command, deadline, sink)); !done) return done.error();
  std::vector<Uid> ours(uids.begin(), uids.end());
  std::sort(ours.begin(), ours.end());
  std::erase_if(found.uids, [&](Uid uid) { return std::binary_search(ours.begin(), ours.end(), uid); });
  std::sort(found.uids.begin(), found.uids.end());
  return std::move(found.uids);
}

Result<void> ImapConnection::expunge(std::span<const Uid> uids, Deadline deadline) {
  if (!is_sound(uids)) return nothing_to_change();
  if (auto marked = store(uids, wire::Flag::Deleted, true, deadline); !marked) return marked;
  if (capabilities().uidplus) {
    ImapCommand command("UID EXPUNGE");
    command.set(uids);
    return impl_->check(impl_->run(command, deadline));
  }
  auto others = impl_->deleted_but(uids, deadline);
  if (!others) return others.error();
  const auto mark_others = [&](bool deleted) -> Result<void> {
    for (std::span<const Uid> left(*others); !left.empty();) {
      const auto some = left.first(in_one_command(left));
      left = left.subspan(some.size());
      if (auto stored = store(some, wire::Flag::Deleted, deleted, deadline); !stored) return stored;
    }
    return {};
  };
  // Where this breaks off, a message stays that somebody had meant to remove, and never the other way.
  if (auto kept = mark_others(false); !kept) return kept;
  ImapCommand command("EXPUNGE");
  auto done = impl_->check(impl_->run(command, deadline));
  if (dead()) return done;
  auto back = mark_others(true);
  return done ? back : done;
}

}  // namespace alphamail
