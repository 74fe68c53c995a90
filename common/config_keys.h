// SPDX-License-Identifier: GPL-3.0-or-later
// The table of all keys of alphamail_config: the parser reads by it, and tests hold the sample file
// and the man page against it.
#ifndef COMMON_CONFIG_KEYS_H
#define COMMON_CONFIG_KEYS_H

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config.h"

namespace alphamail {

struct ConfigKey {
  const char* name;
  const char* type;      ///< what a value looks like, for people: "number from 1 to 1024"
  const char* fallback;  ///< the value that counts where the file has none
  const char* help;      ///< one line
  /// Puts a value into the Config, or the reasons why not into `reasons`.
  void (*set)(Config& config, std::string_view value, std::vector<std::string>& reasons);
};

std::span<const ConfigKey> config_keys();
/// Null where there is no such key.
const ConfigKey* find_config_key(std::string_view name);

/// Untrusted text for a message: in quotes, short, without control characters.
std::string quoted(std::string_view text);
std::string_view trimmed(std::string_view text);

// config_servers.cc
void set_imap_servers(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_smtp_servers(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_imap_plain_allowed(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_smtp_plain_allowed(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_authserv_ids(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_smtp_trusted_relay(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_campus_domains(Config& config, std::string_view value, std::vector<std::string>& reasons);

// config_settings.cc
void set_setting_defaults(Config& config, std::string_view value, std::vector<std::string>& reasons);
void set_setting_locks(Config& config, std::string_view value, std::vector<std::string>& reasons);

}  // namespace alphamail

#endif
