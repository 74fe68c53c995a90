// SPDX-License-Identifier: GPL-3.0-or-later
// libetpan, included here and nowhere else, with owners for what it allocates.
//
// Debian's libetpan never verifies certificates and waits with select(2): nothing of ours may call its
// connect, socket, ssl, idle or wait functions. It reads through a driver of ours (etpan_session.h).
#ifndef WEBCACHE_ETPAN_H
#define WEBCACHE_ETPAN_H

#include <libetpan/libetpan.h>

#include <memory>

namespace alphamail {

template <auto Free>
struct EtpanFree {
  void operator()(auto* p) const noexcept { Free(p); }
};

using EtpanImap = std::unique_ptr<mailimap, EtpanFree<mailimap_free>>;
using EtpanSet = std::unique_ptr<mailimap_set, EtpanFree<mailimap_set_free>>;
using EtpanResponse = std::unique_ptr<mailimap_response, EtpanFree<mailimap_response_free>>;
using EtpanCapabilities = std::unique_ptr<mailimap_capability_data, EtpanFree<mailimap_capability_data_free>>;
using EtpanFlags = std::unique_ptr<mailimap_flag_list, EtpanFree<mailimap_flag_list_free>>;
using EtpanStoreFlags = std::unique_ptr<mailimap_store_att_flags, EtpanFree<mailimap_store_att_flags_free>>;

}  // namespace alphamail

#endif
