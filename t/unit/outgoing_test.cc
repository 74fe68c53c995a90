// SPDX-License-Identifier: GPL-3.0-or-later
// What goes out: bytes of messages, replies of SMTP servers, addresses, the journal, the limits an hour.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "webcache/message_bytes.h"
#include "webcache/outgoing.h"
#include "webcache/send_limits.h"
#include "webcache/smtp_reply.h"

namespace alphamail {
namespace {

ByteSource in_pieces(std::string text, std::size_t piece) {
  return [text = std::move(text), piece, at = std::size_t{0}]() mutable -> Result<std::string_view> {
    const auto some = std::string_view(text).substr(at, piece);
    at += some.size();
    return some;
  };
}

std::string out_of(const std::string& text, MessageBytes::Bcc bcc, std::size_t piece) {
  MessageBytes bytes(in_pieces(text, piece), bcc);
  std::string out;
  for (;;) {
    const auto some = bytes.next();
    if (!some) return "error: " + some.error().detail;
    if (some->empty()) return out;
    out += *some;
  }
}

TEST(MessageBytes, EndsEachLineWithCrLfHoweverItComes) {
  const std::string text = "A: b\nBCC : x\r\n\ty\rC: d\r\n\r\nBcc: stays\rone\ntwo\r\n\r\r\n\n.end";
  const std::string wire = "A: b\r\nC: d\r\n\r\nBcc: stays\r\none\r\ntwo\r\n\r\n\r\n\r\n.end\r\n";
  for (std::size_t piece = 1; piece < text.size() + 1; ++piece) {
    EXPECT_EQ(out_of(text, MessageBytes::Bcc::kLeftOut, piece), wire) << piece;
  }
  EXPECT_EQ(out_of("Bcc: x\r\n\r\n", MessageBytes::Bcc::kKept, 3), "Bcc: x\r\n\r\n");
  EXPECT_EQ(out_of("Bccx: x", MessageBytes::Bcc::kLeftOut, 3), "Bccx: x\r\n");
  EXPECT_TRUE(out_of(std::string(70000, 'x'), MessageBytes::Bcc::kKept, 999).starts_with("error: "));
}

TEST(MessageFacts, SaysWhatHasToBeKnown) {
  const auto facts = [](const std::string& text) {
    return message_facts([&] { return in_pieces(text, 7); });
  };
  const auto good = facts("Message-ID:\r\n <a@b>\r\nBcc: c\r\n\r\n\xc3\xa4");
  ASSERT_TRUE(good);
  EXPECT_EQ(good->message_id, "<a@b>");
  EXPECT_TRUE(good->eight_bit);
  EXPECT_FALSE(good->utf8_header);
  EXPECT_EQ(good->whole_bytes - good->wire_bytes, 8U);
  EXPECT_TRUE(facts("Message-ID: <a@b>\r\nSubject: \xc3\xa4\r\n\r\n")->utf8_header);
  EXPECT_TRUE(facts("Message-ID: <a@b>\n\n" + std::string(998, 'x')));
  for (const std::string& bad : {std::string("Message-ID: <a@b>\n\n") + std::string(999, 'x'),
                                 std::string("Message-ID: <a@b>\n\nx\0y", 23), std::string("A: b\n\n"),
                                 std::string()}) {
    EXPECT_EQ(facts(bad).error().code, Code::kInvalid);
  }
}

TEST(SmtpReply, IsPutTogetherOutOfItsLines) {
  SmtpReplyReader reader;
  EXPECT_FALSE(*reader.take("250-mx.example.edu\r"));
  EXPECT_FALSE(*reader.take("250-SIZE 1000"));
  EXPECT_FALSE(*reader.take("250-AUTH=LOGIN"));
  EXPECT_FALSE(*reader.take("250-auth PLAIN"));
  EXPECT_FALSE(*reader.take("250-8bitmime"));
  EXPECT_TRUE(*reader.take("250 STARTTLS"));
  const auto offers = SmtpOffers::of(reader.reply);
  EXPECT_TRUE(offers.size && offers.auth_plain && offers.auth_login && offers.eight_bit && offers.starttls);
  EXPECT_FALSE(offers.utf8 || offers.pipelining);
  EXPECT_EQ(offers.most_bytes, 1000U);
  for (const char* bad : {"", "25", "2x0 a", "650 a", "250_a", "199 a", " 250 a"}) {
    EXPECT_FALSE(SmtpReplyReader().take(bad)) << bad;
  }
  SmtpReplyReader mixed;
  EXPECT_FALSE(*mixed.take("250-a"));
  EXPECT_FALSE(mixed.take("550 b")) << "another code";
  SmtpReplyReader endless;
  bool ended = false;
  for (std::size_t i = 0; i <= SmtpReplyReader::kMostLines && !ended; ++i) ended = !endless.take("250-x");
  EXPECT_TRUE(ended);
}

TEST(EnvelopeAddress, IsOneAddressAndNothingElse) {
  for (const char* good : {"a@b.c", "\"a b\"@c", "\"a\\\"b\"@c", "b\xc3\xb8@c", "a+b=c@d.e", "a@[127.0.0.1]"}) {
    EXPECT_TRUE(is_envelope_address(good)) << good;
  }
  for (const std::string_view bad :
       {"", "a", "@b", "a@", "a b@c", "a@b c", "a@b>", "<a@b", "a@b\r\nRCPT TO:<c@d>", "a\n@b", "a@b@c", "a,b@c",
        "\"a@b", "a\"b@c", "\"\"@c", "\"a\"b\"@c", "\xff@b", "a@.b", "a@b.", "\xe2\x80\xa8@b"}) {
    EXPECT_FALSE(is_envelope_address(bad)) << bad;
  }
  EXPECT_FALSE(is_envelope_address(std::string("a\0@b", 4)));
  EXPECT_FALSE(is_envelope_address(std::string(65, 'a') + "@b"));
  EXPECT_FALSE(is_envelope_address("a@" + std::string(260, 'b')));
}

TEST(OutgoingJournal, TheLastWordCounts) {
  SendOrder order;
  order.from = "a@b";
  order.recipients = {"c@d", "e@f"};
  order.asked = 17;
  order.marked = {{"INBOX", 1, Uid{2}, 3}};
  order.draft = Account::Shown{"Drafts", 4, Uid{5}, 6};
  order.facts = {7, 8, true, false, "<x@y>"};
  std::vector<std::string> notes{order_note(order)};
  auto told = read_journal(notes);
  ASSERT_TRUE(told.order);
  EXPECT_EQ(told.order->recipients, order.recipients);
  EXPECT_EQ(told.order->marked[0].uid, Uid{2});
  EXPECT_EQ(told.order->draft->identity, 6U);
  EXPECT_EQ(told.order->facts.message_id, "<x@y>");
  EXPECT_EQ(told.status.state, OutgoingState::Sending);
  notes.push_back(at_end_note());
  EXPECT_EQ(read_journal(notes).status.state, OutgoingState::Uncertain);
  OutgoingStatus failed;
  failed.state = OutgoingState::Failed;
  failed.error = Error{Code::kServerSaid, "no", 0};
  failed.refused = {{"c@d", 550, "550 no"}};
  notes.push_back(status_note(failed));
  told = read_journal(notes);
  EXPECT_EQ(told.status.state, OutgoingState::Failed);
  EXPECT_EQ(told.status.refused[0].reply, 550);
  EXPECT_EQ(told.status.error->detail, "no");
  notes.push_back(appending_note({"Sent", 9, 10}));
  notes.push_back(filed_note());
  told = read_journal(notes);
  EXPECT_EQ(told.appending->uid_next, 10U);
  EXPECT_TRUE(told.filed);
  // What cannot be read changes nothing.
  for (std::size_t cut = 0; cut < notes[0].size(); ++cut) {
    EXPECT_FALSE(read_journal({notes[0].substr(0, cut)}).order) << cut;
  }
  order.held_until = 27;
  EXPECT_EQ(read_journal({order_note(order)}).status.state, OutgoingState::Held);
}

TEST(SendLimits, CountWithinAnHour) {
  const SendLimits limits(3, 10);
  EXPECT_EQ(limits.allow({}, 11, 0).error().code, Code::kTooLarge);
  std::deque<SendLimits::Sent> sent{{0, 4}, {100, 4}};
  const auto many = limits.allow(sent, 3, 200);
  EXPECT_EQ(many.error().code, Code::kThrottled);
  EXPECT_EQ(many.error().retry_after, 3400U);
  EXPECT_TRUE(limits.allow(sent, 2, 200));
  sent.push_back({200, 2});
  EXPECT_EQ(limits.allow(sent, 1, 300).error().retry_after, 3300U) << "a fourth message";
  EXPECT_EQ(limits.allow(sent, 9, 300).error().retry_after, 3500U) << "two of them are too many";
  sent.pop_front();
  EXPECT_TRUE(limits.allow(sent, 4, 3600));
}

}  // namespace
}  // namespace alphamail
