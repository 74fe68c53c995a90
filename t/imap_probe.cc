// SPDX-License-Identifier: GPL-3.0-or-later
// Drives one ImapConnection from a script, for t/2010-imap.t: each step prints one line
// "step: ok ..." or "step: CODE words (n ms)", and nothing the server does may end it otherwise.
//
//   imap_probe [--ca FILE] [--tls|--starttls|--plain] [--deadline MS] [--prefix P] HOST PORT USER STEP...
//
// The password comes on standard input, so that nothing but a Secret ever holds it here.
//
// Steps: list, status=NAME, select=NAME, rows=FIRST:LAST, uids=FIRST:LAST, flags=FIRST:LAST:MODSEQ,
// sort=[-]BY:FIRST:LAST, resync=NAME:UIDVALIDITY:MODSEQ, idle, news=MS, rest, places=SEQ:SEQ..., previews=UID, beginnings=UID:SECTION:BYTES, message=UID, piece=UID:SECTION:OFFSET:LENGTH, seen=UID, noop,
// tour (all of them on INBOX), again (a new connection), speed=TIMES (rows of the whole folder),
// canary (looks for the password in the memory of this process), resume (two TLS connections).
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "t/code_name.h"
#include "t/memory_scan.h"
#include "webcache/imap_connection.h"
#include "webcache/tls_stream.h"

namespace {

using namespace alphamail;

// Without the k in front.
const char* name_of(Code code) { return code_name(code) + (code > kLastCode ? 0 : 1); }

/// Printable ASCII, the rest as \xHH, so that a test sees exactly what came.
std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text) {
    char hex[8];
    std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    if (c >= 0x20 && c < 0x7f && c != '\\') {
      out += c;
    } else {
      out += hex;
    }
  }
  return out;
}

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string piece; std::getline(in, piece, at);) out.push_back(piece);
  return out;
}

std::uint32_t number(const std::vector<std::string>& arguments, std::size_t i) {
  return i < arguments.size() ? static_cast<std::uint32_t>(std::strtoul(arguments[i].c_str(), nullptr, 10)) : 0;
}

class Probe {
 public:
  MailServer server;
  std::string user, prefix, ca;
  Secret password;
  Millis patience{5000};

  bool begin() {
    auto made = TlsContext::make(ca);
    if (!made) return say("context", made.error());
    tls_ = std::move(*made);
    return connect();
  }

  void step(const std::string& text) {
    const std::size_t equals = text.find('=');
    name_ = text.substr(0, equals);
    argument_ = equals == std::string::npos ? "" : text.substr(equals + 1);
    arguments_ = split(argument_, ':');
    if (name_ == "again") {
      connect();
    } else if (name_ == "tour") {
      tour();
    } else if (name_ == "speed") {
      speed();
    } else if (name_ == "canary") {
      canary();
    } else if (name_ == "resume") {
      resume();
    } else if (connection_) {
      started_ = std::chrono::steady_clock::now();
      (this->*steps().at(name_))();
    }
  }

  void end() {
    if (!connection_) return;
    started_ = std::chrono::steady_clock::now();
    connection_->log_out(deadline());
    say("logout", "commands=" + std::to_string(connection_->commands()));
  }

 private:
  using Step = void (Probe::*)();
  static const std::map<std::string, Step>& steps() {
    static const std::map<std::string, Step> all{
        {"list", &Probe::list},           {"status", &Probe::status}, {"select", &Probe::select},
        {"rows", &Probe::rows},           {"uids", &Probe::uids},     {"flags", &Probe::flags},
        {"previews", &Probe::previews},   {"message", &Probe::message}, {"piece", &Probe::piece},
        {"beginnings", &Probe::beginnings}, {"seen", &Probe::seen},   {"noop", &Probe::noop},
        {"sort", &Probe::sort},           {"news", &Probe::news},     {"idle", &Probe::idle},
        {"resync", &Probe::resync}, {"places", &Probe::places},
        {"rest", &Probe::rest}};
    return all;
  }

  Deadline deadline() const { return Deadline::in(patience); }

  long elapsed() const {
    return static_cast<long>(
        std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now() - started_).count());
  }
  bool say(const std::string& what, const std::string& good) {
    std::printf("%s: ok %s (%ld ms)\n", what.c_str(), good.c_str(), elapsed());
    return true;
  }
  bool say(const std::string& what, const Error& error) {
    std::printf("%s: %s %s (%ld ms)%s\n", what.c_str(), name_of(error.code), shown(error.detail).c_str(), elapsed(),
                connection_ && connection_->dead() ? " dead" : "");
    return false;
  }
  template <typename T>
  bool say(const Result<T>& result, const std::string& good) {
    return result ? say(name_, good) : say(name_, result.error());
  }

  bool connect() {
    connection_.reset();
    started_ = std::chrono::steady_clock::now();
    auto opened = ImapConnection::open(server, *tls_, deadline());
    if (!opened) return say("open", opened.error());
    say("open", "commands=" + std::to_string((*opened)->commands()));
    connection_ = std::move(*opened);
    started_ = std::chrono::steady_clock::now();
    auto in = connection_->log_in(user, password, deadline());
    if (!in) {
      say("login", in.error());
      connection_.reset();
      return false;
    }
    return say("login", "commands=" + std::to_string(connection_->commands()));
  }

  void list() {
    auto folders = connection_->list(prefix, false, deadline());
    say(folders, folders ? std::to_string(folders->folders.size()) : "");
    if (!folders) return;
    for (const ListedFolder& f : folders->folders) {
      std::printf("  folder %s separator=%s role=%d selectable=%d children=%d counted=%d messages=%u unseen=%u\n",
                  shown(f.name).substr(0, 200).c_str(), shown(std::string(1, f.separator)).c_str(),
                  static_cast<int>(f.role), f.selectable, f.has_children, f.counted, f.messages, f.unseen);
    }
  }
  void status() {
    ListedFolder folder;
    folder.name = argument_;
    const auto done = connection_->status(folder, deadline());
    say(done, "messages=" + std::to_string(folder.messages) + " unseen=" + std::to_string(folder.unseen));
  }
  void select() {
    const auto selected = connection_->select(argument_, deadline());
    if (!selected) {
      say(name_, selected.error());
      return;
    }
    std::ostringstream out;
    out << "exists=" << selected->exists << " uidvalidity=" << (selected->uid_validity != 0)
        << " uidnext=" << selected->uid_next << " modseq=" << (selected->highest_modseq != 0)
        << " read_only=" << selected->read_only;
    say(name_, out.str());
  }
  void print(const FetchedRow& r) {
    std::printf("  row seq=%u uid=%u flags=%u date=%lld size=%llu from=%s|%s@%s subject=%s id=%s parts=", r.seq,
                static_cast<std::uint32_t>(r.uid), r.flags, static_cast<long long>(r.internal_date),
                static_cast<unsigned long long>(r.size), shown(r.from_name).c_str(), shown(r.from_mailbox).c_str(),
                shown(r.from_host).c_str(), shown(r.subject).substr(0, 200).c_str(), shown(r.message_id).c_str());
    for (const PartInfo& p : r.parts) {
      std::printf("[%s %s/%s %s %llu]", p.section.c_str(), shown(p.type).c_str(), shown(p.subtype).c_str(),
                  shown(p.encoding).c_str(), static_cast<unsigned long long>(p.size));
    }
    std::printf("\n");
  }
  ImapConnection::RowSink row_sink() {
    rows_ = 0;
    return [this](FetchedRow&& row) {
      if (rows_++ < 5) print(row);
      last_uid_ = row.uid;
      return true;
    };
  }
  void rows() {
    const auto done = connection_->fetch_rows(SeqNum{number(arguments_, 0)}, SeqNum{number(arguments_, 1)},
                                              row_sink(), deadline());
    say(done, std::to_string(rows_));
  }
  void uids() {
    const auto done =
        connection_->fetch_rows(Uid{number(arguments_, 0)}, Uid{number(arguments_, 1)}, row_sink(), deadline());
    say(done, std::to_string(rows_));
  }
  void flags() {
    std::size_t count = 0;
    const auto done = connection_->fetch_flags(
        Uid{number(arguments_, 0)}, Uid{number(arguments_, 1)}, number(arguments_, 2),
        [&](const FetchedFlags& f) {
          if (count++ < 5) std::printf("  flags uid=%u %u\n", static_cast<std::uint32_t>(f.uid), f.flags);
        },
        deadline());
    say(done, std::to_string(count) + " exists=" + std::to_string(connection_->exists()));
  }
  void news() {
    // "news=MS" waits so long for the first of it.
    const std::uint32_t before = connection_->exists();
    auto listened = connection_->idling() ? connection_->listen() : Result<void>();
    for (std::uint32_t i = 0; listened && i < number(arguments_, 0) / 10; ++i) {
      if (connection_->has_news() || connection_->exists() != before) break;
      usleep(10000);
      listened = connection_->listen();
    }
    const News news = connection_->take_news();
    std::string out = "exists=" + std::to_string(connection_->exists());
    for (const Change& c : news.changes) {
      out += std::string(c.kind == Change::Kind::kGone ? " gone" : " flags") + "=" + std::to_string(c.seq) + "/" +
             std::to_string(static_cast<std::uint32_t>(c.uid)) + "/" + std::to_string(c.flags & 0xff);
    }
    for (const UidRange& r : news.gone) out += " vanished=" + std::to_string(r.first) + ":" + std::to_string(r.last);
    say(listened, out.substr(0, 1000));
  }
  void idle() { say(connection_->idle(deadline()), ""); }
  void rest() {
    connection_->rest();
    say(name_, "");
  }
  void resync() {
    KnownState known{number(arguments_, 1), number(arguments_, 2)};
    const auto selected = connection_->select(arguments_.at(0), deadline(), known);
    say(selected, selected ? "caught_up=" + std::to_string(selected->caught_up) + " uidvalidity=" +
                                 std::to_string(selected->uid_validity) + " modseq=" +
                                 std::to_string(selected->highest_modseq)
                           : "");
  }
  void places() {
    std::vector<SeqNum> places;
    for (const std::string& one : arguments_) places.push_back(SeqNum{static_cast<std::uint32_t>(std::stoul(one))});
    std::string out;
    const auto done = connection_->fetch_uids(
        places,
        [&](SeqNum seq, Uid uid) {
          out += std::to_string(static_cast<std::uint32_t>(seq)) + "=" + std::to_string(static_cast<std::uint32_t>(uid)) + ",";
        },
        deadline());
    say(done, out);
  }
  void sort() {
    static const std::map<std::string, ServerSort> kBy{{"arrival", ServerSort::kArrival}, {"date", ServerSort::kDate},
                                                   {"from", ServerSort::kFrom},       {"to", ServerSort::kTo},
                                                   {"subject", ServerSort::kSubject}, {"size", ServerSort::kSize}};
    const std::string by = arguments_.at(0);
    const bool descending = by.starts_with('-');
    const auto sorted = connection_->sort(kBy.at(by.substr(descending)), descending, number(arguments_, 1),
                                          number(arguments_, 2), deadline());
    std::string out = sorted ? "total=" + std::to_string(sorted->total) + " uids=" : "";
    if (sorted) {
      for (const Uid uid : sorted->uids) out += std::to_string(static_cast<std::uint32_t>(uid)) + ",";
    }
    say(sorted, out);
  }
  void snippets(const std::string& section, std::size_t bytes) {
    const Uid uid{number(arguments_, 0)};
    std::string text;
    const auto done = connection_->fetch_beginnings({&uid, 1}, section, bytes,
                                                    [&](ImapConnection::Snippet&& s) { text = s.text; }, deadline());
    say(done, shown(text).substr(0, 300));
  }
  void previews() { snippets("", 0); }
  void beginnings() { snippets(arguments_.at(1), number(arguments_, 2)); }
  void message() {
    const auto opened = connection_->open_message(
        Uid{number(arguments_, 0)}, arguments_.size() > 1 ? arguments_[1] : "", deadline());
    say(opened, opened ? "header=" + std::to_string(opened->header.size()) +
                             " cut=" + std::to_string(opened->header_cut) +
                             (opened->texts.empty() ? "" : " text=" + shown(opened->texts[0].bytes).substr(0, 200))
                       : "");
    if (opened) print(opened->row);
  }
  void piece() {
    const auto piece = connection_->fetch_piece(Uid{number(arguments_, 0)}, arguments_.at(1), number(arguments_, 2),
                                                number(arguments_, 3), deadline());
    say(piece, piece ? std::to_string(piece->size()) + " " + shown(*piece).substr(0, 200) : "");
  }
  void seen() { say(connection_->mark_seen(Uid{number(arguments_, 0)}, deadline()), ""); }
  void noop() {
    const auto done = connection_->noop(deadline());
    say(done, "exists=" + std::to_string(connection_->exists()));
  }

  void tour() {
    for (const char* one : {"list", "status=INBOX", "select=INBOX", "idle", "news=50", "noop", "resync=INBOX:1:1", "news",
                            "sort=-date:1:50", "idle", "sort=subject:2:3"}) {
      tour_step(one);
    }
    const std::uint32_t exists = connection_ ? connection_->exists() : 0;
    tour_step("rows=" + std::to_string(exists > 200 ? exists - 199 : 1) + ":" + std::to_string(exists ? exists : 1));
    const std::string uid = std::to_string(last_uid_ == Uid{} ? 1 : static_cast<std::uint32_t>(last_uid_));
    for (const std::string one :
         {"uids=1:4294967295", "flags=1:4294967295:0", "beginnings=", "message=", "piece=", "seen=", "noop"}) {
      std::string full = one.back() == '=' ? one + uid : one;
      if (one == "beginnings=") full += ":1:512";
      if (one == "piece=") full += ":1:0:262144";
      tour_step(full);
    }
  }
  /// One reconnection when the server has broken the one we had, as the daemon would.
  void tour_step(const std::string& text) {
    if (!connection_) return;
    if (connection_->dead() && (!connect() || !connection_->select("INBOX", deadline()))) return;
    step(text);
  }

  void canary() {
    started_ = std::chrono::steady_clock::now();
    const std::size_t plain = copies_in_memory(password);
    say(name_, "plain=" + std::to_string(plain) + " base64=" + std::to_string(copies_in_memory(sasl_of(user, password))));
  }

  void resume() {
    for (int time = 0; time < 2; ++time) {
      started_ = std::chrono::steady_clock::now();
      auto stream = TlsStream::connect(server.host, server.port, deadline());
      if (!stream) {
        say(name_, stream.error());
        return;
      }
      char greeting[512];  // TLS 1.3 tickets come with the first bytes
      const auto done = (*stream)->secure(*tls_, server.host, server.port, deadline());
      if (done) (void)(*stream)->read(greeting, deadline());
      say(done, (*stream)->describe());
    }
  }

  void speed() {
    rusage before{}, after{};
    getrusage(RUSAGE_SELF, &before);
    std::uint64_t count = 0, bytes = 0;
    const std::uint32_t exists = connection_->exists();
    started_ = std::chrono::steady_clock::now();
    for (std::uint32_t time = 0; time < number(arguments_, 0); ++time) {
      for (std::uint32_t first = 1; first <= exists; first += 1000) {
        const auto done = connection_->fetch_rows(
            SeqNum{first}, SeqNum{std::min(first + 999, exists)},
            [&](FetchedRow&& row) {
              ++count;
              bytes += row.subject.size();
              return true;
            },
            deadline());
        if (!done) {
          say(name_, done.error());
          return;
        }
      }
    }
    getrusage(RUSAGE_SELF, &after);
    const auto micros = [](const rusage& r) {
      return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1e6 +
             static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec);
    };
    char line[128];
    std::snprintf(line, sizeof line, "%llu rows, %.2f us CPU each, peak %ld KB", static_cast<unsigned long long>(count),
                  (micros(after) - micros(before)) / static_cast<double>(count ? count : 1), after.ru_maxrss);
    say(name_, line);
  }

  std::unique_ptr<TlsContext> tls_;
  std::unique_ptr<ImapConnection> connection_;
  std::string name_, argument_;
  std::vector<std::string> arguments_;
  std::chrono::steady_clock::time_point started_;
  std::size_t rows_ = 0;
  Uid last_uid_{};
};

}  // namespace

int main(int argc, char** argv) {
  setvbuf(stdout, nullptr, _IOLBF, 0);
  Probe probe;
  char typed[Secret::kMaxBytes];
  const ssize_t length = read(STDIN_FILENO, typed, sizeof typed);
  probe.password = Secret(std::string_view(typed, length > 0 ? static_cast<std::size_t>(length) : 0));
  wipe(typed, sizeof typed);
  int i = 1;
  for (; i < argc && std::strncmp(argv[i], "--", 2) == 0; ++i) {
    const std::string option = argv[i];
    if (option == "--tls") {
      probe.server.security = Security::kTls;
    } else if (option == "--starttls") {
      probe.server.security = Security::kStartTls;
    } else if (option == "--plain") {
      probe.server.security = Security::kPlain;
      probe.server.plain_allowed = true;
    } else if (i + 1 < argc) {
      const std::string value = argv[++i];
      if (option == "--ca") probe.ca = value;
      if (option == "--prefix") probe.prefix = value;
      if (option == "--deadline") probe.patience = Millis(std::stol(value));
    }
  }
  if (argc - i < 3) return 2;
  probe.server.host = argv[i];
  probe.server.port = static_cast<std::uint16_t>(std::stoi(argv[i + 1]));
  probe.user = argv[i + 2];
  if (probe.begin()) {
    for (int step = i + 3; step < argc; ++step) probe.step(argv[step]);
    probe.end();
  }
  std::puts("done");
  return 0;
}
