// The count beside the bell follows what happens elsewhere. Only the tab in front listens: a browser has few connections a site.
const bell = document.querySelector('[data-bell]');
const LATER = 30_000;
let source;
let known = Number(bell?.dataset.unread ?? 0);

/** Shows a number in a badge, or takes the badge away. */
function badge(place, className, text, hidden) {
  const shown = place.querySelector(`.${className}`);
  if (!text) return shown?.remove();
  const mark = shown ?? place.appendChild(Object.assign(document.createElement('span'), { className }));
  mark.textContent = text;
  if (hidden) mark.setAttribute('aria-hidden', 'true');
}

function tell(event) {
  const { unread, shown, count, label, said } = JSON.parse(event.data);
  bell.setAttribute('aria-label', label);
  badge(bell, 'bell-count', unread ? shown : '', true);
  document
    .querySelectorAll(`.sidenav a[href="${bell.getAttribute('href')}"]`)
    .forEach((link) => badge(link, 'count', unread ? count : ''));
  // news is said once; what was read elsewhere is no news
  if (unread > known) document.getElementById('bell-said').textContent = said;
  known = unread;
}

function listen() {
  if (source || document.hidden) return;
  source = new EventSource(bell.dataset.bell);
  source.addEventListener('unread', tell);
  // refused, as after a logout: the browser does not ask again by itself
  source.addEventListener('error', () => {
    if (source?.readyState !== EventSource.CLOSED) return;
    source = undefined;
    setTimeout(listen, LATER);
  });
}

function rest() {
  source?.close();
  source = undefined;
}

if (bell) {
  document.addEventListener('visibilitychange', () => (document.hidden ? rest() : listen()));
  window.addEventListener('pagehide', rest);
  window.addEventListener('pageshow', listen);
  listen();
}
