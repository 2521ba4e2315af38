// Lists as files: asked for as they are on the screen, followed, fetched, stopped, sent on a schedule.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { demo, go, logIn, path, send } from '../lib/steps.mjs';
import { until, url, Visitor } from '../lib/visitor.mjs';

const HOME = '/dala-demo';
const EXPORTS = `${HOME}/exports`;
/** Documents that keep the worker busy for a while, so that what is asked for after them is seen to wait. */
const PILE = 6;

async function member(t, who, options) {
  const visitor = await Visitor.open(t, options);
  await logIn(visitor, demo(who));
  return visitor;
}

async function post(resource, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/api/v1/${resource}`, { method: 'POST', headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${resource}: ${answer.status}`);
  return answer.json();
}

/** Somebody of the same company asks for much. */
async function pile() {
  const { email, password } = demo(/marat@/);
  const { access_token: token } = await post('auth/login', { email, password });
  for (let number = 0; number < PILE; number += 1) await post('exports', { list: 'work_orders', format: 'pdf' }, token);
}

/** Asks for the vendors of a kind as a file. */
async function ask(visitor, format) {
  const { page } = visitor;
  await page.goto(`${HOME}/vendors?kind=service`);
  await go(visitor, page.locator('a[href*="/exports/new"]'));
  await page.locator(`main [name=format][value=${format}]`).check();
  await send(visitor);
  assert.equal(path(visitor), EXPORTS);
}

async function download({ page }) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('main tbody tr').first().locator('a[download]').click()]);
  return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
}

for (const js of [true, false]) {
  test(`a filtered list is asked for, waited for and downloaded, ${js ? 'with' : 'without'} script`, async (t) => {
    const visitor = await member(t, /olga@/, { js });
    const { page } = visitor;
    await pile();
    await ask(visitor, 'csv');
    const row = page.locator('main tbody tr').first();
    assert.equal(await row.locator('form[action$="/cancel"]').count(), 1, 'it waits its turn');
    let loads = 0;
    page.on('load', () => { loads += 1; });
    await until('the file is ready', async () => (await row.locator('a[download]').count()) === 1);
    assert.equal(loads === 0, js, 'with script the page stays, without it is loaded again');
    const { name, bytes } = await download(visitor);
    assert.match(name, /^vendors-dala-demo-\d{4}-\d\d-\d\d\.csv$/);
    const lines = bytes.toString('utf8').trim().split('\r\n');
    assert.ok(lines.some((line) => line.includes('Демо Гидравлика')), lines.join('\n'));
    assert.ok(!lines.some((line) => line.includes('Демо Шина')), 'the filter holds in the file');
    await go(visitor, row.locator('form[action$="/delete"] button'));
    assert.equal(await page.locator('main a[download]').count(), 0, 'deleted, file and all');
  });
}

test('one that waits is stopped', async (t) => {
  const visitor = await member(t, /aigul@/);
  const { page } = visitor;
  await pile();
  await ask(visitor, 'xlsx');
  await go(visitor, page.locator('main tbody tr').first().locator('form[action$="/cancel"] button'));
  assert.equal(path(visitor), EXPORTS);
  assert.equal(await page.locator('main tbody tr').first().locator('form[action$="/delete"]').count(), 1, 'there is nothing left to stop');
  assert.equal(await page.locator('main tbody tr').first().locator('a[download]').count(), 0);
});

test('a document is in its reader’s language', async (t) => {
  const visitor = await member(t, /olga@/);
  await ask(visitor, 'pdf');
  const { page } = visitor;
  await until('the document is ready', async () => (await page.locator('main tbody tr').first().locator('a[download]').count()) === 1);
  const { name, bytes } = await download(visitor);
  assert.match(name, /\.pdf$/);
  assert.equal(bytes.subarray(0, 5).toString('latin1'), '%PDF-');
  // what viewers show as its title; the text itself is packed, and read by the worker's tests
  assert.ok(bytes.includes('Поставщики'), 'the title is Russian');
  assert.match(bytes.toString('latin1'), /\/Lang ?\(ru\)/);
});

test('a list is sent on a schedule, which is paused and deleted', async (t) => {
  const visitor = await member(t, /yerlan@/, { js: false });
  const { page } = visitor;
  await page.goto(`${HOME}/vendors?kind=service`);
  await go(visitor, page.locator('a[href*="/exports/new"]'));
  await go(visitor, page.locator('a[href*="/exports/schedules/new"]'));
  await page.locator('main [name=name]').fill('Қызмет көрсетушілер');
  await page.locator('main [name=at]').fill('07:30');
  assert.equal(await page.locator('main [name=recipients]:checked').count(), 1, 'oneself, to begin with');
  await send(visitor);
  assert.equal(path(visitor), `${EXPORTS}/schedules`);
  const row = page.locator('main tbody tr', { hasText: 'Қызмет көрсетушілер' });
  assert.match(await row.innerText(), /дүйсенбі сайын, 07:30/);
  await go(visitor, row.locator('a'));
  await page.locator('main [name=active]').uncheck();
  await send(visitor);
  assert.match(await row.innerText(), /Кідіртілген/);
  await go(visitor, row.locator('a'));
  await page.locator('main details summary').click();
  await go(visitor, page.locator('main details form button'));
  assert.equal(path(visitor), `${EXPORTS}/schedules`);
  assert.equal(await row.count(), 0);
});
