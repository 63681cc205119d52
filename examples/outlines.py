#!/usr/bin/env python3
"""Makes src/outlines/data/counties.txt of a GeoJSON file with the outlines of counties (property `code`).

Usage: outlines.py counties.geojson > src/outlines/data/counties.txt

Borders of such files often do not fit each other: two neighbours were simplified apart. So the counties are painted on
a fine grid, where each cell belongs to one county or to none, gaps are closed, and the borders are read off the grid.
A border is written once, with the county on either side of it, so that nothing is left between neighbours.
Only Python is needed. How it works, step by step: docs/figures.md.
"""
import json
import math
import sys
from collections import defaultdict, deque

WIDTH = 4000  # cells from west to east, some 280 m each
CLOSE = 5  # gaps up to twice so many cells wide are closed
SPECK = 40  # smaller pieces, of fewer cells, are given to what surrounds them
TOLERANCE = 2.2  # a simplified border is nowhere further from the real one, in cells


def rings(geometry):
    """The rings of a Polygon or MultiPolygon."""
    several = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [ring for polygon in several for ring in polygon]


def projected(features):
    """Code and rings on the grid: equirectangular, true to scale at the middle latitude; the size of the grid."""
    points = [p for f in features for ring in rings(f["geometry"]) for p in ring]
    west, east = min(p[0] for p in points), max(p[0] for p in points)
    south, north = min(p[1] for p in points), max(p[1] for p in points)
    shrink = math.cos(math.radians((south + north) / 2))
    scale = (WIDTH - 40) / ((east - west) * shrink)
    height = math.ceil((north - south) * scale) + 40
    at = lambda p: (20 + (p[0] - west) * shrink * scale, 20 + (north - p[1]) * scale)
    counties = [(f["properties"]["code"], [[at(p) for p in r] for r in rings(f["geometry"])]) for f in features]
    return sorted(counties), height


def paint(counties, height):
    """Rows of bytes: 0 for outside, else the number of the county, counted from 1."""
    rows = [bytearray(WIDTH) for _ in range(height)]
    for number, (_, outline) in enumerate(counties, 1):
        crossings = defaultdict(list)
        for ring in outline:
            for (x1, y1), (x2, y2) in zip(ring, ring[1:]):
                if y1 > y2:
                    x1, y1, x2, y2 = x2, y2, x1, y1
                for y in range(max(0, math.ceil(y1 - 0.5)), min(height, math.ceil(y2 - 0.5))):
                    crossings[y].append(x1 + (y + 0.5 - y1) * (x2 - x1) / (y2 - y1))
        for y, xs in crossings.items():
            xs.sort()
            for a, b in zip(xs[::2], xs[1::2]):
                first, last = math.ceil(a - 0.5), math.ceil(b - 0.5)
                rows[y][first:last] = bytes([number]) * (last - first)
    return rows


def around(x, y, height):
    for a, b in ((x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)):
        if 0 <= a < WIDTH and 0 <= b < height:
            yield a, b


def spread(rows, seeds, steps, take):
    """Lets what stands in the seeds grow over cells of which `take` says so, cell by cell."""
    height, front = len(rows), deque((x, y, 0) for x, y in seeds)
    while front:
        x, y, step = front.popleft()
        if step == steps:
            continue
        for a, b in around(x, y, height):
            if rows[b][a] != rows[y][x] and take(a, b):
                rows[b][a] = rows[y][x]
                front.append((a, b, step + 1))


def edge_cells(rows, inside):
    """Cells at the outer border: of the counties, or of what is outside."""
    height = len(rows)
    for y in range(height):
        row = rows[y]
        for x in range(1, WIDTH - 1):
            if (row[x] != 0) == inside:
                near = (row[x - 1], row[x + 1], rows[max(y - 1, 0)][x], rows[min(y + 1, height - 1)][x])
                if any((n != 0) != inside for n in near):
                    yield x, y


def close(rows):
    """Closes gaps: everything grows outwards, and what then is outside grows back."""
    original = [bytes(row) for row in rows]
    spread(rows, list(edge_cells(rows, True)), CLOSE, lambda x, y: rows[y][x] == 0)
    # Only cells that were outside before may be outside again.
    spread(rows, list(edge_cells(rows, False)), CLOSE, lambda x, y: rows[y][x] != 0 and original[y][x] == 0)


def pieces(rows):
    """The connected pieces of cells of one number."""
    height, seen = len(rows), [bytearray(WIDTH) for _ in rows]
    for y in range(height):
        for x in range(WIDTH):
            if seen[y][x]:
                continue
            number, piece, front = rows[y][x], [], [(x, y)]
            seen[y][x] = 1
            while front:
                a, b = front.pop()
                piece.append((a, b))
                for c, d in around(a, b, height):
                    if not seen[d][c] and rows[d][c] == number:
                        seen[d][c] = 1
                        front.append((c, d))
            yield number, piece


def swallow_specks(rows):
    """Gives small pieces, and holes that lie inside, to the neighbour with the longest border."""
    largest = defaultdict(int)
    found = sorted(pieces(rows), key=lambda p: -len(p[1]))
    for number, piece in found:
        main = largest[number] == 0
        largest[number] = max(largest[number], len(piece))
        hole = number == 0 and not main
        if main or not (hole or len(piece) < SPECK):
            continue
        border = defaultdict(int)
        for x, y in piece:
            for a, b in around(x, y, len(rows)):
                if rows[b][a] != number:
                    border[rows[b][a]] += 1
        to = max(border, key=border.get)
        for x, y in piece:
            rows[y][x] = to


def sides(rows):
    """Edges between cells of different numbers: from a corner in a direction, and what lies left and right of it."""
    edges = defaultdict(dict)
    for y in range(1, len(rows)):
        above, below = rows[y - 1], rows[y]
        if above != below:
            for x in range(WIDTH):
                if above[x] != below[x]:
                    edges[(x, y)][(x + 1, y)] = (above[x], below[x])
                    edges[(x + 1, y)][(x, y)] = (below[x], above[x])
    for y, row in enumerate(rows):
        for x in range(1, WIDTH):
            if row[x - 1] != row[x]:
                edges[(x, y)][(x, y + 1)] = (row[x], row[x - 1])
                edges[(x, y + 1)][(x, y)] = (row[x - 1], row[x])
    return edges


def arcs(edges):
    """Borders from one corner where three meet to the next, each once; and those that meet none."""
    done = set()

    def walk(start, then):
        path, pair = [start, then], edges[start][then]
        done.update({(start, then), (then, start)})
        while len(edges[path[-1]]) == 2 and path[-1] != start:
            here, before = path[-1], path[-2]
            ahead = next(p for p in edges[here] if p != before)
            done.update({(here, ahead), (ahead, here)})
            path.append(ahead)
        return pair, path

    for nodes in (True, False):
        for start in sorted(edges):
            for then in sorted(edges[start]):
                if (len(edges[start]) > 2) == nodes and (start, then) not in done:
                    yield walk(start, then)


def simplified(path):
    """Douglas and Peucker; a closed border is first parted at its point that is furthest from the start."""
    if path[0] == path[-1]:
        far = max(range(len(path)), key=lambda i: math.dist(path[0], path[i]))
        return simplified(path[: far + 1])[:-1] + simplified(path[far:])
    keep, parts = {0, len(path) - 1}, [(0, len(path) - 1)]
    while parts:
        first, last = parts.pop()
        (x1, y1), (x2, y2) = path[first], path[last]
        length = math.dist(path[first], path[last])
        worst, at = TOLERANCE, None
        for i in range(first + 1, last):
            off = abs((x2 - x1) * (y1 - path[i][1]) - (x1 - path[i][0]) * (y2 - y1)) / length
            if off > worst:
                worst, at = off, i
        if at is not None:
            keep.add(at)
            parts += [(first, at), (at, last)]
    return [path[i] for i in sorted(keep)]


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        counties, height = projected(json.load(file)["features"])
    rows = paint(counties, height)
    close(rows)
    swallow_specks(rows)
    names = ["-"] + [code for code, _ in counties]
    print(WIDTH, height)
    for (left, right), path in arcs(sides(rows)):
        points = simplified(path)
        numbers = [points[0][0], points[0][1]]
        for before, here in zip(points, points[1:]):
            numbers += [here[0] - before[0], here[1] - before[1]]
        print(names[left], names[right], *numbers)


if __name__ == "__main__":
    main()
