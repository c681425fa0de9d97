/* Begins a comparison of faces: the service's own script, loaded before this one, says which browser this is. */
(function () {
  "use strict";
  var form = document.getElementById("face-start");
  if (typeof window.getMetaInfo !== "function") {
    document.getElementById("face-blocked").hidden = false;
    return;
  }
  form.hidden = false;
  // Asked only when the person goes on; what cannot be told stays empty, and the server says what to do.
  form.addEventListener("submit", function () {
    try {
      var told = window.getMetaInfo();
      form.elements.device.value = typeof told === "string" ? told : JSON.stringify(told);
    } catch (_error) {
      form.elements.device.value = "";
    }
  });
})();
