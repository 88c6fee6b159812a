#!/bin/sh
# Rebuilds assets/static from its sources: css/app.css, fonts/, img/ and the favicons.
# The results are committed, so this runs only when a source or a version changes.
#
# Needs Node with npm, and from Debian: python3-fonttools python3-brotli librsvg2-bin.
# Usage: assets/gen/build.sh [css|fonts|icons|images]...   (default: all four)
# VARDE_NODE_DIR names a folder that already has the npm packages; it saves the installation.
set -eu

gen=$(cd "$(dirname "$0")" && pwd)
static=$(cd "$gen/../static" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

node_dir=${VARDE_NODE_DIR:-$scratch}
if [ ! -d "$node_dir/node_modules/@digdir/designsystemet-css" ]; then
  cp "$gen/package.json" "$node_dir/"
  (cd "$node_dir" && npm install --no-audit --no-fund --no-package-lock)
fi
modules=$node_dir/node_modules

# The theme builder writes beside its configuration, so it works in the scratch folder.
css() {
  cp "$gen/theme.json" "$scratch/designsystemet.config.json"
  (cd "$scratch" && "$modules/.bin/designsystemet" tokens create >/dev/null && "$modules/.bin/designsystemet" tokens build >/dev/null)
  node "$gen/css.mjs" "$modules" "$scratch/design-tokens-build/varde.css" "$gen/css" "$static/css/app.css"
}

fonts() {
  /usr/bin/python3 "$gen/font.py" "$modules/source-sans/VF/SourceSans3VF-Upright.ttf" "$static/fonts/varde-sans.woff2"
  for part in latin latin-ext cyrillic; do
    cp "$modules/@fontsource-variable/source-sans-3/files/source-sans-3-$part-wght-normal.woff2" "$static/fonts/"
  done
}

icons() {
  node "$gen/icons.mjs" "$gen/icons.txt" "$modules/@navikt/aksel-icons/dist/svg" "$gen/img" "$static/img/icons.svg"
}

images() {
  cp "$gen/img/mark.svg" "$gen/img/mark-unlit.svg" "$gen/img/favicon.svg" "$gen/img/horizon.svg" "$static/img/"
  rsvg-convert -w 180 -h 180 "$gen/img/touch.svg" -o "$static/img/apple-touch-icon.png"
  rsvg-convert -w 512 -h 512 "$gen/img/touch.svg" -o "$static/img/icon-512.png"
  rsvg-convert -w 1200 -h 630 "$gen/img/preview.svg" -o "$static/img/preview.png"
  for size in 16 32 48; do
    rsvg-convert -w $size -h $size "$gen/img/favicon-flat.svg" -o "$scratch/$size.png"
  done
  /usr/bin/python3 "$gen/ico.py" "$static/favicon.ico" "$scratch/16.png" "$scratch/32.png" "$scratch/48.png"
}

[ $# -gt 0 ] || set -- css fonts icons images
for part in "$@"; do
  case $part in
    css|fonts|icons|images) "$part" ;;
    *) echo "build.sh: unknown part $part" >&2; exit 2 ;;
  esac
done
