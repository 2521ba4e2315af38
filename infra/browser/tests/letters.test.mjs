// What reaches people away from the page in front of them: a decision from a letter, and the bell as it rings.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOrder, demo, go, letter, logIn, path, state } from '../lib/steps.mjs';
import { until, Visitor } from '../lib/visitor.mjs';

const COMPANY = 'demo-lojistik';

/** Opens a window of a member of the demonstration company. */
async function member(t, who, options) {
  const visitor = await Visitor.open(t, options);
  await logIn(visitor, demo(who));
  return visitor;
}

/** A technician asks for work, which waits for a manager. */
async function ask(technician, title) {
  await technician.page.goto(`/${COMPANY}/work-orders/new`);
  const location = await technician.page.locator('select[name=location_id] option').nth(1).innerText();
  return createOrder(technician, COMPANY, { title, location_id: location });
}

for (const js of [true, false]) {
  test(`an order is approved from the letter, ${js ? 'with' : 'without'} script and without a session`, async (t) => {
    const [technician, manager, anybody] = [await member(t, /ahmet@/), await member(t, /murat@/), await Visitor.open(t, { js })];
    const number = await ask(technician, `Forklift chain ${js}`);
    const page = `/${COMPANY}/work-orders/${number}`;
    await letter(anybody, demo(/murat@/).email, page);
    const approve = new URL(await anybody.page.locator('main a[href*="/act/"]').first().getAttribute('href')).pathname;

    // looked at, as often as anybody likes, it decides nothing
    for (let look = 0; look < 3; look += 1) await anybody.page.goto(approve);
    assert.equal(await anybody.page.locator('main form').count(), 1);
    assert.match(await anybody.page.locator('main').innerText(), new RegExp(`${number}[^]*Forklift chain`));
    await manager.page.goto(page);
    assert.equal(await state(manager), 'warn');

    await go(anybody, anybody.page.locator('main form button'));
    assert.equal(path(anybody), approve);
    assert.equal(await anybody.page.locator('.toast-card').count(), 1);
    assert.equal(await anybody.page.locator('main form').count(), 0, 'it works once');
    await manager.page.goto(page);
    assert.equal(await state(manager), 'info');
  });
}

test('the bell rings in the page in front, and falls silent when it was read elsewhere', async (t) => {
  const [technician, here, elsewhere] = [await member(t, /ahmet@/), await member(t, /murat@/), await member(t, /murat@/)];
  await elsewhere.page.goto(`/${COMPANY}/notifications`);
  if (await elsewhere.page.locator('form[action$="/read-all"]').count()) await go(elsewhere, elsewhere.page.locator('form[action$="/read-all"] button'));
  const page = `/${COMPANY}/vendors`;
  await here.page.goto(page);
  const count = here.page.locator('.topbar .bell-count');
  assert.equal(await count.count(), 0);
  await ask(technician, 'Loading dock lamp');
  await until('the bell rings', async () => (await count.count()) === 1 && (await count.innerText()) === '1');
  assert.equal(path(here), page, 'without another page');
  assert.match(await here.page.locator('#bell-said').innerText(), /1/);
  assert.match(await here.page.locator('[data-bell]').getAttribute('aria-label'), /1/);
  await elsewhere.page.goto(`/${COMPANY}/notifications`);
  await go(elsewhere, elsewhere.page.locator('form[action$="/read-all"] button'));
  await until('it falls silent', async () => (await count.count()) === 0);
});
