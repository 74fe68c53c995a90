// SPDX-License-Identifier: GPL-3.0-or-later
// From text to keys and values, and what must hold between several keys. Mistakes are kept with
// their lines until the end, so that an admin sees all of them at once.
#include "common/config.h"

#include <algorithm>
#include <map>
#include <optional>

#include "common/config_files.h"
#include "common/config_keys.h"
#include "common/utf8.h"

namespace alphamail {
namespace {

/// How many single-character changes lead from a to b; both are short.
std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string unknown_key(std::string_view name) {
  std::string reason = "unknown key " + quoted(name);
  const ConfigKey* nearest = nullptr;
  std::size_t distance = 4;
  for (const ConfigKey& key : config_keys()) {
    if (name.size() > 64) break;
    const std::size_t edits = edits_between(name, key.name);
    if (edits < distance) {
      distance = edits;
      nearest = &key;
    }
  }
  return nearest == nullptr ? reason : reason + "; did you mean '" + nearest->name + "'?";
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), report_(name) {
    config_.path = name;
  }

  ParsedConfig parse() {
    set_fallbacks();
    read_lines();
    check_servers();
    check_sessions();
    return {std::move(config_), std::move(lines_), std::move(report_)};
  }

 private:
  /// A key with its value, continuation lines joined.
  struct Entry {
    int line = 0;
    std::string key;
    std::string value;
  };

  void set_fallbacks() {
    std::vector<std::string> none;
    for (const ConfigKey& key : config_keys()) key.set(config_, key.fallback, none);
  }

  void read_lines() {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    std::optional<Entry> entry;
    for (int number = 1; !text_.empty(); ++number) {
      const std::size_t end = std::min(text_.find('\n'), text_.size());
      std::string_view line = text_.substr(0, end);
      text_.remove_prefix(std::min(end + 1, text_.size()));
      if (line.ends_with('\r')) line.remove_suffix(1);
      read_line(number, line, entry);
    }
    finish(entry);
  }

  void read_line(int number, std::string_view line, std::optional<Entry>& entry) {
    const std::string_view content = trimmed(line);
    if (content.empty() || content[0] == '#') return;
    if (!is_plain_text(content)) {
      report_.add(number, "holds control characters or is not UTF-8");
      return;
    }
    if (line[0] == ' ' || line[0] == '\t') {
      if (!entry) {
        if (!skipping_) report_.add(number, "begins with white space, but there is no line to continue");
        return;
      }
      if (!entry->value.empty()) entry->value.push_back(' ');
      entry->value += content;
      return;
    }
    finish(entry);
    const std::size_t colon = line.find(':');
    skipping_ = colon == std::string_view::npos;
    if (skipping_) {
      report_.add(number, quoted(content) + " has no ':' (a line is \"key: value\")");
      return;
    }
    entry = Entry{number, std::string(trimmed(line.substr(0, colon))),
                  std::string(trimmed(line.substr(colon + 1)))};
  }

  static bool is_plain_text(std::string_view text) {
    return is_utf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
             return (c >= 0 && c < ' ' && c != '\t') || c == 0x7F;
           });
  }

  void finish(std::optional<Entry>& entry) {
    if (!entry) return;
    const ConfigKey* key = find_config_key(entry->key);
    if (key == nullptr) {
      report_.add(entry->line, unknown_key(entry->key));
    } else if (const auto [first, fresh] = lines_.emplace(entry->key, entry->line); !fresh) {
      report_.add(entry->line,
                  "'" + entry->key + "' was set already in line " + std::to_string(first->second));
    } else {
      std::vector<std::string> reasons;
      key->set(config_, entry->value, reasons);
      for (const std::string& reason : reasons) report_.add(entry->line, entry->key + ": " + reason);
    }
    entry.reset();
  }

  int line_of(const std::string& key) const {
    const auto found = lines_.find(key);
    return found == lines_.end() ? 0 : found->second;
  }
  void add_for(const std::string& key, const std::string& reason) {
    report_.add(line_of(key), key + ": " + reason);
  }

  void check_servers() {
    if (line_of("imap_servers") == 0) {
      report_.add(0, "imap_servers is missing: without it nobody can log in");
    }
    allow_plain("imap_plain_allowed", config_.imap_plain_allowed, config_.imap_servers);
    allow_plain("smtp_plain_allowed", config_.smtp_plain_allowed, config_.smtp_servers);
    check_plain("imap_servers", config_.imap_servers);
    check_plain("smtp_servers", config_.smtp_servers);
    if (config_.imap_servers.empty()) return;  // said already
    for (const MailServer& server : config_.smtp_servers) {
      if (config_.imap_server(server.domain) == nullptr) {
        add_for("smtp_servers", "imap_servers knows no domain " + quoted(server.domain));
      }
    }
  }

  void allow_plain(const char* key, const std::vector<std::string>& domains,
                   std::vector<MailServer>& servers) {
    for (const std::string& domain : domains) {
      const auto server = std::find_if(servers.begin(), servers.end(),
                                       [&](const MailServer& s) { return s.domain == domain; });
      if (server == servers.end()) {
        add_for(key, quoted(domain) + " has no server to log in to");
      } else {
        server->plain_allowed = true;
      }
    }
  }

  void check_plain(const std::string& key, const std::vector<MailServer>& servers) {
    for (const MailServer& server : servers) {
      if (server.security != Security::kPlain || server.plain_allowed) continue;
      add_for(key, "plain:// would send the passwords of " + quoted(server.domain) +
                       " over the network in clear; if that is meant, name the domain in " +
                       key.substr(0, 4) + "_plain_allowed");
    }
  }

  void check_sessions() {
    if (config_.session_idle_minutes > config_.session_absolute_hours * 60) {
      add_for("session_idle_minutes", "is longer than session_absolute_hours");
    }
    if (config_.shared_computer_minutes > config_.session_idle_minutes) {
      add_for("shared_computer_minutes", "is longer than session_idle_minutes");
    }
  }

  std::string_view text_;
  Config config_;
  std::map<std::string, int> lines_;
  ConfigReport report_;
  bool skipping_ = false;  // the line before had a mistake: its continuations are none of their own
};

}  // namespace

void ConfigReport::add(int line, std::string reason) {
  mistakes_.emplace_back(line, std::move(reason));
}

Error ConfigReport::error() const {
  auto sorted = mistakes_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string detail;
  for (const auto& [line, reason] : sorted) {
    if (!detail.empty()) detail.push_back('\n');
    detail += file_;
    if (line > 0) detail += ":" + std::to_string(line);
    detail += ": " + reason;
  }
  return {Code::kInvalid, detail};
}

ParsedConfig parse_with_lines(std::string_view text, const std::string& name) {
  return Parser(text, name).parse();
}

Result<Config> parse_config(std::string_view text, const std::string& name) {
  ParsedConfig parsed = parse_with_lines(text, name);
  if (!parsed.report.empty()) return parsed.report.error();
  return std::move(parsed.config);
}

}  // namespace alphamail
