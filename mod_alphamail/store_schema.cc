// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/store_schema.h"

namespace alphamail {
namespace {

constexpr const char* kVersion1[] = {
    // A logged-in browser. row_name is a hash of what the cookie carries, sealed the password under a
    // key that only the cookie carries: who reads this table can open nothing with it.
    "CREATE TABLE alphamail_session ("
    "row_name VARCHAR(64) PRIMARY KEY,"
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "sealed TEXT NOT NULL,"            // base64url
    "started BIGINT NOT NULL,"         // seconds since 1970
    "last_used BIGINT NOT NULL,"       // the same, at most about a minute behind
    "idle_seconds BIGINT NOT NULL,"
    "browser VARCHAR(32) NOT NULL)",
    "CREATE INDEX alphamail_session_user ON alphamail_session (user_name, domain)",
    "CREATE INDEX alphamail_session_used ON alphamail_session (last_used)",
    // What a user has chosen; a row that is absent means the site's default.
    "CREATE TABLE alphamail_setting ("
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "name VARCHAR(64) NOT NULL,"
    "value VARCHAR(1024) NOT NULL,"
    "PRIMARY KEY (user_name, domain, name))",
};

constexpr const char* kVersion2[] = {
    // The key of the webcache's files, sealed as the password is; base64url.
    "ALTER TABLE alphamail_session ADD COLUMN account_key TEXT NOT NULL DEFAULT ''",
};

constexpr const char* kVersion3[] = {
    // Under which addresses a user writes (identities.h).
    "CREATE TABLE alphamail_identity ("
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "id VARCHAR(32) NOT NULL,"
    "position BIGINT NOT NULL,"
    "name VARCHAR(1024) NOT NULL,"
    "address VARCHAR(1024) NOT NULL,"
    "reply_to TEXT NOT NULL,"
    "bcc_self BIGINT NOT NULL,"
    "signatures TEXT NOT NULL,"
    "PRIMARY KEY (user_name, domain, id))",
    // The address book (contacts.h). search holds names and addresses in lower case.
    "CREATE TABLE alphamail_contact ("
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "id VARCHAR(32) NOT NULL,"
    "name VARCHAR(1024) NOT NULL,"
    "addresses TEXT NOT NULL,"         // a line each
    "organisation VARCHAR(1024) NOT NULL,"
    "phone VARCHAR(1024) NOT NULL,"
    "note TEXT NOT NULL,"
    "search TEXT NOT NULL,"
    "collected BIGINT NOT NULL,"       // 1: from what was sent, by nobody's hand
    "used BIGINT NOT NULL,"            // last written to, seconds since 1970
    "PRIMARY KEY (user_name, domain, id))",
};

constexpr const char* kVersion4[] = {
    // Senders whose pictures from elsewhere a user always wants to see; addresses in small letters.
    "CREATE TABLE alphamail_picture_sender ("
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "address VARCHAR(320) NOT NULL,"
    "PRIMARY KEY (user_name, domain, address))",
};

constexpr const char* kVersion5[] = {
    // A user's labels (labels.h). The row without a keyword says that they have chosen, be it none.
    "CREATE TABLE alphamail_label ("
    "user_name VARCHAR(1024) NOT NULL,"
    "domain VARCHAR(255) NOT NULL,"
    "keyword VARCHAR(64) NOT NULL,"
    "place BIGINT NOT NULL,"
    "colour VARCHAR(16) NOT NULL,"
    "name VARCHAR(255) NOT NULL,"
    "PRIMARY KEY (user_name, domain, keyword))",
};

constexpr Migration kMigrations[] = {Migration(kVersion1), Migration(kVersion2), Migration(kVersion3), Migration(kVersion4),
                                     Migration(kVersion5)};

}  // namespace

std::span<const Migration> migrations() { return kMigrations; }

const char* text_of(Sql statement) {
  switch (statement) {
    case Sql::kSessionInsert:
      return "INSERT INTO alphamail_session (row_name, user_name, domain, sealed, started, last_used,"
             " idle_seconds, browser, account_key)"
             " VALUES (%s, %s, %s, %s, %lld, %lld, %lld, %s, %s)"
             " ON CONFLICT (row_name) DO NOTHING";
    case Sql::kSessionSelect:
      return "SELECT s.user_name, s.domain, s.sealed, s.started, s.last_used, s.idle_seconds,"
             " s.browser, s.account_key, t.name, t.value FROM alphamail_session s LEFT JOIN"
             " (SELECT user_name, domain, name, value FROM alphamail_setting UNION ALL"
             " SELECT user_name, domain, 'identity.address', address FROM alphamail_identity) t"
             " ON t.user_name = s.user_name AND t.domain = s.domain WHERE s.row_name = %s";
    case Sql::kSessionTouch:
      return "UPDATE alphamail_session SET last_used = %lld WHERE row_name = %s AND last_used < %lld";
    case Sql::kSessionDelete:
      return "DELETE FROM alphamail_session WHERE row_name = %s";
    case Sql::kSessionExpire:
      // SQLite is handed text. Beside a bare column it compares as a number, beside a sum as text,
      // and then every number is less.
      return "DELETE FROM alphamail_session WHERE last_used < %lld - idle_seconds OR started < %lld";
    case Sql::kSessionsOfUser:
      return "SELECT row_name FROM alphamail_session WHERE user_name = %s AND domain = %s";
    case Sql::kSettingsSelect:
      return "SELECT name, value FROM alphamail_setting WHERE user_name = %s AND domain = %s";
    case Sql::kSettingPut:
      return "INSERT INTO alphamail_setting (user_name, domain, name, value)"
             " VALUES (%s, %s, %s, %s) ON CONFLICT (user_name, domain, name)"
             " DO UPDATE SET value = excluded.value";
    case Sql::kSettingDelete:
      return "DELETE FROM alphamail_setting WHERE user_name = %s AND domain = %s AND name = %s";
    case Sql::kIdentitiesSelect:
      return "SELECT id, name, address, reply_to, bcc_self, signatures FROM alphamail_identity"
             " WHERE user_name = %s AND domain = %s ORDER BY position, id";
    case Sql::kIdentityPut:
      return "INSERT INTO alphamail_identity (user_name, domain, id, position, name, address, reply_to,"
             " bcc_self, signatures) VALUES (%s, %s, %s, %lld, %s, %s, %s, %lld, %s)"
             " ON CONFLICT (user_name, domain, id) DO UPDATE SET position = excluded.position,"
             " name = excluded.name, address = excluded.address, reply_to = excluded.reply_to,"
             " bcc_self = excluded.bcc_self, signatures = excluded.signatures";
    case Sql::kIdentityDelete:
      return "DELETE FROM alphamail_identity WHERE user_name = %s AND domain = %s AND id = %s";
    case Sql::kContactsSelect:
      return "SELECT id, name, addresses, organisation, phone, note, collected FROM alphamail_contact"
             " WHERE user_name = %s AND domain = %s AND search LIKE %s"
             " ORDER BY collected, search, id LIMIT %lld OFFSET %lld";
    case Sql::kContactsFind:
      return "SELECT id, name, addresses, organisation, phone, note, collected FROM alphamail_contact"
             " WHERE user_name = %s AND domain = %s AND search LIKE %s"
             " ORDER BY used DESC, search, id LIMIT %lld";
    case Sql::kContactSelect:
      return "SELECT id, name, addresses, organisation, phone, note, collected FROM alphamail_contact"
             " WHERE user_name = %s AND domain = %s AND id = %s";
    case Sql::kContactsCount:
      return "SELECT COUNT(*) FROM alphamail_contact WHERE user_name = %s AND domain = %s";
    case Sql::kContactPut:
      return "INSERT INTO alphamail_contact (user_name, domain, id, name, addresses, organisation, phone,"
             " note, search, collected, used) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %lld, %lld)"
             " ON CONFLICT (user_name, domain, id) DO UPDATE SET name = excluded.name,"
             " addresses = excluded.addresses, organisation = excluded.organisation,"
             " phone = excluded.phone, note = excluded.note, search = excluded.search,"
             " collected = excluded.collected";
    case Sql::kContactUsed:
      return "UPDATE alphamail_contact SET used = %lld WHERE user_name = %s AND domain = %s AND id = %s";
    case Sql::kContactDelete:
      return "DELETE FROM alphamail_contact WHERE user_name = %s AND domain = %s AND id = %s";
    case Sql::kLabelsSelect:
      return "SELECT keyword, colour, name FROM alphamail_label WHERE user_name = %s AND domain = %s"
             " ORDER BY place, keyword";
    case Sql::kLabelPut:
      return "INSERT INTO alphamail_label (user_name, domain, keyword, place, colour, name)"
             " VALUES (%s, %s, %s, %lld, %s, %s) ON CONFLICT (user_name, domain, keyword)"
             " DO UPDATE SET colour = excluded.colour, name = excluded.name";
    case Sql::kLabelDelete:
      return "DELETE FROM alphamail_label WHERE user_name = %s AND domain = %s AND keyword = %s";
    case Sql::kPictureSenderSelect:
      return "SELECT address FROM alphamail_picture_sender WHERE user_name = %s AND domain = %s AND address = %s";
    case Sql::kPictureSenderPut:
      return "INSERT INTO alphamail_picture_sender (user_name, domain, address) VALUES (%s, %s, %s)"
             " ON CONFLICT (user_name, domain, address) DO NOTHING";
    case Sql::kPictureSenderDelete:
      return "DELETE FROM alphamail_picture_sender WHERE user_name = %s AND domain = %s AND address = %s";
  }
  return "";
}

}  // namespace alphamail
