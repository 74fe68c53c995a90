// SPDX-License-Identifier: GPL-3.0-or-later
// What rendering alone costs: a folder page of 50 rows from a reply in memory, in microseconds of
// CPU, for each language, by our own expansion and by ctemplate's. Run by hand:
// t/bench/render_bench [rounds]; with --page it prints a page.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>

#include "mod_alphamail/folder_view.h"
#include "t/unit/pages_fixture.h"

using namespace alphamail;

namespace {

double cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

std::string_view render(const fixture::Site& site, const wire::FolderPage& page, const char* language,
                        bool by_ctemplate = false) {
  thread_local std::string copy;
  const Reader reader = site.reader(language);
  FrameInput input = fixture::frame_input();
  input.folders = page.folders();
  input.current = "INBOX";
  Frame frame(reader, input);
  const FolderView view(frame, page, {}, "");
  if (!by_ctemplate) return view.render();
  return copy = site.templates->expand_by_ctemplate(PageTemplate::kFolder, reader.language, view);
}

}  // namespace

int main(int argc, char** argv) {
  const fixture::Site site;
  fixture::Built built;
  const auto& page = fixture::folder_page(built, fixture::campus_rows(50), fixture::campus_folders());
  if (argc > 1 && std::strcmp(argv[1], "--page") == 0) {
    const auto html = render(site, page, argc > 2 ? argv[2] : "en");
    std::fwrite(html.data(), 1, html.size(), stdout);
    return 0;
  }
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 20000;
  for (const auto& language : site.words->languages()) {
    for (const bool by_ctemplate : {false, true}) {
      const char* code = language->code().c_str();
      std::size_t bytes = render(site, page, code, by_ctemplate).size();
      const double start = cpu_us();
      for (int i = 0; i < rounds; ++i) bytes = render(site, page, code, by_ctemplate).size();
      std::printf("%-6s %-10s %6.1f us a page, %zu bytes\n", code, by_ctemplate ? "ctemplate" : "ours",
                  (cpu_us() - start) / rounds, bytes);
    }
  }
}
