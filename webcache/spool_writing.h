// SPDX-License-Identifier: GPL-3.0-or-later
// A file of the spool while it is being written. Bytes come from the threads of lanes, which may not wait, and go
// to the disk by a worker's:
//
//     take() ──▶ full blocks, at most 256 KiB in all ──▶ write_out() ──▶ SpoolFile
//
// Several pieces may be on their way at once, and lanes do not keep their order: what comes before its turn is kept
// until that has come. So bytes are counted as here (SpooledFile::size) once all before them are, and of a daemon
// that dies, what was here and not in the file is sent again.
#ifndef WEBCACHE_SPOOL_WRITING_H
#define WEBCACHE_SPOOL_WRITING_H

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/result.h"
#include "webcache/spool_file.h"
#include "webcache/spool_id.h"

namespace alphamail {

struct SpooledFile {
  SpoolId id;
  SpoolFile::Head head;
  std::uint64_t size = 0;
  bool finished = false;
};

class SpoolWriting {
 public:
  static constexpr std::size_t kMostBlocks = 4;  ///< of 64 KiB that wait for the disk
  static constexpr std::size_t kMostSpare = 2;   ///< blocks that were written, and are filled again
  static constexpr std::size_t kMostEarly = 16;  ///< pieces that came before their turn

  /// @param limit  of its size
  SpoolWriting(SpoolId id, SpoolFile file, std::string path, std::uint64_t limit);

  struct Taken {
    SpooledFile told;
    bool write;  ///< a worker is to call write_out(), once
  };
  /// Any thread; waits for nothing. Nothing where the bytes have to wait for the disk, or are refused: append() says.
  std::optional<Taken> take(std::uint64_t offset, std::span<const std::byte> bytes);

  /// Asked before more goes to the disk, with how much of the file is there.
  using Check = std::function<Result<void>(std::uint64_t written, std::size_t more)>;
  /// Waits for the disk where it has to. @return kTooLarge, kStorage (what was here before still is)
  Result<SpooledFile> append(std::uint64_t offset, std::span<const std::byte> bytes, const Check& check);
  /// Full blocks that are here go to the disk. @return whether there are more by now
  Result<bool> write_out(const Check& check);
  /// Called when all bytes are here. On the disk when this returns.
  Result<void> finish(const Check& check, SealedWriter::Last last);

  SpoolId id() const { return id_; }
  wire::SpoolKind kind() const { return head_.kind; }
  const SpoolFile::Head& head() const { return head_; }
  const std::string& path() const { return path_; }
  SpooledFile told() const;
  void use();                            ///< now
  std::int64_t used() const { return used_; }  ///< steady seconds

 private:
  bool fits(std::size_t bytes) const;
  void add(std::span<const std::byte> bytes);
  void add_early();
  SpooledFile told_locked() const;
  Result<void> write_blocks(const Check& check);

  const SpoolId id_;
  const SpoolFile::Head head_;
  const std::string path_;
  const std::uint64_t limit_;
  std::atomic<std::int64_t> used_;

  std::mutex disk_;  // guards the file; taken before the other
  SpoolFile file_;

  mutable std::mutex memory_;  // guards what follows; never held while the disk is waited for
  std::deque<SpoolBlock> full_;
  SpoolBlock filling_;
  std::vector<SpoolBlock> spare_;  // else malloc's arenas, which get one from many threads, have them all over
  std::map<std::uint64_t, std::vector<std::byte>> early_;
  std::uint64_t size_;
  bool asked_ = false;  // somebody was told to write_out()
  bool closed_;         // nothing is taken: it is finished, or about to be
  bool file_finished_;
};

}  // namespace alphamail

#endif
