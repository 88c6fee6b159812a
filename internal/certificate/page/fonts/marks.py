#!/usr/bin/env python3
"""Writes marks.txt: where the fonts put the marks of the letters that DIN 91379
has only as a sequence of a letter and its marks.

Needs hb-shape (Debian: libharfbuzz-bin) and the fonts that subset.sh names. The
subsets carry no positioning of their own, so the places are looked up here once.
"""
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
NOTO = os.environ.get("NOTO_DIR", "/usr/share/fonts/truetype/noto")
HEAD = """\
# Made by marks.py. A line: a letter with its marks as in a text; then for serif and
# sans each glyph as letter@x,y, in thousandths of the size.
"""


def shape(font, sequence):
    """The glyphs of a letter and its marks as (letter, x, y)."""
    out = subprocess.run(
        ["hb-shape", f"{NOTO}/{font}-Regular.ttf", "--no-clusters",
         "--unicodes=" + ",".join("U+" + c for c in sequence)],
        check=True, capture_output=True, text=True).stdout
    glyphs = out.strip().strip("[]").split("|")
    if len(glyphs) != len(sequence):
        raise SystemExit(f"{sequence}: {out}")
    pen, placed = 0, []
    for glyph, letter in zip(glyphs, sequence):
        name, advance = glyph.split("+")
        name, _, offset = name.partition("@")
        x, y = map(int, offset.split(",")) if offset else (0, 0)
        # A j gives up its dot for an accent.
        placed.append(("0237" if name == "uni0237" else letter, pen + x, y))
        pen += int(advance)
    return placed


def main():
    with open(f"{HERE}/../testdata/din91379.txt", encoding="utf-8") as lines:
        sequences = [line.split() for line in lines if " " in line and line[0] != "#"]
    # A mark across two letters belongs to the first, as Unicode has it.
    double = {("004B", "035F"): "0068", ("006B", "035F"): "0068"}
    sequences = [s for s in sequences if s[1] != "035F"] + [list(s) for s in double]
    with open(f"{HERE}/marks.txt", "w", encoding="utf-8") as out:
        out.write(HEAD)
        for sequence in sequences:
            out.write(" ".join(sequence))
            follower = double.get(tuple(sequence))
            for font in ("NotoSerif", "NotoSans"):
                placed = shape(font, sequence + [follower] if follower else sequence)
                out.write("; " + " ".join("%s@%d,%d" % p for p in placed[:len(sequence)]))
            out.write("\n")


main()
