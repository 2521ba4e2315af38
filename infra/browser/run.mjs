// Starts the program, runs the test files named as arguments against it, stops it again; ends as the tests ended.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { start } from './lib/program.mjs';

const OPTIONS = ['--test', '--test-concurrency=1', '--test-reporter=spec'];

const abort = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => abort.abort());

const program = await start(process.env.PROGRAM, abort.signal);
const tests = spawn(process.execPath, [...OPTIONS, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, MILLWRIGHT_URL: program.url, MILLWRIGHT_ACCOUNTS: JSON.stringify(program.accounts) },
});
abort.signal.addEventListener('abort', () => tests.kill('SIGTERM'));
const [code] = await once(tests, 'exit');
const failures = await program.stop();
failures.forEach((line) => console.error(line));
process.exitCode = code === 0 && failures.length === 0 ? 0 : 1;
