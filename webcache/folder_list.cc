// SPDX-License-Identifier: GPL-3.0-or-later
#include "webcache/folder_list.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "webcache/heap_bytes.h"

namespace alphamail {
namespace {

using wire::Role;

constexpr std::size_t kDeepest =
    60;  // levels; protocol.fbs has a byte for them, a page far less room

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

// A folder while the tree is being put together.
struct Node {
  std::string address;
  std::string name;
  std::string sort_key;
  const ListedFolder* listed = nullptr;
  Role role = Role::None;
  wire::Space space = wire::Space::Own;
  std::vector<std::size_t> children;
};

// Names outside the server's prefix (mailbox_name.h).
constexpr std::string_view kOutside = "~00~00/";

bool is_dot_file(const std::vector<std::string>& levels) {
  return std::any_of(levels.begin(), levels.end(),
                     [](const std::string& level) { return level.starts_with('.'); });
}

// The place among its neighbours; the enumeration's order is that of protocol.fbs.
int rank(Role role) {
  return role == Role::None ? 100 : static_cast<int>(role);
}

class Builder {
 public:
  Builder(const std::vector<ListedFolder>& listed, const NameRules& rules, const RoleChoices& chosen)
      : rules_(rules) {
    nodes_.push_back(Node{});  // the root, not a folder itself
    static const ListedFolder inbox = [] {
      ListedFolder made;
      made.name = "INBOX";
      made.role = Role::Inbox;
      return made;
    }();
    const std::size_t number = *node_of("INBOX", wire::Space::Own);  // first, so that no list is too long for it
    for (const ListedFolder& folder : listed) add(folder);
    if (!nodes_[number].listed) add(inbox);
    take_choices(chosen);
    give_roles();
  }

  void emit(std::vector<FolderEntry>& entries, FolderCounts& counts) {
    // Depth first without recursion: a hostile list may be deep.
    std::vector<std::pair<std::size_t, std::uint8_t>> stack;
    push_children(0, 0, stack);
    while (!stack.empty()) {
      const auto [number, depth] = stack.back();
      stack.pop_back();
      const Node& node = nodes_[number];
      FolderEntry entry;
      entry.address = node.address;
      entry.name = node.name;
      entry.depth = depth;
      entry.role = node.role;
      entry.selectable = false;
      entry.space = node.space;
      FolderCount count;
      if (node.listed) {
        entry.imap_name = node.listed->name;
        entry.selectable = node.listed->selectable;
        entry.subscribed = node.listed->subscribed;
        entry.told_role = node.listed->role;
        count = {node.listed->unseen, node.listed->messages, node.listed->counted, node.listed->size};
      }
      entries.push_back(std::move(entry));
      counts.push_back(count);
      push_children(number, static_cast<std::uint8_t>(depth + 1), stack);
    }
  }

 private:
  void add(const ListedFolder& folder) {
    // The prefix itself ("INBOX." as "INBOX", "mail/" as "mail") is no folder of its own but INBOX.
    const std::string address = address_of(folder.name, rules_);
    if (!is_address(address)) return;
    if (rules_.separator == '/' && !folder.subscribed && is_dot_file(levels_of(address))) return;
    const auto number = node_of(address, folder.space);
    if (!number || nodes_[*number].listed) return;
    nodes_[*number].listed = &folder;
    nodes_[*number].role = address == "INBOX" ? Role::Inbox : folder.role;
  }

  // The node of an address, made with all its parents where it is new.
  std::optional<std::size_t> node_of(const std::string& address, wire::Space space) {
    if (const auto found = known_.find(address); found != known_.end()) return found->second;
    const auto levels = levels_of(address);
    if (levels.empty() || levels.size() > kDeepest) return std::nullopt;
    std::size_t parent = 0;
    std::size_t slash = 0;
    const std::size_t first = address.starts_with(kOutside) ? kOutside.size() : 0;
    for (std::size_t i = 0; i < levels.size(); ++i) {
      slash = address.find('/', i == 0 ? first : slash + 1);
      std::string upto = address.substr(0, slash);
      const auto found = known_.find(upto);
      if (found != known_.end()) {
        parent = found->second;
        continue;
      }
      if (nodes_.size() > kMostFolders) return std::nullopt;
      const std::size_t number = nodes_.size();
      known_.emplace(upto, number);
      nodes_.push_back(
          Node{std::move(upto), levels[i], lowered(levels[i]), nullptr, Role::None, space, {}});
      nodes_[parent].children.push_back(number);
      parent = number;
    }
    return parent;
  }

  // The user's own choice takes a role away from whatever folder the server says it of.
  void take_choices(const RoleChoices& chosen) {
    for (const RoleChoice& choice : chosen) {
      const auto found = known_.find(choice.folder);
      if (found == known_.end()) continue;
      Node& wanted = nodes_[found->second];
      const bool fits = choice.role >= Role::Drafts && choice.role <= Role::Trash && wanted.listed &&
                        wanted.listed->selectable && wanted.role != Role::Inbox;
      if (!fits) continue;
      for (Node& node : nodes_) {
        if (node.role == choice.role) node.role = Role::None;
      }
      wanted.role = choice.role;
    }
  }

  // A name says a role only where the server says it of no folder. At the top, or right below
  // INBOX, where some servers keep everything.
  void give_roles() {
    std::array<bool, 16> given{};
    for (const Node& node : nodes_) given[static_cast<std::size_t>(node.role)] = true;
    const auto look = [&](std::size_t parent) {
      for (const std::size_t child : nodes_[parent].children) {
        Node& node = nodes_[child];
        const bool own = node.space == wire::Space::Own;
        if (node.role != Role::None || !own || !node.listed || !node.listed->selectable) continue;
        const Role role = role_by_name(node.name);
        if (role == Role::None || std::exchange(given[static_cast<std::size_t>(role)], true))
          continue;
        node.role = role;
      }
    };
    look(0);
    look(known_.at("INBOX"));
  }

  void push_children(std::size_t parent, std::uint8_t depth,
                     std::vector<std::pair<std::size_t, std::uint8_t>>& stack) {
    auto& children = nodes_[parent].children;
    std::sort(children.begin(), children.end(), [&](std::size_t a, std::size_t b) {
      const Node& x = nodes_[a];
      const Node& y = nodes_[b];
      return std::tuple(x.space, rank(x.role), std::string_view(x.sort_key), std::string_view(x.address)) <
             std::tuple(y.space, rank(y.role), std::string_view(y.sort_key), std::string_view(y.address));
    });
    for (std::size_t i = children.size(); i-- > 0;) stack.emplace_back(children[i], depth);
  }

  const NameRules& rules_;
  std::vector<Node> nodes_;
  std::unordered_map<std::string, std::size_t> known_;  // by address
};

struct NamedRole {
  std::string_view name;  // ASCII in lower case
  Role role;
};

// What mail programs and servers call these folders. Names in use as ordinary words ("archive")
// stand here too, since they only count where the server itself names no such folder.
constexpr NamedRole kNames[] = {
    {"drafts", Role::Drafts},
    {"draft", Role::Drafts},
    {"entwürfe", Role::Drafts},
    {"brouillons", Role::Drafts},
    {"borradores", Role::Drafts},
    {"bozze", Role::Drafts},
    {"concepten", Role::Drafts},
    {"rascunhos", Role::Drafts},
    {"utkast", Role::Drafts},
    {"kladder", Role::Drafts},
    {"luonnokset", Role::Drafts},
    {"koncepty", Role::Drafts},
    {"szkice", Role::Drafts},
    {"черновики", Role::Drafts},
    {"下書き", Role::Drafts},
    {"草稿", Role::Drafts},
    {"草稿箱", Role::Drafts},
    {"임시 보관함", Role::Drafts},
    {"sent", Role::Sent},
    {"sent items", Role::Sent},
    {"sent messages", Role::Sent},
    {"sent mail", Role::Sent},
    {"sent-mail", Role::Sent},
    {"gesendet", Role::Sent},
    {"gesendete elemente", Role::Sent},
    {"gesendete objekte", Role::Sent},
    {"envoyés", Role::Sent},
    {"éléments envoyés", Role::Sent},
    {"messages envoyés", Role::Sent},
    {"enviados", Role::Sent},
    {"elementos enviados", Role::Sent},
    {"itens enviados", Role::Sent},
    {"posta inviata", Role::Sent},
    {"inviata", Role::Sent},
    {"verzonden", Role::Sent},
    {"verzonden items", Role::Sent},
    {"skickat", Role::Sent},
    {"skickade objekt", Role::Sent},
    {"sendt", Role::Sent},
    {"sendte elementer", Role::Sent},
    {"lähetetyt", Role::Sent},
    {"odeslané", Role::Sent},
    {"wysłane", Role::Sent},
    {"отправленные", Role::Sent},
    {"送信済み", Role::Sent},
    {"送信済みアイテム", Role::Sent},
    {"送信済みトレイ", Role::Sent},
    {"已发送", Role::Sent},
    {"寄件備份", Role::Sent},
    {"보낸편지함", Role::Sent},
    {"보낸 편지함", Role::Sent},
    {"archive", Role::Archive},
    {"archives", Role::Archive},
    {"archiv", Role::Archive},
    {"archivo", Role::Archive},
    {"archivio", Role::Archive},
    {"archief", Role::Archive},
    {"arquivo", Role::Archive},
    {"arkiv", Role::Archive},
    {"arkisto", Role::Archive},
    {"archiwum", Role::Archive},
    {"архив", Role::Archive},
    {"アーカイブ", Role::Archive},
    {"归档", Role::Archive},
    {"封存", Role::Archive},
    {"junk", Role::Junk},
    {"junk e-mail", Role::Junk},
    {"junk email", Role::Junk},
    {"junk mail", Role::Junk},
    {"spam", Role::Junk},
    {"bulk mail", Role::Junk},
    {"spamverdacht", Role::Junk},
    {"junk-e-mail", Role::Junk},
    {"indésirables", Role::Junk},
    {"courrier indésirable", Role::Junk},
    {"pourriel", Role::Junk},
    {"correo no deseado", Role::Junk},
    {"posta indesiderata", Role::Junk},
    {"ongewenste e-mail", Role::Junk},
    {"lixo eletrônico", Role::Junk},
    {"skräppost", Role::Junk},
    {"søppelpost", Role::Junk},
    {"uønsket post", Role::Junk},
    {"roskaposti", Role::Junk},
    {"nevyžádaná pošta", Role::Junk},
    {"спам", Role::Junk},
    {"迷惑メール", Role::Junk},
    {"垃圾邮件", Role::Junk},
    {"垃圾郵件", Role::Junk},
    {"스팸 메일함", Role::Junk},
    {"스팸편지함", Role::Junk},
    {"trash", Role::Trash},
    {"deleted", Role::Trash},
    {"deleted items", Role::Trash},
    {"deleted messages", Role::Trash},
    {"bin", Role::Trash},
    {"papierkorb", Role::Trash},
    {"gelöschte elemente", Role::Trash},
    {"gelöschte objekte", Role::Trash},
    {"corbeille", Role::Trash},
    {"éléments supprimés", Role::Trash},
    {"papelera", Role::Trash},
    {"elementos eliminados", Role::Trash},
    {"cestino", Role::Trash},
    {"posta eliminata", Role::Trash},
    {"prullenbak", Role::Trash},
    {"verwijderde items", Role::Trash},
    {"lixeira", Role::Trash},
    {"lixo", Role::Trash},
    {"papperskorgen", Role::Trash},
    {"borttagna objekt", Role::Trash},
    {"papirkurv", Role::Trash},
    {"slettede elementer", Role::Trash},
    {"roskakori", Role::Trash},
    {"koš", Role::Trash},
    {"kosz", Role::Trash},
    {"корзина", Role::Trash},
    {"удаленные", Role::Trash},
    {"ごみ箱", Role::Trash},
    {"ゴミ箱", Role::Trash},
    {"削除済みアイテム", Role::Trash},
    {"已删除", Role::Trash},
    {"回收站", Role::Trash},
    {"垃圾桶", Role::Trash},
    {"휴지통", Role::Trash},
    {"지운편지함", Role::Trash},
};

}  // namespace

Role role_by_name(std::string_view name) {
  const std::string wanted = lowered(name);
  for (const NamedRole& known : kNames) {
    if (known.name == wanted) return known.role;
  }
  // Names whose first letter is a capital outside ASCII, as their programs write them.
  if (name == "Éléments envoyés") return Role::Sent;
  if (name == "Éléments supprimés") return Role::Trash;
  if (name == "Черновики") return Role::Drafts;
  if (name == "Отправленные") return Role::Sent;
  if (name == "Архив") return Role::Archive;
  if (name == "Спам") return Role::Junk;
  if (name == "Корзина" || name == "Удаленные") return Role::Trash;
  return Role::None;
}

std::shared_ptr<const FolderTree> FolderTree::make(const std::vector<ListedFolder>& listed,
                                                   const NameRules& rules, FolderCounts& counts,
                                                   const RoleChoices& chosen) {
  const std::shared_ptr<FolderTree> tree(new FolderTree);
  counts.clear();
  Builder(listed, rules, chosen).emit(tree->entries_, counts);
  tree->entries_.shrink_to_fit();
  counts.shrink_to_fit();
  for (std::size_t i = 0; i < tree->entries_.size(); ++i) {
    tree->by_address_.emplace(tree->entries_[i].address, i);
  }
  return tree;
}

std::optional<std::size_t> FolderTree::find(std::string_view address) const {
  const auto found = by_address_.find(address);
  if (found == by_address_.end()) return std::nullopt;
  return found->second;
}

std::vector<ListedFolder> FolderTree::listed(const FolderCounts& counts) const {
  std::vector<ListedFolder> all;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const FolderEntry& entry = entries_[i];
    if (entry.imap_name.empty()) continue;
    ListedFolder& folder = all.emplace_back();
    folder.name = entry.imap_name;
    folder.selectable = entry.selectable;
    folder.subscribed = entry.subscribed;
    folder.role = entry.told_role;
    folder.space = entry.space;
    folder.counted = counts[i].counted;
    folder.messages = counts[i].total;
    folder.unseen = counts[i].unread;
    folder.size = counts[i].size;
  }
  return all;
}

bool FolderTree::has_children(std::size_t number) const { return end_below(number) > number + 1; }

std::size_t FolderTree::end_below(std::size_t number) const {
  std::size_t end = number + 1;
  while (end < entries_.size() && entries_[end].depth > entries_[number].depth) ++end;
  return end;
}

bool FolderTree::same_as(const FolderTree& other) const {
  return std::equal(entries_.begin(), entries_.end(), other.entries_.begin(), other.entries_.end(),
                    [](const FolderEntry& a, const FolderEntry& b) {
                      return a.address == b.address && a.imap_name == b.imap_name &&
                             a.role == b.role && a.selectable == b.selectable &&
                             a.subscribed == b.subscribed && a.space == b.space &&
                             a.told_role == b.told_role;
                    });
}

std::size_t FolderTree::bytes() const {
  using Known = std::pair<const std::string_view, std::size_t>;
  std::size_t sum = heap_block(sizeof *this) + heap_block(sizeof(void*) * 3) + heap_bytes(entries_) +
                    entries_.size() * hash_node<Known>();
  for (const FolderEntry& e : entries_) {
    sum += heap_bytes(e.address) + heap_bytes(e.name) + heap_bytes(e.imap_name);
  }
  return sum;
}

}  // namespace alphamail
