// SPDX-License-Identifier: Apache-2.0
// Random RRULEs, and when rrule with luxon says that they are due.
import { DateTime, Settings } from 'luxon';
import rrule from 'rrule';

const { RRule } = rrule;
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const list = (random, most, min, max) => random.some(random.between(1, most), min, max).join(',');
const places = (random, most, max) =>
  random.some(random.between(1, most), 1, max).map((n) => (random.oneIn(3) ? -n : n)).join(',');
const days = (random) => [...new Set([random.pick(DAYS), random.pick(DAYS), random.pick(DAYS)])].join(',');

function numberedDays(random, most) {
  return days(random).split(',').map((day) => (random.oneIn(3) ? '-' : '') + random.between(1, most) + day).join(',');
}

/** Where a period has fewer times, the peer takes its first for one that is further from the end; the RFC takes none. */
function positions(random, freq, parts) {
  if (['HOURLY', 'MINUTELY', 'SECONDLY'].includes(freq)) return random.pick(['1', '-1']);
  const many = freq === 'MONTHLY' && /^[A-Z,]+$/.test(parts.BYDAY ?? '') && !parts.BYMONTHDAY;
  return many ? places(random, 2, 4) : random.pick(['-1', '1', '1,-1']);
}

/** A rule whose BY parts go with its FREQ (RFC 5545 section 3.3.10). */
export function recurrenceRule(random) {
  const freq = random.pick(['YEARLY', 'YEARLY', 'MONTHLY', 'MONTHLY', 'WEEKLY', 'WEEKLY', 'DAILY', 'DAILY', 'HOURLY',
    'MINUTELY', 'SECONDLY']);
  const long = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY'].includes(freq);
  const parts = {};
  // The peer looks at every second or minute of the days that a rule does not take.
  const finest = freq === 'SECONDLY' || freq === 'MINUTELY';
  if (!finest && random.oneIn(4)) parts.BYMONTH = list(random, 4, 1, 12);
  if (freq === 'YEARLY' && !parts.BYMONTH && random.oneIn(5)) {
    // The peer forgets days of January that lie in the last week of the year before, in some years.
    parts.BYWEEKNO = places(random, 3, 51);
    // Without BYDAY the peer takes all days of the week; the RFC takes that of DTSTART.
    parts.BYDAY = days(random);
  } else if (!finest && random.oneIn(2)) {
    // The peer takes days that are in both a plain and a numbered list; the RFC those in either. So never both.
    const numbered = (freq === 'YEARLY' || freq === 'MONTHLY') && random.oneIn(2);
    const within = freq === 'MONTHLY' || parts.BYMONTH ? 5 : 53;
    parts.BYDAY = numbered ? numberedDays(random, within) : days(random);
  }
  const numbered = /\d/.test(parts.BYDAY ?? '');
  if (freq !== 'WEEKLY' && !finest && !numbered && !parts.BYWEEKNO && random.oneIn(4)) parts.BYMONTHDAY = places(random, 4, 31);
  if (freq === 'YEARLY' && Object.keys(parts).length === 0 && random.oneIn(3)) parts.BYYEARDAY = places(random, 6, 366);
  if (freq !== 'SECONDLY' && random.oneIn(3)) parts.BYHOUR = list(random, 3, 0, 23);
  if (random.oneIn(4)) parts.BYMINUTE = list(random, 3, 0, 59);
  if (random.oneIn(8)) parts.BYSECOND = list(random, 2, 0, 59);
  if (Object.keys(parts).length > 0 && random.oneIn(5)) parts.BYSETPOS = positions(random, freq, parts);
  // The peer searches for ever where an interval never meets a time.
  const meets = long ? !parts.BYMONTH : !(parts.BYHOUR || parts.BYMINUTE || parts.BYSECOND);
  if (meets && random.oneIn(3)) parts.INTERVAL = random.between(1, random.oneIn(4) ? 100 : 6);
  if (random.oneIn(4)) parts.WKST = random.pick(DAYS);
  // Where the peer takes another first week (see compare.mjs) it counts others, and a time that is both the first and the
  // last of its period it counts twice.
  const counts = !(parts.BYSETPOS && (freq === 'WEEKLY' || parts.BYSETPOS.includes(',')));
  if (counts && random.oneIn(5)) parts.COUNT = random.between(1, 12);
  return ['FREQ=' + freq, ...Object.entries(parts).map(([name, value]) => `${name}=${value}`)].join(';');
}

/** How the clocks of the zone read at a time, as if they were in UTC. */
export function fakeUtc(zone, seconds) {
  return DateTime.fromSeconds(seconds, { zone }).setZone('utc', { keepLocalTime: true });
}

/** The moment that clocks show a local time; the first when there are two, with the offset from before a gap. */
export function moment(zone, date) {
  const local = DateTime.fromJSDate(date, { zone: 'utc' });
  // luxon's first guess is the distance from UTC of its present, which misleads it where a zone has changed sides since.
  Settings.now = () => date.getTime();
  const time = DateTime.fromObject(local.toObject(), { zone });
  return Math.min(...time.getPossibleOffsets().map((possible) => possible.toSeconds()));
}

/** Occurrences as if in UTC, from `begin` (seconds) to `horizon`: all that are not after `after`, and `count` more. */
export function occurrences(rule, begin, after, horizon, count) {
  const options = RRule.parseString(rule);
  const peer = new RRule({ ...options, dtstart: new Date(begin * 1000), until: new Date(horizon * 1000) });
  const found = [];
  let later = 0;
  peer.all((date) => {
    found.push(date);
    if (date.getTime() > after * 1000) ++later;
    return later < count;
  });
  return found;
}
