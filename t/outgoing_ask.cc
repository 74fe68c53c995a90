// SPDX-License-Identifier: GPL-3.0-or-later
// What the web server asks of the webcache when somebody writes, for tests: the client that the pages use, over one
// lane; each answer is one line of JSON.
//
//   outgoing_ask SOCKET            reads questions from standard input, a line each, words separated by TAB:
//     login USER DOMAIN PASSWORD                       (the session that all others are of)
//     logout
//     put KIND ID REPLACES FILE NOTE PAUSE_MS          (KIND upload, text or message; ID "-" is a new one;
//                                                       a pause after each 64 KiB)
//     begin KIND ID REPLACES SIZE                      (and nothing after it)
//     read KIND ID OFFSET LIMIT FILE
//     list KIND
//     delete KIND ID
//     draft ID [SHOWN]                                 (SHOWN is FOLDER|UIDVALIDITY|UID|IDENTITY)
//     send ID FROM RECIPIENTS HOLD WAIT_MS [SETTING...]   (RECIPIENTS by commas, or @FILE, a line each; settings:
//                                                       nocopy, folder=F, answered=SHOWN, forwarded=SHOWN, draft=SHOWN)
//     outgoing ID WAIT_MS
//     outbox
//     act ID retry|discard|edit WAIT_MS
//     deadline MS
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "common/seal.h"
#include "mod_alphamail/spool_writer.h"
#include "mod_alphamail/webcache_client.h"
#include "t/code_name.h"

namespace alphamail {
namespace {

using Words = std::vector<std::string>;

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char ch : text) {
    const auto c = static_cast<unsigned char>(ch);
    char hex[8];
    if (c == '"' || c == '\\') {
      out.append(1, '\\').append(1, ch);
    } else if (c < 0x20) {
      std::snprintf(hex, sizeof hex, "\\u%04x", static_cast<unsigned>(c));
      out += hex;
    } else {
      out += ch;
    }
  }
  return out + '"';
}

std::string str(const flatbuffers::String* s) {
  return quoted(s ? s->string_view() : "");
}

std::string number(std::uint64_t n) {
  return std::to_string(n);
}

std::string show(const Error& error) {
  return "{\"error\": " + quoted(code_name(error.code)) + ", \"detail\": " + quoted(error.detail) +
         ", \"retry_after\": " + number(error.retry_after) + "}";
}

std::string hex(const wire::SpoolId& id) {
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(id.high()),
                static_cast<unsigned long long>(id.low()));
  return text;
}

std::optional<wire::SpoolId> id_of(const std::string& text) {
  if (text.size() != 32) return std::nullopt;
  return wire::SpoolId(std::stoull(text.substr(0, 16), nullptr, 16),
                       std::stoull(text.substr(16), nullptr, 16));
}

std::string show(const wire::Spooled& file) {
  return "{\"id\": " + quoted(hex(*file.id())) + ", \"version\": " + number(file.version()) +
         ", \"size\": " + number(file.size()) +
         ", \"finished\": " + (file.finished() ? "true" : "false") +
         ", \"note\": " + str(file.note()) + "}";
}

std::string show(const wire::Shown* shown) {
  if (!shown) return "null";
  return quoted(shown->folder()->str() + "|" + number(shown->uid_validity()) + "|" +
                number(shown->uid()) + "|" + number(shown->identity()));
}

std::string show(const wire::OutboxEntry& entry) {
  std::string recipients, refused;
  for (const auto* one : *entry.recipients()) recipients += (recipients.empty() ? "" : ", ") + str(one);
  for (const auto* one : *entry.refused()) {
    refused += (refused.empty() ? "" : ", ") + std::string("[") + str(one->address()) + ", " +
               number(one->reply()) + ", " + str(one->words()) + "]";
  }
  return "{\"id\": " + quoted(hex(*entry.id())) +
         ", \"state\": " + quoted(wire::EnumNameOutgoingState(entry.state())) +
         ", \"note\": " + str(entry.note()) + ", \"size\": " + number(entry.size()) +
         ", \"from\": " + str(entry.from()) + ", \"recipients\": [" + recipients +
         "], \"count\": " + number(entry.recipient_count()) +
         ", \"code\": " + quoted(code_name(static_cast<Code>(entry.code()))) +
         ", \"reply\": " + number(entry.reply()) + ", \"detail\": " + str(entry.detail()) +
         ", \"refused\": [" + refused + "], \"draft\": " + show(entry.draft()) + "}";
}

template <typename Table>
std::string show(const Result<Reply<Table>>& reply) {
  return reply ? show(**reply) : show(reply.error());
}

// A word that names a message, cut at its bars.
struct Named {
  explicit Named(const std::string& word) {
    std::istringstream in(word);
    std::string part;
    std::vector<std::string> parts;
    while (std::getline(in, part, '|')) parts.push_back(part);
    parts.resize(4);
    folder = parts[0];
    const auto n = [&](int i) {
      return static_cast<std::uint32_t>(std::stoul("0" + parts[static_cast<std::size_t>(i)]));
    };
    message = {folder, n(1), n(2), n(3)};
  }
  Named(const Named&) = delete;
  std::string folder;
  ShownMessage message;
};

class Session {
 public:
  explicit Session(const std::string& socket) : lane_({socket, ::geteuid()}) {}

  std::string answer(const Words& w) {
    WebcacheClient client(lane_, Deadline::in(patience_));
    const std::string& what = w.at(0);
    if (what == "login") return login(client, w);
    if (what == "logout") {
      const auto out = client.log_out(caller_);
      return out ? "{}" : show(out.error());
    }
    if (what == "deadline") {
      patience_ = Millis(std::stol(w.at(1)));
      return "{}";
    }
    if (what == "put") return put(client, w);
    if (what == "begin") {
      return show(client.spool_begin(caller_, kind(w.at(1)), id_of(w.at(2)), std::stoull(w.at(3)),
                                     std::stoull(w.at(4)), ""));
    }
    if (what == "read") return read(client, w);
    if (what == "list") {
      const auto listed = client.spool_list(caller_, kind(w.at(1)));
      if (!listed) return show(listed.error());
      std::string files;
      for (const auto* file : *(*listed)->files()) files += (files.empty() ? "" : ", ") + show(*file);
      return "{\"files\": [" + files + "], \"bytes\": " + number((*listed)->bytes()) + "}";
    }
    if (what == "delete") {
      const auto gone = client.spool_delete(caller_, kind(w.at(1)), *id_of(w.at(2)));
      return gone ? "{}" : show(gone.error());
    }
    if (what == "draft") {
      std::optional<Named> old;
      if (w.size() > 2) old.emplace(w[2]);
      const auto saved = client.save_draft(
          caller_, *id_of(w.at(1)), old ? std::optional(old->message) : std::nullopt);
      return saved ? "{\"draft\": " + show((*saved)->draft()) + "}" : show(saved.error());
    }
    if (what == "send") return send(client, w);
    if (what == "outgoing")
      return show(client.outgoing(caller_, *id_of(w.at(1)), Millis(std::stol(w.at(2)))));
    if (what == "outbox") {
      const auto all = client.outbox(caller_);
      if (!all) return show(all.error());
      std::string entries;
      for (const auto* entry : *(*all)->entries())
        entries += (entries.empty() ? "" : ", ") + show(*entry);
      return "{\"entries\": [" + entries + "]}";
    }
    if (what == "act") {
      const auto action = w.at(2) == "retry"     ? wire::OutboxAction::Retry
                          : w.at(2) == "discard" ? wire::OutboxAction::Discard
                                                 : wire::OutboxAction::Edit;
      return show(client.outbox_act(caller_, *id_of(w.at(1)), action, Millis(std::stol(w.at(3)))));
    }
    return "{\"error\": \"no such question\"}";
  }

 private:
  static wire::SpoolKind kind(const std::string& word) {
    return word == "upload" ? wire::SpoolKind::Upload
           : word == "text" ? wire::SpoolKind::Text
                            : wire::SpoolKind::Message;
  }

  std::string login(WebcacheClient& client, const Words& w) {
    user_ = w.at(1);
    domain_ = w.at(2);
    random_bytes(key_);
    std::array<std::byte, 16> handle;
    random_bytes(handle);
    std::uint64_t high, low;
    std::memcpy(&high, handle.data(), 8);
    std::memcpy(&low, handle.data() + 8, 8);
    std::string context = "alphamail password v1";
    context.append(1, '\0').append(user_).append(1, '\0').append(domain_);
    sealed_ = seal(key_, as_bytes(w.at(3)), context);
    caller_ = {wire::Handle(high, low), user_, domain_, sealed_, {}, key_};
    const auto in = client.log_in(caller_.handle, user_, domain_, "192.0.2.1", "", 3600,
                                  as_bytes(w.at(3)));
    if (!in) return show(in.error());
    auto kept = client.keep_key(caller_);
    if (!kept) return show(kept.error());
    account_key_ = std::move(*kept);
    caller_.sealed_account_key = account_key_;
    return "{\"address\": " + str((*in)->address()) + "}";
  }

  std::string put(WebcacheClient& client, const Words& w) {
    std::ifstream file(w.at(4), std::ios::binary);
    SpoolWriter::Options options;
    options.replaces = std::stoull(w.at(3));
    options.note = w.at(5);
    options.lane = &lane_;
    const auto begun = std::chrono::steady_clock::now();
    auto writer = SpoolWriter::begin(client, caller_, kind(w.at(1)), id_of(w.at(2)), options);
    if (!writer) return show(writer.error());
    std::vector<char> some(64 * 1024);
    while (!writer->exists() && file) {
      file.read(some.data(), static_cast<std::streamsize>(some.size()));
      const auto got = static_cast<std::size_t>(file.gcount());
      if (const auto put = writer->write(std::as_bytes(std::span(some.data(), got))); !put)
        return show(put.error());
      std::this_thread::sleep_for(Millis(std::stol(w.at(6))));
    }
    if (!writer->exists()) {
      if (const auto whole = writer->finish(); !whole) return show(whole.error());
    }
    const auto took = std::chrono::steady_clock::now() - begun;
    return "{\"id\": " + quoted(hex(writer->id())) + ", \"version\": " + number(writer->version()) +
           ", \"size\": " + number(writer->written()) +
           ", \"exists\": " + (writer->exists() ? "true" : "false") + ", \"us\": " +
           number(static_cast<std::uint64_t>(
               std::chrono::duration_cast<std::chrono::microseconds>(took).count())) +
           "}";
  }

  std::string read(WebcacheClient& client, const Words& w) {
    auto reply = client.spool_read(caller_, kind(w.at(1)), *id_of(w.at(2)), std::stoull(w.at(3)),
                                   std::stoull(w.at(4)));
    if (!reply) return show(reply.error());
    std::ofstream out(w.at(5), std::ios::binary);
    std::vector<std::byte> some(64 * 1024);
    std::uint64_t bytes = 0;
    for (;;) {
      const auto got = reply->call().read(some, client.deadline());
      if (!got) return show(got.error());
      if (*got == 0) break;
      out.write(reinterpret_cast<const char*>(some.data()), static_cast<std::streamsize>(*got));
      bytes += *got;
    }
    return "{\"size\": " + number((*reply)->size()) + ", \"bytes\": " + number(bytes) + "}";
  }

  std::string send(WebcacheClient& client, const Words& w) {
    std::vector<std::string> recipients;
    std::string one;
    if (w.at(3).starts_with("@")) {
      std::ifstream file(w[3].substr(1));
      while (std::getline(file, one)) recipients.push_back(one);
    } else {
      std::istringstream list(w[3]);
      while (std::getline(list, one, ',')) recipients.push_back(one);
    }
    Outgoing outgoing;
    outgoing.id = *id_of(w.at(1));
    outgoing.from = w.at(2);
    outgoing.recipients = recipients;
    outgoing.hold_seconds = static_cast<std::uint8_t>(std::stoul(w.at(4)));
    std::vector<std::unique_ptr<Named>> names;
    std::vector<ShownMessage> marked;
    for (std::size_t i = 6; i < w.size(); ++i) {
      const std::string name = w[i].substr(0, w[i].find('='));
      const std::string value = w[i].substr(std::min(w[i].size(), name.size() + 1));
      if (name == "nocopy") outgoing.keep_copy = false;
      names.push_back(std::make_unique<Named>(value));
      if (name == "folder") outgoing.sent_folder = names.back()->folder;
      if (name == "draft") outgoing.draft = names.back()->message;
      if (name == "forwarded") outgoing.mark = wire::Mark::Forwarded;
      if (name == "answered" || name == "forwarded") marked.push_back(names.back()->message);
    }
    outgoing.marked = marked;
    return show(client.send(caller_, outgoing, Millis(std::stol(w.at(5)))));
  }

  LaneClient lane_;
  Millis patience_{30000};
  std::string user_, domain_;
  Key key_{};
  Bytes sealed_;
  std::vector<std::byte> account_key_;
  Caller caller_{};
};

int run(const char* socket) {
  Session session(socket);
  std::string line;
  while (std::getline(std::cin, line)) {
    Words words;
    std::istringstream in(line);
    std::string word;
    while (std::getline(in, word, '\t')) words.push_back(word);
    if (line.ends_with('\t')) words.emplace_back();
    std::string answer;
    try {
      answer = session.answer(words);
    } catch (const std::exception& e) {
      answer = "{\"error\": " + quoted(std::string("asked wrongly: ") + e.what()) + "}";
    }
    std::cout << answer << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return alphamail::run(argv[1]);
}
