// SPDX-License-Identifier: GPL-3.0-or-later
// Fuzzes everything of ours that reads a server's bytes. Not built by default:
//
//   make t/fuzz/imap_parser_fuzz && mkdir -p corpus && t/fuzz/imap_parser_fuzz -max_total_time=60 corpus
//
// The first byte says in how small pieces the stream comes.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "t/unit/imap_text.h"
#include "webcache/imap_error.h"
#include "webcache/imap_limits.h"
#include "webcache/imap_numbers.h"
#include "webcache/imap_parser.h"
#include "webcache/keyword.h"

namespace {

using namespace alphamail;

void require(bool holds) {
  if (!holds) std::abort();
}

bool inside(std::string_view view, const ImapResponse& response, const FetchResponse& fetched) {
  if (view.empty()) return true;
  if (view.data() >= response.text.data() && view.data() + view.size() <= response.text.data() + response.text.size()) {
    return true;
  }
  for (const std::string& own : fetched.scratch) {
    if (view.data() == own.data() && view.size() == own.size()) return true;
  }
  return false;
}

void check_fetch(const ImapResponse& response) {
  FetchResponse fetched;
  if (parse_fetch(response, fetched) != Parsed::kGood) return;
  require(fetched.row.seq != 0);
  require(fetched.row.parts.size() <= static_cast<std::size_t>(imap_limits::kParts));
  require(fetched.bodies.size() <= FetchResponse::kMaxBodies);
  for (const FetchedBody& body : fetched.bodies) {
    require(inside(body.bytes, response, fetched) && inside(body.section, response, fetched));
    require(body.announced >= body.bytes.size());
  }
  for (const PartInfo& part : fetched.row.parts) {
    require(part.depth <= imap_limits::kPartDepth);
    require(part.parameters.size() <= static_cast<std::size_t>(imap_limits::kParameters));
  }
  require(fetched.row.subject.size() <= imap_limits::kValue);
  require(fetched.row.recipients.size() <= imap_limits::kRecipients);
  require(fetched.row.keywords.size() <= imap_limits::kKeywords);
  for (const std::string& keyword : fetched.row.keywords) require(is_keyword(keyword) && !is_known_flag(keyword));
}

void check(const ImapResponse& response) {
  StatusText status;
  if (parse_status_text(response, status) == Parsed::kGood) {
    require(presentable(status.words).size() <= imap_limits::kWords);
    for (const std::string& keyword : parse_permanent_flags(status.args).keywords) require(is_keyword(keyword));
    (void)login_refused(status);
    (void)parse_capabilities(status.args);
  }
  if (response.kind != ImapResponse::Kind::kUntagged) return;
  Untagged about;
  ListedFolder folder;
  (void)parse_untagged(response, about);
  (void)parse_capabilities(response.text);
  if (parse_list(response, folder) == Parsed::kGood) require(folder.name.size() <= imap_limits::kName);
  if (parse_status_counts(response, folder) == Parsed::kGood) require(folder.unseen <= folder.messages || !folder.counted);
  Vanished vanished;
  if (parse_vanished(response, vanished) == Parsed::kGood) {
    for (const UidRange& range : vanished.ranges) require(range.first != 0 && range.first <= range.last);
    require(vanished.count >= vanished.ranges.size());
  }
  Found found{.first = 2, .last = 5};
  if (parse_found(response, found) == Parsed::kGood) require(found.uids.size() <= 4 && found.uids.size() <= found.total);
  ExtendedSearch extended;
  if (parse_extended_search(response, 100, extended) == Parsed::kGood) {
    require(extended.found.size() <= 100 && (extended.partial || extended.found.empty()));
    for (const Uid uid : extended.found) require(uid != Uid{});
  }
  check_fetch(response);
}

}  // namespace

/// How the stream is cut into pieces must not change what is read from it.
void compare(std::string_view stream, std::size_t step) {
  MemorySource whole_source(stream), cut_source(stream, step);
  ImapReader whole(whole_source), cut(cut_source);
  for (;;) {
    const auto a = whole.next(Deadline::in(Millis{1000}));
    const auto b = cut.next(Deadline::in(Millis{1000}));
    require(a.has_value() == b.has_value());
    if (!a) {
      require(a.error().code == b.error().code);
      return;
    }
    require(a->kind == b->kind && a->tag == b->tag && a->text == b->text && a->overlong == b->overlong && a->continues == b->continues);
    require(a->literals.size() == b->literals.size());
  }
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = data[0] == 0 ? SIZE_MAX : data[0];
  const std::string_view stream(reinterpret_cast<const char*>(data + 1), size - 1);
  compare(stream, step);
  MemorySource source(stream, step);
  ImapReader reader(source);
  for (;;) {
    const auto response = reader.next(Deadline::in(Millis{1000}));
    if (!response) return 0;
    check(*response);
  }
}
