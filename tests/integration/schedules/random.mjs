// SPDX-License-Identifier: Apache-2.0
// Repeatable random choices (SplitMix32, by its constants).
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  word() {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    let word = this.#state;
    word = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  }

  /** From `min` to `max`, both included. */
  between(min, max) {
    return min + (this.word() % (max - min + 1));
  }

  /** True once in `n`. */
  oneIn(n) {
    return this.word() % n === 0;
  }

  pick(list) {
    return list[this.word() % list.length];
  }

  /** `count` different values from `min` to `max`, sorted. */
  some(count, min, max) {
    const all = new Set();
    while (all.size < Math.min(count, max - min + 1)) all.add(this.between(min, max));
    return [...all].sort((a, b) => a - b);
  }
}
