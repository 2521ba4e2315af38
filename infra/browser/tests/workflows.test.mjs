// A company takes its workflow over: writes it, sees a mistake at its line as it types, tries it, publishes, carries records
// over, goes back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as people from '../lib/steps.mjs';
import { until, Visitor } from '../lib/visitor.mjs';

const COMPANY = 'dala-demo';
const AT = `/${COMPANY}/settings/workflows/work_order`;

/** Presses one of the editor's buttons. */
const press = (visitor, name) => people.go(visitor, visitor.page.locator(`button[name="do"][value="${name}"]`));

/** The text in the editor, changed. */
async function rewrite(visitor, change) {
  const text = visitor.page.locator('textarea[name="source"]');
  const before = await text.inputValue();
  const after = change(before);
  assert.notEqual(after, before, 'the text to change is in the file');
  await text.fill(after);
}

test('a workflow is edited, checked as one types, tested, published, migrated to and taken back', async (t) => {
  const admin = await Visitor.open(t);
  await people.logIn(admin, people.demo(/aigul@/));
  await admin.page.goto(`/${COMPANY}/`);
  await people.go(admin, admin.page.locator('.sidenav a[href$="/settings/workflows"]'));
  await people.go(admin, admin.page.locator('main tbody a').first());
  assert.equal(people.path(admin), AT);
  assert.ok((await admin.page.locator('svg.wf-diagram .wf-state').count()) >= 8, 'every state is drawn');
  assert.match(await admin.page.locator('svg.wf-diagram').innerHTML(), / · \d+</, 'with its records');

  // a mistake shows at its line while one types, and goes when it is mended
  await people.go(admin, admin.page.locator(`a[href="${AT}/edit"]`));
  await rewrite(admin, (text) => text.replace('doc.assignee == actor.id', 'doc.asignee == actor.id'));
  const finding = admin.page.locator('#findings li[data-line][data-tone="danger"]').first();
  await until('the mistake is found', async () => (await finding.count()) === 1);
  const line = Number(await finding.getAttribute('data-line'));
  const wrong = admin.page.locator('.editor-lines i[data-wrong="danger"]').first();
  assert.equal(await wrong.innerText(), String(line), 'the line is marked');
  const typed = await admin.page.locator('textarea[name="source"]').inputValue();
  assert.match(typed.split('\n')[line - 1], /asignee/);
  await finding.click();
  assert.ok(await admin.page.locator('textarea[name="source"]').evaluate((field) => field === document.activeElement));
  await rewrite(admin, (text) => text.replace('doc.asignee', 'doc.assignee').replace('  waiting_parts: {category: waiting, tone: warn}', '  waiting_parts: {category: waiting, tone: danger}'));
  await until('the mistake is gone', async () => (await admin.page.locator('#findings li[data-line][data-tone="danger"]').count()) === 0);

  // its tests are played, it is published, and the diagram shows the new version
  await press(admin, 'test');
  assert.equal(await admin.page.locator('[aria-labelledby="tests"] li[data-tone="danger"]').count(), 0);
  assert.ok((await admin.page.locator('[aria-labelledby="tests"] li[data-tone="success"]').count()) > 5);
  await people.fill(admin, { note: 'waiting is shown in red' });
  await press(admin, 'publish');
  assert.equal(people.path(admin), AT);
  assert.match(await admin.page.locator('main').innerText(), /waiting is shown in red/);

  // running records stay until they are migrated, after a look
  await people.go(admin, admin.page.locator(`a[href="${AT}/migrate"]`));
  const rows = await admin.page.locator('main tbody tr').count();
  assert.ok(rows > 0, 'records of the shipped version are there to be moved');
  await press(admin, 'try');
  assert.equal(await admin.page.locator('main tbody tr').count(), rows, 'a look moves nothing');
  await press(admin, 'go');
  await until('all have come over', async () => {
    await admin.page.goto(`${AT}/migrate`);
    return (await admin.page.locator('main tbody tr').count()) === 0;
  });

  // back to the shipped file
  await admin.page.goto(AT);
  await admin.page.locator(`details:has(form[action="${AT}/follow"]) > summary`).click();
  await people.go(admin, admin.page.locator(`form[action="${AT}/follow"] button`));
  assert.equal(await admin.page.locator(`form[action="${AT}/follow"]`).count(), 0, 'there is nothing to go back from');

  const technician = await Visitor.open(t);
  await people.logIn(technician, people.demo(/sergey@/));
  await technician.page.goto(`/${COMPANY}/`);
  assert.equal(await technician.page.locator('.sidenav a[href*="settings/workflows"]').count(), 0);
});
