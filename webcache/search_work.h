// SPDX-License-Identifier: GPL-3.0-or-later
// How a search goes through a folder. Rows are looked at as they become known, the newest first; what their
// index leaves open the server is asked for each term, and whatever it names is read and looked at by
// ourselves, so that what is found does not depend on the server:
//
//   rows ──index──▶ hits
//            └─▶ asks ──UID SEARCH──▶ to_read ──the messages' texts──▶ hits
//                         └─▶ hits (where a term that is not to be there is not)
//
// Each step takes a window of one of these, so that a user's next click waits for no more than that.
#ifndef WEBCACHE_SEARCH_WORK_H
#define WEBCACHE_SEARCH_WORK_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "webcache/folder_index.h"
#include "webcache/search.h"

namespace alphamail {

struct SearchWork {
  std::size_t at = 0;   // which folder
  bool begun = false;   // that one
  bool checked = false; // it was compared with the server, where that was due
  std::uint32_t uid_validity = 0;
  std::vector<Uid> seen;  // ascending: rows that were looked at
  std::vector<Uid> asks;  // ascending: those that the server is to be asked about
  struct Candidate {
    Uid uid;
    std::uint64_t named = 0;  // bits of terms that the server found in it
  };
  std::vector<Candidate> to_read;  // the newest last
  std::size_t window = kFirstWindow;
  int broke = 0;  // connections and indexes, over this folder

  static constexpr std::size_t kFirstWindow = 250;

  void begin(std::size_t folder) {
    *this = SearchWork();
    at = folder;
  }
};

inline Hit hit_of(const FolderIndex& index, RowId id) {
  const IndexRow& row = index.row(id);
  return {Uid{row.uid}, index.identity(id), row.arrived};
}

}  // namespace alphamail

#endif
