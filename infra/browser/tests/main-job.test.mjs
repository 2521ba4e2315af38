// The main job, from an empty company to finished work: with script, and once more without a line of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as people from '../lib/steps.mjs';
import { until, Visitor } from '../lib/visitor.mjs';

for (const js of [true, false]) {
  test(`a company is onboarded and its work orders travel the whole way, ${js ? 'with' : 'without'} script`, async (t) => {
    const open = () => Visitor.open(t, { js });
    const town = js ? 'aktobe' : 'bursa';
    const at = (who) => `${who}@${town}.example`;

    // the operator adds a company and is shown its key once
    const operator = await open();
    await people.logIn(operator, people.demo(/operator/i));
    assert.equal(people.path(operator), '/platform/companies');
    const key = await people.onboard(operator, { name: `Works of ${town}`, email: at('admin'), seats: 3 });
    await operator.page.goto('/platform/companies');
    await people.go(operator, operator.page.getByRole('link', { name: `Works of ${town}` }));
    assert.equal(await operator.page.locator('main code').count(), 0, 'the key is shown once');

    // the first person signs up in three steps and finds a company that is ready
    const admin = await open();
    const company = await people.signUp(admin, { email: at('admin'), key, name: 'Aliya Admin' });
    assert.equal(people.path(admin), `/${company}/`);
    assert.equal(await admin.page.locator('.toast-card').count(), 1);
    await people.addAsset(admin, company, { name: 'Rotary kiln 2', tag: 'KILN-2' });

    // a technician and a manager are invited by letter and come in
    const [technician, manager] = [await open(), await open()];
    for (const [visitor, role, name] of [[technician, 'Technician', 'Timur Technician'], [manager, 'Manager', 'Madina Manager']]) {
      await people.invite(admin, company, { email: at(role.toLowerCase()), name, role });
      await people.accept(visitor, { email: at(role.toLowerCase()), name });
      assert.equal(people.path(visitor), `/${company}/`);
    }
    await admin.page.goto(`/${company}/people`);
    assert.equal(await admin.page.locator('#results tbody tr').count(), 3);

    // the technician writes an order, which waits; the page says why they cannot approve it
    const order = { title: 'Kiln shell runs hot', asset_id: 'Rotary kiln 2', assignee_id: 'Timur Technician' };
    const number = await people.createOrder(technician, company, order);
    assert.equal(await people.state(technician), 'warn');
    const approve = technician.page.locator('button[aria-describedby="why-approve"]');
    assert.ok(await approve.isDisabled(), 'who may not approve is shown the button, off');
    assert.match(await technician.page.locator('#why-approve').innerText(), /Manager/, 'and who may');

    // the manager is told by bell and letter, follows the notification, approves
    const page = `/${company}/work-orders/${number}`;
    await people.letter(manager, at('manager'), page);
    await people.go(manager, manager.page.locator(`main a[href$="${page}"]`).first());
    assert.equal(people.path(manager), page);
    assert.equal(await manager.page.locator('.bell-count').innerText(), '1');
    await manager.page.goto(`/${company}/notifications`);
    await people.go(manager, manager.page.getByRole('button', { name: new RegExp(`^(?!Mark).*${number}`) }));
    assert.equal(people.path(manager), page, 'a notification leads to its record');
    assert.equal(await manager.page.locator('.bell-count').count(), 0, 'and is read then');
    await people.press(manager, 'approve');
    assert.equal(await people.state(manager), 'info');

    // the technician hears of it, starts, finishes with what was done
    await until('the technician is told', async () => {
      await technician.page.goto(page);
      return (await technician.page.locator('.bell-count').count()) === 1;
    });
    await people.press(technician, 'start');
    assert.equal(await people.state(technician), 'progress');
    await people.answer(technician, 'complete', { resolution: 'Refractory patched, shell at 210 °C' });
    assert.equal(await people.state(technician), 'success');
    assert.match(await technician.page.locator('main').innerText(), /Refractory patched/);

    // the history holds every step, with its author
    const history = technician.page.locator('.timeline > li');
    assert.equal(await history.count(), 4);
    assert.match(await history.filter({ hasText: 'Approve' }).innerText(), /Madina Manager/);
    assert.equal(await history.filter({ hasText: 'Timur Technician' }).count(), 3);

    // another order is rejected, which takes a reason; its author learns it
    const second = await people.createOrder(technician, company, { ...order, title: 'Repaint the kiln' });
    await manager.page.goto(`/${company}/work-orders/${second}`);
    assert.equal(await manager.page.locator('#do-reject textarea:invalid').count(), 1, 'without a reason the form is not sent');
    await people.answer(manager, 'reject', { reason: 'Painted in spring' });
    assert.equal(await people.state(manager), 'danger');
    await technician.page.goto(`/${company}/work-orders/${second}`);
    assert.equal(await people.state(technician), 'danger');
    assert.match(await technician.page.locator('.timeline blockquote').first().innerText(), /Painted in spring/);
    await people.letter(technician, at('technician'), `/work-orders/${second}`);

    // a manager's own order opens at once
    await people.createOrder(manager, company, { ...order, title: 'Grease the trunnions' });
    assert.equal(await people.state(manager), 'info');
  });
}
