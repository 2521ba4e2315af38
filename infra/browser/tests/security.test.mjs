// What only a browser can show of the rules for sessions, foreign sites and texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, fill, go, logIn, logOut, path, send } from '../lib/steps.mjs';
import { serve } from '../lib/stranger.mjs';
import { url, Visitor } from '../lib/visitor.mjs';

const HOME = '/demo-lojistik';
const DAY = 24 * 3600;
const session = async (visitor) => (await visitor.context.cookies(url)).find(({ name }) => name.endsWith('session'));

test('the session cookie is out of the reach of scripts and of other sites', async (t) => {
  const visitor = await Visitor.open(t);
  await logIn(visitor, demo(/emily@/));
  const cookie = await session(visitor);
  // __Host- and Secure need https, which a loopback address does without
  const { httpOnly, sameSite, path, secure, expires } = cookie;
  assert.deepEqual({ httpOnly, sameSite, path, secure, expires }, { httpOnly: true, sameSite: 'Lax', path: '/', secure: false, expires: -1 });
  assert.ok(Buffer.from(cookie.value, 'base64url').length >= 32, '256 bits');
  assert.doesNotMatch(await visitor.page.evaluate(() => document.cookie), /session/);

  const remembered = await Visitor.open(t);
  await remembered.page.goto('/login');
  await remembered.page.locator('[name=remember]').check();
  const { email, password } = demo(/emily@/);
  await fill(remembered, { email, password });
  await send(remembered);
  const days = ((await session(remembered)).expires - Date.now() / 1000) / DAY;
  assert.ok(days > 89 && days <= 90.1, `remembered for ${days} days`);
});

test('a cookie is worth nothing after logout, and Back shows nothing', async (t) => {
  const visitor = await Visitor.open(t);
  const { page, context } = visitor;
  await logIn(visitor, demo(/emily@/));
  const old = await session(visitor);
  await page.goto(`${HOME}/work-orders`);
  await logOut(visitor);
  assert.equal(await session(visitor), undefined);
  await page.goBack();
  assert.match(path(visitor), /^\/login/, 'pages are not kept');
  await context.addCookies([old]);
  await page.goto(`${HOME}/work-orders`);
  assert.match(path(visitor), /^\/login\?next=/);
});

test('a login ends the session the browser had', async (t) => {
  const visitor = await Visitor.open(t);
  const account = demo(/emily@/);
  await visitor.page.goto('/login');
  const late = { ...visitor, page: await visitor.context.newPage() };
  await late.page.goto('/login');
  await logIn(visitor, account);
  const first = await session(visitor);
  await fill(late, { email: account.email, password: account.password });
  await send(late);
  const second = await session(visitor);
  assert.notEqual(second.value, first.value);
  await visitor.context.addCookies([first]);
  await visitor.page.goto(`${HOME}/work-orders`);
  assert.match(path(visitor), /^\/login/);
});

/** Pages on which an administrator finds every kind of form. */
const FORMS = ['', 'people', 'invitations/new', 'roles/new', 'notifications', 'vendors', 'assets/new', 'work-orders/new', 'work-orders/board'];

/** Every form on these pages that changes something: address and fields. */
async function forms(visitor) {
  const found = new Map();
  const collect = async (address) => {
    await visitor.page.goto(address);
    const here = await visitor.page.locator('form[method=post]').evaluateAll((all) =>
      all.map((form) => ({ action: form.action, body: new URLSearchParams(new FormData(form)).toString() })),
    );
    here.forEach((form) => found.set(form.action, form));
  };
  for (const page of FORMS) {
    await collect(`${HOME}/${page}`);
    const first = visitor.page.locator('#results tbody a').first();
    if ((await first.count()) > 0) await collect(await first.getAttribute('href'));
  }
  await collect('/profile');
  return [...found.values()];
}

/** Sends a form as people do; runs in the page. */
function sendForm(action) {
  const form = Object.assign(document.createElement('form'), { method: 'post', action });
  document.body.append(form);
  form.submit();
}

test('no form is accepted from another origin, not even where our cookie comes with it', async (t) => {
  const port = await serve(t);
  const visitor = await Visitor.open(t);
  const { page } = visitor;
  await logIn(visitor, demo(/elif@/));
  const all = await forms(visitor);
  assert.ok(all.length > 20, `${all.length} forms`);
  // to another port of the same host browsers send our cookie, to another host they do not
  for (const [host, cookie] of [['127.0.0.1', true], ['localhost', false]]) {
    await page.goto(`http://${host}:${port}/`);
    for (const { action, body } of all) {
      const answered = page.waitForResponse((response) => response.url() === action);
      await page.evaluate(
        ([to, fields]) => fetch(to, { method: 'POST', mode: 'no-cors', credentials: 'include', body: new URLSearchParams(fields) }),
        [action, body],
      );
      assert.equal((await answered).status(), 403, action);
      visitor.expected(403, ` ${action}`);
    }
    const answered = page.waitForResponse(`${url}/logout`);
    await go(visitor, { click: () => page.evaluate(sendForm, `${url}/logout`) });
    const response = await answered;
    assert.equal(response.status(), 403);
    assert.equal(/session=/.test((await response.request().allHeaders()).cookie), cookie, `our cookie from ${host}`);
    visitor.expected(403, '/logout');
  }
  await page.goto(`${HOME}/`);
  assert.equal(path(visitor), `${HOME}/`, 'the session lives on');
});

test('a text that looks like markup is a text', async (t) => {
  const visitor = await Visitor.open(t);
  const { page } = visitor;
  await logIn(visitor, demo(/elif@/));
  const name = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}';
  page.on('dialog', (dialog) => assert.fail(dialog.message()));
  await page.goto(`${HOME}/vendors/new`);
  await page.locator('main [name=name]').fill(name);
  await send(visitor);
  assert.equal(await page.locator('h1').innerText(), name);
  await page.goto(`${HOME}/vendors?q=onerror`);
  await go(visitor, page.getByRole('link', { name, exact: true }));
  await page.goto(`${page.url()}/edit`);
  assert.equal(await page.locator('main [name=name]').inputValue(), name);
  await page.goto(`${HOME}/work-orders?q=${encodeURIComponent(name)}`);
  assert.equal(await page.locator('.filters [name=q]').inputValue(), name);
  assert.equal(await page.locator('main img, main script').count(), 0);
});

test('an unknown page and a page of another company are the same answer', async (t) => {
  const visitor = await Visitor.open(t);
  const { page } = visitor;
  await logIn(visitor, demo(/emily@/));
  const seen = [];
  for (const address of ['/dala-demo/work-orders', '/no-such-company/work-orders']) {
    await page.goto(address);
    visitor.expected(404, address);
    seen.push((await page.locator('main').innerText()).replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, ''));
  }
  assert.equal(seen[0], seen[1]);
});
