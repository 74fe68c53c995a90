// SPDX-License-Identifier: GPL-3.0-or-later
// Makes the form of /compose safer and quicker; it works without. Keeps the text each minute, replaces the draft every
// ten and on leaving, warns before what is unsaved is left, says at once which file is too large, shows how
// far an upload is, and completes names from the address book.
'use strict';
{
  const form = document.getElementById('compose');
  const status = document.getElementById('kept');
  const address = form.action;
  let changed = form.dataset.changed === 'yes';  // since the text was kept
  let unsaved = changed;  // since the draft was saved
  let leaving = false;
  let uploading = false;  // the answer says what the form's fields are then, so nothing else may change them
  let saved = Date.now();

  const hidden = (name) => {
    let field = form.querySelector(`input[type=hidden][name=${name}]`);
    if (!field) {
      field = document.createElement('input');
      field.type = 'hidden';
      field.name = name;
      form.append(field);
    }
    return field;
  };
  const fields = (what) => {
    const data = new FormData(form);
    data.delete('attachments');
    data.set('do', what);
    return new URLSearchParams(data).toString();
  };
  const typed = [...form.querySelectorAll('.lines .in, #body')];

  // One at a time, since each answer says what the next one names; a button waits for the one on its way.
  let turn = Promise.resolve();
  let busy = 0;
  const follow = (job) => {
    busy++;
    turn = job.catch(() => {}).finally(() => { busy--; });
  };
  const next = (job) => follow(turn.then(job));

  form.addEventListener('input', () => { changed = unsaved = true; });
  form.addEventListener('submit', (event) => {
    leaving = true;
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    turn.finally(() => form.requestSubmit(event.submitter));
  });
  addEventListener('pageshow', () => { leaving = false; });
  // A request outlives its page where it is short: 64 KB for all of them, says the Fetch standard.
  const outlives = (body) => body.length < 60000;
  const post = (what) => {
    const body = fields(what);
    return fetch(address, { method: 'POST', body, redirect: 'manual', keepalive: outlives(body),
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' } });
  };
  const ended = (answer) => answer && [401, 403].includes(answer.status);  // 403: another one has begun since
  const lost = () => { status.textContent = status.dataset.ended; };

  /// Whether the text is in the spool now; then the form names it.
  const took = (answer) => {
    const text = answer && answer.headers.get('X-AlphaMail-Text');
    if (text) hidden('text').value = text;
    return Boolean(text);
  };
  async function keep() {
    if (!changed || leaving || !form.isConnected) return;
    changed = false;
    const answer = await post('autosave').catch(() => null);
    if (took(answer)) return;
    changed = true;
    if (ended(answer)) lost();
    if (!answer || answer.status !== 409) return;
    // From here on it is a text of its own, beside the other window's.
    status.textContent = status.dataset.other;
    hidden('text').remove();
  }
  async function draft() {
    if (!unsaved || leaving || !form.isConnected) return;
    saved = Date.now();
    changed = unsaved = false;
    const answer = await post('autodraft').catch(() => null);
    if (!answer || !answer.ok) {
      unsaved = true;
      changed = !took(answer) || changed;
      saved -= 540000;  // once more in a minute
      if (ended(answer)) lost();
      if (answer && answer.status === 503) status.textContent = await answer.text();
      return;
    }
    const told = new URLSearchParams(await answer.text());
    status.textContent = told.get('status');
    hidden('draft').value = told.get('draft');
    hidden('text').remove();
    const attached = told.getAll('att');
    form.querySelectorAll('input[type=hidden][name=att]').forEach((field, i) => { field.value = attached[i]; });
  }
  const inTurn = (job) => { if (!uploading) next(job); };
  setInterval(() => inTurn(keep), 60000);
  setInterval(() => { if (Date.now() - saved >= 600000) inTurn(draft); }, 30000);
  document.addEventListener('visibilitychange', () => { if (document.hidden) inTurn(keep); });

  // ---- leaving ----
  addEventListener('beforeunload', (event) => {
    if (leaving || !form.isConnected || !(changed || uploading || files.files.length)) return;
    event.preventDefault();
    // What is too long to outlive the page is kept while somebody reads the warning.
    if (changed && !uploading && !outlives(fields('autosave'))) follow(keep());
  });
  addEventListener('pagehide', () => {
    if (!form.dataset.changed && !form.querySelector('input[name=draft]') && typed.every((field) => field.value === field.defaultValue)) return;
    follow(draft());  // at once: whatever is on its way has no time to answer
  });

  // ---- files ----
  const files = form.querySelector('input[type=file]');
  const hint = document.getElementById('lim');
  files.addEventListener('change', () => {
    const room = Number(hint.dataset.room);
    const bytes = [...files.files].reduce((sum, file) => sum + file.size, 0);
    files.setCustomValidity(bytes > room ? `${[...files.files].map((f) => `${f.name}: ${f.size}`).join(', ')} > ${room}` : '');
    files.reportValidity();
  });
  form.addEventListener('submit', (event) => {
    if (!files.files.length || !event.submitter || !window.XMLHttpRequest) return;
    event.preventDefault();
    leaving = false;
    uploading = true;
    const data = new FormData(form, event.submitter);
    const request = new XMLHttpRequest();
    const progress = document.createElement('progress');
    progress.setAttribute('aria-labelledby', 'ah');
    const share = document.createElement('span');
    share.className = 'hint';
    hint.after(progress, share);
    status.textContent = status.dataset.uploading;
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: 'percent' });
    const sent = typed.map((field) => field.value);
    const failed = () => {
      progress.remove();
      share.remove();
      status.textContent = status.dataset.failed;
      uploading = false;
      typed.forEach((field) => { field.readOnly = false; });
      event.submitter.focus();
    };
    // Whoever attaches may write on meanwhile, and keeps it; what is sent is what was there.
    typed.forEach((field) => { field.readOnly = event.submitter.value !== 'attach'; });
    request.open('POST', address);
    request.upload.addEventListener('progress', (e) => {
      progress.max = e.total;
      progress.value = e.loaded;
      share.textContent = percent.format(e.loaded / e.total);
    });
    request.addEventListener('load', () => {
      uploading = false;
      leaving = true;
      if (request.responseURL && !request.responseURL.startsWith(address)) {
        location.assign(request.responseURL);
        return;
      }
      const page = new DOMParser().parseFromString(request.responseText, 'text/html');
      const fresh = page.getElementById('compose');
      if (!page.getElementById('main')) {
        leaving = false;
        failed();
        return;
      }
      document.title = page.title;
      if (!fresh) {
        document.body.replaceWith(page.body);
        document.getElementById('main').focus();
        return;
      }
      const focus = document.activeElement.id;
      typed.forEach((field, i) => {
        if (field.value === sent[i]) return;
        fresh.querySelector(`#${field.id}`).value = field.value;
        fresh.dataset.changed = 'yes';
      });
      document.getElementById('main').replaceWith(page.getElementById('main'));
      (document.getElementById(focus) || document.getElementById('main')).focus();
      const script = document.createElement('script');
      script.src = document.querySelector('script[src*=compose]').src;
      document.body.append(script);
    });
    request.addEventListener('error', failed);
    request.send(data);
  });

  // ---- names (ARIA 1.2: an editable combobox with a list) ----
  for (const input of form.querySelectorAll('.names')) {
    const list = document.createElement('ul');
    list.id = `${input.id}-names`;
    list.className = 'offers';
    list.setAttribute('role', 'listbox');
    list.setAttribute('aria-label', input.labels[0].textContent);
    list.hidden = true;
    input.after(list);
    input.setAttribute('role', 'combobox');
    input.setAttribute('aria-autocomplete', 'list');
    input.setAttribute('aria-expanded', 'false');
    input.setAttribute('aria-controls', list.id);
    let chosen = -1;
    let asked = 0;

    const close = () => {
      list.hidden = true;
      list.replaceChildren();
      chosen = -1;
      input.setAttribute('aria-expanded', 'false');
      input.removeAttribute('aria-activedescendant');
    };
    const begin = () => Math.max(input.value.lastIndexOf(',', input.selectionStart - 1), input.value.lastIndexOf(';', input.selectionStart - 1)) + 1;
    const take = (option) => {
      const from = begin();
      const behind = input.value.slice(input.selectionStart).replace(/^[^,;]*/, '');
      input.value = `${input.value.slice(0, from)}${from ? ' ' : ''}${option.textContent}, ${behind.replace(/^[,;]\s*/, '')}`;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      close();
    };
    const mark = (n) => {
      const options = [...list.children];
      chosen = (n + options.length) % options.length;
      options.forEach((option, i) => option.setAttribute('aria-selected', String(i === chosen)));
      input.setAttribute('aria-activedescendant', options[chosen].id);
      options[chosen].scrollIntoView({ block: 'nearest' });
    };
    input.addEventListener('input', async () => {
      const sought = input.value.slice(begin(), input.selectionStart).trim();
      const mine = ++asked;
      if (sought.length < 2) return close();
      const answer = await fetch(`${address.replace(/compose$/, 'contacts/complete')}?poll=1&q=${encodeURIComponent(sought)}`).catch(() => null);
      if (mine !== asked || !answer || !answer.ok) return undefined;
      const names = await answer.json();
      close();
      if (!names.length || document.activeElement !== input) return undefined;
      names.slice(0, 10).forEach((name, i) => {
        const option = document.createElement('li');
        option.id = `${list.id}-${i}`;
        option.setAttribute('role', 'option');
        option.setAttribute('aria-selected', 'false');
        option.textContent = name;
        option.addEventListener('mousedown', (event) => { event.preventDefault(); take(option); });
        list.append(option);
      });
      list.hidden = false;
      input.setAttribute('aria-expanded', 'true');
      return undefined;
    });
    input.addEventListener('keydown', (event) => {
      if (list.hidden) return;
      if (event.key === 'ArrowDown') mark(chosen + 1);
      else if (event.key === 'ArrowUp') mark(chosen < 0 ? -1 : chosen - 1);
      else if (event.key === 'Escape') close();
      else if (event.key === 'Enter' && chosen >= 0) take(list.children[chosen]);
      else return;
      event.preventDefault();
    });
    input.addEventListener('blur', close);
  }
}
