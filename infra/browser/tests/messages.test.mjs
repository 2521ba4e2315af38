// How people are told: preferences, a company's own words, the log, reminders. Everything here works without script, too.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, go, logIn, path, send } from '../lib/steps.mjs';
import { Visitor } from '../lib/visitor.mjs';

const HOME = '/demo-lojistik';
const TEXTS = `${HOME}/settings/notifications`;

async function member(t, who, options) {
  const visitor = await Visitor.open(t, options);
  await logIn(visitor, demo(who));
  return visitor;
}

for (const js of [true, false]) {
  test(`somebody chooses how to be told, ${js ? 'with' : 'without'} script`, async (t) => {
    const visitor = await member(t, js ? /murat@/ : /zeynep@/, { js });
    const { page } = visitor;
    await page.goto(`${HOME}/notifications`);
    await go(visitor, page.locator(`main a[href="${HOME}/notifications/preferences"]`));
    const form = `form[action="${HOME}/notifications/preferences"]`;
    await page.locator('[name="work_order.completed:email"]').selectOption('daily');
    await page.locator('[name=from]').fill('22:00');
    await page.locator('[name=until]').fill('07:00');
    await send(visitor, form);
    assert.equal(path(visitor), `${HOME}/notifications/preferences`);
    assert.equal(await page.locator('[name="work_order.completed:email"]').inputValue(), 'daily');
    assert.equal(await page.locator('[name=until]').inputValue(), '07:00');
    assert.equal(await page.locator('[name="work_order.approval_requested:email"]').count(), 0, 'what must come cannot be turned off');
    await page.locator('[name="work_order.completed:email"]').selectOption('now');
    await page.locator('[name=from]').fill('');
    await page.locator('[name=until]').fill('');
    await send(visitor, form);
    assert.equal(await page.locator('[name=from]').inputValue(), '');
  });
}

test('a company says it in its own words, and sees them before anybody else does', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  const text = `${TEXTS}/work_order.approval_requested/bell/tr`;
  await page.goto(TEXTS);
  await go(visitor, page.locator(`main a[href="${text}"]`));
  await page.locator('main [name=subject]').fill('Şef! {{number}}: {{colour}}');
  await go(visitor, page.locator('main button[name=preview]'));
  assert.match(await page.locator('#f-subject-error').textContent(), /\{\{colour\}\}/);
  visitor.expected(422, text);
  await page.locator('main [name=subject]').fill('Şef! {{number}}: {{title}}');
  await go(visitor, page.locator('main button[name=preview]'));
  assert.match(await page.locator('[aria-labelledby=preview]').textContent(), /Şef! WO-1042: /);
  await send(visitor, `form[action="${text}"]`);
  assert.equal(path(visitor), TEXTS);
  await page.goto(text);
  await send(visitor, `form[action="${text}/reset"]`);
  assert.equal(path(visitor), TEXTS);
});

test('what became of a message is in the log', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  await page.goto(`${TEXTS}/log`);
  await page.locator('main form.filters [name=state]').selectOption('skipped');
  await go(visitor, page.locator('main form.filters button'));
  assert.match(path(visitor), /state=skipped/);
});

test('a rule for reminders is added and removed', async (t) => {
  const visitor = await member(t, /elif@/);
  const { page } = visitor;
  const list = `${HOME}/settings/reminders`;
  await page.goto(`${list}/new`);
  await page.locator('main [name=name]').fill('Garanti');
  await send(visitor);
  assert.equal(path(visitor), `${list}/new`, 'nobody is to be reminded yet');
  visitor.expected(422, `${list}/new`);
  await page.locator('main [name=role]').first().check();
  await send(visitor);
  assert.equal(path(visitor), list);
  await go(visitor, page.locator('main tbody a'));
  await page.locator('main details summary').click();
  await go(visitor, page.locator('main details form button'));
  assert.equal(path(visitor), list);
  assert.equal(await page.locator('main tbody a').count(), 0);
});
