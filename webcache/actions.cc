// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/actions.h"

#include <algorithm>
#include <random>
#include <utility>

#include "webcache/heap_bytes.h"

namespace alphamail {
namespace {

// Tells reports of one account apart, also from those before a restart; no secret.
std::uint64_t new_id() {
  std::random_device source;
  const std::uint64_t id = std::uint64_t{source()} << 32 | source();
  return std::max<std::uint64_t>(id, 1);
}

void add(ActionReport& report, const Acted& acted) {
  report.done += acted.done;
  report.gone += acted.gone;
  report.others += acted.others;
  report.failed += acted.failed;
  if (acted.error) report.error = acted.error;
  if (!acted.target.empty()) report.target = acted.target;
}

std::size_t to_take_back(const std::vector<Acted>& steps) {
  std::size_t sum = 0;
  for (const Acted& step : steps) {
    for (const Act& back : step.back) sum += back.messages.size() + back.ranges.size();
  }
  return sum;
}

bool before(const UidRange& a, const UidRange& b) { return a.first < b.first; }

}  // namespace

// ---- which messages ----

void add_uid(std::vector<UidRange>& ranges, std::uint32_t uid) {
  if (!ranges.empty() && uid == std::uint64_t{ranges.back().last} + 1) {
    ranges.back().last = uid;
  } else {
    ranges.push_back({uid, uid});
  }
}

void tidy(std::vector<UidRange>& ranges) {
  std::sort(ranges.begin(), ranges.end(), before);
  std::vector<UidRange> out;
  for (const UidRange& range : ranges) {
    if (!out.empty() && range.first <= std::uint64_t{out.back().last} + 1) {
      out.back().last = std::max(out.back().last, range.last);
    } else {
      out.push_back(range);
    }
  }
  out.shrink_to_fit();
  ranges = std::move(out);
}

bool holds(const std::vector<UidRange>& ranges, std::uint32_t uid) {
  const auto above = std::upper_bound(ranges.begin(), ranges.end(), UidRange{uid, uid}, before);
  return above != ranges.begin() && (above - 1)->last >= uid;
}

std::size_t count(const std::vector<UidRange>& ranges) {
  std::size_t sum = 0;
  for (const UidRange& range : ranges) sum += std::size_t{range.last} - range.first + 1;
  return sum;
}

std::size_t Act::messages_named() const { return every ? 0 : messages.size() + count(ranges); }

std::size_t Act::bytes() const {
  return heap_bytes(folder) + heap_bytes(target) + heap_bytes(label) + heap_bytes(messages) + heap_bytes(ranges);
}

// ---- the log ----

ActionLog::Entry* ActionLog::find_entry(std::uint64_t id) {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [id](const Entry& e) { return e.report.id == id; });
  return found == entries_.end() ? nullptr : &*found;
}

void ActionLog::trim() {
  std::size_t messages = 0, number = 0;
  const std::int64_t now = now_();
  for (Entry& entry : entries_) {
    messages += to_take_back(entry.steps);
    const bool over = ++number > 1 && entry.running == 0 &&
                      (messages > kMostBack || entry.begun + kSecondsKept < now);
    if (!over) continue;
    entry.steps.clear();
    entry.report.can_undo = false;
  }
  while (entries_.size() > kKept && entries_.back().running == 0) entries_.pop_back();
}

std::uint64_t ActionLog::begin(const Act& act, std::uint64_t goes_on) {
  const std::lock_guard lock(mutex_);
  Entry* entry = goes_on != 0 ? find_entry(goes_on) : nullptr;
  const bool same = entry && entry->report.action == act.action && !entry->report.undo &&
                    entry->report.label == act.label;
  if (!same) {
    entry = &entries_.emplace_front();
    entry->report.id = new_id();
    entry->report.action = act.action;
    entry->report.folder = act.folder;
    entry->report.target = act.target;
    entry->report.label = act.label;
    entry->begun = now_();
    trim();
  }
  entry->expected += static_cast<std::uint32_t>(act.messages_named());
  entry->report.total = entry->expected;
  ++entry->running;
  entry->report.progress = wire::Progress::Running;
  entry->report.can_undo = false;
  return entry->report.id;
}

void ActionLog::advance(std::uint64_t id, std::size_t done, std::size_t total,
                        const std::string& target) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find_entry(id);
  if (!entry) return;
  entry->under_way = static_cast<std::uint32_t>(done);
  entry->report.total = std::max(entry->expected, static_cast<std::uint32_t>(total));
  if (!target.empty()) entry->report.target = target;
}

void ActionLog::end(std::uint64_t id, Acted acted) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find_entry(id);
  if (!entry) return;
  if (entry->running > 0) --entry->running;
  entry->under_way = 0;
  ActionReport& report = entry->report;
  add(report, acted);
  entry->told = report.failed == 0 && report.others == 0;
  if (!entry->told) untold_.store(true, std::memory_order_relaxed);
  const bool asks = acted.asks;
  if (!acted.back.empty()) entry->steps.push_back(std::move(acted));
  if (entry->running > 0) return;
  report.progress = asks ? wire::Progress::Asks : wire::Progress::Done;
  report.can_undo = !entry->steps.empty();
  changed_ = true;
  trim();
}

void ActionLog::forget(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find_entry(id);
  if (!entry) return;
  if (entry->running > 0) --entry->running;
  const bool others = entry->running > 0 || entry->report.done > 0 || entry->report.gone > 0 ||
                      entry->report.others > 0 || entry->report.failed > 0;
  if (!others) entries_.remove_if([id](const Entry& e) { return e.report.id == id; });
}

void ActionLog::fail(std::uint64_t id, const Error& error, std::size_t messages) {
  Acted acted;
  acted.failed = static_cast<std::uint32_t>(messages);
  acted.error = error;
  end(id, std::move(acted));
}

Result<ActionLog::Back> ActionLog::take_back(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  trim();
  Entry* entry = find_entry(id);
  if (!entry || !entry->report.can_undo || entry->begun + kSecondsKept < now_())
    return Error{Code::kNotFound, "this cannot be taken back any more", 0};
  ActionReport& report = entry->report;
  report.can_undo = false;
  report.undo = true;
  report.progress = wire::Progress::Running;
  entry->before = report.done;
  report.done = report.gone = report.others = report.failed = 0;
  report.error.reset();
  entry->expected = 0;
  for (const Acted& step : entry->steps) {
    for (const Act& back : step.back) entry->expected += static_cast<std::uint32_t>(back.messages_named());
  }
  report.total = entry->expected;
  entry->running = 1;
  entry->told = false;
  changed_ = true;
  return Back{report.action, std::exchange(entry->steps, {})};
}

void ActionLog::put_back(std::uint64_t id, Back back) {
  const std::lock_guard lock(mutex_);
  Entry* entry = find_entry(id);
  if (!entry) return;
  entry->steps = std::move(back.steps);
  entry->running = 0;
  entry->report.undo = false;
  entry->report.progress = wire::Progress::Done;
  entry->report.done = entry->before;
  entry->report.can_undo = true;
  changed_ = true;
}

void ActionLog::end_undo(std::uint64_t id, const Acted& sum) {
  Acted acted = sum;
  acted.back.clear();
  acted.target.clear();
  end(id, std::move(acted));
}

// With what is under way.
ActionReport ActionLog::report_of(const Entry& entry) {
  ActionReport report = entry.report;
  report.done += entry.under_way;
  return report;
}

std::optional<ActionReport> ActionLog::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  for (const Entry& entry : entries_) {
    if (entry.report.id == id) return report_of(entry);
  }
  return std::nullopt;
}

std::vector<ActionReport> ActionLog::to_tell(std::uint64_t asked) {
  std::vector<ActionReport> reports;
  if (asked == 0 && !untold_.load(std::memory_order_relaxed)) return reports;
  const std::lock_guard lock(mutex_);
  untold_.store(false, std::memory_order_relaxed);
  if (asked != 0 && !find_entry(asked)) sought_ = true;
  for (Entry& entry : entries_) {
    const bool ended = entry.running == 0;
    const bool news = ended && !entry.told && (entry.report.failed > 0 || entry.report.others > 0);
    if (entry.report.id != asked && !news) continue;
    reports.push_back(report_of(entry));
    if (ended) entry.told = true;
  }
  return reports;
}

// ---- to disk and back ----

bool ActionLog::under_way() const {
  const std::lock_guard lock(mutex_);
  return std::any_of(entries_.begin(), entries_.end(), [](const Entry& entry) { return entry.running > 0; });
}

std::vector<KeptAction> ActionLog::kept() const {
  const std::lock_guard lock(mutex_);
  std::vector<KeptAction> actions;
  const std::int64_t now = now_();
  for (const Entry& entry : entries_) {
    if (entry.running > 0 || entry.begun + kSecondsKept < now) continue;
    actions.push_back({entry.report, entry.steps, now - entry.begun, entry.told});
  }
  return actions;
}

void ActionLog::take_in(std::vector<KeptAction> actions) {
  const std::lock_guard lock(mutex_);
  for (KeptAction& kept : actions) {
    Entry* entry = find_entry(kept.report.id);
    // What was taken back stays so, whoever did it.
    const bool newer = entry && entry->running == 0 && kept.report.undo && !entry->report.undo;
    if (entry && !newer) continue;
    if (!entry) entry = &entries_.emplace_front();
    entry->begun = now_() - kept.age;
    entry->told = kept.told;
    entry->expected = kept.report.total;
    entry->before = kept.report.done;
    if (!kept.told) untold_ = true;
    entry->report = std::move(kept.report);
    entry->steps = std::move(kept.steps);
  }
  entries_.sort([](const Entry& a, const Entry& b) { return a.begun > b.begun; });
  trim();
}

std::size_t ActionLog::bytes() const {
  const std::lock_guard lock(mutex_);
  std::size_t sum = 0;
  for (const Entry& entry : entries_) {
    sum += heap_block(sizeof entry + 2 * sizeof(void*)) + heap_bytes(entry.report.folder) +
           heap_bytes(entry.report.target) + heap_bytes(entry.report.label) + heap_bytes(entry.steps);
    for (const Acted& step : entry.steps) {
      sum += heap_bytes(step.target) + heap_bytes(step.back);
      for (const Act& back : step.back) sum += back.bytes();
    }
  }
  return sum;
}

}  // namespace alphamail
