// SPDX-License-Identifier: GPL-3.0-or-later
// Pages of a folder in other orders than that of arrival. A whole index sorts by itself. While
// there is none, the server says which messages stand on the page, where it can sort, and those of
// them that are not known are fetched; else what is known is shown, and the page says so.
#include <algorithm>
#include <optional>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

std::optional<ServerSort> server_order(wire::SortKey key) {
  switch (key) {
    case wire::SortKey::Arrived:
      return ServerSort::kArrival;
    case wire::SortKey::Sent:
      return ServerSort::kDate;
    case wire::SortKey::From:
      return ServerSort::kFrom;
    case wire::SortKey::To:
      return ServerSort::kTo;
    case wire::SortKey::Subject:
      return ServerSort::kSubject;
    case wire::SortKey::Size:
      return ServerSort::kSize;
    default:
      return {};  // RFC 5256 sorts by no flags
  }
}

}  // namespace

Result<std::vector<Uid>> Account::read_sorted(const std::string& address, const ListPage& page) {
  const auto view = find_folder(address);
  if (!view) return view.error();
  if (!view->index) {
    // The newest come first in any case: they are what is looked at next, and begin the index.
    const auto begun = read_page(address, 1, page.rows);
    if (!begun) return begun.error();
  }
  const FolderEntry entry = view->entry();
  const auto found = work_.find(address);
  if (found == work_.end() || !found->second.writer) return std::vector<Uid>{};
  if (found->second.newest_only) {
    // The rest is on disk, which is nearer than the server's SORT.
    if (const auto loaded = load_rest(entry); !loaded) return loaded.error();
    return read_sorted(address, page);
  }
  const IndexWriter& writer = *found->second.writer;
  if (!writer.now().complete()) {
    auto uids = ask_order(entry, page);
    if (!uids) return uids.error();
    if (!uids->empty()) return uids;
  }
  make_order(address, page.order);
  return std::vector<Uid>{};
}

// The page as the server sorts it, its rows known then; empty where the server cannot.
Result<std::vector<Uid>> Account::ask_order(const FolderEntry& entry, const ListPage& page) {
  const auto by = server_order(page.order.key);
  if (const auto selected = ensure_selected(entry); !selected) return selected.error();
  if (!by || !connection_.imap->capabilities().sort) return std::vector<Uid>{};
  const std::uint32_t exists = connection_.imap->exists();
  if (exists == 0) return std::vector<Uid>{};
  const std::size_t pages = (exists + page.rows - 1) / page.rows;
  const std::size_t number = std::clamp<std::size_t>(page.page, 1, pages);
  const auto first = static_cast<std::uint32_t>((number - 1) * page.rows + 1);
  const auto last = static_cast<std::uint32_t>(std::min<std::size_t>(number * page.rows, exists));
  auto sorted = on_server([&](ImapConnection& imap) {
    return imap.sort(*by, page.order.descending, first, last, step());
  });
  if (!sorted) {
    if (sorted.error().code != Code::kServerSaid) return sorted.error();
    log(Severity::kInfo, 227,
        this->address() + ": the server does not sort: " + sorted.error().detail);
    return std::vector<Uid>{};
  }
  const auto known = work_.find(entry.address);
  if (known == work_.end() || !known->second.writer) return std::vector<Uid>{};
  std::vector<Uid> unknown;
  for (const Uid uid : sorted->uids) {
    if (!known->second.writer->now().find(uid)) unknown.push_back(uid);
  }
  if (!unknown.empty()) {
    std::vector<NewRow> rows;
    const auto fetched = on_server([&](ImapConnection& imap) {
      return imap.fetch_rows(
          unknown,
          [&](FetchedRow&& row) {
            rows.push_back(make_row(row));
            return true;
          },
          step());
    });
    if (!fetched) return fetched.error();
    services_.counters.add(Count::rows_indexed, known->second.writer->add(std::move(rows)));
    publish(entry);
  }
  return std::move(sorted->uids);
}

void Account::make_order(const std::string& address, const ListOrder& order) {
  const auto found = work_.find(address);
  const auto known = view(address);
  if (found == work_.end() || !found->second.writer || !known) return;
  if (known->index && known->index->listed(order)) return;
  found->second.writer->make_order(order);
  services_.counters.add(Count::orders_made);
  publish(FolderEntry(known->entry()));
}

}  // namespace alphamail
