"""Lines in SVG: one picture, some series, a legend. No library; numbers in, text out."""
import math

COLOURS = ("#4269d0", "#efb118", "#ff725c", "#6cc5b0", "#3ca951", "#ff8ab7", "#a463f2", "#97bbf5", "#9c6b4e")
WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 60, 210, 40, 50


def ticks_of(low, high, log):
    """Round numbers between two."""
    if log:
        return [10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    step = 10 ** math.floor(math.log10(high - low or 1))
    step = next(s for s in (step / 5, step / 2, step, 2 * step) if (high - low) / s <= 6)
    return [low + step * i for i in range(int((high - low) / step) + 1)]


def text(x, y, words, anchor="start", more=""):
    """A label."""
    safe = words.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{safe}</text>'


def svg(title, x_label, y_label, series, log_x=False, y_max=None):
    """series: {name: [(x, y)]}; drawn as steps, since a count stays until the next one."""
    xs = [x for points in series.values() for x, _ in points if not log_x or x > 0]
    ys = [y for points in series.values() for _, y in points]
    low, high = (min(xs), max(xs)) if xs else (0.1, 1.0)
    if not log_x:
        low = 0.0
    high = max(high, low * 1.001, low + 1e-9)
    x_ticks = ticks_of(low, high, log_x)
    if log_x:
        low, high = x_ticks[0], x_ticks[-1]
    top = y_max or max(ys, default=1) or 1

    def at_x(x):
        part = math.log(max(x, low) / low) / math.log(high / low) if log_x else (x - low) / (high - low)
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def at_y(y):
        return HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM)

    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
           '<rect width="100%" height="100%" fill="white"/>', text(LEFT, 22, title, more=' font-size="15"')]
    for x in x_ticks:
        out.append(f'<path d="M{at_x(x):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        out.append(text(at_x(x), HEIGHT - BOTTOM + 16, f"{x:g}", "middle"))
    for y in ticks_of(0, top, False):
        out.append(f'<path d="M{LEFT} {at_y(y):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(text(LEFT - 6, at_y(y) + 4, f"{y:g}", "end"))
    out.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, x_label, "middle"))
    out.append(text(16, HEIGHT / 2, y_label, "middle", f' transform="rotate(-90 16 {HEIGHT / 2:.0f})"'))
    for i, (name, points) in enumerate(series.items()):
        colour = COLOURS[i % len(COLOURS)]
        path, last = "", None
        for x, y in points:
            path += f"M{at_x(x):.1f} {at_y(y):.1f}" if last is None else f"H{at_x(x):.1f}V{at_y(y):.1f}"
            last = y
        dash = "" if i < len(COLOURS) else ' stroke-dasharray="5 3"'
        out.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        y = TOP + 14 + 18 * i
        out.append(f'<path d="M{WIDTH - RIGHT + 14} {y - 4}h22" stroke="{colour}" stroke-width="3"{dash}/>')
        out.append(text(WIDTH - RIGHT + 42, y, name))
    return "\n".join(out + ["</svg>", ""])
