"""A stand-in for the script by which Alibaba looks at a browser; like the real one it defines `getMetaInfo()`."""

#: Where the simulator serves it, as the vendor names the file.
PATH = "/jsvm_all.js"

SCRIPT = """\
function getMetaInfo() {
  var isPhone = /Mobi|Android|iPhone/.test(navigator.userAgent);
  return { bioMetaInfo: "4.1.0:2916352,0", deviceType: isPhone ? "h5" : "web", ua: navigator.userAgent };
}
"""
