// Whoever is away hands their decisions to a colleague, from the profile, and takes them back: with script and without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as people from '../lib/steps.mjs';
import { Visitor } from '../lib/visitor.mjs';

const AT = '/dala-demo/delegations';

/** A moment so many days on, as a field for one takes it. */
const day = (days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 16);

for (const js of [true, false]) {
  test(`decisions are handed over and taken back ${js ? 'with' : 'without'} script`, async (t) => {
    const admin = await Visitor.open(t, { js });
    await people.logIn(admin, people.demo(/aigul@/));
    await admin.page.goto('/profile');
    await people.go(admin, admin.page.locator(`main a[href="${AT}"]`));
    assert.equal(people.path(admin), AT);
    const colleague = await admin.page.locator('select[name="delegate_id"] option').nth(1).innerText();

    // the wrong way round it is refused, and what was typed stays
    const from = day(9);
    await people.fill(admin, { delegate_id: colleague, starts_at: from, ends_at: day(2) });
    await people.send(admin, `main form[action="${AT}"]`);
    admin.expected(422, AT);
    assert.equal(await admin.page.locator('#f-ends_at-error').count(), 1);
    assert.equal((await admin.page.locator('[name="starts_at"]').inputValue()).slice(0, 10), from.slice(0, 10));

    await people.fill(admin, { starts_at: day(2), ends_at: day(9) });
    await people.send(admin, `main form[action="${AT}"]`);
    const given = admin.page.locator('[aria-labelledby="given"] li');
    assert.equal(await given.count(), 1);
    assert.match(await given.innerText(), new RegExp(colleague.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    await people.go(admin, given.locator('form button'));
    assert.equal(await given.count(), 0, 'the seat is one’s own again');
  });
}
