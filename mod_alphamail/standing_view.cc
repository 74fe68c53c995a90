// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/standing_view.h"

namespace alphamail {
namespace {

struct Story {
  const char* icon;
  const char* words;
  const char* words_with_time;
};

Story story_of(wire::Standing standing, const Language& l) {
  switch (standing) {
    case wire::Standing::Waiting:
      return {"clock", l.tr("The mail server has not answered yet; this is what was known before."),
              l.tr("The mail server has not answered yet; this is what was known at {1}.")};
    case wire::Standing::InUse:
      return {"lock", l.tr("Your mailbox is in use by another program; this is what was known before."),
              l.tr("Your mailbox is in use by another program; this is what was known at {1}.")};
    default:
      return {"cloud-off", l.tr("The mail server does not answer; this is what was known before."),
              l.tr("The mail server does not answer; this is what was known at {1}.")};
  }
}

}  // namespace

void add_standing(Values& page, const Frame& frame, wire::Standing standing, std::int64_t checked,
                  const std::string& here) {
  if (standing == wire::Standing::Live) return;
  const Language& l = frame.reader().language;
  const Story story = story_of(standing, l);
  std::string words = story.words;
  if (checked > 0) {
    std::string when;
    l.formats().brief(frame.reader().zone.local(checked), frame.reader().now, when);
    words = fill(story.words_with_time, {when});
  }
  page.set(Name::STANDING, std::move(words));
  page.set(Name::STANDING_ICON, story.icon);
  page.set(Name::STANDING_HERE, std::string(frame.input().mount) + here);
}

}  // namespace alphamail
