// SPDX-License-Identifier: GPL-3.0-or-later
// What the form of /compose holds: what was typed, and, in hidden fields, what it is about. Nothing of it
// lies on the server between two requests, so that reload, Back, two tabs and an ended session lose nothing.
// All of it is the user's own; whoever forges a field reaches nothing that is not theirs already.
//
//   from to cc bcc subject body        as typed
//   key=HEX                            names the message that is sent, so that it is sent once
//   att=s HEX SIZE TYPE NAME           an attachment in the spool
//   att=p SHOWN SECTION SIZE TYPE NAME   a part of a message, as the mail server has it
//   att=m SHOWN SIZE TYPE NAME         a whole message
//   about=SHOWN how=reply|forward      what is answered or forwarded; SHOWN is FOLDER:VALIDITY:UID:IDENTITY
//   irt=ID refs=ID ID ...              In-Reply-To, References
//   draft=SHOWN                        as what it lies among the drafts
//   text=HEX VERSION                   as what it lies in the spool
//   many=N                             to how many 'Reply all' would go
//   back=PATH                          the page that it was begun from
//   writer=ADDRESS                     whose it is: nobody else gets it after a log-in
//
// Words inside a value are percent-encoded, so that a blank separates.
#ifndef MOD_ALPHAMAIL_COMPOSE_FORM_H
#define MOD_ALPHAMAIL_COMPOSE_FORM_H

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/protocol_generated.h"
#include "mod_alphamail/request.h"
#include "mod_alphamail/webcache_client.h"

namespace alphamail {

/// A message of a folder that owns its folder's name (ShownMessage borrows it).
struct KnownMessage {
  std::string folder;
  std::uint32_t uid_validity = 0;
  std::uint32_t uid = 0;
  std::uint32_t identity = 0;

  ShownMessage shown() const { return {folder, uid_validity, uid, identity}; }
  std::string word() const;
  static std::optional<KnownMessage> of(std::string_view word);
  static KnownMessage of(const wire::Shown& shown);
};

struct ComposeAttachment {
  enum class From : std::uint8_t { kSpool, kPart, kMessage } from = From::kSpool;
  wire::SpoolId id;          ///< of kSpool
  KnownMessage message;      ///< of the others
  std::string section;       ///< of kPart
  std::uint64_t size = 0;    ///< bytes as they are saved; of kPart an estimate
  std::string type, name;

  std::string word() const;
  static std::optional<ComposeAttachment> of(std::string_view word);
};

struct ComposeForm {
  static constexpr std::size_t kAttachments = 100;
  static constexpr std::size_t kAbout = 100;
  static constexpr std::size_t kIds = 60;       ///< message ids kept in References

  std::string from;     ///< an identity (identities.h); "" = the first
  std::string to, cc, bcc, subject, body;
  wire::SpoolId key;
  std::vector<ComposeAttachment> attachments;
  std::vector<KnownMessage> about;
  bool forward = false;
  std::string in_reply_to;
  std::vector<std::string> references;
  std::optional<KnownMessage> draft;
  std::optional<wire::SpoolId> text;
  std::uint64_t text_version = 0;
  std::uint32_t many = 0;
  std::string writer;   ///< the account that it was written in
  std::string back;     ///< checked by safe_return_path()

  /// What the fields say; what they lack stays as in a new form, what is malformed is left out.
  static ComposeForm of(const Fields& fields);
  /// The same of what was sent: by the form, or by a page between that has all of it in `kept`. Nothing where that is malformed.
  static std::optional<ComposeForm> sent(const Fields& fields);
  /// Hidden fields, in order. With `all`, the typed ones as well.
  std::vector<std::pair<std::string, std::string>> fields(bool all) const;
  /// All of it as one urlencoded text, for the spool and for pages between; of(Fields::parse(...)) reads it.
  std::string spelled() const;

  bool is_empty() const { return to.empty() && cc.empty() && bcc.empty() && subject.empty() && body.empty() && attachments.empty(); }
  std::uint64_t attached_bytes() const;
};

/// 32 hexadecimal digits and back; nullopt for anything else, and for the id that is none.
std::string spool_word(const wire::SpoolId& id);
std::optional<wire::SpoolId> read_spool_word(std::string_view word);
wire::SpoolId new_spool_id();

}  // namespace alphamail

#endif
