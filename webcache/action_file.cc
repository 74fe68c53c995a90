// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/action_file.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/seal.h"
#include "webcache/clock.h"
#include "webcache/stored_fields.h"

namespace alphamail {
namespace {

constexpr char kActions = 'u';
constexpr std::uint64_t kVersion = 1;
constexpr std::uint64_t kMostBytes = 16 << 20;
constexpr std::uint64_t kMostThings = 4 * ActionLog::kMostBack;  // of a list; more is no file of ours

// A clock that was set back by more has no answer to how long ago something was.
constexpr std::int64_t kSetBack = 60;

const char* name_of(ActionFile which) { return which == ActionFile::kLate ? "late" : ""; }

// ---- pairs of numbers as one ----

std::uint64_t pair_of(const Marked& m) { return std::uint64_t{m.identity()} << 32 | m.uid(); }
std::uint64_t pair_of(const UidRange& r) { return std::uint64_t{r.last} << 32 | r.first; }
std::uint32_t low(std::uint64_t pair) { return static_cast<std::uint32_t>(pair); }
std::uint32_t high(std::uint64_t pair) { return static_cast<std::uint32_t>(pair >> 32); }

template <typename Pair>
void put_pairs(const std::vector<Pair>& pairs, FieldsOut& out) {
  out(pairs.size());
  for (const Pair& pair : pairs) out(pair_of(pair));
}

template <typename Pair>
void take_pairs(std::vector<Pair>& pairs, FieldsIn& in) {
  std::uint64_t count = 0, pair = 0;
  in(count);
  if (count > kMostThings) count = 0;  // the rest will not fit
  for (; in.good() && count > 0; --count) {
    in(pair);
    pairs.push_back(Pair{low(pair), high(pair)});
  }
}

// ---- one list of fields for writing and for reading ----

template <typename Some, typename Io>
void each_sum(Some& some, Io& io) {
  io(some.done);
  io(some.gone);
  io(some.others);
  io(some.failed);
}

template <typename Back, typename Io>
void each_field_of_act(Back& back, Io& io) {
  io(back.folder);
  io(back.uid_validity);
  io(back.target);
  io(back.label);
  io(back.set);
  io(back.clear);
}

template <typename Report, typename Io>
void each_field_of_report(Report& report, Io& io) {
  io(report.id);
  io(report.folder);
  io(report.target);
  io(report.label);
  each_sum(report, io);
  io(report.total);
}

// An enumerator that this version knows.
template <typename Enum>
bool take_enum(Enum& value, FieldsIn& in) {
  std::uint64_t number = 0;
  in(number);
  if (number > static_cast<std::uint64_t>(Enum::MAX)) return false;
  value = static_cast<Enum>(number);
  return in.good();
}

bool take_error(Error& error, FieldsIn& in) {
  std::uint64_t code = 0;
  in(code);
  in(error.detail);
  error.code = static_cast<Code>(code);
  return in.good() && code <= static_cast<std::uint64_t>(kLastCode);
}

void put_act(const Act& act, FieldsOut& out) {
  out(static_cast<std::uint64_t>(act.action));
  each_field_of_act(act, out);
  put_pairs(act.messages, out);
  put_pairs(act.ranges, out);
}

bool take_act(Act& act, FieldsIn& in) {
  if (!take_enum(act.action, in)) return false;
  each_field_of_act(act, in);
  take_pairs(act.messages, in);
  take_pairs(act.ranges, in);
  return in.good();
}

void put_step(const Acted& step, FieldsOut& out) {
  each_sum(step, out);
  out(step.target);
  out(step.back_from);
  out(step.back.size());
  for (const Act& back : step.back) put_act(back, out);
}

bool take_step(Acted& step, FieldsIn& in) {
  std::uint64_t count = 0;
  each_sum(step, in);
  in(step.target);
  in(step.back_from);
  in(count);
  for (; in.good() && count > 0; --count) {
    if (!take_act(step.back.emplace_back(), in)) return false;
  }
  return in.good();
}

void put_action(const KeptAction& kept, std::int64_t wall, FieldsOut& out) {
  const ActionReport& report = kept.report;
  out(static_cast<std::uint64_t>(wall - kept.age));
  out(static_cast<std::uint64_t>(report.action));
  out(static_cast<std::uint64_t>(report.progress));
  each_field_of_report(report, out);
  out(std::uint64_t{report.undo});
  out(std::uint64_t{report.can_undo});
  out(std::uint64_t{kept.told});
  out(std::uint64_t{report.error.has_value()});
  if (report.error) {
    out(static_cast<std::uint64_t>(report.error->code));
    out(report.error->detail);
  }
  out(kept.steps.size());
  for (const Acted& step : kept.steps) put_step(step, out);
}

bool take_action(KeptAction& kept, std::int64_t wall, FieldsIn& in) {
  ActionReport& report = kept.report;
  std::int64_t begun = 0;
  in(begun);
  kept.age = wall - begun;
  if (!take_enum(report.action, in) || !take_enum(report.progress, in)) return false;
  each_field_of_report(report, in);
  std::uint64_t failed = 0, count = 0;
  in(report.undo);
  in(report.can_undo);
  in(kept.told);
  in(failed);
  if (failed != 0 && !take_error(report.error.emplace(), in)) return false;
  in(count);
  for (; in.good() && count > 0; --count) {
    if (!take_step(kept.steps.emplace_back(), in)) return false;
  }
  return in.good() && report.id != 0 && report.can_undo == !kept.steps.empty();
}

std::vector<KeptAction> load_one(const AccountFiles& files, ActionFile which) {
  auto file = files.open(kActions, name_of(which), false);
  if (!file) return {};
  std::string bytes(static_cast<std::size_t>(std::min(file->size(), kMostBytes)), '\0');
  if (!file->read(0, std::as_writable_bytes(std::span(bytes)))) return {};
  return read_actions(bytes, wall_seconds());
}

}  // namespace

std::string write_actions(const std::vector<KeptAction>& actions, std::int64_t wall) {
  FieldsOut out;
  out(kVersion);
  out(actions.size());
  for (const KeptAction& kept : actions) put_action(kept, wall, out);
  return std::move(out.bytes);
}

std::vector<KeptAction> read_actions(std::string_view bytes, std::int64_t wall) {
  FieldsIn in(bytes);
  std::uint64_t version = 0, count = 0;
  std::vector<KeptAction> actions;
  in(version);
  in(count);
  if (version != kVersion) return {};
  for (; in.good() && count > 0; --count) {
    if (!take_action(actions.emplace_back(), wall, in)) return {};
  }
  if (!in.at_end()) return {};
  std::erase_if(actions, [](const KeptAction& kept) {
    return kept.age < -kSetBack || kept.age > ActionLog::kSecondsKept;
  });
  for (KeptAction& kept : actions) kept.age = std::max<std::int64_t>(kept.age, 0);
  return actions;
}

Result<void> save_actions(const AccountFiles& files, ActionFile which, const std::vector<KeptAction>& actions) {
  if (actions.empty()) {
    files.remove(kActions, name_of(which));
    return {};
  }
  const auto by = which == ActionFile::kLate ? AccountFiles::By::kOneThatLeft : AccountFiles::By::kUser;
  auto writer = files.begin(kActions, name_of(which), by);
  if (!writer) return writer.error();
  const std::string bytes = write_actions(actions, wall_seconds());
  if (const auto put = writer->write(as_bytes(bytes)); !put) return put;
  const std::uint64_t written = writer->written();
  // Not worth waiting for the disk: what is lost with a machine's power is a way back.
  if (const auto put = writer->commit(SealedWriter::Last::kSometime); !put) return put;
  files.note_written(written);
  return {};
}

std::vector<KeptAction> load_actions(const AccountFiles& files) {
  std::vector<KeptAction> actions = load_one(files, ActionFile::kLate);
  std::vector<KeptAction> own = load_one(files, ActionFile::kOwn);
  std::move(own.begin(), own.end(), std::back_inserter(actions));
  return actions;
}

}  // namespace alphamail
