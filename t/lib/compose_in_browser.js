// SPDX-License-Identifier: GPL-3.0-or-later
// Does in Chromium, step by step, what somebody does who writes, with the clock of the page in our hands.
// usage: node compose_in_browser.js CHROMIUM (modules from NODE_PATH); lines of JSON on standard input, one answered by
// one on standard output:
//   {do: "open", url, cookie}        a window of its own; answers {window: N}
//   {do: "go", window, url}          as from its address line; answers {warned, words}
//   {do: "type", window, field, text}   as from the keyboard, behind what is there
//   {do: "files", window, files: [{name, bytes: BASE64}]}
//   {do: "press", window, name}      a button or a link
//   {do: "pass", window, seconds}    the clock of the page moves on, and what was due happens
//   {do: "tell", window}             {url, title, status, words, values: {field: value}, focus, invalid}
//   {do: "offer", window, field, text, keys}   types, waits for names, presses keys; {offers, value, expanded, active}
//   {do: "cookies", window, cookie}  another session, or none, from now on
//   {do: "close", window}            as by its cross; answers {warned}
'use strict';
const { chromium } = require('playwright-core');
const readline = require('readline');

const windows = [];

async function use(context, url, cookie) {
  await context.clearCookies();
  const all = cookie.split('; ').filter(Boolean).map((one) => {
    const at = one.indexOf('=');
    return { name: one.slice(0, at), value: one.slice(at + 1), url };
  });
  if (all.length) await context.addCookies(all);
}

async function open(browser, { url, cookie }) {
  const context = await browser.newContext();
  await use(context, url, cookie);
  const page = await context.newPage();
  await page.clock.install();
  const shown = { page, context, warned: 0 };
  page.posts = 0;  // on their way
  page.on('request', (request) => { page.posts += request.method() === 'POST'; });
  for (const end of ['requestfinished', 'requestfailed']) {
    page.on(end, (request) => { page.posts -= request.method() === 'POST'; });
  }
  page.on('dialog', (dialog) => {
    if (dialog.type() === 'beforeunload') shown.warned++;
    dialog.accept();
  });
  await page.goto(url);
  windows.push(shown);
  return { window: windows.length - 1 };
}

async function settled(page) {
  await new Promise((done) => setTimeout(done, 150));
  for (let turn = 0; turn < 400 && page.posts > 0; turn++) await new Promise((done) => setTimeout(done, 50));
  await page.waitForLoadState('networkidle').catch(() => {});
}

async function tell(page) {
  return page.evaluate(() => ({
    url: location.pathname + location.search,
    title: document.title,
    status: document.getElementById('kept') ? document.getElementById('kept').textContent : '',
    words: document.body.innerText,
    values: Object.fromEntries([...document.querySelectorAll('#compose [name]')].filter((f) => f.type !== 'file')
      .map((f) => [f.name, f.value])),
    focus: document.activeElement ? document.activeElement.id : '',
    invalid: [...document.querySelectorAll('#compose :invalid')].map((f) => f.validationMessage),
  }));
}

const steps = {
  go: async (shown, { url }) => {
    const before = shown.warned;
    await shown.page.goto(url);
    return { warned: shown.warned - before, words: await shown.page.evaluate(() => document.body.innerText) };
  },
  type: async ({ page }, { field, text }) => {
    await page.locator(`#${field}`).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
    return {};
  },
  files: async ({ page }, { files }) => {
    await page.locator('input[type=file]').setInputFiles(files.map((f) => ({
      name: f.name, mimeType: 'application/octet-stream', buffer: Buffer.from(f.bytes, 'base64') })));
    return {};
  },
  press: async ({ page }, { name }) => {
    await page.locator('button, a').filter({ hasText: name }).first().click();
    await settled(page);
    return {};
  },
  pass: async ({ page }, { seconds }) => {
    await page.clock.runFor(seconds * 1000);
    await settled(page);
    return {};
  },
  tell: async ({ page }) => tell(page),
  offer: async ({ page }, { field, text, keys }) => {
    const input = page.locator(`#${field}`);
    await input.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(text);
    await settled(page);
    const offers = await page.locator(`#${field}-names [role=option]`).allTextContents();
    const expanded = await input.getAttribute('aria-expanded');
    for (const key of keys) await page.keyboard.press(key);
    return { offers, expanded, value: await input.inputValue(), after: await input.getAttribute('aria-expanded'),
      active: await input.getAttribute('aria-activedescendant'), role: await input.getAttribute('role') };
  },
  cookies: async ({ page, context }, { cookie }) => {
    await use(context, page.url(), cookie);
    return {};
  },
  close: async (shown) => {
    const before = shown.warned;
    const closed = shown.page.waitForEvent('close');
    await shown.page.close({ runBeforeUnload: true });
    await closed;
    return { warned: shown.warned - before };
  },
};

(async () => {
  const browser = await chromium.launch({ executablePath: process.argv[2], 
    args: ['--no-sandbox', '--user-agent=Mozilla/5.0 (X11; test)'] });  // whose sessions they are
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const step = JSON.parse(line);
    let answer;
    try {
      answer = step.do === 'open' ? await open(browser, step) : await steps[step.do](windows[step.window], step);
    } catch (error) {
      answer = { error: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  await browser.close();
})();
