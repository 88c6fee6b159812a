// Samples of what Intl prints, whole and untouched, for the test in Go.
import { LANGUAGES, isLetters, locale, onDay } from './intl.mjs';
import { wordsToSort } from './words.mjs';

const days = [
  [2026, 1, 1], [2026, 2, 28], [2026, 3, 5], [2026, 4, 30], [2027, 5, 12], [2027, 6, 6], [2026, 7, 31], [2026, 8, 17],
  [2027, 9, 9], [2027, 10, 22], [2026, 11, 3], [2026, 12, 31], [2028, 2, 29], [2030, 5, 1],
];
const spans = [
  ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map((m) => [[2026, m, 5], [2026, m, 7]]),
  [[2026, 3, 5], [2026, 4, 2]], [[2027, 5, 30], [2027, 6, 3]], [[2027, 1, 25], [2027, 2, 5]],
  [[2026, 6, 29], [2026, 8, 1]], [[2027, 9, 1], [2027, 11, 30]],
  [[2026, 12, 28], [2027, 1, 8]], [[2026, 3, 1], [2027, 3, 1]], [[2027, 10, 4], [2028, 5, 6]],
  [[2027, 5, 12], [2027, 5, 12]],
];
const times = [[0, 0], [0, 5], [7, 30], [9, 5], [12, 0], [14, 30], [23, 59]];
const ints = [0, 7, 42, 999, 1000, 1234, -1234, 9999, 10000, 12345, -98765, 100000, 1234567, 9007199254740991];
const decimals = [
  [0, 2], [0.5, 1], [2, 1], [3.25, 1], [0.125, 2], [1.005, 2], [-0.001, 2], [-4.75, 1], [1234.5, 1], [12345.678, 2],
  [999.999, 2], [0.1, 3], [1e6, 2], [2.5, 0], [1e-7, 3],
];
const percents = [0, 1, 42, 100, -5, 1200, 12345];
const lists = [['A'], ['A', 'B'], ['A', 'B', 'C'], ['A', 'B', 'C', 'D', 'E']];
const countries = ['AX', 'BY', 'CZ', 'DE', 'DK', 'EE', 'EU', 'FI', 'FO', 'GB', 'GL', 'IS', 'LT', 'LV', 'NL', 'NO', 'PL',
  'RU', 'SE', 'SJ', 'TR', 'UA', 'US'];
const spoken = [...LANGUAGES, 'no', 'nn', 'se', 'fr', 'es', 'it', 'uk', 'nl', 'pt', 'cs'];

function dateSamples(lang) {
  const format = (options) => new Intl.DateTimeFormat(locale(lang), { timeZone: 'UTC', ...options });
  const short = format({ day: 'numeric', month: 'short', year: 'numeric' });
  // Left out where the package departs from Intl on purpose, see gen.mjs.
  const hasShort = (...dates) => isLetters(lang) && !(lang === 'pl' && dates.some((d) => d[1] === 5));
  return {
    dates: days.map((d) => ({
      day: d,
      long: format({ dateStyle: 'long' }).format(onDay(...d)),
      weekday: format({ dateStyle: 'full' }).format(onDay(...d)),
      month: format({ month: 'long', year: 'numeric' }).format(onDay(...d)),
      short: hasShort(d) ? short.format(onDay(...d)) : undefined,
    })),
    ranges: spans.map(([a, b]) => ({
      from: a,
      to: b,
      long: format({ dateStyle: 'long' }).formatRange(onDay(...a), onDay(...b)),
      short: hasShort(a, b) ? short.formatRange(onDay(...a), onDay(...b)) : undefined,
    })),
    times: times.map((t) => ({
      clock: t,
      text: format({ timeStyle: 'short' }).format(onDay(2027, 5, 12, ...t)),
      dateTime: format({ dateStyle: 'long', timeStyle: 'short' }).format(onDay(2027, 5, 12, ...t)),
      weekday: format({ dateStyle: 'full', timeStyle: 'short' }).format(onDay(2027, 5, 12, ...t)),
    })),
  };
}

function numberSamples(lang) {
  const format = (options) => new Intl.NumberFormat(locale(lang), { signDisplay: 'negative', ...options });
  return {
    ints: ints.map((n) => ({ n, text: format({}).format(n) })),
    decimals: decimals.map(([f, max]) => ({ f, max, text: format({ maximumFractionDigits: max }).format(f) })),
    percents: percents.map((n) => ({ n, text: format({ style: 'percent' }).format(n / 100) })),
  };
}

function wordSamples(lang) {
  const list = (type, items) => new Intl.ListFormat(locale(lang), { type }).format(items);
  const names = (type, codes) => {
    const display = new Intl.DisplayNames(locale(lang), { type });
    return Object.fromEntries(codes.map((code) => [code, display.of(code)]));
  };
  return {
    autonym: new Intl.DisplayNames(locale(lang), { type: 'language' }).of(lang),
    lists: lists.map((items) => ({ items, and: list('conjunction', items), or: list('disjunction', items) })),
    countries: names('region', countries),
    languages: names('language', spoken),
    sorted: wordsToSort(lang).sort(new Intl.Collator(locale(lang)).compare),
  };
}

export const golden = () => Object.fromEntries(
  LANGUAGES.map((lang) => [lang, { ...dateSamples(lang), ...numberSamples(lang), ...wordSamples(lang) }]),
);
