// SPDX-License-Identifier: GPL-3.0-or-later
// The tree of folders: LIST with all that may be asked along with it (LIST-EXTENDED, LIST-STATUS, SPECIAL-USE,
// STATUS=SIZE), namespaces and quotas, which leave in one write with it; and what changes it.
//
// A name goes to the server as it came from there, in modified UTF-7: UTF8=ACCEPT is never ENABLEd, so that no
// server has two ways to spell one.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "webcache/imap_connection_impl.h"
#include "webcache/imap_cursor.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"

namespace alphamail {
namespace {

const char* use_of(wire::Role role) {
  switch (role) {
    case wire::Role::Archive: return "(USE (\\Archive))";
    case wire::Role::Drafts: return "(USE (\\Drafts))";
    case wire::Role::Junk: return "(USE (\\Junk))";
    case wire::Role::Sent: return "(USE (\\Sent))";
    case wire::Role::Trash: return "(USE (\\Trash))";
    default: return nullptr;
  }
}

bool may_be_sent(std::string_view text) {
  return text.find_first_of(std::string_view("\0\r\n", 3)) == std::string_view::npos;
}

// What LIST, LSUB and what came with them have said.
class Heard {
 public:
  Result<void> take(const ImapResponse& response, const Untagged& about) {
    using Kind = Untagged::Kind;
    ListedFolder found;
    Parsed parsed = Parsed::kOdd;
    switch (about.kind) {
      case Kind::kNamespaces: parsed = parse_namespaces(response, spaces); break;
      case Kind::kQuota:
        if (!quotas) quotas.emplace();
        parse_quota(response, *quotas);
        return {};
      case Kind::kList:
      case Kind::kSubscribed: parsed = parse_list(response, found); break;
      case Kind::kStatusCounts: parsed = parse_status_counts(response, found); break;
      default: return {};
    }
    if (parsed == Parsed::kBroken) return protocol_error("to LIST is not IMAP");
    // A name that no command can carry (as a literal it may come with a line break) is of no use.
    if (parsed == Parsed::kOdd || found.name.empty() || !may_be_sent(found.name)) return {};
    if (same_word(found.name, "INBOX")) found.name = "INBOX";
    const auto place = places_.find(found.name);
    if (about.kind == Kind::kList) {
      if (place != places_.end() || folders.size() >= imap_limits::kListNames) return {};
      places_.emplace(found.name, folders.size());
      folders.push_back(std::move(found));
    } else if (place != places_.end() && about.kind == Kind::kSubscribed) {
      folders[place->second].subscribed |= found.selectable;
    } else if (place != places_.end() && found.counted) {
      ListedFolder& folder = folders[place->second];
      folder.messages = found.messages;
      folder.unseen = found.unseen;
      folder.size = found.size;
      folder.counted = true;
    }
    return {};
  }

  bool any_below(std::string_view prefix) const {
    return std::any_of(folders.begin(), folders.end(),
                       [&](const ListedFolder& f) { return std::string_view(f.name).starts_with(prefix); });
  }

  std::vector<ListedFolder> folders;
  std::optional<std::vector<QuotaUse>> quotas;
  std::vector<Namespace> spaces;

 private:
  std::unordered_map<std::string, std::size_t> places_;
};

// Patterns that may stand between quotes as they are.
bool is_plain(const std::string& pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](char c) {
    return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f;
  });
}

// A pattern may hold what it is to match: a folder called "100%" is found by its name's beginning.
std::string pattern_below(std::string_view prefix) { return std::string(prefix) + '*'; }

Error change_refused(const StatusText& status) {
  Error error = server_said(status);
  if (same_word(status.code, "ALREADYEXISTS")) error.code = Code::kChanged;
  if (error.code == Code::kServerSaid) error.code = Code::kForbidden;
  return error;
}

}  // namespace

Result<ImapConnection::Listing> ImapConnection::list(std::string_view prefix, bool sizes, Deadline deadline) {
  const Capabilities& offered = capabilities();
  Heard heard;
  const auto sink = [&heard](const ImapResponse& response, const Untagged& about) {
    return heard.take(response, about);
  };
  std::string returns;
  if (offered.list_extended || offered.list_status) {
    returns = "RETURN (";
    if (offered.list_extended) returns += "SUBSCRIBED ";
    if (offered.special_use) returns += "SPECIAL-USE ";
    returns += "CHILDREN";
    if (offered.list_status)
      returns += sizes && offered.status_size ? " STATUS (MESSAGES UNSEEN SIZE)" : " STATUS (MESSAGES UNSEEN)";
    returns += ')';
  }
  const auto run = [&](const std::vector<std::string>& patterns) -> Result<void> {
    std::vector<ImapCommand> commands;
    if (patterns.size() > 1 && offered.list_extended && std::all_of(patterns.begin(), patterns.end(), is_plain)) {
      // INBOX is not below "INBOX." or "mail/": several patterns in one command (RFC 5258).
      std::string all = "(";
      for (const std::string& one : patterns) all.append(all.size() > 1 ? " \"" : "\"").append(one).append("\"");
      commands.emplace_back("LIST").string("").words(all + ')');
    } else {
      for (const std::string& one : patterns) commands.emplace_back("LIST").string("").string(one);
    }
    for (ImapCommand& command : commands) {
      if (!returns.empty()) command.words(returns);
      if (auto done = impl_->check(impl_->wire.run(command, deadline, sink)); !done)
        return done.error().while_doing("LIST");
    }
    if (offered.list_extended) return {};
    for (const std::string& one : patterns) {
      ImapCommand subscribed("LSUB");
      subscribed.string("").string(one);
      // A server without subscriptions says so.
      const auto done = impl_->check(impl_->wire.run(subscribed, deadline, sink));
      if (!done && dead()) return done.error().while_doing("LSUB");
    }
    return {};
  };

  const bool learns = offered.namespace_ && !impl_->spaces;
  if (learns) impl_->wire.send_ahead("N1", "N1 NAMESPACE\r\n");
  if (offered.quota) impl_->wire.send_ahead("Q1", "Q1 GETQUOTAROOT INBOX\r\n");
  std::vector<std::string> patterns;
  if (!prefix.empty()) patterns.emplace_back("INBOX");
  patterns.push_back(pattern_below(prefix));
  if (impl_->spaces) {
    for (const Impl::Space& space : *impl_->spaces) {
      if (space.apart) patterns.push_back(pattern_below(space.name.prefix));
    }
  }
  if (auto done = run(patterns); !done) return done.error();
  if (learns) {
    impl_->spaces.emplace();
    for (Namespace& space : heard.spaces) {
      if (may_be_sent(space.prefix)) impl_->spaces->push_back({std::move(space), false, false});
    }
  }
  if (!impl_->spaces) impl_->spaces.emplace();
  for (Impl::Space& space : *impl_->spaces) {
    if (std::exchange(space.known, true) || heard.any_below(space.name.prefix)) continue;
    if (auto done = run({pattern_below(space.name.prefix)}); !done) return done.error();
    space.apart = heard.any_below(space.name.prefix);
  }

  Listing listing{std::move(heard.folders), std::move(heard.quotas), {}};
  for (const Impl::Space& space : *impl_->spaces) listing.others.push_back(space.name);
  for (ListedFolder& folder : listing.folders) {
    for (const Namespace& space : listing.others) {
      std::string_view root = space.prefix;
      if (!root.empty() && root.back() == folder.separator) root.remove_suffix(1);
      if (folder.name == root || folder.name.starts_with(space.prefix)) folder.space = space.space;
    }
  }
  return listing;
}

Result<void> ImapConnection::status(ListedFolder& folder, Deadline deadline) {
  bool found = false;
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    if (about.kind != Untagged::Kind::kStatusCounts) return {};
    ListedFolder counts;
    const Parsed parsed = parse_status_counts(response, counts);
    if (parsed == Parsed::kBroken) return protocol_error("to STATUS is not IMAP");
    if (parsed == Parsed::kOdd || !counts.counted) return {};
    folder.messages = counts.messages;
    folder.unseen = counts.unseen;
    folder.uid_next = counts.uid_next;
    folder.uid_validity = counts.uid_validity;
    folder.counted = found = true;
    return {};
  };
  ImapCommand command("STATUS");
  command.astring(folder.name).words("(MESSAGES UNSEEN UIDNEXT UIDVALIDITY)");
  if (auto done = impl_->check(impl_->wire.run(command, deadline, sink)); !done) return done;
  if (!found) return Error{Code::kServerSaid, "the server told no counts"};
  return {};
}

Result<void> ImapConnection::create(std::string_view mailbox, wire::Role role, Deadline deadline) {
  const char* use = capabilities().create_special_use ? use_of(role) : nullptr;
  ImapCommand command("CREATE");
  command.astring(mailbox);
  if (use != nullptr) command.words(use);
  if (!command.valid()) return Error{Code::kInvalid, "no folder can have this name", 0};
  auto status = impl_->run(command, deadline);
  if (!status) return status.error();
  const bool there = same_word(status->code, "ALREADYEXISTS");
  if (status->kind != StatusText::Kind::kOk && !there) return change_refused(*status);
  // Other programs list what is subscribed; one that refuses it has the folder all the same.
  ImapCommand subscribe("SUBSCRIBE");
  subscribe.astring(mailbox);
  const auto subscribed = impl_->run(subscribe, deadline);
  return subscribed ? Result<void>() : subscribed.error();
}

Result<void> ImapConnection::Impl::change(ImapCommand& command, Deadline deadline) {
  if (!command.valid()) return Error{Code::kInvalid, "no folder can have this name", 0};
  const auto status = run(command, deadline);
  if (!status) return status.error();
  if (status->kind != StatusText::Kind::kOk) return change_refused(*status);
  return {};
}

Result<void> ImapConnection::rename(std::string_view from, std::string_view to, Deadline deadline) {
  ImapCommand command("RENAME");
  command.astring(from).astring(to);
  return impl_->change(command, deadline);
}

Result<void> ImapConnection::remove(std::string_view mailbox, Deadline deadline) {
  ImapCommand command("DELETE");
  command.astring(mailbox);
  return impl_->change(command, deadline);
}

Result<void> ImapConnection::subscribe(std::string_view mailbox, bool subscribed, Deadline deadline) {
  ImapCommand command(subscribed ? "SUBSCRIBE" : "UNSUBSCRIBE");
  command.astring(mailbox);
  return impl_->change(command, deadline);
}

}  // namespace alphamail
