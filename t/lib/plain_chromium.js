// SPDX-License-Identifier: GPL-3.0-or-later
// Chromium without script, driven by what its pages show: one JSON object a line on standard input, one answer a
// line on standard output: {}, or {title, text} of the page that it led to, or {error, title, text}.
// usage: node plain_chromium.js CHROMIUM  (playwright-core from NODE_PATH)
//   {do: "begin"}                           as somebody who has not been here before
//   {do: "go", address}
//   {do: "press", name, behind}             a link or button of that name, the first behind those words; waits for its page
//   {do: "fill", label, text, behind}       the field of that label
//   {do: "choose", label, option, behind}   in a list to choose from
//   {do: "mark", label, behind}             a box, or one of several
//   {do: "tick_row", subject}               the box in the row of a message
//   {do: "star_row", subject}
//   {do: "open_row", subject}
//   {do: "save", name, path}                what a link leads to, into a file
'use strict';
const readline = require('node:readline');
const { chromium } = require('playwright-core');

let page;

const exactly = (words) => new RegExp(`^\\s*${words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*$`);
/// A string of XPath 1.0, which knows no escapes.
const literal = (words) => (words.includes('"') ? `'${words}'` : `"${words}"`);

/// Elements of these names behind the first text with those words; all, where there are none.
function behind(words, elements) {
  const wanted = elements.map((name) => `self::${name}`).join(' or ');
  return page.locator(words ? `xpath=(//body//text()[contains(normalize-space(.), ${literal(words)})])[1]/following::*[${wanted}]`
    : `xpath=//body//*[${wanted}]`);
}

/// The first of them that is shown, or is in a menu that can be opened; which is opened then.
async function reachable(found, what) {
  for (const one of await found.all()) {
    if (await one.isVisible()) return one;
    const menu = one.locator('xpath=ancestor::details[not(@open)][1]/summary');
    if (!await menu.count() || !await menu.isVisible()) continue;
    await menu.click();
    if (await one.isVisible()) return one;
    await menu.click();
  }
  throw new Error(`there is no ${what}`);
}

/// The page once the mail server has answered, where another one comes before that.
async function answered() {
  const early = /is taking its time|has not answered yet; this is what/;
  for (let n = 0; n < 30 && early.test(await page.locator('body').innerText()); n++) {
    await new Promise((done) => setTimeout(done, 1000));
    await page.goto(page.url(), { waitUntil: 'domcontentloaded' });
  }
}

/// Clicks, and waits for the page that comes.
async function follow(one) {
  const coming = page.waitForNavigation({ waitUntil: 'domcontentloaded' });
  coming.catch(() => {});  // what hinders the click is told
  await one.click({ timeout: 5000 });
  await coming;
  await answered();
}

const row = (subject) => page.locator('tr').filter({ has: page.locator('a bdi', { hasText: exactly(subject) }) });
const labelled = (order) => reachable(behind(order.behind, ['label']).filter({ hasText: exactly(order.label) }),
                                      `label ${order.label}`);

async function control(order) {
  const label = await labelled(order);
  return page.locator(`#${await label.getAttribute('for')}`);
}

async function begin(browser) {
  if (page) await page.context().close();
  page = await (await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB', acceptDownloads: true })).newPage();
  page.setDefaultTimeout(10000);
}

const orders = {
  begin: (_, browser) => begin(browser),
  go: async (order) => {
    await page.goto(order.address, { waitUntil: 'domcontentloaded' });
    await answered();
  },
  press: async (order) => follow(await reachable(
    behind(order.behind, ['a', 'button']).filter({ hasText: exactly(order.name) }), `link or button ${order.name}`)),
  fill: async (order) => (await control(order)).fill(order.text),
  choose: async (order) => (await control(order)).selectOption({ label: order.option }),
  mark: async (order) => (await labelled(order)).click(),
  tick_row: (order) => row(order.subject).locator('input[type="checkbox"]').click(),
  open_row: (order) => follow(row(order.subject).locator('a').filter({ has: page.locator('bdi', { hasText: exactly(order.subject) }) })),
  star_row: (order) => follow(row(order.subject).locator('.star button')),
  save: async (order) => {
    const link = page.getByRole('link', { name: order.name, exact: true });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    await download.saveAs(order.path);
  },
};

const LEAD = ['begin', 'go', 'press', 'star_row', 'open_row'];

(async () => {
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const order = JSON.parse(line);
    let answer = {};
    try {
      await orders[order.do](order, browser);
    } catch (error) {
      answer.error = String(error).slice(0, 1000);
    }
    if (answer.error || LEAD.includes(order.do)) {
      answer = { ...answer, title: await page.title(), text: await page.locator('body').innerText() };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
  }
  await browser.close();
})().catch((error) => { console.error(error); process.exit(1); });
