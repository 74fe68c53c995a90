// SPDX-License-Identifier: GPL-3.0-or-later
#include "mod_alphamail/html_trackers.h"

#include <array>

namespace alphamail {
namespace {

struct Tracker {
  std::string_view host;  ///< the host or what it ends with; "" = any
  std::string_view path;  ///< occurs in the address
  std::string_view name;
};

// What open-tracking of these services has in its addresses. A host alone where it serves nothing else.
constexpr std::array kTrackers = {
    Tracker{"list-manage.com", "/track/open", "Mailchimp"},
    Tracker{"mandrillapp.com", "/track/open", "Mailchimp"},
    Tracker{"", "/wf/open?", "SendGrid"},
    Tracker{"sendgrid.net", "/wf/", "SendGrid"},
    Tracker{"awstrack.me", "", "Amazon SES"},
    Tracker{"pstmrk.it", "/open", "Postmark"},
    Tracker{"sendinblue.com", "/tr/op/", "Brevo"},
    Tracker{"sendibt2.com", "/tr/op/", "Brevo"},
    Tracker{"sendibm1.com", "/tr/op/", "Brevo"},
    Tracker{"hubspotemail.net", "/e2t/o/", "HubSpot"},
    Tracker{"", "/e2t/o/", "HubSpot"},
    Tracker{"hubspotlinks.com", "/cto/", "HubSpot"},
    Tracker{"exct.net", "/open.aspx", "Salesforce"},
    Tracker{"exacttarget.com", "/open.aspx", "Salesforce"},
    Tracker{"pardot.com", "/r/", "Salesforce"},
    Tracker{"createsend.com", "/o/", "Campaign Monitor"},
    Tracker{"cmail19.com", "/t/", "Campaign Monitor"},
    Tracker{"cmail20.com", "/t/", "Campaign Monitor"},
    Tracker{"constantcontact.com", "/on.jsp", "Constant Contact"},
    Tracker{"rs6.net", "/on.jsp", "Constant Contact"},
    Tracker{"mailtrack.io", "/trace/", "Mailtrack"},
    Tracker{"mltrk.io", "", "Mailtrack"},
    Tracker{"yesware.com", "", "Yesware"},
    Tracker{"bl-1.com", "", "Bananatag"},
    Tracker{"tinyletterapp.com", "/open", "TinyLetter"},
    Tracker{"klaviyomail.com", "/track/open", "Klaviyo"},
    Tracker{"customeriomail.com", "/e/o/", "Customer.io"},
    Tracker{"intercom-mail.com", "/o/", "Intercom"},
    Tracker{"mixmax.com", "/api/track/", "Mixmax"},
    Tracker{"getnotify.com", "", "GetNotify"},
    Tracker{"didtheyreadit.com", "", "DidTheyReadIt"},
    Tracker{"google-analytics.com", "/collect", "Google Analytics"},
    Tracker{"doubleclick.net", "", "DoubleClick"},
    Tracker{"facebook.com", "/tr?", "Facebook"},
    Tracker{"facebook.com", "/email_open_log_pic", "Facebook"},
    Tracker{"pixel.wp.com", "", "WordPress"},
    Tracker{"emltrk.com", "", "Litmus"},
    Tracker{"eloqua.com", "/e/FooterImages/", "Eloqua"},
};

bool ends_with_host(std::string_view host, std::string_view wanted) {
  return wanted.empty() || host == wanted ||
         (host.ends_with(wanted) && host[host.size() - wanted.size() - 1] == '.');
}

}  // namespace

std::string_view known_tracker(std::string_view host, std::string_view url) {
  for (const Tracker& tracker : kTrackers) {
    if (host.size() >= tracker.host.size() && ends_with_host(host, tracker.host) &&
        url.find(tracker.path) != std::string_view::npos) {
      return tracker.name;
    }
  }
  return {};
}

}  // namespace alphamail
