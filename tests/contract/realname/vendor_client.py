"""Asks one service through its vendor's own client: run as a program, apart from the tests' own process.

Reads {"kind", "endpoint", "id", "secret", "region", "calls": [[action, parameters], …]} from standard input and
writes a list of {"answer": …} or {"error": code}. The clients keep connections open and warn about old calls, so
they get a process of their own.
"""

import json
import sys
from typing import Any


def ask_tencent(settings: dict[str, Any]) -> list[dict[str, Any]]:
    from tencentcloud.common import credential
    from tencentcloud.common.exception.tencent_cloud_sdk_exception import TencentCloudSDKException
    from tencentcloud.common.profile.client_profile import ClientProfile
    from tencentcloud.common.profile.http_profile import HttpProfile
    from tencentcloud.faceid.v20180301 import faceid_client, models

    profile = ClientProfile(httpProfile=HttpProfile(protocol="http", endpoint=settings["endpoint"], reqTimeout=10))
    keys = credential.Credential(settings["id"], settings["secret"])
    client = faceid_client.FaceidClient(keys, settings["region"], profile)
    answers: list[dict[str, Any]] = []
    for action, parameters in settings["calls"]:
        request = getattr(models, f"{action}Request")()
        request.from_json_string(json.dumps(parameters))
        try:
            answers.append({"answer": json.loads(getattr(client, action)(request).to_json_string())})
        except TencentCloudSDKException as error:
            answers.append({"error": error.get_code()})
    return answers


def ask_aliyun(settings: dict[str, Any]) -> list[dict[str, Any]]:
    from alibabacloud_cloudauth20190307 import models
    from alibabacloud_cloudauth20190307.client import Client
    from alibabacloud_tea_openapi.utils_models import Config
    from darabonba.exceptions import DaraException
    from darabonba.runtime import RuntimeOptions

    config = Config(
        access_key_id=settings["id"],
        access_key_secret=settings["secret"],
        endpoint=settings["endpoint"],
        protocol="HTTP",
    )
    client = Client(config)
    methods = {
        "Id2MetaVerify": client.id_2meta_verify_with_options,
        "Mobile3MetaDetailVerify": client.mobile_3meta_detail_verify_with_options,
        "InitFaceVerify": client.init_face_verify_with_options,
        "DescribeFaceVerify": client.describe_face_verify_with_options,
    }
    answers: list[dict[str, Any]] = []
    for action, parameters in settings["calls"]:
        request = getattr(models, f"{action}Request")().from_map(parameters)
        try:
            answers.append({"answer": methods[action](request, RuntimeOptions()).body.to_map()})
        except DaraException as error:
            answers.append({"error": error.code})
    return answers


if __name__ == "__main__":
    given = json.load(sys.stdin)
    json.dump((ask_tencent if given["kind"] == "tencent" else ask_aliyun)(given), sys.stdout)
