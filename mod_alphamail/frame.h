// SPDX-License-Identifier: GPL-3.0-or-later
// What surrounds every page: head, top bar with the account's menu, folders, foot.
#ifndef MOD_ALPHAMAIL_FRAME_H
#define MOD_ALPHAMAIL_FRAME_H

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/protocol_generated.h"
#include "common/settings.h"
#include "mod_alphamail/templates.h"
#include "mod_alphamail/view.h"
#include "mod_alphamail/words.h"

namespace alphamail {

using FolderVector = flatbuffers::Vector<flatbuffers::Offset<wire::Folder>>;
using QuotaVector = flatbuffers::Vector<flatbuffers::Offset<wire::Quota>>;

/// For whom a page is made, and when.
struct Reader {
  const Templates& templates;
  const Language& language;
  const TimeZone& zone;
  LocalTime now;

  Reader(const Templates& t, const Language& l, const TimeZone& z, std::int64_t seconds)
      : templates(t), language(l), zone(z), now(z.local(seconds)) {}
};

/// The views must outlive the frame.
struct FrameInput {
  std::string_view mount;
  std::string_view address;   ///< of the user; "" where nobody is logged in
  std::string_view token;
  std::string_view here;      ///< path below the mount with its query, as the client sent it
  std::string_view logo_url;  ///< "" = the mark
  std::string_view help_url;
  Theme theme = Theme::kAuto;
  Density density = Density::kComfortable;
  std::string_view sent_words;  ///< what became of the message that was just sent, or ""
  std::string_view sent_undo;   ///< its id while it can be taken back
  std::string_view sent_look;   ///< its id where more is to be said of it
  std::string_view labels;      ///< Session::labels
  const FolderVector* folders = nullptr;  ///< null: the page stands without them
  std::string_view current;               ///< address of the folder shown, or ""
  const QuotaVector* quotas = nullptr;    ///< null: none are known
  const Settings* chosen = nullptr; ///< by the user
  std::uint32_t outbox_waiting = 0;       ///< messages of the outbox that are not sent yet
  std::uint32_t outbox_failed = 0;        ///< and those that need the user

  /// What a reply says of the frame; it must outlive it.
  template <typename Reply>
  void take(const Reply& reply) {
    folders = reply.folders();
    quotas = reply.quotas();
    outbox_waiting = reply.outbox_waiting();
    outbox_failed = reply.outbox_failed();
  }
  std::string_view search_query;          ///< what the search field holds
  std::string_view search_folder;         ///< the one folder that is searched, or ""
};

/// The outermost dictionary of every page; pages derive or stand inside it.
class Frame : public Dict {
 public:
  Frame(const Reader& reader, const FrameInput& input);

  void set_title(std::string title) { title_ = std::move(title); }
  const Reader& reader() const { return reader_; }
  const FrameInput& input() const { return input_; }

  std::string_view value(Name name) const override;
  std::size_t times(Name name) const override;
  const Dict* item(Name name, std::size_t index) const override;

 private:
  /// Folders that stand under one heading, as a tree.
  struct Group {
    const char* heading;
    std::vector<const wire::Folder*> folders;
    bool flat = false;  ///< a list, not a tree
  };
  class GroupDict final : public Dict {
   public:
    explicit GroupDict(const Frame& frame);
    void show(const Group& group);
    std::string_view value(Name name) const override;
    std::size_t times(Name name) const override;
    const Dict* item(Name name, std::size_t index) const override;

   private:
    class FolderDict final : public Dict {
     public:
      explicit FolderDict(const Frame& frame) : frame_(frame) {}
      void show(const wire::Folder& folder, unsigned depth, unsigned depth_before);
      std::string_view value(Name name) const override;
      std::size_t times(Name name) const override;

     private:
      const Frame& frame_;
      const wire::Folder* folder_ = nullptr;
      unsigned depth_ = 0;
      unsigned depth_before_ = 0;
      mutable std::string text_;
    };
    unsigned depth_of(std::size_t index) const;
    const Frame& frame_;
    const Group* group_ = nullptr;
    std::vector<unsigned> depths_;  // each at most one more than the one before
    mutable FolderDict folder_;
  };

  std::vector<bool> choose_shown() const;
  void group_folders();
  Group favourites();
  void write_quota();

  const Reader& reader_;
  const FrameInput& input_;
  std::string title_;
  std::string initials_;
  std::string outbox_words_;  // "1 message is not sent yet", or ""
  std::string_view search_here_, search_here_label_;  // the folder that can be searched alone
  std::string quota_words_, quota_value_;
  flatbuffers::FlatBufferBuilder elsewhere_;  // favourites that the reply does not have
  std::vector<Group> groups_;
  mutable GroupDict group_;
};

/// The name people read for a folder: translated where it has a role, else the server's.
std::string_view folder_label(const wire::Folder& folder, const Language& language);
/// "7.4 GB of 10 GB used (74 %)": of all quotas the one that is nearest to its end; "" where there is none.
/// @param percent  of it
std::string quota_words(const QuotaVector* quotas, const Language& language, unsigned& percent);

}  // namespace alphamail

#endif
