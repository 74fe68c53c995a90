// SPDX-License-Identifier: GPL-3.0-or-later
// One message: from memory where it was opened a moment ago, else from the server.
#include <algorithm>
#include <optional>
#include <utility>

#include "common/log.h"
#include "webcache/commands.h"
#include "webcache/search.h"

namespace alphamail {
namespace {

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);

// Messages of one account that wait for their turn to go to disk; more are not kept.
constexpr std::size_t kWaitingForDisk = 64;

struct MessageAsk {
  std::shared_ptr<Account> account;
  std::string folder;
  Uid uid;
  ListPage list;
  bool peek;
  std::uint32_t texts;
  std::uint64_t report;
  std::uint64_t search;
};

// Its place in the result of the search that the list is of. `make` where that has to be made for it.
std::optional<FoundPlace> found_place(const MessageAsk& ask, bool make) {
  const auto search = ask.search != 0 ? ask.account->searches().find(ask.search) : nullptr;
  if (!search) return std::nullopt;
  auto places = search->made_places(ask.list.order);
  if (!places && make) places = search->places(*ask.account, ask.list.order);
  return places ? place_among(*ask.account, *search, *places, ask.folder, ask.uid) : std::nullopt;
}

std::uint16_t flags_of(const FolderView& view, const OpenedMessage& message) {
  const IndexRow* row = view.index ? view.index->find(message.opened.row.uid) : nullptr;
  return row ? row->flags : message.opened.row.flags;
}

// False where its place in the list is a worker's to find out. An incomplete index has only that of
// arrival to tell.
bool has_order(const FolderView& view, const ListOrder& order) {
  return !view.index || !view.index->complete() || view.index->listed(order);
}

bool answer_from_memory(Server& server, Asked& asked, const MessageAsk& ask) {
  const auto message = ask.account->opened(ask.folder, ask.uid);
  const auto view = message ? ask.account->view(ask.folder) : std::nullopt;
  if (!view) return false;
  if (!has_order(*view, ask.list.order)) return false;
  const std::uint16_t flags = flags_of(*view, *message);
  // Marking it seen is the worker's, but without a connection reading comes first.
  if (!ask.peek && !(flags & kSeen) && !ask.account->unable()) return false;
  const auto found = found_place(ask, false);
  if (ask.search != 0 && !found) return false;
  server.counters().add(Count::messages_from_memory);
  if (view->index) {
    asked.question.note().messages = static_cast<std::uint32_t>(view->index->total());
  }
  server.deliver(std::move(asked.question),
                 reply_message(*view, *message, flags, ask.list, ask.texts,
                               ask.account->actions().to_tell(ask.report), found ? &*found : nullptr),
                 asked.deadline);
  return true;
}

// What was opened goes to disk behind the answer, when there is nothing better to do.
void keep_later(Server& server, const MessageAsk& ask,
                std::shared_ptr<const OpenedMessage> message) {
  if (message->from_disk || !ask.account->files()) return;
  server.workers().post(
      ask.account->disk_strand(), Workers::When::kLater,
      [account = ask.account, folder = ask.folder, message = std::move(message)] {
        account->save_message(folder, *message);
      },
      kWaitingForDisk);
}

void work_on_message(Server& server, const std::shared_ptr<Pending>& pending,
                     const MessageAsk& ask) {
  if (!pending->wanted()) return;
  Account& account = *ask.account;
  // Its neighbours are those of the list, so the list is begun where nobody looked at it yet.
  const auto known = account.view(ask.folder);
  const auto unable = account.unable();
  if (unable && (!account.load_offline(ask.folder) || !account.may_be_on_disk(ask.folder, ask.uid))) {
    pending->fail(*unable);
    return;
  }
  if (!unable && (!known || !known->index)) {
    const auto page = account.read_page(ask.folder, 1, ask.list.rows);
    if (!page) {
      pending->fail(page.error());
      return;
    }
    keep_building(server, ask.account, ask.folder);
  }
  const auto message = account.open_message(ask.folder, ask.uid);
  if (!message) {
    if (message.error().code == Code::kNeedCredentials)
      server.counters().add(Count::credentials_wanted);
    pending->fail(message.error());
    return;
  }
  const auto before = account.view(ask.folder);
  if (before && before->index) pending->about(before->index->total());
  if (before && !has_order(*before, ask.list.order)) account.make_order(ask.folder, ask.list.order);
  const bool mark = !ask.peek && !account.unable() && before && before->index &&
                    !before->index->read_only() && !(flags_of(*before, **message) & kSeen);
  if (mark) account.show_flag(ask.folder, ask.uid, wire::Flag::Seen, true);
  const auto found = found_place(ask, true);
  pending->answer([&] {
    const auto view = account.view(ask.folder);
    if (!view) return reply_failure(Error{Code::kNotFound, "no such folder", 0});
    return reply_message(*view, **message, flags_of(*view, **message), ask.list, ask.texts,
                         account.actions().to_tell(ask.report), found ? &*found : nullptr);
  });
  if (mark) {
    const auto stored = account.store_seen(ask.folder, ask.uid);
    if (!stored) {
      log(Severity::kInfo, 225,
          "message of " + account.address() + " not marked as seen: " + stored.error().detail);
      account.show_flag(ask.folder, ask.uid, wire::Flag::Seen, false);
    }
  }
  keep_later(server, ask, *message);
  if (account.out_of_step(ask.folder)) check_later(server, ask.account, ask.folder);
  follow_later(server, ask.account);
}

}  // namespace

void answer_show_message(Server& server, Asked asked, const wire::ShowMessage& show) {
  MessageAsk ask{nullptr,      std::string(show.folder()->string_view()),
                 Uid{show.uid()}, list_page(1, show.rows(), show.sort(), show.descending(), show.locale()),
                 show.peek(),  show.texts(),
                 show.report(), show.search()};
  ask.account = account_of(server, asked);
  if (!ask.account) return;
  if (!is_address(ask.folder) || ask.uid == Uid{}) {
    return answer_failure(server, std::move(asked), Error{Code::kNotFound, "no such message", 0});
  }
  if (show.sort() > wire::SortKey::MAX) {
    return answer_failure(server, std::move(asked), Error{Code::kInvalid, "no such order", 0});
  }
  if (!take_choice(server, asked, show.chosen(), ask.list)) return;
  if (answer_from_memory(server, asked, ask)) return;
  if (const auto unable = ask.account->unable()) {
    const auto view = ask.account->view(ask.folder);
    const bool unread = unable->code != Code::kNeedCredentials && ask.account->files() &&
                        (!view || !view->index);  // the disk may have its folder
    if (!unread && !ask.account->may_be_on_disk(ask.folder, ask.uid))
      return answer_failure(server, std::move(asked), *unable);
  }
  auto pending = server.pend(std::move(asked.question), asked.deadline);
  server.timers().at(Deadline::in(kWaitsInSilence), [pending, ask] {
    pending->answer_meanwhile([&] { return reply_failure(not_yet(*ask.account, ask.folder)); });
  });
  post_question(server, ask.account, pending,
                [&server, pending, ask] { work_on_message(server, pending, ask); });
}

}  // namespace alphamail
