/* Small comforts. Every page does its whole work without this file. */
(function () {
  "use strict";

  // Show or hide what is typed into a password field.
  document.querySelectorAll("[data-toggle-show]").forEach(function (box) {
    var input = box.querySelector("input");
    var button = document.createElement("button");
    button.type = "button";
    button.className = "quiet compact";
    button.textContent = box.dataset.toggleShow;
    button.setAttribute("aria-controls", input.id);
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", function () {
      var show = input.type === "password";
      input.type = show ? "text" : "password";
      button.textContent = show ? box.dataset.toggleHide : box.dataset.toggleShow;
      button.setAttribute("aria-pressed", String(show));
    });
    box.appendChild(button);
    // What is sent is a password again, so that browsers offer to keep it.
    if (input.form) input.form.addEventListener("submit", function () { input.type = "password"; });
  });

  // Count the seconds until a new code may be asked for.
  document.querySelectorAll("button[data-wait-seconds]").forEach(function (button) {
    var left = parseInt(button.dataset.waitSeconds, 10);
    var ready = button.textContent;
    if (!(left > 0)) return;
    var end = Date.now() + left * 1000;
    button.disabled = true;
    (function tick() {
      left = Math.ceil((end - Date.now()) / 1000);
      if (left <= 0) { button.disabled = false; button.textContent = ready; return; }
      button.textContent = button.dataset.waitText.replace("{seconds}", String(left));
      window.setTimeout(tick, 500);
    })();
  });

  // What waits for somebody else looks again by itself, and comes back once something changed.
  document.querySelectorAll("[data-poll-seconds]").forEach(function (box) {
    var wait = parseInt(box.dataset.pollSeconds, 10) * 1000;
    function look() {
      if (document.hidden) { window.setTimeout(look, wait); return; }
      fetch(window.location.href, { credentials: "same-origin" }).then(function (answer) {
        return answer.text();
      }).then(function (text) {
        var now = new DOMParser().parseFromString(text, "text/html").querySelector("[data-poll-state]");
        if (!now || now.dataset.pollState !== box.dataset.pollState) { window.location.replace(window.location.href); return; }
        window.setTimeout(look, wait);
      }).catch(function () { window.setTimeout(look, wait); });
    }
    window.setTimeout(look, wait);
  });

  // A second press of a slow button sends nothing twice.
  document.querySelectorAll("form[method=post]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      if (form.dataset.sent) { event.preventDefault(); return; }
      form.dataset.sent = "yes";
      window.setTimeout(function () { delete form.dataset.sent; }, 5000);
    });
  });

  document.querySelectorAll("[data-print]").forEach(function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  var summary = document.getElementById("error-summary");
  if (summary) summary.focus();
})();
