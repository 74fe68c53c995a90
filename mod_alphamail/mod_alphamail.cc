// SPDX-License-Identifier: GPL-3.0-or-later
// mod_alphamail: the module record and its hooks. Each hook is a C callback: noexcept, with its one
// catch in guard(). httpd reads its configuration twice at start and again at every restart, while
// the module stays loaded; so everything hangs on the configuration's pool, nothing on globals.
//
// Along one request: take_note (post_read_request) -> serve (handler, router.cc) -> page_*.cc ->
// send (response_writer.cc).
#include <httpd.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <util_mutex.h>

#include <apr_strings.h>
#include <apr_dbd.h>

#include <sstream>

#include "mod_alphamail/boundary.h"
#include "mod_alphamail/directives.h"
#include "mod_alphamail/error_filter.h"
#include "mod_alphamail/exchange.h"
#include "mod_alphamail/module.h"
#include "mod_alphamail/pool.h"
#include "mod_alphamail/router.h"
#include "mod_alphamail/site_loader.h"

namespace alphamail {
namespace {

void log_lines(server_rec* server, int number, const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ap_log_error(APLOG_MARK, APLOG_EMERG | APLOG_NOERRNO, 0, server, "AM%04d: %s", number, line.c_str());
  }
}

/// Owned by the configuration's pool, as unique_ptr in a holder that pool_new destroys.
struct Held {
  std::unique_ptr<Site> site;
};

/// The Site of an earlier host that says the same, or null.
Site* shared_site(server_rec* first, server_rec* until) {
  const Directives& wanted = host_config(until).directives;
  for (server_rec* s = first; s && s != until; s = s->next) {
    if (host_config(s).site && host_config(s).directives == wanted) return host_config(s).site;
  }
  return nullptr;
}

/// Each Site once, with the first host that uses it.
template <typename Visit>
void for_each_site(server_rec* first, Visit visit) {
  for (server_rec* s = first; s; s = s->next) {
    Site* site = host_config(s).site;
    if (site && !shared_site(first, s)) visit(*site, s);
  }
}

extern "C" {

int on_pre_config(apr_pool_t* pconf, apr_pool_t*, apr_pool_t*) noexcept {
  return ap_mutex_register(pconf, "alphamail-sessions", nullptr, APR_LOCK_DEFAULT, 0) == APR_SUCCESS
             ? OK
             : HTTP_INTERNAL_SERVER_ERROR;
}

int on_check_config(apr_pool_t* pconf, apr_pool_t*, apr_pool_t*, server_rec* first) noexcept {
  return guard(first, [&] {
    for (server_rec* s = first; s; s = s->next) {
      HostConfig& host = host_config(s);
      if (!host.directives.config_file) continue;
      host.site = shared_site(first, s);
      if (host.site) continue;
      auto site = read_site(host.directives);
      if (!site) {
        log_lines(s, 142, site.error().detail);
        return HTTP_INTERNAL_SERVER_ERROR;
      }
      host.site = pool_new<Held>(pconf, std::move(*site)).site.get();
    }
    return OK;
  });
}

int on_post_config(apr_pool_t* pconf, apr_pool_t*, apr_pool_t*, server_rec* first) noexcept {
  return guard(first, [&] {
    int result = OK;
    for_each_site(first, [&](Site& site, server_rec* s) {
      const auto opened = open_site(site, host_config(s).directives, s, pconf);
      if (opened) return;
      log_lines(s, 143, opened.error().detail);
      result = HTTP_INTERNAL_SERVER_ERROR;
    });
    return result;
  });
}

apr_status_t on_child_end(void* data) noexcept {
  auto* first = static_cast<server_rec*>(data);
  guard(first, [&] {
    for_each_site(first, [](Site& site, server_rec*) { leave_site(site); });
    return OK;
  });
  return APR_SUCCESS;
}

void on_child_init(apr_pool_t* pchild, server_rec* first) noexcept {
  guard(first, [&] {
    apr_dbd_init(pchild);
    for_each_site(first, [&](Site& site, server_rec* s) {
      join_site(site, host_config(s).directives, s, pchild);
    });
    apr_pool_cleanup_register(pchild, first, on_child_end, apr_pool_cleanup_null);
    return OK;
  });
}

int on_post_read_request(request_rec* r) noexcept {
  const Site* site = host_config(r->server).site;
  if (!site || r->main || r->prev) return DECLINED;
  const int rc = guard(r, [&] {
    take_note(r, *site);
    return DECLINED;
  });
  return rc;
}

int on_translate_name(request_rec* r) noexcept {
  if (!note_of(r)) return DECLINED;
  r->filename = apr_pstrcat(r->pool, "alphamail:", r->uri, nullptr);  // no file: nobody looks for one
  return OK;
}

int on_map_to_storage(request_rec* r) noexcept { return note_of(r) ? OK : DECLINED; }

/// mod_mime would make types, languages and handlers of what looks like file names.
int on_type_checker(request_rec* r) noexcept { return note_of(r) ? OK : DECLINED; }

int on_handler(request_rec* r) noexcept {
  const Note* note = note_of(r);
  if (!note) return DECLINED;
  return guard(r, [&] {
    serve(r, *note);
    return OK;
  });
}

void on_insert_error_filter(request_rec* r) noexcept {
  guard(r, [&] {
    insert_error_filter(r);
    return OK;
  });
}

void register_hooks(apr_pool_t*) noexcept {
  ap_hook_pre_config(on_pre_config, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_check_config(on_check_config, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_post_config(on_post_config, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_child_init(on_child_init, nullptr, nullptr, APR_HOOK_MIDDLE);
  ap_hook_post_read_request(on_post_read_request, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_translate_name(on_translate_name, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_map_to_storage(on_map_to_storage, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_type_checker(on_type_checker, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_handler(on_handler, nullptr, nullptr, APR_HOOK_FIRST);
  ap_hook_insert_error_filter(on_insert_error_filter, nullptr, nullptr, APR_HOOK_LAST);
  register_error_filter();
}

}  // extern "C"
}  // namespace
}  // namespace alphamail

module alphamail_module = {STANDARD20_MODULE_STUFF,
                           nullptr,
                           nullptr,
                           alphamail::create_host_config,
                           alphamail::merge_host_config,
                           alphamail::kDirectives,
                           alphamail::register_hooks,
                           AP_MODULE_FLAG_NONE};
