"""CSV files as people send them: any usual encoding in, UTF-8 out, and no cell that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.errors import BadInput
from bot.i18n import text

Row = dict[str, str]
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠]")
"""What a spreadsheet takes for a formula (OWASP, CSV injection), or such a cell made harmless by a leading `'`."""
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


@dataclass(frozen=True)
class Problem:
    """Why a row cannot be used, `key` and `facts` as in errors. `line` as an editor counts, 0 for the whole file."""

    file: str
    line: int
    key: str
    facts: dict[str, Any] = field(default_factory=dict)

    def reason(self, language: str) -> str:
        """In words."""
        return text(f"errors.{self.key}", language, **self.facts)


@dataclass
class Sheet:
    """What could be read of a file: (line, row) and problems. Not `whole`: rows are missing that the file may have."""

    rows: list[tuple[int, Row]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True


class _BrokenError(Exception):
    """Nothing can be read from this line on."""

    def __init__(self, line: int, key: str, **facts: Any) -> None:
        super().__init__(key)
        self.line, self.key, self.facts = line, key, facts


def read(file: str, content: bytes, columns: Sequence[str] = ()) -> Sheet:
    """The rows of a file. With `columns` given, exactly those must be there, in any order."""
    sheet = Sheet()
    try:
        lines = _lines(_decoded(content))
        _, head = next(lines)
        names = _names(head, columns)
        width = len(names)
        for line, cells in lines:
            if len(cells) not in (width, len(head)) or any(cells[width:]):
                sheet.problems.append(Problem(file, line, "exchange.ragged", {"found": len(cells), "wanted": width}))
                sheet.whole = False
            else:
                sheet.rows.append((line, {name: unguarded(cell) for name, cell in zip(names, cells, strict=False)}))
    except _BrokenError as broken:
        sheet.problems.append(Problem(file, broken.line, broken.key, broken.facts))
        sheet.whole = False
    return sheet


def rows(path: Path) -> list[tuple[int, Row]]:
    """The rows of a file of ours. Raises BadInput where it cannot be read."""
    sheet = read(path.name, path.read_bytes())
    for problem in sheet.problems:
        raise BadInput("import.unreadable", file=path.name, line=problem.line)
    return sheet.rows


def write(columns: Sequence[str], content: Iterable[Row]) -> bytes:
    """A CSV file in UTF-8, lines ending in LF; cells that look like formulas get a `'` in front."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([guarded(row[c]) for c in columns] for row in content)
    return out.getvalue().encode()


def guarded(cell: str) -> str:
    """The cell as no spreadsheet runs it."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguarded(cell: str) -> str:
    """The cell as it was before `guarded`, tidied."""
    tidy = tidied(cell)
    return tidy[1:] if tidy.startswith("'") and _FORMULA.match(tidy) else tidy


def tidied(cell: str) -> str:
    """Without space around it, its line ends as LF."""
    return cell.replace("\r\n", "\n").replace("\r", "\n").strip() if "\r" in cell else cell.strip()


def _decoded(content: bytes) -> str:
    if not content.strip(b"\xef\xbb\xbf\r\n\t ,;"):
        raise _BrokenError(0, "exchange.empty")
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _BrokenError(0, "exchange.workbook")
    try:
        return content.decode("utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
    loose = content.decode("utf-8", "replace")
    broken = loose.count("\ufffd")
    if broken * 2 < sum(c > "\x7f" for c in loose):  # damaged UTF-8; as GB18030 it would be read as other characters
        raise _BrokenError(line, "exchange.encoding")
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _BrokenError(content.count(b"\n", 0, error.start) + 1, "exchange.encoding") from error


def _lines(words: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every line that has any, the header first. Excel of some countries writes `;` or tabs."""
    head = words.partition("\n")[0]
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=max(",;\t", key=head.count), strict=True)
    ended = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield ended + 1, cells
            ended = reader.line_num
    except csv.Error as error:
        raise _BrokenError(ended + 1, "exchange.quotes") from error


def _names(head: list[str], columns: Sequence[str]) -> list[str]:
    """The columns named in the header, without the empty ones a spreadsheet adds at the end."""
    names = [name.strip() for name in head]
    while not names[-1]:
        names.pop()
    twice = {name for name in names if names.count(name) > 1}
    missing, unknown = [c for c in columns if c not in names], [n for n in names if n not in columns]
    if twice:
        raise _BrokenError(1, "exchange.column_twice", columns=", ".join(sorted(twice)))
    if columns and missing:
        raise _BrokenError(1, "exchange.columns_missing", columns=", ".join(missing), expected=", ".join(columns))
    if columns and unknown:
        raise _BrokenError(1, "exchange.columns_unknown", columns=", ".join(unknown), expected=", ".join(columns))
    return names


def unprintable(cell: str) -> bool:
    """Whether a cell has signs nobody can read and PostgreSQL does not store."""
    return bool(_UNPRINTABLE.search(cell))
