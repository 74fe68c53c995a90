// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/imap_parser.h"
#include "webcache/keyword.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "t/unit/imap_text.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"

namespace alphamail {
namespace {

const Deadline kSoon = Deadline::in(Millis{60000});

std::string with_crlf(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\n') out += '\r';
    out += c;
  }
  return out;
}

std::string fixture(const std::string& name) {
  const char* top = std::getenv("top_srcdir");
  std::ifstream in(std::string(top ? top : ALPHAMAIL_TEST_SRCDIR) + "/t/fixtures/imap/" + name);
  EXPECT_TRUE(in) << name;
  std::ostringstream text;
  text << in.rdbuf();
  return with_crlf(text.str());
}

/// One response and the text that it points into.
class Line {
 public:
  explicit Line(std::string text, std::size_t step = SIZE_MAX)
      : text_(std::move(text)), source_(text_, step), reader_(source_), response_(reader_.next(kSoon)) {}
  const Result<ImapResponse>& operator*() const { return response_; }
  Parsed fetch() { return response_ ? parse_fetch(*response_, fetched) : Parsed::kBroken; }
  FetchResponse fetched;

 private:
  std::string text_;
  MemorySource source_;
  ImapReader reader_;
  Result<ImapResponse> response_;
};

Parsed fetch_of(const std::string& text) { return Line("* 1 FETCH " + text + "\r\n").fetch(); }

std::vector<FetchResponse> all_fetches(const std::string& text, std::size_t step = SIZE_MAX) {
  MemorySource source(text, step);
  ImapReader reader(source);
  std::vector<FetchResponse> out;
  for (;;) {
    const auto response = reader.next(kSoon);
    if (!response) break;
    Untagged about;
    if (response->kind != ImapResponse::Kind::kUntagged) continue;
    EXPECT_NE(parse_untagged(*response, about), Parsed::kBroken) << response->text;
    if (about.kind != Untagged::Kind::kFetch) continue;
    EXPECT_EQ(parse_fetch(*response, out.emplace_back()), Parsed::kGood) << response->text;
  }
  return out;
}

// ---- the reader ----

TEST(ImapReader, CutsTaggedUntaggedAndContinuation) {
  MemorySource source("* OK hello\r\n+ go on\r\n+\r\nA1 NO [X] words\r\n", 3);
  ImapReader reader(source);
  EXPECT_EQ(reader.next(kSoon)->text, "OK hello");
  EXPECT_EQ(reader.next(kSoon)->kind, ImapResponse::Kind::kContinuation);
  EXPECT_EQ(reader.next(kSoon)->text, "");
  const auto tagged = reader.next(kSoon);
  EXPECT_EQ(tagged->tag, "A1");
  EXPECT_EQ(tagged->text, "NO [X] words");
  EXPECT_EQ(reader.next(kSoon).error().code, Code::kUnreachable);
}

TEST(ImapReader, KeepsLiteralsInPlaceWhereverTheStreamIsCut) {
  const std::string text = "* 1 FETCH (BODY[] {12}\r\n)\r\nA1 OK x\r\n UID 7)\r\nA1 OK done\r\n";
  for (std::size_t step = 1; step < text.size(); ++step) {
    MemorySource source(text, step);
    ImapReader reader(source);
    const auto first = reader.next(kSoon);
    ASSERT_TRUE(first) << step;
    FetchResponse fetched;
    ASSERT_EQ(parse_fetch(*first, fetched), Parsed::kGood) << step;
    EXPECT_EQ(fetched.bodies.at(0).bytes, ")\r\nA1 OK x\r\n");
    EXPECT_EQ(fetched.row.uid, Uid{7});
    EXPECT_EQ(reader.next(kSoon)->tag, "A1");
  }
}

TEST(ImapReader, WordsThatEndInBracesAnnounceNothing) {
  MemorySource source("* OK take {5}\r\n* NO {5}\r\nA1 OK {99}\r\n");
  ImapReader reader(source);
  EXPECT_EQ(reader.next(kSoon)->text, "OK take {5}");
  EXPECT_EQ(reader.next(kSoon)->text, "NO {5}");
  EXPECT_EQ(reader.next(kSoon)->text, "OK {99}");
}

TEST(ImapReader, LineLimits) {
  using namespace imap_limits;
  const auto line = [](std::string head, std::size_t length) {
    head.append(length - head.size() - 2, 'x');
    return Line(head + "\r\n");
  };
  EXPECT_TRUE(*line("* OK ", kLine - 1));
  EXPECT_TRUE(*line("* OK ", kLine));
  EXPECT_FALSE(*line("* OK ", kLine + 1));
  EXPECT_FALSE(*line("* OK ", kLine * 1000));
  EXPECT_TRUE(*line("* 12 FETCH (X", kFetchLine));
  EXPECT_FALSE(*line("* 12 FETCHX (", kLine + 1));
}

TEST(ImapReader, AnOverlongFetchIsDroppedAndTheNextResponseIsFound) {
  using imap_limits::kFetchLine;
  const std::string x(kFetchLine, 'x');
  const std::string literal = "{6}\r\na\r\nb)c";
  for (const std::string& text :
       {"(\"" + x + "\")", "(" + literal + x + literal + " " + literal + ")", "(" + x + " {70000}\r\n" + x.substr(0, 70000) + ")",
        "(" + x + " {0}\r\n)"}) {
    for (const std::size_t step : {std::size_t{1000}, std::size_t{4096}, SIZE_MAX}) {
      const std::string all = "* 12 FETCH " + text + "\r\nA1 OK done\r\n";
      MemorySource source(all, step);
      ImapReader reader(source);
      const auto dropped = reader.next(kSoon);
      ASSERT_TRUE(dropped) << dropped.error().detail;
      EXPECT_TRUE(dropped->overlong);
      Untagged about;
      EXPECT_EQ(parse_untagged(*dropped, about), Parsed::kGood);
      EXPECT_EQ(about.kind, Untagged::Kind::kFetch);
      EXPECT_EQ(about.number, 12u);
      FetchResponse fetched;
      EXPECT_EQ(parse_fetch(*dropped, fetched), Parsed::kOdd);
      const auto next = reader.next(kSoon);
      ASSERT_TRUE(next) << next.error().detail;
      EXPECT_EQ(next->tag, "A1");
    }
  }
  // Every way to cut the stream around the end of what is dropped.
  const std::string all = "* 12 FETCH (" + x + " {3}\r\n\r\n) {1}\r\n\n)\r\nA1 OK done\r\n";
  for (std::size_t step = all.size() - 40; step < all.size(); ++step) {
    MemorySource source(all, step);
    ImapReader reader(source);
    EXPECT_TRUE(reader.next(kSoon)->overlong) << step;
    EXPECT_EQ(reader.next(kSoon)->tag, "A1") << step;
  }
  EXPECT_EQ((*Line("* 1 FETCH (" + std::string(imap_limits::kDropped + kFetchLine, 'x'))).error().code, Code::kProtocol);
}

TEST(ImapReader, KeepsTheBeginningOfALargeLiteralAndDropsTheRest) {
  using imap_limits::kLiteralKept;
  for (const std::size_t size : {kLiteralKept - 1, kLiteralKept, kLiteralKept + 1, kLiteralKept * 10}) {
    Line line("* 1 FETCH (BODY[] {" + std::to_string(size) + "}\r\n" + std::string(size, 'b') + " UID 3)\r\n", 10000);
    ASSERT_EQ(line.fetch(), Parsed::kGood) << size;
    EXPECT_EQ(line.fetched.bodies.at(0).bytes.size(), std::min(size, kLiteralKept));
    EXPECT_EQ(line.fetched.bodies.at(0).announced, size);
    EXPECT_EQ(line.fetched.row.uid, Uid{3});
  }
}

TEST(ImapReader, RefusesLiteralsThatAreTooLargeOrNone) {
  for (const char* size : {"67108865", "2147483648", "18446744073709551616", "1000000000000000000000000000000"}) {
    EXPECT_EQ((*Line("* 1 FETCH (BODY[] {" + std::string(size) + "}\r\nxxx")).error().code, Code::kProtocol) << size;
  }
  for (const char* size : {"-1", "", "0x10", "+5", " 5", "5 ", "abc", "5}{5"}) {
    EXPECT_NE(Line("* 1 FETCH (BODY[] {" + std::string(size) + "}\r\nabcde)\r\n").fetch(), Parsed::kGood) << size;
  }
}

TEST(ImapReader, RefusesWhatIsNoImap) {
  for (const char* text : {"\r\n", "*\r\n", " OK\r\n", "x\r\n", "\n", "* OK bare\n", "\t* OK tab\r\n"}) {
    const Line line(text);
    EXPECT_FALSE(*line) << text;
    EXPECT_EQ((*line).error().code, Code::kProtocol) << text;
  }
}

// ---- FETCH ----

TEST(ImapFetch, ARecordedIndexFetch) {
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, SIZE_MAX}) {
    const auto rows = all_fetches(fixture("fetch3.txt"), step);
    ASSERT_EQ(rows.size(), 14u);
    const FetchedRow& row = rows[0].row;
    EXPECT_EQ(row.seq, 1u);
    EXPECT_EQ(row.uid, Uid{1});
    EXPECT_EQ(row.subject, "A");
    EXPECT_EQ(row.from_name, "Unit Tests");
    EXPECT_EQ(row.from_mailbox, "unit-tests");
    EXPECT_EQ(row.from_host, "mimekit.net");
    EXPECT_EQ(row.message_id, "<a@mimekit.net>");
    EXPECT_EQ(row.internal_date, 1475443705);
    EXPECT_EQ(row.size, 253u);
    EXPECT_EQ(row.modseq, 2u);
    ASSERT_EQ(row.parts.size(), 1u);
    EXPECT_EQ(row.parts[0].parameters.at(0).value, "utf-8");
  }
}

TEST(ImapFetch, ASectionWithFieldNames) {
  Line line(fixture("getstream-section2.txt"));
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.bodies.at(0).section, "HEADER.FIELDS (MIME-VERSION CONTENT-TYPE)");
  EXPECT_EQ(line.fetched.bodies.at(0).bytes, "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n");
}

TEST(ImapFetch, EveryRecordedAnswerKeepsTheConversationInStep) {
  const char* top = std::getenv("top_srcdir");
  const std::string folder = std::string(top ? top : ALPHAMAIL_TEST_SRCDIR) + "/t/fixtures/imap";
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    ++files;
    const std::string text = fixture(entry.path().filename());
    MemorySource source(text, 11);
    ImapReader reader(source);
    bool tagged = false;
    for (;;) {
      const auto response = reader.next(kSoon);
      if (!response) {
        EXPECT_EQ(response.error().code, Code::kUnreachable) << entry.path() << response.error().detail;
        break;
      }
      if (response->kind == ImapResponse::Kind::kTagged) tagged = response->tag == "A########";
      if (response->kind != ImapResponse::Kind::kUntagged) continue;
      Untagged about;
      EXPECT_EQ(parse_untagged(*response, about), Parsed::kGood) << response->text;
      FetchResponse fetched;
      ListedFolder folder_found;
      Vanished vanished;
      Parsed parsed = Parsed::kGood;
      if (about.kind == Untagged::Kind::kFetch) parsed = parse_fetch(*response, fetched);
      if (about.kind == Untagged::Kind::kList) parsed = parse_list(*response, folder_found);
      if (about.kind == Untagged::Kind::kStatusCounts) parsed = parse_status_counts(*response, folder_found);
      if (about.kind == Untagged::Kind::kVanished) parsed = parse_vanished(*response, vanished);
      EXPECT_EQ(parsed, Parsed::kGood) << entry.path() << ": " << response->text;
    }
    EXPECT_TRUE(tagged || entry.path().filename() == "notify-idle.txt") << entry.path();
  }
  EXPECT_GE(files, 14);
}

TEST(ImapFetch, UnknownItemsAreSteppedOver) {
  EXPECT_EQ(fetch_of("(X-GM-LABELS (\\Important \"a b\" {3}\r\nx)y ((deep) NIL)) UID 5 THREADID (T1) "
                     "SAVEDATE NIL BINARY.SIZE[1.2] 44 X-Y NIL FLAGS (\\Seen))"),
            Parsed::kGood);
}

// What is beyond the limit is stepped over: a flag among the first counts, and what follows the list is read.
TEST(ImapFetch, FourThousandFlags) {
  std::string flags = "\\Seen";
  for (int i = 0; i < 4096; ++i) flags += " $label" + std::to_string(i);
  Line line("* 1 FETCH (FLAGS (" + flags + " \\Flagged) UID 5)\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.row.flags, static_cast<std::uint16_t>(wire::Flag::Seen));
  EXPECT_EQ(line.fetched.row.uid, Uid{5});
  EXPECT_EQ(line.fetched.row.keywords.size(), imap_limits::kKeywords);
}

TEST(ImapList, NamesOfEveryByte) {
  std::string all;
  for (int c = 1; c < 256; ++c) all += static_cast<char>(c);
  for (const std::string& name : {all, std::string("\xff\xfe"), std::string("a\"b\\c"), std::string("{5}")}) {
    const Line line("* LIST () \"/\" {" + std::to_string(name.size()) + "}\r\n" + name + "\r\n");
    ListedFolder found;
    ASSERT_EQ(parse_list(**line, found), Parsed::kGood);
    EXPECT_EQ(found.name, name);
  }
}

TEST(ImapFetch, FlagsAndKeywords) {
  Line line("* 1 FETCH (FLAGS (\\seen $FORWARDED NonJunk $label1 \\Bogus \\*) UID 5)\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.row.flags, static_cast<std::uint16_t>(wire::Flag::Seen) |
                                        static_cast<std::uint16_t>(wire::Flag::Forwarded) |
                                        static_cast<std::uint16_t>(wire::Flag::NotJunk));
  EXPECT_EQ(line.fetched.row.keywords, Keywords{"$label1"});
}

TEST(ImapFetch, KeywordsThatCouldNotBeSentBackAreLeftOut) {
  const std::string longest(imap_limits::kKeyword, 'k');
  Line line("* 1 FETCH (FLAGS (work " + longest + " " + longest + "k a]b caf\xc3\xa9 c&AOk-d e/f' \\Own) UID 5)\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.row.keywords, (Keywords{"work", longest, "c&AOk-d", "e/f'"}));
  for (const char* none : {"", "a b", "a\"b", "a\\b", "(a", "a)", "{a", "a%", "a*", "a]", "a\r", "\x7f"})
    EXPECT_FALSE(is_keyword(none)) << none;
}

TEST(ImapFetch, NumbersAreChecked) {
  EXPECT_EQ(fetch_of("(UID 4294967295)"), Parsed::kGood);
  for (const char* uid : {"0", "4294967296", "18446744073709551617", "-1", "x", "1x"}) {
    EXPECT_EQ(fetch_of("(UID " + std::string(uid) + " FLAGS ())"), Parsed::kOdd) << uid;
  }
  for (const char* seq : {"0", "4294967296", "18446744073709551616"}) {
    EXPECT_EQ(Line("* " + std::string(seq) + " FETCH (UID 1)\r\n").fetch(), Parsed::kOdd) << seq;
  }
  const auto size_of = [](const std::string& text) {
    Line line("* 1 FETCH (UID 1 RFC822.SIZE " + text + " MODSEQ (" + text + "))\r\n");
    EXPECT_EQ(line.fetch(), Parsed::kGood) << text;
    EXPECT_EQ(line.fetched.row.size, line.fetched.row.modseq);
    return line.fetched.row.size;
  };
  EXPECT_EQ(size_of("4294967296"), 4294967296u);
  EXPECT_EQ(size_of("9223372036854775807"), 9223372036854775807u);
  EXPECT_EQ(size_of("18446744073709551616"), 0u);
  EXPECT_EQ(size_of("-5"), 0u);
}

TEST(ImapFetch, BrokenOnesAreRefused) {
  for (const char* text : {"", "(", "()x", "(UID)", "(UID 1", "(UID 1))", "(FLAGS (\\Seen UID 1)", "(BODY[] \"abc)",
                           "(BODY[] {0})", "(ENVELOPE (NIL NIL))", "(BODYSTRUCTURE (\"text\"))", "(BODY[)",
                           "(UID 1 BODY[]<x> \"\")", "(MODSEQ 5)", "(UID 1 X)"}) {
    EXPECT_EQ(fetch_of(text), Parsed::kBroken) << text;
  }
  EXPECT_EQ(fetch_of(std::string("(BODY[] \"a\0b\")", 14)), Parsed::kBroken);
}

TEST(ImapFetch, QuotedStringsAndEscapes) {
  Line line("* 1 FETCH (UID 1 BODY[1]<0> \"a\\\"b\\\\c\" BODY[2] NIL BODY[3]<7> ~{2}\r\n\x01\x02 PREVIEW \"p\\\"q\")\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  ASSERT_EQ(line.fetched.bodies.size(), 3u);
  EXPECT_EQ(line.fetched.bodies[0].bytes, "a\"b\\c");
  EXPECT_TRUE(line.fetched.bodies[0].has_origin);
  EXPECT_TRUE(line.fetched.bodies[1].nil);
  EXPECT_EQ(line.fetched.bodies[2].bytes, "\x01\x02");
  EXPECT_EQ(line.fetched.bodies[2].origin, 7u);
  EXPECT_EQ(line.fetched.preview, "p\"q");
}

TEST(ImapFetch, PreviewsOfBothKinds) {
  Line before("* 1 FETCH (UID 1 PREVIEW (FUZZY \"words\"))\r\n");
  ASSERT_EQ(before.fetch(), Parsed::kGood);
  EXPECT_EQ(before.fetched.preview, "words");
  EXPECT_TRUE(before.fetched.has & FetchResponse::kPreview);
  Line none("* 1 FETCH (UID 1 PREVIEW NIL)\r\n");
  ASSERT_EQ(none.fetch(), Parsed::kGood);
  EXPECT_FALSE(none.fetched.has & FetchResponse::kPreview);
}

TEST(ImapFetch, EnvelopesOfGroupsAndNothing) {
  Line line(
      "* 1 FETCH (ENVELOPE (NIL {5}\r\na\"b\\c ((NIL NIL \"friends\" NIL) (\"A\" NIL \"a\" \"x\")(NIL NIL NIL NIL)) NIL "
      "((\"r\" NIL \"r\" \"y\")) ((\"T\" \"@route\" \"t\" \"z\")(\"U\" NIL \"u\" \"z\")) NIL NIL NIL NIL) UID 2)\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  const FetchedRow& row = line.fetched.row;
  EXPECT_EQ(row.subject, "a\"b\\c");
  EXPECT_EQ(row.from_name, "A");
  EXPECT_EQ(row.from_mailbox, "a");
  ASSERT_EQ(row.recipients.size(), 2U);
  EXPECT_EQ(row.recipients[0].name, "T");
  EXPECT_EQ(row.recipients[0].host, "z");
  EXPECT_EQ(row.recipients[1].mailbox, "u");
  EXPECT_FALSE(row.recipients[1].cc || row.more_recipients);
  EXPECT_EQ(row.date, "");
}

TEST(ImapFetch, RecipientsOfToAndCcUpToALimit) {
  const auto people = [](const char* who, std::size_t count) {
    std::string list = "(";
    for (std::size_t i = 0; i < count; ++i) {
      list += "(NIL NIL \"" + std::string(who) + std::to_string(i) + "\" \"x\")";
    }
    return list + ")";
  };
  const auto fetched = [](const std::string& to, const std::string& cc) {
    Line line("* 1 FETCH (ENVELOPE (NIL NIL NIL NIL NIL " + to + " " + cc + " NIL NIL \"<id>\") UID 2)\r\n");
    EXPECT_EQ(line.fetch(), Parsed::kGood);
    EXPECT_EQ(line.fetched.row.message_id, "<id>");
    return line.fetched.row;
  };
  FetchedRow row = fetched(people("t", 2), people("c", 1));
  ASSERT_EQ(row.recipients.size(), 3U);
  EXPECT_EQ(row.recipients[2].mailbox, "c0");
  EXPECT_TRUE(row.recipients[2].cc && !row.recipients[1].cc);
  row = fetched("((NIL NIL \"undisclosed\" NIL)(NIL NIL NIL NIL))", people("c", imap_limits::kRecipients));
  EXPECT_EQ(row.recipients.size(), imap_limits::kRecipients);
  EXPECT_FALSE(row.more_recipients);
  for (const auto& [to, cc] : {std::pair{1000, 0}, {25, 6}, {1, 1000}}) {
    row = fetched(to > 0 ? people("t", std::size_t(to)) : "NIL", cc > 0 ? people("c", std::size_t(cc)) : "NIL");
    EXPECT_EQ(row.recipients.size(), imap_limits::kRecipients);
    EXPECT_TRUE(row.more_recipients);
    EXPECT_EQ(row.recipients.front().mailbox, "t0");
  }
}

TEST(ImapFetch, LongStringsAreCut) {
  Line line("* 1 FETCH (ENVELOPE (NIL {100000}\r\n" + std::string(100000, 's') +
            " NIL NIL NIL NIL NIL NIL NIL \"" + std::string(20000, 'i') + "\") UID 2)\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.row.subject.size(), imap_limits::kValue);
  EXPECT_EQ(line.fetched.row.message_id.size(), imap_limits::kValue);
}

// ---- BODYSTRUCTURE ----

std::string structure_of(const std::string& text) {
  Line line("* 1 FETCH (UID 1 BODYSTRUCTURE " + text + ")\r\n");
  if (line.fetch() != Parsed::kGood) return "broken";
  std::string out;
  for (const PartInfo& part : line.fetched.row.parts) {
    if (!out.empty()) out += ' ';
    out += part.section + ":" + part.type + "/" + part.subtype + "@" + std::to_string(part.depth);
  }
  return out;
}

constexpr const char* kText = "(\"TEXT\" \"Plain\" NIL NIL NIL \"7BIT\" 9 1)";

TEST(ImapStructure, SectionsAreNumberedAsRfc3501Says) {
  const std::string t = kText;
  EXPECT_EQ(structure_of(t), "1:text/plain@0");
  EXPECT_EQ(structure_of("(" + t + t + " \"MIXED\")"), ":multipart/mixed@0 1:text/plain@1 2:text/plain@1");
  EXPECT_EQ(structure_of("((" + t + t + " \"alternative\")" + t + " \"mixed\")"),
            ":multipart/mixed@0 1:multipart/alternative@1 1.1:text/plain@2 1.2:text/plain@2 2:text/plain@1");
  const std::string envelope = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
  const std::string message = "(\"message\" \"RFC822\" NIL NIL NIL \"7bit\" 900 " + envelope + " ";
  EXPECT_EQ(structure_of("(" + t + message + t + " 3) \"mixed\")"),
            ":multipart/mixed@0 1:text/plain@1 2:message/rfc822@1 2.1:text/plain@2");
  EXPECT_EQ(structure_of("(" + t + message + "(" + t + t + " \"mixed\") 30) \"mixed\")"),
            ":multipart/mixed@0 1:text/plain@1 2:message/rfc822@1 2.TEXT:multipart/mixed@2 2.1:text/plain@3 "
            "2.2:text/plain@3");
  EXPECT_EQ(structure_of(message + t + " 3)"), "1:message/rfc822@0 1.1:text/plain@1");
  EXPECT_EQ(structure_of(message + "NIL 3)"), "1:message/rfc822@0");
}

TEST(ImapStructure, ParametersDispositionAndExtensions) {
  Line line(
      "* 1 FETCH (UID 1 BODYSTRUCTURE (\"application\" \"PDF\" (\"NAME\" \"a \\\"b\\\".pdf\" \"x\" NIL) \"<c@d>\" \"about\" "
      "\"BASE64\" 1234 NIL (\"ATTACHMENT\" (\"FileName\" {5}\r\n\xff.pdf)) (\"en\" \"de\") \"loc\" (\"more\" 7) NIL))\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  const PartInfo& part = line.fetched.row.parts.at(0);
  EXPECT_EQ(part.subtype, "pdf");
  EXPECT_EQ(part.parameters.at(0).name, "name");
  EXPECT_EQ(part.parameters.at(0).value, "a \"b\".pdf");
  EXPECT_EQ(part.content_id, "<c@d>");
  EXPECT_EQ(part.description, "about");
  EXPECT_EQ(part.encoding, "base64");
  EXPECT_EQ(part.size, 1234u);
  EXPECT_EQ(part.disposition, "attachment");
  EXPECT_EQ(part.disposition_parameters.at(0).name, "filename");
  EXPECT_EQ(part.disposition_parameters.at(0).value, "\xff.pdf");
}

TEST(ImapStructure, DeepAndWideMessagesLoseTheirDepthsAndNotTheConnection) {
  const auto nested = [](std::size_t depth) {
    std::string text = std::string(depth, '(') + kText;
    for (std::size_t i = 0; i < depth; ++i) text += " \"mixed\")";
    return text;
  };
  const auto parts = [](const std::string& text) {
    Line line("* 1 FETCH (BODYSTRUCTURE " + text + " UID 9)\r\n");
    return line.fetch() == Parsed::kGood && line.fetched.row.uid == Uid{9} ? line.fetched.row.parts.size() : 0;
  };
  EXPECT_EQ(parts(nested(49)), 50u);
  EXPECT_EQ(parts(nested(50)), 51u);
  EXPECT_EQ(parts(nested(51)), 51u);
  EXPECT_EQ(parts(nested(50000)), 51u);
  std::string wide = "(";
  for (int i = 0; i < 10000; ++i) wide += kText;
  EXPECT_EQ(parts(wide + " \"mixed\")"), 2000u);
  std::string many = "(\"text\" \"plain\" (\"a\" \"b\"";
  for (int i = 0; i < 5000; ++i) many += " \"n\" \"v\"";
  Line line("* 1 FETCH (BODYSTRUCTURE " + many + ") NIL NIL \"7bit\" 1 1))\r\n");
  ASSERT_EQ(line.fetch(), Parsed::kGood);
  EXPECT_EQ(line.fetched.row.parts.at(0).parameters.size(), 100u);
}

TEST(ImapStructure, NestingOfUnknownValues) {
  const auto nested = [](std::size_t depth) { return "(X " + std::string(depth, '(') + std::string(depth, ')') + ")"; };
  EXPECT_EQ(fetch_of(nested(63)), Parsed::kGood);
  EXPECT_EQ(fetch_of(nested(64)), Parsed::kGood);
  EXPECT_EQ(fetch_of(nested(65)), Parsed::kBroken);
  EXPECT_EQ(fetch_of(nested(64000)), Parsed::kBroken);
  EXPECT_EQ(fetch_of("(UID 1 BODYSTRUCTURE " + std::string(100000, '(') + std::string(100000, ')') + ")"),
            Parsed::kBroken);
}

// ---- the others ----

TEST(ImapDate, InternalDates) {
  EXPECT_EQ(parse_internal_date("17-Jul-1996 02:44:25 -0700"), 837596665);
  EXPECT_EQ(parse_internal_date(" 1-Jan-1970 00:00:00 +0000"), 0);
  EXPECT_EQ(parse_internal_date("29-Feb-2024 23:59:59 +0530"), 1709231399);
  EXPECT_EQ(parse_internal_date("01-jan-1969 00:00:00 +0000"), -31536000);
  for (const char* odd : {"", "99-Foo-9999 99:99:99 +9999", "31-Feb-2026 10:00:00", "01-Jan-0000 00:00:00 -9999",
                          "\"><script>alert(1)</script>", "17-Jul-1996T02:44:25 -0700", "1x-Jul-1996 02:44:25 -0700"}) {
    EXPECT_EQ(parse_internal_date(odd), 0) << odd;
  }
}

std::optional<ListedFolder> listed(const std::string& text, Parsed wanted = Parsed::kGood) {
  const Line line("* " + text + "\r\n");
  if (!*line) return std::nullopt;
  ListedFolder folder;
  const bool list = text.starts_with("LIST");
  EXPECT_EQ(list ? parse_list(**line, folder) : parse_status_counts(**line, folder), wanted) << text;
  return folder;
}

TEST(ImapList, NamesSeparatorsAndRoles) {
  auto f = listed("LIST (\\HasChildren \\Sent) \"/\" \"a \\\"b\\\"\"");
  EXPECT_EQ(f->name, "a \"b\"");
  EXPECT_EQ(f->separator, '/');
  EXPECT_TRUE(f->has_children && f->selectable);
  EXPECT_EQ(f->role, wire::Role::Sent);
  EXPECT_EQ(listed("LIST (\\Noselect) NIL {6}\r\na{1}\xffz")->name, "a{1}\xffz");
  EXPECT_EQ(listed("LIST () NIL inbox")->role, wire::Role::Inbox);
  EXPECT_FALSE(listed("LIST (\\NonExistent) \".\" x (\"CHILDINFO\" (\"SUBSCRIBED\"))")->selectable);
  EXPECT_EQ(listed("LIST () \"\\\\\" x[y]&AAA")->separator, '\\');
  listed("LIST () \"/\" " + std::string(imap_limits::kName, 'n'));
  listed("LIST () \"/\" " + std::string(imap_limits::kName + 1, 'n'), Parsed::kOdd);
  listed("LIST () \"/\" {60000}\r\n" + std::string(60000, 'n'), Parsed::kOdd);
  for (const char* broken : {"LIST", "LIST () NIL", "LIST (\\HasNoChildren \".\" x", "LIST () \"ab\" x", "LIST () \"/\" x y)"}) {
    listed(broken, Parsed::kBroken);
  }
}

TEST(ImapList, StatusCounts) {
  const auto f = listed("STATUS {3}\r\na b (MESSAGES 12 X-ODD (1 2) UNSEEN 3 HIGHESTMODSEQ 18446744073709551615)");
  EXPECT_EQ(f->name, "a b");
  EXPECT_TRUE(f->counted);
  EXPECT_EQ(f->messages, 12u);
  EXPECT_EQ(f->unseen, 3u);
  EXPECT_FALSE(listed("STATUS x (MESSAGES 1)")->counted);
  EXPECT_FALSE(listed("STATUS x (MESSAGES 1 UNSEEN 2)")->counted);
  EXPECT_FALSE(listed("STATUS x (MESSAGES 18446744073709551616 UNSEEN 2)")->counted);
  listed("STATUS", Parsed::kBroken);
  listed("STATUS x (MESSAGES)", Parsed::kBroken);
}

TEST(ImapUntagged, CountsAndNonsense) {
  const auto about = [](const std::string& text, Parsed wanted) {
    Untagged out;
    const Line line("* " + text + "\r\n");
    EXPECT_TRUE(*line) << text;
    EXPECT_EQ(*line ? parse_untagged(**line, out) : wanted, wanted) << text;
    return out;
  };
  EXPECT_EQ(about("23 EXISTS", Parsed::kGood).number, 23u);
  EXPECT_EQ(about("0 exists", Parsed::kGood).kind, Untagged::Kind::kExists);
  for (const char* odd : {"18446744073709551616 EXISTS", "4294967295 EXISTS", "0 EXPUNGE", "0 EXISTS X", "4294967296 EXPUNGE"}) {
    about(odd, Parsed::kOdd);
  }
  for (const char* broken : {"FETCH", "", "EXISTS"}) about(broken, Parsed::kBroken);
  for (const char* other : {"X-FOO", "99999999999 X-BAR baz", "1.5 RECENT", "FLAGS (\\*", "THREAD (((", "-1 EXISTS"}) {
    EXPECT_EQ(about(other, Parsed::kGood).kind, Untagged::Kind::kOther) << other;
  }
}

TEST(ImapStatus, CodesAndWords) {
  const auto status = [](const std::string& text) {
    static std::string kept;
    kept = text;
    StatusText out;
    ImapResponse response;
    response.text = kept;
    EXPECT_EQ(parse_status_text(response, out), Parsed::kGood) << text;
    return out;
  };
  EXPECT_EQ(status("OK [UIDVALIDITY 3] words").args, "3");
  EXPECT_EQ(status("no [NONEXISTENT] gone").code, "NONEXISTENT");
  EXPECT_EQ(status("BAD").kind, StatusText::Kind::kBad);
  EXPECT_EQ(status("OK [unclosed").words, "[unclosed");
  EXPECT_EQ(status("BYE  two").words, " two");
  StatusText out;
  ImapResponse response;
  response.text = "OKAY then";
  EXPECT_EQ(parse_status_text(response, out), Parsed::kBroken);
}

TEST(ImapStatus, ServerWordsAreMadePresentable) {
  EXPECT_EQ(presentable("plain"), "plain");
  EXPECT_EQ(presentable("a\x1b[31mb\x7f\tc\xc2\x85"), "a [31mb  c ");
  EXPECT_EQ(presentable("\xff\xc3\xa9"), "\xef\xbf\xbd\xc3\xa9");
  EXPECT_EQ(presentable(std::string(299, 'x') + "\xc3\xa9"), std::string(299, 'x'));
  EXPECT_LE(presentable(std::string(100000, '\xff')).size(), 300u);
}

TEST(ImapStatus, Capabilities) {
  const auto found = parse_capabilities("CAPABILITY IMAP4rev1 sasl-ir LITERAL+ AUTH=PLAIN X-NEW LIST-STATUS");
  EXPECT_TRUE(found.sasl_ir && found.literal_plus && found.auth_plain && found.list_status);
  EXPECT_FALSE(found.starttls || found.idle);
}

TEST(ImapParser, NamespacesOfOthers) {
  const auto spaces = [](const std::string& text, Parsed wanted = Parsed::kGood) {
    const Line line("* " + text + "\r\n");
    std::vector<Namespace> found;
    EXPECT_EQ(parse_namespaces(**line, found), wanted) << text;
    return found;
  };
  EXPECT_TRUE(spaces("NAMESPACE ((\"\" \"/\")) NIL NIL").empty());
  const auto both = spaces("NAMESPACE ((\"INBOX.\" \".\")) ((\"user.\" \".\" \"X\" (\"a\" \"b\"))) "
                           "((\"shared.\" \".\")(\"public.\" NIL))");
  ASSERT_EQ(both.size(), 3U);
  EXPECT_EQ(both[0].prefix, "user.");
  EXPECT_EQ(both[0].space, wire::Space::Others);
  EXPECT_EQ(both[2].prefix, "public.");
  EXPECT_EQ(both[2].space, wire::Space::Shared);
  // One that cannot be told from the user's own is none.
  EXPECT_TRUE(spaces("NAMESPACE NIL NIL ((\"\" \"/\"))").empty());
  for (const char* broken : {"NAMESPACE", "NAMESPACE NIL NIL", "NAMESPACE ((\"a\" \"/\") NIL NIL", "NAMESPACE x y z"})
    spaces(broken, Parsed::kBroken);
}

TEST(ImapParser, Quotas) {
  const auto quotas = [](const std::string& text, Parsed wanted = Parsed::kGood) {
    const Line line("* " + text + "\r\n");
    std::vector<QuotaUse> found;
    EXPECT_EQ(parse_quota(**line, found), wanted) << text;
    return found;
  };
  const auto two = quotas("QUOTA \"User quota\" (STORAGE 10 512 message 3 100)");
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[0], (QuotaUse{"User quota", "STORAGE", 10240, 524288}));
  EXPECT_EQ(two[1], (QuotaUse{"User quota", "MESSAGE", 3, 100}));
  EXPECT_TRUE(quotas("QUOTA \"\" ()").empty());
  EXPECT_EQ(quotas("QUOTA r (STORAGE 18446744073709551614 18446744073709551614)")[0].limit, UINT64_MAX / 1024 * 1024);
  for (const char* odd : {"QUOTA", "QUOTA r", "QUOTA r (STORAGE 1", "QUOTA r (STORAGE x y)", "QUOTA r (STORAGE 1)"})
    quotas(odd, Parsed::kOdd);
}

}  // namespace
}  // namespace alphamail
