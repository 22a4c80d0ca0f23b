"""What the demo shows: a line a mail, filled in as things happen."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from helpdesk.demo.progress import Outcome

_WORDS = {
    "request": "依頼  request",
    "question": "質問  question",
    "reply": "返信  reply",
    "unclear": "要確認  for a person",
    "other": "対象外  not ours",
    "auto_reply": "自動返信  auto-reply",
    "bounce": "不達  bounce",
    "bulk": "一斉配信  bulk",
    "quarantined": "隔離  quarantined",
}
_LETTERS = {
    "receipt": "受付メール  receipt",
    "receipt_inquiry": "受付メール  receipt",
    "receipt_again": "受付済みのご案内  already in work",
    "missing_fields": "不足項目のお尋ね  asked for what is missing",
    "address_told": "アドレスのご案内  the answer",
    "declined": "お断り  declined",
    "topic_application_period": "質問への回答  answered",
}
_VERDICTS = {
    "verified": "本人確認 OK",
    "mismatch": "本人確認 不一致",
    "ambiguous": "本人確認 候補が複数",
    "incomplete": "本人確認 項目不足",
}


def table_of(outcomes: list[Outcome]) -> Table:
    """Return the table as things stand."""
    table = Table(title="helpdesk demo", title_justify="left", expand=True, show_lines=False)
    table.add_column("メール  mail", ratio=4)
    table.add_column("扱い  became", ratio=2)
    table.add_column("案件  case", no_wrap=True)
    table.add_column("したこと  what was done", ratio=5)
    for one in outcomes:
        became = _WORDS.get(one.disposition or "", "…")
        table.add_row(Text(one.mail.label), became, one.case or "", Text(_done(one)))
    return table


def _done(one: Outcome) -> str:
    if one.disposition is None:
        return "送信しました  sent" if one.sent else ""
    if one.disposition == "other":
        return "受信箱に残しました  left where it lay"
    parts = [_VERDICTS[one.verdict]] if one.verdict and one.disposition == "request" else []
    parts += [_LETTERS.get(letter, letter) for letter in one.letters]
    if one.waits:
        parts.append("承認待ち  waits for a person")
    return " / ".join(parts) or "返信しません  not answered"


class Show:
    """The live table, or plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        """Draw on a console."""
        self._console = console
        self._live = Live(console=console, refresh_per_second=8, transient=False)

    def __enter__(self) -> Show:
        """Begin drawing."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last state on the screen."""
        self._live.stop()

    def update(self, outcomes: list[Outcome]) -> None:
        """Draw the state anew."""
        if self._console.is_terminal:
            self._live.update(table_of(outcomes))

    def finish(self, outcomes: list[Outcome]) -> None:
        """Print the table where it was not drawn live."""
        if self._console.is_terminal:
            self._live.update(table_of(outcomes), refresh=True)
        else:
            self._console.print(table_of(outcomes))


def invitation(address: str, name: str, password: str) -> Panel:
    """Return where the console is, and what to try there."""
    lines = [
        "ブラウザーで開いてください。  Open the console in a browser:",
        "",
        f"  {address}/queue",
        f"  利用者名 name: {name}    パスワード password: {password}",
        "",
        "施設責任者になってメールを書く。  Play the facility head, and see what comes back:",
        "",
        f"  {address}/play",
    ]
    return Panel(Text("\n".join(lines), overflow="fold"), expand=False)


def commands(command: str, name: str, approve: int | None, folder: str) -> str:
    """Return what to try in a second terminal, each command on a line of its own to be copied.

    `approve`: an action that only waits for a person; its letter comes into `folder`.
    """
    lines = [
        "端末でも。  Or in a second terminal: what waits, approve it, read the letter that came:",
        "",
        f"{command} queue list",
        f"{command} queue approve {approve or 'N'} --as {name}",
        f'cat "$(ls -t {folder}/*.txt | head -n 1)"',
        "",
        "Ctrl-C で終了します（フォルダーは消えます）。  Ctrl-C ends and removes everything.",
    ]
    return "\n".join(lines)
