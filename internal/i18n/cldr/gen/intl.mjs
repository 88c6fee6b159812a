// What the data and the golden samples share: the languages, the codes, and
// how Intl is asked.

export const LANGUAGES = ['da', 'de', 'en', 'et', 'fi', 'is', 'lt', 'lv', 'nb', 'pl', 'ru', 'sv'];

// English is British here: day before month and the 24-hour clock.
export const locale = (lang) => (lang === 'en' ? 'en-GB' : lang);

export const onDay = (y, m, d, h = 14, min = 30) => new Date(Date.UTC(y, m - 1, d, h, min));

// isLetters tells whether the short date of a language has its month in letters.
export function isLetters(lang) {
  const format = new Intl.DateTimeFormat(locale(lang), { day: 'numeric', month: 'short', year: 'numeric' });
  return !/\d/.test(format.formatToParts(onDay(2027, 5, 12)).find((p) => p.type === 'month').value);
}

const alphabet = [...'abcdefghijklmnopqrstuvwxyz'];
const pairs = alphabet.flatMap((a) => alphabet.map((b) => a + b));

// Codes CLDR names beyond those ISO 3166-1 assigns to countries and areas.
const notAssigned = new Set([
  'AC', 'CP', 'CQ', 'DG', 'EA', 'EU', 'EZ', 'IC', 'QO', 'TA', 'UN', 'XA', 'XB', 'XK', 'ZZ',
]);

// regions gives the 249 codes of ISO 3166-1 and EU, which is a member of
// several programmes in its own right.
export function regions() {
  const display = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const current = (code) => Intl.getCanonicalLocales(`und-${code}`)[0] === `und-${code}`;
  const assigned = pairs.map((p) => p.toUpperCase())
    .filter((code) => display.of(code) && current(code) && !notAssigned.has(code));
  if (assigned.length !== 249) throw new Error(`${assigned.length} regions, ISO 3166-1 has 249`);
  return [...assigned, 'EU'].sort();
}

// languages gives every two-letter code of ISO 639 in use that CLDR can name.
export function languages() {
  const display = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' });
  return pairs.filter((code) => display.of(code) && Intl.getCanonicalLocales(code)[0] === code);
}
