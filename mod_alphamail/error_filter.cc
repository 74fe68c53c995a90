// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/error_filter.h"

#include <string>

#include <http_protocol.h>
#include <util_filter.h>

#include "mod_alphamail/exchange.h"
#include "mod_alphamail/boundary.h"
#include "mod_alphamail/pages.h"
#include "mod_alphamail/response_writer.h"

namespace alphamail {
namespace {

constexpr const char* kFilter = "ALPHAMAIL_ERROR";

Code code_of(int status) {
  switch (status) {
    case HTTP_UNAUTHORIZED:
    case HTTP_FORBIDDEN: return Code::kForbidden;
    case HTTP_NOT_FOUND:
    case HTTP_GONE: return Code::kNotFound;
    case HTTP_REQUEST_TIME_OUT: return Code::kTimeout;
    case HTTP_REQUEST_ENTITY_TOO_LARGE:
    case HTTP_REQUEST_URI_TOO_LARGE: return Code::kTooLarge;
    case HTTP_SERVICE_UNAVAILABLE: return Code::kBusy;
    default: return status < 500 ? Code::kInvalid : Code::kInternal;
  }
}

/// Our page in a brigade of its own; its head is set.
apr_bucket_brigade* error_brigade(request_rec* r, const Note& note) {
  const int status = r->status;
  Exchange x = make_exchange(r, note);
  Response response = render_error(x.request, {code_of(status), "", 0});
  response.status = status;
  put_head(r, response);
  apr_bucket_alloc_t* allocator = r->connection->bucket_alloc;
  apr_bucket_brigade* page = apr_brigade_create(r->pool, allocator);
  ap_set_content_length(r, static_cast<apr_off_t>(response.body.size()));
  APR_BRIGADE_INSERT_TAIL(
      page, apr_bucket_transient_create(response.body.data(), response.body.size(), allocator));
  APR_BRIGADE_INSERT_TAIL(page, apr_bucket_eos_create(allocator));
  return page;
}

extern "C" apr_status_t replace_error(ap_filter_t* f, apr_bucket_brigade* in) noexcept {
  request_rec* r = f->r;
  bool end = false;
  for (apr_bucket* b = APR_BRIGADE_FIRST(in); b != APR_BRIGADE_SENTINEL(in); b = APR_BUCKET_NEXT(b)) {
    end = end || APR_BUCKET_IS_EOS(b);
  }
  if (!end) {
    apr_brigade_cleanup(in);
    return APR_SUCCESS;
  }
  ap_remove_output_filter(f);
  apr_bucket_brigade* page = nullptr;
  guard(r, [&] {
    page = error_brigade(r, *note_of(r));
    return 0;
  });
  if (!page) return ap_pass_brigade(f->next, in);
  apr_brigade_cleanup(in);
  return ap_pass_brigade(f->next, page);
}

}  // namespace

void register_error_filter() {
  ap_register_output_filter(kFilter, replace_error, nullptr, AP_FTYPE_CONTENT_SET);
}

void insert_error_filter(request_rec* r) {
  if (r->status < 400 || !note_of_refused(r)) return;
  ap_add_output_filter(kFilter, nullptr, r, r->connection);
}

}  // namespace alphamail
