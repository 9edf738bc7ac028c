"""`siyu erase`: everything personal about one customer goes, for good."""

from __future__ import annotations

import argparse
import sys

HELP = "彻底删除一位客户的个人信息 / erase a customer's personal data for good"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--customer", type=int, metavar="ID", help="客户编号 / customer id")
    which.add_argument("--phone", help="手机号 / phone number")
    which.add_argument(
        "--identity",
        metavar="NAMESPACE:SCOPE:VALUE",
        help="其他身份, 作用域可空, 如 wx_unionid::oABC / any other identity",
    )
    parser.add_argument("--yes", action="store_true", help="不再询问 / do not ask")


def run(arguments: argparse.Namespace) -> int:
    from siyu.site.boot import boot_migrated

    boot_migrated()
    from siyu.core.access import SYSTEM
    from siyu.core.runtime import runtime
    from siyu.pool.actions import erase_customer

    customer_id = find_customer_id(arguments)
    if not arguments.yes and not _is_confirmed(customer_id):
        print("已取消 / cancelled", file=sys.stderr)
        return 1
    erase_customer(SYSTEM, customer_id, now=runtime().clock.now())
    print(f"已删除客户 {customer_id} 的个人信息 / erased customer {customer_id}")
    return 0


def find_customer_id(arguments: argparse.Namespace) -> int:
    """Whom the arguments name; NotFound or Refused when nobody."""
    from siyu.core.runtime import runtime
    from siyu.kernel.errors import NotFound, Refused
    from siyu.pool.queries import find_customer

    if arguments.customer is not None:
        return int(arguments.customer)
    by_phone = ["phone", "", arguments.phone]
    parts = by_phone if arguments.phone else arguments.identity.split(":", 2)
    if len(parts) != 3:
        raise Refused("erase.identity", "身份须写成 NAMESPACE:SCOPE:VALUE", field="identity")
    namespace, scope, value = parts
    found = find_customer(runtime().namespaces.identity(namespace, value, scope))
    if found is None:
        raise NotFound("customer.missing", "没有这位客户")
    return found[0]


def _is_confirmed(customer_id: int) -> bool:
    print(f"将彻底删除客户 {customer_id}, 不能恢复。输入 yes 继续 / type yes to go on: ", end="")
    return sys.stdin.readline().strip().lower() == "yes"
