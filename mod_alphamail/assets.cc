// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/assets.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/seal.h"

namespace alphamail {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostBytes = std::size_t{8} << 20;

std::string_view type_of(std::string_view extension) {
  struct Known {
    std::string_view extension, type;
  };
  constexpr Known kKnown[] = {{".css", "text/css; charset=utf-8"},
                              {".js", "text/javascript; charset=utf-8"},
                              {".mjs", "text/javascript; charset=utf-8"},
                              {".svg", "image/svg+xml; charset=utf-8"},
                              {".png", "image/png"},
                              {".webp", "image/webp"},
                              {".ico", "image/vnd.microsoft.icon"},
                              {".woff2", "font/woff2"},
                              {".webmanifest", "application/manifest+json; charset=utf-8"},
                              {".txt", "text/plain; charset=utf-8"}};
  for (const Known& known : kKnown) {
    if (known.extension == extension) return known.type;
  }
  return {};
}

Result<std::string> content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) return Error{Code::kStorage, "cannot read " + path};
  if (content.size() > kMostBytes) return Error{Code::kTooLarge, path + ": more than 8 MB"};
  return content;
}

/// Ten hex digits tell every version of a file that a site will ever have from every other.
std::string short_hash(std::string_view content) {
  constexpr char kHex[] = "0123456789abcdef";
  const Digest digest = sha256(as_bytes(content));
  std::string text;
  for (std::size_t i = 0; i < 5; ++i) {
    const auto byte = std::to_integer<unsigned>(digest[i]);
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::string sibling(const std::string& path, const char* ending) {
  std::error_code failure;
  const std::string name = path + ending;
  return fs::is_regular_file(name, failure) ? name : "";
}

}  // namespace

Result<void> Assets::add(const std::string& name, const std::string& path, const std::string& mount,
                         const std::string& color) {
  auto content = content_of(path);
  if (!content) return content.error();
  const fs::path as_path(name);
  const std::string_view type = type_of(fs::path(path).extension().native());
  if (type.empty()) return {};  // a note or a licence that lies beside them
  File file;
  file.content_type = type;
  if (!color.empty()) {
    file.memory = std::move(*content) + "\n:root{--brand:" + color + "}\n";
  } else {
    file.path = path;
    file.path_br = sibling(path, ".br");
    file.path_gz = sibling(path, ".gz");
  }
  const std::string hash = short_hash(color.empty() ? *content : file.memory);
  const std::string hashed = as_path.stem().native() + '-' + hash + fs::path(path).extension().native();
  file.url = mount + "/assets/" + hashed;
  url_by_name_[name] = file.url;
  by_hashed_name_[hashed] = std::move(file);
  return {};
}

Result<Assets> Assets::load(const std::string& directory, const std::string& mount,
                            const Config& config) {
  Assets assets;
  std::error_code failure;
  fs::directory_iterator entries(directory, failure);
  if (failure) return Error{Code::kStorage, "cannot read " + directory + ": " + failure.message()};
  for (const fs::directory_entry& entry : entries) {
    if (!entry.is_regular_file(failure)) continue;
    const std::string name = entry.path().filename().native();
    if (name.ends_with(".br") || name.ends_with(".gz") || name.starts_with('.')) continue;
    const std::string color = name == "alphamail.css" ? config.site_color : "";
    if (const auto added = assets.add(name, entry.path().native(), mount, color); !added) {
      return added.error();
    }
  }
  if (!config.site_logo.empty()) {
    if (const auto added = assets.add("logo", config.site_logo, mount, ""); !added) {
      return added.error().while_doing("site_logo");
    }
    if (assets.url("logo").empty()) return Error{Code::kInvalid, "site_logo: neither SVG nor PNG"};
  }
  return assets;
}

std::string_view Assets::url(std::string_view name) const {
  const auto found = url_by_name_.find(name);
  return found == url_by_name_.end() ? std::string_view() : std::string_view(found->second);
}

const Assets::File* Assets::find(std::string_view hashed_name) const {
  const auto found = by_hashed_name_.find(hashed_name);
  return found == by_hashed_name_.end() ? nullptr : &found->second;
}

}  // namespace alphamail
