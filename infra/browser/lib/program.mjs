// `millwright up` in a folder of its own that is gone afterwards.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What `up` says last before it waits. */
const READY = 'Ctrl-C';
/** Milliseconds the program may take to end: it lets requests and jobs finish first. */
const PATIENCE = 60_000;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Answers `{url, accounts: [{who, email, password}], stop}` once everything runs; `stop` answers what went wrong inside.
 * `abort` is a signal that ends it at any time.
 */
export async function start(program, abort) {
  const folder = mkdtempSync(join(tmpdir(), 'millwright-browser-'));
  // PostgreSQL's system user walks through it
  chmodSync(folder, 0o755);
  const listen = `127.0.0.1:${await freePort()}`;
  // one pipe for both streams keeps their lines in order; an empty environment keeps other databases out
  const child = spawn('/bin/sh', ['-c', 'exec "$0" --log-format json up --listen "$1" 2>&1', program, listen], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, RUST_LOG: 'warn' },
    // a Ctrl-C reaches it through us, in order
    detached: true,
  });
  abort.addEventListener('abort', () => child.kill('SIGTERM'));
  const ended = once(child, 'exit');
  const lines = [];
  const ready = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.startsWith(READY)) resolve();
    });
    child.on('exit', () => reject(new Error(`the program ended:\n${lines.join('\n')}`)));
  });

  async function stop() {
    const impatience = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    if (child.exitCode === null) child.kill('SIGTERM');
    const [code, signal] = await ended;
    clearTimeout(impatience);
    rmSync(folder, { recursive: true, force: true });
    const failures = lines.filter((line) => /"level":"ERROR"|panicked at/.test(line));
    return code === 0 ? failures : [...failures, `the program ended with ${code ?? signal}`];
  }

  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: `http://${listen}`, accounts: accounts(lines), stop };
}

/** The accounts `up` prints: who, email and password, each line indented, columns two spaces apart. */
function accounts(lines) {
  const rows = lines.filter((line) => line.startsWith('  ')).map((line) => line.trim().split(/ {2,}/));
  return rows.filter((row) => row.length === 3).map(([who, email, password]) => ({ who, email, password }));
}
