// SPDX-License-Identifier: GPL-3.0-or-later
// The pages: each takes a checked request and gives a response or the reason why not, which
// page_error then shows. A function a file: page_login.cc, page_folder.cc, ...
#ifndef MOD_ALPHAMAIL_PAGES_H
#define MOD_ALPHAMAIL_PAGES_H

#include <string>
#include <string_view>

#include "common/result.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/response.h"

namespace alphamail {

struct ComposeForm;

/// GET /mail/FOLDER/ ?page= ?tick=page ?notice= ?done=. `folder` is the decoded address (mailbox_name.h).
Result<Response> page_folder(const Request& request, const std::string& folder);
/// GET /mail/FOLDER/?poll=1: {"unread":3,"total":63,"version":"..."} with an ETag; 304 where that one has not changed,
/// 204 where nothing is known of the folder (yet).
Result<Response> page_poll(const Request& request, const std::string& folder);
/// POST /mail/FOLDER/ do=check: asks the server; do=undo; or an action on messages (mail_action.h). Then back
/// to the list (303), or, before anything goes for good, the page that asks.
Result<Response> act_folder(const Request& request, const std::string& folder);
/// POST /mail/FOLDER/UID: an action on this message; then back to it, or to the list.
Result<Response> act_message(const Request& request, const std::string& folder, std::uint32_t uid);
/// Part of act_message(): the pictures of this message's sender, from elsewhere, are always shown, or no longer; then
/// to `back`. kForbidden where the receiving server did not vouch for the sender.
Result<Response> act_pictures(const Request& request, const std::string& folder, std::uint32_t uid, bool always,
                              const std::string& back);
/// GET /mail/FOLDER/UID ?done= and what message_query.h reads
Result<Response> page_message(const Request& request, const std::string& folder, std::uint32_t uid);
/// GET /mail/FOLDER/UID/print: the same to be printed, nothing folded and nothing to click.
Result<Response> page_print(const Request& request, const std::string& folder, std::uint32_t uid);
/// GET /mail/FOLDER/UID/part/SECTION, with /view behind it to be opened in the browser where it is harmless;
/// ?uu=N the N-th file that stands uuencoded in that text; and /source.
enum class PartWanted { kSaved, kViewed };
Result<Response> page_part(const Request& request, const std::string& folder, std::uint32_t uid,
                           std::string_view section, PartWanted wanted);
/// GET /mail/FOLDER/UID/all.zip ?inner=: all attachments, packed as they stream.
Result<Response> page_zip(const Request& request, const std::string& folder, std::uint32_t uid);
Result<Response> page_source(const Request& request, const std::string& folder, std::uint32_t uid);
/// GET /compose (compose_start.h) and POST: do=send|draft|leave|attach|discard|autosave|autodraft|choose|chosen|edit.
Result<Response> page_compose(const Request& request);
/// Gives itself more time: a message with attachments takes longer than a page.
Result<Response> act_compose(Request& request);
enum class KeptOver { kLogin, kAnotherSession };
/// The page with what was written before the session ended.
Response render_kept_form(const Request& request, const ComposeForm& form, KeptOver over);
/// GET and POST /outbox/ ?sent=HEX; do=retry|edit|discard, id=HEX.
Result<Response> page_outbox(const Request& request);
Result<Response> act_outbox(const Request& request);
/// GET and POST /search/ ?q= &in=FOLDER &below=1 &search=ID and what a list has; do=stop, undo, an action.
Result<Response> page_search(const Request& request);
Result<Response> act_search(const Request& request);
/// GET and POST /settings/identities/ ?edit=ID
Result<Response> page_identities(const Request& request);
Result<Response> act_identities(const Request& request);
/// GET and POST /settings/labels/; do=save|delete, keyword=, name=, colour=
Result<Response> page_labels(const Request& request);
Result<Response> act_labels(const Request& request);
/// GET and POST /contacts/ ?q= ?page= ?edit=ID ?new=1; /contacts/complete?q= as JSON; /contacts/export?as=vcf|csv.
Result<Response> page_contacts(const Request& request);
Result<Response> act_contacts(const Request& request);
Result<Response> page_complete(const Request& request);
Result<Response> page_export(const Request& request);
/// GET /mail/FOLDER/UID/body ?section= ?remote=1: the HTML version, cleaned, as a document of its own.
Result<Response> page_body(const Request& request, const std::string& folder, std::uint32_t uid);
/// GET and POST /folders/ ?q= ?page= ?folder= (one of them): the folders and what is done to them
/// (page_folder_change.cc); /folders/export?folder=&as=mbox|zip: all messages of one, as a stream.
Result<Response> page_folders(const Request& request);
Result<Response> act_folders(const Request& request);
Result<Response> page_folder_export(const Request& request);
/// GET and POST /folders/largest/: the largest folders, and messages to be ticked.
Result<Response> page_largest(const Request& request);
Result<Response> act_largest(const Request& request);
/// GET and POST /settings/ ?reset=NAME|group-NAME|all: asks first; do=reset
Result<Response> page_settings(const Request& request);
Result<Response> act_settings(const Request& request);

/// What the log-in page has to say besides its fields.
struct LoginState {
  std::string user;            ///< kept from the attempt before
  std::string domain;
  bool shared_computer = false;
  enum class Say { kNothing, kWrong, kThrottled, kNoCookie, kServerDown, kServerTls, kUnknownDomain,
                   kNoWebcache, kExpired, kLoggedOut, kStale } say = Say::kNothing;
  std::uint32_t seconds = 0;   ///< to wait, for kThrottled
  std::string next;            ///< path below the mount to go to afterwards, checked; or ""
  std::string kept;            ///< a form of /compose that the session ended under (ComposeForm::spelled())
  bool kept_lost = false;      ///< it was too long to be carried along
};
/// Renders the log-in page (status 200, 401, 429 or 503 by what it says). The token is request.token().
Response render_login(const Request& request, const LoginState& state);

/// The page for any error: what happened, what was kept, what to do next; status by code
/// (404, 403, 413, 429, 502, 503, 504, 500), Retry-After where the error knows it, the request id.
Response render_error(const Request& request, const Error& error);

}  // namespace alphamail

#endif
