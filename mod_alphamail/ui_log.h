// SPDX-License-Identifier: GPL-3.0-or-later
// Lines for the administrator: "AM0123 [request id] what: result", into AlphaMailUiLog or, without
// it, httpd's own error log. Never a password, cookie, token, subject or body.
#ifndef MOD_ALPHAMAIL_UI_LOG_H
#define MOD_ALPHAMAIL_UI_LOG_H

#include <string>
#include <string_view>

#include "common/log.h"
#include "common/result.h"
#include "common/unique_fd.h"

namespace alphamail {

class UiLog {
 public:
  static Result<UiLog> open(const std::string& path);
  /// One line in one write(2); what is no printable ASCII becomes \xHH.
  void write(Severity severity, std::string_view line) const;

 private:
  explicit UiLog(UniqueFd fd) : fd_(std::move(fd)) {}
  UniqueFd fd_;
};

class Request;
/// `number` is explained in the admin guide.
void log_problem(const Request& request, Severity severity, int number, std::string_view text);
/// What an error says, for a log line: its code's name and its detail.
std::string words_of(const Error& error);

}  // namespace alphamail

#endif
