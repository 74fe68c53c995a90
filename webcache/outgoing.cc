// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/outgoing.h"

#include <utility>

#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

enum class Note : std::uint64_t { kOrder = 1, kAtEnd, kAppending, kFiled, kStatus };

// One list for writing and for reading; Fields is FieldsOut or FieldsIn.

template <typename Fields, typename Shown>
void shown_fields(Fields& fields, Shown& shown) {
  fields(shown.folder);
  fields(shown.uid_validity);
  if constexpr (std::is_same_v<Fields, FieldsIn>) {
    std::uint32_t uid = 0;
    fields(uid);
    shown.uid = Uid{uid};
  } else {
    fields(static_cast<std::uint32_t>(shown.uid));
  }
  fields(shown.identity);
}

// A list of at most `kMost` values, each visited by `each`.
template <typename Fields, typename List, typename Each>
void list_fields(Fields& fields, List& list, const Each& each) {
  constexpr std::uint64_t kMost = 100'000;
  std::uint64_t count = list.size();
  fields(count);
  if constexpr (std::is_same_v<Fields, FieldsIn>) {
    for (std::uint64_t i = 0; i < count && i < kMost && fields.good(); ++i) each(list.emplace_back());
  } else {
    for (auto& one : list) each(one);
  }
}

template <typename Fields, typename Optional>
void optional_shown(Fields& fields, Optional& shown) {
  bool there = shown.has_value();
  fields(there);
  if constexpr (std::is_same_v<Fields, FieldsIn>) {
    if (there) shown.emplace();
  }
  if (shown) shown_fields(fields, *shown);
}

template <typename Fields, typename Enum>
void enum_field(Fields& fields, Enum& value, std::uint64_t most) {
  std::uint64_t number = static_cast<std::uint64_t>(value);
  fields(number);
  if constexpr (std::is_same_v<Fields, FieldsIn>) {
    value = static_cast<std::remove_const_t<Enum>>(number <= most ? number : 0);
  }
}

template <typename Fields, typename Order>
void order_fields(Fields& fields, Order& order) {
  fields(order.from);
  list_fields(fields, order.recipients, [&](auto& one) { fields(one); });
  fields(order.asked);
  fields(order.held_until);
  fields(order.keep_copy);
  fields(order.sent_folder);
  enum_field(fields, order.mark, 1);
  list_fields(fields, order.marked, [&](auto& one) { shown_fields(fields, one); });
  optional_shown(fields, order.draft);
  fields(order.facts.wire_bytes);
  fields(order.facts.whole_bytes);
  fields(order.facts.eight_bit);
  fields(order.facts.utf8_header);
  fields(order.facts.message_id);
}

template <typename Fields, typename Status>
void status_fields(Fields& fields, Status& status) {
  enum_field(fields, status.state, static_cast<std::uint64_t>(OutgoingState::MAX));
  bool failed = status.error.has_value();
  fields(failed);
  if constexpr (std::is_same_v<Fields, FieldsIn>) {
    if (failed) status.error.emplace();
  }
  if (status.error) {
    enum_field(fields, status.error->code, static_cast<std::uint64_t>(kLastCode));
    fields(status.error->detail);
  }
  fields(status.reply);
  list_fields(fields, status.refused, [&](auto& one) {
    fields(one.address);
    fields(one.reply);
    fields(one.words);
  });
  optional_shown(fields, status.draft);
}

template <typename Fields, typename Place>
void place_fields(Fields& fields, Place& place) {
  fields(place.folder);
  fields(place.uid_validity);
  fields(place.uid_next);
}

FieldsOut begin(Note note) {
  FieldsOut out;
  out(static_cast<std::uint64_t>(note));
  return out;
}

void read_note(std::string_view text, OutgoingJournal& journal) {
  FieldsIn in(text);
  std::uint64_t kind = 0;
  in(kind);
  switch (static_cast<Note>(kind)) {
    case Note::kOrder: {
      SendOrder order;
      order_fields(in, order);
      if (!in.at_end()) return;
      journal.status = {};
      journal.status.state = order.held_until != 0 ? OutgoingState::Held : OutgoingState::Sending;
      journal.order = std::move(order);
      return;
    }
    case Note::kAtEnd:
      journal.status = {};
      journal.status.state = OutgoingState::Uncertain;
      journal.status.error = Error{Code::kNoWebcache, "AlphaMail was stopped while it sent this", 0};
      return;
    case Note::kAppending: {
      Account::Place place;
      place_fields(in, place);
      if (in.at_end()) journal.appending = std::move(place);
      return;
    }
    case Note::kFiled:
      journal.filed = true;
      return;
    case Note::kStatus: {
      OutgoingStatus status;
      status_fields(in, status);
      if (in.at_end()) journal.status = std::move(status);
      return;
    }
  }
}

}  // namespace

std::string order_note(const SendOrder& order) {
  FieldsOut out = begin(Note::kOrder);
  order_fields(out, order);
  return std::move(out.bytes);
}

std::string at_end_note() {
  return std::move(begin(Note::kAtEnd).bytes);
}

std::string appending_note(const Account::Place& place) {
  FieldsOut out = begin(Note::kAppending);
  place_fields(out, place);
  return std::move(out.bytes);
}

std::string filed_note() {
  return std::move(begin(Note::kFiled).bytes);
}

std::string status_note(const OutgoingStatus& status) {
  FieldsOut out = begin(Note::kStatus);
  status_fields(out, status);
  return std::move(out.bytes);
}

OutgoingJournal read_journal(const std::vector<std::string>& notes) {
  OutgoingJournal journal;
  for (const std::string& note : notes) read_note(note, journal);
  return journal;
}

}  // namespace alphamail
