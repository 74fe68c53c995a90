// SPDX-License-Identifier: GPL-3.0-or-later
// Each row of the table binds a key to a member of Config and to what its value may be.
#include "common/config_keys.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "common/utf8.h"

namespace alphamail {
namespace {

using Reasons = std::vector<std::string>;
using Check = std::string (*)(std::string_view);  // the reason why not, or ""

bool is_word(std::string_view text, std::string_view more) {
  for (const char c : text) {
    const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (!alnum && more.find(c) == std::string_view::npos) return false;
  }
  return !text.empty();
}

std::string any_text(std::string_view) { return ""; }

std::string some_text(std::string_view value) { return value.empty() ? "must not be empty" : ""; }

std::string absolute_path(std::string_view value) {
  if (value.empty()) return "must not be empty";
  return value[0] == '/' ? "" : quoted(value) + " is not an absolute path";
}

std::string path_or_nothing(std::string_view value) {
  return value.empty() ? "" : absolute_path(value);
}

std::string socket_path(std::string_view value) {
  constexpr std::size_t kLongest = 107;  // sockaddr_un with its NUL
  if (value.size() > kLongest) return "a socket's path has at most 107 bytes";
  return absolute_path(value);
}

std::string picture(std::string_view value) {
  if (value.empty()) return "";
  if (!value.ends_with(".svg") && !value.ends_with(".png")) {
    return quoted(value) + " ends neither in .svg nor in .png";
  }
  return absolute_path(value);
}

std::string color(std::string_view value) {
  if (value.empty()) return "";
  const bool hex = value[0] == '#' && (value.size() == 4 || value.size() == 7) &&
                   value.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
  return hex ? "" : quoted(value) + " is not a colour like #12615a";
}

std::string link(std::string_view value) {
  if (value.empty()) return "";
  const bool known = value.starts_with("https://") || value.starts_with("http://") ||
                     value.starts_with("mailto:");
  if (!known) return quoted(value) + " begins neither with https:// nor with http:// or mailto:";
  for (const char c : value) {
    if (c <= ' ' || c >= 0x7F || std::strchr("\"'<>\\`", c) != nullptr) {
      return quoted(value) + " holds a character that an address has to write as %XX";
    }
  }
  return "";
}

std::string language(std::string_view value) {
  const bool good = value.size() >= 2 && value.size() <= 35 && is_word(value, "-_") &&
                    is_word(value.substr(0, 2), "");
  return good ? "" : quoted(value) + " is not a language like en, de or pt-BR";
}

std::string time_zone(std::string_view value) {
  if (value.empty()) return "";
  const bool good = value.size() <= 64 && is_word(value, "/_+-") && value[0] != '/';
  return good ? "" : quoted(value) + " is not a time zone like Europe/Berlin";
}

std::string user(std::string_view value) {
  if (value.empty()) return "";
  const bool good = value.size() <= 32 && is_word(value, "_.-") && value[0] != '-';
  return good ? "" : quoted(value) + " is not a user's name";
}

std::string report_target(std::string_view value) {
  constexpr std::string_view kMail = "mail:", kCommand = "command:";
  const auto sound = [](std::string_view text) {
    return text.size() <= 1000 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c != 0x7F; });
  };
  if (value.empty()) return "";
  if (value.starts_with(kCommand)) {
    const std::string_view command = value.substr(kCommand.size());
    if (!sound(command)) return quoted(value) + " is longer than 1000 bytes, or holds control characters";
    return absolute_path(command);
  }
  if (!value.starts_with(kMail)) return quoted(value) + " begins neither with mail: nor with command:";
  const std::string_view address = value.substr(kMail.size());
  const std::size_t at = address.rfind('@');
  const bool good = sound(address) && at != std::string_view::npos && at > 0 && at + 1 < address.size() &&
                    address.find_first_of(" <>,;\"()") == std::string_view::npos;
  return good ? "" : quoted(address) + " is not an address";
}

template <auto Member, Check check>
void set_text(Config& config, std::string_view value, Reasons& reasons) {
  if (std::string reason = check(value); !reason.empty()) return reasons.push_back(std::move(reason));
  config.*Member = value;
}

/// Decimal digits and nothing else; false where they are none or too many.
bool parse_number(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

template <auto Member, std::uint32_t low, std::uint32_t high>
void set_number(Config& config, std::string_view value, Reasons& reasons) {
  std::uint64_t number = 0;
  if (!parse_number(value, number) || number < low || number > high) {
    return reasons.push_back(quoted(value) + " is not a number from " + std::to_string(low) + " to " +
                             std::to_string(high));
  }
  config.*Member = static_cast<std::uint32_t>(number);
}

template <auto Member, std::uint32_t low, std::uint32_t high>
void set_duration(Config& config, std::string_view value, Reasons& reasons) {
  std::string_view digits = value;
  std::uint64_t unit = 1, number = 0;
  if (digits.ends_with("ms")) {
    digits.remove_suffix(2);
  } else if (digits.ends_with("s")) {
    digits.remove_suffix(1);
    unit = 1000;
  }
  const bool good = parse_number(trimmed(digits), number) && number <= high && number * unit >= low &&
                    number * unit <= high;
  if (!good) {
    return reasons.push_back(quoted(value) + " is not a time from " + std::to_string(low) +
                             "ms to " + std::to_string(high / 1000) + "s");
  }
  config.*Member = Millis(number * unit);
}

template <auto Member>
void set_switch(Config& config, std::string_view value, Reasons& reasons) {
  if (value != "on" && value != "off") {
    return reasons.push_back(quoted(value) + " is neither on nor off");
  }
  config.*Member = value == "on";
}

void set_identities(Config& config, std::string_view value, Reasons& reasons) {
  constexpr std::string_view kRules[] = {"own", "list", "any"};
  for (std::size_t i = 0; i < std::size(kRules); ++i) {
    if (value == kRules[i]) {
      config.identities = static_cast<IdentityRule>(i);
      return;
    }
  }
  reasons.push_back(quoted(value) + " is none of own, list and any");
}

using C = Config;
constexpr const char* kText = "text";
constexpr const char* kPath = "absolute path";

constexpr ConfigKey kKeys[] = {
    // the mail servers
    {"imap_servers", "list of domain=[scheme://]host:port[PREFIX SEPARATOR]", "",
     "the IMAP server of each mail domain; the first is the default domain", set_imap_servers},
    {"imap_plain_allowed", "list of domains", "",
     "domains whose passwords may cross the network without TLS where the IMAP server offers none",
     set_imap_plain_allowed},
    {"smtp_servers", "list of domain=[scheme://]host:port", "",
     "the submission server of each mail domain", set_smtp_servers},
    {"smtp_plain_allowed", "list of domains", "",
     "domains whose passwords may cross the network without TLS where the SMTP server offers none",
     set_smtp_plain_allowed},
    {"authserv_ids", "list of host names", "",
     "whose Authentication-Results are believed: how the site's own receiving mail servers call themselves",
     set_authserv_ids},
    {"smtp_trusted_relay", "list of domains", "",
     "domains whose SMTP server takes mail from this machine without a log-in",
     set_smtp_trusted_relay},
    {"tls_ca_file", "absolute path, or nothing", "",
     "PEM file of the certificate authorities to trust; nothing means the system's",
     set_text<&C::tls_ca_file, path_or_nothing>},
    {"connect_timeout", "time from 100ms to 120s", "5s",
     "how long a mail server may take to accept a connection and greet",
     set_duration<&C::connect_timeout, 100, 120000>},
    {"command_timeout", "time from 100ms to 600s", "10s",
     "how long a mail server may take for one command",
     set_duration<&C::command_timeout, 100, 600000>},
    {"smtp_timeout", "time from 100ms to 600s", "60s",
     "how long an SMTP server may take for one step; ten times that for its answer to a whole message",
     set_duration<&C::smtp_timeout, 100, 600000>},
    {"connections_per_server", "number from 1 to 100000", "500",
     "connections open to one mail server at a time",
     set_number<&C::connections_per_server, 1, 100000>},
    {"connection_idle", "time from 1s to 86400s", "900s",
     "how long a user may ask nothing before the connection to the mail server is closed",
     set_duration<&C::connection_idle, 1000, 86400000>},
    {"idle_renew", "time from 1s to 1740s", "1680s",
     "how often IDLE is begun anew on a connection where nothing happens",
     set_duration<&C::idle_renew, 1000, 1740000>},

    // the site, as people see it
    {"site_name", kText, "AlphaMail", "the name of the site, on every page",
     set_text<&C::site_name, some_text>},
    {"site_logo", "absolute path of an .svg or .png file, or nothing", "",
     "picture on the log-in page; nothing means AlphaMail's mark", set_text<&C::site_logo, picture>},
    {"site_notice", kText, "", "a paragraph on the log-in page", set_text<&C::site_notice, any_text>},
    {"site_color", "#RRGGBB, or nothing", "", "the accent colour; nothing means the style sheet's",
     set_text<&C::site_color, color>},
    {"help_url", "https:, http: or mailto: address, or nothing", "",
     "where 'Help' leads; nothing means no such link", set_text<&C::help_url, link>},
    {"default_language", "language tag", "en",
     "the language for browsers that ask for none we have", set_text<&C::default_language, language>},
    {"default_time_zone", "IANA time zone, or nothing", "",
     "for users and browsers that say none; nothing means the machine's",
     set_text<&C::default_time_zone, time_zone>},

    // what users choose
    {"setting_defaults", "list of name=value", "",
     "settings that count for whoever has chosen nothing else", set_setting_defaults},
    {"setting_locks", "list of names", "",
     "settings that nobody changes: their default always counts", set_setting_locks},

    // the daemon
    {"webcache_socket", "absolute path of at most 107 bytes", ALPHAMAIL_RUNSTATEDIR "/alphamail/webcache.sock",
     "where the web server meets the webcache", set_text<&C::webcache_socket, socket_path>},
    {"webcache_user", "user name, or nothing", "",
     "whom the webcache becomes when root starts it; nothing means it stays who it is",
     set_text<&C::webcache_user, user>},
    {"web_user", "user name, or nothing", "",
     "the web server's user, who may ask the webcache; nothing means webcache_user",
     set_text<&C::web_user, user>},
    {"cache_dir", kPath, ALPHAMAIL_LOCALSTATEDIR "/cache/alphamail",
     "what may be deleted at any time: indexes and parts", set_text<&C::cache_dir, absolute_path>},
    {"spool_dir", kPath, ALPHAMAIL_LOCALSTATEDIR "/spool/alphamail",
     "what may not be deleted: uploads in progress and unsent mail",
     set_text<&C::spool_dir, absolute_path>},
    {"secret_file", kPath, ALPHAMAIL_LOCALSTATEDIR "/lib/alphamail/secret",
     "the site's own secret, made at first start; nobody else may read it",
     set_text<&C::secret_file, absolute_path>},
    {"log_file", "absolute path, or nothing", "",
     "the webcache's log; nothing means standard error, which systemd keeps",
     set_text<&C::log_file, path_or_nothing>},
    {"workers", "number from 1 to 4096", "64",
     "threads that talk to mail servers, so users served by slow servers at the same time",
     set_number<&C::workers, 1, 4096>},
    {"hang_timeout", "time from 1s to 600s", "30s",
     "how long a thread may be beyond its deadline before it is reported and its connection dropped; "
     "after as long again the webcache is started anew",
     set_duration<&C::hang_timeout, 1000, 600000>},
    {"memory_limit_mb", "number from 1 to 1048576", "4096",
     "megabytes that users' mail and connections take in memory; the least recently used leaves first",
     set_number<&C::memory_limit_mb, 1, 1048576>},
    {"cache_limit_mb", "number from 16 to 104857600", "10240",
     "megabytes of indexes and parts kept on disk; the least recently used leave first",
     set_number<&C::cache_limit_mb, 16, 104857600>},

    // sessions and log-in
    {"session_idle_minutes", "number from 1 to 1440", "30",
     "a session unused this long ends", set_number<&C::session_idle_minutes, 1, 1440>},
    {"session_absolute_hours", "number from 1 to 720", "12",
     "a session ends this long after its log-in", set_number<&C::session_absolute_hours, 1, 720>},
    {"shared_computer_minutes", "number from 1 to 1440", "10",
     "the idle limit for those who log in from a shared computer",
     set_number<&C::shared_computer_minutes, 1, 1440>},
    {"login_failures_account", "number from 1 to 1000", "5",
     "failed log-ins to one account before it has to wait",
     set_number<&C::login_failures_account, 1, 1000>},
    {"login_failures_network", "number from 1 to 100000", "20",
     "failed log-ins from one network (/24, IPv6 /56) before it has to wait",
     set_number<&C::login_failures_network, 1, 100000>},
    {"login_window_minutes", "number from 1 to 1440", "10",
     "how long a failed log-in counts", set_number<&C::login_window_minutes, 1, 1440>},
    {"login_delay_max_seconds", "number from 1 to 3600", "60",
     "the longest wait after failed log-ins", set_number<&C::login_delay_max_seconds, 1, 3600>},
    {"insecure_loopback_cookies", "on or off", "off",
     "lets people log in over plain http from this machine itself; for trying out only",
     set_switch<&C::insecure_loopback_cookies>},

    // writing
    {"identities", "own, list or any", "own",
     "which addresses users may write from: their own, those that identity_file has for them, or any",
     set_identities},
    {"identity_file", "absolute path, or nothing", "",
     "lines 'user@domain: address, address' for 'identities: list'",
     set_text<&C::identity_file, path_or_nothing>},
    {"campus_domains", "list of domains", "",
     "before mail goes to another domain than these, its writer is asked; nothing means never",
     set_campus_domains},
    {"ask_recipients", "number from 1 to 10000", "20",
     "an answer to all of more people than this is asked about", set_number<&C::ask_recipients, 1, 10000>},

    // junk
    {"junk_report", "mail:ADDRESS, command:/PATH ARGUMENTS, or nothing", "",
     "who is told of a message that a user calls junk: an address gets it as an attachment, a command reads it",
     set_text<&C::junk_report, report_target>},
    {"ham_report", "mail:ADDRESS, command:/PATH ARGUMENTS, or nothing", "",
     "the same of one that a user calls not junk", set_text<&C::ham_report, report_target>},

    // limits
    {"upload_limit_mb", "number from 1 to 1024", "25", "megabytes of attachments a message",
     set_number<&C::upload_limit_mb, 1, 1024>},
    {"spool_limit_mb", "number from 1 to 1048576", "200",
     "megabytes that one user may have in the spool: uploads, and mail that is not sent yet",
     set_number<&C::spool_limit_mb, 1, 1048576>},
    {"spool_keep_days", "number from 1 to 3650", "30",
     "how long what was uploaded or typed, and neither sent nor discarded, is kept",
     set_number<&C::spool_keep_days, 1, 3650>},
    {"sends_per_hour", "number from 1 to 1000000", "100", "messages that one user may send an hour",
     set_number<&C::sends_per_hour, 1, 1000000>},
    {"recipients_per_hour", "number from 1 to 1000000", "500",
     "recipients that one user may send to an hour, and that one message may have",
     set_number<&C::recipients_per_hour, 1, 1000000>},
    {"requests_at_once", "number from 0 to 100000", "0",
     "requests that the web server computes at a time, more are told to come again; 0 means 24 a processor",
     set_number<&C::requests_at_once, 0, 100000>},
    {"requests_per_user", "number from 1 to 1000", "8",
     "requests of one user in work at a time, more are told to come again",
     set_number<&C::requests_per_user, 1, 1000>},
};

}  // namespace

std::span<const ConfigKey> config_keys() { return kKeys; }

const ConfigKey* find_config_key(std::string_view name) {
  for (const ConfigKey& key : kKeys) {
    if (name == key.name) return &key;
  }
  return nullptr;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 60;
  std::string out = "'";
  while (!text.empty() && out.size() < kLongest) {
    const Utf8Char c = first_utf8(text);
    const bool shown = c.length > 0 && c.code >= 0x20 && (c.code < 0x7F || c.code > 0x9F);
    out += shown ? text.substr(0, c.length) : "?";
    text.remove_prefix(c.length == 0 ? 1 : c.length);
  }
  return out + (text.empty() ? "'" : "...'");
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

}  // namespace alphamail
