"""Cuts the type face of Varde out of Source Sans 3: the letters of the twelve languages, weights 400 to 650.

Usage: font.py SourceSans3VF-Upright.ttf OUT.woff2    (Debian: python3-fonttools python3-brotli)

The licence reserves the name "Source" for the unchanged face, so the cut one is named "Varde Sans".
"""
import os
import sys

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

NAME = "Varde Sans"
LIMIT = 45 * 1000

# Basic Latin; all accented letters of Latin-1 and Latin Extended-A (da de en et fi is lt lv nb pl sv, and the
# Northern Sami and western names that turn up in lists of people); Romanian comma letters.
LATIN = [*range(0x20, 0x7F), *range(0xC0, 0x180), 0x218, 0x219, 0x21A, 0x21B, 0x1E9E]
# Russian, with the Ukrainian and Belarusian letters.
CYRILLIC = [0x401, 0x451, *range(0x410, 0x450), 0x404, 0x406, 0x407, 0x40E, 0x454, 0x456, 0x457, 0x45E, 0x490, 0x491]
MARKS = [0xA0, 0xA7, 0xA9, 0xAB, 0xAD, 0xB0, 0xB1, 0xB7, 0xBB, 0x2009, 0x200B, 0x202F, *range(0x2010, 0x2016),
         0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2022, 0x2026, 0x2032, 0x2033, 0x20AC, 0x2116, 0x2212]


def rename(font):
    names = font["name"]
    for record in list(names.names):
        if record.nameID in (1, 16):
            record.string = NAME
        elif record.nameID in (3, 4):
            record.string = f"{NAME} {names.getDebugName(5)}" if record.nameID == 3 else NAME
        elif record.nameID in (6, 25):
            record.string = NAME.replace(" ", "")
        elif record.nameID not in (0, 2, 5, 13, 14, 17) and record.nameID < 256:
            names.removeNames(nameID=record.nameID)


def main(source, out):
    font = TTFont(source, recalcTimestamp=False)  # the same input gives the same file
    options = subset.Options()
    options.layout_features = ["ccmp", "kern", "locl", "mark"]
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14, 25]
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=[*LATIN, *CYRILLIC, *MARKS])
    cutter.subset(font)
    font = instancer.instantiateVariableFont(font, {"wght": (400, 650)})
    rename(font)
    font.flavor = "woff2"
    font.save(out)
    size = os.path.getsize(out)
    if size > LIMIT:
        sys.exit(f"{out} has {size} bytes, the limit is {LIMIT}")
    print(f"{os.path.basename(out)} {size} bytes, {len(font.getBestCmap())} characters")


main(sys.argv[1], sys.argv[2])
