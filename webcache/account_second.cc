// SPDX-License-Identifier: GPL-3.0-or-later
// Who builds an index: the account's own connection, a window at a time between a user's questions,
// or the second one (second_connection.h), whose rows are taken in here.
//
// The second connection counts the messages as they were when it looked at the folder, the index as
// they were when it was begun. Where the two differ, rows come twice, which is harmless, or some
// are missed: then the number of messages does not agree at the end of building, and they are
// looked for.
#include <algorithm>
#include <utility>

#include "common/log.h"
#include "webcache/account.h"

namespace alphamail {
namespace {

constexpr std::uint32_t kWindow = 1000;

}  // namespace

bool Account::claim_build(const std::string& address) {
  const auto found = work_.find(address);
  if (found == work_.end() || !found->second.writer || found->second.building) return false;
  if (found->second.writer->now().complete()) return false;
  found->second.building = true;
  if (is_long(found->second)) long_work_ = true;
  return true;
}

void Account::build_ended(const std::string& address) {
  if (const auto found = work_.find(address); found != work_.end()) found->second.building = false;
  for (const auto& [other, folder] : work_) {
    if (folder.building) return;
  }
  long_work_ = false;
  second_.leave(shared_from_this());
}

// ---- the second connection ----

// More than a window is missing, and it has to come from the server.
bool Account::is_long(const Folder& folder) {
  return folder.writer && !folder.writer->now().complete() && !folder.newest_only &&
         folder.below > kWindow;
}

bool Account::long_build(const std::string& address) const {
  const auto found = work_.find(address);
  return found != work_.end() && is_long(found->second);
}

bool Account::claim_second() {
  return long_work_.load(std::memory_order_relaxed) && gate_->quiet() && second_.claim();
}

bool Account::claim_second_for(const std::string& address) {
  const auto found = work_.find(address);
  return found != work_.end() && is_long(found->second) && gate_->quiet() && second_.claim();
}

std::vector<std::string> Account::unfinished() const {
  std::vector<std::string> folders;
  for (const auto& [address, folder] : work_) {
    if (folder.writer && !folder.writer->now().complete()) folders.push_back(address);
  }
  return folders;
}

std::optional<SecondConnection::Window> Account::next_window(const std::string& address) const {
  const auto found = work_.find(address);
  const auto known = view(address);
  if (found == work_.end() || !known || !second_.open()) return std::nullopt;
  const Folder& folder = found->second;
  if (!folder.writer || folder.writer->now().complete() || folder.newest_only || folder.below == 0)
    return std::nullopt;
  const std::uint32_t first = folder.below > kWindow ? folder.below - kWindow + 1 : 1;
  return SecondConnection::Window{known->entry().imap_name, folder.writer->now().uid_validity(),
                                  first, folder.below};
}

Result<bool> Account::take_window(const std::string& address,
                                  const SecondConnection::Window& window,
                                  Result<std::vector<NewRow>> rows) {
  const auto found = work_.find(address);
  const auto known = view(address);
  if (found == work_.end() || !known || !found->second.writer) return false;
  Folder& folder = found->second;
  // Made anew, or come from elsewhere meanwhile.
  if (folder.writer->now().complete() || folder.newest_only ||
      folder.writer->now().uid_validity() != window.uid_validity) {
    return !folder.writer->now().complete();
  }
  if (!rows) {
    log(Severity::kDebug, 236,
        "second connection of " + this->address() + ": " + rows.error().detail);
    second_.leave(shared_from_this());
    return true;
  }
  services_.counters.add(Count::rows_indexed, folder.writer->add(std::move(*rows)));
  if (window.last >= folder.below) folder.below = std::min(folder.below, window.first - 1);
  folder.writer->set_covered(folder.writer->now().total() - folder.below);
  publish(known->entry());
  return true;
}

}  // namespace alphamail
