// Coming in by mistake and by forgetfulness: a wrong password, a forgotten one, with script and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { demo, fill, go, letter, logIn, onboard, path, PASSWORD, send, signUp } from '../lib/steps.mjs';
import { Visitor } from '../lib/visitor.mjs';

/** What each language says of a wrong address or password. */
const WRONG = {
  'kk-KZ': 'Email немесе құпиясөз қате.',
  'ru-RU': 'Неверный email или пароль.',
  'en-GB': 'The email or the password is wrong.',
  'tr-TR': 'E-posta ya da parola hatalı.',
};
const NEW_PASSWORD = 'an even quieter mill at dusk';

for (const js of [true, false]) {
  test(`a wrong password is told in the reader's language, ${js ? 'with' : 'without'} script`, async (t) => {
    const { email } = demo(/murat@/);
    for (const [locale, sentence] of Object.entries(WRONG)) {
      const visitor = await Visitor.open(t, { js, locale });
      const { page } = visitor;
      await page.goto('/login');
      // an address nobody has is answered like one that somebody has
      await fill(visitor, { email: locale === 'en-GB' ? email : `nobody-${js}-${locale}@nowhere.example`, password: 'not the password at all' });
      await send(visitor, 'main form');
      visitor.expected(422, '/login');
      assert.equal(path(visitor), '/login');
      assert.equal(await page.locator('#f-password-error').innerText(), sentence);
      assert.equal(await page.locator('main [name=password]').inputValue(), '', 'a password is never sent back');
      assert.notEqual(await page.locator('main [name=email]').inputValue(), '', 'what was typed stays');
      if (js) await visitor.accessible(`login refused, ${locale}`);
    }
  });

  test(`a forgotten password is replaced by a letter, ${js ? 'with' : 'without'} script`, async (t) => {
    const town = js ? 'taraz' : 'izmir';
    const email = `admin@${town}.example`;
    const operator = await Visitor.open(t);
    await logIn(operator, demo(/operator/));
    const key = await onboard(operator, { name: `Mill of ${town}`, email });
    const company = await signUp(await Visitor.open(t), { email, key, name: 'Aigerim Admin' });

    const visitor = await Visitor.open(t, { js });
    const { page } = visitor;
    await page.goto('/login');
    await go(visitor, page.locator('main a[href="/forgot"]'));
    await fill(visitor, { email });
    await send(visitor);
    assert.ok((await page.locator('main').innerText()).includes(email));
    await letter(visitor, email, '/reset/');
    await go(visitor, page.locator('main a[href*="/reset/"]').first());
    const link = path(visitor);
    await fill(visitor, { password: 'short' });
    await send(visitor);
    visitor.expected(422, link);
    assert.equal(await page.locator('#f-password-error').count(), 1);
    await fill(visitor, { password: NEW_PASSWORD });
    await send(visitor);
    assert.equal(path(visitor), '/login');

    await page.goto(link);
    visitor.expected(404, link);
    assert.equal(await page.locator('main form [name=password]').count(), 0, 'the link works once');
    await page.goto('/login');
    await fill(visitor, { email, password: PASSWORD });
    await send(visitor, 'main form');
    visitor.expected(422, '/login');
    assert.equal(await page.locator('#f-password-error').count(), 1, 'the old password is gone');
    await fill(visitor, { email, password: NEW_PASSWORD });
    await send(visitor, 'main form');
    assert.equal(path(visitor), `/${company}/`);
  });
}
