"""What older systems call their columns: Chinese, initials of pinyin, and English."""

import re

from idp.linking.columns import Field

#: The names of each field, without spaces and signs.
WORDS: dict[Field, str] = {
    Field.REFERENCE: """
        编号 序号 户号 账户编号 用户编号 人员编号 个人编号 个人账号 会员编号 客户编号 档案编号 学号 社保号
        社会保障号 用户id 会员id 账号id id uid userid userno usercode accountid accountno accountref memberid
        memberno customerid patientid studentid studentno personid personno custno grbh grzh rybh yhbh yhid hybh
        dabh bh xh xuhao bianhao nsrid qlrid ryid grid zhid huhao
    """,
    Field.LOGIN: """
        登录名 登陆名 登录账号 登录帐号 用户名 用户账号 账号 帐号 账户名 loginname loginid login logon username
        useraccount account accountname nickname yhm yhzh dlm dlzh zhanghao samaccountname
    """,
    Field.NUMBER: """
        身份证 身份证号 身份证号码 身份证件号码 公民身份号码 公民身份证号码 证件号码 证件号 证号 身份号码 idcard
        idcardno idcardnumber idno idnum idnumber identityno identitynumber citizenid certno certnumber
        certificateno certid cardid sfz sfzh sfzhm sfzmhm sfzjhm sfhm gmsfhm gmsfzh gmsfzhm zjh zjhm zjhaoma
        shenfenzheng shenfenzhenghao employeenumber operatoridno jbrsfzh frsfzh
    """,
    Field.DOCUMENT_TYPE: """
        证件类型 证件种类 证件类别 身份证件类型 idtype idcardtype certtype certificatetype cardtype documenttype
        zjlx zjzl zjlb sfzjlx
    """,
    Field.NAME: """
        姓名 名字 真实姓名 户名 户主姓名 办事人姓名 办事人 申请人 申请人姓名 权利人 权利人名称 经办人姓名
        联系人姓名 持卡人姓名 学生姓名 name realname truename fullname cn displayname patientname studentname
        personname operatorname holdername custname xm xingming ryxm zsxm yhxm qlrmc qlrxm sqr sqrxm blrxm jbrxm
        hm nsrxm nsrmc
    """,
    Field.FORMER_NAME: "曾用名 曾用姓名 原名 formername oldname cym cengyongming",
    Field.MOBILE: """
        手机 手机号 手机号码 移动电话 电话 电话号码 联系电话 联系手机 联系方式 联系人电话 mobile mobileno
        mobilephone mobilenumber phone phoneno phonenumber tel telephone telno cellphone contactphone
        guardianphone operatormobile sj sjh sjhm shouji shoujihao lxdh lxfs lxsj yddh dh dhhm dianhua
    """,
    Field.EMAIL: "邮箱 电子邮箱 电子邮件 邮件地址 email mail emailaddress yx dzyx dzyj youxiang",
    Field.BIRTH_DATE: """
        出生日期 出生年月 出生年月日 生日 birthday birth birthdate dateofbirth dob csrq csny csnyr chushengriqi
    """,
    Field.GENDER: "性别 sex gender xb xingbie",
    Field.ADDRESS: """
        地址 住址 家庭住址 家庭地址 通讯地址 通信地址 联系地址 居住地址 户籍地址 用水地址 用电地址 用气地址
        房屋地址 address addr homeaddress postaladdress dz zz jtzz jtdz txdz lxdz jzdz hjdz zhuzhi dizhi
    """,
    Field.ORGANISATION: """
        单位 单位名称 工作单位 企业名称 公司名称 公司 机构名称 法人名称 organisation organization orgname org o
        company companyname corpname entname enterprisename dwmc qymc gsmc jgmc gzdw frmc danwei
    """,
    Field.ORGANISATION_CODE: """
        统一社会信用代码 社会信用代码 组织机构代码 营业执照号 营业执照 注册号 企业代码 单位代码 uscc creditcode
        orgcode licenseno licensenumber corpcode tyshxydm shxydm xydm zzjgdm qydm dwdm yyzz
    """,
    Field.PASSWORD: """
        密码 登录密码 登陆密码 查询密码 用户密码 口令 password passwd pwd passwordhash pass userpassword userpwd
        loginpwd encryptedpassword mm mima dlmm yhmm cxmm kouling
    """,
    Field.SALT: "盐 盐值 密码盐 salt pwdsalt passwordsalt passwdsalt",
    Field.STATUS: """
        状态 账户状态 账号状态 用户状态 人员状态 参保状态 status state accountstatus userstatus zt zhzt ryzt
        yhzt zhuangtai
    """,
    Field.VERIFIED: """
        是否实名 实名认证 实名状态 是否认证 isauth isverified verified realnameauth authstatus sfsm smrz smzt
        sfrz
    """,
    Field.DECEASED: "是否死亡 死亡 死亡标志 deceased isdead dead sfsw swbz",
    Field.REGISTERED_AT: """
        注册时间 注册日期 创建时间 创建日期 建立时间 开户日期 开户时间 登记日期 登记时间 受理日期 受理时间
        建档日期 初次领证日期 created createtime createdate createdat createdtime gmtcreate regdate regtime
        registertime registerdate registeredat opendate createtimestamp jlsj cjsj cjrq zcsj zcrq khrq khsj djsj
        djrq slrq cclzrq jdrq
    """,
    Field.UPDATED_AT: """
        修改时间 更新时间 修改日期 更新日期 最后修改时间 updated updatetime updatedate updatedat modified
        modifytime modifiedat gmtmodified lastmodified modifytimestamp xgsj xgrq gxsj gxrq
    """,
    Field.LAST_LOGIN_AT: """
        最后登录时间 最近登录时间 上次登录时间 最后访问时间 lastlogin lastlogintime lastlogindate lastloginat
        lastvisit lastvisittime logintime zhdlsj zjdlsj scdlsj
    """,
}

#: The field of each word.
EXACT = {word: each for each, words in WORDS.items() for word in words.split()}

# Longest first, so that 身份证号码 is no 身份证; initials of pinyin are too short to be looked for inside others.
_PARTS = sorted(
    (word for word in EXACT if (len(word) >= 2 and not word.isascii()) or len(word) >= 5), key=len, reverse=True
)
#: Beside these words stands somebody else than the holder.
_SOMEBODY_ELSE = re.compile(
    "监护人|父亲|母亲|配偶|紧急|推荐人|法定代表人|法人姓名|guardian|father|mother|spouse|parent|emergency|referrer"
)
_OF_THE_HOLDER = frozenset({Field.NAME, Field.NUMBER, Field.BIRTH_DATE, Field.GENDER})
_SEPARATORS = re.compile(r"[\s_\-./:（）()*#]+")


def field_of_word(name: str) -> tuple[Field, bool] | None:
    """Return the field that a column's name means, and whether it is the whole name; None for a name that says none."""
    word = _SEPARATORS.sub("", name).lower()
    found: tuple[Field, bool] | None = (EXACT[word], True) if word in EXACT else None
    if found is None:
        found = next(((EXACT[part], False) for part in _PARTS if part in word), None)
    if found is not None and found[0] in _OF_THE_HOLDER and _SOMEBODY_ELSE.search(word):
        return None
    return found
