// graphile-worker and pg-boss under the same load: `node peers.mjs ENGINE URL JOBS PROBES FLOOD` prints a figure a line.
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';

const [engine, url, ...numbers] = process.argv.slice(2);
const [JOBS, PROBES, FLOOD] = numbers.map(Number);
const WRITERS = 16;
const GAP = 20;

let ran = 0;
const begun = new Map();
const work = (payload) => {
  ran += 1;
  if (payload?.probe) begun.set(payload.probe, performance.now());
};

async function graphile(batched) {
  const { makeWorkerUtils, run, Logger } = await import('graphile-worker');
  const logger = new Logger(() => () => {});
  const pool = new pg.Pool({ connectionString: url, max: WRITERS });
  pool.on('error', () => {});
  pool.on('connect', (client) => client.on('error', () => {}));
  const utils = await makeWorkerUtils({ pgPool: pool, logger });
  await utils.migrate();
  const tuned = { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 };
  const preset = batched ? { worker: tuned } : undefined;
  return {
    add: (payload) => utils.addJob('noop', payload),
    fill: (count) => pool.query(`select graphile_worker.add_job('noop', '{}') from generate_series(1, $1)`, [count]),
    empty: () => pool.query('truncate graphile_worker._private_jobs'),
    left: async () => Number((await pool.query('select count(*) from graphile_worker._private_jobs')).rows[0].count),
    async start() {
      const runner = await run({
        connectionString: url, concurrency: 64, maxPoolSize: 8, noHandleSignals: true, pollInterval: 1000, logger, preset,
        taskList: { noop: async (payload) => work(payload) },
      });
      return () => runner.stop();
    },
    async end() {
      await utils.release();
      await pool.end();
    },
  };
}

async function boss() {
  const { default: PgBoss } = await import('pg-boss');
  const pgboss = new PgBoss({ connectionString: url, max: WRITERS, supervise: false, schedule: false });
  pgboss.on('error', (error) => console.error(error));
  await pgboss.start();
  await pgboss.createQueue('noop');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  return {
    add: (payload) => pgboss.send('noop', payload),
    async fill(count) {
      for (let at = 0; at < count; at += 5000) {
        await pgboss.insert(Array.from({ length: Math.min(5000, count - at) }, () => ({ name: 'noop', data: {} })));
      }
    },
    empty: () => pool.query(`delete from pgboss.job where name = 'noop'`),
    left: async () => Number((await pool.query(`select count(*) from pgboss.job where name = 'noop' and state < 'completed'`)).rows[0].count),
    async start() {
      // the shortest pause between two looks it allows
      const ids = await Promise.all(Array.from({ length: 4 }, () =>
        pgboss.work('noop', { batchSize: 500, pollingIntervalSeconds: 0.5 }, async (jobs) => jobs.forEach((job) => work(job.data)))));
      return () => Promise.all(ids.map((id) => pgboss.offWork({ id })));
    },
    async end() {
      await pgboss.stop({ graceful: false });
      await pool.end();
    },
  };
}

const queue = await { graphile: () => graphile(false), 'graphile-batched': () => graphile(true), 'pg-boss': boss }[engine]();
const say = (name, figure) => console.log(`${name} ${figure.toFixed(1)}`);

async function timed(count, what) {
  const began = performance.now();
  await what();
  return (count / (performance.now() - began)) * 1000;
}

async function until(done) {
  while (!(await done())) await pause(2);
}

async function drained(count) {
  await until(() => ran >= count);
  await until(async () => (await queue.left()) === 0);
}

async function fresh() {
  ran = 0;
  await queue.empty();
}

async function probe(sent) {
  const name = `p${sent.length}-${Math.random()}`;
  await queue.add({ probe: name });
  sent.push([name, performance.now()]);
}

function waits(sent) {
  return sent.map(([name, at]) => Math.max(0, begun.get(name) - at)).sort((a, b) => a - b);
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * share) / 100))];

await fresh();
const each = Math.min(JOBS, 10_000);
say('enqueue_1', await timed(each, () => Promise.all(Array.from({ length: WRITERS }, async (_, writer) => {
  for (let at = writer; at < each; at += WRITERS) await queue.add({});
}))));

await fresh();
await queue.fill(JOBS);
let stop;
say('execute_1', await timed(JOBS, async () => {
  stop = await queue.start();
  await drained(JOBS);
}));
await stop();

await fresh();
stop = await queue.start();
await pause(1000);
const idle = [];
for (let at = 0; at < PROBES; at += 1) {
  await probe(idle);
  await pause(GAP);
}
await until(() => idle.every(([name]) => begun.has(name)));
await stop();
const idles = waits(idle);
say('idle_p50', percentile(idles, 50));
say('idle_p99', percentile(idles, 99));

await fresh();
await queue.fill(FLOOD);
const sent = [];
const rate = await timed(FLOOD, async () => {
  stop = await queue.start();
  while (ran < FLOOD * 0.99) {
    await probe(sent);
    await pause(GAP);
  }
  await drained(FLOOD + sent.length);
});
await stop();
say('flood_execute', rate);
const flooded = waits(sent);
say('flood_p50', percentile(flooded, 50));
say('flood_p99', percentile(flooded, 99));
await queue.end();
process.exit(0);
