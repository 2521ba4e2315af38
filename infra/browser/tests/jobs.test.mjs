// The operator looks at the queue, without a line of script: what was done, what is in it, one job and what may be done with it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, go, logIn, onboard, path } from '../lib/steps.mjs';
import { until, Visitor } from '../lib/visitor.mjs';

const JOBS = '/platform/jobs';

test('the operator finds a job, sees nothing personal in it, and does with it what may be done', async (t) => {
  const visitor = await Visitor.open(t, { js: false });
  const { page } = visitor;
  await logIn(visitor, demo(/operator/));
  await onboard(visitor, { name: 'Jobs of Atbasar', email: 'somebody@atbasar.example' });
  await go(visitor, page.locator(`nav a[href="${JOBS}"]`).first());
  assert.equal(path(visitor), JOBS);
  assert.equal(await page.locator('section:has(#lanes) tbody tr').count(), 2, 'both lanes');
  // the letter with the company's key is done in a moment
  await until('the letter is written', async () => {
    await page.goto(`${JOBS}?q=identity.signup_key&state=done`);
    return (await page.locator('#results tbody tr').count()) > 0;
  });
  await page.locator('.filters input[name=q]').fill('identity.signup_key');
  await page.locator('.filters select[name=state]').selectOption('done');
  await go(visitor, page.locator('.filters button'));
  assert.match(path(visitor), /q=identity\.signup_key&state=done/);
  await go(visitor, page.locator('#results tbody td.main a').first());
  const text = await page.locator('main').innerText();
  assert.ok(!text.includes('somebody@atbasar.example'), 'no address is shown');
  assert.match(await page.locator('pre').first().innerText(), /"company": "[0-9a-f-]{36}"/);
  assert.equal(await page.locator('main form[method=post]').count(), 0, 'what is done is done');
});
