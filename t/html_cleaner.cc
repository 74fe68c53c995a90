// SPDX-License-Identifier: GPL-3.0-or-later
// The cleaner of HTML as a filter for tests: on standard input documents, each behind a line with its length; on
// standard output for each a line "LENGTH REMOTE TRACKING CUT WORDS_ONLY CPU_US" and what became of it.
//   html_cleaner [--remote] [--recolour] [--only-look]
// A src of "cid:known" is a picture of the message.
#include <ctime>

#include <cstdio>
#include <cstring>
#include <string>

#include "mod_alphamail/html_clean.h"

namespace {

std::int64_t cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

std::string picture(std::string_view reference) {
  constexpr std::string_view kAddress = "/alphamail/mail/INBOX/17/part/1.2/view";
  return reference == "known" || reference == kAddress ? std::string(kAddress) : std::string();
}

}  // namespace

int main(int argc, char** argv) {
  alphamail::CleanOptions options;
  options.picture = picture;
  for (int i = 1; i < argc; ++i) {
    options.remote = options.remote || std::strcmp(argv[i], "--remote") == 0;
    options.only_look = options.only_look || std::strcmp(argv[i], "--only-look") == 0;
    options.recolour = options.recolour || std::strcmp(argv[i], "--recolour") == 0;
  }
  std::size_t length = 0;
  while (std::scanf("%zu", &length) == 1 && std::getchar() == '\n') {
    std::string html(length, '\0');
    if (std::fread(html.data(), 1, length, stdin) != length) return 1;
    const std::int64_t begin = cpu_us();
    const alphamail::CleanedHtml cleaned = alphamail::clean_html(html, options);
    const std::int64_t took = cpu_us() - begin;
    const std::string_view text = cleaned.html.text();
    std::printf("%zu %zu %zu %d %d %lld\n", text.size(), cleaned.remote_pictures, cleaned.tracking_pictures,
                cleaned.cut ? 1 : 0, cleaned.words_only ? 1 : 0, static_cast<long long>(took));
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  }
  return 0;
}
