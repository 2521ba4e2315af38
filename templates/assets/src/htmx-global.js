import htmx from 'htmx.org/dist/htmx.esm.js';

// extensions and Alpine look for the global
window.htmx = htmx;
