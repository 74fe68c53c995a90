// SPDX-License-Identifier: GPL-3.0-or-later
// All that one virtual host serves with: its directives, its configuration file, its templates and
// words, its lane, store and session cache. Made when httpd reads its configuration, unchanged after
// child_init, used by all threads at once.
#ifndef MOD_ALPHAMAIL_SITE_H
#define MOD_ALPHAMAIL_SITE_H

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "common/config.h"
#include "common/lane_client.h"

namespace alphamail {

class Admission;   // admission.h: how many requests are in work
class Assets;      // assets.h: hashed names of style sheet, sprite, mark
class Templates;   // templates.h: parsed templates, a set a language
class Words;       // words.h: translations
class SessionStore;  // session_store.h: rows and their cache
class SettingsStore; // settings_store.h
class SessionCache;  // session_cache.h
class Store;         // store.h: the database
class KnownBrowser;  // known_browser.h
class LoginForm;     // login_form.h
class UiLog;         // ui_log.h

struct Site {
  std::string mount = "/alphamail";   ///< no slash at the end
  std::string domain;                 ///< AlphaMailDomain: the host name that cookies belong to; "" = any
  std::string template_dir;
  Config config;
  Millis deadline{10000};             ///< AlphaMailDeadline: for a whole request
  std::size_t max_body = 1 << 20;     ///< AlphaMailMaxBody
  bool require_tls = true;            ///< AlphaMailRequireTls; off: TLS ends at a proxy in front

  std::unique_ptr<Assets> assets;
  std::unique_ptr<Words> words;
  std::unique_ptr<Templates> templates;
  std::unique_ptr<UiLog> log;
  std::unique_ptr<LoginForm> login_form;
  std::unique_ptr<KnownBrowser> known_browser;
  std::unique_ptr<SessionCache> session_cache;
  std::unique_ptr<Admission> admission;
  std::unique_ptr<LaneClient> lane;          // from child_init on
  std::unique_ptr<Store> store;              // from child_init on
  std::unique_ptr<SessionStore> sessions;    // from child_init on
  std::unique_ptr<SettingsStore> settings;   // from child_init on

  Site();
  ~Site();
};

}  // namespace alphamail

#endif
