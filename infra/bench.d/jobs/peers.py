"""procrastinate and Celery under the same load: `python peers.py ENGINE URL JOBS PROBES FLOOD` prints a figure a line."""

import asyncio
import os
import subprocess
import sys
import time

# Celery's own worker imports this file, too
MEASURES = __name__ == "__main__"
ENGINE, URL = sys.argv[1:3] if MEASURES else ("celery", os.environ["BENCH_REDIS"])
JOBS, PROBES, FLOOD = (int(number) for number in sys.argv[3:6]) if MEASURES else (0, 0, 0)
WRITERS = 16
GAP = 0.02


class Procrastinate:
    """A worker of this process."""

    def __init__(self):
        import procrastinate
        import psycopg

        self.psycopg = psycopg
        self.app = procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=URL, max_size=WRITERS))
        self.begun, self.count = {}, 0

        @self.app.task(name="noop", pass_context=False)
        async def noop(probe=None):
            self.count += 1
            if probe:
                self.begun[probe] = time.time()

        self.noop = noop

    async def open(self):
        await self.app.open_async()
        await self.app.schema_manager.apply_schema_async()

    async def add(self, probe=None):
        await self.noop.defer_async(probe=probe)

    async def fill(self, count):
        for at in range(0, count, 1000):
            await self.noop.batch_defer_async(*({} for _ in range(min(1000, count - at))))

    async def sql(self, text):
        async with await self.psycopg.AsyncConnection.connect(URL, autocommit=True) as conn:
            rows = await conn.execute(text)
            return (await rows.fetchone())[0] if rows.description else None

    async def empty(self):
        self.count = 0
        await self.sql("TRUNCATE procrastinate_jobs CASCADE")

    async def ran(self):
        return self.count

    async def waited(self, sent):
        return [self.begun[name] - at for name, at in sent] if all(name in self.begun for name, _ in sent) else None

    async def left(self):
        return await self.sql("SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')")

    async def start(self):
        self.task = asyncio.create_task(self.app.run_worker_async(concurrency=64, wait=True, install_signal_handlers=False))

    async def stop(self):
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


class Celery:
    """A worker of two processes; what ran is counted in Redis."""

    def __init__(self):
        import redis

        self.redis = redis.Redis.from_url(URL)

    async def open(self):
        pass

    async def add(self, probe=None):
        noop.delay(probe)

    async def fill(self, count):
        with celery.producer_pool.acquire(block=True) as producer:
            for _ in range(count):
                noop.apply_async((None,), producer=producer)

    async def empty(self):
        self.redis.flushall()

    async def ran(self):
        return int(self.redis.get("ran") or 0)

    async def waited(self, sent):
        begun = self.redis.mget([name for name, _ in sent])
        return [float(at) - sent_at for at, (_, sent_at) in zip(begun, sent)] if all(begun) else None

    async def left(self):
        return 0

    async def start(self):
        command = [sys.executable, "-m", "celery", "-A", "peers", "worker", "-P", "prefork", "-c", "2", "--prefetch-multiplier", "64"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
        env = {**os.environ, "BENCH_REDIS": URL}
        self.worker = subprocess.Popen(command + quiet, env=env, cwd=os.path.dirname(os.path.abspath(__file__)), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    async def stop(self):
        self.worker.terminate()
        self.worker.wait()


if ENGINE == "celery":
    import celery as library

    celery = library.Celery("peers", broker=URL)
    celery.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True, task_acks_late=True)

    @celery.task(name="noop")
    def noop(probe):
        import redis

        global store
        try:
            store
        except NameError:
            store = redis.Redis.from_url(URL)
        if probe:
            store.set(probe, time.time())
        store.incr("ran")


def say(name, figure):
    print(f"{name} {figure:.1f}", flush=True)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)] * 1000


async def drained(queue, count):
    while await queue.ran() < count or await queue.left():
        await asyncio.sleep(0.005)


async def probe(queue, sent):
    name = f"p{len(sent)}-{time.time()}"
    await queue.add(name)
    sent.append((name, time.time()))


async def main():
    queue = {"procrastinate": Procrastinate, "celery": Celery}[ENGINE]()
    await queue.open()
    await queue.empty()
    each = min(JOBS, 10_000)

    async def writer(first):
        for _ in range(first, each, WRITERS):
            await queue.add()

    began = time.time()
    await asyncio.gather(*(writer(first) for first in range(WRITERS)))
    say("enqueue_1", each / (time.time() - began))

    await queue.empty()
    await queue.fill(JOBS)
    began = time.time()
    await queue.start()
    await drained(queue, JOBS)
    say("execute_1", JOBS / (time.time() - began))
    await queue.stop()

    await queue.empty()
    await queue.start()
    await asyncio.sleep(3)
    sent = []
    for _ in range(PROBES):
        await probe(queue, sent)
        await asyncio.sleep(GAP)
    while not (waits := await queue.waited(sent)):
        await asyncio.sleep(0.01)
    await queue.stop()
    say("idle_p50", percentile(waits, 50))
    say("idle_p99", percentile(waits, 99))

    await queue.empty()
    await queue.fill(FLOOD)
    sent, began = [], time.time()
    await queue.start()
    while await queue.ran() < FLOOD * 0.99:
        await probe(queue, sent)
        await asyncio.sleep(GAP)
    await drained(queue, FLOOD + len(sent))
    say("flood_execute", (FLOOD + len(sent)) / (time.time() - began))
    waits = await queue.waited(sent)
    say("flood_p50", percentile(waits, 50))
    say("flood_p99", percentile(waits, 99))
    await queue.stop()


if MEASURES:
    asyncio.run(main())
