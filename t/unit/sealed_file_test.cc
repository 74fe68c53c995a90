// SPDX-License-Identifier: GPL-3.0-or-later
// What comes out of a sealed file is what went in, or nothing, whatever happened to it meanwhile.
#include "webcache/sealed_file.h"

#include <fstream>
#include <set>
#include <utility>

#include "failing_disk.h"
#include "webcache/wrapped_key.h"

namespace alphamail {
namespace {

constexpr std::size_t kHeader = 72, kChunkOnDisk = kSealedChunk + 16;

class SealedFileTest : public OnDisk {
 protected:
  std::string path(const std::string& name = "file") const { return folder + "/" + name; }

  static std::string text_of(std::size_t size, unsigned seed = 1) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>((seed = seed * 1103515245 + 12345) >> 16);
    return text;
  }
  Result<void> write(const std::string& text, const std::string& file = "file",
                     const std::string& name = "name", FileSystem& on = FileSystem::real()) {
    auto writer = SealedWriter::begin(on, key, path(file), name);
    if (!writer) return writer.error();
    for (std::size_t at = 0; at < text.size(); at += 10007) {
      const auto put = writer->write(as_bytes(std::string_view(text).substr(at, 10007)));
      if (!put) return put;
    }
    return writer->commit(SealedWriter::Last::kNow);
  }
  Result<SealedFile> open(const std::string& file = "file", const std::string& name = "name") {
    return SealedFile::open(disk, key, path(file), name, true);
  }
  static Result<std::string> read(SealedFile& file, std::size_t at, std::size_t size) {
    std::string text(size, '\0');
    const auto got = file.read(at, std::as_writable_bytes(std::span(text)));
    if (!got) return got.error();
    return text;
  }
  Result<std::string> all(const std::string& name = "file") {
    auto file = open(name);
    if (!file) return file.error();
    return read(*file, 0, file->size());
  }
  std::vector<std::string> log_of(SealedFile& file) {
    std::vector<std::string> records;
    EXPECT_TRUE(file.read_log([&](std::span<const std::byte> record) {
      records.emplace_back(reinterpret_cast<const char*>(record.data()), record.size());
      return true;
    }));
    return records;
  }
  std::vector<std::string> log_of() {
    auto file = open();
    EXPECT_TRUE(file);
    return log_of(*file);
  }

  FailingDisk disk;
  Secret key = new_account_key();
};

TEST_F(SealedFileTest, GivesBackWhatWasWritten) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, kSealedChunk - 1, kSealedChunk,
                                 kSealedChunk + 1, 5 * kSealedChunk + 17}) {
    const std::string text = text_of(size);
    ASSERT_TRUE(write(text));
    const auto back = all();
    ASSERT_TRUE(back) << size;
    EXPECT_TRUE(*back == text) << size;
  }
  EXPECT_EQ(files().size(), 1U) << "nothing temporary is left";
}

TEST_F(SealedFileTest, OpensAnyPieceByItself) {
  const std::string text = text_of(5 * kSealedChunk + 17);
  ASSERT_TRUE(write(text));
  // A chunk that is damaged hurts only who needs it.
  std::string bytes = content(path());
  bytes[kHeader + 2 * kChunkOnDisk + 5] ^= 1;
  put(path(), bytes);
  auto file = open();
  ASSERT_TRUE(file);
  for (const auto& [at, size] : {std::pair<std::size_t, std::size_t>{0, 10},
                                 {kSealedChunk - 3, 6},
                                 {3 * kSealedChunk, 2 * kSealedChunk + 17},
                                 {text.size(), 0}}) {
    const auto piece = read(*file, at, size);
    ASSERT_TRUE(piece) << at;
    EXPECT_TRUE(*piece == text.substr(at, size)) << at;
  }
  EXPECT_EQ(read(*file, 2 * kSealedChunk, 1).error().code, Code::kInvalid);
  EXPECT_FALSE(read(*file, text.size(), 1));
  EXPECT_FALSE(read(*file, text.size() + 1, 0));
}

TEST_F(SealedFileTest, ShowsNothingOfTheTextOnDiskAndNeverTheSameBytes) {
  const std::string canary = "Subject: the canary sings";
  ASSERT_TRUE(write(canary));
  auto file = open();
  ASSERT_TRUE(file->read_log([](auto) { return true; }));
  ASSERT_TRUE(file->append(as_bytes(canary)));
  const std::string first = content(path());
  EXPECT_EQ(first.find("canary"), std::string::npos);
  ASSERT_TRUE(write(canary));
  EXPECT_NE(first.substr(kHeader, canary.size()), content(path()).substr(kHeader, canary.size()));
}

TEST_F(SealedFileTest, EveryFlippedBitIsFound) {
  const std::string text = text_of(kSealedChunk + 100);
  ASSERT_TRUE(write(text));
  const std::string bytes = content(path());
  std::set<std::size_t> places{kHeader + kChunkOnDisk - 1, kHeader + kChunkOnDisk, bytes.size() - 1};
  for (std::size_t at = 0; at < kHeader + 20; ++at) places.insert(at);
  for (const std::size_t at : places) {
    for (const int bit : {0, 7}) {
      std::string changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      put(path(), changed);
      const auto back = all();
      EXPECT_FALSE(back) << at;
      if (!back) {
        EXPECT_EQ(back.error().code, Code::kInvalid) << at;
      }
    }
  }
}

TEST_F(SealedFileTest, SwappedMovedAndForeignChunksAreFound) {
  ASSERT_TRUE(write(text_of(3 * kSealedChunk)));
  ASSERT_TRUE(write(text_of(3 * kSealedChunk, 2), "other", "other"));
  const std::string bytes = content(path()), other = content(path("other"));
  const auto chunk = [](const std::string& from, std::size_t n) {
    return from.substr(kHeader + n * kChunkOnDisk, kChunkOnDisk);
  };
  std::string swapped = bytes;
  swapped.replace(kHeader, kChunkOnDisk, chunk(bytes, 1));
  swapped.replace(kHeader + kChunkOnDisk, kChunkOnDisk, chunk(bytes, 0));
  put(path(), swapped);
  EXPECT_FALSE(all());
  std::string spliced = bytes;
  spliced.replace(kHeader + kChunkOnDisk, kChunkOnDisk, chunk(other, 1));
  put(path(), spliced);
  EXPECT_FALSE(all());
  // The same chunk of an older version of the same file.
  ASSERT_TRUE(write(text_of(3 * kSealedChunk, 3)));
  std::string older = content(path());
  older.replace(kHeader + kChunkOnDisk, kChunkOnDisk, chunk(bytes, 1));
  put(path(), older);
  EXPECT_FALSE(all());
}

TEST_F(SealedFileTest, EveryTruncationIsFound) {
  ASSERT_TRUE(write(text_of(2 * kSealedChunk + 5)));
  const std::string bytes = content(path());
  for (const std::size_t left :
       {std::size_t{0}, std::size_t{8}, kHeader - 1, kHeader, kHeader + kChunkOnDisk,
        kHeader + 2 * kChunkOnDisk, bytes.size() - 16, bytes.size() - 1}) {
    put(path(), bytes.substr(0, left));
    EXPECT_EQ(all().error().code, Code::kInvalid) << left;
  }
}

TEST_F(SealedFileTest, AnotherNameOrKeyOpensNothing) {
  ASSERT_TRUE(write("text"));
  EXPECT_EQ(open("file", "another").error().code, Code::kInvalid);
  key = new_account_key();
  EXPECT_EQ(open().error().code, Code::kInvalid);
  EXPECT_EQ(open("missing").error().code, Code::kNotFound);
}

TEST_F(SealedFileTest, ALinkOrPipeIsNotFollowed) {
  ASSERT_TRUE(write("text"));
  std::filesystem::create_symlink(path(), path("link"));
  EXPECT_EQ(open("link").error().code, Code::kStorage);
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  EXPECT_EQ(open("pipe").error().code, Code::kStorage);
}

TEST_F(SealedFileTest, TheLogGrowsBehindTheBase) {
  ASSERT_TRUE(write(text_of(kSealedChunk + 1)));
  const std::vector<std::string> records{"one", "", text_of(100000), "four"};
  for (const std::string& record : records) {
    auto file = open();
    ASSERT_TRUE(file);
    const std::size_t before = log_of(*file).size();
    ASSERT_TRUE(file->append(as_bytes(record)));
    EXPECT_EQ(log_of().size(), before + 1);
  }
  EXPECT_EQ(log_of(), records);
  EXPECT_TRUE(*all() == text_of(kSealedChunk + 1)) << "the base is as it was";
  auto file = open();
  std::size_t seen = 0;
  ASSERT_TRUE(file->read_log([&](auto) { return ++seen < 3; }));
  ASSERT_TRUE(file->append(as_bytes("instead")));
  EXPECT_EQ(log_of(), (std::vector<std::string>{"one", "", "instead"})) << "who reads may end the log";
}

TEST_F(SealedFileTest, AtEachByteATornTailEndsTheLog) {
  ASSERT_TRUE(write("base"));
  std::vector<std::size_t> ends{content(path()).size()};
  for (const char* record : {"first", "second", "third"}) {
    auto file = open();
    log_of(*file);
    ASSERT_TRUE(file->append(as_bytes(record)));
    ends.push_back(content(path()).size());
  }
  const std::string bytes = content(path());
  for (std::size_t left = ends[0]; left <= bytes.size(); ++left) {
    std::size_t whole = 0;
    while (whole + 1 < ends.size() && ends[whole + 1] <= left) ++whole;
    put(path(), bytes.substr(0, left));
    ASSERT_EQ(log_of().size(), whole) << left;
    // The next record takes the torn one's place and is read.
    auto file = open();
    log_of(*file);
    ASSERT_TRUE(file->append(as_bytes("next")));
    const auto now = log_of();
    ASSERT_EQ(now.size(), whole + 1) << left;
    EXPECT_EQ(now.back(), "next");
  }
  // A damaged record takes those behind it along.
  std::string damaged = bytes;
  damaged[ends[1] + 21] ^= 4;
  put(path(), damaged);
  EXPECT_EQ(log_of(), std::vector<std::string>{"first"});
}

TEST_F(SealedFileTest, RecordsCannotBeMovedOrTakenFromElsewhere) {
  for (const char* name : {"file", "other"}) {
    ASSERT_TRUE(write("base", name, "name"));
    auto file = open(name);
    log_of(*file);
    for (const char* record : {"a1", "b2"}) ASSERT_TRUE(file->append(as_bytes(record)));
  }
  const std::string bytes = content(path()), other = content(path("other"));
  const std::size_t record = 4 + 8 + 16 + 2 + 16, base = bytes.size() - 2 * record;
  put(path(), bytes.substr(0, base) + bytes.substr(base + record) + bytes.substr(base, record));
  EXPECT_TRUE(log_of().empty());
  put(path(), bytes.substr(0, base) + bytes.substr(base + record));
  EXPECT_TRUE(log_of().empty());
  // Even from a file of the same name: it has another salt.
  put(path(), bytes.substr(0, base) + other.substr(base));
  EXPECT_TRUE(log_of().empty());
}

TEST_F(SealedFileTest, ShortWritesLoseNothing) {
  disk.short_writes = true;
  const std::string text = text_of(2 * kSealedChunk + 5);
  ASSERT_TRUE(write(text, "file", "name", disk));
  auto file = open();
  log_of(*file);
  ASSERT_TRUE(file->append(as_bytes(text)));
  EXPECT_TRUE(*all() == text);
  EXPECT_EQ(log_of(), std::vector<std::string>{text});
}

TEST_F(SealedFileTest, AFullDiskAtAnyCallLeavesTheOldStateOrTheNew) {
  const std::string before = text_of(kSealedChunk + 5), after = text_of(2 * kSealedChunk + 5, 9);
  int succeeded = 0;
  for (long n = 0; succeeded == 0; ++n) {
    ASSERT_LT(n, 20);
    ASSERT_TRUE(write(before));
    FailingDisk full;
    full.fail_at = n;
    const auto done = write(after, "file", "name", full);
    if (done) {
      ++succeeded;
    } else {
      EXPECT_EQ(done.error().code, Code::kStorage);
    }
    EXPECT_TRUE(*all() == (done ? after : before)) << n;
    EXPECT_EQ(files().size(), 1U) << "nothing temporary is left: " << n;
  }
}

TEST_F(SealedFileTest, AFullDiskAtAnyCallOfAnAppendLeavesTheLogReadable) {
  // Where a crash left something behind the last record that is cut off first; else the file is only written to.
  for (const auto& [torn, n] : {std::pair{false, 0L}, std::pair{true, 0L}, std::pair{true, 1L}}) {
    for (const bool for_good : {false, true}) {
      ASSERT_TRUE(write("base"));
      auto file = open();
      log_of(*file);
      ASSERT_TRUE(file->append(as_bytes("good")));
      if (torn) std::ofstream(path(), std::ios::binary | std::ios::app) << "what a crash left";
      disk.calls = 0;
      disk.fail_at = n;
      disk.for_good = for_good;
      EXPECT_EQ(file->append(as_bytes("does not fit")).error().code, Code::kStorage);
      disk.fail_at = -1;
      EXPECT_EQ(log_of(), std::vector<std::string>{"good"});
      ASSERT_TRUE(file->append(as_bytes("later"))) << "room came back";
      EXPECT_EQ(log_of(), (std::vector<std::string>{"good", "later"}));
    }
  }
}

}  // namespace
}  // namespace alphamail
