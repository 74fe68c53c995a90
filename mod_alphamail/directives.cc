// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/directives.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <string_view>

#include "mod_alphamail/module.h"
#include "mod_alphamail/pool.h"

namespace alphamail {
namespace {

Directives& directives_of(cmd_parms* cmd) { return host_config(cmd->server).directives; }

/// A file's name from httpd's root; a reason to stop where it is none.
const char* set_path(cmd_parms* cmd, const char* value, std::optional<std::string>& into) {
  const char* path = ap_server_root_relative(cmd->pool, value);
  if (!path || !*path) return "not a usable path";
  into = path;
  return nullptr;
}

template <typename Number>
const char* set_number(const char* value, Number low, Number high, std::optional<Number>& into,
                       const char* reason) {
  const std::string_view text(value);
  Number n{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (failure != std::errc() || end != text.data() + text.size() || n < low || n > high) return reason;
  into = n;
  return nullptr;
}

bool is_mount(std::string_view path) {
  if (path.empty() || path.front() != '/' || path.back() == '/' || path.size() > 200) return false;
  if (path.find("//") != std::string_view::npos || path.find("/.") != std::string_view::npos) return false;
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '/' || c == '-' || c == '_' || c == '.' || c == '~';
  });
}

bool is_host(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  const std::string_view name = host.substr(0, colon);
  if (name.empty() || name.size() > 253) return false;
  const bool digits = colon == std::string_view::npos ||
                      (colon + 1 < host.size() &&
                       std::all_of(host.begin() + static_cast<std::ptrdiff_t>(colon) + 1, host.end(),
                                   [](unsigned char c) { return std::isdigit(c); }));
  return digits && std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '.';
         });
}

extern "C" {

const char* take_mount(cmd_parms* cmd, void*, const char* value) noexcept {
  std::string path(value);
  if (!is_mount(path)) return "AlphaMailMount takes a path such as /alphamail, without a slash at its end";
  directives_of(cmd).mount = std::move(path);
  return nullptr;
}

const char* take_config(cmd_parms* cmd, void*, const char* value) noexcept {
  return set_path(cmd, value, directives_of(cmd).config_file);
}

const char* take_domain(cmd_parms* cmd, void*, const char* value) noexcept {
  if (!is_host(value)) return "AlphaMailDomain takes a host name, with :PORT if it needs one";
  std::string host(value);
  std::transform(host.begin(), host.end(), host.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  directives_of(cmd).domain = std::move(host);
  return nullptr;
}

const char* take_templates(cmd_parms* cmd, void*, const char* value) noexcept {
  return set_path(cmd, value, directives_of(cmd).template_dir);
}

const char* take_session_cache(cmd_parms* cmd, void*, const char* value) noexcept {
  if (!*value || *value == ':') return "AlphaMailSessionCache takes PROVIDER[:ARGUMENTS], or none";
  directives_of(cmd).session_cache = value;
  return nullptr;
}

const char* take_database(cmd_parms* cmd, void*, const char* driver, const char* params) noexcept {
  Directives& directives = directives_of(cmd);
  directives.db_driver = driver;
  if (std::string_view(driver) == "sqlite3") return set_path(cmd, params, directives.db_params);
  directives.db_params = params;
  return nullptr;
}

const char* take_ui_log(cmd_parms* cmd, void*, const char* value) noexcept {
  return set_path(cmd, value, directives_of(cmd).ui_log);
}

const char* take_deadline(cmd_parms* cmd, void*, const char* value) noexcept {
  return set_number(value, 500, 120000, directives_of(cmd).deadline_ms,
                    "AlphaMailDeadline takes milliseconds, 500 to 120000");
}

const char* take_max_body(cmd_parms* cmd, void*, const char* value) noexcept {
  return set_number<std::size_t>(value, 4096, std::size_t{1} << 30, directives_of(cmd).max_body,
                                 "AlphaMailMaxBody takes bytes, 4096 to 1073741824");
}

const char* take_require_tls(cmd_parms* cmd, void*, int on) noexcept {
  directives_of(cmd).require_tls = on != 0;
  return nullptr;
}

}  // extern "C"

/// httpd's type for all of them has no parameters in C++; args_how says what it will call it with.
template <typename Function>
command_rec command(const char* name, Function* function, cmd_how args_how, const char* help) {
  return {name, reinterpret_cast<cmd_func>(reinterpret_cast<void (*)()>(function)), nullptr,
          RSRC_CONF, args_how, help};
}

template <typename T>
void inherit(std::optional<T>& own, const std::optional<T>& base) {
  if (!own) own = base;
}

}  // namespace

const command_rec kDirectives[] = {
    command("AlphaMailMount", take_mount, TAKE1,
                  "the path below which AlphaMail answers (default /alphamail)"),
    command("AlphaMailConfig", take_config, TAKE1, "the file alphamail_config"),
    command("AlphaMailDomain", take_domain, TAKE1,
                  "the host name that cookies belong to; requests for other names are sent there"),
    command("AlphaMailTemplates", take_templates, TAKE1,
                  "the folder of templates and assets"),
    command("AlphaMailSessionCache", take_session_cache, TAKE1,
                  "PROVIDER[:ARGUMENTS] of the session cache (default shmcb), or none"),
    command("AlphaMailDatabase", take_database, TAKE2,
                  "DRIVER and PARAMETERS of the database of sessions and settings"),
    command("AlphaMailUiLog", take_ui_log, TAKE1,
                  "the file for our error lines (default: httpd's error log)"),
    command("AlphaMailDeadline", take_deadline, TAKE1,
                  "milliseconds in which a page answers (default 10000)"),
    command("AlphaMailMaxBody", take_max_body, TAKE1,
                  "bytes of a form (default 1048576)"),
    command("AlphaMailRequireTls", take_require_tls, FLAG,
                 "off where TLS ends at a proxy in front of this server (default on)"),
    {},
};

HostConfig& host_config(const server_rec* server) {
  return *static_cast<HostConfig*>(ap_get_module_config(server->module_config, &alphamail_module));
}

void* create_host_config(apr_pool_t* pool, server_rec*) noexcept { return &pool_new<HostConfig>(pool); }

void* merge_host_config(apr_pool_t* pool, void* base, void* added) noexcept {
  const Directives& from = static_cast<HostConfig*>(base)->directives;
  HostConfig& merged = pool_new<HostConfig>(pool, *static_cast<HostConfig*>(added));
  Directives& own = merged.directives;
  inherit(own.config_file, from.config_file);
  inherit(own.mount, from.mount);
  inherit(own.domain, from.domain);
  inherit(own.template_dir, from.template_dir);
  inherit(own.session_cache, from.session_cache);
  inherit(own.ui_log, from.ui_log);
  inherit(own.deadline_ms, from.deadline_ms);
  inherit(own.max_body, from.max_body);
  inherit(own.require_tls, from.require_tls);
  if (!own.db_driver) {
    own.db_driver = from.db_driver;
    own.db_params = from.db_params;
  }
  return &merged;
}

}  // namespace alphamail
