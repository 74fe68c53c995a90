// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/part_stream.h"

#include <algorithm>
#include <span>

namespace alphamail {
namespace {

constexpr std::size_t kPiece = 65536;

bool give(const Sink& sink, std::string_view bytes) {
  return bytes.empty() || sink(std::as_bytes(std::span(bytes)));
}

}  // namespace

Result<void> PartStream::read(std::string& out) {
  piece_.resize(kPiece);
  while (out.empty() && !ended_) {
    const Result<std::size_t> got = reply_.call().read(piece_, deadline_);
    if (!got) return got.error();
    if (*got == 0) {
      ended_ = true;
      decoder_.finish(out);
    } else {
      decoder_.decode({reinterpret_cast<const char*>(piece_.data()), *got}, out);
    }
  }
  return {};
}

Result<void> PartStream::begin(std::size_t bytes) {
  std::string piece;
  while (begun_.size() < bytes && !ended_) {
    piece.clear();
    if (auto got = read(piece); !got) return got;
    begun_ += piece;
  }
  return {};
}

Result<void> PartStream::next(std::string& out) {
  out.clear();
  if (begun_.empty()) return read(out);
  out.swap(begun_);
  return {};
}

Result<void> PartStream::copy(const Sink& sink) {
  std::string piece;
  while (true) {
    if (auto got = next(piece); !got) return got;
    const auto left_out = static_cast<std::size_t>(std::min<std::uint64_t>(skip_, piece.size()));
    skip_ -= left_out;
    // The end, or the browser is gone.
    if (piece.empty() || !give(sink, std::string_view(piece).substr(left_out))) return {};
  }
}

Result<bool> UuStream::next(std::string& file) {
  std::string piece, text;
  while (file.empty() && !ended_) {
    if (auto got = part_.next(piece); !got) return got.error();
    text.clear();
    if (piece.empty()) {
      filter_.finish(text, file);
      ended_ = true;
    } else {
      filter_.add(piece, text, file);
      ended_ = filter_.past_wanted();
    }
  }
  return !file.empty();
}

Result<void> UuStream::begin() {
  const auto got = next(begun_);
  if (!got) return got.error();
  return {};
}

Result<void> UuStream::copy(const Sink& sink) {
  std::string file;
  file.swap(begun_);
  while (true) {
    if (!give(sink, file)) return {};
    file.clear();
    const auto more = next(file);
    if (!more) return more.error();
    if (!*more) return {};
  }
}

}  // namespace alphamail
