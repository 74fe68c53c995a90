// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/route.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "common/mailbox_name.h"
#include "mod_alphamail/percent.h"

namespace alphamail {
namespace {

using Levels = std::vector<std::string>;
using To = Route::To;

Error nothing_there() { return {Code::kNotFound, "no such address"}; }
Error malformed(const char* why) { return {Code::kInvalid, why}; }

/// A message's number as we write it: no sign, no zero in front.
std::optional<std::uint32_t> uid_of(std::string_view text) {
  std::uint32_t uid = 0;
  if (text.empty() || text.front() < '1' || text.front() > '9') return {};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), uid);
  if (failure != std::errc() || end != text.data() + text.size()) return {};
  return uid;
}

/// The levels between slashes, each decoded once; the first slash is not part of any.
Result<Levels> levels_in(std::string_view path) {
  Levels levels;
  while (true) {
    const std::size_t slash = path.find('/');
    auto level = percent_decode(path.substr(0, slash));
    if (!level) return malformed("an escape without two digits");
    if (!is_utf8_text(*level)) return malformed("not UTF-8, or NUL");
    if (std::any_of(level->begin(), level->end(),
                    [](unsigned char c) { return c < 0x20 || c == 0x7f; })) {
      return malformed("a control character");
    }
    if (*level == "." || *level == ".." || level->find('/') != std::string::npos) {
      return nothing_there();
    }
    levels.push_back(std::move(*level));
    if (slash == std::string_view::npos) return levels;
    path.remove_prefix(slash + 1);
  }
}

/// Levels of a folder as its address; "" where no folder can have it.
std::string folder_of(std::span<const std::string> levels) {
  std::string address;
  for (const std::string& level : levels) {
    if (!address.empty()) address += '/';
    address += level;
  }
  return !levels.empty() && is_address(address) ? address : "";
}

Result<Route> in_folder(Route route, std::span<const std::string> folder) {
  route.folder = folder_of(folder);
  if (route.folder.empty()) return nothing_there();
  return route;
}

/// What follows /mail/.
Result<Route> mail_route(std::span<const std::string> levels) {
  Route route;
  route.to = To::kFolder;
  if (levels.size() == 1 && levels[0].empty()) {
    route.folder = "INBOX";
    return route;
  }
  const std::size_t n = levels.size();
  if (levels.back().empty()) return in_folder(route, levels.first(n - 1));
  const auto uid_at = [&](std::size_t back) {
    return n > back ? uid_of(levels[n - back]).value_or(0) : 0;
  };
  const bool viewed = n > 4 && levels[n - 1] == "view";
  const std::size_t end = viewed ? n - 1 : n;
  if (end > 3 && levels[end - 2] == "part" && is_section(levels[end - 1]) && uid_at(n - end + 3) != 0) {
    route.to = viewed ? To::kPartView : To::kPart;
    route.uid = uid_at(n - end + 3);
    route.section = levels[end - 1];
    return in_folder(route, levels.first(end - 3));
  }
  constexpr std::pair<std::string_view, To> kOfMessage[] = {
      {"source", To::kSource}, {"body", To::kBody}, {"all.zip", To::kZip}, {"print", To::kPrint}};
  for (const auto& [word, to] : kOfMessage) {
    if (n <= 2 || levels[n - 1] != word || uid_at(2) == 0) continue;
    route.to = to;
    route.uid = uid_at(2);
    return in_folder(route, levels.first(n - 2));
  }
  if (uid_at(1) == 0) return nothing_there();
  route.to = To::kMessage;
  route.uid = uid_at(1);
  return in_folder(route, levels.first(n - 1));
}

}  // namespace

bool is_section(std::string_view text) {
  if (text.empty() || text.size() > 200) return false;
  bool digit = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !digit) return false;
    if (c != '.' && (c < '0' || c > '9' || (c == '0' && !digit))) return false;
    digit = c != '.';
  }
  return digit;
}

Result<Route> parse_route(std::string_view path) {
  if (path.size() > kMaxPath) return Error{Code::kTooLarge, "the address is too long"};
  if (std::any_of(path.begin(), path.end(),
                  [](unsigned char c) { return c <= 0x20 || c >= 0x7f; })) {
    return malformed("characters that an address must encode");
  }
  Route route;
  if (path.empty()) {
    route.to = To::kSlash;
    return route;
  }
  if (path.front() != '/') return nothing_there();
  const Result<Levels> found = levels_in(path.substr(1));
  if (!found) return found.error();
  const Levels& levels = *found;
  const std::string& first = levels[0];
  if (first == "mail" && levels.size() > 1) return mail_route(std::span(levels).subspan(1));
  if (levels.size() == 1) {
    if (first.empty()) return route;
    if (first == "login") return route.to = To::kLogin, route;
    if (first == "logout") return route.to = To::kLogout, route;
    if (first == "compose") return route.to = To::kCompose, route;
    if (first == "mail" || first == "settings" || first == "outbox" || first == "contacts" ||
        first == "search" || first == "folders") {
      return route.to = To::kSlash, route;
    }
  }
  if (levels.size() == 2 && first == "search" && levels[1].empty()) return route.to = To::kSearch, route;
  if (levels.size() == 2 && first == "settings" && levels[1].empty()) {
    return route.to = To::kSettings, route;
  }
  if (levels.size() == 2 && levels[1] == "identities" && first == "settings") return route.to = To::kSlash, route;
  if (levels.size() == 2 && levels[1] == "labels" && first == "settings") return route.to = To::kSlash, route;
  if (levels.size() == 3 && levels[1] == "labels" && levels[2].empty() && first == "settings") {
    return route.to = To::kLabels, route;
  }
  if (levels.size() == 3 && levels[1] == "identities" && levels[2].empty() && first == "settings") {
    return route.to = To::kIdentities, route;
  }
  if (levels.size() == 2 && first == "outbox" && levels[1].empty()) return route.to = To::kOutbox, route;
  if (levels.size() == 2 && first == "folders") {
    if (levels[1].empty()) return route.to = To::kFolders, route;
    if (levels[1] == "export") return route.to = To::kFolderExport, route;
    if (levels[1] == "largest") return route.to = To::kSlash, route;
  }
  if (levels.size() == 3 && first == "folders" && levels[1] == "largest" && levels[2].empty()) {
    return route.to = To::kLargest, route;
  }
  if (levels.size() == 2 && first == "contacts") {
    if (levels[1].empty()) return route.to = To::kContacts, route;
    if (levels[1] == "complete") return route.to = To::kComplete, route;
    if (levels[1] == "export") return route.to = To::kExport, route;
  }
  if (levels.size() == 2 && first == "assets" && !levels[1].empty()) {
    route.to = To::kAsset;
    route.asset = levels[1];
    return route;
  }
  return nothing_there();
}

}  // namespace alphamail
