#!/usr/bin/env python3
"""Draws a certificate again and again with ReportLab, and says how many a second.

Reads from standard input, as JSON, the fonts' files, for how many seconds to
draw, and the texts; the layout is that of internal/certificate/page for a page
without long texts, at places known beforehand. The fonts are read once.
"""
import io
import json
import sys
import time

from reportlab.graphics.barcode.qr import QrCode
from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen import canvas

WIDTH, HEIGHT = 297, 210
LEFT, RIGHT = 27, 270
CODE = 29
FJORD, INK, STONE, EMBER = map(HexColor, ("#0B5566", "#252D30", "#555F64", "#F0A030"))
STONES = (
    ((10, 59), (13, 47), (49, 45), (55, 59)),
    ((16, 39), (22, 30), (46, 32), (49, 39)),
    ((25, 24), (27, 18), (38, 17), (41, 24)),
)


class Page:
    """One page, measured in millimetres from its upper left corner."""

    def __init__(self, out):
        self.canvas = canvas.Canvas(out, pagesize=(WIDTH * mm, HEIGHT * mm), pageCompression=1, invariant=1)

    def text(self, font, size, colour, x, y, words):
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(colour)
        self.canvas.drawString(x * mm, (HEIGHT - y) * mm, words)

    def ends(self, font, size, colour, x, y, words):
        self.canvas.setFont(font, size)
        self.canvas.setFillColor(colour)
        self.canvas.drawRightString(x * mm, (HEIGHT - y) * mm, words)

    def rule(self, x, y, width):
        self.canvas.line(x * mm, (HEIGHT - y) * mm, (x + width) * mm, (HEIGHT - y) * mm)

    def mark(self, x, y, side):
        unit = side / 64
        self.canvas.setFillColor(FJORD)
        self.canvas.setLineWidth(4 * unit * mm)
        self.canvas.setLineJoin(1)
        for stone in STONES:
            path = self.canvas.beginPath()
            for i, (dx, dy) in enumerate(stone):
                to = path.moveTo if i == 0 else path.lineTo
                to((x + dx * unit) * mm, (HEIGHT - y - dy * unit) * mm)
            path.close()
            self.canvas.drawPath(path, stroke=1, fill=1)
        self.canvas.setFillColor(EMBER)
        self.canvas.circle((x + 33 * unit) * mm, (HEIGHT - y - 7 * unit) * mm, 5 * unit * mm, stroke=0, fill=1)


def draw(texts, number, address, code):
    """One certificate, with its QR code or without; first is the holder's language, second English."""
    out = io.BytesIO()
    page = Page(out)
    first, second = texts["first"], texts["second"]
    page.canvas.setTitle(first["heading"] + ": " + first["course"])
    page.canvas.setAuthor(texts["issuer"])
    page.canvas.setSubject(number)
    page.canvas.setStrokeColor(FJORD)
    page.canvas.setLineWidth(0.35 * mm)
    page.canvas.rect(9 * mm, 9 * mm, (WIDTH - 18) * mm, (HEIGHT - 18) * mm)
    page.mark(RIGHT - 36, 20.4, 15)
    page.ends("sans", 19, FJORD, RIGHT, 34.5, "Varde")
    page.text("serif", 25, FJORD, LEFT, 34.5, first["heading"])
    page.text("sans", 11, STONE, LEFT, 42, second["heading"])
    page.text("sans", 12, STONE, LEFT, 62, first["awarded"])
    page.text("sans", 9, STONE, LEFT, 67, second["awarded"])
    page.text("serif", 34, INK, LEFT, 81, texts["holder"])
    page.text("sans", 12, STONE, LEFT, 94, first["completed"])
    page.text("sans", 9, STONE, LEFT, 99, second["completed"])
    page.text("serif", 20, INK, LEFT, 109, first["course"])
    page.text("sans", 11, STONE, LEFT, 116, second["course"])
    page.canvas.setLineWidth(0.2 * mm)
    page.rule(LEFT, 125, RIGHT - LEFT)
    facts = zip(first["facts"], second["facts"])
    for i, ((label, value), (label2, value2)) in enumerate(facts):
        x, y = LEFT + i % 4 * 62.75, 131 + i // 4 * 17
        page.text("sans", 8, STONE, x, y, label + " · " + label2)
        page.text("sans", 10.5, INK, x, y + 5.5, value)
        page.text("sans", 8, STONE, x, y + 9.5, value2)
    page.rule(LEFT, 172, 72)
    page.text("serif", 13, INK, LEFT, 178, texts["issuer"])
    page.text("sans", 9.5, STONE, LEFT, 183, first["signed"])
    page.text("sans", 7.5, STONE, LEFT, 187, second["signed"])
    edge = RIGHT - CODE - 6
    page.ends("sans", 9.5, STONE, edge, 172, first["hint"])
    page.ends("sans", 7.5, STONE, edge, 176, second["hint"])
    page.ends("sans", 13, INK, edge, 182, number)
    page.ends("sans", 8, FJORD, edge, 187, address)
    page.canvas.setFillColorRGB(0, 0, 0)
    below = HEIGHT - 189
    if code:
        QrCode(address, width=CODE * mm, height=CODE * mm, qrBorder=0, qrLevel="M").drawOn(
            page.canvas, (RIGHT - CODE) * mm, below * mm)
    for x, y, width, height in ((RIGHT - CODE, below, CODE, CODE), (edge - 84, below, 84, 4)):
        page.canvas.linkURL(address, (x * mm, y * mm, (x + width) * mm, (y + height) * mm))
    page.canvas.showPage()
    page.canvas.save()
    return out.getvalue()


def main():
    order = json.load(sys.stdin)
    for name, file in order["fonts"].items():
        pdfmetrics.registerFont(TTFont(name, file))
    texts = order["texts"]

    def certificate(i):
        number = f"7K3M-9QXA-WB5T-{i:04d}"
        return draw(texts, number, "https://varde.example/verify/" + number, order["code"])

    pdf = certificate(0)
    if order.get("keep"):
        with open(order["keep"], "wb") as file:
            file.write(pdf)
    drawn, began = 0, time.perf_counter()
    while time.perf_counter() - began < order["seconds"]:
        drawn += 1
        certificate(drawn % 10000)
    print(drawn / (time.perf_counter() - began))


main()
