// What script adds to pages that work without it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrder, demo, go, logIn, logOut, path, send } from '../lib/steps.mjs';
import { until, Visitor } from '../lib/visitor.mjs';

const HOME = '/demo-lojistik';
const LIST = `${HOME}/work-orders`;

/** Opens a window of a member of the demonstration company. */
async function member(t, who, options) {
  const visitor = await Visitor.open(t, options);
  await logIn(visitor, demo(who));
  return visitor;
}

const focused = (visitor) => visitor.page.evaluate(() => document.activeElement.name || document.activeElement.tagName);

test('theme and language are chosen in a menu and follow the account', async (t) => {
  const here = await member(t, /murat@/);
  const { page } = here;
  const html = page.locator('html');
  await page.goto(`${LIST}?tab=active`);
  await page.locator('.topbar details.menu', { has: page.locator('[value=dark]') }).locator('summary').click();
  await go(here, page.locator('button[value=dark]'));
  assert.equal(path(here), `${LIST}?tab=active`, 'the reader stays where they were');
  assert.equal(await html.getAttribute('class'), 'dark');
  await page.locator('.topbar details.menu', { has: page.locator('[value=ru]') }).locator('summary').click();
  await go(here, page.locator('button[value=ru]'));
  assert.equal(await html.getAttribute('lang'), 'ru');
  await page.reload();
  assert.deepEqual([await html.getAttribute('lang'), await html.getAttribute('class')], ['ru', 'dark']);

  const elsewhere = await member(t, /murat@/);
  const there = elsewhere.page.locator('html');
  assert.deepEqual([await there.getAttribute('lang'), await there.getAttribute('class')], ['ru', 'dark']);

  await logOut(here);
  assert.equal(path(here), '/login');
  assert.deepEqual([await html.getAttribute('lang'), await html.getAttribute('class')], ['ru', 'dark'], 'also before the next login');
});

test('a menu opens, moves and closes by keyboard, and gives the focus back', async (t) => {
  const { page } = await member(t, /zeynep@/);
  const menu = page.locator('.topbar details.menu').last();
  const summary = menu.locator('summary');
  await summary.focus();
  await page.keyboard.press('Enter');
  await menu.locator('[href="/profile"]').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), '/profile');
  await page.keyboard.press('Escape');
  await menu.locator('[href="/profile"]').waitFor({ state: 'hidden' });
  assert.ok(await summary.evaluate((element) => element === document.activeElement));

  await page.keyboard.press('Enter');
  await page.locator('.topbar details.menu').first().locator('summary').click();
  assert.equal(await menu.getAttribute('open'), null, 'another one opening closes it');
  await page.mouse.click(700, 700);
  assert.equal(await page.locator('details.menu[open]').count(), 0, 'and so does a press outside');
});

test('the first Tab leads past the navigation, Ctrl+K into the search', async (t) => {
  const visitor = await member(t, /zeynep@/);
  const { page } = visitor;
  await page.goto(LIST);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await focused(visitor), 'MAIN');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('WO-1');
  assert.equal(await page.locator('[data-shortcut=search]').inputValue(), 'WO-1');
  await go(visitor, { click: () => page.keyboard.press('Enter') });
  assert.equal(path(visitor), `${LIST}?q=WO-1`);
});

test('a list narrows while one types, and focus and address stay', async (t) => {
  const visitor = await member(t, /zeynep@/);
  const { page } = visitor;
  await page.goto(LIST);
  const rows = page.locator('#results tbody tr');
  const all = await rows.count();
  await page.evaluate(() => (document.querySelector('h1').dataset.kept = 'yes'));
  const search = page.locator('.filters input[name=q]');
  await search.pressSequentially('forklift');
  await until('fewer rows', async () => (await rows.count()) < all);
  assert.equal(await focused(visitor), 'q');
  assert.equal(await search.inputValue(), 'forklift');
  assert.match(path(visitor), /[?&]q=forklift/);
  assert.equal(await page.locator('h1').getAttribute('data-kept'), 'yes', 'only the results were replaced');
  for (const row of await rows.all()) assert.match((await row.innerText()).toLowerCase(), /forklift/);
  await page.reload();
  assert.equal(await search.inputValue(), 'forklift', 'the address is the list that is seen');

  await page.locator('.filters select[name=priority]').selectOption('low');
  await until('the address names the priority', () => /priority=low/.test(path(visitor)));
  await search.fill('no such thing anywhere');
  await page.locator('#results .empty-state').waitFor();
  await go(visitor, page.locator('#results .empty-state a'));
  assert.equal(await rows.count(), all, 'and there is a way back');
});

test('typing on after the session ended leads to the login page', async (t) => {
  const visitor = await member(t, /zeynep@/);
  const { page, context } = visitor;
  await page.goto(LIST);
  await context.clearCookies();
  await page.locator('.filters input[name=q]').pressSequentially('pump');
  await page.waitForURL(/\/login\?next=/);
});

test('columns that were hidden and a folded sidebar stay so', async (t) => {
  const { page } = await member(t, /zeynep@/);
  await page.goto(LIST);
  const cells = page.locator('[data-column=priority]');
  const columns = page.locator('details[data-columns]');
  await columns.locator('summary').click();
  await columns.locator('label', { has: page.locator('[value=priority]') }).click();
  const nav = page.locator('#sidebar nav');
  await page.locator('[data-action=fold-nav]').click();
  await nav.waitFor({ state: 'hidden' });
  await page.reload();
  await cells.first().waitFor({ state: 'hidden' });
  assert.equal(await cells.filter({ visible: true }).count(), 0);
  assert.equal(await nav.isVisible(), false);
  await page.locator('.filters input[name=q]').fill('forklift');
  await page.waitForURL(/q=forklift/);
  assert.equal(await cells.filter({ visible: true }).count(), 0, 'also in rows that came later');
});

test('a choice is found by typing and taken by keyboard', async (t) => {
  const { page } = await member(t, /murat@/);
  await page.goto(`${LIST}/new`);
  const select = page.locator('select[name=asset_id]');
  const box = page.locator('.combobox-box', { has: select });
  const input = box.getByRole('combobox');
  await input.pressSequentially('forklift');
  await until('the choice is narrowed', async () => {
    const options = await box.getByRole('option').allInnerTexts();
    return options.length > 0 && options.every((text) => /forklift/i.test(text));
  });
  const first = await box.getByRole('option').first().innerText();
  await page.keyboard.press('ArrowDown');
  assert.equal(await input.getAttribute('aria-activedescendant'), await box.getByRole('option').first().getAttribute('id'));
  await page.keyboard.press('Enter');
  assert.equal(await input.inputValue(), first);
  assert.match(await select.inputValue(), /^[0-9a-f-]{36}$/);
  await input.fill('');
  assert.equal(await select.inputValue(), '', 'an emptied box chooses nothing');
});

test('a card is dragged to another lane, or moved by its menu; a lane it may not enter refuses it', async (t) => {
  const visitor = await member(t, /murat@/);
  const { page } = visitor;
  const board = `${LIST}/board`;
  const number = await createOrder(visitor, 'demo-lojistik', { title: 'Ramp 3 sticks', location_id: await place(page), assignee_id: 'Ahmet Şahin' });
  const card = page.locator(`article[aria-label="${number}"]`);
  const lane = (state) => page.locator(`[data-lane="${state}"]`);
  const stands = (state) => lane(state).locator(`article[aria-label="${number}"]`).count();

  await page.goto(board);
  await until('the board is ready', () => page.locator('.board').evaluate((element) => [...element.querySelectorAll('[data-lane]')].every((one) => Object.keys(one).some((key) => key.startsWith('Sortable')))));
  const grip = { sourcePosition: { x: 12, y: 8 }, targetPosition: { x: 60, y: 40 } };
  await card.dragTo(lane('completed'), grip);
  assert.equal(await stands('open'), 1, 'work that was not begun is not finished');

  await go(visitor, { click: () => card.dragTo(lane('in_progress'), grip) });
  assert.equal(path(visitor), board, 'the reader stays on the board');
  assert.equal(await stands('in_progress'), 1);
  assert.match(await page.locator('.toast-card').innerText(), new RegExp(number));

  await card.locator('summary').focus();
  await page.keyboard.press('Enter');
  const complete = card.locator('[data-move-to=completed]');
  await complete.waitFor();
  await go(visitor, complete);
  assert.match(path(visitor), new RegExp(`/${number}\\?do=complete`), 'a step that asks something leads to its form');
  await page.locator('#do-complete textarea').first().waitFor();
});

/** The first location one may choose in the form of a new order. */
async function place(page) {
  await page.goto(`${LIST}/new`);
  return page.locator('select[name=location_id] option').nth(1).innerText();
}

test('a message leaves by itself, waits while it is looked at, and can be dismissed', async (t) => {
  const visitor = await member(t, /zeynep@/);
  const { page } = visitor;
  const toast = page.locator('.toast-card');
  const save = async () => {
    await page.goto('/profile');
    await send(visitor, 'form[action="/profile"]');
    await toast.waitFor();
  };
  await page.clock.install();
  await save();
  await toast.hover();
  await page.clock.runFor(10_000);
  assert.equal(await toast.count(), 1);
  await page.mouse.move(0, 0);
  await page.clock.runFor(10_000);
  assert.equal(await toast.count(), 0);
  await save();
  await toast.locator('button').click();
  assert.equal(await toast.count(), 0);
  await page.reload();
  assert.equal(await toast.count(), 0, 'it is said once');
});

test('a form pressed twice is sent once', async (t) => {
  const visitor = await member(t, /murat@/);
  const { page } = visitor;
  await page.goto(`${HOME}/vendors/new`);
  await page.locator('main [name=name]').fill('Twice and Sons');
  let sent = 0;
  page.on('request', (request) => (sent += request.method() === 'POST' ? 1 : 0));
  const form = page.locator('main form');
  await go(visitor, { click: () => form.evaluate((element) => [element.requestSubmit(), element.requestSubmit()]) });
  assert.equal(sent, 1);
  await page.goto(`${HOME}/vendors?q=Twice`);
  assert.equal(await page.locator('#results tbody tr').count(), 1);
});

test('on a phone the navigation is a drawer', async (t) => {
  const visitor = await member(t, /zeynep@/, { width: 390, height: 844 });
  const { page } = visitor;
  const nav = page.locator('#sidebar nav');
  assert.equal(await nav.isVisible(), false);
  await page.locator('[data-action=open-nav]').click();
  await nav.waitFor();
  await page.keyboard.press('Escape');
  await nav.waitFor({ state: 'hidden' });
  await page.locator('[data-action=open-nav]').click();
  await go(visitor, nav.locator(`a[href="${HOME}/assets"]`));
  assert.equal(path(visitor), `${HOME}/assets`);
});
