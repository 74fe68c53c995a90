// SPDX-License-Identifier: GPL-3.0-or-later
// All that the pages do with script so far: tells the server which time zone this browser shows times
// in, for whoever has chosen none in the settings. Without it, times are the site's.
'use strict';
{
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || '';
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  if (/^[A-Za-z][\w+/-]{0,63}$/.test(zone)) {
    document.cookie = `alphamail-tz=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
  }
}
