// SPDX-License-Identifier: GPL-3.0-or-later
// Looks for a secret in all memory of this process that can be written: heap, stacks, libraries' data.
#ifndef T_MEMORY_SCAN_H
#define T_MEMORY_SCAN_H

#include <fcntl.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "common/secret.h"
#include "common/unique_fd.h"

namespace alphamail {

/// How often `needle` stands in memory besides in its own pages. The buffer that the memory is copied to
/// is wiped piece by piece, so that it is not counted itself.
inline std::size_t copies_in_memory(const Secret& needle) {
  const UniqueFd memory(open("/proc/self/mem", O_RDONLY | O_CLOEXEC));
  std::ifstream maps("/proc/self/maps");
  std::vector<std::pair<unsigned long, unsigned long>> areas;
  const auto own = reinterpret_cast<unsigned long>(needle.c_str());
  for (std::string line; std::getline(maps, line);) {
    unsigned long from = 0, to = 0;
    char mode[5] = "";
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &from, &to, mode) != 3 || mode[0] != 'r' || mode[1] != 'w') continue;
    if (to - from > (1UL << 30)) continue;  // the address sanitizer's own: terabytes
    if (own < from || own >= to) areas.emplace_back(from, to);
  }
  constexpr std::size_t kPage = 4096;
  static char copy[2 * kPage];
  std::size_t found = 0;
  for (const auto& [from, to] : areas) {
    for (unsigned long at = from; at < to; at += kPage) {
      if (at + kPage > reinterpret_cast<unsigned long>(copy) && at < reinterpret_cast<unsigned long>(copy + sizeof copy)) continue;
      const ssize_t got = pread(memory.get(), copy, sizeof copy, static_cast<off_t>(at));
      if (got <= 0) break;
      const char* next = copy;
      const char* const end = copy + got;
      while ((next = static_cast<const char*>(memmem(next, static_cast<std::size_t>(end - next), needle.c_str(), needle.size())))) {
        if (next < copy + kPage) ++found;  // what begins in the second page is found there
        ++next;
      }
    }
  }
  wipe(copy, sizeof copy);
  return found;
}

/// What AUTHENTICATE PLAIN sends for them (RFC 4616), without the last two characters, made apart from
/// the engine's own.
inline Secret sasl_of(std::string_view user, const Secret& password) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  char out[1024];
  std::size_t length = 0;
  unsigned bits = 0;
  int have = 0;
  const auto add = [&](char c) {
    bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xffff;
    have += 8;
    while (have >= 6 && length < sizeof out) {
      have -= 6;
      out[length++] = kDigits[bits >> have & 63];
    }
  };
  add('\0');
  for (const char c : user) add(c);
  add('\0');
  for (const char c : password.text()) add(c);
  Secret result(std::string_view(out, length));
  wipe(out, sizeof out);
  return result;
}

}  // namespace alphamail

#endif
