// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/multipart_reader.h"

#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace alphamail {
namespace {

struct Collected : MultipartReader::Handler {
  struct Part {
    MultipartReader::Head head;
    std::string bytes;
    bool ended = false;
  };
  Result<void> begin(const MultipartReader::Head& head) override {
    parts.push_back({head, {}, false});
    return {};
  }
  Result<void> data(std::string_view bytes) override {
    longest = std::max(longest, bytes.size());
    parts.back().bytes += bytes;
    return {};
  }
  Result<void> end() override {
    parts.back().ended = true;
    return {};
  }
  std::vector<Part> parts;
  std::size_t longest = 0;
};

const char kForm[] =
    "--XX\r\nContent-Disposition: form-data; name=\"to\"\r\n\r\na@x.example\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
    "--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\odd\\a%22b;c.txt\"\r\n"
    "Content-Type: text/plain\r\n\r\nline\r\n--X\r\n--XY\r\n\r\n\r\n--XX--\r\n";

void expect_form(const Collected& got) {
  ASSERT_EQ(got.parts.size(), 3U);
  EXPECT_EQ(got.parts[0].head.name, "to");
  EXPECT_FALSE(got.parts[0].head.file);
  EXPECT_EQ(got.parts[0].bytes, "a@x.example");
  EXPECT_EQ(got.parts[1].bytes, "");
  EXPECT_TRUE(got.parts[2].head.file);
  EXPECT_EQ(got.parts[2].head.file_name, "a\"b;c.txt");
  EXPECT_EQ(got.parts[2].head.type, "text/plain");
  EXPECT_EQ(got.parts[2].bytes, "line\r\n--X\r\n--XY\r\n\r\n");
  EXPECT_TRUE(got.parts[2].ended);
}

TEST(MultipartReader, PiecesOfAnySizeGiveTheSame) {
  const std::string_view form(kForm, sizeof kForm - 1);
  for (std::size_t size = 1; size <= form.size(); ++size) {
    Collected got;
    MultipartReader reader("XX", got);
    for (std::size_t at = 0; at < form.size(); at += size) ASSERT_TRUE(reader.add(form.substr(at, size)));
    ASSERT_TRUE(reader.finish());
    expect_form(got);
  }
}

TEST(MultipartReader, AFormThatIsCutSaysSo) {
  const std::string_view form(kForm, sizeof kForm - 1);
  for (std::size_t size = 0; size < form.size() - 4; ++size) {
    Collected got;
    MultipartReader reader("XX", got);
    const auto added = reader.add(form.substr(0, size));
    EXPECT_FALSE(added && reader.finish()) << size;
  }
}

TEST(MultipartReader, AWrongBoundaryFindsNothing) {
  Collected got;
  MultipartReader reader("YY", got);
  ASSERT_TRUE(reader.add(kForm));
  EXPECT_FALSE(reader.finish());
  EXPECT_TRUE(got.parts.empty());
}

TEST(MultipartReader, ManyPartsAndLongHeadsAreRefused) {
  std::string form;
  for (std::size_t i = 0; i <= MultipartReader::kParts; ++i) {
    form += "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\r\n";
  }
  Collected got;
  MultipartReader reader("B", got);
  EXPECT_FALSE(reader.add(form));
  EXPECT_EQ(got.parts.size(), MultipartReader::kParts);
  Collected none;
  MultipartReader long_head("B", none);
  EXPECT_FALSE(long_head.add("--B\r\nX: " + std::string(20000, 'x')));
  MultipartReader no_name("B", none);
  EXPECT_FALSE(no_name.add("--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--"));
  EXPECT_TRUE(none.parts.empty());
}

TEST(MultipartReader, BoundariesAreReadFromTheirHeader) {
  EXPECT_EQ(MultipartReader::boundary_of("multipart/form-data; boundary=----WebKitFormBoundaryAbC"),
            "----WebKitFormBoundaryAbC");
  EXPECT_EQ(MultipartReader::boundary_of("Multipart/Form-Data; charset=utf-8; boundary=\"a b\""), "a b");
  for (const char* bad : {"multipart/form-data", "multipart/mixed; boundary=x", "multipart/form-data; boundary=",
                          "multipart/form-data; boundary=a\tb", "text/plain"}) {
    EXPECT_EQ(MultipartReader::boundary_of(bad), "") << bad;
  }
  EXPECT_EQ(MultipartReader::boundary_of("multipart/form-data; boundary=" + std::string(71, 'x')), "");
}

TEST(MultipartReader, AHundredMegabytesPassThroughKilobytes) {
  Collected got;
  struct Counting : MultipartReader::Handler {
    Result<void> begin(const MultipartReader::Head&) override { return {}; }
    Result<void> data(std::string_view bytes) override {
      total += bytes.size();
      return {};
    }
    Result<void> end() override { return {}; }
    std::size_t total = 0;
  } counting;
  MultipartReader reader("XX", counting);
  ASSERT_TRUE(reader.add("--XX\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n"));
  const std::string piece(8192, '\r');
  for (int i = 0; i < 12800; ++i) ASSERT_TRUE(reader.add(piece));
  ASSERT_TRUE(reader.add("\r\n--XX--"));
  ASSERT_TRUE(reader.finish());
  EXPECT_EQ(counting.total, 12800U * 8192);
}

TEST(MultipartReader, RandomDamageIsAlwaysAnAnswer) {
  std::mt19937 random(7578);
  for (int n = 0; n < 20000; ++n) {
    std::string form(kForm, sizeof kForm - 1);
    for (int k = 0; k < 4; ++k) {
      const std::size_t at = random() % form.size();
      if (random() % 2) form[at] = static_cast<char>(random());
      else form.erase(at, random() % 20);
      if (form.empty()) form = "x";
    }
    Collected got;
    MultipartReader reader("XX", got);
    std::string_view left = form;
    while (!left.empty()) {
      const std::size_t size = std::min<std::size_t>(1 + random() % 50, left.size());
      if (!reader.add(left.substr(0, size))) break;
      left.remove_prefix(size);
    }
    (void)reader.finish();
  }
}

}  // namespace
}  // namespace alphamail
