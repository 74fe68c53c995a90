// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/compose_spool.h"

#include <array>

#include "common/mime_text.h"
#include "common/seal.h"
#include "mod_alphamail/percent.h"
#include "mod_alphamail/spool_writer.h"

namespace alphamail {
namespace {

constexpr std::size_t kMostText = 100 << 20;   // of a kept form; it came through a limit of its own

/// Hands on what a call streams. @param decoder  null: as it comes
template <typename Table>
Result<void> stream(Reply<Table>& reply, Deadline deadline, TransferDecoder* decoder, const PieceSink& sink) {
  std::array<std::byte, 32768> piece;
  std::string decoded;
  while (true) {
    const auto got = reply.call().read(piece, deadline);
    if (!got) return got.error();
    if (*got == 0) break;
    std::string_view bytes(reinterpret_cast<const char*>(piece.data()), *got);
    if (decoder) {
      decoded.clear();
      decoder->decode(bytes, decoded);
      bytes = decoded;
    }
    if (bytes.empty()) continue;
    if (const auto done = sink(bytes); !done) return done;
  }
  if (!decoder) return {};
  decoded.clear();
  decoder->finish(decoded);
  return decoded.empty() ? Result<void>() : sink(decoded);
}

Result<void> read_attachment(const Request& request, const ComposeAttachment& a, const PieceSink& sink) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  if (a.from == ComposeAttachment::From::kSpool) {
    auto reply = webcache.spool_read(caller, wire::SpoolKind::Upload, a.id);
    if (!reply) return reply.error();
    return stream(*reply, request.deadline, nullptr, sink);
  }
  auto reply = webcache.part(caller, a.message.folder, a.message.uid, a.message.uid_validity, a.section, 0);
  if (!reply) return reply.error();
  const wire::Part* part = (*reply)->part();
  TransferDecoder decoder(part && part->encoding() ? part->encoding()->string_view() : std::string_view());
  return stream(*reply, request.deadline, part ? &decoder : nullptr, sink);
}

}  // namespace

Result<void> keep_form(const Request& request, ComposeForm& form) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  const std::string spelled = form.spelled();
  const std::string note = form.subject.substr(0, 500);
  auto writer = SpoolWriter::begin(webcache, caller, wire::SpoolKind::Text, form.text,
                                   {.replaces = form.text ? form.text_version : 0, .size = spelled.size(), .note = note});
  if (!writer) return writer.error();
  if (const auto done = writer->write(as_bytes(spelled)); !done) return done;
  if (const auto done = writer->finish(); !done) return done.error();
  form.text = writer->id();
  form.text_version = writer->version();
  return {};
}

Result<ComposeForm> read_kept_form(const Request& request, const wire::SpoolId& id) {
  WebcacheClient webcache = request.webcache();
  auto reply = webcache.spool_read(request.session->caller(), wire::SpoolKind::Text, id);
  if (!reply) return reply.error().while_doing("reading what was written");
  std::string spelled;
  const auto read = stream(*reply, request.deadline, nullptr, [&](std::string_view piece) -> Result<void> {
    if (spelled.size() + piece.size() > kMostText) return Error{Code::kTooLarge, "the kept text is too long"};
    spelled += piece;
    return {};
  });
  if (!read) return read.error();
  const auto fields = Fields::parse(spelled, Fields::kMostOfTicked);
  if (!fields) return Error{Code::kInvalid, "what was kept cannot be read"};
  ComposeForm form = ComposeForm::of(*fields);
  form.text = id;
  form.text_version = (*reply)->version();
  return form;
}

void forget_form(const Request& request, const ComposeForm& form) {
  WebcacheClient webcache = request.webcache();
  const Caller caller = request.session->caller();
  if (form.text) (void)webcache.spool_delete(caller, wire::SpoolKind::Text, *form.text);
  for (const ComposeAttachment& a : form.attachments) {
    if (a.from == ComposeAttachment::From::kSpool) (void)webcache.spool_delete(caller, wire::SpoolKind::Upload, a.id);
  }
}

PieceSource source_of(const Request& request, const ComposeAttachment& attachment) {
  return [&request, &attachment](const PieceSink& sink) -> Result<void> {
    const auto done = read_attachment(request, attachment, sink);
    if (!done) return done.error().while_doing("reading " + attachment.name);
    return {};
  };
}

}  // namespace alphamail
