// SPDX-License-Identifier: Apache-2.0
// pgboss.mjs <folder of the server> <database> <jobs> <batch> <workers> <alone|together>: queues jobs, then runs them, each
// of which does nothing. Writes how many a second it runs as a line of JSON. Alone: each job has a result of its own;
// together: a batch has one result, and fails as one.

import PgBoss from 'pg-boss';

const [host, database] = process.argv.slice(2, 4);
const [jobs, batch, workers] = process.argv.slice(4, 7).map(Number);
const together = process.argv[7] === 'together';
const boss = new PgBoss({ host, database, user: 'postgres', max: 10, supervise: false, schedule: false });
boss.on('error', error => { throw error; });
await boss.start();
await boss.createQueue('bench');
for (let number = 0; number < jobs; number += 1000) {
  await boss.insert(Array.from({ length: Math.min(1000, jobs - number) }, (_, i) => ({ name: 'bench', data: { number: number + i } })));
}
await boss.getDb().executeSql('VACUUM ANALYZE pgboss.job');

// boss.work() would pause for half a second between batches.
let done = 0;
const work = async () => {
  for (;;) {
    const batched = await boss.fetch('bench', { batchSize: batch });
    if (batched.length === 0) return;
    if (together) {
      await boss.complete('bench', batched.map(job => job.id));
    } else {
      await Promise.all(batched.map(job => boss.complete('bench', job.id, {})));
    }
    done += batched.length;
  }
};
const start = process.hrtime.bigint();
await Promise.all(Array.from({ length: workers }, work));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
if (done !== jobs) throw new Error(`${done} of ${jobs} jobs were done`);

console.log(JSON.stringify({ process: done / seconds }));
await boss.stop({ graceful: false });
