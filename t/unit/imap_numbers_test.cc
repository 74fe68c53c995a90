// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_numbers.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "t/unit/imap_text.h"
#include "webcache/imap_limits.h"

namespace alphamail {
namespace {

const Deadline kSoon = Deadline::in(Millis{60000});

/// Reads a stream to its end and gives each untagged response to `each`. @return the error at the
/// end
template <typename Each>
Error read_all(const std::string& stream, std::size_t step, Each&& each) {
  MemorySource source(stream, step);
  ImapReader reader(source);
  for (;;) {
    const auto response = reader.next(kSoon);
    if (!response) return response.error();
    each(*response);
  }
}

Parsed one(const std::string& text, const auto& parse) {
  Parsed parsed = Parsed::kBroken;
  read_all("* " + text + "\r\n", SIZE_MAX,
           [&](const ImapResponse& response) { parsed = parse(response); });
  return parsed;
}

std::vector<std::uint32_t> numbers(const std::vector<Uid>& uids) {
  std::vector<std::uint32_t> out;
  for (const Uid uid : uids) out.push_back(static_cast<std::uint32_t>(uid));
  return out;
}

using Numbers = std::vector<std::uint32_t>;

TEST(ImapNumbers, VanishedStaysRanges) {
  Vanished out;
  const auto vanished = [&](const std::string& text) {
    return one("VANISHED " + text, [&](const ImapResponse& r) { return parse_vanished(r, out); });
  };
  EXPECT_EQ(vanished("3,9:7"), Parsed::kGood);
  EXPECT_EQ(out.count, 4U);
  EXPECT_EQ(out.ranges[1].first, 7U);
  EXPECT_EQ(out.ranges[1].last, 9U);
  EXPECT_FALSE(out.earlier);
  EXPECT_EQ(vanished("(EARLIER) 1:4294967295"), Parsed::kGood);
  EXPECT_TRUE(out.earlier);
  EXPECT_EQ(out.count, 4294967295U);
  for (const char* odd :
       {"0:4", "1:4294967296", "1:99999999999999999999999", "1,,2", "4,", "1:*", "a"}) {
    EXPECT_EQ(vanished(odd), Parsed::kOdd) << odd;
  }
  EXPECT_EQ(vanished("("), Parsed::kBroken);
  EXPECT_EQ(vanished("1 2"), Parsed::kBroken);
}

TEST(ImapNumbers, FoundKeepsTheWantedAlone) {
  Found found{.first = 2, .last = 3};
  const auto sort = [&](const std::string& text) {
    found = Found{.first = 2, .last = 3};
    return one(text, [&](const ImapResponse& r) { return parse_found(r, found); });
  };
  EXPECT_EQ(sort("SORT 9 7 1 4294967295"), Parsed::kGood);
  EXPECT_EQ(numbers(found.uids), (Numbers{7, 1}));
  EXPECT_EQ(found.total, 4U);
  EXPECT_EQ(sort("SORT"), Parsed::kGood);
  EXPECT_EQ(sort("sort "), Parsed::kGood);
  EXPECT_EQ(found.total, 0U);
  EXPECT_EQ(sort("SEARCH 2 4 (MODSEQ 917162500)"), Parsed::kGood);
  EXPECT_EQ(found.total, 2U);
  for (const char* odd :
       {"SORT 1 0 2", "SORT 4294967296", "SORT 1 99999999999999999999999", "SORT x"}) {
    EXPECT_EQ(sort(odd), Parsed::kOdd) << odd;
  }
}

TEST(ImapNumbers, ExtendedSearchKeepsTheServersOrder) {
  ExtendedSearch out;
  const auto search = [&](const std::string& text, std::size_t limit = 100) {
    return one("ESEARCH" + text,
               [&](const ImapResponse& r) { return parse_extended_search(r, limit, out); });
  };
  EXPECT_EQ(search(" (TAG \"A9\") UID COUNT 120 PARTIAL (1:5 9,7:5,12)"), Parsed::kGood);
  EXPECT_EQ(out.tag, "A9");
  EXPECT_TRUE(out.by_uid && out.partial);
  EXPECT_EQ(out.count, 120U);
  EXPECT_EQ(numbers(out.found), (Numbers{9, 7, 6, 5, 12}));
  EXPECT_EQ(search(" UID PARTIAL (500:600 NIL)"), Parsed::kGood);
  EXPECT_TRUE(out.partial && out.found.empty());
  EXPECT_EQ(search(" (TAG {2}\r\nA9) UID MIN 3 ALL 3:40 X-NEW (a (b)) MODSEQ 7"), Parsed::kGood);
  EXPECT_EQ(search(" UID ALL 1:4000000000"), Parsed::kOdd);  // more than may be found
  EXPECT_FALSE(out.partial);
  EXPECT_EQ(search(""), Parsed::kGood);
  EXPECT_EQ(search(" UID PARTIAL (1:50 1:4294967295)"), Parsed::kOdd);
  EXPECT_EQ(search(" UID PARTIAL (1:50 1:101)"), Parsed::kOdd);
  EXPECT_EQ(search(" UID PARTIAL (1:50 0)"), Parsed::kOdd);
  EXPECT_EQ(search(" UID COUNT 99999999999999999999999"), Parsed::kOdd);
  for (const char* broken :
       {" (TAG", " (X 1)", " UID PARTIAL 1:2", " UID PARTIAL (1:2", " UID COUNT", " "}) {
    EXPECT_EQ(search(broken), Parsed::kBroken) << broken;
  }
}

// A million numbers are one line: they pass through a small memory whole, however they are cut.
TEST(ImapNumbers, LongLinesComeInPieces) {
  std::string stream = "* SORT";
  Numbers sent;
  for (std::uint32_t i = 0; i < 200000; ++i) {
    sent.push_back(4294967295U - i * 7);
    stream += ' ' + std::to_string(sent.back());
  }
  stream += "\r\n* vanished (EARLIER) 5";
  for (int i = 0; i < 40000; ++i) stream += ',' + std::to_string(10 + 2 * i);
  stream += "\r\nA1 OK done\r\n";
  for (const std::size_t step : {SIZE_MAX, std::size_t{1000}, std::size_t{32 * 1024 + 1}}) {
    Found found;
    std::uint64_t vanished = 0, pieces = 0;
    bool tagged = false;
    read_all(stream, step, [&](const ImapResponse& response) {
      EXPECT_LE(response.text.size(), imap_limits::kNumbersPiece);
      tagged = response.kind == ImapResponse::Kind::kTagged;
      Untagged about;
      EXPECT_EQ(parse_untagged(response, about), Parsed::kGood);
      Vanished gone;
      if (about.kind == Untagged::Kind::kFound) {
        EXPECT_EQ(parse_found(response, found), Parsed::kGood);
      } else if (!tagged) {
        EXPECT_EQ(parse_vanished(response, gone), Parsed::kGood);
        EXPECT_TRUE(gone.earlier);
        vanished += gone.count;
      }
      pieces += response.continues;
    });
    EXPECT_TRUE(tagged);
    EXPECT_EQ(numbers(found.uids), sent);
    EXPECT_EQ(vanished, 40001U);
    EXPECT_GT(pieces, 60U);
  }
}

TEST(ImapNumbers, LongLinesOfAnythingElseEndIt) {
  for (const std::string& stream : {"* SORT " + std::string(70000, '7') + "\r\n",
                                    "* SORT (" + std::string(70000, '7') + " 5\r\n",
                                    "* LSUB " + std::string(70000, '7') + "\r\n",
                                    "* VANISHED (" + std::string(70000, 'x') + ") 5\r\n"}) {
    const Error end = read_all(stream, SIZE_MAX, [](const ImapResponse&) {});
    EXPECT_EQ(end.code, Code::kProtocol) << stream.substr(0, 12);
  }
  std::string bytes = "* SORT";
  while (bytes.size() < 40000) bytes += " \r7";
  EXPECT_EQ(read_all(bytes + "\r\n", SIZE_MAX, [](const ImapResponse&) {}).code, Code::kProtocol);
}

TEST(ImapNumbers, ALineWithoutEndEnds) {
  class Endless final : public ByteSource {
   public:
    Result<std::size_t> read(std::span<char> into, Deadline) override {
      for (char& c : into) c = (++at_ % 8) == 0 ? ' ' : '1';
      if (!begun_) std::copy_n("* SORT ", 7, into.begin());
      begun_ = true;
      return into.size();
    }
    std::uint64_t at_ = 0;
    bool begun_ = false;
  } source;
  ImapReader reader(source);
  std::uint64_t pieces = 0;
  while (const auto response = reader.next(kSoon)) ++pieces;
  EXPECT_LE(pieces * imap_limits::kNumbersPiece,
            imap_limits::kNumbersLine + 2 * imap_limits::kLine + pieces * 8);
}

TEST(ImapNumbers, ExtendedSearchTellsAllAsRanges) {
  ExtendedSearch out;
  const auto found = [&](const std::string& text) {
    return one("ESEARCH " + text, [&](const ImapResponse& r) { return parse_extended_search(r, 10, out); });
  };
  EXPECT_EQ(found("(TAG \"a\") UID ALL 3:5,9"), Parsed::kGood);
  EXPECT_TRUE(out.by_uid);
  ASSERT_EQ(out.all.size(), 2U);
  EXPECT_EQ(out.all[0].last, 5U);
  EXPECT_EQ(found("(TAG \"a\") UID"), Parsed::kGood);  // nothing was found
  EXPECT_TRUE(out.all.empty());
  for (const char* odd : {"UID ALL 1:4294967295", "UID ALL 1:11", "UID ALL 0", "UID ALL 1:*"})
    EXPECT_EQ(found(odd), Parsed::kOdd) << odd;
  EXPECT_EQ(found("UID ALL"), Parsed::kBroken);
}

}  // namespace
}  // namespace alphamail
