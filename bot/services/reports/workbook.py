"""Tables as spreadsheets: CSV with the mark Excel knows UTF-8 by, and XLSX (ECMA-376) with numbers as numbers."""

import io
import zipfile
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bot.services import sheets

Cell = str | int | float | None
SHARES = 2
"""The style of a share, shown in percent."""
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = (
    f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Table:
    """`name` is the sheet's. Floats are shares of 1, None is "nothing to go by"."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv(table: Table) -> bytes:
    """One table; shares in percent."""
    rows = [{name: _words(cell) for name, cell in zip(table.columns, row, strict=True)} for row in table.rows]
    return BOM_UTF8 + sheets.write(list(table.columns), rows)


def xlsx(tables: Sequence[Table]) -> bytes:
    """A workbook of the tables, a sheet each. Texts are texts: nothing in it is a formula."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in _package([table.name for table in tables]).items():
            archive.writestr(name, content)
        for number, table in enumerate(tables, 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", _sheet(table))
    return out.getvalue()


def _words(cell: Cell) -> str:
    return "" if cell is None else f"{100 * cell:.1f}%" if isinstance(cell, float) else str(cell)


def _package(names: Sequence[str]) -> dict[str, str]:
    numbers = range(1, len(names) + 1)
    overrides = "".join(f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_TYPES}.worksheet+xml"/>'
                        for n in numbers)
    listed = "".join(f'<sheet name={quoteattr(_title(name, n))} sheetId="{n}" r:id="rId{n}"/>'
                     for n, name in zip(numbers, names, strict=True))
    related = "".join(f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
                      for n in numbers)
    return {
        "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">{related}'
        f'<Relationship Id="rId{len(names) + 1}" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": _STYLES,
    }


def _title(name: str, number: int) -> str:
    """Excel takes 31 letters and none of []:*?/\\ in a sheet's name."""
    return "".join(c for c in name if c not in "[]:*?/\\")[:31] or f"{number}"


def _sheet(table: Table) -> str:
    rows = [_row(1, list(table.columns), style=1), *(_row(n, row) for n, row in enumerate(table.rows, 2))]
    widths = "".join(f'<col min="{n}" max="{n}" width="{_width(table, n - 1)}" customWidth="1"/>'
                     for n in range(1, len(table.columns) + 1))
    frozen = ('<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
              'state="frozen"/></sheetView></sheetViews>')
    return (f'{_HEAD}<worksheet xmlns="{_MAIN}">{frozen}<cols>{widths}</cols>'
            f'<sheetData>{"".join(rows)}</sheetData></worksheet>')


def _row(number: int, cells: Sequence[Cell], style: int = 0) -> str:
    return f'<row r="{number}">' + "".join(
        _cell(f"{_letters(n)}{number}", cell, style) for n, cell in enumerate(cells) if cell is not None) + "</row>"


def _cell(at: str, cell: Cell, style: int) -> str:
    if isinstance(cell, float):
        return f'<c r="{at}" s="{SHARES}"><v>{cell!r}</v></c>'
    if isinstance(cell, int):
        return f'<c r="{at}"><v>{cell}</v></c>'
    words = "".join(c for c in str(cell) if not sheets.unprintable(c))
    return f'<c r="{at}" t="inlineStr" s="{style}"><is><t xml:space="preserve">{escape(words)}</t></is></c>'


def _letters(number: int) -> str:
    """0 is A, 26 is AA."""
    return (_letters(number // 26 - 1) if number >= 26 else "") + chr(ord("A") + number % 26)


def _width(table: Table, column: int) -> int:
    """Chinese takes two places."""
    texts = [table.columns[column], *(_words(row[column]) for row in table.rows[:200])]
    return min(60, max(sum(2 if ord(c) > 0x2E80 else 1 for c in words) for words in texts) + 2)
