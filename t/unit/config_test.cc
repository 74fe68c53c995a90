// SPDX-License-Identifier: GPL-3.0-or-later
// What alphamail_config may say, and that each mistake is told with its line and reason.
#include "common/config.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <string>

#include "common/config_keys.h"
#include "common/setting_table.h"

namespace alphamail {
namespace {

const std::string kServers = "imap_servers: example.com=imap.example.com:993[INBOX.]\n";

Config good(const std::string& text) {
  const auto config = parse_config(text, "conf");
  if (!config) {
    ADD_FAILURE() << config.error().detail;
    return {};
  }
  return *config;
}

/// All mistakes of a text.
std::string bad(const std::string& text) {
  const auto config = parse_config(text, "conf");
  return config ? "(no mistake)" : config.error().detail;
}

/// The one mistake in a line that follows a good imap_servers line.
std::string mistake(const std::string& line) { return bad(kServers + line + "\n"); }
std::string server_mistake(const std::string& value) { return bad("imap_servers: " + value); }

TEST(Config, TheIssuesExample) {
  const Config config =
      good("imap_servers: example.com=imap.example.com:993[INBOX.], example.net=imap.example.net:143[/]\n");
  ASSERT_EQ(config.imap_servers.size(), 2U);
  const MailServer& com = config.imap_servers[0];
  EXPECT_EQ(com.domain, "example.com");
  EXPECT_EQ(com.host, "imap.example.com");
  EXPECT_EQ(com.port, 993);
  EXPECT_EQ(com.security, Security::kTls);
  EXPECT_FALSE(com.plain_allowed);
  EXPECT_EQ(com.prefix, "INBOX.");
  EXPECT_EQ(com.separator, '.');
  const MailServer& net = config.imap_servers[1];
  EXPECT_EQ(net.security, Security::kStartTls);
  EXPECT_FALSE(net.plain_allowed);
  EXPECT_EQ(net.prefix, "");
  EXPECT_EQ(net.separator, '/');
}

MailServer server(const std::string& entry, const std::string& more = "") {
  const Config config = good("imap_servers: d=" + entry + "\n" + more);
  return config.imap_servers.empty() ? MailServer{} : config.imap_servers[0];
}

TEST(Servers, HostsPortsAndSchemes) {
  EXPECT_EQ(server("[::1]:993[/]").host, "::1");
  EXPECT_EQ(server("[::1]:993[/]").security, Security::kTls);
  EXPECT_EQ(server("[2001:db8::1]:1143[INBOX/]").prefix, "INBOX/");
  EXPECT_EQ(server("192.0.2.1:143[/]").host, "192.0.2.1");
  EXPECT_EQ(server("imaps://host:1993[/]").security, Security::kTls);
  EXPECT_EQ(server("imap://host:993[/]").security, Security::kStartTls);
  EXPECT_EQ(server("imaps://[::1]:65535[/]").port, 65535);
  EXPECT_EQ(server("Host.Example:1[/]").host, "host.example");
  EXPECT_EQ(server("host:465[/]").security, Security::kStartTls);  // 465 is SMTP's
}

TEST(Servers, PlainOnLoopbackOrWhereAllowed) {
  for (const char* host : {"127.0.0.1", "127.255.3.4", "[::1]", "[0:0:0:0:0:0:0:1]", "localhost", "LocalHost"}) {
    EXPECT_TRUE(server(host + std::string(":143[/]")).plain_allowed) << host;
    EXPECT_EQ(server(host + std::string(":143[/]")).security, Security::kStartTls) << host;
    EXPECT_EQ(server("plain://" + std::string(host) + ":143[/]").security, Security::kPlain) << host;
  }
  for (const char* host : {"128.0.0.1", "[::2]", "localhost.example", "[::ffff:10.0.0.1]"}) {
    EXPECT_FALSE(server(host + std::string(":143[/]")).plain_allowed) << host;
  }
  EXPECT_TRUE(server("host:143[/]", "imap_plain_allowed: D\n").plain_allowed);
  EXPECT_EQ(server("plain://host:143[/]", "imap_plain_allowed: d\n").security, Security::kPlain);
  EXPECT_EQ(bad("imap_servers: d=plain://host:143[/]"),
            "conf:1: imap_servers: plain:// would send the passwords of 'd' over the network in clear; "
            "if that is meant, name the domain in imap_plain_allowed");
  EXPECT_EQ(mistake("imap_plain_allowed: example.org"),
            "conf:2: imap_plain_allowed: 'example.org' has no server to log in to");
  EXPECT_EQ(mistake("imap_plain_allowed: a b, example.com"),
            "conf:2: imap_plain_allowed: 'a b' is not a mail domain");
}

TEST(Servers, PrefixAndSeparator) {
  EXPECT_EQ(server("h:993[.]").separator, '.');
  EXPECT_EQ(server("h:993[~/mail/]").prefix, "~/mail/");
  EXPECT_EQ(server("h:993[日本/]").prefix, "&ZeVnLA-/");
  EXPECT_EQ(server("h:993[R&D.]").prefix, "R&-D.");
  EXPECT_EQ(server("h:993[a,b/]").prefix, "a,b/");
  EXPECT_EQ(server("h:993[^]").separator, '^');
  EXPECT_EQ(server("h:993[\\]").separator, '\\');
}

TEST(Servers, DomainsAreFoundInAnyCase) {
  const Config config = good("imap_servers: A.example=a:993[/], b.example=b:993[/]\n");
  ASSERT_NE(config.imap_server("a.EXAMPLE"), nullptr);
  EXPECT_EQ(config.imap_server("b.example")->host, "b");
  EXPECT_EQ(config.imap_server("c.example"), nullptr);
  EXPECT_EQ(config.imap_server(""), nullptr);
  EXPECT_EQ(config.smtp_server("a.example"), nullptr);
}

TEST(Servers, Smtp) {
  const Config config = good("imap_servers: a=i:993[/],b=i:993[/],c=i:993[/]\n"
                             "smtp_servers: a=s:587, b=s:465, c=smtps://s:2465\n"
                             "smtp_plain_allowed: a\n");
  ASSERT_EQ(config.smtp_servers.size(), 3U);
  EXPECT_EQ(config.smtp_servers[0].security, Security::kStartTls);
  EXPECT_TRUE(config.smtp_servers[0].plain_allowed);
  EXPECT_EQ(config.smtp_servers[1].security, Security::kTls);
  EXPECT_FALSE(config.smtp_servers[1].plain_allowed);
  EXPECT_EQ(config.smtp_servers[2].security, Security::kTls);
  EXPECT_FALSE(config.imap_servers[0].plain_allowed);
  EXPECT_EQ(mistake("smtp_servers: example.com=s:587[/]"),
            "conf:2: smtp_servers: entry 'example.com=s:587[/]': '[/]' follows the port; only "
            "imap_servers have brackets");
  EXPECT_EQ(mistake("smtp_servers: example.org=s:587"),
            "conf:2: smtp_servers: imap_servers knows no domain 'example.org'");
}

TEST(Servers, Mistakes) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "names no server"},
      {"example.com", "has no '=' (an entry is like example.com=imap.example.com:993[/])"},
      {"=h:993[/]", "'' is not a mail domain"},
      {"a b=h:993[/]", "'a b' is not a mail domain"},
      {"münchen.de=h:993[/]", "'münchen.de' is not a mail domain (write international names in their xn-- form)"},
      {"-a.de=h:993[/]", "'-a.de' is not a mail domain"},
      {"a..de=h:993[/]", "'a..de' is not a mail domain"},
      {"d=h[/]", "has no port after 'h'"},
      {"d=h", "has no port after 'h'"},
      {"d=:993[/]", "'' is not a host name or address"},
      {"d=h:[/]", "'' is not a port from 1 to 65535"},
      {"d=h:0[/]", "'0' is not a port from 1 to 65535"},
      {"d=h:65536[/]", "'65536' is not a port from 1 to 65535"},
      {"d=h:-1[/]", "'-1' is not a port from 1 to 65535"},
      {"d=h:+993[/]", "'+993' is not a port from 1 to 65535"},
      {"d=h:993 [/]", "'993 ' is not a port from 1 to 65535"},
      {"d=h:imaps[/]", "'imaps' is not a port from 1 to 65535"},
      {"d=h:993", "has no brackets with the folder separator behind the port, like [/]"},
      {"d=h:993[]", "has no separator in its brackets, like [/] or [INBOX.]"},
      {"d=h:993[INBOX]", "ends its brackets with 'X', which cannot be a separator; usual ones are / and ."},
      {"d=h:993[/", "has a '[' without its ']'"},
      {"d=h:993[/]x", "has text behind ']'"},
      {"d=::1:993[/]", "has an IPv6 address without brackets (write [::1]:993)"},
      {"d=[::1:993", "has a '[' without its ']'"},
      {"d=[::g]:993[/]", "'::g' is not an IPv6 address"},
      {"d=300.1.1.1:993[/]", "'300.1.1.1' is not a host name or address"},
      {"d=h_ö:993[/]", "'h_ö' is not a host name or address"},
      {"d=pop3://h:993[/]", "'pop3' is not a scheme; known are imaps://, imap:// and plain://"},
      {"d=imaps://:993[/]", "'' is not a host name or address"},
      {"d=h:993[/],", "an entry is empty: a comma too many"},
      {"d=h:993[/], d=i:993[/]", "the domain has a server already"},
      {"d=h:993[/], D=i:993[/]", "the domain has a server already"},
  };
  for (const auto& [value, reason] : cases) {
    const std::string said = server_mistake(value);
    EXPECT_TRUE(said.starts_with("conf:1: imap_servers: ")) << value << ": " << said;
    EXPECT_TRUE(said.ends_with(reason)) << value << ": " << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << value << ": " << said;
  }
}

TEST(Lines, CommentsBlanksContinuationsAndLineEndings) {
  const Config config = good("\xEF\xBB\xBF# a comment\r\n\r\n"
                             "imap_servers: a=h:993[/],\r\n"
                             "# between\n"
                             "    b=h:993[/],\n"
                             "\n"
                             "\tc=h:143[.]\n"
                             "  # indented comment\n"
                             "site_color: #12615a\n"
                             "site_notice:   First words,\n"
                             "   last words: with a colon   \n"
                             "site_name:\tMail");
  EXPECT_EQ(config.imap_servers.size(), 3U);
  EXPECT_EQ(config.site_color, "#12615a");
  EXPECT_EQ(config.site_notice, "First words, last words: with a colon");
  EXPECT_EQ(config.site_name, "Mail");
}

TEST(Lines, Mistakes) {
  EXPECT_EQ(bad(""), "conf: imap_servers is missing: without it nobody can log in");
  EXPECT_EQ(mistake("just words"), "conf:2: 'just words' has no ':' (a line is \"key: value\")");
  EXPECT_EQ(bad("  x\n" + kServers),
            "conf:1: begins with white space, but there is no line to continue");
  EXPECT_EQ(mistake("Workers: 3"), "conf:2: unknown key 'Workers'; did you mean 'workers'?");
  EXPECT_EQ(mistake("site_colour: #fff"),
            "conf:2: unknown key 'site_colour'; did you mean 'site_color'?");
  EXPECT_EQ(mistake("frobnicate: 3"), "conf:2: unknown key 'frobnicate'");
  EXPECT_EQ(mistake(": 3"), "conf:2: unknown key ''");
  EXPECT_EQ(mistake("workers: 3\n\nworkers: 4"), "conf:4: 'workers' was set already in line 2");
  EXPECT_EQ(mistake("site_name: a\x01z"), "conf:2: holds control characters or is not UTF-8");
  EXPECT_EQ(mistake("site_name: \xFF"), "conf:2: holds control characters or is not UTF-8");
  EXPECT_EQ(mistake(std::string("site_name: a\0b", 14)),
            "conf:2: holds control characters or is not UTF-8");
}

TEST(Values, Mistakes) {
  const std::pair<const char*, const char*> cases[] = {
      {"workers: 0", "workers: '0' is not a number from 1 to 4096"},
      {"workers: 4097", "workers: '4097' is not a number from 1 to 4096"},
      {"workers: many", "workers: 'many' is not a number from 1 to 4096"},
      {"workers:", "workers: '' is not a number from 1 to 4096"},
      {"workers: 1 0", "workers: '1 0' is not a number from 1 to 4096"},
      {"workers: 0x10", "workers: '0x10' is not a number from 1 to 4096"},
      {"workers: 18446744073709551617", "workers: '18446744073709551617' is not a number from 1 to 4096"},
      {"connect_timeout: 5m", "connect_timeout: '5m' is not a time from 100ms to 120s"},
      {"connect_timeout: 99ms", "connect_timeout: '99ms' is not a time from 100ms to 120s"},
      {"connect_timeout: 121s", "connect_timeout: '121s' is not a time from 100ms to 120s"},
      {"connect_timeout: 18446744073709551s", "connect_timeout: '18446744073709551s' is not a time from 100ms to 120s"},
      {"insecure_loopback_cookies: yes", "insecure_loopback_cookies: 'yes' is neither on nor off"},
      {"cache_dir: cache", "cache_dir: 'cache' is not an absolute path"},
      {"cache_dir:", "cache_dir: must not be empty"},
      {"site_name:", "site_name: must not be empty"},
      {"site_logo: /logo.gif", "site_logo: '/logo.gif' ends neither in .svg nor in .png"},
      {"site_color: red", "site_color: 'red' is not a colour like #12615a"},
      {"site_color: #12345", "site_color: '#12345' is not a colour like #12615a"},
      {"help_url: javascript:alert(1)", "help_url: 'javascript:alert(1)' begins neither with https:// nor with http:// or mailto:"},
      {"help_url: https://x/\"y", "help_url: 'https://x/\"y' holds a character that an address has to write as %XX"},
      {"default_language: e", "default_language: 'e' is not a language like en, de or pt-BR"},
      {"default_language: ../de", "default_language: '../de' is not a language like en, de or pt-BR"},
      {"default_time_zone: ../etc/passwd", "default_time_zone: '../etc/passwd' is not a time zone like Europe/Berlin"},
      {"default_time_zone: /etc", "default_time_zone: '/etc' is not a time zone like Europe/Berlin"},
      {"webcache_user: a b", "webcache_user: 'a b' is not a user's name"},
      {"session_idle_minutes: 800", "session_idle_minutes: is longer than session_absolute_hours"},
      {"session_idle_minutes: 5", "shared_computer_minutes: is longer than session_idle_minutes"},
  };
  for (const auto& [line, reason] : cases) {
    const std::string said = mistake(line);
    EXPECT_TRUE(said.ends_with(reason)) << said;
    EXPECT_EQ(said.find('\n'), std::string::npos) << said;
  }
  EXPECT_EQ(mistake("webcache_socket: /" + std::string(107, 'x')),
            "conf:2: webcache_socket: a socket's path has at most 107 bytes");
  EXPECT_EQ(good(kServers + "webcache_socket: /" + std::string(106, 'x')).webcache_socket.size(), 107U);
}

TEST(Values, Good) {
  const Config config = good(kServers + "connect_timeout: 1500ms\ncommand_timeout: 7 s\n"
                             "insecure_loopback_cookies: on\nworkers: 4096\nsite_color: #AbC\n"
                             "default_language: pt-BR\ndefault_time_zone: America/Port-au-Prince\n"
                             "help_url: mailto:help@example.com\nmemory_limit_mb: 64\n");
  EXPECT_EQ(config.connect_timeout, Millis(1500));
  EXPECT_EQ(config.command_timeout, Millis(7000));
  EXPECT_TRUE(config.insecure_loopback_cookies);
  EXPECT_EQ(config.workers, 4096U);
  EXPECT_EQ(good(kServers + "connect_timeout: 2000\n").connect_timeout, Millis(2000));
}

TEST(Mistakes, AreToldAllAtOnceInOrder) {
  EXPECT_EQ(bad("workers: 0\n"
                "imap_servers: d=h:0[/], e=h:993\n"
                "nonsense\n"
                "site_color: red\n"
                "smtp_servers: x=s:0\n"),
            "conf:1: workers: '0' is not a number from 1 to 4096\n"
            "conf:2: imap_servers: entry 'd=h:0[/]': '0' is not a port from 1 to 65535\n"
            "conf:2: imap_servers: entry 'e=h:993': has no brackets with the folder separator behind "
            "the port, like [/]\n"
            "conf:3: 'nonsense' has no ':' (a line is \"key: value\")\n"
            "conf:4: site_color: 'red' is not a colour like #12615a\n"
            "conf:5: smtp_servers: entry 'x=s:0': '0' is not a port from 1 to 65535");
}

TEST(Mistakes, ShowUntrustedTextShortAndPlain) {
  const std::string said = mistake("site_color: " + std::string(500, 'x') + "\u0085");
  EXPECT_LT(said.size(), 200U);
  EXPECT_EQ(quoted("a\nb\xFF"), "'a?b?'");
}

TEST(Keys, FallbacksAreTheStructsOwn) {
  const Config config = good(kServers);
  const Config plain;
  EXPECT_EQ(config.connect_timeout, plain.connect_timeout);
  EXPECT_EQ(config.command_timeout, plain.command_timeout);
  EXPECT_EQ(config.connections_per_server, plain.connections_per_server);
  EXPECT_EQ(config.connection_idle, plain.connection_idle);
  EXPECT_EQ(config.idle_renew, plain.idle_renew);
  EXPECT_EQ(config.site_name, plain.site_name);
  EXPECT_EQ(config.default_language, plain.default_language);
  EXPECT_EQ(config.workers, plain.workers);
  EXPECT_EQ(config.memory_limit_mb, plain.memory_limit_mb);
  EXPECT_EQ(config.cache_limit_mb, plain.cache_limit_mb);
  EXPECT_EQ(config.session_idle_minutes, plain.session_idle_minutes);
  EXPECT_EQ(config.session_absolute_hours, plain.session_absolute_hours);
  EXPECT_EQ(config.shared_computer_minutes, plain.shared_computer_minutes);
  EXPECT_EQ(config.login_failures_account, plain.login_failures_account);
  EXPECT_EQ(config.login_failures_network, plain.login_failures_network);
  EXPECT_EQ(config.login_window_minutes, plain.login_window_minutes);
  EXPECT_EQ(config.login_delay_max_seconds, plain.login_delay_max_seconds);
  EXPECT_EQ(config.insecure_loopback_cookies, plain.insecure_loopback_cookies);
  EXPECT_EQ(config.identities, plain.identities);
  EXPECT_EQ(config.ask_recipients, plain.ask_recipients);
  EXPECT_EQ(config.upload_limit_mb, plain.upload_limit_mb);
  EXPECT_EQ(config.webcache_socket, ALPHAMAIL_RUNSTATEDIR "/alphamail/webcache.sock");
  EXPECT_EQ(config.path, "conf");
}

TEST(Keys, EveryFallbackPassesItsOwnCheck) {
  std::set<std::string> names;
  for (const ConfigKey& key : config_keys()) {
    EXPECT_TRUE(names.insert(key.name).second) << key.name;
    EXPECT_NE(*key.help, '\0') << key.name;
    if (std::string_view(key.name) == "imap_servers") continue;
    EXPECT_EQ(bad(kServers + key.name + ": " + key.fallback + "\n"), "(no mistake)") << key.name;
  }
}

TEST(Settings, DefaultsAndLocksAreThoseOfTheTable) {
  const Config config =
      good(kServers + "setting_defaults: rows=100, theme = dark,language=pt-BR\nsetting_locks: links, role.sent\n");
  EXPECT_EQ(config.settings.defaults.rows, 100);
  EXPECT_EQ(config.settings.defaults.theme, Theme::kDark);
  EXPECT_EQ(config.settings.defaults.language, "pt-BR");
  EXPECT_TRUE(config.settings.locked("role.sent"));
  EXPECT_FALSE(config.settings.locked("rows"));
  EXPECT_EQ(good(kServers).settings.defaults, Settings{});
  EXPECT_EQ(mistake("setting_defaults: rows=7"),
            "conf:2: setting_defaults: '7' is no value of rows, which is one of 25, 50, 100, 200");
  EXPECT_EQ(mistake("setting_locks: x,"),
            "conf:2: setting_locks: there is no setting 'x'; the admin guide has a table of them");
}

TEST(Settings, EveryValueThatIsOfferedComesBackAsItWas) {
  for (const Setting& setting : setting_table()) {
    ASSERT_EQ(find_setting(setting.name), &setting);
    EXPECT_NE(find_setting_group(setting.group), nullptr) << setting.name;
    EXPECT_TRUE(setting.offers(setting.get(Settings{}))) << setting.name;
    for (const SettingChoice& choice : setting.choices) {
      Settings settings;
      EXPECT_TRUE(setting.put(settings, choice.value)) << setting.name;
      EXPECT_EQ(setting.get(settings), choice.value) << setting.name;
      EXPECT_EQ(choice.words == nullptr, setting.kind == SettingKind::kNumber) << setting.name;
    }
    const Settings untouched;
    Settings settings;
    const bool word = setting.kind == SettingKind::kSwitch || !setting.choices.empty();
    for (const char* odd : {"\n", "../x", "no such", "-1", "999999999999", "1 "}) {
      if (!word && odd[0] != '\n' && odd[0] != '.') continue;  // any name, any folder
      EXPECT_FALSE(setting.put(settings, odd)) << setting.name << "=" << odd;
    }
    EXPECT_EQ(settings, untouched) << setting.name;
  }
}

TEST(Settings, RowsOfTheStoreThatAreNoneChangeNothing) {
  SettingRules rules;
  rules.locks = {"links"};
  Settings settings;
  for (const auto& [name, value] : {std::pair{"rows", "7"}, {"links", "off"}, {"gone", "1"}, {"", ""}, {"theme", "pink"}}) {
    rules.apply(settings, name, value);
  }
  EXPECT_EQ(settings, Settings{});
  rules.apply(settings, "rows", "10");  // of an older version
  EXPECT_EQ(settings.rows, 10);
}

TEST(Fuzz, AnyTextGivesAConfigOrAReason) {
  std::mt19937 random(5);
  static const std::string_view pieces[] = {
      "imap_servers", "smtp_servers", ": ", ":", "=", "[", "]", ",", "/", "h:993[/]", "d=", "\n", "\n ",
      "\r\n", "#", "\xFF", "\t", "plain://", "[::1]", "workers", "9", "99999999999999999999", "x"};
  for (int i = 0; i < 20000; ++i) {
    std::string text;
    for (auto n = random() % 30; n > 0; --n) text += pieces[random() % std::size(pieces)];
    const auto config = parse_config(text, "conf");
    if (config) continue;
    ASSERT_TRUE(config.error().detail.starts_with("conf:")) << text;
    ASSERT_EQ(config.error().code, Code::kInvalid);
  }
}

}  // namespace
}  // namespace alphamail
