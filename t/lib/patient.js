// SPDX-License-Identifier: GPL-3.0-or-later
// A page of AlphaMail, and what stands in its frames, once the mail server has answered: before that it is a 503, which says
// to come again.
'use strict';

module.exports.goTo = async (page, url) => {
  for (let n = 0; n < 20; n++) {
    let early = false;
    const look = (answer) => { early = early || answer.status() === 503; };
    page.on('response', look);
    await page.goto(url);
    page.off('response', look);
    if (!early) return;
    await new Promise((done) => setTimeout(done, 1000));
  }
};
