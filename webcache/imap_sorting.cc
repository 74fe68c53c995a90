// SPDX-License-Identifier: GPL-3.0-or-later
// UID SORT: a stretch of the server's order of the selected folder.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "webcache/imap_connection_impl.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kMostAtOnce = 1000;

/// Ascending and descending, by ServerSort.
constexpr std::array<std::array<const char*, 2>, 6> kPrograms{{
    {"(ARRIVAL)", "(REVERSE ARRIVAL)"},
    {"(DATE)", "(REVERSE DATE)"},
    {"(FROM)", "(REVERSE FROM)"},
    {"(TO)", "(REVERSE TO)"},
    {"(SUBJECT)", "(REVERSE SUBJECT)"},
    {"(SIZE)", "(REVERSE SIZE)"},
}};

}  // namespace

/// Runs it, whichever of its two forms the server answers in.
Result<Sorted> ImapConnection::Impl::sort(ImapCommand& command, std::uint32_t first,
                                          std::uint32_t last, Deadline deadline) {
  Found found{.first = first, .last = last};
  std::optional<ExtendedSearch> extended;
  bool odd = false;
  const auto sink = [&](const ImapResponse& response, const Untagged& about) -> Result<void> {
    Parsed parsed = Parsed::kGood;
    if (about.kind == Untagged::Kind::kFound) parsed = parse_found(response, found);
    if (about.kind == Untagged::Kind::kExtendedSearch) {
      ExtendedSearch answer;
      parsed = parse_extended_search(response, kMostAtOnce, answer);
      if (parsed == Parsed::kGood && answer.by_uid && answer.partial) extended = std::move(answer);
    }
    odd |= parsed == Parsed::kOdd;
    return parsed == Parsed::kBroken ? protocol_error("to SORT is not IMAP") : Result<void>();
  };
  if (auto done = check(wire.run(command, deadline, sink)); !done) return done.error();
  // Behind a number that is none, all others stand at the wrong place.
  if (odd || (!extended && found.total == 0))
    return Error{Code::kServerSaid, "the server told no order"};
  if (!extended) {
    const auto total = std::min<std::uint64_t>(found.total, imap_limits::kMessages);
    return Sorted{std::move(found.uids), static_cast<std::uint32_t>(total)};
  }
  if (extended->found.size() > last - first + 1) extended->found.resize(last - first + 1);
  const std::uint64_t count = extended->count.value_or(wire.exists());
  return Sorted{std::move(extended->found), static_cast<std::uint32_t>(count)};
}

Result<Sorted> ImapConnection::sort(ServerSort by, bool descending, std::uint32_t first,
                                    std::uint32_t last, Deadline deadline) {
  const Capabilities& offered = capabilities();
  if (!offered.sort || impl_->selected.empty())
    return Error{Code::kInvalid, "the server cannot sort"};
  if (first == 0 || last < first || last - first >= kMostAtOnce)
    return Error{Code::kInvalid, "no messages are asked for"};
  if (exists() == 0) return Sorted{};
  const char* program = kPrograms[static_cast<std::size_t>(by)][descending];
  if (offered.esort && offered.context && !impl_->refuses_partial) {
    ImapCommand command("UID SORT RETURN");
    command.words("(COUNT PARTIAL").range(first, last).words(")").words(program).words("UTF-8 ALL");
    auto sorted = impl_->sort(command, first, last, deadline);
    if (sorted || dead() || impl_->wire.status().kind != StatusText::Kind::kBad) return sorted;
    impl_->refuses_partial = true;
  }
  ImapCommand command("UID SORT");
  command.words(program).words("UTF-8 ALL");
  return impl_->sort(command, first, last, deadline);
}

}  // namespace alphamail
