// SPDX-License-Identifier: GPL-3.0-or-later
// The lines that an administrator writes into httpd's configuration, a set for each virtual host.
// A host inherits what it does not say; hosts that say the same share one Site.
#ifndef MOD_ALPHAMAIL_DIRECTIVES_H
#define MOD_ALPHAMAIL_DIRECTIVES_H

#include <cstddef>
#include <optional>
#include <string>

#include <httpd.h>
#include <http_config.h>

namespace alphamail {

struct Site;

struct Directives {
  std::optional<std::string> config_file;    ///< AlphaMailConfig FILE; without it the host has no AlphaMail
  std::optional<std::string> mount;          ///< AlphaMailMount PATH
  std::optional<std::string> domain;         ///< AlphaMailDomain HOST
  std::optional<std::string> template_dir;   ///< AlphaMailTemplates DIR
  std::optional<std::string> session_cache;  ///< AlphaMailSessionCache PROVIDER[:ARGS]
  std::optional<std::string> db_driver;      ///< AlphaMailDatabase DRIVER PARAMS
  std::optional<std::string> db_params;
  std::optional<std::string> ui_log;         ///< AlphaMailUiLog FILE
  std::optional<int> deadline_ms;            ///< AlphaMailDeadline MS
  std::optional<std::size_t> max_body;       ///< AlphaMailMaxBody BYTES
  std::optional<bool> require_tls;           ///< AlphaMailRequireTls on|off

  bool operator==(const Directives&) const = default;
};

/// What httpd keeps for each virtual host.
struct HostConfig {
  Directives directives;
  Site* site = nullptr;   ///< null where AlphaMail does not serve; owned by the configuration's pool
};

HostConfig& host_config(const server_rec* server);

// For the module record.
extern const command_rec kDirectives[];
void* create_host_config(apr_pool_t* pool, server_rec* server) noexcept;
void* merge_host_config(apr_pool_t* pool, void* base, void* added) noexcept;

}  // namespace alphamail

#endif
