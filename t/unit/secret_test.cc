// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets are locked, kept from dumps and forks, moved but never copied, and wiped.
#include "common/secret.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <type_traits>

namespace alphamail {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);

/// The VmFlags of the mapping that holds `p`, as /proc/self/smaps writes them; "" where unmapped.
std::string flags_of_mapping(const void* p) {
  std::ifstream maps("/proc/self/smaps");
  const auto address = reinterpret_cast<unsigned long>(p);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    unsigned long low = 0, high = 0;
    if (std::sscanf(line.c_str(), "%lx-%lx ", &low, &high) == 2) {
      inside = low <= address && address < high;
    } else if (inside && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return "";
}

TEST(Secret, HoldsTextWithNulBehind) {
  const Secret secret(std::string_view("pa\0ss", 5));
  EXPECT_EQ(secret.size(), 5U);
  EXPECT_EQ(secret.text(), std::string_view("pa\0ss", 5));
  EXPECT_EQ(secret.c_str()[5], '\0');
}

TEST(Secret, EmptyOnes) {
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_STREQ(Secret().c_str(), "");
  EXPECT_EQ(Secret("").text(), "");
}

TEST(Secret, LimitIsExact) {
  const std::string most(Secret::kMaxBytes, 'x');
  const Secret full(most);
  EXPECT_EQ(full.text(), most);
  EXPECT_EQ(full.c_str()[most.size()], '\0');
  EXPECT_TRUE(Secret(most + "x").empty());
  EXPECT_TRUE(Secret::zeros(Secret::kMaxBytes + 1).empty());
}

TEST(Secret, MovesAndClears) {
  Secret a("first");
  Secret b(std::move(a));
  EXPECT_TRUE(a.empty());  // NOLINT: the moved-from state is defined here
  EXPECT_EQ(b.text(), "first");
  Secret c("second");
  c = std::move(b);
  EXPECT_EQ(c.text(), "first");
  c.clear();
  EXPECT_TRUE(c.empty());
}

TEST(Secret, FilledInPlace) {
  Secret secret = Secret::zeros(3);
  EXPECT_EQ(secret.text(), std::string_view("\0\0\0", 3));
  secret.writable()[1] = std::byte{'k'};
  EXPECT_EQ(secret.text(), std::string_view("\0k\0", 3));
}

TEST(Secret, PagesAreLockedAndLeftOutOfDumps) {
  const Secret secret("canary");
  const std::string flags = flags_of_mapping(secret.c_str());
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // whose runtimes lock nothing
  EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
#endif
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" wf "), std::string::npos) << flags;
}

TEST(Secret, PagesAreGoneAfterwards) {
  const void* where = nullptr;
  {
    const Secret secret("canary");
    where = secret.c_str();
  }
  EXPECT_EQ(flags_of_mapping(where).find(" dd "), std::string::npos);
}

TEST(Secret, ForkedChildSeesNothing) {
  const Secret secret("canary");
  const pid_t child = ::fork();
  if (child == 0) ::_exit(secret.c_str()[0] == '\0' ? 0 : 1);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
}

TEST(Wipe, Overwrites) {
  std::string text = "password";
  wipe(text.data(), text.size());
  EXPECT_EQ(text, std::string(8, '\0'));
  wipe(nullptr, 0);
}

}  // namespace
}  // namespace alphamail
