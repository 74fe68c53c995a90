// SPDX-License-Identifier: GPL-3.0-or-later
// alphamail_config, the file that module, daemon and tools read through this one parser.
//
// Lines are "key: value"; a line whose first character but white space is '#' is a comment; a line
// that begins with white space continues the one before. Every key is known: an unknown, doubled or
// malformed one is an error that names file, line and reason. The table of keys: config_keys.h.
#ifndef COMMON_CONFIG_H
#define COMMON_CONFIG_H

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/deadline.h"
#include "common/result.h"
#include "common/settings.h"

namespace alphamail {

/// kStartTls: TLS before log-in, or none where the server offers none and plain_allowed says so.
/// kPlain: never TLS (written plain://; only where plain_allowed).
enum class Security : std::uint8_t { kTls, kStartTls, kPlain };

/// One entry of imap_servers or smtp_servers: domain=[scheme://]host:port[PREFIX SEPARATOR].
struct MailServer {
  std::string domain;     ///< lower case
  std::string host;       ///< name or address without brackets
  std::uint16_t port = 0;
  Security security = Security::kTls;  ///< by the scheme, else 993 and 465: kTls, others: kStartTls
  bool plain_allowed = false;  ///< may log in without TLS where the server offers none: loopback, or *_plain_allowed
  std::string prefix;     ///< "INBOX." or "": hidden in the names shown; modified UTF-7
  char separator = '/';
};

/// Which addresses users may write from.
enum class IdentityRule : std::uint8_t { kOwn, kList, kAny };

struct Config {
  std::string path;                     ///< where it was read from

  // the mail servers
  std::vector<MailServer> imap_servers; ///< in the order written; the first is the default domain
  std::vector<MailServer> smtp_servers;
  std::vector<std::string> imap_plain_allowed;  ///< domains, lower case
  std::vector<std::string> smtp_plain_allowed;
  std::vector<std::string> authserv_ids;        ///< whose Authentication-Results count, lower case
  std::string tls_ca_file;              ///< "" = the system's certificates
  std::vector<std::string> smtp_trusted_relay;  ///< domains whose server takes mail without a log-in
  Millis smtp_timeout{60000};           ///< one step of SMTP; ten times that once all is sent
  Millis connect_timeout{5000};
  Millis command_timeout{10000};
  std::size_t connections_per_server = 500;
  Millis connection_idle{900 * 1000};   ///< nobody asked anything for so long: closed
  Millis idle_renew{1680 * 1000};       ///< IDLE is begun anew, before servers give up on it

  // the site, as people see it
  std::string site_name = "AlphaMail";
  std::string site_logo;                ///< path of an SVG or PNG file; "" = the mark
  std::string site_notice;              ///< one paragraph of text on the log-in page
  std::string site_color;               ///< "#12615a"; "" = the sheet's own
  std::string help_url;
  std::string default_language = "en";
  std::string default_time_zone = "";   ///< IANA name; "" = the machine's

  // what users choose
  SettingRules settings;                ///< setting_defaults and setting_locks

  // daemon; these five and log_file are absolute paths, by default below configure's folders
  std::string webcache_socket;
  std::string cache_dir;
  std::string spool_dir;
  std::string secret_file;              ///< 32 random bytes, made at first start, mode 0600
  std::string log_file;                 ///< "" = standard error
  std::string webcache_user;            ///< "" = whoever starts it
  std::string web_user;                 ///< whose children may open a lane; "" = webcache_user
  std::size_t workers = 64;
  Millis hang_timeout{30 * 1000};       ///< of a thread beyond its deadline
  std::size_t memory_limit_mb = 4096;
  std::size_t cache_limit_mb = 10240;

  // sessions and log-in
  std::uint32_t session_idle_minutes = 30;
  std::uint32_t session_absolute_hours = 12;
  std::uint32_t shared_computer_minutes = 10;
  std::uint32_t login_failures_account = 5;    ///< in login_window_minutes, before delays begin
  std::uint32_t login_failures_network = 20;
  std::uint32_t login_window_minutes = 10;
  std::uint32_t login_delay_max_seconds = 60;
  bool insecure_loopback_cookies = false;      ///< plain http on loopback, for the demo and tests

  // writing
  IdentityRule identities = IdentityRule::kOwn;
  std::string identity_file;                   ///< of kList: lines "user@domain: address, address"
  std::vector<std::string> campus_domains;     ///< lower case; who writes to another one is asked first
  std::uint32_t ask_recipients = 20;           ///< 'Reply all' to more is asked about

  // junk: "" = nothing, "mail:ADDRESS" or "command:/PATH ARGUMENT..."
  std::string junk_report, ham_report;

  // limits
  std::size_t upload_limit_mb = 25;
  std::size_t spool_limit_mb = 200;            ///< all that one user is writing or has not sent yet
  std::uint32_t spool_keep_days = 30;
  std::uint32_t sends_per_hour = 100;
  std::uint32_t recipients_per_hour = 500;
  std::uint32_t requests_at_once = 0;          ///< that compute, of all web children; 0 = 24 a processor
  std::uint32_t requests_per_user = 8;         ///< of one user, computing or waiting

  /// The server of a mail domain (compared without case), or null.
  const MailServer* imap_server(std::string_view domain) const;
  const MailServer* smtp_server(std::string_view domain) const;
};

/// Reads and checks the file and what it names: refuses, in words, a configuration, secret, folder or
/// log that others could change or read. Error::detail is "file:line: reason", one line a mistake,
/// all of them, in the order of the file.
Result<Config> read_config(const std::string& path);

/// Whom SO_PEERCRED must report at the webcache's socket: webcache_user, else who asks.
uid_t daemon_uid(const Config& config);
/// The same from text, without looking at any file; `name` stands for the file in messages.
Result<Config> parse_config(std::string_view text, const std::string& name);

}  // namespace alphamail

#endif
