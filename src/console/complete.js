// Offers what could stand at the cursor of the policy: keys, words, names of the text, fields of the CRM. What
// could stand there the server says; here it is shown and taken. Without it the text is typed as ever.
'use strict';

(() => {
  const form = document.getElementById('editor');
  const area = document.getElementById('policy');
  const list = document.getElementById('offers');
  const hint = document.getElementById('offers-hint');
  const told = document.getElementById('offers-told');
  if (!form || !area || !list || !hint || !told) return;
  hint.hidden = false;
  let timer;
  let turn = 0;
  let found = null;
  let active = -1;

  // Text that is pasted or that was taken here is no reason to offer anything. Keyboards of telephones compose
  // whatever is typed.
  area.addEventListener('input', (event) => {
    const data = (event.data || '').trim();
    const typed = event.inputType === 'insertCompositionText' ? data !== '' : [...data].length === 1;
    const shorter = !list.hidden && /^delete/.test(event.inputType || '');
    turn += 1;
    clearTimeout(timer);
    if (typed || shorter) timer = setTimeout(ask, 120, false);
    else close();
  });
  area.addEventListener('keydown', (event) => {
    if (event.isComposing) return;
    if (event.key === ' ' && event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      ask(true);
      return;
    }
    if (list.hidden) return;
    const plain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.shiftKey;
    const act = plain && {
      ArrowDown: () => choose(active + 1),
      ArrowUp: () => choose(active - 1),
      Enter: () => take(active),
      Tab: () => take(active),
      Escape: () => close(),
    }[event.key];
    if (act) {
      event.preventDefault();
      act();
    } else if (/^(Arrow|Home$|End$|Page|Tab$)/.test(event.key)) {
      close(); // The cursor goes elsewhere.
    }
  });
  area.addEventListener('blur', close);
  area.addEventListener('mousedown', close);
  area.addEventListener('scroll', () => list.hidden || place());
  window.addEventListener('resize', () => list.hidden || place());
  // The field keeps the focus, so that the cursor stays where it is.
  list.addEventListener('mousedown', (event) => event.preventDefault());
  list.addEventListener('click', (event) => {
    const item = event.target.closest('[role=option]');
    if (item) take([...list.children].indexOf(item));
  });

  async function ask(wanted) {
    const mine = ++turn;
    clearTimeout(timer);
    if (area.selectionStart !== area.selectionEnd) return close();
    const at = area.selectionStart;
    const body = new URLSearchParams({ policy: area.value, at });
    const headers = { 'x-sluis-token': form.elements.token.value };
    let answer;
    try {
      const response = await fetch('/drafts/complete', { method: 'POST', body, headers, redirect: 'error' });
      answer = response.ok ? await response.json() : null;
    } catch {
      answer = null; // It is typed by hand.
    }
    if (mine !== turn || at !== area.selectionStart || document.activeElement !== area) return;
    // Where nothing is typed yet, a list that opens by itself would only be in the way of Enter.
    const begun = answer && (answer.from < at || /["'[.]/.test(area.value[at - 1] || ''));
    if (!answer || !answer.offers.length || !(wanted || begun)) {
      close();
      if (wanted) told.textContent = list.dataset.none;
      return;
    }
    open(answer);
  }

  function open(answer) {
    found = answer;
    list.replaceChildren(...answer.offers.map(item));
    list.hidden = false;
    list.scrollTop = 0;
    // While it is open the field is a combobox; otherwise it is what it looks like, a text of many lines.
    area.setAttribute('role', 'combobox');
    area.setAttribute('aria-expanded', 'true');
    area.setAttribute('aria-controls', 'offers');
    place();
    choose(0);
    told.textContent = `${answer.offers.length} ${list.dataset.many}`;
  }

  function close() {
    if (list.hidden) return;
    list.hidden = true;
    list.replaceChildren();
    found = null;
    active = -1;
    for (const name of ['role', 'aria-expanded', 'aria-controls', 'aria-activedescendant']) area.removeAttribute(name);
    told.textContent = '';
  }

  function item(one, number) {
    const line = document.createElement('li');
    line.id = `offer-${number}`;
    line.setAttribute('role', 'option');
    line.setAttribute('aria-selected', 'false');
    const word = document.createElement('code');
    word.textContent = one.label;
    line.append(word);
    if (one.note) {
      const note = document.createElement('span');
      note.className = 'hint';
      note.lang = one.lang;
      note.textContent = one.note;
      line.append(' ', note);
    }
    return line;
  }

  function choose(number) {
    const items = list.children;
    active = (number + items.length) % items.length;
    for (const [place, one] of [...items].entries()) {
      one.setAttribute('aria-selected', String(place === active));
    }
    const one = items[active];
    area.setAttribute('aria-activedescendant', one.id);
    if (one.offsetTop < list.scrollTop) list.scrollTop = one.offsetTop;
    const below = one.offsetTop + one.offsetHeight - list.clientHeight;
    if (below > list.scrollTop) list.scrollTop = below;
  }

  function take(number) {
    const { from, until } = found;
    const { insert } = found.offers[number];
    close();
    area.setSelectionRange(from, until);
    // It can be undone like what is typed, which setRangeText cannot.
    if (!document.execCommand('insertText', false, insert)) {
      area.setRangeText(insert, from, until, 'end');
      area.dispatchEvent(new Event('input', { bubbles: true }));
    }
  }

  // Below the line of the cursor, or above it where more of the window is: lines do not wrap, and letters are
  // of one width.
  function place() {
    const style = getComputedStyle(area);
    const before = area.value.slice(0, found.from).split('\n');
    const ruler = document.createElement('canvas').getContext('2d');
    ruler.font = `${style.fontSize} ${style.fontFamily}`;
    const column = before[before.length - 1].replaceAll('\t', '  ');
    const across = parseFloat(style.paddingLeft) + ruler.measureText(column).width - area.scrollLeft;
    const line = parseFloat(style.lineHeight);
    const under = parseFloat(style.paddingTop) + before.length * line - area.scrollTop;
    const down = Math.max(line, Math.min(under, area.clientHeight));
    const at = area.getBoundingClientRect().top + down;
    const fits = at + list.offsetHeight <= window.innerHeight || at - line < window.innerHeight - at;
    const most = area.clientWidth - list.offsetWidth;
    list.style.left = `${area.offsetLeft + Math.max(0, Math.min(across, most))}px`;
    list.style.top = `${area.offsetTop + (fits ? down : down - line - list.offsetHeight)}px`;
  }
})();
