// What people do with the pages, with script or without. Each step starts and ends on a page; fields go by their names and
// buttons by their forms, so that every step works in every language.
import assert from 'node:assert/strict';
import { until } from './visitor.mjs';

const accounts = JSON.parse(process.env.MILLWRIGHT_ACCOUNTS);

/** A demonstration account whose description or address matches. */
export function demo(pattern) {
  const found = accounts.find(({ who, email }) => pattern.test(who) || pattern.test(email));
  assert.ok(found, `no demonstration account is ${pattern}: ${accounts.map(({ who }) => who).join(', ')}`);
  return found;
}

/** A password nobody else has. */
export const PASSWORD = 'a quiet lathe at noon';

/** A path of the page in front of the visitor, with its query. */
export function path(visitor) {
  const { pathname, search } = new URL(visitor.page.url());
  return pathname + search;
}

/** Fills in a form by the names of its fields; of a choice, the first entry whose label begins so is taken. */
export async function fill(visitor, values, form = 'main') {
  for (const [name, value] of Object.entries(values)) {
    const field = visitor.page.locator(`${form} [name="${name}"]`);
    const tag = await field.evaluate((element) => element.tagName);
    if (tag !== 'SELECT') await field.fill(value);
    else if (visitor.js && (await field.getAttribute('data-widget')) === 'combobox') await search(visitor, name, value);
    else await choose(field, value);
  }
}

async function choose(select, label) {
  const options = await select.locator('option').evaluateAll((all) => all.map((option) => [option.label, option.value]));
  const found = options.find(([each, value]) => value !== '' && each.startsWith(label));
  assert.ok(found, `${label} is not among ${options.map(([each]) => each).join(', ')}`);
  await select.selectOption(found[1]);
}

/** Types into the box over a select and takes the first entry offered. */
async function search(visitor, name, text) {
  const select = visitor.page.locator(`select[name="${name}"]`);
  const box = visitor.page.locator('.combobox-box', { has: select });
  await box.getByRole('combobox').fill(text);
  await box.getByRole('option', { name: text }).first().click();
  assert.notEqual(await select.inputValue(), '', `${text} was not chosen`);
}

/** Sends a form and waits for the page it leads to. A button that only looks for an entry of a choice does not send it. */
export async function send(visitor, form = 'main form') {
  await go(visitor, visitor.page.locator(form).locator('button:not([type=button]):not([name=find])').first());
}

/** Presses something that leads to another page, and waits for that. */
export async function go(visitor, pressed) {
  const answered = visitor.page.waitForEvent('framenavigated', (frame) => frame === visitor.page.mainFrame());
  // together, so that what cannot be pressed is told as such
  await Promise.all([pressed.click(), answered]);
  await visitor.page.waitForLoadState('load');
}

export async function logIn(visitor, { email, password }) {
  await visitor.page.goto('/login');
  await fill(visitor, { email, password });
  await send(visitor, 'main form');
  assert.notEqual(new URL(visitor.page.url()).pathname, '/login');
}

/** Leaves by the account's menu. */
export async function logOut(visitor) {
  const form = visitor.page.locator('form[action="/logout"]');
  await visitor.page.locator('.topbar details.menu', { has: form }).locator('summary').click();
  await go(visitor, form.locator('button'));
}

/** An operator adds a company; answers its signup key, which is shown once. */
export async function onboard(visitor, { name, email, seats = 10 }) {
  await visitor.page.goto('/platform/companies');
  await go(visitor, visitor.page.locator('main a[href="/platform/companies/new"]').first());
  await fill(visitor, { name, contact_email: email, seats: String(seats) });
  await send(visitor);
  const key = (await visitor.page.locator('main code').innerText()).trim();
  assert.match(key, /^\S{20,}$/);
  return key;
}

/** A company's first person signs up; answers the company's name in addresses. `locale` is the company's language. */
export async function signUp(visitor, { email, key, name, locale = 'en' }) {
  await visitor.page.goto('/signup');
  await fill(visitor, { email });
  await send(visitor);
  await fill(visitor, { key });
  await send(visitor);
  await fill(visitor, { name, password: PASSWORD });
  await visitor.page.locator('main select[name=locale]').selectOption(locale);
  await send(visitor);
  return new URL(visitor.page.url()).pathname.split('/')[1];
}

/** Somebody who may invites somebody. `role` is its name in the company's language. */
export async function invite(visitor, company, { email, name, role, locale = 'en' }) {
  await visitor.page.goto(`/${company}/invitations/new`);
  await fill(visitor, { email, name, role_id: role });
  await visitor.page.locator('main select[name=locale]').selectOption(locale);
  await send(visitor);
  assert.equal(path(visitor), `/${company}/invitations`);
}

/** Somebody invited follows the letter and comes in. */
export async function accept(visitor, { email, name }) {
  await letter(visitor, email, '/invite/');
  await go(visitor, visitor.page.locator('main a[href*="/invite/"]').first());
  await fill(visitor, { name, password: PASSWORD });
  await send(visitor);
}

/** Opens the newest letter to an address that holds a link with this part, as soon as it has been sent. */
export async function letter(visitor, to, part) {
  const { page } = visitor;
  const seen = new Set();
  await until(`a letter to ${to} with a link to ${part}`, async () => {
    await page.goto('/dev/mail');
    const links = page.locator('main li').filter({ hasText: to }).locator('a');
    for (const href of await links.evaluateAll((all) => all.map((link) => link.getAttribute('href')))) {
      if (seen.has(href)) continue;
      seen.add(href);
      await page.goto(href);
      if ((await page.locator(`main a[href*="${part}"]`).count()) > 0) return true;
    }
    return false;
  });
}

/** Adds an asset of the first type, at the first location. */
export async function addAsset(visitor, company, { name, tag }) {
  await visitor.page.goto(`/${company}/assets/new`);
  await fill(visitor, { name, tag });
  for (const list of ['type_id', 'location_id']) await visitor.page.locator(`main select[name=${list}]`).selectOption({ index: 1 });
  await send(visitor);
  assert.match(path(visitor), new RegExp(`^/${company}/assets/[0-9a-f-]{36}$`));
}

/** Writes a work order; answers its number. */
export async function createOrder(visitor, company, values) {
  await visitor.page.goto(`/${company}/work-orders/new`);
  await fill(visitor, values);
  await send(visitor);
  const [, number] = path(visitor).match(new RegExp(`^/${company}/work-orders/(WO-\\d+)$`)) ?? [];
  assert.ok(number, `the new order has a page of its own, not ${path(visitor)}`);
  return number;
}

/** The tone of the order's state: the machine's own word for it, whatever the language. */
export async function state(visitor) {
  return visitor.page.locator('h1 + p .tone').first().getAttribute('data-tone');
}

/** Presses a step that asks for nothing. */
export async function press(visitor, step) {
  await send(visitor, `#do-${step}`);
}

/** Presses a step that asks for something. */
export async function answer(visitor, step, values) {
  const form = visitor.page.locator(`#do-${step}`);
  await visitor.page.locator('details', { has: form }).locator('> summary').click();
  await fill(visitor, values, `#do-${step}`);
  await send(visitor, `#do-${step}`);
}
