#!/bin/sh
# Cuts the two fonts of the certificate down to the letters a name or a course
# title in a European register can hold, each in three variants: a document
# carries the smallest that has all its letters.
#
# Needs hb-subset (Debian: libharfbuzz-bin) and the TrueType files of Debian's
# fonts-noto-core 20201225; another release gives other bytes, and pages already
# issued are only repeatable with the fonts they were made with. marks.txt is
# made from the same files by marks.py.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
source=${NOTO_DIR:-/usr/share/fonts/truetype/noto}

# Left out on purpose, so that a look-up in the font finds nothing to draw:
# soft hyphen (AD), zero-width and direction marks (200B-200F, 2028-202E,
# 2060-206F), and all combining marks but those of DIN 91379 (030x, 031x, 032x,
# 0331, 035F), which are drawn only where marks.txt knows their place.
common="\
0020-007E,00A0-00AC,00AE-00FF,\
0100-017F,0218-021B,\
2010-2015,2018-201E,2020-2022,2026,2030,2039,203A,20AC,2116,2122,2212"

cyrillic="$common,0400-045F,0490,0491"

full="$cyrillic,\
0180-024F,0259,0268,0292,\
02B0,02B3,02B9,02BA,02BB,02BC,02BE,02BF,02C6-02C8,02CC,02D8-02DD,02E2,\
0300-0302,0304,0306-0308,030B-030D,0310,0315,031B,0323,0325-0328,0331,035F,\
0386,0388-038A,038C,038E-03A1,03A3-03CE,\
0400-0482,048A-052F,\
1D48,1D57,1E00-1EFF,\
2002-200A,2010-2027,202F-205E,\
2070,2074-2079,207F-2089,20AC,2116,2122,2212"

for font in NotoSerif NotoSans; do
	for variant in common cyrillic full; do
		eval "letters=\$$variant"
		hb-subset "$source/$font-Regular.ttf" \
			--unicodes="$letters" \
			--layout-features='' \
			--drop-tables+=GSUB,GPOS,GDEF,DSIG \
			--no-hinting \
			--name-IDs='0,1,2,3,4,5,6,13,14' \
			--output-file="$here/$font-$variant.ttf"
	done
done
