// SPDX-License-Identifier: Apache-2.0
// Random schedules in all zones of the time zone database: ours are due when those of cron-parser and of rrule with luxon
// are. `compare.mjs PROGRAM COUNT SEED`; ends with 1 when one differs.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { DateTime, IANAZone } from 'luxon';
import { cronRule, cronTimes } from './cron_peer.mjs';
import { Random } from './random.mjs';
import { fakeUtc, moment, occurrences, recurrenceRule } from './rrule_peer.mjs';

const [program, countText, seedText] = process.argv.slice(2);
const total = Number(countText);
const seed = Number(seedText);
const FIRST = Date.UTC(2000, 0, 1) / 1000;
const LAST = Date.UTC(2090, 0, 1) / 1000;
const YEAR = 366 * 86400;
const TIMES = 8;
const SPARE = 120; // local times that a change may bring out of order
const BATCH = 5000;

function ask(lines) {
  const answer = spawnSync(program, { input: lines.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
  if (answer.status !== 0) throw new Error(`${program} ended with ${answer.status ?? answer.signal}: ${answer.stderr}`);
  const answers = answer.stdout.split('\n').slice(0, -1);
  if (answers.length !== lines.length) throw new Error(`${answers.length} answers to ${lines.length} lines`);
  return answers;
}

// --- zones --------------------------------------------------------------------------------------------------------

/** All names, from the database's own list. */
function zoneNames() {
  const names = [];
  for (const line of readFileSync('/usr/share/zoneinfo/tzdata.zi', 'utf8').split('\n')) {
    const words = line.split(' ');
    if (words[0] === 'Z') names.push(words[1]);
    if (words[0] === 'L') names.push(words[2]);
  }
  return names.filter((name) => name !== 'Factory').sort();
}

/** [[begin, offset], ...] from FIRST to LAST, by our reading of the system's files. */
function readStretches(names) {
  return ask(names.map((name) => [name, FIRST, LAST, 0, 'stretches'].join('\t'))).map((answer, index) => {
    if (answer.startsWith('!')) throw new Error(`${names[index]}: ${answer}`);
    return answer.split(',').map((piece) => piece.split(':').map(Number));
  });
}

/**
 * Node has a copy of the database of its own, of another version. Zones whose clocks have been decided upon differently
 * since cannot be compared; they are few, and named.
 */
function agrees(name, stretches) {
  const zone = IANAZone.create(name);
  return zone.isValid && stretches.every(([begin, offset], index) => {
    const finish = index + 1 < stretches.length ? stretches[index + 1][0] : LAST;
    const step = Math.max(1, Math.floor((finish - begin) / 8));
    const probes = [begin, finish - 1];
    for (let time = begin; time < finish; time += step) probes.push(time);
    return probes.every((time) => zone.offset(time * 1000) * 60 === offset);
  });
}

function comparableZones() {
  const names = zoneNames();
  const stretches = readStretches(names);
  const zones = [];
  const different = [];
  names.forEach((name, index) => {
    if (agrees(name, stretches[index])) zones.push({ name, stretches: stretches[index] });
    else different.push(name);
  });
  console.log(`${zones.length} zones; node's database (${process.versions.tz}) differs in ${different.length}: ${different.join(' ')}`);
  if (different.length > 25) throw new Error('The databases are too far apart; install the newest tzdata and node.');
  return zones;
}

/** The first change of the zone's clocks after a time. */
function nextChange(zone, time) {
  return zone.stretches.find(([begin]) => begin > time)?.[0] ?? LAST;
}

/** The changes between two times, as { at, before, after }. */
function changes(zone, from, to) {
  const found = [];
  for (let i = 1; i < zone.stretches.length; ++i) {
    const [at, after] = zone.stretches[i];
    if (at > from && at <= to) found.push({ at, before: zone.stretches[i - 1][1], after });
  }
  return found;
}

// --- cases --------------------------------------------------------------------------------------------------------

/** A time, often near a change of the clocks, where everything interesting happens. */
function someTime(random, zone) {
  const time = random.between(FIRST, LAST - 20 * YEAR);
  const change = nextChange(zone, time);
  if (random.oneIn(2) || change > LAST - 20 * YEAR) return time;
  return change - random.between(0, 2 * 86400);
}

function cronCase(random, zone) {
  const after = someTime(random, zone);
  return { kind: 'cron', zone, rule: cronRule(random), start: after, after };
}

function recurrenceCase(random, zone) {
  const start = someTime(random, zone);
  const rule = recurrenceRule(random);
  const short = /FREQ=(HOURLY|MINUTELY|SECONDLY)/.test(rule);
  // Of the week in which a rule begins the peer takes what is left of it for the whole that BYSETPOS counts in.
  const least = /FREQ=WEEKLY.*BYSETPOS/.test(rule) ? 7 * 86400 : 0;
  const after = start - 1 + least + (random.oneIn(2) ? 0 : random.between(0, short ? 20000 : YEAR));
  return { kind: 'rrule', zone, rule, start, after, short };
}

/** What the peers say: { times } to compare up to `until`, or { skip } with the class that is left out. */
function expectCron({ zone, rule, after }) {
  return cronTimes(rule, zone.name, after, TIMES);
}

/** How far rules are followed: the peer looks at every period. */
const HORIZON = { HOURLY: 2 * YEAR, MINUTELY: 20 * 86400, SECONDLY: 86400 };

function expectRecurrence({ zone, rule, start, after, short }) {
  const horizon = start + (HORIZON[rule.match(/FREQ=([A-Z]+)/)[1]] ?? 15 * YEAR);
  const begin = fakeUtc(zone.name, start).toSeconds();
  if (!short) {
    const dates = occurrences(rule, begin, begin + (after - start), horizon + 2 * 86400, TIMES + SPARE);
    const moments = [...new Set(dates.map((date) => moment(zone.name, date)))].sort((a, b) => a - b);
    return { times: moments.filter((time) => time > after && time >= start).slice(0, TIMES), until: horizon };
  }
  // The peer counts on the clock, we count elapsed time. Where nothing looks at the clock, that is UTC for both;
  // otherwise they agree as long as no clock is changed.
  const shift = /;BY/.test(rule) ? begin - start : 0;
  const until = shift === 0 && !/;BY/.test(rule) ? horizon : Math.min(horizon, nextChange(zone, start) - 1);
  const dates = occurrences(rule, start + shift, after + shift, until + shift, 3 * TIMES);
  // With BYSETPOS the peer may answer a time more than once.
  const times = [...new Set(dates.map((date) => date.getTime() / 1000 - shift))].filter((time) => time > after);
  return { times: times.slice(0, TIMES), until };
}

// --- comparison ---------------------------------------------------------------------------------------------------

const left = new Map();
let compared = 0;
let differing = 0;

function leaveOut(why) {
  left.set(why, (left.get(why) ?? 0) + 1);
}

function show(zone, time) {
  return DateTime.fromSeconds(time, { zone: zone.name }).toISO({ suppressMilliseconds: true });
}

function compare(one, answer) {
  const expected = one.kind === 'cron' ? expectCron(one) : expectRecurrence(one);
  if (/duplicate values found/.test(expected.refused ?? '')) return leaveOut('the peer refuses values that are named twice');
  const ours = answer.startsWith('!') || answer === '' ? [] : answer.split(',').map(Number);
  const peers = expected.times ?? [];
  const until = expected.until ?? Infinity;
  const limit = expected.gaveUp ? peers.length : TIMES;
  const mine = ours.filter((time) => time <= until).slice(0, limit);
  const theirs = peers.filter((time) => time <= until).slice(0, limit);
  if (expected.refused ? answer === '!schedule_never_due never' : mine.join() === theirs.join()) {
    if (expected.gaveUp) leaveOut('the peer gave up');
    ++compared;
    return;
  }
  if (one.kind === 'cron' && changes(one.zone, one.after, Math.max(...ours, ...theirs)).some(isOdd)) {
    return leaveOut('the peer loses its way where clocks change by another step than an hour, or around midnight');
  }
  if (++differing > 20) return;
  console.log(`--- ${one.kind} ${JSON.stringify(one.rule)} in ${one.zone.name} from ${show(one.zone, one.start)} after ${show(one.zone, one.after)}`);
  console.log(`  ours  ${answer.startsWith('!') ? answer : mine.map((time) => show(one.zone, time)).join(' ')}`);
  console.log(`  peer  ${expected.refused ?? theirs.map((time) => show(one.zone, time)).join(' ')} ${expected.gaveUp ?? ''}`);
}

/**
 * cron-parser steps by the hours of the clock. It holds to its own rule (once for a skipped or repeated hour) where one
 * full hour is skipped or repeated within a day, and not where it is half an hour, two or a day, where the change is not
 * on the hour (Chatham), or where 23:00 becomes 0:00 or the reverse, or 1:00 becomes 0:00 (it takes the second 0:30 then).
 */
function isOdd({ at, before, after }) {
  const from = (((at + before) % 86400) + 86400) % 86400;
  const to = (((at + after) % 86400) + 86400) % 86400;
  const repeats = after < before;
  return Math.abs(after - before) !== 3600 || from % 3600 !== 0 || to === 0 || (repeats && from === 0);
}

console.log(`${total} schedules, seed ${seed}`);
const zones = comparableZones();
const random = new Random(seed);
for (let done = 0; done < total; done += BATCH) {
  const cases = Array.from({ length: Math.min(BATCH, total - done) }, (_, index) => {
    const zone = zones[(done + index) % zones.length];
    return random.oneIn(2) ? cronCase(random, zone) : recurrenceCase(random, zone);
  });
  const lines = cases.map(({ zone, rule, start, after }) => [zone.name, start, after, TIMES, rule].join('\t'));
  const answers = ask(lines);
  cases.forEach((one, index) => compare(one, answers[index]));
}
for (const [why, count] of left) console.log(`${count} left out: ${why}`);
console.log(`${compared} agree, ${differing} differ`);
process.exit(differing === 0 && compared > total / 2 ? 0 : 1);
