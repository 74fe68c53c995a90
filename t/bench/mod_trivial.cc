// SPDX-License-Identifier: GPL-3.0-or-later
// The reference of the figures: a handler that writes one file's bytes, which it read when httpd
// read its configuration; and one that writes the body of a POST into a file, new each time. What they cost
// is what httpd itself costs.
//
//     TrivialFile FILE
//     TrivialInto FILE
//     <Location "/trivial"> SetHandler trivial </Location>
#define AP_HAVE_DESIGNATED_INITIALIZER 1  // C++20 has them; httpd.h asks only C compilers

#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <apr_strings.h>

extern "C" __attribute__((visibility("default"))) module trivial_module;

namespace {

struct Bytes {
  const char* data = "";
  int size = 0;
  const char* into = nullptr;
};

void* make_bytes(apr_pool_t* pool, server_rec*) noexcept {
  return new (apr_palloc(pool, sizeof(Bytes))) Bytes;
}

Bytes& bytes_of(const server_rec* server) {
  return *static_cast<Bytes*>(ap_get_module_config(server->module_config, &trivial_module));
}

const char* take_file(cmd_parms* cmd, void*, const char* name) noexcept {
  std::ifstream file(name, std::ios::binary);
  if (!file) return "TrivialFile cannot be read";
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Bytes& bytes = bytes_of(cmd->server);
  bytes.data = apr_pstrmemdup(cmd->pool, text.data(), text.size());
  bytes.size = static_cast<int>(text.size());
  return nullptr;
}

const char* take_into(cmd_parms* cmd, void*, const char* name) noexcept {
  bytes_of(cmd->server).into = name;
  return nullptr;
}

/// The whole body, on the disk at the end.
int write_body(request_rec* r, const char* name) {
  apr_file_t* file = nullptr;
  const apr_int32_t flags = APR_WRITE | APR_CREATE | APR_TRUNCATE | APR_BINARY;
  if (apr_file_open(&file, name, flags, APR_FPROT_UREAD | APR_FPROT_UWRITE, r->pool) != APR_SUCCESS ||
      ap_setup_client_block(r, REQUEST_CHUNKED_DECHUNK) != OK || !ap_should_client_block(r)) {
    return HTTP_INTERNAL_SERVER_ERROR;
  }
  char piece[65536];
  for (long n = 0; (n = ap_get_client_block(r, piece, sizeof piece)) > 0;) {
    if (apr_file_write_full(file, piece, static_cast<apr_size_t>(n), nullptr) != APR_SUCCESS) {
      return HTTP_INTERNAL_SERVER_ERROR;
    }
  }
  return apr_file_sync(file) == APR_SUCCESS && apr_file_close(file) == APR_SUCCESS ? OK : HTTP_INTERNAL_SERVER_ERROR;
}

int handle(request_rec* r) noexcept {
  if (r->handler == nullptr || std::string_view(r->handler) != "trivial") return DECLINED;
  const Bytes& bytes = bytes_of(r->server);
  if (r->method_number == M_POST && bytes.into) {
    if (const int status = write_body(r, bytes.into); status != OK) return status;
  }
  ap_set_content_type(r, "text/html; charset=utf-8");
  ap_set_content_length(r, bytes.size);
  ap_rwrite(bytes.data, bytes.size, r);
  return OK;
}

void register_hooks(apr_pool_t*) noexcept {
  ap_hook_handler(handle, nullptr, nullptr, APR_HOOK_MIDDLE);
}

const command_rec kDirectives[] = {
    AP_INIT_TAKE1("TrivialFile", take_file, nullptr, RSRC_CONF,
                  "the file whose bytes are written"),
    AP_INIT_TAKE1("TrivialInto", take_into, nullptr, RSRC_CONF,
                  "the file that the body of a POST is written into"),
    {},
};

}  // namespace

module trivial_module = {STANDARD20_MODULE_STUFF, nullptr, nullptr, make_bytes, nullptr, kDirectives,
                         register_hooks, 0};
