// SPDX-License-Identifier: GPL-3.0-or-later
// The language of searches: what is read, what is noted, what is spelled again.
#include "common/search_query.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>

#include "common/query_values.h"
#include "common/search_form.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

using Kind = Term::Kind;
using Why = SearchQuery::Note::Why;

// Thursday, 19 November 2026, 22:30 UTC; 23:30 in Paris.
constexpr std::int64_t kNow = 1795127400;
constexpr std::int64_t kDay = 86400;
constexpr QueryClock kClock{kNow, 3600};

SearchQuery query(std::string_view text) {
  return SearchQuery::parse(text, kClock);
}

// The only term of a query.
Term term(std::string_view text) {
  const SearchQuery q = query(text);
  EXPECT_EQ(q.clauses().size(), 1U) << text;
  EXPECT_TRUE(q.notes().empty()) << text;
  if (q.clauses().size() != 1) return {};
  EXPECT_EQ(q.clauses()[0].any.size(), 1U) << text;
  return q.clauses()[0].any[0];
}

struct Case {
  std::string_view typed, spelled;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.typed;
}

class Spelling : public testing::TestWithParam<Case> {};
TEST_P(Spelling, IsCanonical) {
  const SearchQuery q = query(GetParam().typed);
  EXPECT_EQ(q.spelled(), GetParam().spelled);
  const SearchQuery again = query(q.spelled());
  EXPECT_EQ(again.clauses(), q.clauses());
  EXPECT_TRUE(again.notes().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Words, Spelling,
    testing::Values(Case{"", ""}, Case{"   ", ""}, Case{"minutes", "minutes"}, Case{" two  words ", "two words"},
                    Case{"\"two  words\"", "\"two words\""}, Case{"“two words” x", "\"two words\" x"},
                    Case{"„Grüße aus“ Bonn", "\"Grüße aus\" Bonn"}, Case{"\"never closed", "\"never closed\""},
                    Case{"a\"b c\"d", "a \"b c\" d"}, Case{"\"\" x", "x"}, Case{"\"", ""}, Case{"a\u3000b", "a b"},
                    Case{"-draft", "-draft"}, Case{"-\"two words\"", "-\"two words\""}, Case{"beam - time", "beam time"},
                    Case{"--x", "-\"-x\""}, Case{"x-ray", "x-ray"}, Case{"a OR b c", "a OR b c"}, Case{"OR a OR", "a"},
                    Case{"a OR OR b", "a OR b"}, Case{"\"OR\"", "\"OR\""}, Case{"or", "or"}, Case{"a OR -b", "a OR -b"},
                    Case{"\x01\x02\ttab", "tab"}, Case{"bad\xFFutf", "bad\xEF\xBF\xBDutf"}, Case{"http://x.edu", "\"http://x.edu\""}));

INSTANTIATE_TEST_SUITE_P(
    Operators, Spelling,
    testing::Values(Case{"from:anna", "from:anna"}, Case{"From: Anna", "from:Anna"}, Case{"from:\"Anna Smith\"", "from:\"Anna Smith\""},
                    Case{"from: \"Anna Smith\" x", "from:\"Anna Smith\" x"}, Case{"from:<anna@example.edu>", "from:anna@example.edu"},
                    Case{"to:me", "to:me"}, Case{"to: ME", "to:me"}, Case{"to:\"me\"", "to:\"me\""}, Case{"-cc:me", "-cc:me"},
                    Case{"subject:re:", "subject:re:"}, Case{"subject:\"a b\" body:lichen", "subject:\"a b\" body:lichen"},
                    Case{"has:attachments", "has:attachment"}, Case{"HAS:Attachment", "has:attachment"}, Case{"has: attachment", "has:attachment"},
                    Case{"is:read", "is:read"}, Case{"-is:read", "is:unread"}, Case{"-is:unread", "is:read"},
                    Case{"is:flagged is:replied", "is:starred is:answered"}, Case{"is:spam -is:draft is:forwarded", "is:junk -is:draft is:forwarded"},
                    Case{"newer:7d older:2026-01", "after:7d before:2026-01"}, Case{"since:today", "after:today"},
                    Case{"larger:5M smaller:1.5g", "larger:5M smaller:1.5g"}, Case{"in:\"Travel and grants\"", "in:\"Travel and grants\""},
                    Case{"in:any label:$label1", "in:any label:$label1"}, Case{"from:a OR from:b", "from:a OR from:b"},
                    Case{"from:anna\"x y\"", "from:anna \"x y\""}, Case{"from:-x", "from:-x"}));

TEST(SearchQuery, ReadsTerms) {
  EXPECT_EQ(term("from:anna"), (Term{Kind::kFrom, false, false, "anna", 0}));
  EXPECT_EQ(term("-to:me"), (Term{Kind::kTo, true, true, "", 0}));
  EXPECT_EQ(term("is:read"), (Term{Kind::kUnread, true, false, "", 0}));
  EXPECT_EQ(term("larger:2k"), (Term{Kind::kLarger, false, false, "2k", 2000}));
  EXPECT_EQ(term("after:2026-11-20").number, 1795129200);  // its 0:00 in Paris
  EXPECT_EQ(term("before:1970").number, -3600);
}

TEST(SearchQuery, WhatIsNoOperatorIsAWord) {
  const auto noted = [](std::string_view text, Why why, std::string_view what) {
    const SearchQuery q = query(text);
    ASSERT_EQ(q.notes().size(), 1U) << text;
    EXPECT_EQ(q.notes()[0], (SearchQuery::Note{why, std::string(what)}));
    ASSERT_EQ(q.clauses().size(), 1U) << text;
    EXPECT_EQ(q.clauses()[0].any[0].kind, Kind::kWords);
    EXPECT_EQ(q.clauses()[0].any[0].text, what);
    EXPECT_TRUE(query(q.spelled()).notes().empty());
  };
  noted("list:physics", Why::kUnknownOperator, "list:physics");
  noted("-frm:anna", Why::kUnknownOperator, "frm:anna");
  noted("before:soon", Why::kBadValue, "before:soon");
  noted("older: soon", Why::kBadValue, "older:soon");
  noted("after:2026-13", Why::kBadValue, "after:2026-13");
  noted("after:2026-02-30", Why::kBadValue, "after:2026-02-30");
  noted("larger:much", Why::kBadValue, "larger:much");
  noted("is:odd", Why::kBadValue, "is:odd");
  noted("has:", Why::kBadValue, "has:");
  noted("from:", Why::kBadValue, "from:");
  noted("label:\"\"", Why::kBadValue, "label:");
  EXPECT_EQ(query("from: subject:x").spelled(), "\"from:\" subject:x");
}

TEST(SearchQuery, ColonsOfOrdinaryTextAreNotNoted) {
  for (const auto* text : {"re: minutes", "http://example.edu/", "10:30", "a:b", "c++::x", "\"foo:bar\"", ":", "::"}) {
    EXPECT_TRUE(query(text).notes().empty()) << text;
  }
}

TEST(SearchQuery, Dates) {
  const auto at = [](std::string_view text) { return read_query_date(text, kClock); };
  const std::int64_t today = 1795042800;  // 2026-11-19 0:00 in Paris
  EXPECT_EQ(at("today"), today);
  EXPECT_EQ(at("Yesterday"), today - kDay);
  EXPECT_EQ(at("7d"), today - 7 * kDay);
  EXPECT_EQ(at("2w"), today - 14 * kDay);
  EXPECT_EQ(at("2026-11-19"), today);
  EXPECT_EQ(at("2026/11/19"), today);
  EXPECT_EQ(at("19.11.2026"), today);
  EXPECT_EQ(at("2026-11"), today - 18 * kDay);
  EXPECT_EQ(at("3m"), at("2026-08-19"));
  EXPECT_EQ(at("1y"), at("2025-11-19"));
  EXPECT_EQ(at("2026"), at("2026-01-01"));
  EXPECT_EQ(read_query_date("1m", {1774915200, 0}), read_query_date("2026-02-28", {}));  // of 31 March
  for (const auto* bad : {"", "d", "-1d", "7", "7x", "99999d", "26", "2026-", "2026-1-1-1", "2026-00-01", "1.2", "1.2.3", "1960",
                          "20266", "2026-11-19T10:00", "2026-11/19"}) {
    EXPECT_FALSE(at(bad)) << bad;
  }
  EXPECT_TRUE(read_query_date("9999y", {INT64_MAX, INT32_MAX}));
  EXPECT_TRUE(read_query_date("9999w", {INT64_MIN, INT32_MIN}));
}

TEST(SearchQuery, Sizes) {
  EXPECT_EQ(read_query_size("2000"), 2000);
  EXPECT_EQ(read_query_size("100k"), 100'000);
  EXPECT_EQ(read_query_size("5MB"), 5'000'000);
  EXPECT_EQ(read_query_size("1.5M"), 1'500'000);
  EXPECT_EQ(read_query_size("1,5g"), 1'500'000'000);
  EXPECT_EQ(read_query_size("12b"), 12);
  for (const auto* bad : {"", "b", "k", "-1", "1.5", "1.55M", "5T", "1234567890", "5 M", "0x5"}) EXPECT_FALSE(read_query_size(bad)) << bad;
}

TEST(SearchQuery, SaysWhatTheServerIsNeededFor) {
  EXPECT_FALSE(query("from:a to:b cc:c subject:d has:attachment is:read after:7d larger:1k in:x label:y").needs_server());
  EXPECT_TRUE(query("from:a word").needs_server());
  EXPECT_TRUE(query("-body:word").needs_server());
}

TEST(SearchQuery, KnowsInWhichFolders) {
  const FolderNames inbox{"INBOX", "inbox"}, grants{"Travel and grants", ""}, deep{"Thesis/Ch~2Fapter", ""}, junk{"Spam?", "junk"};
  const auto may = [](std::string_view text, const FolderNames& folder) { return query(text).may_lie_in(folder); };
  EXPECT_EQ(may("word", inbox), Tri::kPerhaps);
  EXPECT_EQ(may("in:inbox word", inbox), Tri::kPerhaps);
  EXPECT_EQ(may("in:inbox", inbox), Tri::kYes);
  EXPECT_EQ(may("in:inbox word", grants), Tri::kNo);
  EXPECT_EQ(may("-in:inbox word", inbox), Tri::kNo);
  EXPECT_EQ(may("in:\"travel AND grants\"", grants), Tri::kYes);
  EXPECT_EQ(may("in:any", grants), Tri::kYes);
  EXPECT_EQ(may("in:Thesis/Ch/apter", deep), Tri::kYes);
  EXPECT_EQ(may("in:Thesis/Ch~2Fapter", deep), Tri::kYes);
  EXPECT_EQ(may("in:ch/apter", deep), Tri::kYes);
  EXPECT_EQ(may("in:Thesis", deep), Tri::kNo);
  EXPECT_EQ(may("in:spam", junk), Tri::kYes);
  EXPECT_EQ(may("in:inbox OR in:junk", junk), Tri::kYes);
  EXPECT_EQ(may("in:inbox OR word", junk), Tri::kPerhaps);
  EXPECT_FALSE(query("word").names_folders());
  EXPECT_TRUE(query("word -in:junk").names_folders());
}

TEST(SearchQuery, TellsByParts) {
  const auto tell = [](std::string_view text) {
    return query(text).tell([](const Term& t) { return t.text == "y" ? Tri::kYes : t.text == "n" ? Tri::kNo : Tri::kPerhaps; });
  };
  EXPECT_EQ(tell(""), Tri::kYes);
  EXPECT_EQ(tell("y"), Tri::kYes);
  EXPECT_EQ(tell("y n"), Tri::kNo);
  EXPECT_EQ(tell("p n"), Tri::kNo);
  EXPECT_EQ(tell("p y"), Tri::kPerhaps);
  EXPECT_EQ(tell("p OR y"), Tri::kYes);
  EXPECT_EQ(tell("n OR p"), Tri::kPerhaps);
  EXPECT_EQ(tell("-n -p"), Tri::kPerhaps);
  EXPECT_EQ(tell("-y OR -n"), Tri::kYes);
}

TEST(SearchQuery, NamesOfLabelsAreExchanged) {
  const auto q = query("label:Later OR -label:later x").with_labels([](const std::string& name) { return name == "Later" ? "$label5" : name; });
  EXPECT_EQ(q.spelled(), "label:$label5 OR -label:later x");
}

TEST(SearchQuery, IsBounded) {
  const SearchQuery one = query(std::string(100'000, 'x'));
  ASSERT_EQ(one.notes().size(), 1U);
  EXPECT_EQ(one.notes()[0].why, Why::kTooLong);
  EXPECT_EQ(one.clauses()[0].any[0].text.size(), SearchQuery::kMostBytes);
  std::string many;
  for (int i = 0; i < 200; ++i) many += "a:b x:y ";
  const SearchQuery cut = query(many);
  std::size_t terms = 0;
  for (const Clause& c : cut.clauses()) terms += c.any.size();
  EXPECT_EQ(terms, SearchQuery::kMostTerms);
  EXPECT_LE(cut.notes().size(), SearchQuery::kMostNotes);
  EXPECT_EQ(cut.notes().back().why, Why::kTooLong);
  const std::string letters(999, 'a');
  EXPECT_TRUE(is_utf8(query(letters + "ü").clauses()[0].any[0].text));
}

TEST(SearchForm, SaysTheSame) {
  SearchForm form;
  form.words = "beam time";
  form.from = "Anna Smith";
  form.to = "me";
  form.subject = "minutes \"of\" it";
  form.since = "2026-01-01";
  form.in = "Travel and grants";
  form.attachment = form.unread = true;
  const std::string text = query_of(form);
  EXPECT_EQ(text, "from:\"Anna Smith\" to:me subject:\"minutes of it\" after:2026-01-01 in:\"Travel and grants\" has:attachment is:unread beam time");
  form.subject = "minutes of it";
  EXPECT_EQ(form_of(query(text)), form);
}

TEST(SearchForm, WhatHasNoFieldIsAmongTheWords) {
  const SearchForm form = form_of(query("from:a from:b is:read larger:5M x OR y -subject:z to:\"me\""));
  EXPECT_EQ(form.from, "a");
  EXPECT_FALSE(form.unread);
  EXPECT_EQ(form.words, "from:b is:read larger:5M x OR y -subject:z to:\"me\"");
  EXPECT_EQ(query_of({}), "");
}

// Whatever is typed: no notes the second time, the same tree, and the form says the same.
TEST(SearchQuery, AnythingCanBeReadAndSpelled) {
  constexpr std::string_view kPieces[] = {"from:", "to:", "me", "\"", "“", " ", " ", " ", "-", "OR", "OR ", "a", "ü", "is:", "unread", "read",
                                          "has:", "attachment", "before:", "7d", "2026", "larger:", "5M", "in:", "any", "x:y", ":", "label:",
                                          "\xFF", "\xE2", "\t", "\u3000", "日本", "<", ">", "\u0301", "body:", "//", "-\"", "'"};
  std::mt19937 random(20261119);
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 16; n > 0; --n) text += kPieces[random() % std::size(kPieces)];
    const SearchQuery q = query(text);
    const SearchQuery again = query(q.spelled());
    ASSERT_EQ(again.clauses(), q.clauses()) << text << "\n" << q.spelled();
    ASSERT_TRUE(again.notes().empty()) << text << "\n" << q.spelled();
    ASSERT_EQ(again.spelled(), q.spelled());
    const SearchForm form = form_of(q);
    ASSERT_EQ(form_of(query(query_of(form))), form) << text << "\n" << query_of(form);
    ASSERT_EQ(query(query_of(form)).clauses().size(), q.clauses().size()) << text;
  }
}

}  // namespace
}  // namespace alphamail
