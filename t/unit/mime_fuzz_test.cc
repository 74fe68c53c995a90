// SPDX-License-Identifier: GPL-3.0-or-later
// A short fixed run of the fuzz target over mail text (t/fuzz/mime_text_fuzz.cc), for those who have no
// fuzzer: the fixtures, changed in ways that are the same every time. What it finds aborts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<std::string> seeds() {
  const char* top = std::getenv("top_srcdir");
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(fs::path(top != nullptr ? top : TOP_SRCDIR) / "t/fixtures/mail"))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> all;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    all.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
  }
  return all;
}

/// Changes, doubles, removes and inserts a few pieces.
void mutate(std::string& text, std::mt19937& random) {
  static const std::string kPieces[] = {"=?", "?=", "\r\n", "\n.\n", "begin 644 x\n", "`\nend\n", "*0*=", "%", "\xC2", "\xE2\x80\xAE", "\0x", "--",
                                        "; dkim=pass header.d=", "bytes=", "<mailto:", "boundary=", "charset=", "((((", "\"", ":"};
  const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
  for (std::size_t times = 1 + below(6); times > 0; --times) {
    const std::size_t at = below(text.size() + 1), length = below(std::min<std::size_t>(40, text.size() - at) + 1);
    switch (below(4)) {
      case 0: text.erase(at, length); break;
      case 1: text.insert(at, text.substr(at, length)); break;
      case 2: text.insert(at, kPieces[below(std::size(kPieces))]); break;
      default:
        if (at < text.size()) text[at] = static_cast<char>(below(256));
    }
  }
}

TEST(MimeFuzz, AFixedRunFindsNothing) {
  const std::vector<std::string> all = seeds();
  ASSERT_GT(all.size(), 50u);
  std::mt19937 random(20261126);
  std::size_t runs = 0;
  for (const std::string& seed : all) {
    for (unsigned selector = 0; selector < 16; ++selector) {
      std::string input = seed.substr(0, 20000);
      mutate(input, random);
      input.insert(input.begin(), static_cast<char>(selector | random() << 4));
      LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
      ++runs;
    }
  }
  EXPECT_GT(runs, 1000u);
}

}  // namespace
