// SPDX-License-Identifier: Apache-2.0
// bullmq.mjs <port of Redis> <jobs> <batch> <concurrency>: queues jobs in batches, then runs them, each of which does
// nothing. Writes how many a second of each as a line of JSON. Options are BullMQ's defaults, so that it keeps what is done.

import { Queue, Worker } from 'bullmq';

const [port, jobs, batch, concurrency] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
await queue.waitUntilReady();
await queue.addBulk(Array.from({ length: batch }, (_, i) => ({ name: 'nothing', data: { number: i } })));
await queue.drain();

// Two batches are on their way at a time: one is being put together while Redis has the other.
let number = 0;
const fill = async () => {
  while (number < jobs) {
    const first = number;
    number += batch;
    await queue.addBulk(Array.from({ length: batch }, (_, i) => ({ name: 'nothing', data: { number: first + i } })));
  }
};
let start = process.hrtime.bigint();
await Promise.all([fill(), fill()]);
const enqueue = number / (Number(process.hrtime.bigint() - start) / 1e9);

const worker = new Worker('bench', async () => ({}), { connection, concurrency, autorun: false });
await worker.waitUntilReady();
let done = 0;
start = process.hrtime.bigint();
await new Promise((resolve, reject) => {
  worker.on('completed', () => { if (++done === number) resolve(); });
  worker.on('failed', (_, error) => reject(error));
  worker.run().catch(reject);
});
const run = number / (Number(process.hrtime.bigint() - start) / 1e9);

console.log(JSON.stringify({ enqueue, process: run }));
await worker.close();
await queue.close();
