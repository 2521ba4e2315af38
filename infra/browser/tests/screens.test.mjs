// Every page in light and dark, in four languages, on a desk and on a phone, the shell on what lies between: kept in out/, and looked at by axe where that tells
// something new. No page may be wider than its window.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { before, test } from 'node:test';
import { READERS } from '../lib/pages.mjs';
import { demo, logIn } from '../lib/steps.mjs';
import { url, Visitor } from '../lib/visitor.mjs';

const LOCALES = ['kk', 'ru', 'en', 'tr'];
const THEMES = ['light', 'dark'];
const WINDOWS = [{ width: 1440, height: 900 }, { width: 390, height: 844 }];
/** Between a desk and a phone the shell alone changes: these pages show all of it. */
const BETWEEN = { width: 1024, height: 768 };
const SHELL = ['dashboard', 'orders', 'board', 'order-doing', 'people', 'profile'];
/** The tallest picture: a reference of the whole API is no use to anybody as one. */
const TALLEST = 4000;
/** Between them these show axe both themes, both widths, two scripts of different length. */
const LOOKED_AT = ['en-light-1440', 'ru-dark-390', 'tr-light-1024'];
const OUT = new URL('../out/', import.meta.url).pathname;
/** The README's picture, and the screenshot whose first window it is. */
const PICTURE = new URL('../dashboard.png', import.meta.url).pathname;
const PICTURED = 'dashboard-technician-en-light-1440';

before(() => {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
});

for (const reader of READERS) {
  test(`what the ${reader.name} sees`, async (t) => {
    const windows = await Promise.all(WINDOWS.map((size) => enter(t, reader, size)));
    const pages = await reader.prepare(windows[0], t);
    const wrong = [];
    for (const locale of LOCALES) {
      for (const theme of THEMES) {
        await Promise.all(windows.map((visitor) => prefer(visitor, locale, theme)));
        await Promise.all(windows.map((visitor, at) => tour(visitor, WINDOWS[at], pages, { locale, theme }, wrong)));
      }
    }
    assert.ok(wrong.length === 0, wrong.join('\n'));
  });
}

test('what the administrator sees between a desk and a phone', async (t) => {
  const reader = READERS.find(({ name }) => name === 'administrator');
  const visitor = await enter(t, reader, BETWEEN);
  const all = await reader.prepare(visitor, t);
  const pages = Object.fromEntries(SHELL.map((name) => [name, all[name]]));
  const wrong = [];
  for (const locale of LOCALES) {
    for (const theme of THEMES) {
      await prefer(visitor, locale, theme);
      await tour(visitor, BETWEEN, pages, { locale, theme }, wrong);
    }
  }
  assert.ok(wrong.length === 0, wrong.join('\n'));
});

async function enter(t, { account }, size) {
  const visitor = await Visitor.open(t, size);
  if (account) await logIn(visitor, demo(account));
  return visitor;
}

/** Language and theme, as their menus set them. */
async function prefer({ context }, locale, theme) {
  const form = { locale, theme, next: '/login' };
  const answer = await context.request.post('/preferences', { form, headers: { origin: url }, maxRedirects: 0 });
  assert.equal(answer.status(), 303);
}

async function tour(visitor, size, pages, { locale, theme }, wrong) {
  for (const [name, page] of Object.entries(pages)) {
    const shot = `${name}-${locale}-${theme}-${size.width}`;
    try {
      await look(visitor, size, page, { locale, theme, shot });
    } catch (error) {
      wrong.push(`${shot}: ${error.message}`);
    }
  }
}

async function look(visitor, size, target, { locale, theme, shot }) {
  const { page } = visitor;
  const { path, steps, status } = typeof target === 'string' ? { path: target } : typeof target === 'function' ? { steps: target } : target;
  await page.setViewportSize(size);
  await (steps ? steps(visitor) : page.goto(path));
  if (status) visitor.expected(status, new URL(page.url()).pathname);
  if (shot === PICTURED && process.env.UPDATE === '1') await page.screenshot({ path: PICTURE });
  const seen = await page.evaluate(() => {
    const { lang, className, scrollWidth, scrollHeight } = document.documentElement;
    return { lang, className, width: scrollWidth, height: scrollHeight };
  });
  assert.deepEqual([seen.lang, seen.className], [locale, theme]);
  // the window grows to the page, since what sticks to its edges would stand in the middle of a longer picture
  await page.setViewportSize({ width: size.width, height: Math.min(Math.max(size.height, seen.height), TALLEST) });
  await page.screenshot({ path: `${OUT}${shot}.png` });
  assert.ok(seen.width <= size.width, `${seen.width} wide`);
  if (LOOKED_AT.some((one) => shot.endsWith(one))) await visitor.accessible(shot);
  visitor.calm(shot);
}
