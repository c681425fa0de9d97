/* Draws the tables of numbers as curves. The tables stay: who runs no scripts loses nothing. */
(function () {
  "use strict";
  if (typeof uPlot === "undefined") return;

  // Colours come from the style sheet, so that they follow the colour scheme.
  function colour(name, box) {
    var probe = document.createElement("span");
    probe.className = name;
    box.appendChild(probe);
    var found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  function draw(box) {
    var table = document.getElementById(box.dataset.chart);
    var days = Array.from(table.tBodies[0].rows).reverse();
    if (days.length < 2) return;
    var names = Array.from(table.tHead.rows[0].cells).slice(1).map(function (cell) { return cell.textContent; });
    var times = days.map(function (row) {
      return Date.parse(row.querySelector("time").getAttribute("datetime") + "T00:00:00+08:00") / 1000;
    });
    var isShare = box.dataset.kind === "share";
    var values = names.map(function (_name, at) {
      return days.map(function (row) {
        var value = row.cells[at + 1].dataset.value;
        return value === "" ? null : Number(value);
      });
    });
    box.hidden = false;
    var language = document.documentElement.lang;
    var figure = new Intl.NumberFormat(language, isShare ? { style: "percent", maximumFractionDigits: 2 } : { notation: "compact" });
    var day = new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "Asia/Shanghai" });
    var ink = getComputedStyle(box).color;
    var show = function (_plot, value) { return value === null || value === undefined ? "–" : figure.format(value); };
    var axis = { stroke: ink, grid: { stroke: colour("series-4", box), width: 0.3 }, ticks: { show: false } };
    var plot = new uPlot({
      width: box.clientWidth,
      height: 240,
      series: [{ label: table.tHead.rows[0].cells[0].textContent, value: function (_plot, time) { return time ? day.format(time * 1000) : "–"; } }].concat(
        names.map(function (name, at) {
          return { label: name, stroke: colour("series-" + (at + 1), box), width: 2, value: show, dash: at > 1 ? [6, 4] : undefined };
        })
      ),
      axes: [
        Object.assign({}, axis, { space: 80, values: function (_plot, marks) { return marks.map(function (mark) { return day.format(mark * 1000); }); } }),
        Object.assign({}, axis, { size: 60, values: function (_plot, marks) { return marks.map(function (mark) { return figure.format(mark); }); } })
      ],
      scales: { y: { range: function (_plot, _low, high) { return [0, high > 0 ? high * 1.05 : 1]; } } }
    }, [times].concat(values), box);
    window.addEventListener("resize", function () { plot.setSize({ width: box.clientWidth, height: 240 }); });
  }

  document.querySelectorAll("[data-chart]").forEach(draw);
})();
