// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/spool.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "common/log.h"
#include "common/seal.h"
#include "webcache/clock.h"

namespace alphamail {
namespace {

// A message is its attachments in base64, and its text.
constexpr std::uint64_t kText = std::uint64_t{32} << 20;

// Files that one account may be writing at a time; of more, the one that waited longest is taken up again
// from disk when it goes on.
constexpr std::size_t kMostWritings = 16;
constexpr std::int64_t kIdleWriting = 600;  // seconds

constexpr std::size_t kLongestNote = 4000;
constexpr std::int64_t kSweepEvery = 3600;
constexpr std::int64_t kPartStays = 86400, kDoneStays = 14 * 86400;

// What others need of the disk is left alone.
constexpr std::uint64_t kLeaveFree = std::uint64_t{64} << 20;

SpoolPlace place_of(wire::SpoolKind kind) {
  switch (kind) {
    case wire::SpoolKind::Upload: return SpoolPlace::kUpload;
    case wire::SpoolKind::Text: return SpoolPlace::kText;
    default: return SpoolPlace::kMessage;
  }
}

std::string text_of(SpoolId id) {
  std::array<std::byte, 16> bytes;
  std::memcpy(bytes.data(), &id.high, 8);
  std::memcpy(bytes.data() + 8, &id.low, 8);
  return base64url(bytes);
}

std::optional<SpoolId> id_in(std::string_view text) {
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() != 16) return std::nullopt;
  SpoolId id;
  std::memcpy(&id.high, bytes->data(), 8);
  std::memcpy(&id.low, bytes->data() + 8, 8);
  return id;
}

std::string name_in_key(SpoolId id) {
  return "spool " + text_of(id);
}

std::uint64_t random_number() {
  std::array<std::byte, 8> bytes;
  std::uint64_t number = 0;
  do {
    random_bytes(bytes);
    std::memcpy(&number, bytes.data(), sizeof number);
  } while (number == 0);
  return number;
}

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes >> 20) + " MB";
}

void each_file(const std::string& folder, const std::function<void(const std::string&)>& see) {
  DIR* const opened = ::opendir(folder.c_str());
  if (!opened) return;
  while (const dirent* entry = ::readdir(opened)) {
    if (entry->d_name[0] != '.') see(entry->d_name);
  }
  ::closedir(opened);
}

SpooledFile told_of(SpoolId id, const SpoolFile& file) {
  return {id, file.head(), file.size(), file.finished()};
}

}  // namespace

SpoolId new_spool_id() {
  return {random_number(), random_number()};
}

Spool::Spool(std::string folder, std::shared_ptr<AccountFiles> files, const SpoolLimits& limits,
             FileSystem& system)
    : folder_(folder + "/" + files->name()),
      name_(files->name()),
      files_(std::move(files)),
      limits_(limits),
      system_(system) {}

std::string Spool::path_of(SpoolPlace place, SpoolId id) const {
  return folder_ + "/" + static_cast<char>(place) + "-" + text_of(id);
}

std::string Spool::part_of(wire::SpoolKind kind, SpoolId id, std::uint64_t version) const {
  std::array<char, 20> hex;
  const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), version, 16).ptr;
  return path_of(place_of(kind), id) + ".part-" + std::string(hex.data(), end);
}

Result<SpoolFile> Spool::open(SpoolPlace place, SpoolId id, bool writable) {
  auto file =
      SpoolFile::open(system_, files_->key(), path_of(place, id), name_in_key(id), writable);
  if (!file && file.error().code == Code::kInvalid) {
    log(Severity::kWarning, 249,
        "a file of the spool does not open: " + path_of(place, id) + " is left as it is");
    return Error{Code::kNotFound, "it does not open any more", 0};
  }
  if (file && !file->finished()) return Error{Code::kNotFound, "it is not whole", 0};
  return file;
}

bool Spool::has(SpoolPlace place, SpoolId id) const {
  return ::access(path_of(place, id).c_str(), F_OK) == 0;
}

std::vector<SpoolId> Spool::ids(SpoolPlace place) const {
  std::vector<SpoolId> found;
  each_file(folder_, [&](const std::string& name) {
    if (name[0] != static_cast<char>(place) || name.find('.') != std::string::npos) return;
    if (const auto id = id_in(std::string_view(name).substr(2))) found.push_back(*id);
  });
  return found;
}

std::optional<SpooledFile> Spool::look(SpoolPlace place, SpoolId id) {
  const auto file = open(place, id);
  if (!file) return std::nullopt;
  return told_of(id, *file);
}

// Wherever a message of this id has got to.
std::optional<SpooledFile> Spool::find_message(SpoolId id) {
  for (const SpoolPlace place : {SpoolPlace::kDone, SpoolPlace::kOutbox, SpoolPlace::kMessage}) {
    if (auto found = look(place, id)) return found;
  }
  return std::nullopt;
}

std::uint64_t Spool::bytes() const {
  std::uint64_t sum = 0;
  each_file(folder_, [&](const std::string& name) {
    struct stat file {};
    if (::lstat((folder_ + "/" + name).c_str(), &file) == 0)
      sum += static_cast<std::uint64_t>(file.st_size);
  });
  return sum;
}

std::uint64_t Spool::limit_of(wire::SpoolKind kind) const {
  switch (kind) {
    case wire::SpoolKind::Upload: return limits_.upload;
    case wire::SpoolKind::Text: return kText;
    default: return limits_.upload / 2 * 3 + kText;
  }
}

Result<void> Spool::check_room(wire::SpoolKind kind, std::uint64_t size) const {
  if (size > limit_of(kind))
    return Error{Code::kTooLarge, "more than " + megabytes(limit_of(kind)), 0};
  if (const std::uint64_t has = bytes(); size > limits_.account || has > limits_.account - size) {
    return Error{Code::kTooLarge,
                 "all that waits to be sent or is being written may take " +
                     megabytes(limits_.account) + " together",
                 0};
  }
  struct statvfs disk {};
  if (::statvfs(folder_.c_str(), &disk) != 0) return storage_error("looking at the spool");
  const std::uint64_t free = std::uint64_t{disk.f_bavail} * disk.f_frsize;
  const std::uint64_t all = std::uint64_t{disk.f_blocks} * disk.f_frsize;
  if (free < size + std::min(kLeaveFree, all / 20))
    return Error{Code::kStorage, "the disk is full", 0};
  return {};
}

Result<SpooledFile> Spool::begin(wire::SpoolKind kind, SpoolId id, std::uint64_t replaces,
                                 std::uint64_t size, std::string note) {
  if (note.size() > kLongestNote) return Error{Code::kTooLarge, "the note", 0};
  if (const auto kept = files_->keep_key(folder_); !kept) return kept.error();
  sweep();
  if (!id) id = new_spool_id();
  const std::lock_guard lock(mutex_);
  if (kind == wire::SpoolKind::Message) {
    if (auto there = find_message(id)) return *there;
  } else {
    const auto there = look(place_of(kind), id);
    if (there ? kind == wire::SpoolKind::Upload || there->head.version != replaces : replaces != 0)
      return Error{Code::kChanged, "it was saved from somewhere else meanwhile", 0};
  }
  if (const auto room = check_room(kind, size); !room) return room.error();
  const std::uint64_t version = random_number();
  std::string path = part_of(kind, id, version);
  auto file = SpoolFile::create(system_, files_->key(), path, name_in_key(id),
                                {kind, version, wall_seconds(), std::move(note), replaces});
  if (!file) {
    (void)::unlink(path.c_str());
    return file.error();
  }
  const auto oldest = std::min_element(
      writings_.begin(), writings_.end(),
      [](const auto& a, const auto& b) { return a.second->used() < b.second->used(); });
  if (writings_.size() >= kMostWritings ||
      (oldest != writings_.end() && steady_seconds() - oldest->second->used() > kIdleWriting)) {
    writings_.erase(oldest);
  }
  const auto made = std::make_shared<SpoolWriting>(id, std::move(*file), std::move(path), limit_of(kind));
  writings_.emplace(version, made);
  return made->told();
}

// The one under way, or, where a daemon has died over it, what that one left.
Result<Spool::Writing> Spool::writing(wire::SpoolKind kind, SpoolId id, std::uint64_t version) {
  const auto found = writings_.find(version);
  if (found != writings_.end()) {
    if (found->second->id() != id || found->second->kind() != kind)
      return Error{Code::kNotFound, "no such writing", 0};
    found->second->use();
    return found->second;
  }
  std::string path = part_of(kind, id, version);
  auto file = SpoolFile::open(system_, files_->key(), path, name_in_key(id), true, true);
  if (!file || file->head().version != version || file->head().kind != kind)
    return Error{Code::kNotFound, "no such writing", 0};
  const auto made = std::make_shared<SpoolWriting>(id, std::move(*file), std::move(path), limit_of(kind));
  writings_.emplace(version, made);
  return made;
}

// Who said no size, or another one, is stopped at the limit all the same.
SpoolWriting::Check Spool::room_check(wire::SpoolKind kind) const {
  return [this, kind](std::uint64_t written, std::size_t more) -> Result<void> {
    constexpr std::uint64_t kEach = 4 << 20;
    return written / kEach == (written + more) / kEach ? Result<void>() : check_room(kind, more);
  };
}

std::optional<SpoolWriting::Taken> Spool::append_at_once(SpoolId id, std::uint64_t version, std::uint64_t offset,
                                                         std::span<const std::byte> bytes) {
  Writing mine;
  {
    const std::unique_lock lock(mutex_, std::try_to_lock);
    if (!lock) return std::nullopt;
    const auto found = writings_.find(version);
    if (found == writings_.end() || found->second->id() != id) return std::nullopt;
    mine = found->second;
  }
  mine->use();
  return mine->take(offset, bytes);
}

bool Spool::write_out(std::uint64_t version) {
  Writing mine;
  {
    const std::lock_guard lock(mutex_);
    const auto found = writings_.find(version);
    if (found == writings_.end()) return false;
    mine = found->second;
  }
  // What does not go is still there; whoever sends the next bytes, or says that these were all, is told.
  const auto more = mine->write_out(room_check(mine->kind()));
  return more && *more;
}

Result<SpooledFile> Spool::append(wire::SpoolKind kind, SpoolId id, std::uint64_t version,
                                  std::uint64_t offset, std::span<const std::byte> bytes) {
  Writing mine;
  {
    const std::lock_guard lock(mutex_);
    const auto found = writing(kind, id, version);
    if (!found) return found.error();
    mine = *found;
  }
  auto done = mine->append(offset, bytes, room_check(kind));
  if (!done && done.error().code == Code::kTooLarge && done.error().detail.empty())
    return Error{Code::kTooLarge, "more than " + megabytes(limit_of(kind)), 0};
  return done;
}

Result<SpooledFile> Spool::finish(wire::SpoolKind kind, SpoolId id, std::uint64_t version,
                                  std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  const auto mine = writing(kind, id, version);
  if (!mine) {
    // Asked twice: it is there already.
    auto there = kind == wire::SpoolKind::Message ? find_message(id) : look(place_of(kind), id);
    if (there && (kind == wire::SpoolKind::Message || there->head.version == version))
      return *there;
    return mine.error();
  }
  auto whole = place(**mine, size);
  if (whole && whole->finished) writings_.erase(version);
  return whole;
}

Result<SpooledFile> Spool::place(SpoolWriting& mine, std::uint64_t size) {
  const SpooledFile has = mine.told();
  if (has.size < size) return has;
  if (has.size > size) return Error{Code::kInvalid, "more bytes than were said", 0};
  // A message that nobody has been told is kept: the order to send it brings it to the disk, file and folder, with itself.
  const auto last = mine.kind() == wire::SpoolKind::Message ? SealedWriter::Last::kSometime : SealedWriter::Last::kNow;
  if (const auto done = mine.finish(room_check(mine.kind()), last); !done) return done.error();
  const std::string path = path_of(place_of(mine.kind()), mine.id());
  if (const std::uint64_t expected = mine.head().replaces; expected != 0) {
    const auto there = look(place_of(mine.kind()), mine.id());
    if (!there || there->head.version != expected)
      return Error{Code::kChanged, "it was saved from somewhere else meanwhile", 0};
    if (system_.rename(mine.path(), path) != 0) return storage_error("rename");
  } else {
    const bool there = system_.link(mine.path(), path) != 0;
    if (there && errno != EEXIST) return storage_error("link");
    if (there && mine.kind() != wire::SpoolKind::Message)
      return Error{Code::kChanged, "it was saved from somewhere else meanwhile", 0};
    (void)::unlink(mine.path().c_str());
  }
  if (last == SealedWriter::Last::kNow) sync_folder(folder_);
  return mine.told();
}

std::vector<SpooledFile> Spool::list(wire::SpoolKind kind) {
  std::vector<SpooledFile> files;
  for (const SpoolId id : ids(place_of(kind))) {
    if (auto file = look(place_of(kind), id)) files.push_back(std::move(*file));
  }
  std::sort(files.begin(), files.end(), [](const SpooledFile& a, const SpooledFile& b) {
    return std::pair(a.head.saved, a.id) < std::pair(b.head.saved, b.id);
  });
  return files;
}

Result<void> Spool::remove(wire::SpoolKind kind, SpoolId id) {
  const std::lock_guard lock(mutex_);
  bool any = ::unlink(path_of(place_of(kind), id).c_str()) == 0;
  for (auto it = writings_.begin(); it != writings_.end();) {
    if (it->second->id() != id || it->second->kind() != kind) {
      ++it;
      continue;
    }
    any = ::unlink(it->second->path().c_str()) == 0 || any;
    it = writings_.erase(it);
  }
  if (!any) return Error{Code::kNotFound, "no such file", 0};
  return {};
}

Result<void> Spool::move(SpoolPlace from, SpoolPlace to, SpoolId id) {
  // Where it is there already, both are one file: a crash came in between.
  if (system_.link(path_of(from, id), path_of(to, id)) != 0 && errno != EEXIST) {
    if (errno == ENOENT) return Error{Code::kNotFound, "no such message", 0};
    return storage_error("link");
  }
  (void)::unlink(path_of(from, id).c_str());
  sync_folder(folder_);
  return {};
}

Result<void> Spool::put_note(SpoolPlace place, SpoolId id, std::string text) {
  const std::string path = path_of(place, id);
  const std::string part = path + ".part-" + std::to_string(random_number());
  auto file = SpoolFile::create(system_, files_->key(), part, name_in_key(id),
                                {wire::SpoolKind::Message, random_number(), wall_seconds(),
                                 std::move(text), 0});
  Result<void> done = file ? file->finish(SpoolBlock(), SealedWriter::Last::kNow) : Result<void>(file.error());
  if (done && system_.rename(part, path) != 0) done = storage_error("rename");
  if (!done) (void)::unlink(part.c_str());
  if (done) sync_folder(folder_);
  return done;
}

void Spool::forget(SpoolPlace place, SpoolId id) {
  (void)::unlink(path_of(place, id).c_str());
}

SentLog Spool::sent_log(const std::string& name) const {
  return SentLog(folder_ + "/" + name, files_, system_);
}

void Spool::sweep() {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = steady_seconds();
    if (swept_ != 0 && now - swept_ < kSweepEvery) return;
    swept_ = now;
  }
  const std::int64_t now = wall_seconds();
  each_file(folder_, [&](const std::string& name) {
    struct stat file {};
    const std::string path = folder_ + "/" + name;
    if (name[0] == 'o' || name.starts_with("key") || ::lstat(path.c_str(), &file) != 0) return;
    const bool part = name.find('.') != std::string::npos;
    const std::int64_t stays = part ? kPartStays : name[0] == 'd' ? kDoneStays : limits_.keep_days * 86400;
    if (now - file.st_mtime > stays) (void)::unlink(path.c_str());
  });
}

}  // namespace alphamail
