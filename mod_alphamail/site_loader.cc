// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/site_loader.h"

#include <algorithm>
#include <string>
#include <utility>

#include <unistd.h>

#include <http_log.h>
#include <unixd.h>

#include "mod_alphamail/assets.h"
#include "mod_alphamail/known_browser.h"
#include "mod_alphamail/login_form.h"
#include "mod_alphamail/module.h"
#include "mod_alphamail/session_cache.h"
#include "mod_alphamail/session_store.h"
#include "mod_alphamail/settings_store.h"
#include "mod_alphamail/store.h"
#include "mod_alphamail/templates.h"
#include "mod_alphamail/ui_log.h"
#include "mod_alphamail/words.h"

namespace alphamail {
namespace {

constexpr const char* kDefaultDatabase = ALPHAMAIL_LOCALSTATEDIR "/lib/alphamail/alphamail.db";

/// What templates call [[@name]].
Templates::Constants constants_of(const Site& site) {
  const auto url = [&](std::string_view name) { return std::string(site.assets->url(name)); };
  return {{"mount", site.mount},
          {"css", url("alphamail.css")},
          {"icons", url("icons.svg")},
          {"script", url("alphamail.js")},
          {"compose_script", url("compose.js")},
          {"message_script", url("message.js")},
          {"mark", url("mark.svg")},
          {"site_name", site.config.site_name}};
}

Result<void> read_templates(Site& site) {
  auto assets = Assets::load(site.template_dir + "/assets", site.mount, site.config);
  if (!assets) return assets.error().while_doing("AlphaMailTemplates");
  site.assets = std::make_unique<Assets>(std::move(*assets));
  auto words = Words::load(site.template_dir + "/lang");
  if (!words) return words.error().while_doing("AlphaMailTemplates");
  site.words = std::move(*words);
  auto templates = Templates::load(site.template_dir, *site.words, constants_of(site));
  if (!templates) return templates.error().while_doing("AlphaMailTemplates");
  site.templates = std::move(*templates);
  return {};
}

Store::Options database_of(const Directives& directives) {
  return {.driver = directives.db_driver.value_or("sqlite3"),
          .params = directives.db_params.value_or(kDefaultDatabase)};
}

/// What the processors work on within a few times of one request's own time.
std::uint32_t requests_at_once(const Config& config) {
  constexpr long kOfProcessor = 24;
  if (config.requests_at_once != 0) return config.requests_at_once;
  return static_cast<std::uint32_t>(kOfProcessor * std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
}

}  // namespace

Result<std::unique_ptr<Site>> read_site(const Directives& directives) {
  auto site = std::make_unique<Site>();
  auto config = read_config(*directives.config_file);
  if (!config) return config.error();
  site->config = std::move(*config);
  site->mount = directives.mount.value_or(site->mount);
  site->domain = directives.domain.value_or("");
  site->template_dir = directives.template_dir.value_or(ALPHAMAIL_DATADIR "/templates");
  site->deadline = Millis(directives.deadline_ms.value_or(10000));
  site->max_body = directives.max_body.value_or(site->max_body);
  site->require_tls = directives.require_tls.value_or(true);
  if (const auto read = read_templates(*site); !read) return read.error();
  return site;
}

Result<void> open_site(Site& site, const Directives& directives, server_rec* server,
                       apr_pool_t* pool) {
  if (directives.ui_log) {
    auto log = UiLog::open(*directives.ui_log);
    if (!log) return log.error().while_doing("AlphaMailUiLog");
    site.log = std::make_unique<UiLog>(std::move(*log));
  }
  auto secret = site_secret(site.config.secret_file);
  if (!secret) return secret.error().while_doing("secret_file");
  site.login_form = std::make_unique<LoginForm>(*secret);
  site.known_browser = std::make_unique<KnownBrowser>(*secret);
  wipe(*secret);
  // Without a provider named, shmcb where it is loaded; the store alone serves as well, only slower.
  const bool chosen = directives.session_cache.has_value();
  auto cache = SessionCache::make(directives.session_cache.value_or("shmcb"), site.config.settings, server, pool);
  if (!cache && !chosen) {
    ap_log_error(APLOG_MARK, APLOG_NOTICE, 0, server,
                 "AM0140: no session cache (mod_socache_shmcb is not loaded): sessions are read from "
                 "the database");
    cache = SessionCache::make("none", site.config.settings, server, pool);
  }
  if (!cache) return cache.error().while_doing("AlphaMailSessionCache");
  site.session_cache = std::move(*cache);
  auto admission = Admission::make({.at_once = requests_at_once(site.config),
                                    .a_user = site.config.requests_per_user});
  if (!admission) return admission.error();
  site.admission = std::move(*admission);
  return {};
}

void join_site(Site& site, const Directives& directives, server_rec* server, apr_pool_t* pool) {
  if (const auto joined = site.session_cache->join(pool); !joined) {
    ap_log_error(APLOG_MARK, APLOG_ERR, 0, server, "AM0141: session cache: %s",
                 joined.error().detail.c_str());
  }
  site.admission->join();
  site.lane = std::make_unique<LaneClient>(
      LaneClient::Options{.socket_path = site.config.webcache_socket, .daemon_uid = daemon_uid(site.config)});
  site.store = std::make_unique<Store>(database_of(directives));
  const SessionStore::Limits limits{.absolute_seconds =
                                        std::int64_t{site.config.session_absolute_hours} * 3600};
  site.sessions = std::make_unique<SessionStore>(*site.store, *site.session_cache, limits, site.config.settings);
  site.settings = std::make_unique<SettingsStore>(*site.store, *site.sessions, site.config.settings);
}

void leave_site(Site& site) {
  site.settings.reset();
  site.sessions.reset();
  site.store.reset();
  site.lane.reset();
}

Site::Site() = default;
Site::~Site() = default;

}  // namespace alphamail
