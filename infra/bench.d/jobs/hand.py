"""A procrastinate worker process for ./matrix: `python hand.py URL`. `hold` never ends the first time, `abort` takes the process
down. Given a schema to make, or a task and a key, it does that and ends: `python hand.py URL schema`, `python hand.py URL hold k`."""

import asyncio
import os
import sys

import procrastinate
import psycopg

URL = sys.argv[1]
app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL))


async def trace(key):
    async with await psycopg.AsyncConnection.connect(URL, autocommit=True) as conn:
        await conn.execute("INSERT INTO trace (key) VALUES (%s)", (key,))
        return (await (await conn.execute("SELECT count(*) FROM trace WHERE key = %s", (key,))).fetchone())[0]


@app.task(name="hold")
async def hold(key):
    if await trace(key) == 1:
        await asyncio.Event().wait()


@app.task(name="abort")
async def abort(key):
    await trace(key)
    os.abort()


@app.task(name="quick")
async def quick(key):
    await trace(key)


async def main():
    async with app.open_async():
        if sys.argv[2:] == ["schema"]:
            await app.schema_manager.apply_schema_async()
        elif sys.argv[2:]:
            await app.configure_task(sys.argv[2]).defer_async(key=sys.argv[3])
        else:
            await app.run_worker_async(concurrency=4, install_signal_handlers=False)


asyncio.run(main())
