// Words to be sorted: names as they meet in one list of a catalogue, whatever
// language the page has, and for each language what its alphabet is known for.
import { locale, regions } from './intl.mjs';

const everywhere = `Aabenraa|Aalborg|Aarhus|Akureyri|Alvesta|Bergen|Bodø|Brno|Bydgoszcz|Cēsis|Częstochowa|Daugavpils|Elbląg
Espoo|Gdańsk|Gdynia|Ģibuļi|Göteborg|Greifswald|Haapsalu|Hamburg|Hämeenlinna|Ísafjörður|Jēkabpils|Jönköping|Jõhvi|Jūrmala
Kalmar|Kaunas|Kemi|Klaipėda|København|Köln|Kraków|Kuopio|Kuressaare|Ķekava|Lahti|Liepāja|Lillestrøm|Lodz|Łódź|Lübeck|Ludza
Luleå|Malmö|Mannheim|Mariehamn|Moss|München|Mynämäki|Mysen|Narva|Narvik|Næstved|Oslo|Oulu|Ölands|Örebro|Pärnu|Poznań
Põltsamaa|Räisälä|Rakvere|Reykjavík|Rēzekne|Rīga|Rostock|Šalčininkai|Sandnes|Szczecin|Šiauliai|Sibiu|Söderhamn|Sopot|Stralsund
Świnoujście|Tallinn|Tampere|Tartu|Tromsø|Trondheim|Turku|Tyresö|Umeå|Uppsala|Utena|Ūdrija|Vaasa|Valga|Valka|Vantaa|Ventspils
Vilnius|Võru|Warszawa|Wismar|Wrocław|Ylöjärvi|Ystad|Zagreb|Zakopane|Zarasai|Zwolle|Žagarė|Żary|Źródła|Åbo|Ålesund|Åre|Årø|Äänekoski
Æbeltoft|Ærø|Øksnes|Ølstykke|Österbotten|Þingvellir|Ýmir|Москва|Санкт-Петербург|Йошкар-Ола|Ижевск|Иваново|Ёлкино|Елабуга
Ельня|Калининград|Щёлково|Щелково|Эстония|Южный|Якутск|Rescue 2|Rescue 10|rescue diver|Rescue-diver|Rescuer|Re-entry|Reentry|résumé
resume|resumes|112|15 days|24/7 duty|C2 systems|C-3|CBRN 1|CBRN A|Ice rescue, deep|Ice rescue (deep)|Ice rescue deep`
  .split(/[|\n]/);

const ofLanguage = {
  da: ['ål', 'øl', 'æble', 'abe', 'zebra', 'aal', 'olie', 'wagon', 'vogn', 'vægt', 'yver', 'ytring', 'über', 'udvalg'],
  de: ['Apfel', 'Äpfel', 'Arzt', 'Ofen', 'Öfen', 'offen', 'Masse', 'Maße', 'Mast', 'über', 'Ufer', 'uber', 'Zoll'],
  en: ['café', 'cafe', 'cafes', 'naïve', 'naive', 'co-op', 'coop', 'cooperate', 'zone', 'Zulu'],
  et: ['saar', 'šahh', 'zebra', 'žanr', 'tamm', 'õun', 'äike', 'öö', 'üks', 'vaal', 'watt', 'veski', 'weski', 'wolfram', 'xenon'],
  fi: ['aalto', 'ääni', 'åkerö', 'öljy', 'vene', 'watti', 'vuori', 'wieniläinen', 'šakki', 'sakki', 'žanri', 'zeniitti', 'ylä', 'üb'],
  is: ['afl', 'ás', 'dagur', 'ðal', 'egg', 'él', 'ís', 'il', 'ós', 'orð', 'úti', 'ull', 'ýsa', 'yndi', 'þing', 'ær', 'öl', 'tá', 'zeta'],
  lt: ['ąsa', 'asa', 'čia', 'cukrus', 'ėda', 'eda', 'ęs', 'įėjimas', 'ilgas', 'yla', 'jis', 'šuo', 'suo', 'ūkas', 'ugnis', 'ųs', 'žemė', 'zona'],
  lv: ['āda', 'ada', 'azote', 'čaula', 'cena', 'ēna', 'eja', 'ezers', 'ģime', 'gads', 'īpašs', 'ilgs', 'izeja', 'yacht', 'jahta', 'ķīla',
    'kuģis', 'ļaudis', 'lūdzu', 'ņemt', 'nora', 'ōdis', 'odze', 'ozols', 'ŗ', 'rags', 'šķūnis', 'suns', 'ūdens', 'uguns', 'uzvara',
    'žogs', 'zobs', 'Kyjev', 'Kijev', 'Kīta', 'Kjel', 'Kizil', 'Mārupe', 'Mazsalaca', 'Bērzi', 'Bezve'],
  nb: ['ål', 'øl', 'ære', 'ape', 'zoologi', 'olje', 'wien', 'vin', 'vær', 'yr', 'ytre', 'ünder', 'under'],
  pl: ['ąb', 'abażur', 'ćma', 'cena', 'czas', 'ęsi', 'eter', 'łoś', 'los', 'luz', 'ńka', 'noc', 'ósmy', 'ostry', 'oznaka', 'śnieg', 'sen',
    'szyk', 'źle', 'żaba', 'zebra', 'zżuty'],
  ru: ['ёж', 'еж', 'ежевика', 'ели', 'ёлка', 'жар', 'й', 'и', 'ион', 'йод', 'игра', 'край', 'краи', 'края', 'все', 'всё', 'всего',
    'Frontex', 'фронт', 'НАТО', 'NATO', 'alpha', 'альфа', 'α-частица', 'курс 2', 'курс A', 'курс Б', 'курс-Б', 'МЧС', 'Zürich', 'Zug'],
  sv: ['ålder', 'ärlig', 'öga', 'apa', 'zon', 'över', 'oväder', 'wok', 'vatten', 'voltige', 'webb', 'ved', 'ünder', 'yta', 'ytter'],
};

export function wordsToSort(lang) {
  const display = new Intl.DisplayNames(locale(lang), { type: 'region' });
  const countries = regions().map((code) => display.of(code));
  return [...new Set([...everywhere, ...ofLanguage[lang], ...countries])];
}
