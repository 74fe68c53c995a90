// SPDX-License-Identifier: GPL-3.0-or-later
// Which family of browser asks. A cookie that turns up in another family was copied (S4); versions
// and platforms change under a user's hands and are not looked at.
#ifndef MOD_ALPHAMAIL_USER_AGENT_H
#define MOD_ALPHAMAIL_USER_AGENT_H

#include <string_view>

namespace alphamail {

/// "chromium", "firefox", "safari", a text browser's name, "none" or "other".
constexpr std::string_view browser_class(std::string_view user_agent) {
  struct Family {
    std::string_view mark, name;
  };
  // Chromium's browsers all claim to be Safari, so they come first.
  constexpr Family kFamilies[] = {{"Chrom", "chromium"}, {"CriOS", "chromium"}, {"Firefox", "firefox"},
                                  {"FxiOS", "firefox"},  {"Safari", "safari"},  {"w3m", "w3m"},
                                  {"Lynx", "lynx"},      {"inks", "links"},     {"curl", "curl"},
                                  {"Python", "python"},  {"Wget", "wget"}};
  if (user_agent.empty()) return "none";
  user_agent = user_agent.substr(0, 1024);
  for (const Family& family : kFamilies) {
    if (user_agent.find(family.mark) != std::string_view::npos) return family.name;
  }
  return "other";
}

}  // namespace alphamail

#endif
