// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/sealed_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "webcache/heap_bytes.h"

namespace alphamail {
namespace {

constexpr char kMagic[] = "AMsealed";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kSaltBytes = 32, kRecordSaltBytes = 16;
constexpr std::size_t kSizeAt = 16, kSaltAt = 24, kTagAt = 56, kHeaderBytes = 72;
constexpr std::size_t kLabelAt = 4, kRecordSaltAt = 12;
constexpr std::size_t kRecordHead = kRecordSaltAt + kRecordSaltBytes;
constexpr std::uint64_t kMostText = std::uint64_t{1} << 40;

enum class Piece : std::uint32_t { kHeader = 1, kChunk = 2, kRecord = 3 };

template <typename Number>
void put(std::span<std::byte> into, std::size_t at, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    into[at + i] = static_cast<std::byte>(number >> (8 * i) & 0xFF);
  }
}

template <typename Number>
Number get(std::span<const std::byte> from, std::size_t at) {
  Number number = 0;
  for (std::size_t i = sizeof number; i-- > 0;) {
    number = static_cast<Number>(number << 8 | std::to_integer<Number>(from[at + i]));
  }
  return number;
}

// What is authenticated with a piece and not stored with it.
std::array<std::byte, 32> context_of(Piece piece, std::uint64_t number, std::uint64_t length,
                                     std::uint64_t label = 0) {
  std::array<std::byte, 32> context;
  put(context, 0, kVersion);
  put(context, 4, static_cast<std::uint32_t>(piece));
  put(context, 8, number);
  put(context, 16, length);
  put(context, 24, label);
  return context;
}

// The nonce of a chunk is its number; the header, sealed with the same key, has one that no chunk
// reaches.
Nonce nonce_of(Piece piece, std::uint64_t number) {
  Nonce nonce{};
  put(nonce, 0, number);
  nonce[11] = piece == Piece::kHeader ? std::byte{0xFF} : std::byte{0};
  return nonce;
}

const Key& key_in(const Secret& secret) {
  static_assert(sizeof(Key) == 32 && alignof(Key) == 1);
  return *reinterpret_cast<const Key*>(secret.bytes().data());
}

// A key for the time of one call: a Secret has pages of its own, which take longer to get than a
// record to seal.
struct BriefKey {
  Key key;
  ~BriefKey() { wipe(key); }
};

BriefKey derived(std::span<const std::byte> secret, std::string_view purpose,
                 std::span<const std::byte> salt, std::string_view name) {
  std::string info(purpose);
  info += '\0';
  info.append(reinterpret_cast<const char*>(salt.data()), salt.size());
  info.append(name);
  return {derive_key(secret, info)};
}

BriefKey record_key(const Secret& file_key, std::span<const std::byte> salt) {
  return derived(file_key.bytes(), "alphamail cache log v1", salt, "");
}

Secret file_key(const Secret& account_key, std::span<const std::byte> salt, std::string_view name) {
  const BriefKey brief = derived(account_key.bytes(), "alphamail cache file v1", salt, name);
  return Secret{std::span<const std::byte>(brief.key)};
}

Bytes header_of(std::span<const std::byte> salt) {
  Bytes header(kHeaderBytes);
  std::memcpy(header.data(), kMagic, 8);
  put(header, 8, kVersion);
  put(header, 12, static_cast<std::uint32_t>(kSealedChunk));
  std::copy(salt.begin(), salt.end(), header.begin() + kSaltAt);
  return header;
}

// The header's tag seals no text: its bytes are the context.
Bytes header_context(std::span<const std::byte> header) {
  const auto context = context_of(Piece::kHeader, 0, 0);
  Bytes all(context.begin(), context.end());
  all.insert(all.end(), header.begin(), header.begin() + kTagAt);
  return all;
}

std::uint64_t sealed_size(std::uint64_t text) {
  const std::uint64_t chunks = (text + kSealedChunk - 1) / kSealedChunk;
  return text + chunks * kPieceOverhead;
}

Error damaged() {
  return {Code::kInvalid, "a sealed file does not open", 0};
}

std::size_t sealed_length(std::span<const std::byte> record) {
  return kRecordHead + record.size() + kPieceOverhead;
}

std::string random_name() {
  std::array<std::byte, 9> bytes;
  random_bytes(bytes);
  return base64url(bytes);
}

}  // namespace

// ---- SealedWriter ----

SealedWriter::SealedWriter(FileSystem& system, std::string path, std::string temporary, UniqueFd fd,
                           std::span<const std::byte> salt, Secret key)
    : system_(&system),
      path_(std::move(path)),
      temporary_(std::move(temporary)),
      fd_(std::move(fd)),
      header_(header_of(salt)),
      key_(std::move(key)),
      at_(kHeaderBytes) {}

SealedWriter::~SealedWriter() {
  if (fd_) (void)::unlink(temporary_.c_str());
}

Result<SealedWriter> SealedWriter::begin(FileSystem& system, const Secret& account_key,
                                         std::string path, std::string_view name) {
  std::array<std::byte, kSaltBytes> salt;
  random_bytes(salt);
  std::string temporary = path + ".new-" + random_name();
  auto fd = create_private_file(temporary);
  if (!fd) return fd.error();
  return SealedWriter(system, std::move(path), std::move(temporary), std::move(*fd), salt,
                      file_key(account_key, salt, name));
}

Result<void> SealedWriter::write(std::span<const std::byte> text) {
  while (!text.empty()) {
    const std::size_t some = std::min(text.size(), kSealedChunk - text_.size());
    text_.insert(text_.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(some));
    text = text.subspan(some);
    written_ += some;
    if (text_.size() < kSealedChunk) break;
    if (const auto put = put_chunk(); !put) return put;
  }
  return {};
}

Result<void> SealedWriter::put_chunk() {
  sealed_.resize(text_.size() + kPieceOverhead);
  seal_piece(key_in(key_), nonce_of(Piece::kChunk, chunk_),
             context_of(Piece::kChunk, chunk_, text_.size()), text_, sealed_);
  if (const auto put = system_->write_all(fd_.get(), sealed_, at_); !put) return put;
  at_ += sealed_.size();
  ++chunk_;
  text_.clear();
  return {};
}

Result<void> SealedWriter::commit(Last last) {
  if (!text_.empty()) {
    if (const auto put = put_chunk(); !put) return put;
  }
  put(header_, kSizeAt, written_);
  seal_piece(key_in(key_), nonce_of(Piece::kHeader, 0), header_context(header_), {},
             std::span(header_).subspan(kTagAt));
  if (const auto put = system_->write_all(fd_.get(), header_, 0); !put) return put;
  if (last == Last::kNow && system_->fsync(fd_.get()) != 0) return storage_error("fsync");
  if (system_->rename(temporary_, path_) != 0) return storage_error("rename");
  fd_.reset();
  if (last == Last::kNow) sync_folder(path_.substr(0, path_.rfind('/')));
  return {};
}

// ---- SealedFile ----

Result<SealedFile> SealedFile::open(FileSystem& system, const Secret& account_key,
                                    const std::string& path, std::string_view name, bool writable) {
  auto fd = open_private_file(path, writable);
  if (!fd) return fd.error();
  SealedFile file;
  file.system_ = &system;
  file.fd_ = std::move(*fd);
  std::array<std::byte, kHeaderBytes> header;
  if (const auto got = read_all(file.fd_.get(), header, 0); !got) return got.error();
  const bool ours = std::memcmp(header.data(), kMagic, 8) == 0 &&
                    get<std::uint32_t>(header, 8) == kVersion &&
                    get<std::uint32_t>(header, 12) == kSealedChunk;
  if (!ours) return damaged();
  std::copy_n(header.begin() + kSaltAt, kSaltBytes, file.salt_.begin());
  file.key_ = file_key(account_key, std::span(header).subspan(kSaltAt, kSaltBytes), name);
  if (!open_piece(key_in(file.key_), nonce_of(Piece::kHeader, 0), header_context(header),
                  std::span(header).subspan(kTagAt), {})) {
    return damaged();
  }
  file.size_ = get<std::uint64_t>(header, kSizeAt);
  if (file.size_ > kMostText) return damaged();
  file.base_end_ = file.log_end_ = kHeaderBytes + sealed_size(file.size_);
  const auto on_disk = file_size(file.fd_.get());
  if (!on_disk) return on_disk.error();
  if (*on_disk < file.base_end_) return damaged();
  return file;
}

std::uint64_t SealedFile::place_of(std::uint64_t chunk) const {
  return kHeaderBytes + chunk * (kSealedChunk + kPieceOverhead);
}

// `into` is as long as the chunk's text.
Result<void> SealedFile::open_chunk(std::uint64_t chunk, std::span<std::byte> into) {
  sealed_.resize(into.size() + kPieceOverhead);
  if (const auto got = read_all(fd_.get(), sealed_, place_of(chunk)); !got) return got;
  if (!open_piece(key_in(key_), nonce_of(Piece::kChunk, chunk),
                  context_of(Piece::kChunk, chunk, into.size()), sealed_, into)) {
    return damaged();
  }
  return {};
}

Result<void> SealedFile::read(std::uint64_t at, std::span<std::byte> into) {
  if (at > size_ || into.size() > size_ - at) return damaged();
  while (!into.empty()) {
    const std::uint64_t chunk = at / kSealedChunk, first = chunk * kSealedChunk;
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(kSealedChunk, size_ - first));
    const auto skip = static_cast<std::size_t>(at - first);
    const std::size_t some = std::min(into.size(), length - skip);
    if (some == length) {
      if (const auto got = open_chunk(chunk, into.first(length)); !got) return got;
    } else {
      chunk_text_.resize(length);
      if (const auto got = open_chunk(chunk, chunk_text_); !got) return got;
      std::memcpy(into.data(), chunk_text_.data() + skip, some);
    }
    into = into.subspan(some);
    at += some;
  }
  return {};
}

// What stands at log_end_; nothing where the log ends.
Result<std::optional<SealedFile::LogRecord>> SealedFile::next_record(std::uint64_t file_end) {
  if (file_end - log_end_ < kRecordHead + kPieceOverhead) return std::optional<LogRecord>();
  std::array<std::byte, kRecordHead> head;
  if (const auto got = read_all(fd_.get(), head, log_end_); !got) return got.error();
  const LogRecord record{log_end_, records_, get<std::uint64_t>(head, kLabelAt),
                         get<std::uint32_t>(head, 0)};
  if (record.length > kMostLogRecord ||
      record.length > file_end - log_end_ - kRecordHead - kPieceOverhead) {
    return std::optional<LogRecord>();
  }
  return std::optional(record);
}

void SealedFile::pass(const LogRecord& record) {
  log_end_ = record.at + kRecordHead + record.length + kPieceOverhead;
  records_ = record.number + 1;
}

Result<void> SealedFile::read_record(const LogRecord& record, std::vector<std::byte>& text) {
  sealed_.resize(kRecordHead + record.length + kPieceOverhead);
  text.resize(record.length);
  if (const auto got = read_all(fd_.get(), sealed_, record.at); !got) return got;
  const auto sealed = std::span(sealed_);
  const BriefKey key = record_key(key_, sealed.subspan(kRecordSaltAt, kRecordSaltBytes));
  if (!open_piece(key.key, nonce_of(Piece::kRecord, 0),
                  context_of(Piece::kRecord, record.number, record.length, record.label),
                  sealed.subspan(kRecordHead), text)) {
    return damaged();
  }
  return {};
}

Result<std::vector<SealedFile::LogRecord>> SealedFile::list_log() {
  const auto file_end = file_size(fd_.get());
  if (!file_end) return file_end.error();
  log_end_ = base_end_;
  records_ = 0;
  std::vector<LogRecord> all;
  for (;;) {
    const auto record = next_record(*file_end);
    if (!record) return record.error();
    if (!*record) return all;
    all.push_back(**record);
    pass(**record);
  }
}

Result<void> SealedFile::read_log(const std::function<bool(std::span<const std::byte>)>& take) {
  const auto file_end = file_size(fd_.get());
  if (!file_end) return file_end.error();
  log_end_ = base_end_;
  records_ = 0;
  std::vector<std::byte> text;
  for (;;) {
    const auto record = next_record(*file_end);
    if (!record) return record.error();
    if (!*record) return {};
    const auto opened = read_record(**record, text);
    if (!opened && opened.error().code != Code::kInvalid) return opened;
    if (!opened || !take(text)) return {};
    pass(**record);
  }
}

Result<bool> SealedFile::read_next(LogPlace& place, std::vector<std::byte>& text) {
  const auto file_end = file_size(fd_.get());
  if (!file_end) return file_end.error();
  if (place.end > *file_end) return false;
  const LogPlace kept = log_place();
  end_log_at(place);
  const auto record = next_record(*file_end);
  end_log_at(kept);
  if (!record) return record.error();
  if (!*record) return false;
  const auto opened = read_record(**record, text);
  if (!opened && opened.error().code != Code::kInvalid) return opened.error();
  if (opened) skip(place, (*record)->length);
  return opened.has_value();
}

Result<std::optional<std::uint32_t>> SealedFile::length_at(const LogPlace& place) const {
  const std::optional<std::uint32_t> none;
  const auto file_end = file_size(fd_.get());
  if (!file_end) return file_end.error();
  if (place.end > *file_end || *file_end - place.end < kRecordHead + kPieceOverhead) return none;
  std::array<std::byte, 4> head;
  if (const auto got = read_all(fd_.get(), head, place.end); !got) return got.error();
  const auto length = get<std::uint32_t>(head, 0);
  if (length > kMostLogRecord || length > *file_end - place.end - kRecordHead - kPieceOverhead)
    return none;
  return std::optional<std::uint32_t>(length);
}

void SealedFile::skip(LogPlace& place, std::uint32_t length) {
  place.end += kRecordHead + length + kPieceOverhead;
  ++place.records;
}

void SealedFile::end_log_at(const LogPlace& place) {
  log_end_ = place.end;
  records_ = place.records;
}

Result<void> SealedFile::sync() {
  if (system_->fsync(fd_.get()) != 0) return storage_error("fsync");
  return {};
}

bool SealedFile::try_lock() {
  // Of the open file, not of the process: two threads of one daemon exclude each other as well.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(fd_.get(), F_OFD_SETLK, &whole) != 0) return false;
  return linked();
}

std::int64_t SealedFile::changed() const {
  struct stat seen {};
  return ::fstat(fd_.get(), &seen) == 0 ? seen.st_mtim.tv_sec : 0;
}

bool SealedFile::linked() const {
  struct stat seen {};
  return ::fstat(fd_.get(), &seen) == 0 && seen.st_nlink > 0;
}

std::size_t SealedFile::heap() const {
  constexpr std::size_t kSecretPage = 4096;  // a Secret has pages of its own
  return heap_bytes(sealed_) + heap_bytes(chunk_text_) + kSecretPage;
}

bool SealedFile::continue_log(const LogPlace& place) {
  const auto on_disk = file_size(fd_.get());
  if (place.salt != salt_ || !on_disk || *on_disk != place.end) return false;
  log_end_ = place.end;
  records_ = place.records;
  return true;
}

Result<SealedFile::LogRecord> SealedFile::append(std::span<const std::byte> record,
                                                 std::uint64_t label) {
  if (record.size() > kMostLogRecord) return Error{Code::kTooLarge, "a log record", 0};
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(sealed_length(record));
  return append_sealed(record, label, std::span(memory.get(), sealed_length(record)));
}

Result<SealedFile::LogRecord> SealedFile::append(std::span<const std::byte> record, std::uint64_t label, Bytes& memory) {
  if (record.size() > kMostLogRecord) return Error{Code::kTooLarge, "a log record", 0};
  if (memory.size() < sealed_length(record)) memory.resize(sealed_length(record));
  return append_sealed(record, label, std::span(memory).first(sealed_length(record)));
}

// `bytes` are as many as the sealed record has.
Result<SealedFile::LogRecord> SealedFile::append_sealed(std::span<const std::byte> record, std::uint64_t label,
                                                        std::span<std::byte> bytes) {
  const LogRecord place{log_end_, records_, label, static_cast<std::uint32_t>(record.size())};
  put(bytes, 0, place.length);
  put(bytes, kLabelAt, label);
  const auto salt = bytes.subspan(kRecordSaltAt, kRecordSaltBytes);
  random_bytes(salt);
  seal_piece(record_key(key_, salt).key, nonce_of(Piece::kRecord, 0),
             context_of(Piece::kRecord, records_, record.size(), label), record, bytes.subspan(kRecordHead));
  // What a crash left behind the last good record must not follow the new one. Where nothing is there, the file
  // system is not asked to cut nothing off: it would take as long as the write.
  const auto there = file_size(fd_.get());
  if (!there) return there.error();
  if (*there != log_end_ && system_->truncate(fd_.get(), static_cast<off_t>(log_end_)) != 0)
    return storage_error("truncating");
  if (const auto put = system_->write_all(fd_.get(), bytes, log_end_); !put) {
    (void)system_->truncate(fd_.get(), static_cast<off_t>(log_end_));
    return put.error();
  }
  pass(place);
  return place;
}

}  // namespace alphamail
