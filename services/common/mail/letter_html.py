"""The blocks of a letter as HTML: tables and inline styles, which mail programs understand.

Jinja takes three times as long for them, and writing confirmations is what a worker does most.
"""

from collections.abc import Iterable, Iterator
from html import escape

from markupsafe import Markup

from services.common.mail.letter import Block, Code, Facts, Heading, Item, Letter, Link, Paragraph

FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;"
_FIXED_FONT = "font-family:Consolas,Menlo,'Courier New',monospace;"
_TABLE = '<table role="presentation" cellpadding="0" cellspacing="0" border="0"'
_WIDE_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
_LINK_STYLE = "color:#b3123f;font-weight:600;"
_LABEL_STYLE = f"border-bottom:1px solid #e3e3e9;padding:10px 12px 10px 0;{FONT}font-size:14px;line-height:20px;color:#63636f;"
_VALUE_STYLE = f"border-bottom:1px solid #e3e3e9;padding:10px 0;{FONT}font-size:15px;line-height:20px;font-weight:600;color:#1c1c2b;word-break:break-word;"


def blocks_html(letter: Letter) -> Markup:
    """Write the blocks one below the other; whatever a text says is escaped."""
    return Markup("".join(_blocks(letter)))  # noqa: S704 - each text in it is escaped.


def _blocks(letter: Letter) -> Iterator[str]:
    has_heading = False
    for block in letter.blocks:
        yield _block(block, has_heading=has_heading)
        has_heading = has_heading or isinstance(block, Heading)


def _block(block: Block, *, has_heading: bool) -> str:
    match block:
        case Heading(text):
            html = _second_heading(text) if has_heading else _heading(text)
        case Paragraph(lines, tone):
            html = _paragraph(_lines(lines), tone)
        case Facts(rows):
            facts = "".join(_fact(label, value) for label, value in rows)
            html = f'{_WIDE_TABLE} class="line" style="margin:0 0 20px;border-top:1px solid #e3e3e9;">\n{facts}</table>\n'
        case Link(label, address, is_button):
            html = _button(label, address) if is_button else _link(label, address)
        case Code(text):
            html = f'{_WIDE_TABLE} style="margin:0 0 20px;"><tr><td class="code" align="center" style="background-color:#f2f2f5;border-radius:8px;padding:18px 12px;{_FIXED_FONT}font-size:22px;line-height:28px;font-weight:700;letter-spacing:1px;color:#1c1c2b;word-break:break-all;">{escape(text)}</td></tr></table>\n'
        case Item():
            html = _item(block)
    return html


def _heading(text: str) -> str:
    return f'<h1 class="ink" style="margin:0 0 16px;{FONT}font-size:24px;line-height:30px;font-weight:700;color:#1c1c2b;">{escape(text)}</h1>\n'


def _second_heading(text: str) -> str:
    return f'<h2 class="ink" style="margin:28px 0 12px;{FONT}font-size:18px;line-height:24px;font-weight:700;color:#1c1c2b;">{escape(text)}</h2>\n'


def _paragraph(lines: str, tone: str) -> str:
    match tone:
        case "important":
            return f'{_WIDE_TABLE} style="margin:0 0 20px;"><tr><td class="note" style="background-color:#fff6dc;border-left:4px solid #e0a800;padding:12px 16px;{FONT}font-size:16px;line-height:24px;color:#4a3a00;">{lines}</td></tr></table>\n'
        case "small":
            return f'<p class="soft" style="margin:0 0 16px;{FONT}font-size:13px;line-height:20px;color:#63636f;">{lines}</p>\n'
    return f'<p class="ink" style="margin:0 0 16px;{FONT}font-size:16px;line-height:24px;color:#2a2a35;">{lines}</p>\n'


def _fact(label: str, value: str) -> str:
    return (
        f'<tr><td class="label soft line" width="34%" valign="top" style="{_LABEL_STYLE}">{escape(label)}</td>'
        f'<td class="ink line" valign="top" style="{_VALUE_STYLE}">{escape(value)}</td></tr>\n'
    )


def _link(label: str, address: str) -> str:
    return f'<p style="margin:0 0 8px;{FONT}font-size:15px;line-height:22px;">{_anchor(label, address)}</p>\n'


def _anchor(label: str, address: str) -> str:
    return f'<a class="plain" href="{escape(address)}" style="{_LINK_STYLE}">{escape(label)}</a>'


def _button(label: str, address: str) -> str:
    return f'{_TABLE} style="margin:0 0 20px;"><tr><td bgcolor="#b3123f" style="background-color:#b3123f;border-radius:8px;"><a href="{escape(address)}" style="display:inline-block;padding:12px 22px;{FONT}font-size:16px;line-height:20px;font-weight:700;color:#ffffff;text-decoration:none;">{escape(label)}</a></td></tr></table>\n'


def _item(item: Item) -> str:
    title = escape(item.title)
    link = _anchor(item.address_label, item.address) if item.address else ""
    if link:
        link = f'<div style="padding-top:6px;{FONT}font-size:14px;line-height:20px;">{link}</div>'
    return (
        f'{_WIDE_TABLE} class="item" style="margin:0 0 14px;background-color:#f7f7f9;border-radius:10px;">\n'
        f'<tr>{_picture(item.image, title) if item.image else ""}\n<td class="about" valign="top" style="padding:14px 16px;">'
        f'<div class="ink" style="{FONT}font-size:16px;line-height:22px;font-weight:700;color:#1c1c2b;">{title}</div>\n'
        f'<div class="soft" style="padding-top:4px;{FONT}font-size:14px;line-height:21px;color:#4c4c58;">{_lines(item.lines)}</div>\n'
        f"{link}</td></tr></table>\n"
    )


def _picture(image: str, title: str) -> str:
    return (
        f'<td class="picture" width="170" valign="top" style="padding:14px 0 14px 14px;">{_TABLE}><tr><td bgcolor="#ffffff" style="background-color:#ffffff;border-radius:6px;padding:4px;">'
        f'<img src="cid:{escape(image)}@letter" width="148" height="148" alt="{title}" style="display:block;width:148px;height:148px;border:0;"></td></tr></table></td>'
    )


def _lines(lines: Iterable[str]) -> str:
    return "<br>".join(map(escape, lines))
