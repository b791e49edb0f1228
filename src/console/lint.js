// Looks a policy over while it is typed, by the same check as everywhere, and leads to each place. Without
// it the page says the same after saving.
'use strict';

(() => {
  const form = document.getElementById('editor');
  const area = document.getElementById('policy');
  const list = document.getElementById('found');
  const none = document.getElementById('found-none');
  if (!form || !area || !list || !none) return;
  let timer;
  let turn = 0;

  area.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(look, 700);
  });

  async function look() {
    const mine = ++turn;
    const body = new URLSearchParams({ policy: area.value });
    const headers = { 'x-sluis-token': form.elements.token.value };
    let found;
    try {
      const answer = await fetch('/drafts/lint', { method: 'POST', body, headers, redirect: 'error' });
      if (!answer.ok) return;
      found = await answer.json();
    } catch {
      return; // Whoever saves hears of it.
    }
    if (mine !== turn) return;
    list.replaceChildren(...found.map(item));
    none.hidden = found.length > 0;
  }

  function item(one) {
    const line = document.createElement('li');
    if (one.bad) line.className = 'bad';
    const severity = document.createElement('strong');
    severity.textContent = one.severity;
    const code = document.createElement('code');
    code.textContent = one.code;
    const place = document.createElement('button');
    place.type = 'button';
    place.className = 'link';
    place.textContent = `${list.dataset.line} ${one.line}, ${list.dataset.column} ${one.column}`;
    place.addEventListener('click', () => lead(one.line, one.column));
    const message = document.createElement('span');
    message.lang = one.lang;
    message.textContent = one.message;
    line.append(severity, ' ', code, ' ', place, ': ');
    if (one.meaning) line.append(one.meaning, document.createElement('br'));
    line.append(message);
    if (one.help) {
      const help = document.createElement('span');
      help.className = 'hint';
      help.lang = one.lang;
      help.textContent = one.help;
      line.append(document.createElement('br'), help);
    }
    return line;
  }

  // Columns count characters, places in the field units of UTF-16.
  function lead(line, column) {
    const lines = area.value.split('\n');
    const before = lines.slice(0, line - 1).reduce((sum, text) => sum + text.length + 1, 0);
    const within = [...(lines[line - 1] || '')].slice(0, column - 1).join('').length;
    area.focus();
    area.setSelectionRange(before + within, before + within);
    const height = parseFloat(getComputedStyle(area).lineHeight);
    area.scrollTop = Math.max(0, (line - 6) * height);
  }
})();
