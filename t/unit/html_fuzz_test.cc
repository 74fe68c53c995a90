// SPDX-License-Identifier: GPL-3.0-or-later
// A short fixed run of the fuzz target over the cleaner of HTML (t/fuzz/html_fuzz.cc), for those who have no fuzzer: what
// attacked others, changed in ways that are the same every time. What it finds aborts.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

fs::path top() {
  const char* given = std::getenv("top_srcdir");
  return given != nullptr ? given : TOP_SRCDIR;
}

/// Lines of the fixtures: of lists an object of JSON, quotes and backslashes and all; a fuzzer does not mind.
std::vector<std::string> seeds() {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(top() / "t/fixtures/html"))
    if (entry.is_regular_file() && entry.path().extension() != ".eml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  std::vector<std::string> all;
  for (const fs::path& file : files) {
    std::ifstream in(file, std::ios::binary);
    for (std::string line; std::getline(in, line);)
      if (line.size() > 8) all.push_back(line);
  }
  return all;
}

/// Changes, doubles, removes and inserts a few pieces.
void mutate(std::string& text, std::mt19937& random) {
  static const std::string kPieces[] = {"<", ">", "\"", "'", "=", "&", "<!--", "-->", "<p>", "<table>", "<td>", "<b>", "</b>", "<svg>",
                                        "<math>", "<style>", "</style>", "<pre>\n", "<a href=x>", " style=color:red", "&#32;", "&nosuch;",
                                        "\xF3\xB0\x80\x80", "\xF4\x80\x80\x80", "\xC2\x85", "url(", "/*", ";", "\r\n"};
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

void run(std::string input, unsigned selector) {
  input.insert(input.begin(), static_cast<char>(selector));
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

TEST(HtmlFuzz, AFixedRunFindsNothing) {
  const std::vector<std::string> all = seeds();
  ASSERT_GT(all.size(), 250u);
  std::mt19937 random(20261127);
  for (const std::string& seed : all) {
    for (unsigned selector = 0; selector < 60; ++selector) {
      std::string input = seed.substr(0, 6000);
      mutate(input, random);
      run(input, selector);
    }
  }
}

}  // namespace
