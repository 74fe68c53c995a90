// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/exchange.h"

#include <strings.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <cstring>

#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_vhost.h>

#include "mod_alphamail/directives.h"
#include "mod_alphamail/login_form.h"
#include "mod_alphamail/module.h"
#include "mod_alphamail/multipart_reader.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/pool.h"
#include "mod_alphamail/user_agent.h"

namespace alphamail {
namespace {

/// 60 bits: enough to find a line in a log, no secret. A thread's own generator, seeded by the system.
std::string new_id() {
  thread_local std::uint64_t state = [] {
    std::array<std::byte, 8> seed;
    random_bytes(seed);
    std::uint64_t value = 0;
    std::memcpy(&value, seed.data(), sizeof value);
    return value;
  }();
  state += 0x9e3779b97f4a7c15;  // splitmix64
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  constexpr char kLetters[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::string id(12, '0');
  for (char& c : id) {
    c = kLetters[z & 31];
    z >>= 5;
  }
  return id;
}

bool is_below(std::string_view path, std::string_view mount) {
  return path.starts_with(mount) && (path.size() == mount.size() || path[mount.size()] == '/');
}

Note& keep_note(request_rec* r, const Site& site, std::string_view path) {
  Note& note = pool_new<Note>(r->pool);
  note.site = &site;
  note.id = new_id();
  note.path = path;
  apr_table_setn(r->notes, "alphamail-id", note.id.c_str());
  ap_set_module_config(r->request_config, &alphamail_module, &note);
  return note;
}

bool is_loopback(const apr_sockaddr_t* address) {
  if (!address) return false;
  const auto* bytes = static_cast<const unsigned char*>(address->ipaddr_ptr);
  if (address->family == APR_INET) return bytes[0] == 127;
#if APR_HAVE_IPV6
  if (address->family == APR_INET6) {
    const auto* v6 = reinterpret_cast<const in6_addr*>(bytes);
    return IN6_IS_ADDR_LOOPBACK(v6) || (IN6_IS_ADDR_V4MAPPED(v6) && bytes[12] == 127);
  }
#endif
  return false;
}

/// The zone that the enhancing script tells; only its shape is checked here.
std::string time_zone_in(std::string_view cookies) {
  const std::string_view zone = find_cookie(cookies, "alphamail-tz");
  const bool shaped = zone.size() <= 64 && zone.find("..") == std::string_view::npos &&
                      !zone.starts_with('/') &&
                      std::all_of(zone.begin(), zone.end(), [](unsigned char c) {
                        return std::isalnum(c) || c == '/' || c == '_' || c == '-' || c == '+';
                      });
  return shaped ? std::string(zone) : "";
}

/// The language that somebody picked before logging in; whether it exists is the pages' to say.
std::string language_in(std::string_view cookies) {
  const std::string_view code = find_cookie(cookies, kLanguageCookie);
  const bool shaped = code.size() <= 35 && std::all_of(code.begin(), code.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
  return shaped ? std::string(code) : "";
}

std::string_view without_final_dot(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool same_host(std::string_view a, std::string_view b) {
  a = without_final_dot(a);
  b = without_final_dot(b);
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

const Note* note_of(const request_rec* r) {
  return static_cast<const Note*>(ap_get_module_config(r->request_config, &alphamail_module));
}

void take_note(request_rec* r, const Site& site) {
  if (!r->parsed_uri.path || !is_below(r->parsed_uri.path, site.mount)) return;
  Note& note = keep_note(r, site, std::string_view(r->parsed_uri.path).substr(site.mount.size()));
  note.route = parse_route(note.path);
  if (note.route) return;
  // httpd would fold or refuse this address with a page of its own; give it one that it takes as it
  // is, so that the answer is ours. Whatever guards our mount in the configuration still does.
  r->parsed_uri.path = apr_pstrcat(r->pool, site.mount.c_str(), "/", nullptr);
  r->uri = r->parsed_uri.path;
}

const Note* note_of_refused(request_rec* r) {
  if (const Note* note = note_of(r)) return note;
  const Site* site = r->server ? host_config(r->server).site : nullptr;
  if (!site) return nullptr;
  // "GET /alphamail/..." cut off somewhere
  std::string_view line(r->the_request ? r->the_request : "");
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return nullptr;
  line.remove_prefix(space + 1);
  line = line.substr(0, line.find_first_of(" ?"));
  return is_below(line, site->mount) ? &keep_note(r, *site, "/") : nullptr;
}

std::string_view header_of(const request_rec* r, const char* name) {
  const char* value = apr_table_get(r->headers_in, name);
  return value ? value : std::string_view();
}

Exchange make_exchange(request_rec* r, const Note& note) {
  const Site& site = *note.site;
  Exchange x{.r = r,
             .note = note,
             .request = {.site = site,
                         .method = Method::kGet,
                         .path = note.path,
                         .query = {},
                         .form = {},
                         .id = note.id,
                         .network = r->useragent_ip ? r->useragent_ip : "",
                         .accept_language = {},
                         .language_cookie = {},
                         .browser_time_zone = {},
                         .range = {},
                         .if_range = {},
                         .if_none_match = {},
                         .login_token = {},
                         .session = {},
                         .deadline = Deadline::in(site.deadline),
                         .raw = r},
             .cookies = {},
             .session_cookie = {},
             .login_cookie = {},
             .known_cookie = {},
             .browser = {},
             .from = {}};
  x.now = apr_time_sec(r->request_time);
  x.tls = std::string_view(ap_http_scheme(r)) == "https";
  x.plain_allowed = !x.tls && site.config.insecure_loopback_cookies &&
                    is_loopback(r->connection->client_addr) && is_loopback(r->useragent_addr);
  x.cookies.secure = !x.plain_allowed;
  x.cookies.port = ap_get_server_port(r);
  if (r->method_number == M_POST) x.request.method = Method::kPost;
  if (r->header_only) x.request.method = Method::kHead;
  const std::string_view cookies = header_of(r, "Cookie");
  x.session_cookie = find_cookie(cookies, x.cookies.session_name());
  x.login_cookie = find_cookie(cookies, x.cookies.login_name());
  if (!LoginForm::is_cookie(x.login_cookie)) x.login_cookie = {};
  x.known_cookie = find_cookie(cookies, x.cookies.known_name());
  x.request.accept_language = header_of(r, "Accept-Language").substr(0, 500);
  if (x.request.method == Method::kGet) {
    x.request.range = header_of(r, "Range").substr(0, 500);
    x.request.if_range = header_of(r, "If-Range").substr(0, 500);
    x.request.if_none_match = header_of(r, "If-None-Match").substr(0, 500);
  }
  x.request.language_cookie = language_in(cookies);
  x.request.browser_time_zone = time_zone_in(cookies);
  x.browser = browser_class(header_of(r, "User-Agent"));
  x.from = {.sec_fetch_site = header_of(r, "Sec-Fetch-Site"),
            .origin = header_of(r, "Origin"),
            .host = header_of(r, "Host"),
            .tls = x.tls,
            .proxied_tls = !site.require_tls};
  return x;
}

Result<void> read_head(Exchange& x) {
  const std::string_view query(x.r->args ? x.r->args : "");
  if (query.size() > 8192) return Error{Code::kTooLarge, "the address is too long"};
  auto fields = Fields::parse(query);
  if (!fields) return Error{Code::kInvalid, "the query is malformed"};
  x.request.query = std::move(*fields);
  return {};
}

namespace {

/// A form's bytes, overwritten when let go: a password may be among them.
struct WipedText {
  std::string text;
  ~WipedText() { wipe(text.data(), text.size()); }
};

Error refused_body(apr_status_t rv) {
  if (APR_STATUS_IS_TIMEUP(rv)) return {Code::kTimeout, "the form did not arrive in time"};
  if (APR_STATUS_IS_ENOSPC(rv)) return {Code::kTooLarge, "the form is too large"};
  return {Code::kInvalid, "the form did not arrive whole"};
}

}  // namespace

Result<void> read_body(request_rec* r, const std::function<Result<void>(std::string_view)>& take) {
  constexpr apr_off_t kAtOnce = 65536;
  apr_bucket_brigade* brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
  for (bool end = false; !end; apr_brigade_cleanup(brigade)) {
    const apr_status_t rv = ap_get_brigade(r->input_filters, brigade, AP_MODE_READBYTES, APR_BLOCK_READ, kAtOnce);
    if (rv != APR_SUCCESS) return refused_body(rv);
    for (apr_bucket* b = APR_BRIGADE_FIRST(brigade); b != APR_BRIGADE_SENTINEL(brigade); b = APR_BUCKET_NEXT(b)) {
      if (APR_BUCKET_IS_EOS(b)) end = true;
      if (end || APR_BUCKET_IS_METADATA(b)) continue;
      const char* bytes = nullptr;
      apr_size_t size = 0;
      if (apr_bucket_read(b, &bytes, &size, APR_BLOCK_READ) != APR_SUCCESS) return refused_body(APR_EGENERAL);
      if (const auto taken = take({bytes, size}); !taken) return taken;
      // What came from the socket is ours by now and would lie about in httpd's buffers.
      if (APR_BUCKET_IS_HEAP(b)) wipe(const_cast<char*>(bytes), size);
    }
  }
  return {};
}

Result<void> read_form(Exchange& x) {
  const bool of_messages = x.note.route && (x.note.route->to == Route::To::kFolder ||
                                            x.note.route->to == Route::To::kMessage ||
                                            x.note.route->to == Route::To::kSearch);
  return read_form(x, x.request.site.max_body, of_messages ? Fields::kMostOfTicked : Fields::kMost);
}

namespace {

/// A small form with a file: the file's bytes become its field's value.
class SmallForm final : public MultipartReader::Handler {
 public:
  SmallForm(Fields& fields, std::size_t limit, std::size_t most) : fields_(fields), left_(limit), most_(most) {}
  Result<void> begin(const MultipartReader::Head& head) override {
    if (fields_.all.size() == most_) return Error{Code::kInvalid, "the form has too many fields"};
    fields_.all.emplace_back(head.name, "");
    file_ = head.file;
    return {};
  }
  Result<void> data(std::string_view bytes) override {
    if (bytes.size() > left_) return Error{Code::kTooLarge, "the form is too large"};
    left_ -= bytes.size();
    fields_.all.back().second += bytes;
    return {};
  }
  Result<void> end() override {
    const auto& [name, value] = fields_.all.back();
    const bool text = is_utf8_text(name) && (file_ || is_utf8_text(value));
    return text ? Result<void>() : Error{Code::kInvalid, "the form is malformed"};
  }

 private:
  Fields& fields_;
  std::size_t left_;
  const std::size_t most_;
  bool file_ = false;
};

}  // namespace

Result<void> read_form(Exchange& x, std::size_t limit, std::size_t most_fields) {
  request_rec* r = x.r;
  if (const std::string boundary = MultipartReader::boundary_of(header_of(r, "Content-Type")); !boundary.empty()) {
    SmallForm form(x.request.form, limit, most_fields);
    MultipartReader reader(boundary, form);
    const auto read = read_body(r, [&](std::string_view bytes) { return reader.add(bytes); });
    return read ? reader.finish() : read;
  }
  std::string_view type = header_of(r, "Content-Type");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  constexpr std::string_view kForm = "application/x-www-form-urlencoded";
  if (type.size() != kForm.size() || strncasecmp(type.data(), kForm.data(), kForm.size()) != 0) {
    return Error{Code::kInvalid, "not a form that we know"};
  }
  WipedText body;
  // The whole of it at once, since growing would leave copies behind; a chunked one is bounded alike.
  const std::string_view length = header_of(r, "Content-Length");
  const std::size_t announced = std::strtoull(std::string(length).c_str(), nullptr, 10);
  if (announced > limit) return Error{Code::kTooLarge, "the form is too large"};
  body.text.reserve(length.empty() ? std::min<std::size_t>(limit, 65536) : announced);
  const auto read = read_body(r, [&](std::string_view bytes) -> Result<void> {
    if (body.text.size() + bytes.size() > limit) return Error{Code::kTooLarge, "the form is too large"};
    body.text.append(bytes);
    return {};
  });
  if (!read) return read;
  auto fields = Fields::parse(body.text, most_fields);
  if (!fields) return Error{Code::kInvalid, "the form is malformed"};
  x.request.form = std::move(*fields);
  return {};
}

std::optional<std::string> better_address(const Exchange& x) {
  const Site& site = x.request.site;
  const bool to_tls = !x.tls && site.require_tls && !x.plain_allowed;
  const std::string_view domain(site.domain);
  const std::string_view name = domain.substr(0, domain.find(':'));
  const std::string_view asked(x.r->hostname ? x.r->hostname : "");
  if (!to_tls && (name.empty() || same_host(asked, name))) return {};
  std::string address = x.tls || to_tls ? "https://" : "http://";
  std::string_view host = name.empty() ? asked : name;
  if (host.empty()) host = x.r->server->server_hostname ? x.r->server->server_hostname : "localhost";
  const bool bare_v6 = host.find(':') != std::string_view::npos && !host.starts_with('[');
  address += bare_v6 ? "[" + std::string(host) + "]" : std::string(host);
  if (const std::size_t colon = domain.find(':'); colon != std::string_view::npos) {
    address += domain.substr(colon);
  } else if (const apr_port_t port = ap_get_server_port(x.r);
             !to_tls && port != ap_default_port(x.r)) {
    address += ':' + std::to_string(port);
  }
  address += site.mount;
  if (x.request.method == Method::kPost) return address + "/login";
  address += x.note.path;
  if (x.r->args) address += '?' + std::string(x.r->args);
  return address;
}

}  // namespace alphamail
