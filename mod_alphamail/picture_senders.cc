// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/picture_senders.h"

#include "common/characters.h"
#include "mod_alphamail/session.h"
#include "mod_alphamail/store.h"

namespace alphamail {
namespace {

constexpr std::size_t kLongest = 320;  // RFC 3696: 64 and 255 and the sign between them

}  // namespace

std::string PictureSenders::address_of(const MessageHeader& header) {
  if (header.from.size() != 1) return {};
  std::string address = lower(header.from.front().mailbox);
  const bool whole = address.find('@') != std::string::npos && address.size() <= kLongest;
  return whole ? address : std::string();
}

Result<bool> PictureSenders::has(const Session& session, const std::string& address, Deadline deadline) {
  const auto rows = store_.select({Sql::kPictureSenderSelect, {session.user, session.domain, address}}, deadline);
  if (!rows) return rows.error().while_doing("looking for a sender of pictures");
  return !rows->empty();
}

Result<void> PictureSenders::add(const Session& session, const std::string& address, Deadline deadline) {
  const auto written = store_.write({Sql::kPictureSenderPut, {session.user, session.domain, address}}, deadline);
  if (!written) return written.error().while_doing("keeping a sender of pictures");
  return {};
}

Result<void> PictureSenders::remove(const Session& session, const std::string& address, Deadline deadline) {
  const auto written = store_.write({Sql::kPictureSenderDelete, {session.user, session.domain, address}}, deadline);
  if (!written) return written.error().while_doing("forgetting a sender of pictures");
  return {};
}

}  // namespace alphamail
