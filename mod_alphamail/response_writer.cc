// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/response_writer.h"

#include <algorithm>
#include <string>

#include <apr_strings.h>
#include <httpd.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>

#include "mod_alphamail/exchange.h"
#include "mod_alphamail/ui_log.h"

namespace alphamail {
namespace {

struct Header {
  const char* name;
  const char* value;
};

// doc/admin-guide.md explains each. Literals: the table keeps pointers.
constexpr Header kEvery[] = {
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "same-origin"},  // no-referrer would make forms post with "Origin: null"
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"X-DNS-Prefetch-Control", "off"},
    {"X-Frame-Options", "DENY"},
    {"Permissions-Policy",
     "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), "
     "fullscreen=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), "
     "payment=(), picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), "
     "usb=(), xr-spatial-tracking=()"},
};

#define ALPHAMAIL_PAGE_POLICY \
  "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; " \
  "connect-src 'self'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; base-uri 'none'"

// Same origin, so that the message's own pictures come with the session's cookie and the page can fit the frame's
// height; nothing in it runs all the same.
#define ALPHAMAIL_MAIL_POLICY(MORE_PICTURES)                                                                     \
  "sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "                  \
  "style-src 'unsafe-inline'; img-src 'self' data:" MORE_PICTURES                                                \
  "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

const char* policy_of(Policy policy) {
  switch (policy) {
    case Policy::kPage: return ALPHAMAIL_PAGE_POLICY;
    case Policy::kMediaPage: return ALPHAMAIL_PAGE_POLICY "; media-src 'self'";
    case Policy::kMedia: return "sandbox; default-src 'none'; media-src 'self'";
    case Policy::kMail: return ALPHAMAIL_MAIL_POLICY("");
    case Policy::kMailRemote: return ALPHAMAIL_MAIL_POLICY(" https:");
    case Policy::kDownload: break;
  }
  return "sandbox; default-src 'none'";
}

bool is_clean(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '\t' || (c >= 0x20 && c != 0x7f);
  });
}

char* in_pool(request_rec* r, std::string_view text) {
  return apr_pstrmemdup(r->pool, text.data(), text.size());
}

/// Passes bytes on; waits where the client is slow. False once it is gone.
bool pass(request_rec* r, apr_bucket_brigade* brigade) {
  const apr_status_t rv = ap_pass_brigade(r->output_filters, brigade);
  apr_brigade_cleanup(brigade);
  return rv == APR_SUCCESS && !r->connection->aborted;
}

void send_body(request_rec* r, std::string_view body) {
  const bool bodiless = r->status == HTTP_NO_CONTENT || r->status == HTTP_NOT_MODIFIED;
  if (!bodiless) ap_set_content_length(r, static_cast<apr_off_t>(body.size()));
  apr_bucket_alloc_t* allocator = r->connection->bucket_alloc;
  apr_bucket_brigade* brigade = apr_brigade_create(r->pool, allocator);
  if (!body.empty()) {
    // Transient: who keeps it beyond this call makes a copy, for the buffer is rendered into again.
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_transient_create(body.data(), body.size(), allocator));
  }
  APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
  pass(r, brigade);
}

/// Ends an answer that was not complete in a way that no client takes for an end: chunked, the last
/// chunk is left out; over HTTP/2 the stream is reset; with a length, the connection is cut short.
void cut(request_rec* r, apr_bucket_brigade* brigade) {
  r->connection->keepalive = AP_CONN_CLOSE;
  apr_bucket_alloc_t* allocator = r->connection->bucket_alloc;
  APR_BRIGADE_INSERT_TAIL(brigade,
                          ap_bucket_error_create(HTTP_BAD_GATEWAY, nullptr, r->pool, allocator));
  APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
  pass(r, brigade);
}

void send_stream(const Request& request, const Response& response) {
  request_rec* r = request.raw;
  if (response.length) ap_set_content_length(r, static_cast<apr_off_t>(*response.length));
  apr_bucket_alloc_t* allocator = r->connection->bucket_alloc;
  apr_bucket_brigade* brigade = apr_brigade_create(r->pool, allocator);
  if (request.method == Method::kHead) {
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
    pass(r, brigade);
    return;
  }
  std::size_t sent = 0;
  const Sink sink = [&](std::span<const std::byte> piece) {
    if (piece.empty()) return true;
    sent += piece.size();
    APR_BRIGADE_INSERT_TAIL(
        brigade, apr_bucket_transient_create(reinterpret_cast<const char*>(piece.data()),
                                             piece.size(), allocator));
    return pass(r, brigade);
  };
  const Result<void> done = response.stream(sink);
  const bool short_of_it = response.length && sent < *response.length;
  if (done && !short_of_it) {
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
    pass(r, brigade);
    return;
  }
  if (!r->connection->aborted) {
    log_problem(request, Severity::kWarning, 130,
                "download cut after " + std::to_string(sent) + " bytes: " +
                    (done ? "fewer bytes than announced" : words_of(done.error())));
  }
  cut(r, brigade);
}

}  // namespace

void put_head(request_rec* r, const Response& response) {
  r->status = response.status;
  apr_table_t* out = r->headers_out;
  for (const Header& header : kEvery) apr_table_setn(out, header.name, header.value);
  apr_table_setn(out, "Content-Security-Policy", policy_of(response.policy));
  if (response.policy == Policy::kMail || response.policy == Policy::kMailRemote) {
    apr_table_setn(out, "X-Frame-Options", "SAMEORIGIN");
    apr_table_setn(out, "Referrer-Policy", "no-referrer");
    // Pictures of other sites are fetched without the cookies that those have.
    apr_table_setn(out, "Cross-Origin-Embedder-Policy", "credentialless");
  }
  apr_table_setn(out, "Cache-Control", "no-store");
  if (is_clean(response.content_type)) ap_set_content_type(r, in_pool(r, response.content_type));
  for (const auto& [name, value] : response.headers) {
    if (!is_clean(name) || !is_clean(value)) continue;
    if (name == "Set-Cookie") {
      apr_table_addn(out, "Set-Cookie", in_pool(r, value));
    } else {
      apr_table_setn(out, in_pool(r, name), in_pool(r, value));
    }
  }
}

void send(const Request& request, const Response& response) {
  request_rec* r = request.raw;
  put_head(r, response);
  if (response.stream) {
    send_stream(request, response);
  } else {
    send_body(r, response.body);
  }
}

namespace {

bool accepts(const request_rec* r, std::string_view coding) {
  const std::string_view header = header_of(r, "Accept-Encoding");
  const std::size_t at = header.find(coding);
  if (at == std::string_view::npos) return false;
  const std::string_view after = header.substr(at + coding.size());
  // "br;q=0" means no; other weights do not matter for two files of the same content.
  return !after.starts_with(";q=0") || after.starts_with(";q=0.");
}

const std::string& choose(const request_rec* r, const Assets::File& file, const char*& coding) {
  if (!file.path_br.empty() && accepts(r, "br")) return coding = "br", file.path_br;
  if (!file.path_gz.empty() && accepts(r, "gzip")) return coding = "gzip", file.path_gz;
  return file.path;
}

}  // namespace

void send_asset(const Request& request, const Assets::File& file) {
  request_rec* r = request.raw;
  Response head;
  head.content_type = file.content_type;
  head.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  const char* coding = nullptr;
  const std::string& path = choose(r, file, coding);
  put_head(r, head);
  apr_table_setn(r->headers_out, "Vary", "Accept-Encoding");
  if (coding) apr_table_setn(r->headers_out, "Content-Encoding", coding);
  if (!file.memory.empty()) return send_body(r, file.memory);

  apr_file_t* fd = nullptr;
  apr_finfo_t info;
  constexpr apr_int32_t kFlags = APR_READ | APR_BINARY | APR_SENDFILE_ENABLED;
  if (apr_file_open(&fd, path.c_str(), kFlags, APR_FPROT_OS_DEFAULT, r->pool) != APR_SUCCESS ||
      apr_file_info_get(&info, APR_FINFO_SIZE, fd) != APR_SUCCESS) {
    apr_table_clear(r->headers_out);
    Response missing;
    missing.status = 404;
    log_problem(request, Severity::kWarning, 131, "an asset that was there at start is gone: " + path);
    put_head(r, missing);
    return send_body(r, "");
  }
  apr_bucket_alloc_t* allocator = r->connection->bucket_alloc;
  apr_bucket_brigade* brigade = apr_brigade_create(r->pool, allocator);
  ap_set_content_length(r, info.size);
  apr_brigade_insert_file(brigade, fd, 0, info.size, r->pool);
  APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(allocator));
  pass(r, brigade);
}

}  // namespace alphamail
