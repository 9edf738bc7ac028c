"""What callbacks may have failed to say: orders asked for, and the day's bill."""

from __future__ import annotations

import csv
import gzip
import hashlib
import hmac
import io
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec

from siyu.kernel.errors import PlatformRefused, Refused, RetryLater
from siyu.kernel.money import to_fen
from siyu.platforms.wechat_pay.client import WechatPayClient
from siyu.platforms.wechat_pay.errors import ABSENT
from siyu.platforms.wechat_pay.mapping import Origin, order_fact, refund_fact
from siyu.platforms.wechat_pay.wire import Amount, Payer, Refund, Transaction
from siyu.ports.payments import Bill, BillLine, PaymentState, RemotePayment

MAX_BILL = 64 * 1024 * 1024
NO_BILL = frozenset({"NO_STATEMENT_EXIST", *ABSENT})
NOT_YET = "STATEMENT_CREATING"
STATES = {
    "SUCCESS": PaymentState.PAID,
    "REFUND": PaymentState.REFUNDED,
    "CLOSED": PaymentState.CLOSED,
    "REVOKED": PaymentState.CLOSED,
    "PAYERROR": PaymentState.CLOSED,
}
Row = Mapping[str, str]


class PaymentQueries:
    """See `PaymentSource`."""

    def __init__(self, client: WechatPayClient) -> None:
        self._client = client

    def find_payment(self, order_no: str) -> RemotePayment | None:
        """GET the order; a paid one comes as the fact its callback would have been."""
        try:
            answer = self._client.get_order(order_no)
            found = msgspec.convert(answer, Transaction)
        except PlatformRefused as refusal:
            if refusal.platform_code in ABSENT:
                return None
            raise
        except msgspec.ValidationError as error:
            raise RetryLater("payment.answer", "微信支付的应答无法读取") from error
        if found.out_trade_no != order_no:
            raise RetryLater("payment.answer", "微信支付的应答不是这张单的")
        state = STATES.get(found.trade_state, PaymentState.OPEN)
        is_paid = state in {PaymentState.PAID, PaymentState.REFUNDED}
        fact = order_fact(found, self._origin(f"query:{order_no}")) if is_paid else None
        return RemotePayment(order_no, state, found.amount.total, fact)

    def fetch_bill(self, day: date) -> Bill | None:
        """Download, compare the hash over the unpacked file, read, compare the totals."""
        try:
            told = self._client.get_trade_bill(day.isoformat())
        except PlatformRefused as refusal:
            if refusal.platform_code in NO_BILL:
                return None
            if refusal.platform_code == NOT_YET:
                raise RetryLater("bill.creating", "微信支付正在生成账单") from refusal
            raise
        url = told.get("download_url")
        if not url or not isinstance(url, str):
            raise RetryLater("bill.answer", "微信支付没有给出账单的下载地址")
        text = _unpack(self._client.download_bill(url))
        wanted = str(told.get("hash_value", "")).lower()
        if not hmac.compare_digest(hashlib.sha1(text, usedforsecurity=False).hexdigest(), wanted):
            raise RetryLater("bill.hash", "账单文件与微信支付公布的摘要不符")
        return self._bill(day, text.decode("utf-8-sig"))

    def _bill(self, day: date, text: str) -> Bill:
        rows, totals = _read_csv(text)
        lines = [line for row in rows for line in self._lines(row)]
        paid = sum(line.amount_fen for line in lines if not line.refund_no)
        refunded = sum(line.amount_fen for line in lines if line.refund_no)
        if to_fen(totals["订单总金额"]) != paid or to_fen(totals["申请退款总金额"]) != refunded:
            raise RetryLater("bill.totals", "账单各行相加与汇总行不符")
        return Bill(day, lines, paid, refunded)

    def _lines(self, row: Row) -> Iterator[BillLine]:
        order_no, state = row["商户订单号"], row["交易状态"]
        if state == "SUCCESS":
            total = to_fen(row["订单金额"])
            transaction = Transaction(
                out_trade_no=order_no,
                trade_state=state,
                amount=Amount(total=total, currency=row["货币种类"] or "CNY"),
                appid=row["公众账号ID"],
                transaction_id=row["微信订单号"],
                trade_type=row["交易类型"],
                success_time=_time(row["交易时间"]),
                payer=Payer(openid=row["用户标识"]),
            )
            fact = order_fact(transaction, self._origin(f"bill:{order_no}"))
            yield BillLine(order_no, "", total, fact)
        elif state == "REFUND" and row["退款状态"] in {"SUCCESS", "PROCESSING"}:
            refund_no, back = row["商户退款单号"], to_fen(row["申请退款金额"])
            refund = Refund(
                out_trade_no=order_no,
                out_refund_no=refund_no,
                refund_status=row["退款状态"],
                amount=Amount(refund=back),
                transaction_id=row["微信订单号"],
                success_time=_time(row["交易时间"]),
            )
            fact = refund_fact(refund, self._origin(f"bill:{order_no}:{refund_no}"))
            yield BillLine(order_no, refund_no, back, fact)

    def _origin(self, message_id: str) -> Origin:
        return Origin(self._client.account, self._client.clock.now(), message_id)


def _unpack(packed: bytes) -> bytes:
    """The file behind GZIP, or as it is; RetryLater when it is cut short or larger than 64 MiB."""
    if packed[:2] != b"\x1f\x8b":
        return packed
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(packed)) as file:
            text = file.read(MAX_BILL + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise RetryLater("bill.packed", "账单文件不完整") from error
    if len(text) > MAX_BILL:
        raise RetryLater("bill.size", "账单超过 64 MiB")
    return text


def _read_csv(text: str) -> tuple[Sequence[Row], Row]:
    """Rows by the names of the header, and the summary; each cell comes after a backtick."""
    cells = [[cell.strip().lstrip("`") for cell in row] for row in csv.reader(io.StringIO(text))]
    cells = [row for row in cells if row]
    try:
        end = next(n for n, row in enumerate(cells) if row[0] == "总交易单数")
        header, names = cells[0], cells[end]
        rows = [dict(zip(header, row, strict=True)) for row in cells[1:end]]
        return rows, dict(zip(names, cells[end + 1], strict=True))
    except (StopIteration, IndexError, ValueError, Refused) as error:
        raise RetryLater("bill.shape", "账单格式无法读取") from error


def _time(text: str) -> str:
    """`2026-11-20 12:00:00` of Shanghai as RFC 3339."""
    return f"{text.replace(' ', 'T')}+08:00" if text else ""
