// SPDX-License-Identifier: GPL-3.0-or-later
// What a page function gives back. The router adds the headers that every answer has (security.md
// section 5 is the table) and writes it out.
#ifndef MOD_ALPHAMAIL_RESPONSE_H
#define MOD_ALPHAMAIL_RESPONSE_H

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/result.h"

namespace alphamail {

/// Where a download writes; false once the browser is gone.
using Sink = std::function<bool(std::span<const std::byte>)>;

/// Which policy the answer carries.
enum class Policy {
  kPage,
  kMediaPage,   ///< a page that plays sound or film of a message
  kDownload,
  kMedia,       ///< sound or film by itself
  kMail,        ///< a message's own document: no script, no request but for its own pictures
  kMailRemote,  ///< the same with pictures from elsewhere, which the reader has allowed
};

struct Response {
  int status = 200;
  std::string content_type = "text/html; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;  ///< checked again for CR, LF before sending
  Policy policy = Policy::kPage;

  /// The page, in the rendering thread's own buffer: valid until that thread renders again.
  std::string_view body;
  /// For downloads instead of body: called once, writes pieces; an Error ends the connection, so that a
  /// cut download is seen as one.
  std::function<Result<void>(const Sink&)> stream;
  std::optional<std::size_t> length;   ///< of the stream, where known

  /// 303 to a whole path from the root.
  static Response see_other(std::string path) {
    Response r;
    r.status = 303;
    r.headers.emplace_back("Location", std::move(path));
    return r;
  }
};

}  // namespace alphamail

#endif
