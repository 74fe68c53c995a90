// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/cache_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "common/log.h"
#include "common/seal.h"
#include "webcache/clock.h"
#include "webcache/wrapped_key.h"

namespace alphamail {
namespace {

// A disk that was of no use is tried again after this long.
constexpr std::int64_t kTryEvery = 10;
constexpr std::int64_t kComplainEvery = 60;
// A file's time is written at most this often while it is used.
constexpr std::int64_t kTouchEvery = 3600;

Result<void> make_folder(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
  return storage_error("making " + path);
}

std::string hashed(std::span<const std::byte> key, std::string_view text) {
  const Digest digest = hmac_sha256(key, as_bytes(text));
  return base64url(std::span(digest).first(18));
}

Result<Bytes> read_small(const std::string& path) {
  constexpr std::uint64_t kMost = 4096;
  const auto fd = open_private_file(path, false);
  if (!fd) return fd.error();
  const auto size = file_size(fd->get());
  if (!size) return size.error();
  Bytes bytes(static_cast<std::size_t>(std::min(*size, kMost)));
  if (const auto got = read_all(fd->get(), bytes, 0); !got) return got.error();
  return bytes;
}

// Whole or not at all, whatever happens meanwhile.
Result<void> write_small(FileSystem& system, const std::string& path,
                         std::span<const std::byte> bytes) {
  std::array<std::byte, 9> random;
  random_bytes(random);
  const std::string temporary = path + ".new-" + base64url(random);
  const auto fd = create_private_file(temporary);
  if (!fd) return fd.error();
  Result<void> done = system.write_all(fd->get(), bytes, 0);
  if (done && system.fsync(fd->get()) != 0) done = storage_error("fsync");
  if (done && system.rename(temporary, path) != 0) done = storage_error("rename");
  if (!done) (void)::unlink(temporary.c_str());
  return done;
}

// The daemon's secret, made where it is not there yet.
Result<Secret> read_secret(FileSystem& system, const std::string& path) {
  auto bytes = read_small(path);
  if (!bytes && bytes.error().code == Code::kNotFound) {
    const Secret fresh = new_account_key();
    if (const auto put = write_small(system, path, fresh.bytes()); !put) return put.error();
    bytes = read_small(path);
  }
  if (!bytes) return bytes.error();
  if (bytes->size() != sizeof(Key)) return Error{Code::kStorage, path + " holds no secret", 0};
  Secret secret{std::span<const std::byte>(*bytes)};
  wipe(*bytes);
  return secret;
}

// Calls `see` with each entry's name; the folder may vanish meanwhile.
void each_entry(const std::string& path, const std::function<void(const char*)>& see) {
  DIR* const folder = ::opendir(path.c_str());
  if (!folder) return;
  while (const dirent* entry = ::readdir(folder)) {
    if (entry->d_name[0] != '.') see(entry->d_name);
  }
  ::closedir(folder);
}

Error left_to_another() {
  return {Code::kStorage, "another webcache has taken over", 0};
}

}  // namespace

// ---- AccountFiles ----

AccountFiles::AccountFiles(CacheDir& cache, std::string name, Secret key, Bytes wrapped)
    : cache_(cache),
      name_(std::move(name)),
      folder_(cache.path() + "/" + name_),
      key_(std::move(key)),
      wrapped_(std::move(wrapped)) {}

std::string AccountFiles::path_of(char kind, std::string_view what) const {
  std::string text = "alphamail file name v1 ";
  text += kind;
  return folder_ + "/" + kind + "-" + hashed(key_.bytes(), text.append(what));
}

Result<SealedFile> AccountFiles::open(char kind, std::string_view what, bool writable) const {
  if (cache_.left_) return left_to_another();
  const std::string path = path_of(kind, what);
  auto file = SealedFile::open(cache_.system_, key_, path, kind + std::string(what), writable);
  if (!file && file.error().code == Code::kInvalid) {
    log(Severity::kWarning, 232, "a file of the cache does not open and is removed");
    (void)::unlink(path.c_str());
    return Error{Code::kNotFound, "removed", 0};
  }
  if (!file) return file;
  struct stat seen {};
  const bool old = ::stat(path.c_str(), &seen) == 0 && seconds_since(seen.st_mtime) > kTouchEvery;
  if (old) (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  return file;
}

Result<SealedWriter> AccountFiles::begin(char kind, std::string_view what, By by) const {
  if (cache_.left_ && by == By::kUser) return left_to_another();
  const std::string key = folder_ + "/key";
  if (::access(key.c_str(), F_OK) != 0) {
    // Somebody has deleted it: what is written now must be readable after a restart.
    if (const auto made = make_folder(cache_.path()); !made) return made.error();
    const std::lock_guard lock(mutex_);
    if (const auto put = cache_.write_key(name_, wrapped_); !put) return put.error();
  }
  return SealedWriter::begin(cache_.system_, key_, path_of(kind, what), kind + std::string(what));
}

void AccountFiles::take_wrapping(const AccountFiles& other) {
  if (&other == this) return;
  const std::scoped_lock lock(mutex_, other.mutex_);
  wrapped_ = other.wrapped_;
}

Result<void> AccountFiles::keep_key(const std::string& folder) const {
  const std::string key = folder + "/key";
  if (::access(key.c_str(), F_OK) == 0) return {};
  for (const std::string& path : {folder.substr(0, folder.rfind('/')), folder}) {
    if (const auto made = make_folder(path); !made) return made;
  }
  const std::lock_guard lock(mutex_);
  return write_small(cache_.system_, key, wrapped_);
}

void AccountFiles::remove(char kind, std::string_view what) const {
  if (!cache_.left_) (void)::unlink(path_of(kind, what).c_str());
}

void AccountFiles::note_written(std::uint64_t bytes) const {
  cache_.bytes_ += bytes;
  cache_.unseen_ += bytes;
}

// ---- CacheDir ----

CacheDir::CacheDir(std::string path, std::string spool, std::uint64_t limit, FileSystem& system)
    : path_(std::move(path)), spool_(std::move(spool)), system_(system), limit_(limit) {}

Result<void> CacheDir::prepare() {
  if (const auto made = make_folder(path_); !made) return made;
  const std::string lock = path_ + "/lock";
  UniqueFd fd(::open(lock.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!fd) return storage_error("opening " + lock);
  if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Code::kBusy, path_ + " is used by another webcache", 0};
  }
  // A site that has no spool yet keeps the secret beside the cache.
  auto secret = make_folder(spool_) ? read_secret(system_, spool_ + "/webcache.secret")
                                    : read_secret(system_, path_ + "/webcache.secret");
  if (!secret) return secret.error();
  lock_ = std::move(fd);
  secret_ = std::move(*secret);
  return {};
}

bool CacheDir::usable() {
  const std::lock_guard lock(mutex_);
  if (left_) return false;
  if (ready_) return true;
  const std::int64_t now = steady_seconds();
  if (tried_ != 0 && now - tried_ < kTryEvery) return false;
  tried_ = now;
  const auto prepared = prepare();
  ready_ = prepared.has_value();
  if (!ready_) {
    log(Severity::kWarning, 230,
        "the cache on disk is not used, all is kept in memory alone: " + prepared.error().detail);
  }
  return ready_;
}

void CacheDir::leave() {
  const std::lock_guard lock(mutex_);
  left_ = true;
  ready_ = false;
  lock_.reset();
}

void CacheDir::complain(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    const std::int64_t now = steady_seconds();
    if (complained_ != 0 && now - complained_ < kComplainEvery) return;
    complained_ = now;
  }
  log(Severity::kWarning, 231, "the cache on disk could not be written: " + error.detail);
}

std::string CacheDir::name_of(std::string_view account) const {
  return hashed(secret_.bytes(), "alphamail account name v1 " + std::string(account));
}

// The spool's first: what lies there must not be lost, and nodes that share it share the key.
std::vector<Bytes> CacheDir::read_keys(const std::string& name) const {
  std::vector<Bytes> keys;
  for (const std::string& folder : {spool_, path_}) {
    auto wrapped = read_small(folder + "/" + name + "/key");
    if (wrapped && (keys.empty() || keys.front() != *wrapped)) keys.push_back(std::move(*wrapped));
  }
  return keys;
}

// Has the key in both places.
void CacheDir::write_keys(const std::string& name, const Secret& key,
                          std::span<const std::byte> wrapped) {
  const std::string in_cache = path_ + "/" + name, in_spool = spool_ + "/" + name;
  const auto same = [&](const Result<Bytes>& old) {
    return old && std::equal(old->begin(), old->end(), wrapped.begin(), wrapped.end());
  };
  const auto cached = read_small(in_cache + "/key");
  if (cached && !is_key_of(key, *cached)) throw_away(name);
  if (const auto put = same(cached) ? Result<void>() : write_key(name, wrapped); !put)
    complain(put.error());
  if (::access(spool_.c_str(), F_OK) != 0) return;
  const auto old = read_small(in_spool + "/key");
  bool used = false;
  each_entry(in_spool, [&](const char* entry) {
    used = used || !std::string_view(entry).starts_with("key");
  });
  if (old && used && !is_key_of(key, *old)) {
    // Users' words are sealed with it: it stays for whoever still knows the password.
    std::array<std::byte, 9> random;
    random_bytes(random);
    (void)::rename((in_spool + "/key").c_str(),
                   (in_spool + "/key-" + base64url(random)).c_str());
    log(Severity::kWarning, 248,
        "what an account has in the spool was sealed under another password and does not open: " + in_spool);
  }
  if (same(old)) return;
  const auto made = make_folder(in_spool);
  const auto put = made ? write_small(system_, in_spool + "/key", wrapped) : made;
  if (!put) complain(put.error());
}

Result<void> CacheDir::write_key(const std::string& name,
                                 std::span<const std::byte> wrapped) const {
  const std::string folder = path_ + "/" + name;
  if (const auto made = make_folder(folder); !made) return made;
  return write_small(system_, folder + "/key", wrapped);
}

void CacheDir::throw_away(const std::string& name) const {
  const std::string folder = path_ + "/" + name;
  each_entry(folder, [&](const char* entry) { (void)::unlink((folder + "/" + entry).c_str()); });
}

std::shared_ptr<AccountFiles> CacheDir::adopt(const std::string& name, Secret key, Bytes wrapped) {
  return std::make_shared<AccountFiles>(*this, name, std::move(key), std::move(wrapped));
}

std::shared_ptr<AccountFiles> CacheDir::open_account(std::string_view account,
                                                     const Secret& password, const Secret& live) {
  if (!usable()) return nullptr;
  const std::string name = name_of(account);
  const std::lock_guard one_at_a_time(keys_[std::hash<std::string>{}(name) % keys_.size()]);
  std::vector<Bytes> known = read_keys(name);
  for (Bytes& wrapped : known) {
    auto key = unwrap_key(wrapped, password, secret_, name);
    if (!key) continue;
    write_keys(name, *key, wrapped);
    return adopt(name, std::move(*key), std::move(wrapped));
  }
  Secret key;
  if (live.empty()) {
    // The password has changed since (or somebody damaged the file). What lies there was sealed for
    // whoever knew the old one, and nobody who could open it is here any more: it is of no use to
    // anybody, so it goes, and the account begins with another key.
    if (!known.empty()) {
      log(Severity::kInfo, 233, "the cache of an account is made anew: its password has changed");
      throw_away(name);
    }
    key = new_account_key();
  } else {
    // A session that is open holds the key, and the server has just accepted the new password: the
    // same key is wrapped by that one.
    key = Secret(live.bytes());
  }
  Bytes fresh = wrap_key(key, password, secret_, name);
  write_keys(name, key, fresh);
  return adopt(name, std::move(key), std::move(fresh));
}

std::shared_ptr<AccountFiles> CacheDir::open_account(std::string_view account, const Secret& key) {
  if (key.empty() || !usable()) return nullptr;
  const std::string name = name_of(account);
  std::vector<Bytes> known = read_keys(name);
  if (known.empty() || !is_key_of(key, known.front())) return nullptr;
  return adopt(name, Secret(key.bytes()), std::move(known.front()));
}

// ---- the limit ----

void CacheDir::trim() {
  constexpr std::int64_t kLeftBehind = 3600;  // seconds: a file that is being written is younger
  constexpr std::int64_t kForgotten = 90 * 86400;  // accounts that nobody logs in to any more
  const std::uint64_t limit = limit_;
  if (!usable() || unseen_ < limit / 64) return;
  unseen_ = 0;
  struct Entry {
    std::int64_t used;
    std::uint64_t bytes;
    std::string path;
  };
  std::vector<Entry> files;
  std::uint64_t sum = 0;
  const std::int64_t now = wall_seconds();
  each_entry(path_, [&](const char* account) {
    const std::string folder = path_ + "/" + account;
    std::int64_t newest = 0;
    each_entry(folder, [&](const char* entry) {
      const std::string path = folder + "/" + entry;
      struct stat seen {};
      if (::lstat(path.c_str(), &seen) != 0) return;
      // A clock that jumped makes files look as if they came from the future: used just now.
      const std::int64_t used = std::min<std::int64_t>(seen.st_mtime, now);
      newest = std::max(newest, used);
      const std::string_view name(entry);
      if (name.find(".new-") != std::string_view::npos && now - used > kLeftBehind) {
        (void)::unlink(path.c_str());
      } else {
        sum += static_cast<std::uint64_t>(seen.st_blocks) * 512;
        if (name != "key")
          files.push_back({used, static_cast<std::uint64_t>(seen.st_blocks) * 512, path});
      }
    });
    if (newest != 0 && now - newest > kForgotten) {
      throw_away(account);
      (void)::rmdir(folder.c_str());
    }
  });
  if (sum > limit) {
    std::sort(files.begin(), files.end(),
              [](const Entry& a, const Entry& b) { return a.used < b.used; });
    std::size_t gone = 0;
    for (const Entry& file : files) {
      if (sum <= limit / 10 * 9) break;
      (void)::unlink(file.path.c_str());
      sum -= std::min(sum, file.bytes);
      ++gone;
    }
    log(Severity::kInfo, 234,
        "the cache reached cache_limit_mb: the " + std::to_string(gone) +
            " least recently used files are deleted");
  }
  bytes_ = sum;
}

}  // namespace alphamail
