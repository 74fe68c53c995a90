// SPDX-License-Identifier: GPL-3.0-or-later
// The reference of the figures: a handler that writes one file's bytes, which it read when httpd
// read its configuration. What it costs is what httpd itself costs.
//
//     TrivialFile FILE
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
  bytes_of(cmd->server) = {apr_pstrmemdup(cmd->pool, text.data(), text.size()),
                           static_cast<int>(text.size())};
  return nullptr;
}

int handle(request_rec* r) noexcept {
  if (r->handler == nullptr || std::string_view(r->handler) != "trivial") return DECLINED;
  const Bytes& bytes = bytes_of(r->server);
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
    {},
};

}  // namespace

module trivial_module = {STANDARD20_MODULE_STUFF, nullptr, nullptr, make_bytes, nullptr, kDirectives,
                         register_hooks, 0};
