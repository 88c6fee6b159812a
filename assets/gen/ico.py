"""Packs PNG files into one .ico. Usage: ico.py OUT.ico FILE.png..."""
import struct
import sys


def main(out, names):
    images = [open(name, "rb").read() for name in names]
    offset = 6 + 16 * len(images)
    head = struct.pack("<HHH", 0, 1, len(images))
    for png in images:
        width, height = struct.unpack(">II", png[16:24])
        head += struct.pack("<BBBBHHII", width, height, 0, 0, 1, 32, len(png), offset)
        offset += len(png)
    with open(out, "wb") as file:
        file.write(head + b"".join(images))


main(sys.argv[1], sys.argv[2:])
