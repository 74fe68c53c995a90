// SPDX-License-Identifier: GPL-3.0-or-later
// What a folder's index costs: memory a message, making each order, a page of it, a change.
//   index_bench [MESSAGES ...]      default 100 10000 100000 1000000
// The messages: a sender for fifty of them, half as many subjects as messages, of which the later
// ones answer and refer to the earlier; a tenth did not arrive in the order of UIDs; snippets of
// 100 bytes. A fifth has more recipients than one, a thirtieth a label.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "webcache/folder_list.h"
#include "webcache/index_writer.h"
#include "webcache/wire.h"

namespace {

using namespace alphamail;
using wire::SortKey;

// Processor time, so that what else runs on the machine counts little.
double now_micros() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

double micros(const std::function<void()>& body) {
  const double begin = now_micros();
  body();
  return now_micros() - begin;
}

class Source {
 public:
  explicit Source(std::uint32_t messages) : messages_(messages), answered_(messages / 2 + 1) {}

  std::uint32_t any(std::uint32_t n) { return static_cast<std::uint32_t>(random_()) % n; }

  NewRow row(std::uint32_t uid) {
    static const char* kWords[] = {"budget", "seminar", "room",   "exam",
                                   "draft",  "travel",  "thesis", "lab"};
    const std::uint32_t sender = any(messages_ / 50 + 1), subject = any(messages_ / 2 + 1);
    NewRow r;
    r.uid = Uid{uid};
    r.arrived = 1'600'000'000 + (any(10) ? uid : any(messages_)) * 30;
    r.sent = r.arrived - any(600);
    r.size = 1000 + any(60000);
    r.flags = static_cast<std::uint16_t>(any(8) ? wire::Flag::Seen : wire::Flag{});
    if (any(40) == 0) r.flags |= static_cast<std::uint16_t>(wire::Flag::Flagged);
    r.from = "Some Person " + std::to_string(sender * 7919 % 99991);
    r.from_address = "person" + std::to_string(sender) + "@example.edu";
    r.recipients.push_back(
        {"", any(4) ? "me@example.edu" : "list" + std::to_string(any(50)) + "@example.edu"});
    // A fifth has further ones: the members of one of so many groups.
    if (any(5) == 0) {
      const std::uint32_t group = any(messages_ / 25 + 1);
      for (std::uint32_t i = 0; i <= group % 6; ++i) {
        const std::string member = std::to_string((group * 31 + i) % (messages_ / 50 + 1));
        r.recipients.push_back({"Some Person " + member, "person" + member + "@example.edu", i > 1});
      }
    }
    if (any(30) == 0) r.keywords.push_back("$label" + std::to_string(1 + any(5)));
    r.subject = std::string(answered_[subject] ? "Re: " : "") + kWords[subject % 8] + " of group " +
                std::to_string(subject * 104729ULL % 1000003);
    r.text_part = TextPart{"1", "utf-8", "quoted-printable", false};
    r.id = message_hash(std::to_string(uid));
    for (std::uint32_t n = 0; n < std::min<std::uint32_t>(answered_[subject], 3); ++n) {
      r.references.push_back(message_hash(std::to_string(subject) + "." + std::to_string(n)));
    }
    if (answered_[subject] < 255) ++answered_[subject];
    return r;
  }

 private:
  const std::uint32_t messages_;
  std::mt19937 random_{1};
  std::vector<unsigned char> answered_;
};

constexpr SortKey kKeys[] = {SortKey::Arrived, SortKey::Sent, SortKey::From, SortKey::To,
                             SortKey::Subject, SortKey::Size, SortKey::Flags};

FolderView view_of(std::shared_ptr<const FolderIndex> index) {
  ListedFolder listed;
  listed.name = "INBOX";
  auto counts = std::make_shared<FolderCounts>();
  FolderView view;
  view.folders.tree = FolderTree::make({listed}, NameRules{"", '/', false}, *counts);
  view.folders.counts = std::move(counts);
  view.index = std::move(index);
  return view;
}

double page_micros(const FolderIndex& index, const FolderView& view, const ListOrder& order,
                   Source& source) {
  constexpr int kPages = 2000;
  const auto pages = static_cast<std::uint32_t>(index.pages(50));
  return micros([&] {
           for (int i = 0; i < kPages; ++i) reply_page(view, {1 + source.any(pages), 50, order});
         }) /
         kPages;
}

void measure(std::uint32_t messages) {
  Source source(messages);
  IndexWriter writer(1);
  double added = 0;
  for (std::uint32_t uid = messages + 1;
       uid > 1;) {  // as a first sight does: windows from the newest
    std::vector<NewRow> rows;
    const std::uint32_t first = uid > 1000 ? uid - 1000 : 1;
    for (std::uint32_t n = first; n < uid; ++n) rows.push_back(source.row(n));
    uid = first;
    added += micros([&] { writer.add(std::move(rows)); });
    added += micros([&] { (void)writer.publish(); });
  }
  writer.set_complete(true);
  auto index = writer.publish();
  const double n = messages;
  std::printf("%u messages: entered in %.2f us each; %.1f bytes each", messages, added / n,
              static_cast<double>(index->memory().sum()) / n);
  for (std::uint32_t uid = 1; uid <= messages; ++uid) {
    std::string snippet;
    while (snippet.size() < 60) snippet += std::to_string(source.any(1000000)) + " ";
    writer.set_snippet(Uid{uid}, snippet);
  }
  index = writer.publish();
  std::printf(", %.1f with snippets of 60\n", static_cast<double>(index->memory().sum()) / n);
  for (const SortKey key : kKeys) {
    const double made = micros([&] { writer.make_order({key, true, "de"}); });
    index = writer.publish();
    const FolderView view = view_of(index);
    std::printf("  %-8s made in %8.1f ms; page of 50: %5.1f us descending, %5.1f ascending\n",
                wire::EnumNameSortKey(key), made / 1000,
                page_micros(*index, view, {key, true, "de"}, source),
                page_micros(*index, view, {key, false, "de"}, source));
  }
  std::printf("  all orders: %.1f bytes a message\n",
              static_cast<double>(index->memory()[MemoryKind::kOrders]) / n);
  // A change of each kind, with all orders there and a snapshot of it.
  double insert = 0, flag = 0, erase = 0, snapshot = 0;
  constexpr int kChanges = 200;
  for (int i = 0; i < kChanges; ++i) {
    const std::uint32_t uid = messages + 1 + static_cast<std::uint32_t>(i);
    std::vector<NewRow> one(1, source.row(uid));
    insert += micros([&] { writer.add(std::move(one)); });
    snapshot += micros([&] { index = writer.publish(); });
    const Uid flagged{1 + source.any(messages)};
    flag += micros([&] { writer.change_flags(flagged, 4, 0); });
    index = writer.publish();
    const Uid gone[] = {Uid{uid}};
    erase += micros([&] { writer.remove(gone); });
    index = writer.publish();
  }
  std::printf(
      "  a change with %zu orders: insert %.0f us, flag %.0f us, remove %.0f us, snapshot %.0f "
      "us\n",
      std::size(kKeys), insert / kChanges, flag / kChanges, erase / kChanges, snapshot / kChanges);
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::uint32_t> sizes = {100, 10000, 100000, 1000000};
  if (argc > 1) sizes.clear();
  for (int i = 1; i < argc; ++i)
    sizes.push_back(static_cast<std::uint32_t>(std::strtoul(argv[i], nullptr, 10)));
  for (const std::uint32_t size : sizes) measure(size);
}
