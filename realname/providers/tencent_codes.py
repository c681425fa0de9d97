"""What the codes of Tencent Cloud's faceid (2018-03-01) mean.

Its documents say of each result whether it is charged. Everything else in `Response.Error` is refused before
the source is asked, and is free. What no table holds says nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType

from realname.providers.answer import Outcome
from realname.providers.meaning import Meaning, Meanings

_MATCH = Meaning(Outcome.MATCH, is_charged=True)
_MISMATCH = Meaning(Outcome.MISMATCH, is_charged=True)
_NO_RECORD = Meaning(Outcome.NO_RECORD)
_BAD_INPUT = Meaning(Outcome.BAD_INPUT)
_LIMITED = Meaning(Outcome.LIMITED)
_UNAVAILABLE = Meaning(Outcome.UNAVAILABLE)
_RISK = Meaning(Outcome.RISK)

#: `Result` of IdCardVerification.
NAME_RESULTS: Meanings = MappingProxyType(
    {
        "0": _MATCH,
        "-1": _MISMATCH,
        "-2": _BAD_INPUT,  # number
        "-3": _BAD_INPUT,  # name
        "-4": _UNAVAILABLE,  # the source fails
        "-5": _NO_RECORD,
        "-6": _UNAVAILABLE,  # the source is being rebuilt
        "-7": _LIMITED,  # today's tries
    }
)

#: `Result` of CheckIdNameDate. -5, "the identity information is invalid", is free of charge, as are input errors,
#: and says neither that the name is another's nor that the number is unknown.
CARD_RESULTS: Meanings = MappingProxyType(
    {
        "0": _MATCH,
        "-1": _MISMATCH,
        "-2": _BAD_INPUT,
        "-3": _BAD_INPUT,
        "-4": _BAD_INPUT,  # dates
        "-5": _BAD_INPUT,
        "-6": _UNAVAILABLE,
        "-7": _NO_RECORD,
        "-8": _LIMITED,
    }
)

#: `Result` of PhoneVerification.
MOBILE_RESULTS: Meanings = MappingProxyType(
    {
        "0": _MATCH,
        "-4": _MISMATCH,
        "-6": _BAD_INPUT,  # mobile
        "-7": _BAD_INPUT,  # number
        "-8": _BAD_INPUT,  # name
        "-9": _NO_RECORD,
        "-11": _UNAVAILABLE,  # busy
        "-12": _LIMITED,
        "-13": _BAD_INPUT,  # a range of mobiles that cannot be asked about
    }
)


def _all(meaning: Meaning, codes: str) -> Mapping[str, Meaning]:
    return dict.fromkeys(codes.split(), meaning)


#: `Response.Error.Code` of every action.
ERRORS: Meanings = MappingProxyType(
    {
        "FailedOperation.IdNameMisMatch": Meaning(Outcome.MISMATCH),
        "FailedOperation.CompareLowSimilarity": Meaning(Outcome.MISMATCH),
        **_all(_NO_RECORD, "FailedOperation.IdNoExistSystem FailedOperation.IdPhotoNoExist"),
        **_all(_BAD_INPUT, "FailedOperation.IdFormatError FailedOperation.NameFormatError"),
        **_all(
            _LIMITED,
            "FailedOperation.IdentityAuthLimitExceeded FailedOperation.RequestLimitExceeded RequestLimitExceeded "
            "RequestLimitExceeded.GlobalRegionUinLimitExceeded RequestLimitExceeded.IPLimitExceeded "
            "RequestLimitExceeded.UinLimitExceeded LimitExceeded",
        ),
        # A recording, a picture, or nobody alive. Bad light and a face half seen are further down.
        **_all(
            _RISK,
            "FailedOperation.LifePhotoDetectFake FailedOperation.LivessDetectFail FailedOperation.LivessDetectFake "
            "FailedOperation.LivessUnknownError FailedOperation.SilentDetectFail FailedOperation.SilentEyeLiveFail "
            "FailedOperation.SilentMouthLiveFail FailedOperation.SilentPictureLiveFail FailedOperation.SilentThreshold",
        ),
        **_all(
            _UNAVAILABLE,
            "FailedOperation.ActionCloseEye FailedOperation.ActionFaceClose FailedOperation.ActionFaceFar "
            "FailedOperation.ActionFaceLeft FailedOperation.ActionFaceRight FailedOperation.ActionFirstAction "
            "FailedOperation.ActionLightDark FailedOperation.ActionLightStrong FailedOperation.ActionNodetectFace "
            "FailedOperation.ActionOpenMouth FailedOperation.CoveredFace FailedOperation.IdPhotoPoorQuality "
            "FailedOperation.ImageBlur FailedOperation.ImageDecodeFailed FailedOperation.ImageNoIdCard "
            "FailedOperation.ImageSizeTooLarge FailedOperation.IncompleteFace FailedOperation.EmptyImageError "
            "FailedOperation.LifePhotoDetectFaces FailedOperation.LifePhotoDetectNoFaces "
            "FailedOperation.LifePhotoPoorQuality FailedOperation.LifePhotoSizeError "
            "FailedOperation.LipFaceIncomplete FailedOperation.LipMoveSmall FailedOperation.LipNetFailed "
            "FailedOperation.LipSizeError FailedOperation.LipVideoInvalid FailedOperation.LipVideoQuaility "
            "FailedOperation.LipVoiceDetect FailedOperation.LipVoiceLow FailedOperation.LipVoiceRecognize "
            "FailedOperation.LivessBestFrameError FailedOperation.PoorImageQuality "
            "FailedOperation.SilentFaceDetectFail FailedOperation.SilentFaceQualityFail "
            "FailedOperation.SilentFaceWithMaskFail FailedOperation.SilentMultiFaceFail "
            "FailedOperation.SilentTooShort FailedOperation.VideoDecodeFailed FailedOperation.VideoDurationExceeded",
        ),
        # The comparison did not come to an end: its failing is free, unlike a face that is another's.
        **_all(
            _UNAVAILABLE,
            "FailedOperation.CompareFail FailedOperation.CompareLibServiceUnavailable "
            "FailedOperation.CompareSystemError FailedOperation.CompressVideoError FailedOperation.DbError "
            "FailedOperation.DecryptSystemError FailedOperation.DetectEngineSystemError FailedOperation.DownLoadError "
            "FailedOperation.DownLoadTimeoutError FailedOperation.EncryptSystemError FailedOperation.FileSaveError "
            "FailedOperation.IdPhotoSystemNoanswer FailedOperation.InvalidTokenParameter "
            "FailedOperation.LivessSystemError FailedOperation.OcrFailed FailedOperation.StsUnAuthErrError "
            "FailedOperation.UnKnown FailedOperation.UnregisteredEid InternalError InternalError.EncryptSystemError "
            "InternalError.UnKnown",
        ),
        # Our account, our key, our settings.
        **_all(
            _UNAVAILABLE,
            "AuthFailure.InvalidAuthorization InvalidParameter InvalidParameter.UnsupportEncryptField "
            "InvalidParameterValue InvalidParameterValue.BizTokenExpired InvalidParameterValue.BizTokenIllegal "
            "InvalidParameterValue.RuleIdDisabled InvalidParameterValue.RuleIdNotExist UnauthorizedOperation "
            "UnauthorizedOperation.ActivateError UnauthorizedOperation.Activating UnauthorizedOperation.Arrears "
            "UnauthorizedOperation.ChargeStatusException UnauthorizedOperation.NonAuthorize "
            "UnauthorizedOperation.Nonactivated UnsupportedOperation",
        ),
    }
)

#: `Text.ErrCode` of GetDetectInfoEnhanced, but 0, which needs more than itself to count. What was charged stands
#: in `LivenessDetail`.
FACE_RESULTS: Meanings = MappingProxyType(
    {
        **_all(Meaning(Outcome.MISMATCH), "2006 2016"),  # another's name, another's face
        **_all(_NO_RECORD, "2005 2007"),  # no such number, no photograph
        **_all(_BAD_INPUT, "2002 2003"),  # name, number
        **_all(_LIMITED, "16"),  # too many tries
        # Suspected of being a recording, or not alive: 2011 compares the face with what was filmed.
        **_all(_RISK, "1002 1003 1005 1301 1302 1401 2011"),
        # Light, sound, distance, the picture.
        **_all(_UNAVAILABLE, "1004 1101 1102 1103 1104 1105 1106 1107 1108 1109 1201 1202 1203 1204 1205 1206"),
        **_all(_UNAVAILABLE, "1207 1208 1209 1210 1303 2004 2009 2010 2012 2013 2014 3001"),
        # The service's own trouble, or a comparison that did not come to an end.
        **_all(_UNAVAILABLE, "1 2 3 4 8 9 10 11 14 15 202 1001 1006 2001 2008 2015"),
    }
)

#: `Text.ErrCode` of a comparison that goes on.
FACE_UNFINISHED = "17"

#: `Text.LivenessInfoTag`, the reasons beside a refusal.
FACE_TAGS: Meanings = MappingProxyType(
    {
        # Filmed again, composed, a known template, a watermark, no reflection, another person half way, made to
        # deceive, traces at mouth or eyes.
        **_all(_RISK, "03 04 05 06 07 08 11 12 13"),
        # Eyes shut, movements, quality, distance, something before the face.
        **_all(_UNAVAILABLE, "01 02 09 10 14"),
    }
)

#: `Text.CompareLibType`, by its beginning: pictures that are not the police's. One's own library, a second look at
#: an earlier picture, and a human's judgement are not what is asked for.
FACE_OTHER_LIBRARIES = ("业务方自有库", "二次验证库", "人工审核库")
