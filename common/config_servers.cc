// SPDX-License-Identifier: GPL-3.0-or-later
// The values of imap_servers and smtp_servers:
//
//     example.com=imap.example.com:993[INBOX.], example.net=imap://[2001:db8::1]:1143[/]
//     domain      scheme host          port brackets: an optional prefix, then the separator
//
// Mistakes are collected for the whole list, each with the entry it is in.
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "common/config_keys.h"
#include "common/mailbox_name.h"

namespace alphamail {
namespace {

using Reasons = std::vector<std::string>;

struct Scheme {
  std::string_view name;
  Security security;
};

/// What differs between the two lists.
struct Protocol {
  std::string_view example;
  std::uint16_t tls_port;
  Scheme schemes[3];
  bool has_brackets;
};

constexpr Protocol kImap{"example.com=imap.example.com:993[/]", 993,
                         {{"imaps", Security::kTls}, {"imap", Security::kStartTls}, {"plain", Security::kPlain}},
                         true};
constexpr Protocol kSmtp{"example.com=smtp.example.com:587", 465,
                         {{"smtps", Security::kTls}, {"smtp", Security::kStartTls}, {"plain", Security::kPlain}},
                         false};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

/// Letters, digits, '-' and '_' in labels of 1 to 63 characters, 253 in all (RFC 1123).
bool is_host_name(std::string_view name) {
  if (name.empty() || name.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '.') {
      if (label == 0 || name[i - 1] == '-') return false;
      label = 0;
      continue;
    }
    const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      (c == '-' && label > 0) || c == '_';
    if (!good || ++label > 63) return false;
  }
  return label > 0 && name.back() != '-';
}

bool is_ipv4(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_ipv6(const std::string& text) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

/// 127.0.0.0/8, ::1 however it is written, and localhost.
bool is_loopback(const std::string& host) {
  if (host == "localhost") return true;
  in_addr v4{};
  if (::inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6{};
  return ::inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

bool is_separator(char c) {
  const bool alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  return c > ' ' && c < 0x7F && !alnum && std::string_view("&\"[]*%").find(c) == std::string_view::npos;
}

/// Cuts a list at the commas that stand outside of brackets.
std::vector<std::string_view> split_list(std::string_view value) {
  std::vector<std::string_view> entries;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i <= value.size(); ++i) {
    if (i == value.size() || (value[i] == ',' && !inside)) {
      entries.push_back(trimmed(value.substr(begin, i - begin)));
      begin = i + 1;
    } else if (value[i] == '[' || value[i] == ']') {
      inside = value[i] == '[';
    }
  }
  return entries;
}

/// Reads one entry from left to right; the first mistake in it ends it.
class EntryParser {
 public:
  EntryParser(const Protocol& protocol, std::string_view entry) : protocol_(protocol), rest_(entry) {}

  std::optional<MailServer> parse() {
    if (domain() && scheme() && host() && port() && brackets()) return std::move(server_);
    return std::nullopt;
  }
  const std::string& reason() const { return reason_; }

 private:
  bool fail(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  bool domain() {
    const std::size_t equals = rest_.find('=');
    if (equals == std::string_view::npos) {
      return fail("has no '=' (an entry is like " + std::string(protocol_.example) + ")");
    }
    const std::string_view name = trimmed(rest_.substr(0, equals));
    if (!is_host_name(name)) {
      const bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return c > 0; });
      return fail(quoted(name) + " is not a mail domain" +
                  (ascii ? "" : " (write international names in their xn-- form)"));
    }
    server_.domain = lower(name);
    rest_ = trimmed(rest_.substr(equals + 1));
    return true;
  }

  bool scheme() {
    const std::size_t mark = rest_.find("://");
    if (mark == std::string_view::npos) return true;
    const std::string_view name = rest_.substr(0, mark);
    for (const Scheme& known : protocol_.schemes) {
      if (name == known.name) {
        scheme_ = known.security;
        rest_.remove_prefix(mark + 3);
        return true;
      }
    }
    return fail(quoted(name) + " is not a scheme; known are " + std::string(protocol_.schemes[0].name) +
                "://, " + std::string(protocol_.schemes[1].name) + ":// and plain://");
  }

  bool host() {
    if (rest_.starts_with('[')) {
      const std::size_t end = rest_.find(']');
      if (end == std::string_view::npos) return fail("has a '[' without its ']'");
      server_.host = rest_.substr(1, end - 1);
      if (!is_ipv6(server_.host)) return fail(quoted(server_.host) + " is not an IPv6 address");
      rest_.remove_prefix(end + 1);
      return true;
    }
    const std::string_view name = rest_.substr(0, rest_.find_first_of(":["));
    if (rest_.substr(name.size()).starts_with("::")) {
      return fail("has an IPv6 address without brackets (write [::1]:993)");
    }
    server_.host = lower(name);
    const bool numeric = !name.empty() && name.find_first_not_of("0123456789.") == std::string_view::npos;
    if (numeric ? !is_ipv4(server_.host) : !is_host_name(name)) {
      return fail(quoted(name) + " is not a host name or address");
    }
    rest_.remove_prefix(name.size());
    return true;
  }

  bool port() {
    if (!rest_.starts_with(':')) return fail("has no port after " + quoted(server_.host));
    rest_.remove_prefix(1);
    const std::string_view digits = rest_.substr(0, rest_.find('['));
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, server_.port);
    if (error != std::errc() || stop != end || server_.port == 0) {
      return fail(quoted(digits) + " is not a port from 1 to 65535");
    }
    rest_.remove_prefix(digits.size());
    const bool tls = server_.port == protocol_.tls_port;
    server_.security = scheme_.value_or(tls ? Security::kTls : Security::kStartTls);
    return true;
  }

  bool brackets() {
    if (!protocol_.has_brackets) {
      return rest_.empty() || fail(quoted(rest_) + " follows the port; only imap_servers have brackets");
    }
    if (rest_.empty()) return fail("has no brackets with the folder separator behind the port, like [/]");
    if (rest_.find(']') == std::string_view::npos) return fail("has a '[' without its ']'");
    if (!rest_.ends_with(']')) return fail("has text behind ']'");
    const std::string_view inside = rest_.substr(1, rest_.size() - 2);
    if (inside.empty()) return fail("has no separator in its brackets, like [/] or [INBOX.]");
    server_.separator = inside.back();
    if (!is_separator(server_.separator)) {
      return fail("ends its brackets with " + quoted(inside.substr(inside.size() - 1)) +
                  ", which cannot be a separator; usual ones are / and .");
    }
    if (inside.size() == 1) return true;
    auto prefix = to_modified_utf7(inside);
    if (!prefix) return fail("has a prefix that is not UTF-8");
    server_.prefix = *std::move(prefix);
    return true;
  }

  const Protocol& protocol_;
  std::string_view rest_;
  MailServer server_;
  std::optional<Security> scheme_;
  std::string reason_;
};

void set_servers(const Protocol& protocol, std::string_view value, std::vector<MailServer>& servers,
                 Reasons& reasons) {
  servers.clear();
  if (value.empty()) return;
  for (const std::string_view entry : split_list(value)) {
    if (entry.empty()) {
      reasons.push_back("an entry is empty: a comma too many");
      continue;
    }
    EntryParser parser(protocol, entry);
    auto server = parser.parse();
    if (!server) {
      reasons.push_back("entry " + quoted(entry) + ": " + parser.reason());
      continue;
    }
    const auto same = [&](const MailServer& other) { return other.domain == server->domain; };
    if (std::any_of(servers.begin(), servers.end(), same)) {
      reasons.push_back("entry " + quoted(entry) + ": the domain has a server already");
      continue;
    }
    server->plain_allowed = is_loopback(server->host);
    servers.push_back(*std::move(server));
  }
}

void set_domains(std::string_view value, std::vector<std::string>& domains, Reasons& reasons) {
  domains.clear();
  if (value.empty()) return;
  for (const std::string_view entry : split_list(value)) {
    if (is_host_name(entry)) {
      domains.push_back(lower(entry));
    } else {
      reasons.push_back(quoted(entry) + " is not a mail domain");
    }
  }
}

const MailServer* find_server(const std::vector<MailServer>& servers, std::string_view domain) {
  const std::string wanted = lower(domain);
  const auto found = std::find_if(servers.begin(), servers.end(),
                                  [&](const MailServer& server) { return server.domain == wanted; });
  return found == servers.end() ? nullptr : &*found;
}

}  // namespace

void set_imap_servers(Config& config, std::string_view value, Reasons& reasons) {
  if (value.empty()) reasons.push_back("names no server");
  set_servers(kImap, value, config.imap_servers, reasons);
}
void set_smtp_servers(Config& config, std::string_view value, Reasons& reasons) {
  set_servers(kSmtp, value, config.smtp_servers, reasons);
}
void set_imap_plain_allowed(Config& config, std::string_view value, Reasons& reasons) {
  set_domains(value, config.imap_plain_allowed, reasons);
}
void set_smtp_plain_allowed(Config& config, std::string_view value, Reasons& reasons) {
  set_domains(value, config.smtp_plain_allowed, reasons);
}
void set_authserv_ids(Config& config, std::string_view value, Reasons& reasons) {
  set_domains(value, config.authserv_ids, reasons);
}
void set_campus_domains(Config& config, std::string_view value, Reasons& reasons) {
  set_domains(value, config.campus_domains, reasons);
}

void set_smtp_trusted_relay(Config& config, std::string_view value, Reasons& reasons) {
  set_domains(value, config.smtp_trusted_relay, reasons);
}

const MailServer* Config::imap_server(std::string_view domain) const {
  return find_server(imap_servers, domain);
}
const MailServer* Config::smtp_server(std::string_view domain) const {
  return find_server(smtp_servers, domain);
}

}  // namespace alphamail
