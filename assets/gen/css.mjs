// Makes app.css: the theme, the parts of Designsystemet that pages use, then our own vd-* files.
// Usage: node css.mjs NODE_MODULES THEME.css OWN_FOLDER OUT.css
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [modules, themeFile, ownFolder, out] = process.argv.slice(2);
const esbuild = createRequire(join(modules, "x.js"))("esbuild");

const base = ["base"];
// Left out on purpose: whatever needs Designsystemet's script, and what vd-* does in its place.
const components = ["button", "link", "list", "label", "input", "field", "fieldset", "validation-message", "error-summary", "table"];

const limit = 25 * 1024;
const ds = join(modules, "@digdir/designsystemet-css");
const read = (name) => readFileSync(join(ds, "dist/src", `${name}.css`), "utf8");
// The counter of fields, which we do not use, brings Norwegian default texts; drop them rather than ship them.
const neutral = (css) => css.replace(/--dsc-field-counter-(over|under):"[^"]*";/g, "");
// Pages set one type face and one scale: the second face and its 80 tokens would be dead weight.
const theme = readFileSync(themeFile, "utf8").replace(/@layer ds\.theme\.typography\.secondary \{[\s\S]*?\n\}\n\}/, "");

const own = readdirSync(ownFolder).filter((f) => f.endsWith(".css")).sort().map((f) => readFileSync(join(ownFolder, f), "utf8"));

const source = [
  "@layer ds.theme, ds.base, vd-base, ds.components, vd;",
  theme.replace('@charset "UTF-8";', ""),
  `@layer ds.base {${base.map(read).join("\n")}}`,
  `@layer ds.components {${components.map(read).map(neutral).join("\n")}}`,
  own.join("\n"),
].join("\n");

const licence = readFileSync(join(ds, "LICENSE"), "utf8").trim();
const banner = `/*! Varde. Holds parts of @digdir/designsystemet-css 1.22.0 and a theme built with @digdir/designsystemet 1.15.0:\n\n${licence}\n*/`;
const { code } = await esbuild.transform(source, { loader: "css", minify: true, legalComments: "none", charset: "utf8" });
const text = `${banner}\n${code}`;
const packed = gzipSync(text, { level: 9 }).length;
if (packed > limit) throw new Error(`app.css is ${packed} bytes compressed, the limit is ${limit}`);
writeFileSync(out, text);
console.log(`app.css ${text.length} bytes, ${packed} compressed`);
