// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/trust_view.h"

#include "mod_alphamail/locale_format.h"

namespace alphamail {
namespace {

using Outcome = SenderTrust::Outcome;

constexpr std::size_t kSendersJudged = 10;

struct Verdict {
  const char* look;  ///< a class of the style sheet
  const char* icon;
  std::string words;
};

Verdict verdict_on(const SenderTrust& trust, const Language& l) {
  const auto say = [&](const char* words) { return fill(words, {trust.domain, trust.signer}); };
  if (trust.vouched()) {
    if (trust.dkim == Outcome::kPass && trust.dmarc == Outcome::kPass)
      return {"good", "shield-check",
              say(l.tr("Really sent by {1}: signature and sender policy agree."))};
    if (trust.dkim == Outcome::kPass)
      return {"good", "shield-check", say(l.tr("Really sent by {1}: its signature is right."))};
    return {"good", "shield-check", say(l.tr("Really sent by {1}: its sender policy agrees."))};
  }
  if (trust.domain.empty())
    return {"warn", "shield-alert", l.tr("It is not clear who sent this: the sender is missing, or there are several.")};
  if (trust.dmarc == Outcome::kFail)
    return {"warn", "shield-alert",
            say(l.tr("Perhaps not sent by {1}: this is against its sender policy."))};
  if (trust.doubted())
    return {"warn", "shield-alert",
            say(l.tr("Perhaps not sent by {1}: the server it came from is not one of those that may."))};
  if (trust.dkim == Outcome::kFail)
    return {"none", "shield-question-mark",
            say(l.tr("Not certain that {1} sent this: its signature is not right, as happens on mailing lists."))};
  if (trust.spf == Outcome::kPass)
    return {"none", "shield-question-mark",
            say(l.tr("Came from a server that {1} allows, without a signature."))};
  if (!trust.signer.empty())
    return {"none", "shield-question-mark", say(l.tr("Signed by {2}, not by {1}."))};
  return {"none", "shield-question-mark", say(l.tr("Nothing shows whether {1} really sent this."))};
}

std::string words_for(const Deceit& deceit, const Address& address, const Language& l) {
  switch (deceit.kind) {
    case Deceit::Kind::kOtherAddress:
      return fill(l.tr("The sender's name reads like an address, “{1}”, but the address is {2}."),
                  {shown_address(address).name,
                   address.mailbox.empty() ? l.tr("(no sender)") : shown_address(address).mailbox});
    case Deceit::Kind::kMixedName:
      return l.tr("The sender's name mixes letters of several scripts that look alike, or holds invisible ones.");
    case Deceit::Kind::kMixedDomain:
      return fill(l.tr("The sender's address holds letters that look like others. For the network it is {1}."),
                  {deceit.what});
    case Deceit::Kind::kTurned:
      return l.tr("The sender's name or address holds characters that turn the direction of writing; it is shown without them.");
    case Deceit::Kind::kOwnLookAlike:
      return fill(l.tr("The sender's address looks like one of {1}, but is not."), {deceit.what});
  }
  return {};
}

}  // namespace

void add_trust(Values& page, const SenderTrust& trust, const Language& language) {
  if (!trust.checked) return;
  Verdict verdict = verdict_on(trust, language);
  page.set(Name::TRUST_LOOK, verdict.look);
  page.set(Name::TRUST_ICON, verdict.icon);
  page.set(Name::TRUST, std::move(verdict.words));
}

void add_deceits(Values& page, const MessageHeader& header, std::span<const std::string> own_domains,
                 const Language& language) {
  std::size_t judged = 0;
  for (const auto* list : {&header.from, &header.sender, &header.reply_to}) {
    for (const Address& address : *list) {
      if (++judged > kSendersJudged) return;
      for (const Deceit& deceit : deceits_of(address, own_domains))
        page.add(Name::DECEIT).set(Name::DECEIT_WORDS, words_for(deceit, address, language));
    }
  }
}

}  // namespace alphamail
