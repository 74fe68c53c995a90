// SPDX-License-Identifier: GPL-3.0-or-later
// Writes the messages that a test describes on standard input, so that other programs' parsers can be asked
// what they read (5600-messages-written.t).
//
// Input: records "NAME LENGTH\n" BYTES "\n"; "write 0" asks for the message described so far, and begins the next.
// Output for each: "LENGTH SMTPUTF8\n" BYTES, or "refused 0\n".
#include <cstdint>
#include <iostream>
#include <string>

#include "mod_alphamail/mime_writer.h"
#include "mod_alphamail/recipients.h"

using namespace alphamail;

namespace {

std::vector<Address> typed(const std::string& text) {
  TypedAddresses read = read_typed_addresses(text, 100000);
  for (const auto& bad : read.bad) std::cerr << "not an address: " << bad.typed << "\n";
  return std::move(read.good);
}

/// Pieces of changing size, as they come from a spool.
PieceSource pieces_of(std::string bytes) {
  return [bytes = std::move(bytes)](const PieceSink& sink) -> Result<void> {
    std::string_view left = bytes;
    for (std::size_t size = 1; !left.empty(); size = size * 3 % 8191 + 1) {
      const auto piece = left.substr(0, size);
      left.remove_prefix(piece.size());
      if (const auto done = sink(piece); !done) return done;
    }
    return {};
  };
}

void set(OutgoingMessage& m, const std::string& name, std::string value) {
  if (name == "date") m.date = std::stoll(value);
  if (name == "offset") m.offset = static_cast<std::int32_t>(std::stol(value));
  if (name == "id") m.message_id = value;
  if (name == "subject") m.subject = value;
  if (name == "text") m.text = value;
  if (name == "keep_bcc") m.keep_bcc = true;
  if (name == "in_reply_to") m.in_reply_to.push_back(value);
  if (name == "reference") m.references.push_back(value);
  if (name == "from") {
    if (const auto from = typed(value); !from.empty()) m.from = from.front();
  }
  if (name == "from_name") m.from.name = value;
  if (name == "reply_to") m.reply_to = typed(value);
  if (name == "to") m.to = typed(value);
  if (name == "to_name") m.to.push_back({value, "someone@example.edu"});
  if (name == "cc") m.cc = typed(value);
  if (name == "bcc") m.bcc = typed(value);
  if (name == "part") m.parts.push_back({value, "application/octet-stream", false, {}});
  if (m.parts.empty()) return;
  if (name == "type") m.parts.back().type = value;
  if (name == "message") m.parts.back().message = true;
  if (name == "bytes") m.parts.back().read = pieces_of(std::move(value));
}

void write(const OutgoingMessage& m) {
  std::string out;
  const auto done = write_message(m, [&](std::string_view piece) -> Result<void> {
    out += piece;
    return {};
  });
  if (!done) {
    std::cout << "refused 0\n";
  } else {
    std::cout << out.size() << (needs_smtputf8(m) ? " 1\n" : " 0\n") << out;
  }
  std::cout.flush();
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  OutgoingMessage message;
  std::string name;
  std::size_t size = 0;
  while (std::cin >> name >> size) {
    std::cin.get();
    std::string value(size, '\0');
    std::cin.read(value.data(), static_cast<std::streamsize>(size));
    std::cin.get();
    if (name != "write") {
      set(message, name, std::move(value));
      continue;
    }
    write(message);
    message = {};
  }
}
