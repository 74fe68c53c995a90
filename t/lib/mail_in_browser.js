// SPDX-License-Identifier: GPL-3.0-or-later
// Shows HTML of strangers in Chromium and tells what became of it: requests, script that ran, where the page went, words,
// contrast, boxes. usage: node mail_in_browser.js CHROMIUM (modules from NODE_PATH); a JSON object on standard input:
//   alone:  [html]                                  each as a page of its own, without any policy
//   framed: {parent, url, htmls, headers, sandbox}  each as it is in a frame of that sandbox, served with those headers
//   words:  [{body, type}]                          the words of each, a document in base64, as a reader without script sees them
//   trees:  [html]                                  {tree, again} of each: what the parser made of it, written as html_rules.py
//                                                   writes it; and the same of what Chromium writes of that
//   parsed: [html]                                  the body of each, as Chromium writes it
//   bare:   {origin, cookies, pages: [{path, inject, type}]}  pages of AlphaMail without their policy, with `inject` behind them;
//           `type` {into, text, until}: text typed into a field, until there is such an element
//   axe:    {origin, cookies, paths}                what axe-core complains of on each page of AlphaMail
//   pages:  {origin, cookies, foreign, pages: [{path, width, height, scheme}]}  pages of AlphaMail with a message in them; `foreign` are
//           cookies that the browser has of others
//   arguments: [word]                               for Chromium
// Prints one JSON object.
'use strict';
const { chromium } = require('playwright-core');
const fs = require('fs');
const { goTo } = require('./patient.js');

const wanted = JSON.parse(fs.readFileSync(0, 'utf8'));
const STEP = 250;  // ms for what a page does by itself

/// In a page: relative luminance and contrast of every text that is seen, the least of them and what it belongs to.
function leastContrast() {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const read = (colour) => {
    pen.clearRect(0, 0, 1, 1);
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data];
  };
  const over = (top, ground) => {
    const a = top[3] / 255;
    return [0, 1, 2].map((i) => top[i] * a + ground[i] * (1 - a)).concat(255);
  };
  const light = (c) => {
    const [r, g, b] = c.map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(read(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 255]);
  };
  let least = 99, where = '';
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (parseFloat(getComputedStyle(element).fontSize) < 1) continue;
    const below = ground(element);
    const text = over(read(getComputedStyle(element).color), below);
    const [a, b] = [light(text), light(below)].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < least) { least = ratio; where = element.outerHTML.slice(0, 200); }
  }
  return { least, where };
}

async function newPage(browser, log, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  await page.exposeFunction('canary', () => log.push('script'));
  await context.route('**/*', (route) => {
    const url = route.request().url();
    if (url.startsWith('http://parent.test/') || url.startsWith('http://parent.test:')) return route.fallback();
    log.push('request ' + url.slice(0, 200));
    return route.abort();
  });
  page.on('dialog', (dialog) => {
    if (dialog.type() === 'beforeunload') return dialog.accept();  // ours, of a form that was typed into
    log.push('script: ' + dialog.message());
    return dialog.dismiss();
  });
  context.on('page', () => log.push('a window opened'));
  return page;
}

async function alone(browser, htmls) {
  const results = [];
  let current = '', log = [];
  const page = await newPage(browser, { push: (line) => log.push(line) });
  await page.context().route('http://parent.test/**', (route) => route.fulfill(route.request().url().endsWith('/doc')
    ? { contentType: 'text/html; charset=utf-8', body: current } : { status: 404, body: '' }));
  for (const html of htmls) {
    log = [];
    current = '<!DOCTYPE html><meta charset="utf-8"><link rel="icon" href="data:,"><title>x</title><body>' + html;
    await page.goto('http://parent.test/doc');
    // What waits for a pointer or the keyboard gets it, but no link is followed.
    await page.evaluate(() => {
      for (const e of document.querySelectorAll('body *')) {
        for (const kind of ['click', 'mouseover', 'focus', 'pointerdown', 'toggle', 'animationend', 'load', 'error']) {
          const event = new Event(kind, { bubbles: true, cancelable: true });
          event.preventDefault();
          e.dispatchEvent(event);
        }
      }
    }).catch(() => log.push('went away'));
    results.push(log);
  }
  await page.waitForTimeout(STEP);
  results[results.length - 1] = log;
  await page.context().close();
  return results;
}

async function framed(browser, { htmls, headers, sandbox }) {
  const results = [];
  let current = '', log = [];
  const page = await newPage(browser, { push: (line) => log.push(line) });
  const parent = '<!DOCTYPE html><link rel="icon" href="data:,"><title>parent</title><p id="chrome">chrome</p>' +
    `<iframe id="f" sandbox="${sandbox}" src="/doc" width="600" height="400"></iframe>`;
  await page.context().route('http://parent.test/**', (route) => {
    const path = new URL(route.request().url()).pathname;
    if (path === '/') return route.fulfill({ contentType: 'text/html; charset=utf-8', body: parent });
    if (path === '/doc') return route.fulfill({ headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body: current });
    return route.fulfill({ status: 404, body: '' });
  });
  for (const html of htmls) {
    log = [];
    current = '<!DOCTYPE html><body>' + html;
    await page.goto('http://parent.test/');
    const state = await page.evaluate(() => ({ title: document.title, chrome: document.getElementById('chrome')?.textContent,
      box: JSON.stringify(document.getElementById('chrome').getBoundingClientRect()),
      frames: window.frames.length }));
    if (page.url() !== 'http://parent.test/') log.push('the page went to ' + page.url());
    if (state.title !== 'parent' || state.chrome !== 'chrome') log.push('the page was changed');
    results.push({ log, box: state.box });
  }
  await page.waitForTimeout(STEP);
  await page.context().close();
  return results;
}

/// In a page: its words, but for what a message is shown without (kDroppedWhole in html_elements.cc).
function wordsOf() {
  for (const e of document.querySelectorAll('select, textarea, object, noscript, iframe, audio, video, canvas, svg, math')) e.remove();
  return document.body ? document.body.innerText : '';
}

async function words(browser, list) {
  const context = await browser.newContext({ javaScriptEnabled: false });
  let current = list[0];
  await context.route('**/*', (route) => (route.request().url() === 'http://parent.test/doc'
    ? route.fulfill({ headers: { 'content-type': current.type, 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" },
                      body: Buffer.from(current.body, 'base64') })
    : route.abort()));
  const page = await context.newPage();
  const results = [];
  for (current of list) {
    await page.goto('http://parent.test/doc', { waitUntil: 'domcontentloaded' });
    results.push(await page.evaluate(wordsOf));
  }
  await context.close();
  return results;
}

/// In a page: what a parser without script makes of a document; written down as written() of html_rules.py does it.
function treeOf(html) {
  const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;', '`': '&#96;' };
  const escaped = (text) => text.replace(/[&<>"'`]/g, (c) => escapes[c]);
  const none = new Set(['br', 'col', 'hr', 'img', 'wbr']);
  const written = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return escaped(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return `<!--${node.nodeType}-->`;
    const home = node.namespaceURI === 'http://www.w3.org/1999/xhtml' ? '' : node.namespaceURI + ' ';
    const attributes = [...node.attributes].map((a) => ` ${a.name}="${escaped(a.value)}"`).join('');
    const start = `<${home}${node.localName}${attributes}>`;
    if (none.has(node.localName)) return start + inner(node);
    return start + (node.localName === 'pre' && (node.firstChild?.data || '').startsWith('\n') ? '\n' : '') + inner(node) + `</${node.localName}>`;
  };
  const inner = (node) => [...node.childNodes].map(written).join('');
  const parsed = (text) => new DOMParser().parseFromString('<!doctype html><body>' + text, 'text/html');
  const document = parsed(html);
  const outside = [...document.documentElement.childNodes].length === 2 && !document.head.childNodes.length && !document.body.attributes.length;
  return { tree: (outside ? '' : '(outside of the body) ') + inner(document.body), again: inner(parsed(document.body.innerHTML).body) };
}

/// In a page: what a parser without script makes of a whole document, as Chromium writes it.
function bodyOf(html) {
  return new DOMParser().parseFromString(html, 'text/html').querySelector('body')?.innerHTML || '';
}

/// Some at a time; a page that has parsed what strangers wrote runs nothing of it.
async function each(browser, look, htmls) {
  const log = [];
  const page = await newPage(browser, log);
  await page.addInitScript(`window.look = ${look}`);
  await page.context().route('http://parent.test/', (route) => route.fulfill({ contentType: 'text/html', body: '<link rel="icon" href="data:,">' }));
  await page.goto('http://parent.test/');
  const results = [];
  for (let at = 0; at < htmls.length; at += 100) {
    results.push(...await page.evaluate((some) => some.map(window.look), htmls.slice(at, at + 100)));
  }
  await page.context().close();
  if (log.length) throw new Error('parsing alone did something: ' + log[0]);
  return results;
}

/// Whatever is wrong with a page shows: nothing but its markup keeps what strangers wrote from running.
async function bare(browser, { origin, cookies, pages: list }) {
  let log = [], inject = '';
  const page = await newPage(browser, { push: (line) => log.push(line) });
  await page.context().addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: origin })));
  await page.context().route(origin + '/**', async (route) => {
    const response = await route.fetch({ maxRetries: 5 });
    if (response.url() !== route.request().url()) log.push(`${route.request().url()} led to ${response.url()}`);
    const headers = { ...response.headers() };
    delete headers['content-security-policy'];
    const html = (headers['content-type'] || '').startsWith('text/html');
    return route.fulfill(html ? { status: response.status(), headers, body: await response.text() + inject } : { response, headers });
  });
  const results = [];
  for (const one of list) {
    log = [];
    inject = one.inject || '';
    await goTo(page, origin + one.path);
    await page.evaluate(() => {
      for (const e of document.querySelectorAll('body *')) {
        for (const kind of ['mouseover', 'focus', 'pointerdown', 'animationend', 'load', 'error']) e.dispatchEvent(new Event(kind));
      }
    });
    if (one.type) {
      await page.locator(one.type.into).pressSequentially(one.type.text);
      await page.locator(one.type.until).first().waitFor();
    }
    results.push(log);
  }
  await page.waitForTimeout(STEP);
  await page.context().close();
  return results;
}

/// Of a frame only that it has a title: what stands in it is the sender's.
async function complaints(browser, { origin, cookies, paths }) {
  const axe = require('axe-core');
  const context = await browser.newContext();
  await context.addCookies(Object.entries(cookies).map(([name, value]) => ({ name, value, url: origin })));
  const page = await context.newPage();
  const results = [];
  for (const path of paths) {
    await goTo(page, origin + path);
    if (page.url() !== origin + path) throw new Error(`${path} led to ${page.url()}`);
    await page.evaluate(axe.source + '; undefined');
    results.push(await page.evaluate(async () => {
      const run = await window.axe.run(document, { iframes: false,
        runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] } });
      return { passes: run.passes.length, violations: run.violations.map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 150)}`) };
    }));
  }
  await context.close();
  return results;
}

/// A message's page as somebody sees it, and the document in its frame.
async function pages(browser, { origin, cookies, foreign = [], pages: list }) {
  const results = [];
  for (const { path, width = 1280, height = 900, scheme = 'light' } of list) {
    const outside = [], complaints = [];
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, ignoreHTTPSErrors: true });
    await context.addCookies([...Object.entries(cookies).map(([name, value]) => ({ name, value, url: origin })), ...foreign]);
    const page = await context.newPage();
    page.on('console', (m) => { if (!m.text().includes('status of 503')) complaints.push(m.text()); });
    context.on('request', (request) => { if (/^https?:/.test(request.url()) && !request.url().startsWith(origin + '/')) outside.push(request.url()); });
    await goTo(page, origin + path);
    if (page.url() !== origin + path) throw new Error(`${path} led to ${page.url()}`);
    await page.waitForFunction(() => [...document.querySelectorAll('iframe.frame')].every((f) => f.style.blockSize));
    const frame = page.frames().find((f) => f !== page.mainFrame());
    const result = { path, outside, complaints, ...await frame.evaluate(leastContrast) };
    result.ground = await frame.evaluate(() => getComputedStyle(document.body).backgroundColor);
    result.sideways = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    result.inside = await frame.evaluate(() => document.documentElement.getBoundingClientRect().height);
    result.height = await page.evaluate(() => document.querySelector('iframe.frame').getBoundingClientRect().height);
    result.pictures = await frame.evaluate(() => [...document.images].map((i) => i.naturalWidth));
    result.page_sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    results.push(result);
    await context.close();
  }
  return results;
}

(async () => {
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ['--no-sandbox', '--disable-gpu', '--disable-quic',
    '--user-agent=Mozilla/5.0 (X11; test)',  // whose sessions they are
    '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', ...(wanted.arguments || [])] });
  const out = {};
  if (wanted.alone) out.alone = await alone(browser, wanted.alone);
  if (wanted.framed) out.framed = await framed(browser, wanted.framed);
  if (wanted.words) out.words = await words(browser, wanted.words);
  if (wanted.trees) out.trees = await each(browser, treeOf, wanted.trees);
  if (wanted.parsed) out.parsed = await each(browser, bodyOf, wanted.parsed);
  if (wanted.bare) out.bare = await bare(browser, wanted.bare);
  if (wanted.axe) out.axe = await complaints(browser, wanted.axe);
  if (wanted.pages) out.pages = await pages(browser, wanted.pages);
  await browser.close();
  console.log(JSON.stringify(out));
})().catch((error) => { console.error(error); process.exit(1); });
