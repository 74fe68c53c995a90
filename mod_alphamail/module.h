// SPDX-License-Identifier: GPL-3.0-or-later
// The module record, the only symbol that httpd's loader needs from us.
#ifndef MOD_ALPHAMAIL_MODULE_H
#define MOD_ALPHAMAIL_MODULE_H

#include <httpd.h>
#include <http_config.h>
#include <http_log.h>

// AP_MODULE_DECLARE_DATA is empty under GCC, so hidden visibility would hide the record.
extern "C" __attribute__((visibility("default"))) module alphamail_module;

APLOG_USE_MODULE(alphamail);  // at global scope: inside a namespace it would declare another one

#endif
