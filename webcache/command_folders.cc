// SPDX-License-Identifier: GPL-3.0-or-later
// Questions about the tree of folders: the tree itself, changes of it, roles, quotas, all UIDs of a folder, what
// is large.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "common/mailbox_name.h"
#include "webcache/commands.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostChoices = 8;
constexpr std::uint32_t kMostUids = 100000;
constexpr std::uint16_t kMostLarge = 200;

// Longer than for a page: why a change was refused can only be said in its own answer.
constexpr Millis kChangeMayTake{4000};

bool is_change(wire::FolderChange change) {
  return change >= wire::FolderChange::MIN && change <= wire::FolderChange::MAX;
}

// After a second: what is known, or that it is under way, as it is where somebody wants to know how it is now.
void list_in_time(Server& server, const std::shared_ptr<Pending>& pending,
                  const std::shared_ptr<Account>& account, bool anew) {
  server.timers().at(Deadline::in(kWaitsInSilence), [pending, account, anew] {
    pending->answer_meanwhile([&] {
      const FoldersView folders = account->folders();
      return folders.tree && !anew ? reply_folders(folders) : reply_failure(not_yet(*account, ""));
    });
  });
}

void after_work(Server& server, const std::shared_ptr<Account>& account) {
  keep_counting(server, account);
  follow_later(server, account);
}

}  // namespace

void answer_list_folders(Server& server, Asked asked, const wire::ListFolders& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const FoldersView folders = account->folders();
  const bool sizes = ask.sizes(), anew = ask.anew();
  if (folders.tree && !anew && (!sizes || account->knows_sizes())) {
    return server.deliver(std::move(asked.question), reply_folders(folders), asked.deadline);
  }
  if (const auto unable = account->unable()) {
    // While the server is away what is known is shown.
    if (folders.tree && unable->code != Code::kNeedCredentials) {
      return server.deliver(std::move(asked.question), reply_folders(folders), asked.deadline);
    }
    return answer_failure(server, std::move(asked), *unable);
  }
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  list_in_time(server, pending, account, anew);
  post_question(server, account, pending, [&server, pending, account, anew, sizes] {
    const auto read = account->read_folders(anew, sizes);
    pending->answer(
        [&] { return read ? reply_folders(account->folders()) : reply_failure(read.error()); });
    after_work(server, account);
  });
}

void answer_change_folder(Server& server, Asked asked, const wire::ChangeFolder& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const wire::FolderChange change = ask.change();
  const std::string folder = ask.folder()->str();
  const std::string target = ask.target() ? ask.target()->str() : "";
  const bool renames = change == wire::FolderChange::Rename;
  if (!is_change(change) || !is_address(folder) || (renames && !is_address(target))) {
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "no folder can have this name", 0});
  }
  if (const auto unable = account->unable()) return answer_failure(server, std::move(asked), *unable);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  server.timers().at(Deadline::in(kChangeMayTake), [pending] {
    pending->answer_meanwhile([] {
      return reply_failure(Error{Code::kUnderWay, "the mail server is still at work on this", 1});
    });
  });
  post_question(server, account, pending, [&server, pending, account, change, folder, target] {
    if (!pending->wanted()) return;
    const auto changed = account->change_folder(change, folder, target);
    if (!changed) {
      log(Severity::kInfo, 238, "folders of " + account->address() + ": " +
                                    wire::EnumNameFolderChange(change) + " refused: " + changed.error().detail);
    }
    pending->answer(
        [&] { return changed ? reply_folders(account->folders()) : reply_failure(changed.error()); });
    after_work(server, account);
  });
}

std::optional<RoleChoices> role_choices(const WireRoles* roles) {
  if (!roles) return {};
  RoleChoices chosen;
  for (const wire::RoleChoice* one : *roles) {
    const bool known = one->role() >= wire::Role::Drafts && one->role() <= wire::Role::Trash;
    if (chosen.size() == kMostChoices || !known || !is_address(one->folder()->string_view())) continue;
    chosen.push_back({one->role(), one->folder()->str()});
  }
  return chosen;
}

void take_roles(Server& server, const std::shared_ptr<Account>& account,
                const std::optional<RoleChoices>& roles) {
  if (!roles) return;
  auto others = account->choose_roles(*roles);
  if (others.empty()) return;
  server.workers().post(account->strand(), Workers::When::kLater,
                        [account, others = std::move(others)] { account->show_anew(others); });
}

void answer_choose_roles(Server& server, Asked asked, const wire::ChooseRoles& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  take_roles(server, account, ask.roles() ? role_choices(ask.roles()) : RoleChoices());
  server.deliver(std::move(asked.question), reply_done(), asked.deadline);
}

void answer_list_uids(Server& server, Asked asked, const wire::ListUids& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const std::string folder = ask.folder()->str();
  if (!is_address(folder)) {
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "no such folder", 0});
  }
  if (const auto unable = account->unable()) return answer_failure(server, std::move(asked), *unable);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  const std::size_t most = std::clamp<std::uint32_t>(ask.most(), 1, kMostUids);
  post_question(server, account, pending, [&server, pending, account, folder, most, above = Uid{ask.above()}] {
    if (!pending->wanted()) return;
    const auto found = account->read_uids(folder, above);
    pending->answer([&] { return found ? reply_uids(*found, most) : reply_failure(found.error()); });
    after_work(server, account);
  });
}

void answer_list_quotas(Server& server, Asked asked, const wire::ListQuotas& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const bool anew = ask.anew();
  const FoldersView folders = account->folders();
  const auto unable = account->unable();
  if (folders.tree && (!anew || (unable && unable->code != Code::kNeedCredentials))) {
    return server.deliver(std::move(asked.question), reply_quotas(folders), asked.deadline);
  }
  if (unable) return answer_failure(server, std::move(asked), *unable);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  post_question(server, account, pending, [&server, pending, account, anew] {
    const auto read = account->read_folders(anew);
    pending->answer(
        [&] { return read ? reply_quotas(account->folders()) : reply_failure(read.error()); });
    after_work(server, account);
  });
}

void answer_list_largest(Server& server, Asked asked, const wire::ListLargest& ask) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const std::size_t most = std::clamp<std::uint16_t>(ask.most(), 1, kMostLarge);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  // Large folders take longer than the lane's thread may; no server is asked.
  post_question(server, account, pending, [&server, pending, account, most] {
    if (!account->folders().tree && account->connected()) {
      if (const auto read = account->read_folders(false); !read) {
        pending->fail(read.error());
        return;
      }
    }
    pending->answer([&] { return reply_largest(account->largest(most)); });
    after_work(server, account);
  });
}

}  // namespace alphamail
