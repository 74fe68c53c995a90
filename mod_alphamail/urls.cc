// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/urls.h"

#include <algorithm>
#include <array>

namespace alphamail {

namespace {

constexpr std::array<bool, 256> kStays = [] {
  std::array<bool, 256> all{};
  for (const unsigned char c :
       std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")) {
    all[c] = true;
  }
  return all;
}();

bool stays(char c) { return kStays[static_cast<unsigned char>(c)]; }

void encode(std::string_view text, std::string& out) {
  constexpr char kHex[] = "0123456789ABCDEF";
  while (!text.empty()) {
    const auto odd = std::find_if_not(text.begin(), text.end(), stays);
    out.append(text.begin(), odd);
    text.remove_prefix(static_cast<std::size_t>(odd - text.begin()));
    if (text.empty()) return;
    const auto c = static_cast<unsigned char>(text.front());
    const char escaped[] = {'%', kHex[c >> 4], kHex[c & 15]};
    out.append(escaped, sizeof escaped);
    text.remove_prefix(1);
  }
}

}  // namespace

void url_of_folder(std::string_view mount, std::string_view folder, std::string& out) {
  out += mount;
  out += "/mail/";
  encode(folder, out);
  out += '/';
}

std::string url_of_folder(std::string_view mount, std::string_view folder) {
  std::string out;
  url_of_folder(mount, folder, out);
  return out;
}

std::string url_of_message(std::string_view mount, std::string_view folder, std::uint32_t uid) {
  return url_of_folder(mount, folder) + std::to_string(uid);
}

std::string query_value(std::string_view text) {
  std::string out;
  encode(text, out);
  return out;
}

std::string_view safe_return_path(std::string_view path) {
  constexpr std::size_t kMaxPath = 4000;
  const bool ours = path.starts_with("/mail/") || path.starts_with("/settings/") ||
                    path.starts_with("/contacts/") || path.starts_with("/outbox/");
  const bool plain = std::all_of(path.begin(), path.end(),
                                 [](char c) { return c > ' ' && c < 0x7f && c != '\\' && c != '"'; });
  if (!ours || !plain || path.size() > kMaxPath || path.find("//") != std::string_view::npos ||
      path.find("/..") != std::string_view::npos) {
    return {};
  }
  return path;
}

}  // namespace alphamail
