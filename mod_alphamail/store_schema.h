// SPDX-License-Identifier: GPL-3.0-or-later
// The tables and every statement on them.
#ifndef MOD_ALPHAMAIL_STORE_SCHEMA_H
#define MOD_ALPHAMAIL_STORE_SCHEMA_H

#include <span>

#include "mod_alphamail/store.h"

namespace alphamail {

/// What leads from version n to n+1, a statement each, in the common subset of SQLite and PostgreSQL.
/// Only ever appended to. Tables gain columns with defaults and lose none, so that a module of the
/// version before can go on beside a new one.
using Migration = std::span<const char* const>;
std::span<const Migration> migrations();

/// In apr_dbd's format: %s text, %lld a number.
const char* text_of(Sql statement);

}  // namespace alphamail

#endif
