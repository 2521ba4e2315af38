// The sidebar: folds beside the page, opens as a drawer over it; ⌘K or Ctrl+K and "/" go to the search.
const root = document.documentElement;
const sidebar = document.getElementById('sidebar');

const actions = {
  'fold-nav'() {
    const folded = root.dataset.nav === 'folded';
    if (folded) delete root.dataset.nav;
    else root.dataset.nav = 'folded';
    localStorage.setItem('nav', folded ? '' : 'folded');
  },
  'open-nav'(event) {
    event.preventDefault();
    sidebar.classList.add('open');
    sidebar.querySelector('nav a').focus();
  },
  'close-nav'(event) {
    if (!sidebar.classList.contains('open')) return;
    event.preventDefault();
    close();
  },
};

function close() {
  sidebar.classList.remove('open');
  document.querySelector('[data-action="open-nav"]').focus();
}

document.addEventListener('click', (event) => {
  const pressed = event.target.closest('[data-action]');
  if (pressed) actions[pressed.dataset.action]?.(event);
  if (event.target.closest('.sidenav-scrim') && sidebar.classList.contains('open')) {
    event.preventDefault();
    close();
  }
});

document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && sidebar?.classList.contains('open')) close();
  const typing = event.target.closest('input, textarea, select, [contenteditable]');
  const wanted = (event.key === 'k' && (event.metaKey || event.ctrlKey)) || (event.key === '/' && !typing);
  const search = document.querySelector('[data-shortcut="search"]');
  if (wanted && search?.checkVisibility()) {
    event.preventDefault();
    search.focus();
  }
});
