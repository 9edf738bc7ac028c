"""What the platform knows: merchants, orders, refunds, transfers, guides, its own keys."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from siyu.kernel.clock import SHANGHAI

KEY_SIZE = 2048
CERTIFICATE_LIFE = timedelta(days=5 * 365)
CONFIRM_LIFE = timedelta(hours=24)
PUBLIC_KEY_ID = "PUB_KEY_ID_0100000000000000000000000000000001"


class Fault(Exception):
    """A refusal in the platform's words."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class PlatformKey:
    """A key pair of the platform. serial: hexadecimal, or the id of a public key."""

    serial: str
    key: rsa.RSAPrivateKey
    pem: str
    starts_at: datetime
    ends_at: datetime


@dataclass
class Refund:
    out_refund_no: str
    refund_id: str
    amount: int
    at: datetime


@dataclass
class Order:
    """state: NOTPAY, SUCCESS, REFUND, CLOSED."""

    out_trade_no: str
    description: str
    appid: str
    total: int
    made_at: datetime
    trade_type: str
    notify_url: str
    attach: str = ""
    payer: str = ""
    state: str = "NOTPAY"
    transaction_id: str = ""
    paid_at: datetime | None = None
    guide_id: str = ""
    refunds: dict[str, Refund] = field(default_factory=dict)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds.values())


@dataclass
class Transfer:
    """A transfer bill; `request` is its body as it came, to tell a repeat from another."""

    out_bill_no: str
    transfer_bill_no: str
    openid: str
    amount: int
    request: dict[str, Any]
    notify_url: str
    at: datetime
    state: str = "WAIT_USER_CONFIRM"
    reason: str = ""
    changed_at: datetime | None = None


@dataclass
class Guide:
    guide_id: str
    store_id: str
    userid: str
    name: str
    mobile: str
    qr_code: str
    avatar: str = ""


@dataclass
class Knobs:
    """per_minute: calls a minute; has_bills: False answers STATEMENT_CREATING; day_limit_fen:
    transfers of a day."""

    per_minute: int = 6_000
    has_bills: bool = True
    day_limit_fen: int = 10_000_000


@dataclass
class Merchant:
    """One merchant's books."""

    mchid: str
    appid: str
    serial_no: str
    key: rsa.RSAPublicKey
    api_v3_key: bytes
    callback_url: str = ""
    is_public_key: bool = False
    balance: int = 100_000_000
    orders: dict[str, Order] = field(default_factory=dict)
    transfers: dict[str, Transfer] = field(default_factory=dict)
    guides: dict[str, Guide] = field(default_factory=dict)
    bills: dict[str, bytes] = field(default_factory=dict)
    knobs: Knobs = field(default_factory=Knobs)
    counts: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    minute: tuple[int, int] = (0, 0)
    numbers: int = 0

    def next_id(self, prefix: str) -> str:
        """A new number, the same in every run."""
        self.numbers += 1
        return f"{prefix}{self.mchid[-4:]}{self.numbers:018d}"


def make_key(now: datetime, number: int) -> PlatformKey:
    """A new certificate of the platform's own CA."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    serial = int(f"5157{number:036X}", 16)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tenpay.com Sandbox CA")])
    starts_at, ends_at = now - timedelta(hours=1), now + CERTIFICATE_LIFE
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(serial)
        .not_valid_before(starts_at)
        .not_valid_after(ends_at)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return PlatformKey(f"{serial:X}", key, pem, starts_at, ends_at)


def make_public_key(now: datetime) -> PlatformKey:
    """The key of public key mode: the same for ever, known by its id."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_SIZE)
    pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return PlatformKey(PUBLIC_KEY_ID, key, pem.decode(), now, now + CERTIFICATE_LIFE)


def rfc3339(at: datetime | None) -> str:
    """A time as the platform writes it."""
    return at.astimezone(SHANGHAI).replace(microsecond=0).isoformat() if at else ""
