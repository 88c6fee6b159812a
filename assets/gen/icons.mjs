// Makes one sprite of symbols from the Aksel icons named in icons.txt.
// Usage: node icons.mjs icons.txt SVG_FOLDER MARK_FOLDER OUT.svg
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [list, folder, own, out] = process.argv.slice(2);
const wanted = readFileSync(list, "utf8").split("\n").filter((l) => l.trim() && !l.startsWith("#")).map((l) => l.trim().split(/\s+/));

const symbols = wanted.map(([id, file]) => {
  const svg = readFileSync(join(folder, `${file}.svg`), "utf8");
  const viewBox = /viewBox="([^"]+)"/.exec(svg)[1];
  const body = svg.replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "").trim().replace(/\s*\n\s*/g, "");
  // A hundredth of a unit in a box of 24 is far below a pixel, and halves the file.
  const short = body.replace(/\d+\.\d{3,}/g, (n) => String(Number(Number(n).toFixed(2))));
  return `<symbol id="${id}" viewBox="${viewBox}" fill="none">${short}</symbol>`;
});
// The mark takes the colour of the text round it; its flame keeps its own.
for (const [id, file] of [["varde", "mark.svg"], ["varde-unlit", "mark-unlit.svg"]]) {
  const body = readFileSync(join(own, file), "utf8").replace(/^<svg[^>]*>/, "").replace("</svg>", "").trim();
  symbols.push(`<symbol id="${id}" viewBox="0 0 64 64">${body.replace(/#(0B5566|717A7E)/g, "currentColor")}</symbol>`);
}
const note = "<!-- Aksel icons 8.16.2, MIT, Copyright 2025 Nav (Arbeids- og velferdsdirektoratet); see LICENSES.md -->";
writeFileSync(out, `<svg xmlns="http://www.w3.org/2000/svg">${note}\n${symbols.join("\n")}\n</svg>\n`);
console.log(`icons.svg ${symbols.length} symbols`);
