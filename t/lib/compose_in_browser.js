// SPDX-License-Identifier: GPL-3.0-or-later
// Does in Chromium, step by step, what somebody does who writes, with the clock of the page in our hands.
// usage: node compose_in_browser.js CHROMIUM (modules from NODE_PATH); lines of JSON on standard input, one answered by
// one on standard output:
//   {do: "open", url, cookie}        a window of its own; answers {window: N}
//   {do: "go", window, url}          as from its address line; a warning is left all the same; answers {warned, words}
//   {do: "hesitate", window, url}    as "go", up to the warning, which is read until "leave"; that answers as "go" does
//   {do: "type", window, field, text}   as from the keyboard, behind what is there
//   {do: "fill", window, field, text}   as pasted, in place of what is there
//   {do: "files", window, files: [{name, bytes: BASE64}]}
//   {do: "press", window, name}      a button or a link
//   {do: "begin", window, name}      as "press", without waiting for what follows; "settle" waits for it
//   {do: "pass", window, seconds}    the clock of the page moves on, and what was due happens
//   {do: "tell", window}             {url, title, status, words, values: {field: value}, focus, invalid}
//   {do: "offer", window, field, text}   types, and waits for names; answers as "keys" does
//   {do: "keys", window, field, keys}    presses keys there; {offers, value, role, expanded, active, chosen, focus}
//   {do: "axe", window}              what axe-core complains of: {violations}
//   {do: "line", window, bytes}      what the line carries up in a second, 0: all
//   {do: "watch", window}            from now on, what is said of an upload: each told has `progress`, a list of
//                                    {value, max, name, share, status}
//   {do: "cookies", window, cookie}  another session, or none, from now on
//   {do: "turn", window, hidden}     to another tab, or back; without a screen Chromium shows all tabs, so the page is told
//                                    what a browser tells it
//   {do: "close", window}            as by its cross; answers {warned}
'use strict';
const { chromium } = require('playwright-core');
const axe = require('axe-core');
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

/// In a page, before all else: `working` tells whether its script waits for something, or has not yet done what it does
/// with it. Its own jobs are microtasks then, and a message comes behind them; timers are those of the faked clock.
function countWork() {
  let jobs = 0;
  const messages = new MessageChannel();
  messages.port1.onmessage = () => { jobs--; };
  const done = () => messages.port2.postMessage(0);
  const read = (answer) => {
    for (const how of ['text', 'json', 'arrayBuffer', 'blob', 'formData']) {
      const really = answer[how].bind(answer);
      answer[how] = () => {
        jobs++;
        const body = really();
        body.then(done, done);
        return body;
      };
    }
    done();
  };
  const fetches = window.fetch;
  window.fetch = (...what) => {
    jobs++;
    const answer = fetches(...what);
    answer.then(read, done);
    return answer;
  };
  const sends = XMLHttpRequest.prototype.send;
  XMLHttpRequest.prototype.send = function send(...what) {
    jobs++;
    this.addEventListener('loadend', done);
    sends.apply(this, what);
  };
  new MutationObserver((changes) => {  // a script that comes with the answer to an upload
    if (document.readyState !== 'complete') return;
    for (const node of changes.flatMap((change) => [...change.addedNodes])) {
      if (node.nodeName !== 'SCRIPT' || !node.src) continue;
      jobs++;
      for (const end of ['load', 'error']) node.addEventListener(end, done);
    }
  }).observe(document, { subtree: true, childList: true });
  window.working = () => jobs > 0 || document.readyState !== 'complete';
}

async function open(browser, { url, cookie }) {
  const context = await browser.newContext();
  await use(context, url, cookie);
  await context.addInitScript(countWork);
  const page = await context.newPage();
  await page.clock.install();
  const shown = { page, context, warned: 0 };
  page.asked = new Set();  // of forms, links and the script, on their way
  page.on('request', (request) => {
    const kind = request.resourceType();
    if (kind === 'document' || kind === 'fetch' || kind === 'xhr') page.asked.add(request);
  });
  // The script does not read each answer, and then its end is not told.
  page.on('response', (response) => { if (response.request().resourceType() === 'fetch') page.asked.delete(response.request()); });
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => { page.asked.delete(request); });
  page.on('dialog', (dialog) => {
    if (dialog.type() === 'beforeunload') shown.warned++;
    if (shown.read) shown.read(dialog);
    else dialog.accept();
  });
  await page.goto(url);
  windows.push(shown);
  return { window: windows.length - 1 };
}

/// Until what was asked for is answered, and the page has done what it does with the answers.
async function settled(page) {
  const end = Date.now() + 60000;
  for (;;) {
    await new Promise((done) => setTimeout(done, 150));
    if (Date.now() > end) throw new Error('the page does not come to rest');
    if (page.asked.size) continue;
    const works = await page.evaluate(() => window.working()).catch(() => true);  // where another page just comes
    if (!works && !page.asked.size) return;
  }
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
    progress: window.progressSeen || [],
  }));
}

/// The button or link whose words begin so.
const target = (page, name) => page.locator('button, a').filter({ hasText: new RegExp(`^\\s*${name}`) }).first();

/// The list of names below a field, as assistive technology has it.
async function names(page, field) {
  return page.evaluate((id) => {
    const input = document.getElementById(id);
    const list = document.getElementById(input.getAttribute('aria-controls'));
    const shown = list.checkVisibility() ? [...list.querySelectorAll('[role=option]')] : [];
    const active = document.getElementById(input.getAttribute('aria-activedescendant'));
    return { offers: shown.map((o) => o.textContent), value: input.value, role: input.getAttribute('role'),
      expanded: input.getAttribute('aria-expanded'), active: active ? active.textContent : '', focus: document.activeElement.id,
      chosen: shown.filter((o) => o.getAttribute('aria-selected') === 'true').map((o) => o.textContent) };
  }, field);
}

const steps = {
  go: async (shown, { url }) => {
    const before = shown.warned;
    await shown.page.goto(url);
    return { warned: shown.warned - before, words: await shown.page.evaluate(() => document.body.innerText) };
  },
  hesitate: async (shown, { url }) => {
    const warning = new Promise((read) => { shown.read = read; });
    shown.leaving = steps.go(shown, { url });
    shown.warning = await Promise.race([warning, shown.leaving]);
    shown.read = null;
    return {};
  },
  leave: async (shown) => {
    if (shown.warning.accept) await shown.warning.accept();
    return shown.leaving;
  },
  type: async ({ page }, { field, text }) => {
    await page.locator(`#${field}`).focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type(text);
    return {};
  },
  fill: async ({ page }, { field, text }) => {
    await page.locator(`#${field}`).fill(text);
    return {};
  },
  files: async ({ page }, { files }) => {
    await page.locator('input[type=file]').setInputFiles(files.map((f) => ({
      name: f.name, mimeType: 'application/octet-stream', buffer: Buffer.from(f.bytes, 'base64') })));
    return {};
  },
  press: async ({ page }, { name }) => {
    const asked = page.waitForEvent('request', { timeout: 20000 });
    await target(page, name).click();
    await asked;
    await settled(page);
    return {};
  },
  begin: async ({ page }, { name }) => {
    await target(page, name).click();
    return {};
  },
  settle: async ({ page }) => {
    await settled(page);
    return {};
  },
  pass: async ({ page }, { seconds }) => {
    await page.clock.runFor(seconds * 1000);
    await settled(page);
    return {};
  },
  tell: async ({ page }) => tell(page),
  offer: async ({ page }, { field, text }) => {
    const input = page.locator(`#${field}`);
    await input.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(text);
    await names(page, field);  // behind the typing, so that what it asks for has been asked
    await settled(page);
    return names(page, field);
  },
  keys: async ({ page }, { field, keys }) => {
    for (const key of keys) await page.keyboard.press(key);
    return names(page, field);
  },
  axe: async ({ page }) => {
    await page.evaluate(axe.source + '; undefined');  // by the debugger: the page's own policy forbids it
    return page.evaluate(async () => {
      const run = window.axe.run(document, { runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } });
      return { violations: (await run).violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 150)}`) };
    });
  },
  line: async ({ page, context }, { bytes }) => {
    const link = await context.newCDPSession(page);
    await link.send('Network.enable');
    await link.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: bytes || -1 });
    return {};
  },
  watch: async ({ page }) => {
    await page.evaluate(() => {
      window.progressSeen = [];
      new MutationObserver(() => {
        const bar = document.querySelector('progress');
        if (!bar || !bar.hasAttribute('value')) return;
        window.progressSeen.push({ value: bar.value, max: bar.max, name: document.getElementById(bar.getAttribute('aria-labelledby')).textContent,
          share: bar.nextSibling.textContent, status: document.getElementById('kept').textContent });
      }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    });
    return {};
  },
  cookies: async ({ page, context }, { cookie }) => {
    await use(context, page.url(), cookie);
    return {};
  },
  turn: async ({ page }, { hidden }) => {
    await page.evaluate((now) => {
      for (const [name, value] of [['hidden', now], ['visibilityState', now ? 'hidden' : 'visible']])
        Object.defineProperty(document, name, { configurable: true, get: () => value });
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    }, hidden);
    await settled(page);
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
