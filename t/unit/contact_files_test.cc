// SPDX-License-Identifier: GPL-3.0-or-later
// ALPHAMAIL_CORPUS may name a folder with pim/ez-vcard/: every file of it is read then.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <gtest/gtest.h>

#include "mod_alphamail/contacts.h"

namespace alphamail {
namespace {

void expect_same(const Contact& a, const Contact& b) {
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.addresses, b.addresses);
  EXPECT_EQ(a.organisation, b.organisation);
  EXPECT_EQ(a.phone, b.phone);
  EXPECT_EQ(a.note, b.note);
}

Contact odd_contact() {
  return {"", "Okafor, Mina; \"Dr\" \\ = 日本語の長い名前がここに続きます、折り返しの試験のために、もっと長く、もっともっと長く",
          {"mina@x.example", "m.o@y.example"}, "Physics; 3rd floor", "+49 30 1234", "line one\nline, two", false};
}

TEST(Vcards, WhatIsTakenOutComesInAgain) {
  const Contact contact = odd_contact();
  const std::string card = vcard_of(contact);
  const auto read = read_vcards(card + card, 10);
  ASSERT_EQ(read.size(), 2U);
  expect_same(read[0], contact);
  for (std::string_view left = card; !left.empty();) {
    const std::size_t end = left.find("\r\n");
    ASSERT_NE(end, std::string_view::npos);
    EXPECT_LE(end, 75U);
    left.remove_prefix(end + 2);
  }
}

TEST(Vcards, OlderVersionsAndOtherProgramsAreRead) {
  const auto read = read_vcards(
      "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg\n"
      "EMAIL;INTERNET:joerg@x.example\nNOTE;ENCODING=QUOTED-PRINTABLE:a=\nb=3D\nEND:VCARD\n"
      "begin:vcard\r\nversion:3.0\r\nfn:Anna\r\nitem1.EMAIL;type=INTERNET;type=pref:anna@x.exa\r\n mple\r\n"
      "EMAIL:no address\r\nORG:Uni;Dept\r\nAGENT:BEGIN:VCARD\\nFN:x\\nEND:VCARD\r\nPHOTO;ENCODING=b:AAAA\r\n BBBB\r\n"
      "TEL;TYPE=\"voice,work\":tel:+1-2\r\nEND:VCARD\r\n", 10);
  ASSERT_EQ(read.size(), 2U);
  EXPECT_EQ(read[0].name, "Jörg Müller");
  EXPECT_EQ(read[0].addresses, std::vector<std::string>{"joerg@x.example"});
  EXPECT_EQ(read[0].note, "ab=");
  EXPECT_EQ(read[1].addresses, std::vector<std::string>{"anna@x.example"});
  EXPECT_EQ(read[1].organisation, "Uni, Dept");
}

TEST(Csv, WhatIsTakenOutComesInAgain) {
  const Contact contact = odd_contact();
  const auto read = read_csv(csv_head() + csv_of(contact) + csv_of(contact), 10);
  ASSERT_EQ(read.size(), 2U);
  expect_same(read[1], contact);
}

TEST(Csv, FormulasAreTexts) {
  Contact contact;
  contact.name = "=HYPERLINK(\"http://evil.example\")";
  const std::string line = csv_of(contact);
  EXPECT_TRUE(line.starts_with("\"'="));
  EXPECT_EQ(read_csv(csv_head() + line, 1).at(0).name, contact.name);
}

TEST(Csv, OtherProgramsAreRead) {
  const auto outlook = read_csv("First Name;Last Name;E-mail Address;E-mail 2 Address;Company;Business Phone\r\n"
                                "Anna;Beispiel;anna@x.example;a2@x.example;\"Uni; Nord\";123\r\n", 10);
  ASSERT_EQ(outlook.size(), 1U);
  EXPECT_EQ(outlook[0].name, "Anna Beispiel");
  EXPECT_EQ(outlook[0].addresses.size(), 2U);
  EXPECT_EQ(outlook[0].organisation, "Uni; Nord");
  const auto google = read_csv("Name,E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Value\nBob,* Home,b@x.example ::: c@x.example,9\n", 10);
  ASSERT_EQ(google.size(), 1U);
  EXPECT_EQ(google[0].addresses, (std::vector<std::string>{"b@x.example", "c@x.example"}));
}

TEST(ContactFiles, AnythingAtAllIsAnAnswer) {
  std::mt19937 random(6350);
  const std::string seed = vcard_of(odd_contact()) + csv_head() + csv_of(odd_contact());
  for (int n = 0; n < 3000; ++n) {
    std::string file = seed;
    for (int k = 0; k < 8; ++k) file[random() % file.size()] = static_cast<char>(random());
    for (const Contact& c : read_vcards(file, 5)) EXPECT_LE(c.name.size(), Contact::kText);
    for (const Contact& c : read_csv(file, 5)) EXPECT_LE(c.name.size(), Contact::kText);
  }
  EXPECT_TRUE(read_vcards("BEGIN:VCARD\nFN:" + std::string(5 << 20, 'x') + "\nEND:VCARD", 5).size() <= 1);
  EXPECT_EQ(read_vcards(vcard_of(odd_contact()) + vcard_of(odd_contact()), 1).size(), 1U);
}

TEST(ContactFiles, CardsOfOtherProgramsAreRead) {
  const char* corpus = std::getenv("ALPHAMAIL_CORPUS");
  const std::filesystem::path folder = std::filesystem::path(corpus ? corpus : "/nowhere") / "pim" / "ez-vcard";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "no corpus";
  std::size_t files = 0, with_contact = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".vcf") continue;
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string file((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
    const auto read = read_vcards(file, 1000);
    ++files;
    with_contact += read.empty() ? 0 : 1;
    for (const Contact& contact : read) {
      const auto again = read_vcards(vcard_of(contact), 1);
      ASSERT_EQ(again.size(), 1U) << entry.path();
      EXPECT_EQ(again[0].addresses, contact.addresses) << entry.path();
    }
    if (read.empty()) std::printf("nothing in %s\n", entry.path().c_str());
  }
  EXPECT_GT(files, 5U);
  EXPECT_GT(with_contact * 10, files * 8);
}

}  // namespace
}  // namespace alphamail
