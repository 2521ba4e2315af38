// Every page. No inline handlers and no eval: runs under `script-src 'self'`. Pages work without it.
import './htmx-global.js';
import 'htmx.org/dist/ext/hx-alpine-compat.js';
import Alpine from '@alpinejs/csp';
import './bell.js';
import './menus.js';
import './nav.js';
import './partials.js';
import toast from './toast.js';
import columns from './columns.js';

Alpine.data('toast', toast);
Alpine.data('columns', columns);
window.Alpine = Alpine;
Alpine.start();

// heavy widgets load only where they are used, again after every partial update
const widgets = {
  board: () => import('./widgets/board.js'),
  combobox: () => import('./widgets/combobox.js'),
  diagram: () => import('./widgets/diagram.js'),
  editor: () => import('./widgets/editor.js'),
};

function mount() {
  document.querySelectorAll('[data-widget]:not([data-ready])').forEach(async (element) => {
    element.dataset.ready = '';
    const widget = await widgets[element.dataset.widget]();
    widget.default(element);
  });
}

mount();
document.addEventListener('htmx:after:swap', mount);
