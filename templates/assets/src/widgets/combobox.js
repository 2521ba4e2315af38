const WAIT = 200;
let count = 0;

/** Puts a search box over a <select> that `data-search` can refill; the <select> stays the one that is sent. */
export default function combobox(select) {
  const list = document.createElement('ul');
  const input = document.createElement('input');
  const box = document.createElement('div');
  const names = new Map([...select.options].map((option) => [option.value, option.label]));
  let timer = 0;
  let query = 0;

  box.className = 'combobox-box';
  input.type = 'text';
  input.id = select.id;
  input.autocomplete = 'off';
  input.required = select.required;
  input.value = select.value ? names.get(select.value) : '';
  input.placeholder = select.options[0]?.value === '' ? select.options[0].label : '';
  list.id = `combobox-${++count}`;
  list.role = 'listbox';
  list.hidden = true;
  list.setAttribute('aria-label', select.labels[0]?.textContent ?? '');
  for (const [name, value] of Object.entries({ role: 'combobox', 'aria-autocomplete': 'list', 'aria-expanded': 'false', 'aria-controls': list.id })) {
    input.setAttribute(name, value);
  }
  for (const name of ['aria-invalid', 'aria-describedby']) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  }
  select.removeAttribute('id');
  select.required = false;
  select.hidden = true;
  select.before(box);
  box.append(input, list, select);

  const active = () => list.querySelector('[aria-selected="true"]');

  function show(open) {
    list.hidden = !open;
    input.setAttribute('aria-expanded', String(open));
    if (!open) input.removeAttribute('aria-activedescendant');
  }

  function point(item) {
    active()?.setAttribute('aria-selected', 'false');
    if (!item) return;
    item.setAttribute('aria-selected', 'true');
    item.scrollIntoView({ block: 'nearest' });
    input.setAttribute('aria-activedescendant', item.id);
  }

  function choose(value, label) {
    if (![...select.options].some((option) => option.value === value)) select.add(new Option(label, value));
    select.value = value;
    names.set(value, label);
    input.value = value ? label : '';
    select.dispatchEvent(new Event('input', { bubbles: true }));
    show(false);
  }

  function fill(options) {
    list.replaceChildren(
      ...options.map((option, index) => {
        const item = document.createElement('li');
        item.role = 'option';
        item.id = `${list.id}-${index}`;
        item.textContent = option.label;
        item.dataset.value = option.value;
        item.setAttribute('aria-selected', 'false');
        return item;
      }),
    );
    if (!options.length) {
      const nothing = document.createElement('li');
      nothing.textContent = select.dataset.nothing;
      nothing.role = 'option';
      nothing.setAttribute('aria-disabled', 'true');
      list.append(nothing);
    }
    show(true);
  }

  async function search() {
    const mine = ++query;
    const address = new URL(select.dataset.search, location.href);
    address.searchParams.set('q', input.value);
    const answer = await fetch(address, { headers: { 'HX-Request': 'true' } });
    if (!answer.ok || mine !== query) return;
    const found = document.createElement('select');
    found.innerHTML = await answer.text();
    fill([...found.options]);
  }

  input.addEventListener('input', () => {
    clearTimeout(timer);
    if (!input.value) select.value = '';
    timer = setTimeout(search, WAIT);
  });
  input.addEventListener('focus', () => fill([...select.options].filter((option) => option.value)));
  input.addEventListener('blur', () => {
    show(false);
    input.value = select.value ? (names.get(select.value) ?? '') : '';
  });
  // mousedown, because blur would hide the list before a click
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const item = event.target.closest('[data-value]');
    if (item) choose(item.dataset.value, item.textContent);
  });
  input.addEventListener('keydown', (event) => {
    const items = [...list.querySelectorAll('[data-value]')];
    const at = items.indexOf(active());
    if (event.key === 'ArrowDown') point(items[Math.min(at + 1, items.length - 1)]);
    else if (event.key === 'ArrowUp') point(items[Math.max(at - 1, 0)]);
    else if (event.key === 'Enter' && active()) choose(active().dataset.value, active().textContent);
    else if (event.key === 'Escape' && !list.hidden) show(false);
    else return;
    event.preventDefault();
  });
}
