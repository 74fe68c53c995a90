// SPDX-License-Identifier: GPL-3.0-or-later
// What users search for. A search goes on behind its answers, a step after the other:
//
//   look_at_indexes (its own strand) ──▶ go_on ▸ go_on ▸ go_on ... (the account's, when nobody waits there)
//                                          └── what waits for hits is answered
//
// Pages of a result are made on the searches' own strand, so that the account's connection is never waited
// for but where a message has to be fetched to be shown.
#include <algorithm>
#include <atomic>
#include <map>
#include <utility>

#include "common/log.h"
#include "webcache/clock.h"
#include "webcache/commands.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

// A folder that somebody else is reading is looked at again after so long; a full queue, too.
constexpr Millis kInAMoment{50};
constexpr Millis kTryAgain{250};

// Questions about searches of one account that may wait.
constexpr std::size_t kWaitingSearches = 16;
// What nobody waits for.
constexpr std::size_t kWaitingLater = 16;

constexpr Millis kLongestWait{5000};

struct FoundAsk {
  std::shared_ptr<Account> account;
  std::shared_ptr<Search> search;
  ListPage list;
  std::uint64_t report = 0;
};

// ---- going on ----

void go_on(Server& server, const std::shared_ptr<Account>& account,
           const std::shared_ptr<Search>& search);

void post_step(Server& server, const std::shared_ptr<Account>& account,
               const std::shared_ptr<Search>& search) {
  const bool posted =
      server.workers().post(account->strand(), Workers::When::kLater,
                            [&server, account, search] { go_on(server, account, search); });
  if (posted) return;
  server.timers().at(Deadline::in(kTryAgain),
                     [&server, account, search] { post_step(server, account, search); });
}

// Strand.
void go_on(Server& server, const std::shared_ptr<Account>& account,
           const std::shared_ptr<Search>& search) {
  const Account::SearchStep step = account->search_step(*search);
  if (step == Account::SearchStep::kOver || step == Account::SearchStep::kPaused) {
    search->unclaim();
    search->tell();
    follow_later(server, account);
    return;
  }
  search->tell();
  if (step == Account::SearchStep::kGoOn) return post_step(server, account, search);
  server.timers().at(Deadline::in(kInAMoment),
                     [&server, account, search] { post_step(server, account, search); });
}

void look_at_indexes(Server& server, const std::shared_ptr<Account>& account,
                     const std::shared_ptr<Search>& search) {
  for (std::size_t n = 0; n < search->folders() && !search->over(); ++n) {
    if (search->state(n) == Search::State::kWaiting) account->search_index(*search, n);
  }
  search->tell();
  post_step(server, account, search);
}

// Begins, or goes on where it lacked a connection.
void set_going(Server& server, const std::shared_ptr<Account>& account,
               const std::shared_ptr<Search>& search) {
  if (!search->claim()) return;
  const bool first = !search->status().paused;
  search->pause(false);
  if (!first) return post_step(server, account, search);
  const bool posted = server.workers().post(
      account->search_strand(), Workers::When::kNow,
      [&server, account, search] { look_at_indexes(server, account, search); }, kWaitingSearches);
  if (!posted) search->unclaim();
}

// ---- a page of what was found ----

FoundPage page_of(const FoundAsk& ask) {
  FoundPage page;
  page.folders = ask.account->folders();
  page.status = ask.search->status();
  const auto places = ask.search->places(*ask.account, ask.list.order);
  page.found = places->size();
  const std::size_t pages = std::max<std::size_t>((page.found + ask.list.rows - 1) / ask.list.rows, 1);
  page.page = std::clamp<std::size_t>(ask.list.page, 1, pages);
  std::map<std::uint32_t, FolderView> views;
  const std::size_t first = (page.page - 1) * ask.list.rows;
  const std::size_t last = std::min(page.found, first + ask.list.rows);
  const auto found = ask.search->found();
  for (std::size_t i = first; i < last; ++i) {
    const Place& place = (*places)[i];
    const std::string& address = ask.search->folder(place.folder);
    const auto number = page.folders.tree ? page.folders.tree->find(address) : std::nullopt;
    const auto view = ask.account->view(address);
    const auto in = std::find_if(found.begin(), found.end(),
                                 [&](const FoundIn& f) { return f.folder == address; });
    if (!number || !view || in == found.end()) continue;  // gone this moment
    page.rows.push_back({*number, view->index, place.hit, in->uid_validity});
  }
  if (ask.account->gate().away()) page.standing = wire::Standing::Away;
  return page;
}

// Messages of a page that the indexes do not know (any more), or lack snippets, by folder.
using Lacking = std::map<std::string, std::vector<Uid>>;
Lacking lacking_rows(const FoundPage& page) {
  Lacking lacking;
  for (const FoundPage::Row& row : page.rows) {
    if (row.index && row.index->find(row.hit.uid)) continue;
    lacking[page.folders.tree->entries()[row.folder].address].push_back(row.hit.uid);
  }
  return lacking;
}
Lacking lacking_snippets(const FoundPage& page) {
  Lacking lacking;
  for (const FoundPage::Row& row : page.rows) {
    const IndexRow* known = row.index ? row.index->find(row.hit.uid) : nullptr;
    if (!known || known->snippet != kNoText) continue;
    lacking[page.folders.tree->entries()[row.folder].address].push_back(row.hit.uid);
  }
  return lacking;
}

void answer_with(Pending& pending, const FoundAsk& ask, const FoundPage& page) {
  pending.answer([&] {
    return reply_search(*ask.search, page, ask.list, ask.account->actions().to_tell(ask.report));
  });
}

// Snippets come behind the answer: whoever looks again sees them.
void fetch_snippets(Server& server, const FoundAsk& ask, Lacking lacking) {
  if (lacking.empty() || ask.account->unable()) return;
  server.workers().post(
      ask.account->strand(), Workers::When::kLater,
      [account = ask.account, &server, lacking = std::move(lacking)] {
        for (const auto& [folder, uids] : lacking) {
          const auto read = account->read_snippets(folder, uids);
          if (read) continue;
          log(Severity::kDebug, 243, "snippets of " + account->address() + ": " + read.error().detail);
          break;
        }
        follow_later(server, account);
      },
      kWaitingLater);
}

// Makes the page on the searches' strand; rows that are not known come over the account's.
void answer_found(Server& server, const std::shared_ptr<Pending>& pending, const FoundAsk& ask) {
  const bool posted = server.workers().post(
      ask.account->search_strand(), Workers::When::kNow, [&server, pending, ask] {
        FoundPage page = page_of(ask);
        pending->about(page.found);
        Lacking lacking = lacking_rows(page);
        if (!lacking.empty() && !ask.account->unable()) {
          server.timers().at(Deadline::in(kWaitsInSilence),
                             [pending, ask, page] { answer_with(*pending, ask, page); });
          const bool fetching = server.workers().post(
              ask.account->strand(), Workers::When::kNow,
              [pending, ask, lacking = std::move(lacking)] {
                for (const auto& [folder, uids] : lacking) {
                  if (const auto read = ask.account->read_rows(folder, uids); !read) {
                    log(Severity::kDebug, 243,
                        "search of " + ask.account->address() + ": " + read.error().detail);
                  }
                }
                answer_with(*pending, ask, page_of(ask));
              },
              kWaitingSearches);
          if (fetching) return;
        }
        answer_with(*pending, ask, page);
        fetch_snippets(server, ask, lacking_snippets(page));
      });
  if (!posted) pending->fail(Error{Code::kBusy, "too much is going on", 2});
}

// Answers when there is something to show: all of it, a page of hits, those of the newest folder, more than
// were there before, or what there is when the time is over.
void answer_when_found(Server& server, const std::shared_ptr<Pending>& pending, const FoundAsk& ask,
                       bool first, Millis wait) {
  const std::uint32_t before = first ? 0 : ask.search->status().found;
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  const auto answer = [&server, pending, ask, answered] {
    if (answered->exchange(true)) return;
    // The connection was lost, and there is nothing to show: whoever asks brings the password, and asks again.
    const Search::Status status = ask.search->status();
    const auto unable = status.paused && status.found == 0 ? ask.account->unable() : std::nullopt;
    if (unable && unable->code == Code::kNeedCredentials) {
      pending->fail(*unable);
    } else {
      answer_found(server, pending, ask);
    }
  };
  server.timers().at(Deadline::in(wait), answer);
  ask.search->watch([=](const Search& now) {
    if (*answered) return true;
    const Search::Status status = now.status();
    const bool page = status.found >= ask.list.rows * ask.list.page && status.found > before;
    const bool newest = status.found > before && status.folders_done + status.folders_failed > 0;
    const bool more = !first && status.found > before;
    if (!now.over() && !status.paused && !page && !newest && !more) return false;
    answer();
    return true;
  });
}

Result<SearchAsk> search_ask(const wire::Search& asked) {
  SearchAsk ask;
  ask.query = asked.query()->str();
  if (ask.query.size() > SearchQuery::kMostBytes)
    return Error{Code::kTooLarge, "a search has at most 1000 characters", 0};
  if (asked.folder()) ask.folder = asked.folder()->str();
  if (!ask.folder.empty() && !is_address(ask.folder))
    return Error{Code::kNotFound, "no such folder", 0};
  ask.below = asked.below();
  constexpr std::int32_t kDay = 24 * 3600;
  ask.clock = {wall_seconds(), std::clamp(asked.zone_offset(), -kDay, kDay)};
  constexpr std::size_t kMostOfMine = 100;
  if (asked.me()) {
    for (const auto* one : *asked.me()) {
      if (ask.me.size() < kMostOfMine) ask.me.push_back(one->str());
    }
  }
  return ask;
}

// A question about a search, once it is checked.
struct SearchWanted {
  FoundAsk found;
  SearchAsk ask;
  std::uint64_t search = 0;
  bool anew = false;
  Millis wait{};
};

// The search that is meant: one that is known, or a new one.
Result<std::shared_ptr<Search>> find_or_begin(Server& server, const SearchWanted& wanted) {
  Account& account = *wanted.found.account;
  if (wanted.search != 0) {
    auto known = account.searches().find(wanted.search);
    if (!known) return Error{Code::kNotFound, "that search is forgotten", 0};
    return known;
  }
  if (!wanted.anew) {
    if (auto known = account.searches().find_same(wanted.ask)) return known;
  }
  SearchQuery query = SearchQuery::parse(wanted.ask.query, wanted.ask.clock);
  if (!wanted.ask.folder.empty() && !account.view(wanted.ask.folder))
    return Error{Code::kNotFound, "no such folder", 0};
  auto folders =
      query.empty() ? std::vector<std::string>() : account.searched_folders(wanted.ask, query);
  server.counters().add(Count::searches);
  return account.searches().begin(wanted.ask, std::move(query), std::move(folders));
}

// The tree of folders is known.
void search(Server& server, const std::shared_ptr<Pending>& pending, SearchWanted wanted) {
  auto found = find_or_begin(server, wanted);
  if (!found) {
    pending->fail(found.error());
    return;
  }
  FoundAsk& ask = wanted.found;
  ask.search = std::move(*found);
  const bool first = ask.search->version() == 0;
  // Whoever asks brings the password; what was begun is found again.
  const auto unable = ask.account->unable();
  if (unable && unable->code == Code::kNeedCredentials && !ask.search->over() &&
      !ask.account->knows_all(*ask.search)) {
    pending->fail(*unable);
    return;
  }
  set_going(server, ask.account, ask.search);
  answer_when_found(server, pending, ask, first, wanted.wait);
}

}  // namespace

void answer_search(Server& server, Asked asked, const wire::Search& question) {
  const auto account = account_of(server, asked);
  if (!account) return;
  if (question.sort() > wire::SortKey::MAX)
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "no such order", 0});
  auto ask = search_ask(question);
  if (!ask) return answer_failure(server, std::move(asked), ask.error());
  SearchWanted wanted{{account, nullptr,
                       list_page(question.page(), question.rows(), question.sort(),
                                 question.descending(), question.locale()),
                       question.report()},
                      std::move(*ask),
                      question.search(),
                      question.anew(),
                      std::min(Millis(question.wait_ms()), kLongestWait)};
  // Who turns the pages of what was found, or has done something to it, waits for no more.
  if (question.search() != 0 && (question.page() > 1 || question.report() != 0)) wanted.wait = Millis{0};
  const bool listed = account->folders().tree != nullptr;
  const auto unable = account->unable();
  if (!listed && unable) return answer_failure(server, std::move(asked), *unable);
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  if (listed) return search(server, pending, std::move(wanted));
  post_question(server, account, pending, [&server, pending, wanted] {
    const auto read = wanted.found.account->read_folders(false);
    read ? search(server, pending, wanted) : void(pending->fail(read.error()));
    keep_counting(server, wanted.found.account);
  });
}

void answer_stop_search(Server& server, Asked asked, const wire::StopSearch& wanted) {
  const auto account = account_of(server, asked);
  if (!account) return;
  const auto known = account->searches().find(wanted.search());
  if (!known)
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "that search is forgotten", 0});
  known->stop();
  server.deliver(std::move(asked.question), reply_done(), asked.deadline);
}

}  // namespace alphamail
