"""Alibaba Cloud's signature is the one of the vendor's own worked example."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from survey_pipeline.gateways.acs3 import (
    AccessKey,
    Operation,
    authorization,
    canonical_query,
    common_headers,
)

KEY = AccessKey("YourAccessKeyId", "YourAccessKeySecret")
PARAMETERS = {
    "RegionId": "cn-shanghai",
    "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd",
}
AT = datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC)
NONCE = "3156853299f313e23d1673dc12e1703d"
HOST = "ecs.cn-shanghai.aliyuncs.com"


def headers(now: datetime = AT) -> dict[str, str]:
    return common_headers(Operation("RunInstances", "2014-05-26"), HOST, now, NONCE)


def test_the_vendors_worked_example_comes_out() -> None:
    signed = headers()
    del signed["content-type"]  # the example has none
    assert authorization(KEY, "POST", canonical_query(PARAMETERS), signed) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;"
        "x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_query_is_sorted_and_quoted_as_rfc_3986_says() -> None:
    assert (
        canonical_query({"b": "满 意+*~/=&", "a": "", "A": "1-2_3.4"})
        == "A=1-2_3.4&a=&b=%E6%BB%A1%20%E6%84%8F%2B%2A~%2F%3D%26"
    )


def test_the_date_is_written_in_utc() -> None:
    assert headers(AT.astimezone(timezone(timedelta(hours=8))))["x-acs-date"] == (
        "2023-10-26T10:22:32Z"
    )


@pytest.mark.parametrize(
    "other",
    [
        lambda: authorization(AccessKey("YourAccessKeyId", "x"), "POST", "", headers()),
        lambda: authorization(KEY, "GET", "", headers()),
        lambda: authorization(KEY, "POST", "a=1", headers()),
        lambda: authorization(KEY, "POST", "", headers() | {"host": "elsewhere"}),
        lambda: authorization(KEY, "POST", "", headers() | {"x-acs-signature-nonce": "2"}),
        lambda: authorization(KEY, "POST", "", headers() | {"content-type": "text/plain"}),
    ],
    ids=["secret", "method", "query", "host", "nonce", "content type"],
)
def test_everything_that_matters_is_signed(other: Any) -> None:
    assert other() != authorization(KEY, "POST", "", headers())


def test_a_key_does_not_show_itself() -> None:
    assert "Your" not in repr(KEY)
