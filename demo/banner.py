"""What the runner prints once everything answers: addresses, people, what to try."""

from collections.abc import Sequence
from pathlib import Path

from demo.seeding import DemoClerk, DemoPerson


def banner(
    issuer: str,
    portal: str,
    appointments: str,
    reader: str,
    people: Sequence[DemoPerson],
    clerks: Sequence[DemoClerk],
    data: Path,
) -> str:
    """Return the text, Chinese first."""
    rows = "\n".join(
        f"    {person.name}   {person.login_name:<10}  {person.mobile}   {person.password}   {person.number}"
        for person in people
    )
    staff = "\n".join(
        f"    {clerk.name}   {clerk.login_name}   {clerk.password}   {clerk.totp_secret}" for clerk in clerks
    )
    return f"""
一号已启动 · Yihao is running
──────────────────────────────────────────────────────────────
  统一登录平台   Provider         {issuer}
  政务服务门户   Service portal   {portal}
  办事预约       Appointments     {appointments}
  大厅窗口       Counter          {issuer}/counter
  读卡器（模拟） Card reader      {reader}

  演示人员（虚构） Demo people (made up)
    姓名   登录名      手机号            密码                   证件号码
    Name   Login name  Mobile            Password               ID number
{rows}

  演示工作人员（虚构），登录大厅窗口和带 --for-staff 登记的应用：docs/integration.md
  Demo staff (made up), for the counter and clients registered with --for-staff: docs/integration.md
    姓名   登录名     密码                  动态口令密钥
    Name   Login name Password              Secret of the authenticator app
{staff}

  试一试
    1. 打开政务服务门户，点“统一登录”，用上面的人员登录并同意授权。
    2. 点页面上方“去办事预约”：无需再输密码（首次需授权一次）。
    3. 点“我的信息”，看本站得到了哪些信息、来自哪里；两站的用户标识互不相同。
    4. 在门户打开“个税年度汇算”（2 级）或“户籍证明”（3 级）：在登录中核验姓名、号码、手机和人脸，或网证（均为模拟）。
    5. 在门户打开“不动产转移登记”（4 级），选“我在政务服务大厅”得到办理码；另开浏览器，
       以刘洋登录大厅窗口接办，在读卡器页面放上该人的证件，比对签署后由本人确认。
       王芳与张三同户，不能为他核验。
    6. 在任一站点“退出登录”，刷新另一站：也已退出。
    7. 右上角可切换英文。短信验证码见 {issuer}/dev/outbox

  What to try
    1. Open the service portal, choose “Log in”, log in as one of the people above and consent.
    2. Follow the link to the appointments at the top: no password again (consent is asked once).
    3. “My information” shows what a site was told and where it came from; each site sees its own subject.
    4. At the portal open “Income tax” (level 2) or “Residence record” (level 3): name, number, mobile and a face,
       or the network identity (all simulated), are verified inside the login. Codes by SMS are on {issuer}/dev/outbox
    5. At the portal open “Transfer of property” (level 4), choose “I am at a service hall” and keep the code; in
       another browser log in at the counter as 刘洋, take the visit over, lay the person's card on the reader's page,
       compare and sign; then the person agrees. 王芳 lives with 张三, so she may not verify him.
    6. Log out at either site and reload the other one: logged out as well.
    7. The language switch is at the top right: {portal}/?lang=en

  日志 Logs: {data / "logs"}
  按 Ctrl-C 停止 · Ctrl-C stops everything
──────────────────────────────────────────────────────────────"""
