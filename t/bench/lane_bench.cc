// SPDX-License-Identifier: GPL-3.0-or-later
// Figures of the lane between two processes: round trips of a 6 KB reply with one thread and with
// eight, and the stream of a large part. Usage: lane_bench [seconds a figure]
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "common/lane_client.h"
#include "common/lane_server.h"

namespace alphamail {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kReply = 6 * 1024;
constexpr std::size_t kStream = 256 * 1024 * 1024;

/// Answers 's' with the stream, from a thread of its own, all else with 6 KB at once.
[[noreturn]] void serve(const std::string& path) {
  const std::vector<std::byte> reply(kReply, std::byte{'x'});
  const std::vector<std::byte> piece(256 * 1024, std::byte{'y'});
  auto server = LaneServer::open({path, {getuid()}}, [&](LaneQuestion question) {
    if (question.request()[0] != std::byte{'s'}) {
      (void)question.answer_at_once(reply);
      return;
    }
    std::thread([&piece, q = std::move(question)]() mutable {
      const Deadline deadline = Deadline::in(Millis{60000});
      for (std::size_t sent = 0; sent < kStream; sent += piece.size())
        if (!q.write(piece, deadline)) return;
      q.finish();
    }).detach();
  });
  if (!server) {
    std::fprintf(stderr, "%s\n", server.error().detail.c_str());
    _exit(1);
  }
  for (;;) pause();
}

bool ask(LaneClient& client, std::span<const std::byte> request, std::span<std::byte> into) {
  const Deadline deadline = Deadline::in(Millis{5000});
  auto call = client.ask(request, deadline);
  if (!call) return false;
  std::size_t total = 0;
  for (;;) {
    const auto got = call->read(into, deadline);
    if (!got) return false;
    if (*got == 0) return total == kReply;
    total += *got;
  }
}

void one_thread(LaneClient& client, Clock::time_point until, std::vector<double>& micros) {
  const std::vector<std::byte> request(200, std::byte{'q'});
  std::vector<std::byte> into(16 * 1024);
  for (;;) {
    const auto start = Clock::now();
    if (start >= until) return;
    if (!ask(client, request, into)) {
      std::fprintf(stderr, "a round trip failed\n");
      std::exit(1);
    }
    micros.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
  }
}

void round_trips(LaneClient& client, int threads, double seconds) {
  const auto span =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  std::vector<std::vector<double>> parts(static_cast<std::size_t>(threads));
  std::vector<std::thread> running;
  const auto until = Clock::now() + span;
  for (auto& part : parts) running.emplace_back([&] { one_thread(client, until, part); });
  for (auto& t : running) t.join();
  std::vector<double> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all[static_cast<std::size_t>(share * double(all.size() - 1))];
  };
  std::printf(
      "round trip, 6 KB reply, %d thread%s: p50 %.1f us, p99 %.1f us, max %.0f us, %.0f /s\n",
      threads, threads == 1 ? "" : "s", at(0.5), at(0.99), all.back(),
      double(all.size()) / seconds);
}

void stream(LaneClient& client) {
  std::vector<std::byte> into(256 * 1024);
  const std::byte request[1] = {std::byte{'s'}};
  const Deadline deadline = Deadline::in(Millis{60000});
  const auto start = Clock::now();
  auto call = client.ask(request, deadline);
  std::size_t total = 0;
  while (call) {
    const auto got = call->read(into, deadline);
    if (!got || *got == 0) break;
    total += *got;
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (total != kStream) {
    std::fprintf(stderr, "the stream broke\n");
    std::exit(1);
  }
  std::printf("stream of %zu MB: %.1f GB/s\n", kStream >> 20, double(kStream) / seconds / 1e9);
}

int run(double seconds) {
  char folder[] = "/tmp/lane-bench-XXXXXX";
  if (mkdtemp(folder) == nullptr) return 1;
  const std::string path = std::string(folder) + "/socket";
  const pid_t daemon = fork();
  if (daemon == 0) serve(path);
  {
    LaneClient client({path, getuid()});
    std::vector<std::byte> into(16 * 1024);
    const std::byte request[1] = {std::byte{'q'}};
    for (int i = 0; i < 500 && !ask(client, request, into); ++i) usleep(10000);
    std::vector<double> warm_up;
    one_thread(client, Clock::now() + std::chrono::milliseconds(200), warm_up);
    round_trips(client, 1, seconds);
    round_trips(client, 8, seconds);
    stream(client);
    std::printf("control bytes: %llu\n", static_cast<unsigned long long>(client.control_bytes()));
  }
  kill(daemon, SIGKILL);
  waitpid(daemon, nullptr, 0);
  unlink(path.c_str());
  rmdir(folder);
  return 0;
}

}  // namespace
}  // namespace alphamail

int main(int argc, char** argv) {
  return alphamail::run(argc > 1 ? std::atof(argv[1]) : 3.0);
}
