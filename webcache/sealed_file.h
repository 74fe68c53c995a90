// SPDX-License-Identifier: GPL-3.0-or-later
// A file of the cache, sealed with its account's key: a base that is written once, in chunks that
// can be opened one by one, and behind it a log that grows.
//
//     0     magic "AMsealed"
//     8     version 2 (32 bits), bytes of a chunk's text (32 bits)
//     16    bytes of the base's text (64 bits)
//     24    salt, 32 random bytes
//     56    tag over all above
//     72    chunk 0: 64 KiB of text, sealed; 16 bytes tag
//           chunk 1 ... the last one is as long as what is left
//           log record 0: length of its text (32 bits), label (64 bits), salt (16 random bytes),
//                         text, tag
//           log record 1 ...
//
// All numbers are little-endian. AES-256-GCM; what is authenticated with each piece: version, kind
// of piece, its number, its length; with a record its label, too, by which whoever uses the file finds a
// record without opening those before it.
//
// No key ever seals two texts under one nonce, whatever crashes in between:
//   * a file's key comes from the account's key, the file's salt and its name (what it is the cache
//     of). The salt is drawn for each file that is begun, so a base that was left half-written and
//     is begun anew has another key. Within a base each chunk is sealed once, the nonce is its
//     number.
//   * a record's key comes from the file's key and the record's own salt, and seals nothing else. A
//     record that did not reach the disk and is written again has another salt, so another key.
//
// What somebody who can write the disk can do: nothing that is believed. A flipped bit, a chunk
// moved or taken from another file, a base cut short: the piece does not open, and the file is
// dropped. A file under another's name has another key. A log cut short, or a whole file replaced
// by an older version of itself, is an older state that was true once: who uses it compares it with
// the server, as after any time away.
//
// A base appears by rename, after its bytes are on the disk. The log ends before the first record
// that does not open, which is how a torn one looks; the next record takes its place.
#ifndef WEBCACHE_SEALED_FILE_H
#define WEBCACHE_SEALED_FILE_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/result.h"
#include "common/seal.h"
#include "common/secret.h"
#include "common/unique_fd.h"
#include "webcache/file_system.h"

namespace alphamail {

inline constexpr std::size_t kSealedChunk = 64 * 1024;
inline constexpr std::size_t kMostLogRecord = std::size_t{64} << 20;

/// Writes a new file; it is there once commit() has succeeded. One thread at a time.
class SealedWriter {
 public:
  /// Begins `path` (as path.new-RANDOM). `name` says what the file is the cache of.
  static Result<SealedWriter> begin(FileSystem& system, const Secret& account_key, std::string path,
                                    std::string_view name);
  SealedWriter(SealedWriter&&) noexcept = default;
  SealedWriter& operator=(SealedWriter&&) = delete;
  ~SealedWriter();  ///< what was not committed is gone

  /// Appends to the text, in pieces of any size. After an error nothing but the destructor is of
  /// use.
  Result<void> write(std::span<const std::byte> text);
  std::uint64_t written() const { return written_; }
  enum class Last { kNow, kSometime };  ///< kNow: survives a power failure once commit() returns
  Result<void> commit(Last last);

 private:
  SealedWriter(FileSystem& system, std::string path, std::string temporary, UniqueFd fd,
               std::span<const std::byte> salt, Secret key);
  Result<void> put_chunk();

  FileSystem* system_;
  std::string path_, temporary_;
  UniqueFd fd_;
  Bytes header_;
  Secret key_;
  std::vector<std::byte> text_, sealed_;
  std::uint64_t chunk_ = 0, at_ = 0, written_ = 0;
};

/// Reads a file, and appends to its log. One thread at a time.
class SealedFile {
 public:
  /// @return kNotFound where there is none, kInvalid where it is not one of ours under this name
  /// and key, kStorage
  static Result<SealedFile> open(FileSystem& system, const Secret& account_key,
                                 const std::string& path, std::string_view name,
                                 bool writable = false);

  std::uint64_t size() const { return size_; }  ///< of the base's text
  /// Opens the chunks that hold text [at, at + into.size()). @return kInvalid where one does not
  /// open
  Result<void> read(std::uint64_t at, std::span<std::byte> into);

  /// Gives the log's records in order, until `take` says false, which ends the log there. Before
  /// the first append() this has to be called once.
  Result<void> read_log(const std::function<bool(std::span<const std::byte>)>& take);
  /// One record's place.
  struct LogRecord {
    std::uint64_t at = 0, number = 0, label = 0;
    std::uint32_t length = 0;  ///< of its text
  };
  /// Instead of read_log(): what records say of themselves. Nothing of it is believed before
  /// read_record() has opened one. @return kStorage
  Result<std::vector<LogRecord>> list_log();
  /// @return kInvalid where it does not open
  Result<void> read_record(const LogRecord& record, std::vector<std::byte>& text);
  /// @return kStorage, and the log is as it was
  Result<LogRecord> append(std::span<const std::byte> record, std::uint64_t label = 0);
  /// @param memory  where it is sealed, for many records of one length: it grows to that, and stays the caller's
  Result<LogRecord> append(std::span<const std::byte> record, std::uint64_t label, Bytes& memory);
  /// Where the log of this very file ends, so that who has read it once can go on without reading
  /// it again.
  struct LogPlace {
    std::array<std::byte, 32> salt{};
    std::uint64_t end = 0, records = 0;
  };
  LogPlace log_place() const { return {salt_, log_end_, records_}; }
  LogPlace log_begin() const { return {salt_, base_end_, 0}; }
  /// The record at a place, which moves on behind it. @return false where the log ends
  Result<bool> read_next(LogPlace& place, std::vector<std::byte>& text);
  /// How long the text of that record says to be, unopened; nothing where the log ends.
  Result<std::optional<std::uint32_t>> length_at(const LogPlace& place) const;
  /// Moves on behind a record of that length.
  static void skip(LogPlace& place, std::uint32_t length);
  /// The next append() goes there: read_next() found the end.
  void end_log_at(const LogPlace& place);
  /// What was appended survives a power failure once this returns.
  Result<void> sync();
  /// Has the disk begin with it, and waits for nothing.
  void begin_sync() { system_->begin_writeback(fd_.get()); }
  /// For whoever changes the log of a file that other processes, on other machines that share the disk,
  /// may change as well. Held until the file is closed, or its process or machine is gone.
  /// @return false where somebody else has it, or the file was removed meanwhile
  bool try_lock();
  /// Instead of read_log(). @return false where it is another file, or somebody has written to it
  bool continue_log(const LogPlace& place);
  bool linked() const;  ///< it has a name still: nobody has deleted it
  std::int64_t changed() const;  ///< when somebody last wrote to it, in seconds since 1970 UTC; 0 = unknown
  std::size_t heap() const;  ///< bytes of memory
  std::uint64_t base_bytes() const { return base_end_; }            ///< on disk
  std::uint64_t log_bytes() const { return log_end_ - base_end_; }  ///< on disk, as far as it opens

 private:
  SealedFile() = default;
  std::uint64_t place_of(std::uint64_t chunk) const;
  Result<void> open_chunk(std::uint64_t chunk, std::span<std::byte> into);
  Result<std::optional<LogRecord>> next_record(std::uint64_t file_end);
  void pass(const LogRecord& record);
  Result<LogRecord> append_sealed(std::span<const std::byte> record, std::uint64_t label, std::span<std::byte> bytes);

  FileSystem* system_ = nullptr;
  UniqueFd fd_;
  Secret key_;
  std::array<std::byte, 32> salt_{};
  std::uint64_t size_ = 0, base_end_ = 0, log_end_ = 0, records_ = 0;
  std::vector<std::byte> sealed_, chunk_text_;
};

}  // namespace alphamail

#endif
