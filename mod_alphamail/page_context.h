// SPDX-License-Identifier: GPL-3.0-or-later
// From a request to what its page is made with: language, zone, frame. Owns the texts that the
// frame's views look at, so it must outlive rendering.
#ifndef MOD_ALPHAMAIL_PAGE_CONTEXT_H
#define MOD_ALPHAMAIL_PAGE_CONTEXT_H

#include <ctime>
#include <string>

#include "mod_alphamail/frame.h"
#include "mod_alphamail/request.h"

namespace alphamail {

class PageContext {
 public:
  explicit PageContext(const Request& request);
  PageContext(const PageContext&) = delete;
  PageContext& operator=(const PageContext&) = delete;

  /// Set folders, current and here before a Frame is made of it.
  FrameInput& input() { return input_; }
  const Reader& reader() const { return reader_; }
  const std::string& token() const { return token_; }
  std::int64_t now() const { return now_; }

 private:
  std::int64_t now_;
  Reader reader_;
  void tell_of_sent(const Request& request);
  std::string address_, token_, sent_words_, sent_id_;
  FrameInput input_;
};

}  // namespace alphamail

#endif
