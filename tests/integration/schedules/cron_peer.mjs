// SPDX-License-Identifier: Apache-2.0
// Random cron rules, and when cron-parser says that they are due.
import { CronExpressionParser } from 'cron-parser';

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'];

function item(random, min, max, names) {
  const show = (value) => (names && random.oneIn(3) ? names[value - min] : String(value));
  const first = random.between(min, max);
  const last = random.between(first, max);
  switch (random.between(0, 5)) {
    case 0: return names ? `${first}-${last}` : `${show(first)}-${show(last)}`;
    case 1: return `${first}-${last}/${random.between(1, Math.max(1, last - first))}`;
    case 2: return `*/${random.between(1, max)}`;
    default: return show(first);
  }
}

function field(random, min, max, names, stars) {
  if (random.between(1, 10) <= stars) return '*';
  if (random.oneIn(3)) return random.some(random.between(2, 4), min, max === 7 ? 6 : max).join(',');
  const items = [item(random, min, max, names)];
  while (random.oneIn(10)) items.push(item(random, min, max, names)); // may overlap, which the peer refuses
  return items.join(',');
}

function dayOfMonth(random) {
  if (random.oneIn(12)) return 'L';
  if (random.oneIn(12)) return '?';
  return field(random, 1, 31, null, 6);
}

function dayOfWeek(random) {
  if (random.oneIn(12)) return `${random.between(0, 7)}L`;
  if (random.oneIn(12)) return `${random.between(0, 7)}#${random.between(1, 5)}`;
  if (random.oneIn(12)) return '?';
  return field(random, 0, 7, DAYS, 6);
}

export function cronRule(random) {
  if (random.oneIn(100)) return random.pick(['@hourly', '@daily', '@weekly', '@monthly', '@yearly']);
  const fields = [
    field(random, 0, 59, null, 2),
    field(random, 0, 23, null, 3),
    dayOfMonth(random),
    field(random, 1, 12, MONTHS, 7),
    dayOfWeek(random),
  ];
  if (random.oneIn(3)) fields.unshift(field(random, 0, 59, null, 1));
  return fields.join(' ');
}

/** Seconds since 1970, at most `count`; `refused` when the rule is, `gaveUp` when the search was too long for the peer. */
export function cronTimes(rule, zone, after, count) {
  let expression;
  try {
    expression = CronExpressionParser.parse(rule, { tz: zone, currentDate: after * 1000 });
  } catch (error) {
    return { refused: error.message };
  }
  const times = [];
  try {
    while (times.length < count) times.push(Math.floor(expression.next().getTime() / 1000));
  } catch (error) {
    return { times, gaveUp: error.message };
  }
  return { times };
}
