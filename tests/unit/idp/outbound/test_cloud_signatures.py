"""The clouds' own worked examples of their request signatures."""

from datetime import UTC, datetime

from idp.outbound.aliyun_signature import canonical_query, sign_aliyun
from idp.outbound.tencent_signature import sign_tencent


def test_the_example_of_tencents_signature_v3() -> None:
    """The DescribeInstances example of "signature method v3" signs as printed there."""
    headers = sign_tencent(
        secret_id="AKID" + "*" * 32,
        secret_key="*" * 32,
        service="cvm",
        host="cvm.tencentcloudapi.com",
        action="DescribeInstances",
        body=rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}',
        now=datetime.fromtimestamp(1551113065, UTC),
    )
    assert headers["Authorization"] == (
        "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request,"
        " SignedHeaders=content-type;host;x-tc-action,"
        " Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )
    assert headers["X-TC-Timestamp"] == "1551113065"


def test_the_example_of_alibabas_v3_signature() -> None:
    """The RunInstances example of "V3 request structure and signature" signs as printed there."""
    headers = sign_aliyun(
        access_key_id="YourAccessKeyId",
        access_key_secret="YourAccessKeySecret",
        host="ecs.cn-shanghai.aliyuncs.com",
        action="RunInstances",
        version="2014-05-26",
        query=canonical_query(
            {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
        ),
        body=b"",
        content_type=None,
        nonce="3156853299f313e23d1673dc12e1703d",
        now=datetime(2023, 10, 26, 10, 22, 32, tzinfo=UTC),
    )
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )
    assert headers["x-acs-date"] == "2023-10-26T10:22:32Z"


def test_queries_are_encoded_as_rfc_3986_says() -> None:
    """Blank, plus, star, slash and Chinese are percent-encoded, the tilde is not."""
    assert canonical_query({"b": "", "a": "x +*/~政"}) == "a=x%20%2B%2A%2F~%E6%94%BF&b="
