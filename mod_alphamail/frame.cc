// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/frame.h"

#include <algorithm>
#include <cctype>

#include "common/mailbox_name.h"
#include "mod_alphamail/folder_settings.h"
#include "mod_alphamail/sizes.h"
#include "mod_alphamail/urls.h"

namespace alphamail {

namespace {

std::string_view icon_of(wire::Role role) {
  switch (role) {
    case wire::Role::Inbox: return "inbox";
    case wire::Role::Drafts: return "file-pen";
    case wire::Role::Sent: return "send";
    case wire::Role::Archive: return "archive";
    case wire::Role::Junk: return "shield-alert";
    case wire::Role::Trash: return "trash-2";
    case wire::Role::All: return "mail";
    case wire::Role::Flagged: return "star";
    default: return "folder";
  }
}

/// Where the trees of folders with a role stand among each other.
int rank_of(wire::Role role) {
  switch (role) {
    case wire::Role::Inbox: return 0;
    case wire::Role::Flagged: return 1;
    case wire::Role::Drafts: return 2;
    case wire::Role::Sent: return 3;
    case wire::Role::Archive: return 4;
    case wire::Role::All: return 5;
    case wire::Role::Junk: return 6;
    case wire::Role::Trash: return 7;
    default: return 8;
  }
}

/// "noor.lindqvist@example.edu" gives "NL", "demo@example.edu" gives "D".
std::string initials_of(std::string_view address) {
  std::string out;
  bool begins = true;
  for (const char c : address.substr(0, address.find('@'))) {
    const auto u = static_cast<unsigned char>(c);
    if (std::isalpha(u) && begins && out.size() < 2) out += static_cast<char>(std::toupper(u));
    begins = !std::isalnum(u);
  }
  return out;
}

/// What needs the user stands before what only takes its time.
std::string words_for_outbox(const FrameInput& input, const Language& l) {
  if (input.outbox_failed > 0)
    return fill(l.trn("{1} message needs your attention", "{1} messages need your attention", input.outbox_failed),
                {l.formats().number(input.outbox_failed)});
  if (input.outbox_waiting > 0)
    return fill(l.trn("{1} message is being sent", "{1} messages are being sent", input.outbox_waiting),
                {l.formats().number(input.outbox_waiting)});
  return {};
}
/// Folders at the side of a page. Who has more finds them all on a page of their own.
constexpr std::size_t kMostAtSide = 200;
constexpr std::uint32_t kBefore = 20, kBehind = 40;  ///< neighbours of the folder shown, in any case
/// With fewer folders nobody wants to filter them.
constexpr std::uint32_t kManyFolders = 30;

std::string_view yes_or_no(bool b) { return b ? "true" : "false"; }

}  // namespace

std::string_view folder_label(const wire::Folder& folder, const Language& language) {
  switch (folder.role()) {
    case wire::Role::Inbox: return language.tr("Inbox");
    case wire::Role::Drafts: return language.tr("Drafts");
    case wire::Role::Sent: return language.tr("Sent");
    case wire::Role::Archive: return language.tr("Archive");
    case wire::Role::Junk: return language.tr("Junk");
    case wire::Role::Trash: return language.tr("Trash");
    case wire::Role::All: return language.tr("All mail");
    case wire::Role::Flagged: return language.tr("Starred");
    default: return text_of(folder.name());
  }
}

Frame::Frame(const Reader& reader, const FrameInput& input)
    : reader_(reader),
      input_(input),
      initials_(initials_of(input.address)),
      outbox_words_(words_for_outbox(input, reader.language)),
      group_(*this) {
  write_quota();
  if (!input_.folders) return;
  group_folders();
  const std::string_view here = input_.search_folder.empty() ? input_.current : input_.search_folder;
  for (const wire::Folder* folder : *input_.folders) {
    if (here.empty() || text_of(folder->address()) != here) continue;
    search_here_ = here;
    search_here_label_ = folder_label(*folder, reader_.language);
    break;
  }
}

std::string quota_words(const QuotaVector* quotas, const Language& language, unsigned& percent) {
  percent = 0;
  const wire::Quota* nearest = nullptr;
  if (!quotas) return {};
  for (const wire::Quota* one : *quotas) {
    const std::string_view resource = text_of(one->resource());
    if (one->limit() == 0 || (resource != "STORAGE" && resource != "MESSAGE")) continue;
    const double part = std::min(static_cast<double>(one->used()) / static_cast<double>(one->limit()), 9.99);
    const auto of_this = static_cast<unsigned>(part * 100);
    if (nearest && of_this <= percent) continue;
    nearest = one;
    percent = of_this;
  }
  if (!nearest) return {};
  const Sizes sizes(language);
  const auto written = [&](std::uint64_t n) {
    return text_of(nearest->resource()) == "STORAGE" ? sizes.of(n) : language.formats().number(n);
  };
  const char* const pattern = text_of(nearest->resource()) == "STORAGE"
                                  ? language.tr("{1} of {2} used ({3} %)")
                                  : language.tr("{1} of {2} messages ({3} %)");
  return fill(pattern, {written(nearest->used()), written(nearest->limit()), language.formats().number(percent)});
}

void Frame::write_quota() {
  unsigned percent = 0;
  quota_words_ = quota_words(input_.quotas, reader_.language, percent);
  quota_value_ = std::to_string(std::min(percent, 100U));
}

// Which folders stand at the side: all, or where there are too many those with a role, the surroundings of the one
// shown, and then the first ones at the top; with what is above them.
std::vector<bool> Frame::choose_shown() const {
  const FolderVector& all = *input_.folders;
  const std::uint32_t count = all.size();
  const auto is_current = [&](std::uint32_t i) { return text_of(all.Get(i)->address()) == input_.current; };
  const bool only = input_.chosen && input_.chosen->subscribed_only;
  std::vector<bool> shown(count, true);
  if (only) {
    for (std::uint32_t i = 0; i < count; ++i)
      shown[i] = all.Get(i)->subscribed() || all.Get(i)->role() != wire::Role::None || is_current(i);
  }
  if (static_cast<std::size_t>(std::count(shown.begin(), shown.end(), true)) > kMostAtSide) {
    std::vector<bool> some(count, false);
    std::size_t marked = 0;
    const auto mark = [&](std::uint32_t i) {
      if (!shown[i] || some[i]) return;
      some[i] = true;
      ++marked;
    };
    for (std::uint32_t i = 0; i < count; ++i) {
      if (all.Get(i)->role() != wire::Role::None) mark(i);
      if (!is_current(i)) continue;
      for (std::uint32_t j = i - std::min(i, kBefore); j < std::min(i + kBehind, count); ++j) mark(j);
    }
    for (std::uint32_t i = 0; i < count && marked < kMostAtSide; ++i) {
      if (all.Get(i)->depth() == 0) mark(i);
    }
    shown = std::move(some);
  }
  unsigned above = 0;  // levels over the folder behind that are still to come
  for (std::uint32_t i = count; i-- > 0;) {
    if (!shown[i] && all.Get(i)->depth() >= above) continue;
    shown[i] = true;
    above = all.Get(i)->depth();
  }
  return shown;
}

// Favourites stand first; a folder with a role goes up, with the tree below it; the others keep the server's order.
// What others share stands by itself.
void Frame::group_folders() {
  struct Tree {
    int rank;
    wire::Space space;
    std::uint32_t first, end;
  };
  const Language& l = reader_.language;
  const std::vector<bool> shown = choose_shown();
  std::vector<Tree> trees;
  const std::uint32_t count = input_.folders->size();
  for (std::uint32_t i = 0; i < count; ++i) {
    const wire::Folder& folder = *input_.folders->Get(i);
    if (folder.depth() == 0 || trees.empty()) trees.push_back({rank_of(folder.role()), folder.space(), i, i});
    trees.back().end = i + 1;
  }
  if (Group group = favourites(); !group.folders.empty()) groups_.push_back(std::move(group));
  std::stable_sort(trees.begin(), trees.end(),
                   [](const Tree& a, const Tree& b) { return a.rank < b.rank; });
  const int no_role = rank_of(wire::Role::None);
  const auto add = [&](const char* heading, auto&& belongs) {
    Group group{heading, {}};
    for (const Tree& tree : trees) {
      if (!belongs(tree)) continue;
      for (std::uint32_t i = tree.first; i < tree.end; ++i) {
        if (shown[i]) group.folders.push_back(input_.folders->Get(i));
      }
    }
    if (!group.folders.empty()) groups_.push_back(std::move(group));
  };
  using wire::Space;
  add(nullptr, [no_role](const Tree& t) { return t.space == Space::Own && t.rank < no_role; });
  add(l.tr("My folders"), [no_role](const Tree& t) { return t.space == Space::Own && t.rank >= no_role; });
  add(l.tr("Other users"), [](const Tree& t) { return t.space == Space::Others; });
  add(l.tr("Shared folders"), [](const Tree& t) { return t.space == Space::Shared; });
}

// In the order that they were chosen in. Of a very large tree the reply has a part alone, and a favourite may lie
// elsewhere: then it is shown by its address.
Frame::Group Frame::favourites() {
  Group group{reader_.language.tr("Favourites"), {}, true};
  if (!input_.chosen || input_.chosen->favourites.empty()) return group;
  std::vector<flatbuffers::Offset<wire::Folder>> made;
  for (const std::string& address : favourites_of(*input_.chosen)) {
    const wire::Folder* found = nullptr;
    for (const wire::Folder* folder : *input_.folders) {
      if (text_of(folder->address()) == address) found = folder;
    }
    if (found && found->selectable()) group.folders.push_back(found);
    if (found || input_.folders->size() < kMostAtSide) continue;
    const auto levels = levels_of(address);
    const auto name = elsewhere_.CreateString(levels.empty() ? address : levels.back());
    made.push_back(wire::CreateFolder(elsewhere_, elsewhere_.CreateString(address), name));
  }
  if (made.empty()) return group;
  elsewhere_.Finish(wire::CreateFolderList(elsewhere_, elsewhere_.CreateVector(made)));
  const auto* list = flatbuffers::GetRoot<wire::FolderList>(elsewhere_.GetBufferPointer());
  for (const wire::Folder* folder : *list->folders()) group.folders.push_back(folder);
  return group;
}

std::string_view Frame::value(Name name) const {
  switch (name) {
    case Name::TITLE: return title_;
    case Name::THEME:
      return input_.theme == Theme::kLight ? "light" : input_.theme == Theme::kDark ? "dark" : "";
    case Name::COMPACT: return input_.density == Density::kCompact ? "1" : "";
    case Name::THEME_IS_AUTO: return yes_or_no(input_.theme == Theme::kAuto);
    case Name::THEME_IS_LIGHT: return yes_or_no(input_.theme == Theme::kLight);
    case Name::THEME_IS_DARK: return yes_or_no(input_.theme == Theme::kDark);
    case Name::ADDRESS: return input_.address;
    case Name::INITIALS: return initials_;
    case Name::TOKEN: return input_.token;
    case Name::HERE: return input_.here;
    case Name::LOGO_URL: return input_.logo_url;
    case Name::MARK: return input_.logo_url.empty() ? "1" : "";
    case Name::HELP_URL: return input_.help_url;
    case Name::SENT_WORDS: return input_.sent_words;
    case Name::SENT_KIND: return input_.sent_look.empty() ? "done" : "warn";
    case Name::SENT_UNDO: return input_.sent_undo;
    case Name::SENT_LOOK: return input_.sent_look;
    case Name::OUTBOX_WORDS: return outbox_words_;
    case Name::OUTBOX_ICON: return input_.outbox_failed > 0 ? "triangle-alert" : "send";
    case Name::SEARCH_QUERY: return input_.search_query;
    case Name::SEARCH_HERE: return search_here_;
    case Name::SEARCH_HERE_LABEL: return search_here_label_;
    case Name::SEARCH_HERE_CHOSEN: return input_.search_folder.empty() ? "" : "1";
    case Name::FOLDERS_FILTER: return input_.folders && input_.folders->size() > kManyFolders ? "1" : "";
    case Name::QUOTA: return quota_words_;
    case Name::QUOTA_VALUE: return quota_value_;
    case Name::SIDE: return input_.folders ? "1" : "";
    case Name::ZONE_NAME: return input_.address.empty() ? std::string_view{} : reader_.zone.name();
    default: return unknown_value(name);
  }
}

std::size_t Frame::times(Name name) const {
  if (name == Name::FOLDER_GROUP) return groups_.size();
  return value(name).empty() ? 0 : 1;
}

const Dict* Frame::item(Name name, std::size_t index) const {
  if (name != Name::FOLDER_GROUP) return nullptr;
  group_.show(groups_[index]);
  return &group_;
}

// ---- one group ----

Frame::GroupDict::GroupDict(const Frame& frame) : frame_(frame), folder_(frame) {}

void Frame::GroupDict::show(const Group& group) {
  group_ = &group;
  depths_.clear();
  unsigned limit = 0;  // a list can open only one level at a time, whatever the reply claims
  for (const wire::Folder* folder : group.folders) {
    const unsigned depth = group.flat ? 0 : std::min<unsigned>(folder->depth(), limit);
    depths_.push_back(depth);
    limit = depth + 1;
  }
}

std::string_view Frame::GroupDict::value(Name name) const {
  if (name == Name::GROUP_NAME) return group_->heading ? group_->heading : "";
  return frame_.value(name);
}

std::size_t Frame::GroupDict::times(Name name) const {
  switch (name) {
    case Name::GROUP_NAME: return group_->heading ? 1 : 0;
    case Name::FOLDER: return group_->folders.size();
    case Name::END_GROUP: return depths_.back() + 1;
    default: return frame_.times(name);
  }
}

const Dict* Frame::GroupDict::item(Name name, std::size_t index) const {
  if (name != Name::FOLDER) return nullptr;
  constexpr unsigned kNone = ~0U;
  folder_.show(*group_->folders[index], depths_[index],
               index == 0 ? kNone : depths_[index - 1]);
  return &folder_;
}

// ---- one folder ----

void Frame::GroupDict::FolderDict::show(const wire::Folder& folder, unsigned depth,
                                        unsigned depth_before) {
  folder_ = &folder;
  depth_ = depth;
  depth_before_ = depth_before;
}

std::string_view Frame::GroupDict::FolderDict::value(Name name) const {
  text_.clear();
  switch (name) {
    case Name::FOLDER_LINK:
      url_of_folder(frame_.input_.mount, text_of(folder_->address()), text_);
      return text_;
    case Name::FOLDER_ICON: return icon_of(folder_->role());
    case Name::FOLDER_LABEL: return folder_label(*folder_, frame_.reader_.language);
    case Name::FOLDER_UNREAD:
      frame_.reader_.language.formats().number(folder_->unread(), text_);
      return text_;
    case Name::FOLDER_TOTAL:
      frame_.reader_.language.formats().number(folder_->total(), text_);
      return text_;
    default: return frame_.value(name);
  }
}

std::size_t Frame::GroupDict::FolderDict::times(Name name) const {
  // In these two it matters how many messages there are, not how many are unread.
  const bool drafts_or_junk =
      folder_->role() == wire::Role::Drafts || folder_->role() == wire::Role::Junk;
  switch (name) {
    case Name::OPEN_LIST: return depth_before_ == ~0U || depth_ > depth_before_ ? 1 : 0;
    case Name::END_ITEM: return depth_before_ != ~0U && depth_ <= depth_before_ ? 1 : 0;
    case Name::END_LIST:
      return depth_before_ != ~0U && depth_ < depth_before_ ? depth_before_ - depth_ : 0;
    case Name::FOLDER_LINK: return folder_->selectable() ? 1 : 0;
    case Name::FOLDER_PLAIN: return folder_->selectable() ? 0 : 1;
    case Name::FOLDER_CURRENT: return text_of(folder_->address()) == frame_.input_.current ? 1 : 0;
    case Name::FOLDER_UNREAD: return folder_->unread() > 0 && !drafts_or_junk ? 1 : 0;
    case Name::FOLDER_TOTAL:
      return folder_->counted() && folder_->total() > 0 && drafts_or_junk ? 1 : 0;
    default: return frame_.times(name);
  }
}

}  // namespace alphamail
