// SPDX-License-Identifier: GPL-3.0-or-later
// A page of a folder, and what goes on behind it: fetching snippets, checking for new mail. How indexes are
// built: command_build.cc. The list of folders: command_folders.cc.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/chosen_rows.h"
#include "webcache/clock.h"
#include "webcache/commands.h"

namespace alphamail {
namespace {

// A page goes without its snippets rather than wait longer for them; they come behind.
constexpr Millis kSnippetsMayTake{300};

// Jobs nobody waits for that may queue in one account's strand.
constexpr std::size_t kWaitingLater = 16;

// Following begins when the user has been quiet for about so long.
constexpr Millis kFollowAfter{250};

struct FolderAsk {
  std::shared_ptr<Account> account;
  std::string folder;
  ListPage list;
  bool refresh;
  std::uint64_t report;
};

// A folder that only holds others is shown as an empty one.
std::shared_ptr<const FolderIndex> no_messages() {
  static const std::shared_ptr<const FolderIndex> empty = [] {
    IndexWriter writer(0);
    writer.set_complete(true);
    return writer.publish();
  }();
  return empty;
}

// What the list shows of the folder; null: all.
const Choice* choice_of(const ListPage& list) {
  return list.choice && !list.choice->is_all() ? list.choice.get() : nullptr;
}

// The rows of a page as far as they are known; by arrival while the order is not there.
const std::vector<RowId>& rows_of(const FolderView& view, const ListPage& list) {
  thread_local std::vector<RowId> ids;
  const FolderIndex& index = *view.index;
  const auto order = index.listed(list.order);
  if (const Choice* const choice = choice_of(list)) {
    const auto chosen = choose(index, *choice, folder_names(view.entry()));
    const std::size_t pages = std::max<std::size_t>((chosen->count + list.rows - 1) / list.rows, 1);
    const std::size_t page = std::clamp<std::size_t>(list.page, 1, pages);
    const ListedRows listed = order ? *order : index.listed();
    ChosenList(listed, *chosen).read((page - 1) * list.rows, page * list.rows, ids);
    return ids;
  }
  const std::size_t page = std::clamp<std::size_t>(list.page, 1, index.pages(list.rows));
  (order ? *order : index.listed()).read((page - 1) * list.rows, page * list.rows, ids);
  return ids;
}

// The messages of a page that lack their snippets: of those given, or of the index's order.
std::vector<Uid> lacking_snippets(const FolderView& view, const ListPage& list,
                                  const std::vector<Uid>& given) {
  const FolderIndex& index = *view.index;
  std::vector<Uid> uids;
  const auto look = [&](const IndexRow& row) {
    if (row.snippet == kNoText) uids.push_back(Uid{row.uid});
  };
  if (given.empty()) {
    for (const RowId id : rows_of(view, list)) look(index.row(id));
  }
  for (const Uid uid : given) {
    if (const IndexRow* row = index.find(uid)) look(*row);
  }
  return uids;
}

bool has_snippets(const FolderView& view, const ListPage& list) {
  const auto& rows = rows_of(view, list);
  return std::all_of(rows.begin(), rows.end(),
                     [&](RowId id) { return view.index->row(id).snippet != kNoText; });
}

// True where the page needs nothing from the server and no order has to be made. What is chosen is
// chosen of what is known.
bool is_ready(const FolderIndex& index, const ListPage& list) {
  if (choice_of(list)) return index.complete() ? index.listed(list.order).has_value() : index.size() > 0;
  if (list.order.is_default()) return index.has_page(list.page, list.rows);
  return index.complete() && index.listed(list.order);
}

void post_later(Server& server, const std::shared_ptr<Account>& account, Job job) {
  // A full queue only means that it happens at the next occasion.
  server.workers().post(account->strand(), Workers::When::kLater, std::move(job), kWaitingLater);
}

void follow(Server& server, const std::shared_ptr<Account>& account) {
  // The account, not the watch, decides how long it lives.
  const std::weak_ptr<Account> weak = account;
  const bool early = account->follow([&server, weak] {
    const auto woken = weak.lock();
    if (!woken) return;
    server.workers().post(woken->strand(), Workers::When::kLater,
                          [&server, woken] { follow(server, woken); });
  });
  if (early) follow_after(server, account, kFollowAfter);
  keep_counting(server, account);  // what a connection that broke has left
}

void count_on(Server& server, const std::shared_ptr<Account>& account) {
  const auto more = account->count_step();
  if (!more) {
    log(Severity::kDebug, 229, "folders of " + account->address() + ": " + more.error().detail);
  }
  const bool posted = more && *more &&
                      server.workers().post(account->strand(), Workers::When::kLater,
                                            [&server, account] { count_on(server, account); });
  if (!posted) {
    account->count_ended();
    follow_later(server, account);
  }
}

void compare_on(Server& server, const std::shared_ptr<Account>& account,
                const std::string& folder) {
  const auto more = account->compare_step(folder);
  const bool posted =
      more && *more &&
      server.workers().post(account->strand(), Workers::When::kLater,
                            [&server, account, folder] { compare_on(server, account, folder); });
  if (!posted) {
    account->compare_ended(folder);
    follow_later(server, account);
  }
}

// What a check of a folder has left for later.
void keep_comparing(Server& server, const std::shared_ptr<Account>& account,
                    const std::string& folder) {
  if (!account->claim_compare(folder)) return;
  const bool posted =
      server.workers().post(account->strand(), Workers::When::kLater,
                            [&server, account, folder] { compare_on(server, account, folder); });
  if (!posted) account->compare_ended(folder);
}

// Answers with the page as it is known now, or as `given` says.
bool answer_page(Pending& pending, const FolderAsk& ask, const std::vector<Uid>& given) {
  return pending.answer([&] {
    const auto view = ask.account->view(ask.folder);
    if (!view || !view->index) return reply_failure(Error{Code::kNotFound, "no such folder", 0});
    const Reports reports = ask.account->actions().to_tell(ask.report);
    return given.empty() ? reply_page(*view, ask.list, reports)
                         : reply_page_of(*view, ask.list, given, reports);
  });
}

// Fetches the snippets a page lacks; the answer goes out with them, or without them when it is
// time.
void finish_page(Server& server, const std::shared_ptr<Pending>& pending, const FolderAsk& ask,
                 const std::vector<Uid>& given) {
  const auto view = ask.account->view(ask.folder);
  std::vector<Uid> lacking;
  if (view && view->index) {
    pending->about(view->index->total());
    lacking = lacking_snippets(*view, ask.list, given);
  }
  if (choice_of(ask.list)) answer_page(*pending, ask, given);  // nobody waits for them there
  if (!lacking.empty()) {
    server.timers().at(Deadline::in(kSnippetsMayTake),
                       [pending, ask, given] { answer_page(*pending, ask, given); });
    const auto read = ask.account->read_snippets(ask.folder, lacking);
    if (!read)
      log(Severity::kDebug, 223,
          "snippets of " + ask.account->address() + ": " + read.error().detail);
  }
  answer_page(*pending, ask, given);
}

// What there is to show of a page before the server has answered. @return false where that is nothing
bool is_presentable(const FolderView& view, const ListPage& list) {
  if (!view.index) return false;
  return view.index->has_page(list.page, list.rows) || view.index->complete() || (choice_of(list) && view.index->size() > 0);
}

// After a while, the page as it is known, or that it is under way.
void answer_in_time(Server& server, const std::shared_ptr<Pending>& pending, const FolderAsk& ask) {
  server.timers().at(Deadline::in(kWaitsInSilence), [pending, ask] {
    pending->answer_meanwhile([&] {
      auto view = ask.account->view(ask.folder);
      if (!view || !is_presentable(*view, ask.list)) {
        return reply_failure(not_yet(*ask.account, ask.folder));
      }
      if (view->standing == wire::Standing::Live) view->standing = wire::Standing::Waiting;
      return reply_page(*view, ask.list, ask.account->actions().to_tell(ask.report));
    });
  });
}

// While the server is away: the page as the disk has it, or why there is none.
void work_offline(Server& server, const std::shared_ptr<Pending>& pending, const FolderAsk& ask,
                  const Error& why) {
  if (!pending->wanted()) return;
  const auto view = ask.account->load_offline(ask.folder) ? ask.account->view(ask.folder) : std::nullopt;
  if (!view || !is_presentable(*view, ask.list)) {
    pending->fail(why);
    return;
  }
  if (!ask.list.order.is_default()) ask.account->make_order(ask.folder, ask.list.order);
  server.counters().add(Count::pages_from_memory);
  answer_page(*pending, ask, {});
}

// Has what the page needs known. @return as Account::read_page()
Result<std::vector<Uid>> read_list(Account& account, const FolderAsk& ask) {
  const bool by_arrival = ask.list.order.is_default();
  if (!choice_of(ask.list)) {
    return by_arrival ? account.read_page(ask.folder, ask.list.page, ask.list.rows)
                      : account.read_sorted(ask.folder, ask.list);
  }
  // Which messages are chosen the server is not asked: they are those of what is known.
  auto read = account.read_page(ask.folder, 1, ask.list.rows);
  if (!read) return read;
  const auto view = account.view(ask.folder);
  if (!by_arrival && view && view->index && view->index->complete()) account.make_order(ask.folder, ask.list.order);
  return std::vector<Uid>{};
}

void work_on_page(Server& server, const std::shared_ptr<Pending>& pending, const FolderAsk& ask) {
  if (!pending->wanted()) return;
  Account& account = *ask.account;
  if (ask.refresh) {
    auto checked = account.check_folder(ask.folder, true);
    if (checked) checked = account.read_folders(true);
    if (!checked) {
      pending->fail(checked.error());
      return;
    }
    keep_comparing(server, ask.account, ask.folder);
  } else if (const auto view = account.view(ask.folder); view && view->stale) {
    // What is known is shown even if the server cannot say how it is now.
    if (const auto checked = account.check_folder(ask.folder, false); !checked) {
      log(Severity::kInfo, 224,
          "folder of " + account.address() + " not checked: " + checked.error().detail);
    }
  }
  const auto given = read_list(account, ask);
  if (!given) {
    pending->fail(given.error());
    return;
  }
  if (given->empty() && account.claim_second_for(ask.folder)) {
    // Asked again, the page comes from memory; who asks brings the password.
    pending->fail(second_wanted(server));
    build_soon(server, ask.account, ask.folder);
    account.drop_follow();
    return;
  }
  server.counters().add(Count::pages_fetched);
  finish_page(server, pending, ask, *given);
  account.look_at(ask.folder);
  keep_building(server, ask.account, ask.folder);
  keep_counting(server, ask.account);
  account.drop_follow();
  follow_later(server, ask.account);
}

// The page went out without them; the next look has them.
void snippets_later(Server& server, const FolderAsk& ask, const FolderView& view) {
  auto lacking = lacking_snippets(view, ask.list, {});
  if (lacking.empty()) return;
  post_later(server, ask.account, [&server, account = ask.account, folder = ask.folder, uids = std::move(lacking)] {
    const auto read = account->read_snippets(folder, uids);
    if (!read) log(Severity::kDebug, 223, "snippets of " + account->address() + ": " + read.error().detail);
    follow_later(server, account);
  });
}

// What can be answered at once. @return false where a worker is needed
bool answer_from_memory(Server& server, Asked& asked, const FolderAsk& ask) {
  auto view = ask.account->view(ask.folder);
  if (!view) return false;
  if (!view->entry().selectable) {
    view->index = no_messages();
  } else if (ask.refresh || !view->index || !is_ready(*view->index, ask.list)) {
    return false;
  }
  const FolderIndex& index = *view->index;
  const auto unable = ask.account->unable();
  const bool connected = !unable;
  const Choice* const choice = choice_of(ask.list);
  if (connected && (view->stale || (!choice && !has_snippets(*view, ask.list)))) return false;
  if (const auto after = view->entry().selectable ? ask.account->look_at(ask.folder) : std::nullopt)
    follow_after(server, ask.account, *after);
  const bool due = view->entry().selectable && ask.account->claim_check(ask.folder, index);
  if (due && !connected) {
    // Old news and no connection: whoever asks brings the password, once; if the server is away
    // this page is answered from memory the next time.
    if (unable->code == Code::kNeedCredentials) {
      answer_failure(server, std::move(asked), *unable);
      return true;
    }
  }
  server.counters().add(Count::pages_from_memory);
  asked.question.note().messages = static_cast<std::uint32_t>(index.total());
  server.deliver(std::move(asked.question),
                 reply_page(*view, ask.list, ask.account->actions().to_tell(ask.report)),
                 asked.deadline);
  if (due && connected) check_later(server, ask.account, ask.folder);
  if (choice && connected) snippets_later(server, ask, *view);
  return true;
}

// To go through a large folder (a query over texts; the counts of its filters, the first time) takes longer than a lane's
// thread may. It waits for no server: another strand than that of the connection has it. @return false where that is not so
bool answer_by_reading(Server& server, Asked& asked, const FolderAsk& ask) {
  if (!ask.list.choice || ask.refresh) return false;
  const auto view = ask.account->view(ask.folder);
  if (!view || !view->index || view->stale || !takes_long(*view->index, *ask.list.choice)) return false;
  if (!is_ready(*view->index, ask.list)) return false;
  if (const auto after = ask.account->look_at(ask.folder)) follow_after(server, ask.account, *after);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  const bool posted = server.workers().post(ask.account->disk_strand(), Workers::When::kNow, [&server, pending, ask] {
    if (!pending->wanted()) return;
    const auto known = ask.account->view(ask.folder);
    if (known && known->index) pending->about(known->index->total());
    server.counters().add(Count::pages_from_memory);
    answer_page(*pending, ask, {});
    if (!known || !known->index || ask.account->unable()) return;
    snippets_later(server, ask, *known);
    if (ask.account->claim_check(ask.folder, *known->index)) check_later(server, ask.account, ask.folder);
  });
  if (!posted) pending->fail(Error{Code::kBusy, "too many questions at once", 2});
  return true;
}

}  // namespace

void check_later(Server& server, const std::shared_ptr<Account>& account,
                 const std::string& folder) {
  post_later(server, account, [&server, account, folder] {
    auto checked = account->check_folder(folder, false);
    if (checked) checked = account->read_folders(true);
    keep_comparing(server, account, folder);
    keep_counting(server, account);
    follow_later(server, account);
    if (!checked) {
      log(Severity::kInfo, 224,
          "folder of " + account->address() + " not checked: " + checked.error().detail);
    }
  });
}

void follow_after(Server& server, const std::shared_ptr<Account>& account, Millis after) {
  server.timers().at(Deadline::in(after), [&server, account] {
    const bool posted = server.workers().post(account->strand(), Workers::When::kLater,
                                              [&server, account] { follow(server, account); });
    if (!posted) account->drop_follow();
  });
}

void follow_later(Server& server, const std::shared_ptr<Account>& account) {
  if (account->claim_follow()) follow_after(server, account, kFollowAfter);
}

void keep_counting(Server& server, const std::shared_ptr<Account>& account) {
  if (!account->claim_count()) return;
  const bool posted = server.workers().post(account->strand(), Workers::When::kLater,
                                            [&server, account] { count_on(server, account); });
  if (!posted) account->count_ended();
}

void prime(Server& server, const std::shared_ptr<Account>& account, Secret password) {
  server.workers().post(
      account->strand(), Workers::When::kNow,
      [&server, account, secret = std::move(password)]() mutable {
        constexpr std::size_t kRows = 50;
        const std::string inbox = "INBOX";
        const auto read = account->read_page(inbox, 1, kRows);
        if (!read) {
          log(Severity::kWarning, 208,
              "INBOX of " + account->address() + " not read: " + read.error().detail);
          return;
        }
        if (account->claim_second_for(inbox)) {
          open_second(server, account, std::move(secret));
        } else {
          secret.clear();
          keep_building(server, account, inbox);
        }
        keep_counting(server, account);
        post_later(server, account, [&server, account, inbox] {
          const auto view = account->view(inbox);
          if (!view || !view->index) return;
          const auto snippets =
              account->read_snippets(inbox, lacking_snippets(*view, {1, kRows, {}}, {}));
          if (!snippets)
            log(Severity::kDebug, 223,
                "snippets of " + account->address() + ": " + snippets.error().detail);
          follow_later(server, account);
        });
      });
}

void answer_show_folder(Server& server, Asked asked, const wire::ShowFolder& show) {
  FolderAsk ask{nullptr, std::string(show.folder()->string_view()),
                list_page(show.page(), show.rows(), show.sort(), show.descending(), show.locale()),
                show.refresh(), show.report()};
  ask.account = account_of(server, asked);
  if (!ask.account) return;
  if (!is_address(ask.folder)) {
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "no such folder", 0});
  }
  if (show.sort() > wire::SortKey::MAX) {
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "no such order", 0});
  }
  if (!take_choice(server, asked, show.chosen(), ask.list)) return;
  if (answer_by_reading(server, asked, ask)) return;
  if (answer_from_memory(server, asked, ask)) return;
  // To make an order of what is all known takes no connection.
  const auto view = ask.refresh ? std::nullopt : ask.account->view(ask.folder);
  const bool known = view && view->index && view->index->complete();
  const auto unable = known ? std::nullopt : ask.account->unable();
  const bool on_disk = unable && unable->code != Code::kNeedCredentials && !ask.refresh &&
                       ask.account->files() && (!view || !view->index);
  if (unable && !on_disk) return answer_failure(server, std::move(asked), *unable);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  answer_in_time(server, pending, ask);
  post_question(server, ask.account, pending, [&server, pending, ask, unable] {
    unable ? work_offline(server, pending, ask, *unable) : work_on_page(server, pending, ask);
  });
}

}  // namespace alphamail
