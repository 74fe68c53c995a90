// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/frame.h"

#include <algorithm>
#include <cctype>

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

// A folder with a role goes up, with the tree below it; the others keep the server's order.
void Frame::group_folders() {
  struct Tree {
    int rank;
    std::uint32_t first, end;
  };
  std::vector<Tree> trees;
  const std::uint32_t count = input_.folders->size();
  for (std::uint32_t i = 0; i < count; ++i) {
    const wire::Folder& folder = *input_.folders->Get(i);
    if (folder.depth() == 0 || trees.empty()) trees.push_back({rank_of(folder.role()), i, i});
    trees.back().end = i + 1;
  }
  std::stable_sort(trees.begin(), trees.end(),
                   [](const Tree& a, const Tree& b) { return a.rank < b.rank; });
  const int no_role = rank_of(wire::Role::None);
  for (const bool with_role : {true, false}) {
    Group group{with_role ? nullptr : reader_.language.tr("My folders"), {}};
    for (const Tree& tree : trees) {
      if ((tree.rank < no_role) != with_role) continue;
      for (std::uint32_t i = tree.first; i < tree.end; ++i) group.folders.push_back(i);
    }
    if (!group.folders.empty()) groups_.push_back(std::move(group));
  }
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
  for (const std::uint32_t i : group.folders) {
    const unsigned depth = std::min<unsigned>(frame_.input_.folders->Get(i)->depth(), limit);
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
  const std::uint32_t position = group_->folders[index];
  constexpr unsigned kNone = ~0U;
  folder_.show(*frame_.input_.folders->Get(position), depths_[index],
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
