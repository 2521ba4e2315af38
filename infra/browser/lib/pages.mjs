// Every page there is, by who sees it. A page is an address, or steps that lead to it; `status` is its own where that is not 200.
import { demo, fill, invite, letter, logIn, onboard, send } from './steps.mjs';
import { Visitor } from './visitor.mjs';

const HOME = '/dala-demo';

/** Everybody who looks at pages. `prepare` answers the pages of somebody who may see them, in a window opened for that. */
export const READERS = [
  { name: 'anonymous', prepare: publicPages },
  { name: 'operator', account: /operator/, prepare: platformPages },
  { name: 'administrator', account: /aigul@/, prepare: companyPages },
  { name: 'technician', account: /sergey@/, prepare: technicianPages },
];

/** The first link of a list that matches. */
async function first({ page }, list, links = '#results tbody a') {
  await page.goto(list);
  return page.locator(links).first().getAttribute('href');
}

async function publicPages(visitor, t) {
  const operator = await Visitor.open(t);
  await logIn(operator, demo(/operator/));
  const email = 'first@kostanay.example';
  const key = await onboard(operator, { name: 'Қостанай Демо Астық', email });
  const admin = await Visitor.open(t);
  await logIn(admin, demo(/aigul@/));
  await invite(admin, 'dala-demo', { email: 'guest@dala-demo.example', name: 'Қонақ Қонақов', role: '', locale: 'kk' });
  await letter(visitor, 'guest@dala-demo.example', '/invite/');
  const invitation = new URL(await visitor.page.locator('main a[href*="/invite/"]').first().getAttribute('href')).pathname;
  const signUpTo = (step) => async (one) => {
    await one.page.goto('/signup');
    await fill(one, { email });
    await send(one);
    if (step === 'key') return;
    await fill(one, { key });
    await send(one);
  };
  return {
    login: '/login',
    forgot: '/forgot',
    'signup-email': '/signup',
    'signup-key': signUpTo('key'),
    'signup-account': signUpTo('account'),
    invitation,
    'letter-link-worthless': { path: '/act/worthless', status: 404 },
    'unsubscribe-worthless': { path: '/unsubscribe/worthless', status: 404 },
    'invitation-expired': { path: '/invite/worthless', status: 404 },
    reset: { path: '/reset/worthless', status: 404 },
    'api-reference': '/api/docs',
  };
}

async function platformPages(visitor) {
  await onboard(visitor, { name: 'Павлодар Демо Жылу', email: 'first@pavlodar.example' });
  const [pending] = (await visitor.page.locator('form[action$="/key"]').first().getAttribute('action')).split(/\/key$/);
  return {
    jobs: '/platform/jobs',
    'jobs-none': '/platform/jobs?q=nowhere',
    job: await first(visitor, '/platform/jobs', '#results tbody a'),
    companies: '/platform/companies',
    'companies-none': '/platform/companies?q=nowhere',
    'company-new': '/platform/companies/new',
    company: await first(visitor, '/platform/companies?q=dala', '#results tbody a'),
    'company-key': async (one) => {
      await one.page.goto(pending);
      await send(one, `form[action="${pending}/key"]`);
    },
    chooser: '/companies',
    'mail-figures': '/platform/mail',
    mail: '/dev/mail',
    letter: await first(visitor, '/dev/mail', 'main li a'),
  };
}

async function companyPages(visitor) {
  const orders = `${HOME}/work-orders`;
  const doing = await first(visitor, `${orders}?state=in_progress`);
  const narrowed = 'list=vendors&kind=service&sort=-name';
  for (const form of [`${HOME}/exports/new?${narrowed}`, `${HOME}/exports/schedules/new?${narrowed}`]) {
    await visitor.page.goto(form);
    await send(visitor);
  }
  const pages = {
    dashboard: `${HOME}/`,
    orders,
    'orders-none': `${orders}?q=nowhere`,
    board: `${orders}/board`,
    'order-new': `${orders}/new`,
    'order-wrong': {
      status: 422,
      steps: async (one) => {
        await one.page.goto(`${orders}/new`);
        await fill(one, { title: 'Сорғы дірілдейді' });
        await send(one);
      },
    },
    'order-waiting': await first(visitor, `${orders}?tab=approval`),
    'order-doing': `${doing}?do=complete`,
    'order-done': await first(visitor, `${orders}?tab=done`),
    'order-edit': `${doing}/edit`,
    people: `${HOME}/people`,
    member: await first(visitor, `${HOME}/people?q=sergey`),
    invitations: `${HOME}/invitations`,
    invite: `${HOME}/invitations/new`,
    roles: `${HOME}/roles`,
    role: await first(visitor, `${HOME}/roles`, 'main tbody tr:nth-child(2) a'),
    'role-new': `${HOME}/roles/new`,
    workflows: `${HOME}/settings/workflows`,
    workflow: `${HOME}/settings/workflows/work_order`,
    'workflow-edit': `${HOME}/settings/workflows/work_order/edit`,
    'workflow-differences': `${HOME}/settings/workflows/work_order/differences`,
    'workflow-migrate': `${HOME}/settings/workflows/work_order/migrate`,
    notifications: `${HOME}/notifications`,
    'notification-preferences': `${HOME}/notifications/preferences`,
    'message-texts': `${HOME}/settings/notifications`,
    'message-text': `${HOME}/settings/notifications/work_order.rejected/email/kk`,
    'message-log': `${HOME}/settings/notifications/log`,
    reminders: `${HOME}/settings/reminders`,
    'reminder-new': `${HOME}/settings/reminders/new`,
    exports: `${HOME}/exports`,
    'export-new': `${HOME}/exports/new?${narrowed}`,
    'export-schedules': `${HOME}/exports/schedules`,
    'export-schedule': await first(visitor, `${HOME}/exports/schedules`, 'main tbody a'),
    profile: '/profile',
    delegations: `${HOME}/delegations`,
    'service-levels': `${HOME}/service-levels`,
    'mail-server': `${HOME}/settings/mail`,
    'telegram-groups': `${HOME}/settings/telegram`,
    'not-found': { path: `${HOME}/nothing-here`, status: 404 },
  };
  for (const table of ['assets', 'locations', 'asset-types', 'categories', 'vendors']) {
    const list = `${HOME}/${table}`;
    const record = await first(visitor, list);
    Object.assign(pages, { [table]: list, [`${table}-one`]: record, [`${table}-new`]: `${list}/new` });
    Object.assign(pages, { [`${table}-edit`]: `${record}/edit`, [`${table}-delete`]: `${record}/delete` });
  }
  return pages;
}

async function technicianPages(visitor) {
  return {
    'dashboard-technician': `${HOME}/`,
    'board-technician': `${HOME}/work-orders/board`,
    'order-waiting-technician': await first(visitor, `${HOME}/work-orders?tab=approval`),
    'notifications-technician': `${HOME}/notifications`,
    'exports-none': `${HOME}/exports`,
    forbidden: { path: `${HOME}/people`, status: 403 },
  };
}
