// SPDX-License-Identifier: GPL-3.0-or-later
// One file of the spool: bytes that somebody hands over piece by piece, and, once it is a message to be
// sent, the journal of what became of it. A sealed file (sealed_file.h) whose base is empty; its log has
//
//     head      'H', kind, version, when it was begun, what the web child noted
//     data      'D', 64 KiB of the content; the last one is shorter
//     end       'E', bytes of the content
//     journal   'J', a note of outgoing.h; only behind the end
//
// A data record of 64 KiB is known by its length: no other record is as long. So who looks for the journal
// of a large message opens none of its content.
//
// A process that dies leaves whole records and perhaps a torn one, which the next one to write overwrites;
// what it had not written yet (spool_writing.h) whoever sends it sends again.
#ifndef WEBCACHE_SPOOL_FILE_H
#define WEBCACHE_SPOOL_FILE_H

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/result.h"
#include "common/secret.h"
#include "webcache/file_system.h"
#include "webcache/sealed_file.h"

namespace alphamail {

inline constexpr std::size_t kSpoolRecord = 64 * 1024;  ///< bytes of content in a data record

/// Content on its way into one data record. It is collected as that record's text, so that it is copied once.
class SpoolBlock {
 public:
  SpoolBlock();
  /// As many of the bytes as there is room for. @return how many
  std::size_t add(std::span<const std::byte> bytes);
  std::size_t size() const { return text_.size() - 1; }
  bool full() const { return size() == kSpoolRecord; }
  bool empty() const { return size() == 0; }
  std::span<const std::byte> record() const { return text_; }
  void clear();  ///< empty again, with its memory

 private:
  std::vector<std::byte> text_;
};

class SpoolFile {
 public:
  struct Head {
    wire::SpoolKind kind = wire::SpoolKind::Upload;
    std::uint64_t version = 0;
    std::int64_t saved = 0;  ///< seconds since 1970 UTC
    std::string note;
    std::uint64_t replaces = 0;  ///< the version that it is to take the place of
  };
  static Result<SpoolFile> create(FileSystem& system, const Secret& key, const std::string& path,
                                  std::string_view name, Head head);
  /// @param check  opens all of the content as well, for a file that a crash may have left
  /// @return what SealedFile::open says
  static Result<SpoolFile> open(FileSystem& system, const Secret& key, const std::string& path,
                                std::string_view name, bool writable, bool check = false);

  const Head& head() const { return head_; }
  std::uint64_t size() const { return size_; }  ///< of the content
  bool finished() const { return finished_; }
  const std::vector<std::string>& journal() const { return journal_; }

  /// @return kStorage, and it is as it was
  Result<void> append(const SpoolBlock& full);
  /// All of it is there with this last piece. @return kStorage, and it is as it was
  Result<void> finish(const SpoolBlock& rest, SealedWriter::Last last);
  /// Adds to the journal; all of the file is on the disk when this returns. @return kStorage, and it is as it was
  Result<void> note(std::string_view text);
  bool try_lock() { return file_.try_lock(); }
  std::int64_t changed() const { return file_.changed(); }  ///< as SealedFile's: the last note, where it is finished

  /// The content, in order, of a file that is finished. Refers to the file.
  class Reader {
   public:
    explicit Reader(SpoolFile& file);
    /// Goes there; at most size().
    Result<void> seek(std::uint64_t offset);
    /// The next bytes, at most 64 KiB, valid until the next call; nothing at the end.
    Result<std::string_view> next();

   private:
    SpoolFile& file_;
    SealedFile::LogPlace place_;
    std::vector<std::byte> text_;
    std::uint64_t at_ = 0;
    std::size_t skip_ = 0;
  };

 private:
  explicit SpoolFile(SealedFile file) : file_(std::move(file)) {}
  Result<void> put(char kind, std::span<const std::byte> text);
  Result<void> look_through(bool check);

  SealedFile file_;
  Bytes sealed_;  // where full records are sealed, while the content comes
  Head head_;
  SealedFile::LogPlace content_;  // the first record of data
  std::uint64_t size_ = 0;
  std::uint64_t begun_ = 0;  // of them, the disk was told to begin with
  bool finished_ = false;
  std::vector<std::string> journal_;
};

}  // namespace alphamail

#endif
