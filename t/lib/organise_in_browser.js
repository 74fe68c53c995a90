// SPDX-License-Identifier: GPL-3.0-or-later
// Organises mail in Chromium without script, as a user who presses what pages offer. One JSON object from standard
// input: {origin, mount}. Prints one with what each step saw.
'use strict';
const { chromium } = require('playwright-core');

const log = {};
let page, at;

/// Clicks what leads to another page, and waits for that.
async function press(target) {
  await Promise.all([page.waitForNavigation(), (typeof target === 'string' ? page.locator(target).first() : target).click()]);
}

const row = (subject) => page.locator('tr.msg').filter({
  has: page.locator('td.subj > a:first-of-type bdi', { hasText: new RegExp(`^${subject}$`) }) });
const subjects = () => page.locator('tr.msg td.subj > a:first-of-type bdi').allTextContents();
const note = async () => (await page.locator('.note').first().textContent()).replace(/\s+/g, ' ').trim();
const tick = (subject) => row(subject).locator('input[name="m"]').check();
const bulk = (action) => press(`.bulk button[value="${action}"]`);
const undo = () => press('.note button[value="undo"]');

async function open_menu(summary) {
  await page.locator('.bulk summary', { hasText: summary }).click();
}

const steps = {
  async star() {
    await press(row('Message 29').locator('td.star button'));
    return await note();
  },
  async archive_and_undo() {
    await tick('Message 28');
    await tick('Message 27');
    await bulk('archive');
    const said = await note();
    const left = await subjects();
    await undo();
    return { said, left, back: await subjects() };
  },
  async move() {
    await tick('Message 26');
    await open_menu('Move');
    await page.selectOption('.bulk select[name="to"]', { label: 'Work' });
    await bulk('move');
    return await note();
  },
  async label() {
    await at('/settings/labels/');
    await page.locator('input[name="name"]').last().fill('Thesis');
    await press(page.locator('button[value="save"]').last());
    await at('/mail/INBOX/');
    await tick('Message 25');
    await open_menu('More');
    await page.selectOption('.bulk select[name="label"]', { label: 'Thesis' });
    await bulk('label');
    return { said: await note(), chips: await row('Message 25').locator('.tag.chip').allTextContents() };
  },
  async junk() {
    await at('/mail/INBOX/');
    await tick('Message 24');
    await bulk('junk');
    const said = await note();
    await at('/mail/Junk/');
    const there = await subjects();
    await tick('Message 24');
    await bulk('notjunk');
    return { said, there, back: await note() };
  },
  async whole_folder() {
    await at('/mail/INBOX/?tick=page');
    await press('.note a.btn');
    await bulk('read');
    return await note();
  },
  async filter() {
    await at('/mail/INBOX/');
    await press(page.getByRole('link', { name: /^Starred/ }));
    return await subjects();
  },
  async search() {
    await at('/search/');
    if (!await page.isVisible('#f-subject')) await page.locator('summary', { hasText: 'More precisely' }).click();
    await page.fill('#f-subject', '"Message 1"');
    await press('form.precise button');
    const found = await subjects();
    await press(page.getByRole('link', { name: /^Tick all/ }));
    await bulk('delete');
    const said = await note();
    await undo();
    return { found, said, back: await note() };
  },
  async folders() {
    await at('/folders/');
    await page.fill('#nn', 'Projects');
    await press('button[value="create"]');
    await at('/folders/?folder=Projects');
    await page.fill('#fn', 'Plans');
    await press('button[value="rename"]');
    await at('/folders/?folder=Plans');
    await press('button[value="delete"]');
    const asks = await page.locator('main').innerText();
    await press('main button[value="delete"]');
    return { asks, then: await page.locator('main').innerText() };
  },
  async settings() {
    await at('/settings/');
    await page.locator('input[name="density"][value="compact"]').check();
    await press('.dock button.pri');
    await at('/settings/');
    return await page.locator('input[name="density"][value="compact"]').isChecked();
  },
};

(async () => {
  let wanted = '';
  for await (const piece of process.stdin) wanted += piece;
  const { origin, mount } = JSON.parse(wanted);
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
  const context = await browser.newContext({ javaScriptEnabled: false, locale: 'en-GB' });
  page = await context.newPage();
  page.setDefaultTimeout(8000);
  at = (path) => page.goto(origin + mount + path);
  await at('/login');
  await page.fill('#user', 'demo');
  await page.fill('#pass', 'demo');
  await press('form .pri');
  for (const [name, step] of Object.entries(steps)) {
    try {
      log[name] = await step();
    } catch (error) {
      log[name] = { error: String(error).slice(0, 600), page: (await page.locator('body').innerText()).slice(0, 1500) };
    }
  }
  await browser.close();
  console.log(JSON.stringify(log));
})().catch((error) => { console.error(error); process.exit(1); });
