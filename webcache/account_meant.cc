// SPDX-License-Identifier: GPL-3.0-or-later
// Which messages an Act means, as the server has them at this moment.
//
// Single ones are those of the page: the server names Message-ID, date and size of each UID, and those that
// are not the page's are left alone. Of a whole folder, and of what we moved ourselves, UIDs say enough: within
// one UIDVALIDITY no message ever gets another's (RFC 3501 section 2.3.1.1), and no page showed one of them in
// particular. The index knows them where it is in step with the server, else the server is asked.
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "webcache/account.h"
#include "webcache/account_steps.h"
#include "webcache/act_steps.h"
#include "webcache/chosen_rows.h"
#include "webcache/kept_choices.h"
#include "webcache/keyword.h"
#include "webcache/row_maker.h"

namespace alphamail {
namespace {

// What SEARCH calls the messages that have a flag which an action is about.
struct Known {
  wire::Flag flag;
  const char* key;
};
constexpr Known kKnown[] = {{wire::Flag::Seen, "SEEN"},
                            {wire::Flag::Flagged, "FLAGGED"},
                            {wire::Flag::Junk, "KEYWORD $Junk"},
                            {wire::Flag::NotJunk, "KEYWORD $NotJunk"}};

}  // namespace

Result<std::vector<Account::Meant>> Account::find_meant(const Act& act, Acted& acted) {
  return act.is_bulk() ? find_all(act, acted) : find_single(act, acted);
}

// What of the messages is there and is what the page showed, with its flags now.
Result<std::vector<Account::Meant>> Account::find_single(const Act& act, Acted& acted) {
  std::unordered_map<std::uint32_t, std::uint32_t> wanted;  // identities by UID
  std::vector<Uid> uids;
  for (const Marked& marked : act.messages) {
    if (wanted.emplace(marked.uid(), marked.identity()).second) uids.push_back(Uid{marked.uid()});
  }
  std::sort(uids.begin(), uids.end());
  // Cyrus (3.6) names no message at all of a set that holds a UID which nobody can have.
  std::span<const Uid> possible(uids);
  if (const std::uint32_t next = selection_.selected.uid_next; next != 0) {
    const auto end = std::lower_bound(uids.begin(), uids.end(), Uid{next});
    possible = possible.first(static_cast<std::size_t>(end - uids.begin()));
  }
  std::unordered_map<std::uint32_t, Meant> there;
  const auto fetched = on_server([&](ImapConnection& imap) {
    if (possible.empty()) return Result<void>();
    return imap.fetch_identities(
        possible,
        [&](FetchedRow&& row) {
          const auto uid = static_cast<std::uint32_t>(row.uid);
          const bool labelled = std::any_of(row.keywords.begin(), row.keywords.end(), [&](const auto& one) {
            return same_keyword(one, act.label);
          });
          there[uid] = {Marked(uid, identity_of(row)), row.flags, labelled};
          return true;
        },
        step());
  });
  if (!fetched) return fetched.error();
  std::vector<Meant> meant;
  for (const Uid uid : uids) {
    const auto found = there.find(static_cast<std::uint32_t>(uid));
    if (found == there.end()) {
      ++acted.gone;
    } else if (found->second.marked.identity() != wanted[static_cast<std::uint32_t>(uid)]) {
      ++acted.others;
    } else {
      meant.push_back(found->second);
    }
  }
  return meant;
}

Result<std::vector<Account::Meant>> Account::find_all(const Act& act, Acted& acted) {
  std::vector<UidRange> ranges = act.ranges;
  if (act.every) ranges = {{1, std::max(act.every->below, 1U) - 1}};
  std::vector<Meant> meant;
  if (ranges.front().first > ranges.front().last) return meant;
  const auto choice = act.every ? act.every->choice : nullptr;
  if (choice) {
    // What is listed is a matter of the index alone: it has to be as the server's folder is first.
    if (const auto checked = check_folder(act.folder, false); !checked) return checked.error();
  }
  const auto work = work_.find(act.folder);
  if (choice && (work == work_.end() || !work->second.writer)) return meant;
  const bool known = choice || (work != work_.end() && work->second.writer && selection_.in_step &&
                     work->second.writer->now().complete());
  if (known) {
    const FolderIndex& now = work->second.writer->now();
    std::shared_ptr<const ChosenRows> chosen;
    if (choice) {
      const auto view = find_folder(act.folder);
      if (!view) return view.error();
      chosen = choose(now, *choice, folder_names(view->entry()));
      if (!chosen) return Error{Code::kInvalid, "what was chosen cannot be told", 0};
    }
    const auto found = act.label.empty() ? std::nullopt : now.find_label(act.label);
    const std::size_t label = found.value_or(RowLabel::kMost);  // none
    for (const RowId id : now.ids()) {
      const IndexRow& row = now.row(id);
      if (!holds(ranges, row.uid) || (chosen && !chosen->rows.has(id))) continue;
      const auto labels = now.labels(id);
      const bool labelled = std::any_of(labels.begin(), labels.end(), [&](const RowLabel& one) {
        return one.label == label;
      });
      meant.push_back({Marked(row.uid, now.identity(id)), row.flags, labelled});
    }
  } else if (auto asked = ask_for_all(act, ranges); asked) {
    meant = std::move(*asked);
  } else {
    return asked;
  }
  if (!act.every) {
    const std::size_t named = count(ranges);
    acted.gone += static_cast<std::uint32_t>(named - std::min(named, meant.size()));
  }
  return meant;
}

// The same where the index cannot tell: one SEARCH for the messages, and one for each flag that matters.
Result<std::vector<Account::Meant>> Account::ask_for_all(const Act& act, const std::vector<UidRange>& ranges) {
  const Uid first{ranges.front().first}, last{ranges.back().last};
  const auto search = [&](const std::string& that) {
    return on_server([&](ImapConnection& imap) { return imap.find_uids(first, last, that, step()); });
  };
  const auto all = search("");
  if (!all) return all.error();
  const auto work = work_.find(act.folder);
  const FolderIndex* index =
      work != work_.end() && work->second.writer ? &work->second.writer->now() : nullptr;
  std::vector<Meant> meant;
  for (const Uid uid : *all) {
    const auto number = static_cast<std::uint32_t>(uid);
    if (!holds(ranges, number)) continue;
    const auto row = index ? index->id_of(uid) : std::nullopt;
    meant.push_back({Marked(number, row ? index->identity(*row) : 0), 0, false});
  }
  const auto note = [&](const std::string& key, const auto& has) -> Result<void> {
    const auto having = search(key);
    // A server that cannot search for a keyword keeps none.
    if (!having && having.error().code == Code::kServerSaid) return {};
    if (!having) return having.error();
    for (Meant& m : meant) {
      if (std::binary_search(having->begin(), having->end(), Uid{m.marked.uid()})) has(m);
    }
    return {};
  };
  const std::uint16_t matters = flags_that_matter(act);
  for (const auto& [flag, key] : kKnown) {
    const auto bit = static_cast<std::uint16_t>(flag);
    if ((matters & bit) == 0 || meant.empty()) continue;
    const auto noted = note(key, [bit = bit](Meant& m) { m.flags = static_cast<std::uint16_t>(m.flags | bit); });
    if (!noted) return noted.error();
  }
  if (!act.label.empty() && !meant.empty()) {
    if (const auto noted = note("KEYWORD " + act.label, [](Meant& m) { m.labelled = true; }); !noted)
      return noted.error();
  }
  return meant;
}

// ---- where they went ----

// The server's UIDNEXT, so that what goes there can be found again where no COPYUID tells.
Result<ListedFolder> Account::place_of(const FolderEntry& target) {
  ListedFolder folder;
  folder.name = target.imap_name;
  const auto told =
      on_server([&](ImapConnection& imap) { return imap.status(folder, step()); });
  if (!told) return told.error().while_doing("looking at the folder they go to");
  return folder;
}

// Where no COPYUID told: what arrived there since and is known again by what it is.
Result<void> Account::find_moved(Act& back, std::uint32_t from) {
  const auto view = find_folder(back.folder);
  if (!view) return view.error();
  if (const auto selected = ensure_selected(view->entry()); !selected) return selected;
  // All that is in it came since: then it is the same folder, whose UIDVALIDITY was not settled while it
  // was empty (Courier tells the time instead until something is put into it).
  if (from == 1) back.uid_validity = selection_.selected.uid_validity;
  const auto arrived = on_server([&](ImapConnection& imap) {
    return imap.find_uids(Uid{from}, Uid{0xFFFFFFFF}, "", step());
  });
  if (!arrived) return arrived.error();
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> there;  // UIDs by identity
  for (std::span<const Uid> left(*arrived); !left.empty();) {
    const auto some = left.first(std::min<std::size_t>(left.size(), kIdentitiesAtOnce));
    left = left.subspan(some.size());
    const auto fetched = on_server([&](ImapConnection& imap) {
      return imap.fetch_identities(
          some,
          [&](FetchedRow&& row) {
            there[identity_of(row)].push_back(static_cast<std::uint32_t>(row.uid));
            return true;
          },
          step());
    });
    if (!fetched) return fetched;
  }
  for (Marked& marked : back.messages) {
    if (marked.uid() != 0) continue;
    auto& uids = there[marked.identity()];
    // One that is not there any more is named by a UID that no message has.
    marked = Marked(uids.empty() ? 0xFFFFFFFF : uids.back(), marked.identity());
    if (!uids.empty()) uids.pop_back();
  }
  return {};
}

}  // namespace alphamail
