// SPDX-License-Identifier: GPL-3.0-or-later
// Every order of a folder's index, while it changes, against rows that are sorted anew each time.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "webcache/base_subject.h"
#include "webcache/index_writer.h"

namespace alphamail {
namespace {

using wire::SortKey;

constexpr auto kSeen = static_cast<std::uint16_t>(wire::Flag::Seen);
constexpr auto kFlagged = static_cast<std::uint16_t>(wire::Flag::Flagged);
constexpr auto kAnswered = static_cast<std::uint16_t>(wire::Flag::Answered);

constexpr SortKey kKeys[] = {SortKey::Arrived, SortKey::Sent, SortKey::From, SortKey::To,
                             SortKey::Subject, SortKey::Size, SortKey::Flags};

using Model = std::map<std::uint32_t, NewRow>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  return text;
}

// What the model of this test sorts by: plain ASCII words, "Re: " in front of some subjects.
std::string text_key(const NewRow& r, SortKey key) {
  const auto person = [](const std::string& name, const std::string& address) {
    return lower(name.empty() ? address : name);
  };
  switch (key) {
    case SortKey::From:
      return person(r.from, r.from_address);
    case SortKey::To:
      return r.recipients.empty() ? std::string() : person(r.recipients[0].name, r.recipients[0].address);
    case SortKey::Subject:
      return lower(r.subject.starts_with("Re: ") ? r.subject.substr(4) : r.subject);
    default:
      return {};
  }
}

std::int64_t number_key(const NewRow& r, SortKey key) {
  switch (key) {
    case SortKey::Arrived:
      return r.arrived;
    case SortKey::Sent:
      return r.sent ? *r.sent : r.arrived;
    case SortKey::Size:
      return static_cast<std::int64_t>(r.size);
    case SortKey::Flags:
      return (r.flags & kFlagged ? 8 : 0) + (r.flags & kSeen ? 0 : 4) +
             (r.flags & kAnswered ? 2 : 0);
    default:
      return 0;
  }
}

std::vector<std::uint32_t> sorted(const Model& model, SortKey key, bool descending) {
  struct Entry {
    std::string text;
    std::int64_t number, arrived;
    std::uint32_t uid;
  };
  std::vector<Entry> all;
  for (const auto& [uid, r] : model)
    all.push_back({text_key(r, key), number_key(r, key), r.arrived, uid});
  const bool date = key == SortKey::Arrived || key == SortKey::Sent;
  std::sort(all.begin(), all.end(), [&](const Entry& a, const Entry& b) {
    const auto ka = std::tie(a.text, a.number), kb = std::tie(b.text, b.number);
    if (ka != kb) return descending ? ka > kb : ka < kb;
    const auto ta = std::tie(a.arrived, a.uid), tb = std::tie(b.arrived, b.uid);
    return date && !descending ? ta < tb : ta > tb;
  });
  std::vector<std::uint32_t> uids;
  for (const Entry& entry : all) uids.push_back(entry.uid);
  return uids;
}

void expect_orders(const FolderIndex& index, const Model& model, std::mt19937& random) {
  for (const SortKey key : kKeys) {
    for (const bool descending : {false, true}) {
      const auto rows = index.listed({key, descending, "en"});
      ASSERT_TRUE(rows) << wire::EnumNameSortKey(key);
      const auto want = sorted(model, key, descending);
      ASSERT_EQ(rows->size(), want.size());
      std::vector<RowId> got;
      rows->read(0, want.size() + 7, got);
      ASSERT_EQ(got.size(), want.size());
      for (std::size_t i = 0; i < want.size(); ++i) {
        ASSERT_EQ(index.row(got[i]).uid, want[i])
            << wire::EnumNameSortKey(key) << (descending ? " desc" : " asc") << " at " << i;
      }
      for (int probe = 0; probe < 20 && !want.empty(); ++probe) {
        const std::size_t i = random() % want.size();
        ASSERT_EQ(index.row(rows->at(i)).uid, want[i]);
        ASSERT_EQ(rows->position_of(Uid{want[i]}), i);
        const std::size_t end = std::min(want.size(), i + 50);
        rows->read(i, end, got);
        ASSERT_EQ(got.size(), end - i);
        for (std::size_t n = i; n < end; ++n) ASSERT_EQ(index.row(got[n - i]).uid, want[n]);
      }
      EXPECT_FALSE(rows->position_of(Uid{4000000000U}));
    }
  }
}

class Folder {
 public:
  explicit Folder(std::uint32_t kinds) : kinds_(kinds), writer_(1) {
    for (const SortKey key : kKeys) writer_.make_order({key, true, "en"});
  }

  void add(std::uint32_t first, std::uint32_t count, std::uint32_t stride) {
    std::vector<NewRow> rows;
    for (std::uint32_t uid = first; uid < first + count * stride; uid += stride) {
      const NewRow r = row(uid);
      rows.push_back(r);
      const auto [at, fresh] = model.emplace(uid, r);
      if (!fresh) at->second.flags = r.flags;
    }
    std::shuffle(rows.begin(), rows.end(), random);
    writer_.add(std::move(rows));
  }
  void flag(std::uint32_t share) {
    for (auto& [uid, r] : model) {
      if (random() % share) continue;
      r.flags ^= std::array{kSeen, kFlagged, kAnswered}[random() % 3];
      writer_.set_flags(Uid{uid}, r.flags);
    }
  }
  void remove(std::uint32_t share) {
    std::vector<Uid> gone;
    std::erase_if(model, [&](const auto& entry) {
      if (random() % share) return false;
      gone.push_back(Uid{entry.first});
      return true;
    });
    std::shuffle(gone.begin(), gone.end(), random);
    gone.push_back(Uid{4000000000U});
    EXPECT_EQ(writer_.remove(gone), gone.size() - 1);
  }
  void check() {
    for (const SortKey key : kKeys) writer_.make_order({key, true, "en"});
    expect_orders(*writer_.publish(), model, random);
  }

  std::mt19937 random{20261122};
  Model model;

 private:
  NewRow row(std::uint32_t uid) {
    const auto any = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random()) % n; };
    NewRow r;
    r.uid = Uid{uid};
    r.arrived = 100000 + (any(20) ? uid : any(9000)) * 3;  // some were moved here
    if (any(5)) r.sent = r.arrived - any(4000);
    r.size = any(kinds_) * 100;
    r.flags = static_cast<std::uint16_t>((any(4) ? kSeen : 0) | (any(9) ? 0 : kFlagged) |
                                         (any(5) ? 0 : kAnswered));
    const std::string who = std::to_string(1000 + any(kinds_));
    if (any(10)) r.from = (any(2) ? "Person " : "person ") + who;
    r.from_address = "p" + who + "@example.edu";
    if (any(8)) r.recipients.push_back({"", "to" + std::to_string(1000 + any(kinds_)) + "@example.edu"});
    r.subject = (any(2) ? "Re: Subject " : "subject ") + std::to_string(10000 + any(kinds_ * 3));
    if (any(6) == 0) r.attachment = "file " + std::to_string(any(9));
    return r;
  }

  const std::uint32_t kinds_;
  IndexWriter writer_;
};

TEST(IndexOrders, AgreeWithAPlainSortWhateverHappens) {
  for (const std::uint32_t kinds : {1U, 7U, 600U}) {
    Folder folder(kinds);
    for (int step = 0; step < 40; ++step) {
      const auto any = [&](std::uint32_t n) {
        return static_cast<std::uint32_t>(folder.random()) % n;
      };
      switch (any(6)) {
        case 0:
          folder.add(1 + any(9000), 1 + any(2500), 1 + any(3));
          break;
        case 1:
          folder.add(1 + any(9000), 1 + any(3), 1);
          break;  // new mail, and holes filled
        case 2:
          folder.flag(1 + any(400));
          break;
        case 3:
          folder.remove(any(4) ? 300 : 2);
          break;
        case 4:
          folder.flag(3);
          break;  // more than the order of flags follows one by one
        default:
          break;
      }
      folder.check();
      if (::testing::Test::HasFatalFailure()) return;
    }
    folder.remove(1);
    folder.check();
    folder.add(5, 100, 1);
    folder.check();
  }
}

TEST(IndexOrders, ArePartOfTheirSnapshotAndCanBeDropped) {
  IndexWriter writer(1);
  NewRow a, b;
  a.uid = Uid{1}, a.subject = "b";
  b.uid = Uid{2}, b.subject = "A";
  writer.add({a});
  EXPECT_FALSE(writer.publish()->listed({SortKey::Subject, false, "en"}));
  writer.make_order({SortKey::Subject, false, "en"});
  const auto before = writer.publish();
  writer.add({b});
  const auto after = writer.publish();
  EXPECT_EQ(before->listed({SortKey::Subject, false, "en"})->size(), 1U);
  const auto rows = after->listed({SortKey::Subject, false, "en"});
  EXPECT_EQ(after->row(rows->at(0)).uid, 2U);
  EXPECT_FALSE(after->listed({SortKey::Subject, false, "de"}));
  EXPECT_GT(after->memory()[MemoryKind::kOrders], 0U);
  writer.drop_orders();
  EXPECT_EQ(writer.publish()->memory()[MemoryKind::kOrders], 0U);
  EXPECT_TRUE(after->listed({SortKey::Subject, false, "en"}));
  for (int n = 0; n < 20; ++n)
    writer.make_order({SortKey::Subject, false, "x" + std::to_string(n)});
  EXPECT_TRUE(writer.publish()->listed({SortKey::Subject, false, "x19"}));
  EXPECT_FALSE(writer.publish()->listed({SortKey::Subject, false, "x1"}));
}

TEST(IndexOrders, FollowTheLocale) {
  const auto first_of = [](const char* locale) {
    IndexWriter writer(1);
    NewRow a, b;
    a.uid = Uid{1}, a.from = "Öberg";
    b.uid = Uid{2}, b.from = "Zorn";
    writer.add({a, b});
    writer.make_order({SortKey::From, false, locale});
    const auto index = writer.publish();
    return index->row(index->listed({SortKey::From, false, locale})->at(0)).uid;
  };
  EXPECT_EQ(first_of("de"), 1U);
  EXPECT_EQ(first_of("sv"), 2U);
  EXPECT_EQ(first_of("qq; nothing of the kind"), 1U);
}

TEST(IndexOrders, ReplyMarksAreNoPartOfASubject) {
  EXPECT_EQ(base_subject("Re: plan"), "plan");
  EXPECT_EQ(base_subject("RE : Fwd:fw[2]:  plan  (fwd) "), "plan");
  EXPECT_EQ(base_subject("AW: WG: [list] Re: plan"), "plan");
  EXPECT_EQ(base_subject("[list] plan"), "plan");
  EXPECT_EQ(base_subject("[list]"), "[list]");
  EXPECT_EQ(base_subject("[Fwd: [Fwd: plan]]"), "plan");
  EXPECT_EQ(base_subject("Regarding: plan"), "Regarding: plan");
  EXPECT_EQ(base_subject("Re: "), "");
  EXPECT_EQ(base_subject(""), "");
  for (const std::string subject : {"Re: plan", "[a] [b] Re: [c] plan (fwd)", "Re:", "[Fwd: x]",
                                    "x", "Re: [Fwd: x] (fwd)", " Re: [x] (fwd)"}) {
    EXPECT_EQ(base_subject(subject.substr(subject_marks(subject))), base_subject(subject))
        << subject;
  }
}

TEST(IndexOrders, ThreadFieldsStayWithTheirMessage) {
  IndexWriter writer(1);
  std::vector<NewRow> rows(3000);
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    rows[i].uid = Uid{2 * i + 1};
    rows[i].subject = "Re: subject " + std::to_string(i / 3);
    rows[i].recipients.push_back({"", "to" + std::to_string(i % 100) + "@example.edu"});
    rows[i].id = message_hash("<" + std::to_string(i) + "@x>");
    rows[i].references = reference_hashes(
        "", i % 2 ? "References: <a@x>\r\n <b@x> <c@x> <" + std::to_string(i) + ">" : "");
  }
  writer.add(rows);
  NewRow hole;
  hole.uid = Uid{500};
  hole.references = reference_hashes("<parent@x>", "");
  writer.add({hole});  // moves its neighbours
  std::vector<Uid> gone;
  for (std::uint32_t uid = 1; uid < 1500; uid += 4) gone.push_back(Uid{uid});
  writer.remove(gone);
  const auto index = writer.publish();
  for (std::uint32_t i = 0; i < rows.size(); ++i) {
    const auto id = index->id_of(rows[i].uid);
    if (!id) continue;
    EXPECT_EQ(index->message_id(*id), rows[i].id);
    const auto references = index->references(*id);
    ASSERT_EQ(references.size(), rows[i].references.size());
    for (std::size_t n = 0; n < references.size(); ++n)
      EXPECT_EQ(references[n].id, rows[i].references[n]);
    EXPECT_EQ(std::string(index->shown(*id).prefix) + std::string(index->shown(*id).subject),
              rows[i].subject);
    const std::string_view to = index->text(index->recipient(*id));
    EXPECT_EQ(to.substr(to.find('\0') + 1), rows[i].recipients.front().address);
  }
  EXPECT_EQ(index->references(*index->id_of(Uid{500})).size(), 1U);
}

TEST(MessageIds, AreTheSameWhereTheirBytesAre) {
  EXPECT_TRUE(message_hash("").none());
  EXPECT_TRUE(message_hash(" \r\n").none());
  EXPECT_EQ(message_hash("<a@b>"), message_hash(" <a\r\n @b> (comment)"));
  EXPECT_EQ(message_hash("a@b"), message_hash("<a@b>"));
  EXPECT_NE(message_hash("<a@b>"), message_hash("<A@b>"));
  const auto id = [](const char* text) { return message_hash(text); };
  using Hashes = std::vector<MessageHash>;
  EXPECT_EQ(reference_hashes("", ""), Hashes{});
  EXPECT_EQ(reference_hashes("<1>", "References: <1>"), Hashes{id("<1>")});
  EXPECT_EQ(reference_hashes("<3>", "References: <1> <2>\r\n\t<3>\r\n\r\n"),
            (Hashes{id("<1>"), id("<2>"), id("<3>")}));
  EXPECT_EQ(reference_hashes("", "<1><2><3><4><5"), (Hashes{id("<1>"), id("<3>"), id("<4>")}));
  EXPECT_EQ(reference_hashes("nonsense", "< > <> <2 <3>"), Hashes{id("<3>")});
}

}  // namespace
}  // namespace alphamail
