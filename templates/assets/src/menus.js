// Menus are <details>: close them on Escape, on a press outside, and when another one opens.
const open = () => document.querySelectorAll('details.menu[open]');

document.addEventListener('click', (event) => {
  open().forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape') return;
  open().forEach((menu) => {
    menu.open = false;
    menu.querySelector('summary').focus();
  });
});

// a press twice must not send a form twice
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== 'post') return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '';
  form.setAttribute('aria-busy', 'true');
});

// a page restored by the Back button may send again
window.addEventListener('pageshow', () => {
  document.querySelectorAll('form[data-sent]').forEach((form) => {
    delete form.dataset.sent;
    form.removeAttribute('aria-busy');
  });
});
