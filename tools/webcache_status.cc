// SPDX-License-Identifier: GPL-3.0-or-later
// webcache-status: what the daemon counts, and how long questions take, for people or (--json) for
// programs. SECURITY: asks over the daemon's socket like a web child, so only root, the daemon's user
// and the web server's user get an answer; it tells numbers, no names of users.
#include <getopt.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "common/config.h"
#include "common/lane_client.h"
#include "common/protocol_generated.h"
#include "config.h"

namespace alphamail {
namespace {

enum class Exit : int { kUsage = 2, kConfig = 3, kNoAnswer = 4 };

[[noreturn]] void die(Exit code, const std::string& why) {
  std::fprintf(stderr, "webcache-status: %s\n", why.c_str());
  std::exit(static_cast<int>(code));
}

struct Options {
  std::string config = ALPHAMAIL_SYSCONFDIR "/alphamail_config";
  bool json = false;
};

Options parse_options(int argc, char** argv) {
  static const option kOptions[] = {{"config", required_argument, nullptr, 'c'},
                                    {"json", no_argument, nullptr, 'j'},
                                    {"version", no_argument, nullptr, 'v'},
                                    {"help", no_argument, nullptr, 'h'},
                                    {nullptr, 0, nullptr, 0}};
  Options options;
  for (int c; (c = getopt_long(argc, argv, "", kOptions, nullptr)) != -1;) {
    switch (c) {
      case 'c':
        options.config = optarg;
        break;
      case 'j':
        options.json = true;
        break;
      case 'v':
        std::printf("webcache-status (AlphaMail) %s\n", PACKAGE_VERSION);
        std::exit(0);
      case 'h':
        std::printf(
            "webcache-status tells what the webcache counts and how long questions take.\n\n"
            "  --config FILE  the configuration (" ALPHAMAIL_SYSCONFDIR "/alphamail_config)\n"
            "  --json         one JSON object, for programs\n"
            "  --version      print the version and end\n"
            "  --help         print this and end\n");
        std::exit(0);
      default:
        std::exit(static_cast<int>(Exit::kUsage));
    }
  }
  if (optind < argc) die(Exit::kUsage, std::string("what is \"") + argv[optind] + "\"? (--help)");
  return options;
}

/// The whole reply: a length, and so many bytes.
std::vector<std::byte> ask(const Config& config) {
  flatbuffers::FlatBufferBuilder fbb(256);
  fbb.Finish(wire::CreateRequest(fbb, nullptr, 5000, wire::Question::ShowStatus,
                                 wire::CreateShowStatus(fbb).Union()));
  LaneClient lane({.socket_path = config.webcache_socket, .daemon_uid = daemon_uid(config)});
  const Deadline deadline = Deadline::in(Millis(6000));
  auto call = lane.ask(std::as_bytes(std::span(fbb.GetBufferPointer(), fbb.GetSize())), deadline, {});
  if (!call) die(Exit::kNoAnswer, "no answer at " + config.webcache_socket + ": " + call.error().detail);
  std::vector<std::byte> all, piece(65536);
  constexpr std::size_t kMost = 4 << 20;
  while (all.size() < kMost) {
    const auto got = call->read(piece, deadline);
    if (!got) die(Exit::kNoAnswer, "the answer was cut: " + got.error().detail);
    if (*got == 0) break;
    all.insert(all.end(), piece.begin(), piece.begin() + static_cast<std::ptrdiff_t>(*got));
  }
  return all;
}

const wire::StatusReport& report_in(const std::vector<std::byte>& reply) {
  if (reply.size() < 4) die(Exit::kNoAnswer, "the answer is too short");
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(reply.data()) + 4;
  flatbuffers::Verifier verifier(bytes, reply.size() - 4, 16, 100000);
  if (!verifier.VerifyBuffer<wire::Reply>()) die(Exit::kNoAnswer, "the answer is malformed");
  const auto* report = flatbuffers::GetRoot<wire::Reply>(bytes)->answer_as_StatusReport();
  if (!report) die(Exit::kNoAnswer, "the webcache refuses to tell");
  return *report;
}

std::string folder_size(std::uint32_t up_to) {
  return up_to == UINT32_MAX ? "more" : std::to_string(up_to);
}

const char* text(const flatbuffers::String* string) {
  return string ? string->c_str() : "";
}

void print_for_people(const wire::StatusReport& report) {
  char since[32] = "";
  const std::time_t started = report.started();
  std::tm broken_down{};
  if (localtime_r(&started, &broken_down)) {
    std::strftime(since, sizeof since, "%Y-%m-%d %H:%M:%S", &broken_down);
  }
  std::printf("webcache %s, running since %s\n\n", text(report.version()), since);
  for (const wire::Counter* c : *report.counters()) {
    std::printf("%16" PRIu64 "  %-22s %s\n", c->value(), text(c->name()), text(c->meaning()));
  }
  if (!report.timings() || report.timings()->size() == 0) return;
  std::printf("\nQuestions, in microseconds; \"server\" is the mean wait for the mail server\n"
              "%-12s %-8s %9s %11s %9s %9s %9s %9s %11s\n", "question", "from", "folder to",
              "count", "mean", "server", "p50", "p99", "longest");
  for (const wire::Timing* t : *report.timings()) {
    const std::uint64_t count = std::max<std::uint64_t>(t->count(), 1);
    std::printf("%-12s %-8s %9s %11" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64 " %9" PRIu64
                " %11" PRIu64 "\n", text(t->question()), t->cached() ? "memory" : "server",
                folder_size(t->messages_up_to()).c_str(), t->count(), t->total() / count,
                t->server() / count, t->p50(), t->p99(), t->longest());
  }
}

/// Names come from the daemon's own tables; anything else in them would be a fault, and is left out.
std::string plain(const flatbuffers::String* string) {
  std::string out(text(string));
  std::erase_if(out, [](unsigned char c) { return c < 0x20 || c > 0x7e || c == '"' || c == '\\'; });
  return out;
}

void print_json(const wire::StatusReport& report) {
  std::printf("{\"version\": \"%s\", \"started\": %" PRId64 ", \"counters\": {",
              plain(report.version()).c_str(), report.started());
  const char* comma = "";
  for (const wire::Counter* c : *report.counters()) {
    std::printf("%s\"%s\": {\"value\": %" PRIu64 ", \"unit\": \"%s\"}", comma,
                plain(c->name()).c_str(), c->value(), plain(c->unit()).c_str());
    comma = ", ";
  }
  std::printf("}, \"questions\": [");
  comma = "";
  if (report.timings()) {
    for (const wire::Timing* t : *report.timings()) {
      std::printf("%s{\"question\": \"%s\", \"cached\": %s, \"messages_up_to\": %" PRIu32
                  ", \"count\": %" PRIu64 ", \"total_us\": %" PRIu64 ", \"server_us\": %" PRIu64
                  ", \"p50_us\": %" PRIu64 ", \"p99_us\": %" PRIu64 ", \"longest_us\": %" PRIu64 "}",
                  comma, plain(t->question()).c_str(), t->cached() ? "true" : "false",
                  t->messages_up_to(), t->count(), t->total(), t->server(), t->p50(), t->p99(),
                  t->longest());
      comma = ", ";
    }
  }
  std::printf("]}\n");
}

int status(const Options& options) {
  const auto config = read_config(options.config);
  if (!config) die(Exit::kConfig, config.error().detail);
  const auto reply = ask(*config);
  const wire::StatusReport& report = report_in(reply);
  options.json ? print_json(report) : print_for_people(report);
  return std::fflush(stdout) == 0 ? 0 : 1;
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  return alphamail::status(alphamail::parse_options(argc, argv));
}
