// SPDX-License-Identifier: GPL-3.0-or-later
// Makes a Site out of a virtual host's directives, in three steps as httpd starts.
#ifndef MOD_ALPHAMAIL_SITE_LOADER_H
#define MOD_ALPHAMAIL_SITE_LOADER_H

#include <memory>

#include "common/result.h"
#include "mod_alphamail/directives.h"
#include "mod_alphamail/site.h"

namespace alphamail {

/// check_config: reads configuration, words, templates, assets. Touches nothing, so that
/// `apachectl configtest` finds the same mistakes. Error::detail is a line a mistake.
Result<std::unique_ptr<Site>> read_site(const Directives& directives);

/// post_config, still as root where httpd was started so: the log, the secret, the shared cache.
Result<void> open_site(Site& site, const Directives& directives, server_rec* server, apr_pool_t* pool);

/// child_init: the parts that threads use. Never fails as a whole: what is missing later says so by
/// itself, on the page that needs it.
void join_site(Site& site, const Directives& directives, server_rec* server, apr_pool_t* pool);
/// When the child ends, before httpd takes its pools apart.
void leave_site(Site& site);

}  // namespace alphamail

#endif
