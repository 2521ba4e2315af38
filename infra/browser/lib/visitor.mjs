// Somebody in front of a browser. Whatever goes wrong under their hands fails their test: errors on the console, errors of
// scripts, violations of the content security policy, requests that fail, answers of 400 and above.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

export const url = process.env.MILLWRIGHT_URL;

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** Milliseconds anything may take that a person waits for. */
const PATIENCE = 15_000;
/** WCAG 2.2 A and AA, and what the makers of axe hold good practice. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
/** A browser's own words for an answer that is counted by its status already. */
const STATUS_NOTE = 'Failed to load resource: the server responded with a status of';

let browser;

async function launched() {
  browser ??= chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  return browser;
}

after(async () => (await browser)?.close());

function reportViolations() {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`content security policy: ${event.violatedDirective} refuses ${event.blockedURI}`);
  });
}

export class Visitor {
  #trouble = [];

  /**
   * Opens a browser window of its own for the test `t`, and closes it with the test.
   * Options: `js` (script runs), `width`, `height`, and whatever Playwright's newContext takes.
   */
  static async open(t, { js = true, width = 1440, height = 900, ...options } = {}) {
    const visitor = new Visitor();
    visitor.js = js;
    visitor.context = await (await launched()).newContext({
      baseURL: url,
      javaScriptEnabled: js,
      viewport: { width, height },
      locale: 'en-GB',
      reducedMotion: 'reduce',
      ...options,
    });
    visitor.context.setDefaultTimeout(PATIENCE);
    await visitor.context.addInitScript(reportViolations);
    visitor.#listen();
    visitor.page = await visitor.context.newPage();
    t.after(() => visitor.#leave());
    return visitor;
  }

  #listen() {
    const note = (kind, text) => this.#trouble.push({ kind, text });
    this.context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type()) || message.text().startsWith(STATUS_NOTE)) return;
      note('console', `${message.text()} (${message.page()?.url()})`);
    });
    this.context.on('weberror', (error) => note('script', error.error().stack));
    this.context.on('requestfailed', (request) => {
      // leaving a page, or typing on in a filter, ends the request before: that is no failure
      const reason = request.failure()?.errorText;
      if (reason !== 'net::ERR_ABORTED') note('request', `${reason} ${request.method()} ${request.url()}`);
    });
    this.context.on('response', (response) => {
      if (response.status() >= 400) note(response.status(), `${response.request().method()} ${response.url()}`);
    });
  }

  /** Declares that one answer with this status, from an address that ends so, was part of the story. */
  expected(status, address) {
    const at = this.#trouble.findIndex(({ kind, text }) => kind === status && text.endsWith(address));
    assert.notEqual(at, -1, `no ${status} from ${address}; but ${JSON.stringify(this.#trouble)}`);
    this.#trouble.splice(at, 1);
  }

  /** Fails if anything went wrong so far. */
  calm(where = '') {
    const trouble = this.#trouble.splice(0).map(({ kind, text }) => `${kind}: ${text}`);
    assert.deepEqual(trouble, [], `trouble ${where}`);
  }

  async #leave() {
    await this.context.close();
    this.calm();
  }

  /** Looks at the page as axe does. Needs script. */
  async accessible(where = this.page.url()) {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate((rules) => axe.run({ runOnly: rules, resultTypes: ['violations'] }), RULES);
    const found = violations.flatMap(({ id, impact, nodes }) => nodes.map((node) => `${id} (${impact}): ${node.target.join(' ')} ${node.failureSummary}`));
    assert.deepEqual(found, [], `axe ${where}`);
  }
}

/** Asks again until the answer is true, for what happens behind the pages. */
export async function until(what, ask) {
  const end = Date.now() + PATIENCE;
  while (!(await ask())) {
    assert.ok(Date.now() < end, `${what}: not within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
