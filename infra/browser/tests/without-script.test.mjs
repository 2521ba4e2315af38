// What the main job does not touch, without a line of script: lists, board, language, the phone's navigation.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrder, demo, go, logIn, logOut, path, send, state } from '../lib/steps.mjs';
import { url, Visitor } from '../lib/visitor.mjs';

const HOME = '/demo-lojistik';
const LIST = `${HOME}/work-orders`;

async function member(t, who, options) {
  const visitor = await Visitor.open(t, { js: false, ...options });
  await logIn(visitor, demo(who));
  return visitor;
}

test('a list is filtered, sorted and paged by forms and links', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  const rows = page.locator('#results tbody tr');
  await page.goto(LIST);
  const all = await rows.count();
  assert.equal(await page.locator('.js-only').filter({ visible: true }).count(), 0, 'nothing that needs script is shown');
  await page.locator('.filters input[name=q]').fill('forklift');
  await go(visitor, page.locator('.filters button'));
  assert.match(path(visitor), /q=forklift/);
  const found = await rows.count();
  assert.ok(found > 0 && found < all);
  await go(visitor, page.locator('th a.sort').last());
  assert.match(path(visitor), /q=forklift/, 'sorting keeps the filter');
  assert.equal(await rows.count(), found);
  assert.equal(await page.locator('th[aria-sort]').count(), 1);
});

/** Rows of a page. */
const PAGE = 50;

/** Sends something to the REST API; answers what that answers. */
async function post(resource, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/api/v1/${resource}`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${resource}: ${answer.status}`);
  return answer.json();
}

test('a list longer than a page is read page by page', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  const { email, password } = demo(/elif@/);
  const { access_token: token } = await post('auth/login', { email, password });
  for (let number = 1; number <= PAGE; number += 1) await post('vendors', { name: `Sayfa Tedarik ${number}` }, token);
  const names = () => page.locator('#results td.main').allInnerTexts();
  await page.goto(`${HOME}/vendors`);
  const first = await names();
  assert.equal(first.length, PAGE);
  await go(visitor, page.locator('.pager a[rel=next]'));
  assert.match(path(visitor), /cursor=/);
  const second = await names();
  assert.ok(second.length > 0 && second.every((name) => !first.includes(name)), 'nothing comes twice');
  await go(visitor, page.locator('.pager a[rel=prev]'));
  assert.deepEqual(await names(), first);
});

test('language and theme are chosen', async (t) => {
  const visitor = await member(t, /hakan@/);
  const { page } = visitor;
  for (const choice of ['kk', 'dark']) {
    const menu = page.locator('.topbar details.menu', { has: page.locator(`[value=${choice}]`) });
    await menu.locator('summary').click();
    await go(visitor, menu.locator(`[value=${choice}]`));
  }
  assert.equal(await page.locator('html').getAttribute('lang'), 'kk');
  assert.equal(await page.locator('html').getAttribute('class'), 'dark');
  await logOut(visitor);
  assert.equal(await page.locator('html').getAttribute('lang'), 'kk');
});

test('a card moves by its menu', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  await page.goto(`${LIST}/new`);
  const location = await page.locator('select[name=location_id] option').nth(1).innerText();
  const number = await createOrder(visitor, 'demo-lojistik', { title: 'Rampa 4 takılıyor', location_id: location, assignee_id: 'Ahmet Şahin' });
  assert.equal(await state(visitor), 'info');
  await page.goto(`${LIST}/board`);
  const card = page.locator(`article[aria-label="${number}"]`);
  await card.locator('summary').click();
  await go(visitor, card.locator('button[data-move-to=in_progress]'));
  assert.equal(path(visitor), `${LIST}/board`);
  assert.equal(await page.locator('[data-lane=in_progress]').locator(`article[aria-label="${number}"]`).count(), 1);
});

test('a wrong form comes back with what was typed and what is wrong', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  await page.goto(`${LIST}/new`);
  await page.locator('[name=title]').fill('Neither asset nor place');
  await send(visitor);
  visitor.expected(422, '/work-orders/new');
  assert.equal(await page.locator('[name=title]').inputValue(), 'Neither asset nor place');
  const wrong = page.locator('[aria-invalid=true]');
  assert.ok((await wrong.count()) > 0);
  const hints = (await wrong.first().getAttribute('aria-describedby')).trim().split(/\s+/);
  assert.notEqual(await page.locator(`#${hints.at(-1)}`).innerText(), '');
});

test('a record is deleted after a question, and what is in use stays', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  await page.goto(`${HOME}/vendors/new`);
  await page.locator('main [name=name]').fill('Kısa Ömürlü Ltd.');
  await send(visitor);
  await go(visitor, page.locator('main a[href$="/delete"]'));
  await send(visitor);
  assert.equal(path(visitor), `${HOME}/vendors`);
  await page.goto(`${HOME}/locations`);
  await go(visitor, page.locator('#results tbody a').first());
  await go(visitor, page.locator('main a[href$="/delete"]'));
  await send(visitor);
  visitor.expected(409, '/delete');
  assert.equal(await page.locator('main [role=alert]').count(), 1);
});

test('on a phone the navigation is a drawer, and lists are cards', async (t) => {
  const visitor = await member(t, /elif@/, { width: 390, height: 844 });
  const { page } = visitor;
  const nav = page.locator('#sidebar nav');
  assert.equal(await nav.isVisible(), false);
  await page.locator('a[href="#sidebar"]').click();
  await nav.waitFor();
  await page.locator('.sidenav-close').click();
  await nav.waitFor({ state: 'hidden' });
  await page.locator('a[href="#sidebar"]').click();
  await go(visitor, nav.locator(`a[href="${LIST}"]`));
  assert.equal(path(visitor), LIST);
  assert.equal(await nav.isVisible(), false);
  const width = await page.locator('#results tbody tr').first().evaluate((row) => row.getBoundingClientRect().width);
  assert.ok(width <= 390);
});
