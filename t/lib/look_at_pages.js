// SPDX-License-Identifier: GPL-3.0-or-later
// Drives Chromium over the pages of a running AlphaMail: axe-core on each, wide and narrow, light and
// dark, with every request and console message noted; and what script changes. Whether a page scrolls sideways is
// seen at widths between and in German, too; axe-core finds nothing new there, nor on a dark phone, and looks at
// them when ALPHAMAIL_SOAK=1.
// usage: node look_at_pages.js ORIGIN MOUNT CHROMIUM SHOTS_FOLDER_OR_-  (modules from NODE_PATH)
// Prints one JSON object.
'use strict';
const { chromium } = require('playwright-core');
const axe = require('axe-core');
const { goTo } = require('./patient.js');

const [origin, mount, executablePath, shots] = process.argv.slice(2);
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SIZES = { wide: { width: 1440, height: 900 }, tablet: { width: 820, height: 1000 },
                phone: { width: 390, height: 844 }, narrow: { width: 320, height: 700 } };
const ASKED = /^(wide-en-GB-light|wide-en-GB-dark|phone-en-GB-light)$/;
const SOAK = Boolean(process.env.ALPHAMAIL_SOAK);
const results = [];
const outside = [];
const complaints = [];

function listen(page) {
  page.on('request', (r) => { if (!r.url().startsWith(origin)) outside.push(r.url()); });
  page.on('console', (m) => complaints.push(m.text()));
  page.on('pageerror', (e) => complaints.push(String(e)));
}

const sideways = (page) => page.evaluate(
  () => document.documentElement.scrollWidth > document.documentElement.clientWidth);

/// What can be pressed, but has something else lying over its middle. What a bar at the edge lies over can be scrolled.
const covered = (page) => page.evaluate(() => {
  const at_an_edge = (element) => {
    for (let one = element; one; one = one.parentElement) {
      if (/fixed|sticky/.test(getComputedStyle(one).position)) return true;
    }
    return false;
  };
  return [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter((one) => {
    const box = one.getBoundingClientRect();
    const hit = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return hit && box.width > 1 && box.height > 1 && one.checkVisibility({ visibilityProperty: true }) && !one.contains(hit) && !hit.contains(one)
      && !(hit.closest('label') && [...one.labels || []].includes(hit.closest('label'))) && !at_an_edge(hit);
  }).map((one) => one.outerHTML.slice(0, 120));
});

async function look(page, name, size, scheme) {
  const asked = SOAK || ASKED.test(`${size}-${scheme}`);
  results.push({ name, size, scheme, asked, violations: [], passes: 0, sideways: await sideways(page),
    covered: await covered(page) });
  if (asked) Object.assign(results[results.length - 1], await ask_axe(page));
  if (shots !== '-') await page.screenshot({ path: `${shots}/${name}-${size}-${scheme}.png` });
}

async function ask_axe(page) {
  // The pages' own policy forbids script; axe comes in by the debugger and not by the page.
  await page.evaluate(axe.source + '; undefined');
  return page.evaluate(async (tags) => {
    const run = await window.axe.run(document, { runOnly: { type: 'tag', values: tags } });
    return { violations: run.violations.map((v) => ({ id: v.id, nodes: v.nodes.slice(0, 4).map((n) => n.html.slice(0, 200) + ' :: ' + (n.failureSummary || '').slice(0, 300)) })),
             passes: run.passes.length };
  }, TAGS);
}

async function logIn(page, password = 'demo') {
  await page.goto(origin + mount + '/login');
  await page.fill('#user', 'demo');
  await page.fill('#pass', password);
  await Promise.all([page.waitForNavigation(), page.click('form .pri')]);
}

/// Clicks what sends a form, and waits for the page that comes, and for the end of what was begun.
async function act(page, button) {
  const [answer] = await Promise.all([page.waitForNavigation(), button.click()]);
  if (answer && answer.status() === 503) await goTo(page, page.url());
  const running = page.locator('.note a.btn[href*="done="]');  // "See how far it is", in any language
  while (await running.count()) await Promise.all([page.waitForNavigation(), running.first().click()]);
}

async function walk(page, size, scheme) {
  const at = (path) => goTo(page, origin + mount + path);
  await at('/mail/INBOX/');
  await look(page, 'folder', size, scheme);
  if (size.startsWith('wide') || size.startsWith('phone')) {
    await page.click('.top summary');
    await look(page, 'folder-menu', size, scheme);
    await page.keyboard.press('Escape');
  }
  await at('/mail/INBOX/?tick=page');
  await look(page, 'ticked', size, scheme);
  if (size.startsWith('wide') || size.startsWith('phone')) {
    await page.click('.bulk > .menu summary');
    await look(page, 'ticked-move', size, scheme);
  }
  await at('/mail/INBOX/');
  await act(page, page.locator('.msg:nth-of-type(2) .star button').first());
  await look(page, 'done', size, scheme);
  await act(page, page.locator('.note button[value="undo"]'));
  await look(page, 'undone', size, scheme);
  await at('/mail/INBOX/?sort=from&order=desc');
  await look(page, 'sorted', size, scheme);
  await at('/mail/INBOX/');
  const first = await page.getAttribute('.msg .subj a', 'href');
  await goTo(page, origin + first);
  await look(page, 'message', size, scheme);
  await page.click('.to summary');
  await look(page, 'message-details', size, scheme);
  await at('/mail/Trash/?tick=page');
  await look(page, 'trash', size, scheme);
  await act(page, page.locator('.bulk button[value="purge"]'));
  await look(page, 'confirm', size, scheme);
  await at('/mail/Empty/');
  await look(page, 'empty', size, scheme);
  await at('/settings/');
  await look(page, 'settings', size, scheme);
  await at('/compose');
  await look(page, 'compose', size, scheme);
  await page.fill('#to', 'nobody');
  await page.fill('#body', 'Words that stay.');
  await act(page, page.locator('button[value="send"]'));
  await look(page, 'compose-wrong', size, scheme);
  await act(page, page.locator('button[value="choose"]'));
  await look(page, 'choose', size, scheme);
  await at('/compose?to=demo%40example.edu');
  await act(page, page.locator('button[value="send"]'));
  await look(page, 'ask', size, scheme);
  await at('/contacts/?new=1');
  await look(page, 'contacts', size, scheme);
  await at('/settings/identities/');
  await look(page, 'identities', size, scheme);
  await at('/outbox/');
  await look(page, 'outbox', size, scheme);
  await at('/mail/INBOX/?filter=unread&since=month');
  await look(page, 'filtered', size, scheme);
  await at('/search/');
  await look(page, 'search', size, scheme);
  await at('/search/?q=a&tick=page');
  while (await page.locator('#prog').count()) await at('/search/?q=a&tick=page');
  await look(page, 'found', size, scheme);
  await at('/folders/');
  await look(page, 'folders', size, scheme);
  await at('/folders/?folder=Lists');
  await look(page, 'one-folder', size, scheme);
  await at('/folders/largest/');
  await look(page, 'largest', size, scheme);
  await at('/settings/labels/');
  await look(page, 'labels', size, scheme);
  await at('/mail/Nowhere/');
  await look(page, 'error', size, scheme);
  if (SOAK || ASKED.test(`${size}-${scheme}`)) await walk_on(page, at, size, scheme);
}

/// What asks first, says what was done, refuses, or has nothing to show.
async function walk_on(page, at, size, scheme) {
  await at('/mail/INBOX/?tick=page');
  await act(page, page.locator('.note a.btn'));
  await look(page, 'all-ticked', size, scheme);
  await at('/mail/Empty/?filter=starred');
  await look(page, 'filtered-none', size, scheme);
  await at('/search/?q=from:nobody-at-all+subject');
  while (await page.locator('#prog').count()) await at('/search/?q=from:nobody-at-all+subject');
  await look(page, 'found-none', size, scheme);
  await at('/search/?q=%22a+foo:bar');
  await look(page, 'search-odd', size, scheme);
  await at('/folders/?folder=Lists');
  await page.fill('#fn', 'Sent');
  await act(page, page.locator('button[value="rename"]'));
  await look(page, 'folder-refused', size, scheme);
  await at('/folders/?folder=Empty');
  const marked = await page.locator('button[value="favourite"]').count();
  await act(page, page.locator(marked ? 'button[value="favourite"]' : 'button[value="unfavourite"]'));
  await look(page, 'folder-changed', size, scheme);
  await act(page, page.locator('button[value="delete"]'));
  await look(page, 'folder-delete', size, scheme);
  await at('/folders/?folder=Trash');
  await act(page, page.locator('button[value="empty"]'));
  await look(page, 'folder-empty', size, scheme);
  await at('/folders/?q=no+such+folder');
  await look(page, 'folders-none', size, scheme);
  await at('/settings/labels/');
  await page.locator('input[name="name"]').last().fill('Important');
  await act(page, page.locator('button[value="save"]').last());
  await look(page, 'label-refused', size, scheme);
  await at('/settings/');
  await page.selectOption('select[name="rows"]', '50');
  await act(page, page.locator('.dock button.pri'));
  await look(page, 'settings-changed', size, scheme);
  await at('/settings/?reset=all');
  await look(page, 'settings-reset', size, scheme);
  await act(page, page.locator('button[value="reset"]'));
}

(async () => {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu',
    '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync'] });
  for (const scheme of ['light', 'dark']) {
    for (const locale of ['en-GB', 'de']) {
      const context = await browser.newContext({ colorScheme: scheme, locale });
      const page = await context.newPage();
      listen(page);
      for (const [size, viewport] of Object.entries(SIZES)) {
        const usual = size === 'wide' || size === 'phone';
        if (locale === 'de' && !usual) continue;
        if (scheme === 'dark' && !SOAK && (locale === 'de' || size !== 'wide')) continue;
        await page.setViewportSize(viewport);
        if (size === 'wide') {
          await page.goto(origin + mount + '/login');
          await look(page, 'login', `${size}-${locale}`, scheme);
          if (scheme === 'light' && locale === 'en-GB') {
            await logIn(page, 'wrong');
            await look(page, 'login-wrong', `${size}-${locale}`, scheme);
          }
          await logIn(page);
        }
        await walk(page, size + '-' + locale, scheme);
      }
      await context.close();
    }
  }
  // A browser of another time zone, with script and without.
  const clocks = {};
  for (const javaScriptEnabled of [true, false]) {
    const context = await browser.newContext({ timezoneId: 'Pacific/Auckland', javaScriptEnabled });
    const page = await context.newPage();
    listen(page);
    await page.goto(origin + mount + '/login');
    await logIn(page);
    await goTo(page, origin + mount + '/settings/');
    clocks[javaScriptEnabled] = await page.textContent('body');
    await context.close();
  }
  await browser.close();
  console.log(JSON.stringify({ results, outside, complaints, clocks }));
})().catch((error) => { console.error(error); process.exit(1); });
