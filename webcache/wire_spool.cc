// SPDX-License-Identifier: GPL-3.0-or-later
// Replies about what is written: the spool, drafts, the outbox.
#include "webcache/reply_builder.h"

namespace alphamail {

using namespace replies;

namespace {

wire::SpoolId wire_id(SpoolId id) {
  return {id.high, id.low};
}

Offset<wire::Spooled> spooled(FlatBufferBuilder& fbb, const SpooledFile& file) {
  const wire::SpoolId id = wire_id(file.id);
  const auto note = text(fbb, file.head.note);
  return wire::CreateSpooled(fbb, &id, file.head.kind, file.head.version, file.size, file.finished,
                             file.head.saved, note);
}

Offset<wire::Shown> shown(FlatBufferBuilder& fbb, const Account::Shown& message) {
  const auto folder_address = text(fbb, message.folder);
  return wire::CreateShown(fbb, folder_address, message.uid_validity,
                           static_cast<std::uint32_t>(message.uid), message.identity);
}

Offset<wire::OutboxEntry> outbox_entry(FlatBufferBuilder& fbb, const OutgoingEntry& entry) {
  const wire::SpoolId id(entry.id_high, entry.id_low);
  const OutgoingStatus& status = entry.status;
  Offsets<String> recipients;
  for (const std::string& one : entry.recipients) recipients.push_back(text(fbb, one));
  Offsets<wire::Refused> refused;
  for (const SmtpRefused& one : status.refused) {
    const auto address = text(fbb, one.address);
    refused.push_back(wire::CreateRefused(fbb, address, one.reply, text(fbb, one.words)));
  }
  const auto note = text(fbb, entry.note);
  const auto from = text(fbb, entry.from);
  const auto to = fbb.CreateVector(recipients);
  const auto detail = text(fbb, status.error ? server_words(*status.error) : std::string());
  const auto no = fbb.CreateVector(refused);
  const auto draft = status.draft ? shown(fbb, *status.draft) : Offset<wire::Shown>();
  return wire::CreateOutboxEntry(
      fbb, &id, status.state, note, entry.size, entry.since, entry.held_until, from, to,
      static_cast<std::uint32_t>(entry.recipient_count),
      status.error ? static_cast<std::uint8_t>(status.error->code) : std::uint8_t{0}, status.reply,
      detail, no, draft);
}

}  // namespace

ReplyBytes reply_spooled(const SpooledFile& file) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, spooled(fbb, file));
}

ReplyBytes reply_spool_listing(const std::vector<SpooledFile>& files, std::uint64_t bytes,
                               std::uint64_t limit) {
  FlatBufferBuilder& fbb = builder();
  Offsets<wire::Spooled> all;
  for (const SpooledFile& file : files) all.push_back(spooled(fbb, file));
  const auto list = fbb.CreateVector(all);
  return finish(fbb, wire::CreateSpoolListing(fbb, list, bytes, limit));
}

ReplyBytes reply_draft_saved(const Account::Shown& draft) {
  FlatBufferBuilder& fbb = builder();
  const auto where = shown(fbb, draft);
  return finish(fbb, wire::CreateDraftSaved(fbb, where));
}

ReplyBytes reply_outbox_entry(const OutgoingEntry& entry) {
  FlatBufferBuilder& fbb = builder();
  return finish(fbb, outbox_entry(fbb, entry));
}

ReplyBytes reply_outbox(const std::vector<OutgoingEntry>& entries) {
  FlatBufferBuilder& fbb = builder();
  Offsets<wire::OutboxEntry> all;
  for (const OutgoingEntry& entry : entries) all.push_back(outbox_entry(fbb, entry));
  const auto list = fbb.CreateVector(all);
  return finish(fbb, wire::CreateOutbox(fbb, list));
}

}  // namespace alphamail
