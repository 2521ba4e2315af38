// A partial update answered with an error, or led away to the login page, becomes a whole page: the reader must see it.
document.addEventListener('htmx:before:response', (event) => {
  const { raw } = event.detail.ctx.response;
  if (raw.ok && !raw.redirected) return;
  event.preventDefault();
  location.assign(raw.url);
});
