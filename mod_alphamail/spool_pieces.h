// SPDX-License-Identifier: GPL-3.0-or-later
// A piece of a file of the spool on its way: WebcacheClient::spool_append() in two halves, so that several are on their
// way at once. Whatever fails is asked again by that one: neither half resumes a session, or waits for a daemon.
#ifndef MOD_ALPHAMAIL_SPOOL_PIECES_H
#define MOD_ALPHAMAIL_SPOOL_PIECES_H

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/deadline.h"
#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "common/result.h"

namespace alphamail {

struct Caller;

/// @param bytes  at most WebcacheClient::kSpoolPiece
Result<Call> post_spool_piece(LaneClient& lane, Deadline deadline, const Caller& caller, wire::SpoolKind kind,
                              wire::SpoolId id, std::uint64_t version, std::uint64_t offset,
                              std::span<const std::byte> bytes);
/// @return how many bytes the daemon has
Result<std::uint64_t> spool_piece_answer(Call& call, Deadline deadline);

}  // namespace alphamail

#endif
