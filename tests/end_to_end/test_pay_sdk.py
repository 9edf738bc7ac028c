"""The sandbox is WeChat Pay to any client: `wechatpayv3`, an SDK of others, works against it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType

from siyu.platforms.wechat_pay.tests.kit import (
    API_KEY,
    APPID,
    MCHID,
    SERIAL,
    platform_key,
    private_pem,
    public_pem,
)

SANDBOX = "from siyu.site.command import main; main(['sandbox', '--port', '{port}'])"
SECOND = "1900000777"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    """The address of a running `siyu sandbox`."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", SANDBOX.format(port=port)]) as process:
        url = f"http://127.0.0.1:{port}"
        for _ in range(200):
            try:
                httpx.get(f"{url}/_sandbox/witness", trust_env=False)
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield url
        process.terminate()


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """An address, and the callbacks that came there."""
    came: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            came.append((dict(self.headers), self.rfile.read(size)))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/notify", came
    server.shutdown()
    server.server_close()


def control(url: str, operation: str, **arguments: Any) -> Any:
    answer = httpx.post(f"{url}/_sandbox/wechat_pay/{operation}", json=arguments, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def open_sdk(url: str, notify: str, *, mchid: str = MCHID, **keys: Any) -> WeChatPay:
    """The SDK as its users make it; its gateway is a private attribute, there is no other way."""
    sdk = WeChatPay(
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=mchid,
        private_key=private_pem(),
        cert_serial_no=SERIAL,
        appid=APPID,
        apiv3_key=API_KEY,
        notify_url=notify,
        **keys,
    )
    sdk._core._gate_way = f"{url}/wechat_pay"
    return sdk


def configure(url: str, notify: str, *, mchid: str = MCHID, is_public_key: bool) -> Any:
    return control(
        url,
        "configure",
        mchid=mchid,
        appid=APPID,
        serial_no=SERIAL,
        api_v3_key=API_KEY,
        merchant_key=public_pem(),
        callback_url=notify,
        is_public_key=is_public_key,
    )


def wait_for(came: list[Any], count: int) -> None:
    for _ in range(200):
        if len(came) >= count:
            return
        time.sleep(0.02)
    raise AssertionError(f"{len(came)} of {count} callbacks came")


def said(answer: tuple[int, str]) -> Any:
    code, text = answer
    assert 200 <= code < 300, answer
    return json.loads(text) if text else None


@pytest.fixture
def place(sandbox, mailbox) -> tuple[str, WeChatPay, list[tuple[dict[str, str], bytes]]]:
    """Sandbox, SDK in public key mode, and its callbacks."""
    notify, came = mailbox
    given = configure(sandbox, notify, is_public_key=True)
    sdk = open_sdk(
        sandbox, notify, public_key=given["public_key"], public_key_id=given["public_key_id"]
    )
    return sandbox, sdk, came


def test_order_query_payment_callback_refund(place):
    url, sdk, came = place
    made = said(sdk.pay("明前龙井", "SDK0000001", {"total": 16800, "currency": "CNY"}))
    assert made["code_url"].startswith("weixin://")
    assert said(sdk.query(out_trade_no="SDK0000001"))["trade_state"] == "NOTPAY"
    control(url, "pay", out_trade_no="SDK0000001", person="小满")
    wait_for(came, 1)
    notice = sdk.callback(*came[0])
    assert notice["event_type"] == "TRANSACTION.SUCCESS"
    assert notice["resource"]["out_trade_no"] == "SDK0000001"
    assert notice["resource"]["amount"]["total"] == 16800
    found = said(sdk.query(transaction_id=notice["resource"]["transaction_id"]))
    assert (found["trade_state"], found["payer"]) == ("SUCCESS", notice["resource"]["payer"])
    back = {"refund": 800, "total": 16800, "currency": "CNY"}
    assert said(sdk.refund("SDKR1", back, out_trade_no="SDK0000001"))["status"] == "SUCCESS"
    wait_for(came, 2)
    assert sdk.callback(*came[1])["resource"]["amount"]["refund"] == 800
    assert said(sdk.query_refund("SDKR1"))["amount"]["refund"] == 800


def test_errors_are_the_platforms_own(place):
    _, sdk, _ = place
    code, text = sdk.query(out_trade_no="nobody-has-this")
    assert (code, json.loads(text)["code"]) == (404, "ORDER_NOT_EXIST")
    sdk._core._private_key = platform_key().key
    code, text = sdk.query(out_trade_no="SDK0000001")
    assert (code, json.loads(text)["code"]) == (401, "SIGN_ERROR")


def test_a_forged_callback_is_refused_by_the_sdk(place):
    url, sdk, came = place
    control(url, "probe")
    wait_for(came, 1)
    assert not sdk.callback(*came[0])


def test_transfers_and_guides(place):
    url, sdk, _ = place
    openid = control(url, "openid", person="小满")["openid"]
    report = [{"info_type": "活动名称", "info_content": "老带新"}]
    made = said(
        sdk.mch_transfer_bills(
            "SDKT1", "1000", openid, 500, "谢谢", transfer_scene_report_infos=report
        )
    )
    assert (made["state"], bool(made["package_info"])) == ("WAIT_USER_CONFIRM", True)
    assert control(url, "confirm_transfers", out_bill_no="SDKT1") == {"confirmed": 1}
    assert said(sdk.mch_transfer_bills_query(out_bill_no="SDKT1"))["state"] == "SUCCESS"
    guide = said(
        sdk.guides_register(
            "ww1", 1001, "mei", "梅", "13912345678", "https://wework.qpic.cn/1", "https://a.cn/1"
        )
    )
    said(sdk.pay("茶", "SDK0000002", {"total": 100}))
    said(sdk.guides_assign(guide["guide_id"], "SDK0000002"))
    shown = control(url, "pay", out_trade_no="SDK0000002", person="小满")["guide"]
    assert shown["userid"] == "mei"
    rows = said(sdk.guides_query(1001))["data"]
    assert [row["guide_id"] for row in rows] == [guide["guide_id"]]


def test_a_certificate_unknown_to_the_sdk_is_downloaded_and_a_new_one_again(
    sandbox, mailbox, tmp_path: Path
):
    notify, came = mailbox
    configure(sandbox, notify, mchid=SECOND, is_public_key=False)
    (tmp_path / "old.pem").write_text(platform_key(9).pem)
    sdk = open_sdk(sandbox, notify, mchid=SECOND, cert_dir=str(tmp_path))
    for number in (1, 2):
        said(sdk.pay("茶", f"SDK100000{number}", {"total": 100}))
        control(sandbox, "pay", out_trade_no=f"SDK100000{number}", person="小满")
        wait_for(came, number)
        assert sdk.callback(*came[-1])["resource"]["trade_state"] == "SUCCESS"
        control(sandbox, "rotate_certificate")
    assert len(list(tmp_path.glob("*.pem"))) > 2
