// Writes cities.json: the names of the cities that stand for time zones, in the
// twelve languages, from the folder of the npm package cldr-dates-full (Unicode
// licence) given as the argument. Only names that differ from the IANA name's
// last part are kept.
import { readFileSync, writeFileSync } from 'node:fs'

const folder = process.argv[2]
const locales = { da: 'da', de: 'de', en: 'en-GB', et: 'et', fi: 'fi', is: 'is', lt: 'lt', lv: 'lv', nb: 'no', pl: 'pl', ru: 'ru', sv: 'sv' }
const out = {}
for (const [lang, locale] of Object.entries(locales)) {
  const file = JSON.parse(readFileSync(`${folder}/main/${locale}/timeZoneNames.json`))
  const zones = file.main[locale].dates.timeZoneNames.zone
  const names = {}
  const walk = (path, node) => {
    if (typeof node !== 'object') return
    if (node.exemplarCity) {
      const plain = path.at(-1).replaceAll('_', ' ')
      const name = node.exemplarCity.replaceAll("\u00ad", "")
      if (name !== plain) names[path.join("/")] = name
      return
    }
    for (const [key, value] of Object.entries(node)) walk([...path, key], value)
  }
  for (const area of ['Europe', 'Atlantic', 'Arctic']) walk([area], zones[area])
  out[lang] = Object.fromEntries(Object.entries(names).sort())
}
writeFileSync(new URL('../cities.json', import.meta.url), JSON.stringify(out, null, 1) + '\n')
