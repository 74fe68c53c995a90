// SPDX-License-Identifier: GPL-3.0-or-later
// Address lists: RFC 5322's own examples, and what mailers write.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "common/mime_text.h"
#include "common/utf8.h"
#include "t/unit/cpu_time.h"

namespace alphamail {
namespace {

/// "name <mailbox>; name <mailbox>", to be read at a glance.
std::string shown(std::string_view raw, std::size_t limit = 5000) {
  std::string out;
  for (const Address& address : parse_addresses(raw, limit)) {
    if (!out.empty()) out += "; ";
    out += address.name + "<" + address.mailbox + ">";
  }
  return out;
}

struct Case {
  std::string_view raw, want;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.raw;
}
class Addresses : public testing::TestWithParam<Case> {};
TEST_P(Addresses, Read) {
  EXPECT_EQ(shown(GetParam().raw), GetParam().want);
}

INSTANTIATE_TEST_SUITE_P(
    Rfc5322, Addresses,
    testing::Values(Case{"John Doe <jdoe@machine.example>", "John Doe<jdoe@machine.example>"},
                    Case{"\"Joe Q. Public\" <john.q.public@example.com>",
                         "Joe Q. Public<john.q.public@example.com>"},
                    Case{"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
                         "Mary Smith<mary@x.test>; <jdoe@example.org>; Who?<one@y.test>"},
                    Case{"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
                         "<boss@nil.test>; Giant; \"Big\" Box<sysservices@example.net>"},
                    Case{"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
                         "Ed Jones<c@a.test>; <joe@where.test>; John<jdoe@one.test>"},
                    Case{"Undisclosed recipients:;", "Undisclosed recipients<>"},
                    Case{"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>",
                         "Pete<pete@silly.test>"},
                    Case{"(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;",
                         "Hidden recipients<>"},
                    Case{"Joe Q. Public <john.q.public@example.com>",
                         "Joe Q. Public<john.q.public@example.com>"},
                    Case{"Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example",
                         "Mary Smith<mary@example.net>; <jdoe@test.example>"}));

INSTANTIATE_TEST_SUITE_P(
    Names, Addresses,
    testing::Values(
        Case{"=?utf-8?Q?J=C3=B8rn?= <j@example.edu>", "Jørn<j@example.edu>"},
        Case{"\"=?utf-8?Q?J=C3=B8rn?=\" <j@example.edu>", "Jørn<j@example.edu>"},
        Case{"=?utf-8?Q?Smith,_John?= <j@example.edu>", "Smith, John<j@example.edu>"},
        Case{"=?utf-8?Q?Smith,?= =?utf-8?Q?_John?= <j@example.edu>", "Smith, John<j@example.edu>"},
        Case{"=?utf-8?Q?\"quoted\"?= <j@example.edu>", "quoted<j@example.edu>"},
        Case{"'Single Quotes' <j@example.edu>", "Single Quotes<j@example.edu>"},
        Case{"J\xF8rn <j@example.edu>", "Jørn<j@example.edu>"},
        Case{"\x1B$B;3ED\x1B(B <y@example.edu>", "山田<y@example.edu>"},
        Case{"j@example.edu (John Doe)", "John Doe<j@example.edu>"},
        Case{"j@example.edu (=?utf-8?Q?J=C3=B8rn?=)", "Jørn<j@example.edu>"},
        Case{"\"j@example.edu\" <j@example.edu>", "j@example.edu<j@example.edu>"},
        Case{"\"Doe, John\" <j@example.edu>", "Doe, John<j@example.edu>"},
        Case{"John \"Jack\" Doe <j@example.edu>", "John Jack Doe<j@example.edu>"},
        Case{"MAILER-DAEMON (Mail Delivery System)", "Mail Delivery System<MAILER-DAEMON>"},
        Case{"root", "<root>"}, Case{"John Doe", "John Doe<>"}));

INSTANTIATE_TEST_SUITE_P(
    Careless, Addresses,
    testing::Values(
        Case{"", ""}, Case{",,;,", ""}, Case{"(nobody)", ""}, Case{"<>", ""}, Case{"  ", ""},
        Case{"a@x.test; b@y.test", "<a@x.test>; <b@y.test>"},        // Outlook's separator
        Case{"John Doe j@example.edu", "John Doe<j@example.edu>"},   // brackets forgotten
        Case{"John Doe <j@example.edu", "John Doe<j@example.edu>"},  // half of them
        Case{"John Doe <j@example.edu, Jane <k@example.edu>",
             "John Doe<j@example.edu>; Jane<k@example.edu>"},
        Case{"John Doe <<j@example.edu>>", "John Doe<j@example.edu>"},
        Case{"<mailto:j@example.edu>", "<j@example.edu>"},
        Case{"mailto:j@example.edu", "<j@example.edu>"},
        Case{"\"unbalanced <j@example.edu>, k@example.edu",
             "\"unbalanced<j@example.edu>; <k@example.edu>"},
        Case{"(unbalanced <j@example.edu>", "(unbalanced<j@example.edu>"},
        Case{"j @ example.edu", "<j@example.edu>"},
        Case{"\"john doe\"@example.edu", "<\"john doe\"@example.edu>"},
        Case{"J <\"john, doe\"@example.edu>", "J<\"john, doe\"@example.edu>"},
        Case{"j\xC3\xB8rn@ex\xC3\xA4mple.edu", "<jørn@exämple.edu>"}, Case{"a@b@c", "<a@b@c>"},
        Case{"Group: a@x.test", "<a@x.test>"}, Case{"a:b:c@x.test;", "<b:c@x.test>"}));

INSTANTIATE_TEST_SUITE_P(
    Tricks, Addresses,
    testing::Values(
        // What is encoded stays a name: it never becomes an address.
        Case{"=?utf-8?Q?boss=40example.edu_=3Cboss=40example.edu=3E?= <evil@x.test>",
             "boss@example.edu <boss@example.edu><evil@x.test>"},
        Case{"=?utf-8?Q?boss=40example.edu=3E=2C?=", "boss@example.edu>,<>"},
        Case{"\"a\\\r\n b\" <j@x.test>", "a b<j@x.test>"},
        Case{"a\x01\x07 <j\x02@x.test>", "a<j@x.test>"},
        Case{"=?utf-8?Q?a=0D=0ABcc:_x=40y?= <j@x.test>", "a Bcc: x@y<j@x.test>"}));

std::string many(std::size_t count) {
  std::string raw;
  for (std::size_t i = 0; i < count; ++i) raw += "a@b.c,";
  return raw;
}

TEST(AddressLimit, IsExact) {
  for (const std::size_t limit : {1u, 2u, 5000u}) {
    EXPECT_EQ(parse_addresses(many(limit - 1), limit).size(), limit - 1);
    EXPECT_EQ(parse_addresses(many(limit), limit).size(), limit);
    EXPECT_EQ(parse_addresses(many(limit + 1), limit).size(), limit);
    EXPECT_EQ(parse_addresses(many(limit * 100), limit).size(), limit);
  }
  EXPECT_TRUE(parse_addresses("a@b.c", 0).empty());
}

TEST(AddressTime, IsLinear) {
  for (const std::string_view part : {"\"", "(", "<", ":", ";", "=?", "=?a?q?", "\\", "((", "\"\\",
                                      "<\"", "a:", "@", "=?a?q?x?= ", "<a@b>(c)"}) {
    std::string raw;
    while (raw.size() < 1000000) raw += part;
    const CpuTime time;
    for (const Address& address : parse_addresses(raw)) {
      EXPECT_TRUE(is_utf8(address.name));
      EXPECT_TRUE(is_utf8(address.mailbox));
    }
    EXPECT_LT(time.seconds(), kLinearSeconds) << part;
  }
}

}  // namespace
}  // namespace alphamail
