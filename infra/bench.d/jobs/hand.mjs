// A graphile-worker process for ./matrix: `node hand.mjs URL`. `hold` never ends the first time, `abort` takes the process down.
import { run } from 'graphile-worker';
import pg from 'pg';

const connectionString = process.argv[2];
const pool = new pg.Pool({ connectionString, max: 2 });
pool.on('error', () => {});

async function trace(key) {
  const { rows } = await pool.query('insert into trace (key) values ($1) returning (select count(*) from trace where key = $1)', [key]);
  return Number(rows[0].count) + 1;
}

await run({
  connectionString, concurrency: 4, pollInterval: 500, noHandleSignals: true,
  taskList: {
    async hold({ key }) {
      if ((await trace(key)) === 1) await new Promise(() => setInterval(() => {}, 1000));
    },
    async abort({ key }) {
      await trace(key);
      process.abort();
    },
    async quick({ key }) {
      await trace(key);
    },
  },
});
