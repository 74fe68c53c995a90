// SPDX-License-Identifier: GPL-3.0-or-later
// What users write, put into folders: drafts, copies of what was sent; and what is done to the messages
// that they answered.
//
// An APPEND whose answer did not come may have succeeded. So who appends keeps where the message would be
// (Account::Place) before it begins; the next attempt looks there for its Message-ID first.
#include <algorithm>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/row_maker.h"

namespace alphamail {

Result<FolderView> Account::find_role(wire::Role role, std::string_view name) {
  if (const auto read = read_folders(false); !read) return read.error();
  const auto look = [&]() -> std::optional<FolderView> {
    const FoldersView now = folders();
    for (const FolderEntry& entry : now.tree->entries()) {
      if (entry.role == role && entry.selectable) return view(entry.address);
    }
    return std::nullopt;
  };
  if (auto known = look()) return *known;
  const std::string called(name);
  const Error none{Code::kNotFound, "there is no folder '" + called + "'", 0};
  const auto there = imap_name_of(name, {server_.prefix, server_.separator, false});
  if (!there) return none;
  const auto made =
      on_server([&](ImapConnection& imap) { return imap.create(*there, role, step()); });
  if (!made) return made.error().while_doing("making the folder '" + called + "'");
  if (const auto read = read_folders(true); !read) return read.error();
  if (auto known = look()) return *known;
  // A server without roles: by its name.
  if (auto known = view(called)) return *known;
  return none;
}

Result<Account::Place> Account::place_in(const FolderView& folder) {
  const auto told = place_of(folder.entry());
  if (!told) return told.error();
  return Place{folder.entry().address, told->uid_validity, told->uid_next};
}

Result<Account::Shown> Account::find_appended(const Place& place, std::string_view message_id) {
  const auto folder = find_folder(place.folder);
  if (!folder) return folder.error();
  const auto selected = select(folder->entry());
  if (!selected) return selected.error();
  // Another UIDVALIDITY: the folder was made anew, or nobody had selected it, of which Courier tells
  // another one each second. Whether the message is there is to be seen among all then.
  const Uid first{selected->uid_validity == place.uid_validity ? place.uid_next : 1};
  const auto found =
      on_server([&](ImapConnection& imap) { return imap.find_message_id(first, message_id, step()); });
  if (!found) return found.error();
  if (found->empty()) return Error{Code::kNotFound, "it is not there", 0};
  Shown shown{place.folder, selected->uid_validity, found->back(), 0};
  const auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_identities(
        std::span(&shown.uid, 1),
        [&](FetchedRow&& row) {
          shown.identity = identity_of(row);
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error();
  return shown;
}

Result<Account::Shown> Account::append(const Place& place, std::string_view flags,
                                       std::string_view message_id, std::uint64_t bytes,
                                       const ImapConnection::Source& source) {
  const auto folder = find_folder(place.folder);
  if (!folder) return folder.error();
  const std::string mailbox = folder->entry().imap_name;
  const auto appended = on_server([&](ImapConnection& imap) {
    return imap.append(mailbox, flags, bytes, source, services_.command_timeout.load());
  });
  if (!appended) return appended.error();
  note_arrival(place.folder, 1, 0);
  // By its UID where the server told it: it need not search.
  Place where = place;
  if (appended->uid != Uid{}) {
    where.uid_validity = appended->uid_validity;
    where.uid_next = static_cast<std::uint32_t>(appended->uid);
  }
  auto shown = find_appended(where, message_id);
  // It is there: what cannot be said of it now is not worth a failure.
  if (shown) return shown;
  return Shown{place.folder, where.uid_validity, appended->uid, 0};
}

Result<void> Account::still_there(const Shown& message) {
  const auto folder = find_folder(message.folder);
  if (!folder) return folder.error();
  const auto selected = select(folder->entry());
  if (!selected) return selected.error();
  const Error changed{Code::kChanged, "it was changed or deleted by another program or device", 0};
  if (selected->uid_validity != message.uid_validity) return changed;
  bool there = false;
  const auto fetched = on_server([&](ImapConnection& imap) {
    return imap.fetch_identities(
        std::span(&message.uid, 1),
        [&](FetchedRow&& row) {
          there = row.uid == message.uid && identity_of(row) == message.identity;
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error();
  return there ? Result<void>() : changed;
}

Result<void> Account::mark(const Shown& message, wire::Flag flag) {
  if (const auto there = still_there(message); !there) return there;
  const auto folder = find_folder(message.folder);
  if (!folder) return folder.error();
  if (const auto told = take_in_told(folder->entry()); !told) return told;
  const auto stored = on_server([&](ImapConnection& imap) {
    return imap.store(std::span(&message.uid, 1), flag, true, step());
  });
  if (!stored) return stored;
  show_flag(message.folder, message.uid, flag, true);
  mark_stale(message.folder);
  return {};
}

Result<void> Account::remove_for_good(const Shown& message) {
  const Act act{message.folder,
                message.uid_validity,
                Action::Purge,
                {},
                {Marked(static_cast<std::uint32_t>(message.uid), message.identity)},
                {}};
  const auto acted = this->act(act);
  if (!acted) return acted.error();
  if (acted->error) return *acted->error;
  return {};
}

}  // namespace alphamail
