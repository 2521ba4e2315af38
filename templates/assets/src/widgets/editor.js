const WAIT = 400;

/** Line numbers beside a text; check as one types, its findings marked at their lines and followed there from the list. Nobody leaves a text that is
 * kept nowhere unasked. */
export default function editor(box) {
  const text = box.querySelector('textarea');
  const lines = box.querySelector('.editor-lines');
  const findings = document.getElementById('findings');
  let timer = 0;
  let running = null;

  function number() {
    const count = text.value.split('\n').length;
    while (lines.childElementCount > count) lines.lastElementChild.remove();
    while (lines.childElementCount < count) {
      const line = document.createElement('i');
      line.textContent = String(lines.childElementCount + 1);
      lines.append(line);
    }
    follow();
  }

  function follow() {
    lines.scrollTop = text.scrollTop;
    lines.style.setProperty('height', `${text.offsetHeight}px`);
  }

  function mark() {
    lines.querySelectorAll('[data-wrong]').forEach((line) => delete line.dataset.wrong);
    findings.querySelectorAll('[data-line]').forEach((found) => {
      const line = lines.children[Number(found.dataset.line) - 1];
      if (line && line.dataset.wrong !== 'danger') line.dataset.wrong = found.dataset.tone;
    });
  }

  async function check() {
    running?.abort();
    running = new AbortController();
    const body = new URLSearchParams({ source: text.value });
    try {
      const answer = await fetch(box.dataset.check, { method: 'POST', body, signal: running.signal, headers: { 'HX-Request': 'true' } });
      // a session that ended leads to the login page, which is no finding
      if (!answer.ok || answer.redirected) return;
      findings.innerHTML = await answer.text();
      mark();
    } catch (error) {
      // a newer text took over, or there is no connection: the next keystroke asks again
      if (error.name !== 'AbortError' && !(error instanceof TypeError)) throw error;
    }
  }

  function go(line, column) {
    const before = text.value.split('\n').slice(0, line - 1);
    const at = before.reduce((sum, each) => sum + each.length + 1, 0) + column - 1;
    text.focus();
    text.setSelectionRange(at, at);
    text.scrollTop = Math.max(0, (line - 6) * 20);
    follow();
  }

  text.addEventListener('input', () => {
    number();
    clearTimeout(timer);
    timer = setTimeout(check, WAIT);
  });
  text.addEventListener('scroll', follow);
  new ResizeObserver(follow).observe(text);
  findings.addEventListener('click', (event) => {
    const found = event.target.closest('[data-line]');
    if (found) go(Number(found.dataset.line), Number(found.dataset.column));
  });
  const saved = box.dataset.unsaved === undefined ? text.value : null;
  let sent = false;
  text.form.addEventListener('submit', () => (sent = true));
  // come back to by the browser's own button, the page is not on its way any more
  addEventListener('pageshow', () => (sent = false));
  addEventListener('beforeunload', (event) => {
    if (!sent && text.value !== saved) event.preventDefault();
  });
  number();
  mark();
}
