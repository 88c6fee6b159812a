// Writes data.json, what package cldr knows about the twelve languages, and
// testdata/golden.json, what Node's Intl itself prints for many samples.
//
//   node internal/i18n/cldr/gen/gen.mjs
//
// The two files are made by different routes: data.json holds patterns taken
// apart with formatToParts, golden.json whole strings, so that the Go test
// proves that Go puts the parts together as Intl does.
import { writeFileSync } from 'node:fs';
import { golden } from './golden.mjs';
import { LANGUAGES, isLetters, locale, onDay, regions, languages } from './intl.mjs';

// formatRange prints U+2009 round a dash, which many fonts lack and which
// breaks a line like any space: it becomes an ordinary one. U+202F becomes
// U+00A0, so that fonts cut to the twelve languages need one no-break space.
const spaces = (s) => s.replaceAll('\u2009', ' ').replaceAll('\u202f', '\u00a0');

// CLDR has a no-break space before the Russian sign for year; V8 turns it into
// an ordinary one in format, though not in formatRange.
const yearSign = (s) => s.replaceAll(' г.', '\u00a0г.');

// Between two bare days the dash is closed, as in every language but British
// English CLDR prints it, and as the style guides of English want it too.
const closedDash = (s) => s.replace('{d} – {d2}', '{d}–{d2}');

const tidy = (s) => closedDash(yearSign(spaces(s)));

// The Lithuanian abbreviations of CLDR 48 (months, format, abbreviated), which
// no skeleton of Intl prints: asked for a short month, it gives digits.
const lithuanianShort = [
  'saus.', 'vas.', 'kov.', 'bal.', 'geg.', 'birž.', 'liep.', 'rugp.', 'rugs.', 'spal.', 'lapkr.', 'gruod.',
];

const months = [...Array(12).keys()].map((m) => onDay(2027, m + 1, 12));
const weekdays = [...Array(7).keys()].map((d) => onDay(2027, 5, 9 + d)); // from Sunday

function token(part, monthToken, twoDigitHour) {
  const second = part.source === 'endRange' ? '2' : '';
  switch (part.type) {
    case 'literal': return part.value;
    case 'day': return `{d${second}}`;
    case 'month': return `{${monthToken}${second}}`;
    case 'year': return `{y${second}}`;
    case 'weekday': return '{W}';
    case 'hour': return twoDigitHour ? '{HH}' : '{H}';
    case 'minute': return '{mm}';
    default: throw new Error(`no token for ${part.type}`);
  }
}

function partsOf(lang, options, dates) {
  const format = new Intl.DateTimeFormat(locale(lang), { timeZone: 'UTC', ...options });
  return dates.length === 2 ? format.formatRangeToParts(...dates) : format.formatToParts(dates[0]);
}

function pattern(lang, options, monthToken, ...dates) {
  const twoDigitHour = partsOf(lang, { timeStyle: 'short' }, [onDay(2027, 5, 12, 9, 5)])[0].value === '09';
  return tidy(partsOf(lang, options, dates).map((p) => token(p, monthToken, twoDigitHour)).join(''));
}

const valueOf = (lang, options, type) => (date) =>
  partsOf(lang, options, [date]).find((p) => p.type === type).value;

const longDate = { dateStyle: 'long' };
const fullDate = { dateStyle: 'full' };
const shortDate = { day: 'numeric', month: 'short', year: 'numeric' };

function ranges(lang, options, monthToken) {
  const start = onDay(2027, 5, 12);
  const to = (end) => pattern(lang, options, monthToken, start, end);
  return {
    sameMonth: to(onDay(2027, 5, 16)),
    sameYear: to(onDay(2027, 6, 2)),
    otherYear: to(onDay(2028, 1, 2)),
  };
}

function shortMonths(lang) {
  if (lang === 'lt') return lithuanianShort;
  // Finnish has no letters in its short date; the month alone has.
  const options = isLetters(lang) ? shortDate : { month: 'short' };
  const names = months.map(valueOf(lang, options, 'month'));
  // Polish May is too short to be abbreviated, so that CLDR's nominative reads
  // as a mistake of grammar in a date.
  if (lang === 'pl') names[4] = 'maja';
  // Intl gives the form that stands alone; within a date Finnish abbreviates with a point (CLDR's format form).
  if (lang === 'fi') return ['tammik.', 'helmik.', 'maalisk.', 'huhtik.', 'toukok.', 'kesäk.', 'heinäk.', 'elok.', 'syysk.', 'lokak.', 'marrask.', 'jouluk.'];
  return names;
}

// Tables want the month in letters in every language: where the short date of
// CLDR is all digits, it takes the order of the long one.
function short(lang) {
  const options = isLetters(lang) ? shortDate : longDate;
  return {
    monthsShort: shortMonths(lang),
    dateShort: pattern(lang, options, 'm', months[4]),
    rangeShort: ranges(lang, options, 'm'),
  };
}

function dates(lang) {
  const standalone = { month: 'long', year: 'numeric' };
  return {
    months: months.map(valueOf(lang, longDate, 'month')),
    monthsAlone: months.map(valueOf(lang, standalone, 'month')),
    weekdays: weekdays.map(valueOf(lang, fullDate, 'weekday')),
    date: pattern(lang, longDate, 'M', months[4]),
    dateWeekday: pattern(lang, fullDate, 'M', months[4]),
    month: pattern(lang, standalone, 'S', months[4]),
    range: ranges(lang, longDate, 'M'),
    ...short(lang),
    time: pattern(lang, { timeStyle: 'short' }, 'M', months[4]),
    dateTime: pattern(lang, { ...longDate, timeStyle: 'short' }, 'M', months[4]),
    dateTimeWeekday: pattern(lang, { ...fullDate, timeStyle: 'short' }, 'M', months[4]),
  };
}

function numbers(lang) {
  const number = new Intl.NumberFormat(locale(lang));
  const parts = number.formatToParts(-1234567.5);
  const value = (type) => spaces(parts.find((p) => p.type === type).value);
  const percent = new Intl.NumberFormat(locale(lang), { style: 'percent' }).formatToParts(0.42);
  return {
    decimal: value('decimal'),
    group: value('group'),
    minus: value('minusSign'),
    minGrouping: number.formatToParts(1234).some((p) => p.type === 'group') ? 1 : 2,
    percent: spaces(percent.map((p) => (p.type === 'integer' ? '{n}' : p.value)).join('')),
  };
}

// What stands between the items; in all twelve languages nothing stands before
// the first or after the last.
function list(lang, type) {
  const format = new Intl.ListFormat(locale(lang), { type, style: 'long' });
  const between = (items) => {
    const parts = format.formatToParts(items);
    if (parts.length !== items.length * 2 - 1) throw new Error(`list pattern of ${lang}`);
    return parts.filter((p) => p.type === 'literal').map((p) => p.value);
  };
  const [start, middle, end] = between(['a', 'b', 'c', 'd']);
  return { two: between(['a', 'b'])[0], start, middle, end };
}

function names(lang, type, codes) {
  const display = new Intl.DisplayNames(locale(lang), { type });
  return Object.fromEntries(codes.map((code) => [code, display.of(code)]));
}

function describe(lang) {
  const languageNames = names(lang, 'language', languages());
  return {
    autonym: languageNames[lang],
    ...dates(lang),
    ...numbers(lang),
    and: list(lang, 'conjunction'),
    or: list(lang, 'disjunction'),
    countries: names(lang, 'region', regions()),
    languages: languageNames,
  };
}

function write(name, value) {
  // A no-break space is not to be told from a space by eye: it is escaped.
  const text = JSON.stringify(value, null, 1).replace(/[\u00a0\u2009\u202f]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  writeFileSync(new URL(name, import.meta.url), `${text}\n`);
}

const source = `ICU ${process.versions.icu}, CLDR ${process.versions.cldr}`;
const locales = Object.fromEntries(LANGUAGES.map((lang) => [lang, describe(lang)]));
write('../data.json', { source, locales });
write('../testdata/golden.json', { source, locales: golden() });
